"""Finding the faces in a picture, by the detector that is asked for."""

from __future__ import annotations

import functools
import os
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.image.face.faces import Face
from hornbook.columns.image.face.weights import weights_of

if TYPE_CHECKING:
    from hornbook.columns.image.face.yunet import YuNet

__all__ = ["DETECTORS", "SURE", "Detector", "Finder", "find_faces", "finder", "yunet", "yunet_of"]

Detector = Literal["yunet", "haar", "ssd"]

DETECTORS: tuple[Detector, ...] = ("yunet", "haar", "ssd")

SMALLEST, SURE = 24.0, 0.8
"""Pixels of a face's longer side, and its score, at least, unless something else is asked for."""


class Finder(Protocol):
    """What finds faces in a picture, ``uint8`` (H, W, 3), red first."""

    def find(self, picture: Array, smallest: float = SMALLEST, score: float = SURE) -> list[Face]:
        """Return the faces, the surest first."""


def find_faces(
    picture: object,
    *,
    detector: Detector = "yunet",
    smallest: float = SMALLEST,
    score: float = SURE,
    weights: str | os.PathLike[str] = "",
) -> list[Face]:
    """Find the faces in a picture.

    Parameters
    ----------
    picture
        A path, the bytes of a file, a Pillow picture, or an array ``(H, W)`` or ``(H, W, 3)``, as
        `hornbook.columns.image.files.open.open_picture` takes it.
    detector
        ``yunet`` is best by far; ``haar`` and ``ssd`` are there to be compared.
    smallest
        The longer side of the smallest face, in pixels.
    score
        How sure the detector must be, 0 to 1.
    weights
        The detector's file, or the folder it lies in; by default it is fetched once.

    Returns
    -------
    faces : list of Face
        The surest first; boxes and points in pixels of the upright picture. Empty where there is none.

    Raises
    ------
    DataError
        The picture cannot be read, or the detector's file cannot be had.

    Examples
    --------
    >>> import numpy as np
    >>> find_faces(np.zeros((60, 80), np.uint8), detector="haar")
    []
    """
    from hornbook.columns.image.files.open import open_picture

    opened = open_picture(picture).convert("RGB")
    return finder(detector, os.fspath(weights)).find(np.asarray(opened), smallest, score)


@functools.lru_cache(maxsize=4)
def finder(detector: Detector, weights: str = "", threads: int = 0) -> Finder:
    """Return a detector, made once; ``weights`` is its file or the folder it lies in, where that is given."""
    if detector == "haar":
        from hornbook.columns.image.face.haar import Haar

        return Haar()
    files = weights_of(detector, weights)
    if detector == "ssd":
        from hornbook.columns.image.face.ssd import Ssd

        return Ssd(*files)
    return yunet_of(files[0], threads)


def yunet(weights: str = "") -> YuNet:
    """Return YuNet, which follows faces through films as well."""
    return yunet_of(weights_of("yunet", weights)[0])


@functools.lru_cache(maxsize=4)
def yunet_of(model: bytes, threads: int = 0) -> YuNet:
    """Return YuNet with weights that are at hand, made once."""
    from hornbook.columns.image.face.yunet import YuNet

    return YuNet(model, threads)
