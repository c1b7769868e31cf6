"""OpenCV's own face net: a single shot detector (Liu et al. 2016) on 300 x 300 pixels, so small faces are not seen."""

from __future__ import annotations

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.image.face.faces import Face, best_of

__all__ = ["Ssd"]

SIDE = 300
MEAN = (104.0, 177.0, 123.0)  # of blue, green and red, as it was trained


class Ssd:
    """The net; ``graph`` and ``text`` are the bytes of its two files."""

    def __init__(self, graph: bytes, text: bytes) -> None:
        import cv2

        self._net = cv2.dnn.readNetFromTensorflow(
            np.frombuffer(graph, np.uint8), np.frombuffer(text, np.uint8)
        )

    def find(self, picture: Array, smallest: float = 24, score: float = 0.8) -> list[Face]:
        """Return the faces in a picture, ``uint8`` (H, W, 3), the surest first."""
        import cv2

        height, width = picture.shape[:2]
        self._net.setInput(cv2.dnn.blobFromImage(picture, 1.0, (SIDE, SIDE), MEAN, swapRB=True))
        found = np.asarray(self._net.forward(), np.float64).reshape(-1, 7)
        found = found[np.isfinite(found).all(1) & (found[:, 2] >= score)]
        corners = found[:, 3:] * [width, height, width, height]
        boxes = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], 1)
        keep = boxes[:, 2:].max(1, initial=0) >= smallest
        boxes, scores = boxes[keep], found[keep, 2]
        return [Face.of(boxes[g[0]], scores[g[0]]) for g in best_of(boxes, scores)]
