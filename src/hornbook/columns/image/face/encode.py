"""``fit = "face"``: one face of a picture, upright, by the same function in training and in use."""

from __future__ import annotations

import base64
import binascii
import functools
from typing import Literal

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.image.face.faces import Face
from hornbook.columns.image.face.find import Finder, yunet_of
from hornbook.columns.image.face.weights import is_yunet, weights_of
from hornbook.errors import DataError, RunError

__all__ = ["SURE", "detector_in", "objection_to", "one_face", "written_detector"]

SURE = 0.7
"""How sure the detector must be of a face in a picture that is said to show one."""

SMALLEST = 0.03
"""The longer side of a face, as a part of that of the picture, at least: smaller ones stand in the background."""

Which = Literal["largest", "middle"]


def one_face(picture: Array, detector: str | None, weights: str, which: Which) -> tuple[Face | None, int]:
    """Return the face of a picture that is meant, and how many there are.

    Parameters
    ----------
    picture
        ``uint8`` (H, W, 3), red first, upright.
    detector
        YuNet's file in base64, of a recognizer; else it is that of ``weights``, or is fetched.
    which
        The ``largest``, or the one nearest to the ``middle``.
    """
    faces = _finder(detector, weights).find(picture, SMALLEST * max(picture.shape[:2]), SURE)
    if not faces:
        return None, 0
    if which == "largest":
        return max(faces, key=lambda f: f.width * f.height), len(faces)
    middle = picture.shape[1] / 2, picture.shape[0] / 2
    return min(faces, key=lambda f: np.hypot(f.middle[0] - middle[0], f.middle[1] - middle[1])), len(faces)


def all_faces(picture: Array, detector: str | None, weights: str) -> list[Face]:
    """Return all faces of a picture that is shown with them, the surest first; parameters are as for `one_face`."""
    return _finder(detector, weights).find(picture)


def written_detector(weights: str) -> str:
    """Return YuNet's file as it is written into a recognizer: 310,000 letters of base64."""
    return base64.b64encode(weights_of("yunet", weights)[0]).decode("ascii")


@functools.lru_cache(maxsize=2)
def detector_in(written: str) -> bytes:
    """Return the file that is written in a recognizer; DataError where it is not the one that is known.

    Whoever made the recognizer, no other net than this is run to find faces.
    """
    try:
        data = base64.b64decode(written, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not is_yunet(data):
        raise DataError(
            "the face detector in the recognizer is not the known one: export the recognizer again"
        )
    return data


def objection_to(written: str | None) -> str:
    """Return what is wrong with the detector of a recognizer, as the end of a sentence; empty where nothing is."""
    try:
        if written is not None:
            detector_in(written)
    except DataError:
        return "has a face detector that is not the known one"
    return ""


@functools.lru_cache(maxsize=4)
def _finder(detector: str | None, weights: str) -> Finder:
    """Return YuNet on one thread: pictures are encoded by several threads at once."""
    if detector is not None:
        return yunet_of(detector_in(detector), 1)
    try:
        return yunet_of(weights_of("yunet", weights)[0], 1)
    except DataError as error:  # it is no fault of one picture
        raise RunError(str(error)) from error
