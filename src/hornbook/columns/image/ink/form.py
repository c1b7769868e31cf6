"""Form: give strokes the thickness, the size and the place that they have in MNIST.

A mask of strokes is uint8 (H, W), 0 or 255, eight pixels for each pixel of the result.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hornbook.columns.image.ink.paper import Bytes

FILL = 20 / 28  # the share of the side that the longer side of the ink fills
# Thickness of strokes in pixels of a 28 x 28 result; in MNIST 5 % are under 1.9, half under 2.7, 5 % over
# 4.1.
THIN, USUAL_THIN = 2.4, 2.7  # strokes thinner than the first get the second
THICK, USUAL_THICK = 4.2, 3.5  # strokes thicker than the first get the second


def thickness_of(mask: Bytes) -> float:
    """Of the strokes of a mask, pixels: across a stroke of width t the distance to its edge is t / 4 in the mean."""
    inside = cv2.distanceTransform(cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_CONSTANT), cv2.DIST_L2, 3)
    return 4 * float(inside.sum()) / max(1, cv2.countNonZero(mask))


def filled(strokes: Bytes) -> Bytes:
    """Strokes drawn as outlines, filled: a long hole, wider than the lines about it, is the inside of a stroke."""
    wide = cv2.copyMakeBorder(strokes, 1, 1, 1, 1, cv2.BORDER_CONSTANT)
    count, labels, stats, _ = cv2.connectedComponentsWithStats(cv2.bitwise_not(wide), connectivity=4)
    if count <= 2:
        return strokes
    outside = cv2.distanceTransform(cv2.bitwise_not(wide), cv2.DIST_L2, 3)
    radius = _deepest(labels, count, outside)
    # a stroke of length l and width 2 r: area / r^2 is 2 l / r; of a round hole it is 3.1, of a narrow 0
    # about 12
    long = (stats[:, cv2.CC_STAT_AREA] > 18 * radius**2) & (2 * radius > thickness_of(strokes))
    long[[0, int(labels[0, 0])]] = False  # the strokes, and what is around them
    filled: Bytes = np.where(long[labels], np.uint8(255), wide)[1:-1, 1:-1]
    return filled


def _deepest(labels: NDArray[Any], count: int, outside: NDArray[Any]) -> NDArray[np.float32]:
    """How far from the strokes the middle of each hole is; of the strokes (0) and of what is around them nothing."""
    deepest = np.zeros(count, np.float32)
    # Most pixels are in no hole: without them this is five times as fast.
    holes = np.flatnonzero((labels > 0) & (labels != labels[0, 0]))
    np.maximum.at(deepest, labels.ravel()[holes].astype(np.intp), outside.ravel()[holes])
    return deepest


def usual_thickness(strokes: Bytes, longer: int) -> Bytes:
    """Strokes much thinner or thicker than MNIST's are made thicker or thinner; others stay."""
    pixel = longer / 20  # one pixel of a 28 x 28 result
    wide = cv2.copyMakeBorder(strokes, 16, 16, 16, 16, cv2.BORDER_CONSTANT, value=0)
    inside = cv2.distanceTransform(wide, cv2.DIST_L2, 3)
    count = cv2.countNonZero(wide)
    if not count:
        return strokes
    # across a stroke of width t the distance to its edge is t / 4 in the mean
    thickness = 4 * float(inside.sum()) / count / pixel
    if thickness < THIN:
        outside = cv2.distanceTransform(255 - wide, cv2.DIST_L2, 3)
        grow = (USUAL_THIN - thickness) / 2 * pixel
        wide = np.where(outside <= np.minimum(grow, _room(wide, outside)), 255, 0).astype(np.uint8)
    elif thickness > THICK:
        wide = (inside > (thickness - USUAL_THICK) / 2 * pixel).astype(np.uint8) * 255
    return wide


def _room(strokes: Bytes, outside: NDArray[Any]) -> NDArray[Any]:
    """How far strokes may grow at each pixel: half way into a hole, so that a 9 keeps its loop; else freely."""
    count, labels = cv2.connectedComponents(255 - strokes, connectivity=4)
    room = _deepest(labels, count, outside) / 2
    room[[0, int(labels[0, 0])]] = np.inf  # the strokes, and what is around them
    inside: NDArray[Any] = room[labels]
    return inside


def placed(strokes: Bytes, size: tuple[int, int]) -> Bytes:
    """Strokes shrunk by area until their box fills 20/28 of the field, their centre of mass in its middle."""
    field = np.zeros(size, np.uint8)
    x, y, w, h = cv2.boundingRect(strokes) if strokes.size else (0, 0, 0, 0)
    if not w or not h:
        return field
    scale = min(size[0] * FILL / h, size[1] * FILL / w)
    width, height = max(1, round(w * scale)), max(1, round(h * scale))
    small = cv2.resize(strokes[y : y + h, x : x + w], (width, height), interpolation=cv2.INTER_AREA)
    small = cv2.convertScaleAbs(small, alpha=255 / max(1, int(small.max())))
    total = float(small.sum())
    row = float(small.sum(axis=1) @ np.arange(height)) / total
    column = float(small.sum(axis=0) @ np.arange(width)) / total
    top = min(max(0, round(size[0] / 2 - row)), size[0] - height)
    left = min(max(0, round(size[1] / 2 - column)), size[1] - width)
    field[top : top + height, left : left + width] = small
    return field
