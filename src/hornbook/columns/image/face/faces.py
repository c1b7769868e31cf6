"""A face that was found: its box, its five points and how sure the detector is; and which of many boxes stay."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hornbook.columns.base import Array

__all__ = ["MOST", "POINTS", "Face", "best_of", "overlaps"]

POINTS = ("right_eye", "left_eye", "nose", "mouth_right", "mouth_left")
"""What the five points are, right and left as the person has them: the right eye is left in the picture."""

MOST = 1000
"""Faces of one picture, at most: a crowd has no more that are as large as `smallest`."""

CANDIDATES = 5_000
"""Boxes that are compared with each other, the surest ones: whatever a picture shows, that takes a second at most."""


@dataclass(frozen=True)
class Face:
    """A face in a picture.

    Attributes
    ----------
    left, top, width, height
        Its box, in pixels of the upright picture; it may reach over the edge.
    score
        How sure the detector is, 0 to 1; what is below 0.8 is often none.
    points
        The five points of `POINTS`, x and y in pixels; empty where the detector finds none.
    """

    left: float
    top: float
    width: float
    height: float
    score: float
    points: tuple[tuple[float, float], ...] = ()

    @property
    def size(self) -> float:
        """The longer side of its box."""
        return max(self.width, self.height)

    @property
    def middle(self) -> tuple[float, float]:
        """The middle of its box."""
        return self.left + self.width / 2, self.top + self.height / 2

    @classmethod
    def of(cls, box: Any, score: float, factor: float = 1.0) -> Face:
        """Return the face of a box (left, top, width, height) in a picture that was so many times as large."""
        left, top, width, height = (float(v) / factor for v in box)
        return cls(left, top, width, height, float(score))

    def scaled(self, factor: float, dx: float = 0.0, dy: float = 0.0) -> Face:
        """Return the face in a picture that is so many times as large, and moved by so many pixels."""
        points = tuple((x * factor + dx, y * factor + dy) for x, y in self.points)
        left, top = self.left * factor + dx, self.top * factor + dy
        return Face(left, top, self.width * factor, self.height * factor, self.score, points)

    def to_json(self) -> dict[str, Any]:
        """Return the face as JSON types: ``box`` (left, top, width, height), ``score``, ``points``."""
        out: dict[str, Any] = {
            "box": [round(v, 1) for v in (self.left, self.top, self.width, self.height)],
            "score": round(self.score, 3),
        }
        if self.points:
            out["points"] = {
                n: [round(x, 1), round(y, 1)] for n, (x, y) in zip(POINTS, self.points, strict=False)
            }
        return out


def overlaps(boxes: Array, others: Array) -> Array:
    """Return intersection over union of boxes (left, top, width, height), shape ``(len(boxes), len(others))``.

    >>> overlaps(np.array([[0.0, 0, 2, 2]]), np.array([[1.0, 0, 2, 2]])).round(2).tolist()
    [[0.33]]
    """
    low = np.maximum(boxes[:, None, :2], others[None, :, :2])
    high = np.minimum((boxes[:, :2] + boxes[:, 2:])[:, None], (others[:, :2] + others[:, 2:])[None])
    both: Array = np.clip(high - low, 0, None).prod(2)
    area = boxes[:, 2:].prod(1)[:, None] + others[:, 2:].prod(1)[None] - both
    return np.asarray(both / np.maximum(area, 1e-9))


def best_of(boxes: Array, scores: Array, overlap: float = 0.3, most: int = MOST) -> list[Array]:
    """Return groups of boxes that are of one thing: the surest first, and the surest group first.

    Each box goes with the first surer one that it overlaps by more than ``overlap`` (non-maximum suppression, whose
    suppressed boxes are kept, as several sizes of a picture vote).
    """
    order = np.argsort(-scores, kind="stable")[:CANDIDATES]
    groups: list[Array] = []
    while len(order) and len(groups) < most:
        together = overlaps(boxes[order[:1]], boxes[order])[0] > overlap
        together[0] = True
        groups.append(order[together])
        order = order[~together]
    return groups


def boxes_of(faces: Sequence[Face]) -> Array:
    """Return the boxes of faces, ``(faces, 4)``."""
    return np.array([[f.left, f.top, f.width, f.height] for f in faces], np.float64).reshape(-1, 4)
