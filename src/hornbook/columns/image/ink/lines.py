"""Ruled lines: take the lines of ruled and squared paper out of a picture of ink.

A ruled line goes through the whole picture, straight and thin, with one depth all along; a stroke of a
digit does not. So the picture is cut into 16 strips, each is averaged along its length, the strips are
shifted against each other for each slope that a hand-held photo may have, and a line is what most strips
show at the same place.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hornbook.columns.image.ink.paper import Bytes, quantile

__all__ = ["without_lines"]

STRIPS = 16
SLOPES = np.tan(np.radians(np.arange(-7.0, 7.1, 1.0)))
SHARE = 0.75  # of the strips must show a line; the rest may lie on the table or under the ink
THICKEST = 40  # a line is thinner than the side divided by this


def without_lines(signal: Bytes, noise: float) -> tuple[Bytes, bool]:
    """Take level and upright lines out of a signal.

    Returned are the signal (uint8, 0 is paper), 0 on the lines except where a stroke crosses them, and whether there
    were lines. A line that is most of all there is (somebody's 1) stays. What is under ``noise`` may still be paper.
    """
    if min(signal.shape) < 2 * STRIPS:
        return signal, False
    level = _lines(signal, noise)
    upright = _lines(np.ascontiguousarray(signal.T), noise)
    if level is None and upright is None:
        return signal, False
    left = signal
    if level is not None:
        left = _erased(left, *level, noise)
    if upright is not None:
        left = np.ascontiguousarray(_erased(np.ascontiguousarray(left.T), *upright, noise).T)
    strong = max(noise, 0.5 * float(left.max()))
    if np.count_nonzero(left > strong) < 0.1 * np.count_nonzero(signal > strong):
        return signal, False
    return left, True


def _lines(signal: Bytes, noise: float) -> tuple[float, list[tuple[int, int]]] | None:
    """The slope of the level lines and the first and last row of each, in the picture's middle; None if none."""
    height, width = signal.shape
    end = max(1, width // STRIPS)
    if min(signal[:, :end].max(), signal[:, -end:].max()) < noise:  # a line under the noise does no harm
        return None
    strips: NDArray[Any] = cv2.resize(signal, (STRIPS, height), interpolation=cv2.INTER_AREA).astype(
        np.float32
    )
    strips = cv2.blur(strips, (1, 3))
    places = (np.arange(STRIPS) + 0.5 - STRIPS / 2) * width / STRIPS
    shifts = np.rint(SLOPES[:, None] * places).astype(np.intp)
    rows = np.clip(np.arange(height)[None, None] + shifts[..., None], 0, height - 1)
    stacked = strips[rows, np.arange(STRIPS)[None, :, None]]
    at = int((1 - SHARE) * STRIPS)
    common = np.partition(stacked, at, axis=1)[:, at]
    # what is common to all rows near by is shade and no line
    common = np.maximum(0, common - cv2.blur(common, (2 * (height // THICKEST) + 5, 1)))
    best = int((common**2).sum(axis=1).argmax())
    depth = common[best]
    if depth.max() < 4:
        return None
    seen = np.concatenate([[False], depth > max(3.0, 0.3 * float(depth.max())), [False]])
    edges = np.flatnonzero(seen[1:] != seen[:-1])
    bands = [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]
    bands = [(a, b) for a, b in bands if b - a < max(4, height // THICKEST)]
    bands = [(a, b) for a, b in bands if _even(stacked[best, :, a : b + 1])]
    if len(bands) < 3:  # one or two may be the bar of a 7 that was cut tight
        deep = 0.7 * quantile(signal[signal > noise], 0.9)
        thin = max(2, height // 50)
        bands = [
            (a, b) for a, b in bands if _ruled(stacked[best, :, a : b + 1], deep if b - a >= thin else 256)
        ]
    return (float(SLOPES[best]), bands) if bands else None


def _even(strips: NDArray[np.float32]) -> bool:
    """Whether a band of rows, (STRIPS, rows), has about the same depth all along, as a printed line has."""
    depth = strips.max(axis=1)
    return float((depth > 0.5 * float(np.median(depth))).mean()) >= SHARE + 0.05


def _ruled(strips: NDArray[np.float32], deep: float) -> bool:
    """Whether a band of rows goes from one side of the picture to the other and is less than so deep."""
    depth = strips.max(axis=1)
    middle = float(np.median(depth))
    return middle < deep and min(depth[0], depth[-1]) > 0.4 * middle


def _erased(signal: Bytes, slope: float, bands: list[tuple[int, int]], noise: float) -> Bytes:
    """The signal with the lines at 0, but for what is much deeper than its line or is a stroke going across."""
    height, width = signal.shape
    shear = np.array([[1, 0, 0], [-slope, 1, slope * width / 2]], np.float32)
    level = cv2.warpAffine(
        signal, shear, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    erase = np.zeros((height, width), np.uint8)
    for first, last in bands:
        a, b = max(0, first - 1), min(height, last + 2)
        band = level[a:b]
        depth = float(np.median(band.max(axis=0)))
        above, below = (
            level[max(0, a - 3) : max(1, a)].max(axis=0),
            level[min(height - 1, b) : b + 3].max(axis=0),
        )
        side = np.ones((1, 5), np.uint8)
        crossing = cv2.dilate(np.minimum(above, below)[None], side)[0] > max(noise, 0.5 * depth)
        deeper = cv2.dilate((band.max(axis=0) > 1.7 * depth + noise).astype(np.uint8)[None], side)[0] > 0
        erase[a:b] = np.where(crossing | deeper, 0, 255)
    back = np.array([[1, 0, 0], [slope, 1, -slope * width / 2]], np.float32)
    gone = cv2.warpAffine(erase, back, (width, height), flags=cv2.INTER_LINEAR)
    return np.where(gone > 80, np.uint8(0), signal)
