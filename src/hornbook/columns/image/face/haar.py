"""Haar cascades (Viola and Jones 2001), which come with OpenCV: fast, without a net, and wrong more often."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.image.face.faces import Face

__all__ = ["Haar", "eyes_in"]

FACES, EYES = "haarcascade_frontalface_default.xml", "haarcascade_eye_tree_eyeglasses.xml"

LONGER = 1600
"""A larger picture is shrunk to this."""

_one_at_a_time = threading.Lock()  # a cascade keeps what it works on


def _cascade(name: str) -> Any:
    import cv2
    import cv2.data

    return cv2.CascadeClassifier(str(Path(cv2.data.haarcascades) / name))


class Haar:
    """The cascade of frontal faces; its score is made of how often it saw the same face, 0.5 to 1."""

    def __init__(self) -> None:
        self._faces = _cascade(FACES)

    def find(self, picture: Array, smallest: float = 24, score: float = 0.8) -> list[Face]:
        """Return the faces in a picture, ``uint8`` (H, W, 3), the surest first."""
        import cv2

        grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
        factor = min(1.0, LONGER / max(grey.shape))
        if factor < 1:
            grey = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
        side = max(24, round(smallest * factor))
        with _one_at_a_time:
            boxes, _, weights = self._faces.detectMultiScale3(
                cv2.equalizeHist(grey),
                scaleFactor=1.1,
                minNeighbors=5,
                minSize=(side, side),
                outputRejectLevels=True,
            )
        # The last stage's sum is 0 for what just passes, and some 5 to 10 for a clear face.
        scores = 1 - 0.5 * np.exp(-np.asarray(weights, np.float64).reshape(-1) / 3)
        faces = [Face.of(b, sure, factor) for b, sure in zip(boxes, scores, strict=True) if sure >= score]
        return sorted(faces, key=lambda f: -f.score)


def eyes_in(picture: Array, face: Face) -> list[tuple[float, float, float, float]]:
    """Return the boxes of the eyes that a cascade sees in a face, two at most, left first."""
    import cv2

    left, top = max(int(face.left), 0), max(int(face.top), 0)
    # Eyes are in the upper part: what is found below is a nostril or a corner of the mouth.
    part = picture[top : int(face.top + 0.62 * face.height), left : int(face.left + face.width)]
    if min(part.shape[:2]) < 8:
        return []
    grey = cv2.cvtColor(np.ascontiguousarray(part), cv2.COLOR_RGB2GRAY)
    factor = 200 / max(face.size, 1)
    grey = cv2.resize(grey, None, fx=factor, fy=factor, interpolation=cv2.INTER_LINEAR)
    with _one_at_a_time:
        found = _cascade(EYES).detectMultiScale(cv2.equalizeHist(grey), 1.05, 3, minSize=(24, 24))
    largest = sorted(np.asarray(found).reshape(-1, 4).tolist(), key=lambda box: -box[2])[:2]
    return [(left + x / factor, top + y / factor, w / factor, h / factor) for x, y, w, h in sorted(largest)]
