"""Polarity: whether the ink is darker or lighter than the paper, which is asked of the whole picture, small.

What lies on the border is paper nearly always, but not where a digit is cut tight, a shadow falls over a half, or a
table or what a scanner leaves is in the picture.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hornbook.columns.image.ink.paper import (
    GROUND,
    Bytes,
    bold,
    grey,
    one_shade,
    plain_grey,
    ring_of,
    shrunk,
    widest,
)

WIDE = 0.22  # of the longer side: a circle of this radius fits into no stroke of a digit that is cut tight


def ink_is_dark(picture: Bytes) -> bool:
    """True where the strokes are darker than the paper, which is what the picture's border is of.

    In a picture of two shades an even border is the paper; of a border with both (a digit cut tight) the commoner is,
    or that of more corners. What a table or a scanner leaves along a side is left out of it. Where the light is uneven
    or both shades fill wide areas (a shadow) the middle of the picture decides: strokes are thin, so they are what
    differs from the local middle value.

    Examples
    --------
    >>> ink_is_dark(np.full((9, 9), 255, np.uint8)), ink_is_dark(np.zeros((9, 9), np.uint8))
    (True, False)
    """
    picture = plain_grey(picture)
    if min(picture.shape[:2]) < 1:
        return True
    small = _without_strips(grey(shrunk(picture, GROUND)))
    ring = ring_of(small).astype(np.int16)
    paper = int(np.median(ring))
    if int(small.max()) - int(small.min()) < 8:
        return paper > 127
    level, classes = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    light = classes > 0
    middles = np.where(light, np.median(small[light]), np.median(small[~light]))
    apart = max(4.0, 0.25 * float(middles.max() - middles.min()))
    tiny = min(small.shape) < 12
    two_shades = tiny or float((np.abs(small - middles) < apart).mean()) > 0.8
    if two_shades and _even(ring, 0.75):
        return _skew(small.astype(np.float32) - paper) <= 0
    # A shadow or a table has room for what no stroke has, and so has the paper beside it.
    wide = two_shades and min(map(widest, (classes, 255 - classes))) >= WIDE
    if tiny or (two_shades and (not wide or _bold_drawing(small, classes))):
        share = float((ring > level).mean())
        corners = _corners(classes)
        return (corners if 0.3 < share < 0.7 and corners != 0.5 else share) > 0.5
    odd = max(3, min(min(small.shape) // 3 | 1, 31))
    tail = small.astype(np.float32) - cv2.medianBlur(small, odd)
    y, x = small.shape[0] // 8, small.shape[1] // 8
    return _skew(tail[y:-y, x:-x]) <= 0


def _bold_drawing(picture: Bytes, light: Bytes) -> bool:
    """Whether bold strokes on paper are all there is: two shades, and nothing thin beside what is wide."""
    return bold(picture, 255 - light) and one_shade(255 - picture, light)


def _even(shades: Bytes, share: float) -> bool:
    """Whether more than a share of some pixels are of about one shade."""
    return float((np.abs(shades.astype(np.int16) - int(np.median(shades))) < 14).mean()) > share


def _without_strips(picture: Bytes) -> Bytes:
    """A small picture without what fills a side of it from end to end: a table's edge, or what a scanner leaves."""
    if min(picture.shape) < 32 or _even(ring_of(picture), 0.9):
        return picture
    _, light = cv2.threshold(picture, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    if _bold_drawing(picture, light):
        return picture
    rows, columns = light.mean(axis=1) / 255, light.mean(axis=0) / 255
    top, bottom = _strip(rows), _strip(rows[::-1])
    left, right = _strip(columns), _strip(columns[::-1])
    return picture[top : len(rows) - bottom, left : len(columns) - right]


def _strip(light: NDArray[Any]) -> int:
    """How many lines, with these shares of light pixels, are a strip along the side at which they begin."""
    most = len(light) // 6
    share = light if light[0] > 0.5 else 1 - light
    inner = np.flatnonzero(share[:most] < 0.5)
    if share[0] < 0.95 or not inner.size or share[: max(1, inner[0] - 2)].min() < 0.9:
        return 0
    rest = share[inner[0] + 1 :]
    # The same shade is beyond it, or strokes go on from it.
    return 0 if float(rest.mean()) > 0.5 or float(rest[0]) > 0.1 else int(inner[0]) + 1


def _corners(mask: Bytes) -> float:
    """The share of the four corners that are in a mask: strokes that are cut tight touch fewer corners than sides."""
    y, x = max(1, mask.shape[0] // 12), max(1, mask.shape[1] // 12)
    four = (mask[:y, :x], mask[:y, -x:], mask[-y:, :x], mask[-y:, -x:])
    return sum(float(corner.mean()) > 127 for corner in four) / 4


def _skew(difference: NDArray[np.float32]) -> float:
    return float((difference * difference * difference).sum())


def _bar_of_a_digit(strokes: Bytes) -> bool:
    """Whether what fills a side goes on as strokes, as the bar of a 7 does: less than half of it is in full lines."""
    _, labels = cv2.connectedComponents(strokes, connectivity=8)
    rows, columns = strokes.mean(axis=1) > 0.8 * 255, strokes.mean(axis=0) > 0.8 * 255
    full = (rows[:, None] | columns) & (strokes > 0)
    largest = int(np.bincount(labels[full]).argmax())
    return float(full[labels == largest].mean()) < 0.5


def _sharp_at_the_border(picture: Bytes, strokes: Bytes) -> bool:
    """Whether the parts of a mask that lie on the border end at once, as strokes do; a stain or a thumb does not."""
    square = np.ones((3, 3), np.uint8)
    _, labels = cv2.connectedComponents(strokes, connectivity=8)
    on = np.unique(np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]]))
    rim = (strokes > 0) & (cv2.erode(strokes, square) == 0) & np.isin(labels, on[on > 0])
    step = cv2.morphologyEx(picture, cv2.MORPH_GRADIENT, square)[rim]
    apart = abs(float(np.median(picture[strokes > 0])) - float(np.median(picture[strokes == 0])))
    return bool(step.size) and float(np.median(step)) >= 0.3 * apart


def cut_tight(picture: Bytes, ink: str) -> bool:
    """Whether strokes on even paper lie on a picture's border: not the edge of a table, which fills a side of it."""
    picture = shrunk(picture, GROUND)
    small = grey(picture)
    level, light = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    strokes = 255 - light if ink == "dark" or (ink == "auto" and ink_is_dark(picture)) else light
    sides = (strokes[0], strokes[-1], strokes[:, 0], strokes[:, -1])
    if not any(side.any() for side in sides) or widest(strokes) > WIDE:
        return False
    if max(float(side.mean()) for side in sides) > 0.85 * 255 and not _bar_of_a_digit(strokes):
        return False
    if not _sharp_at_the_border(small, strokes):
        return False
    paper = ring_of(small)[ring_of(cv2.dilate(strokes, np.ones((5, 5), np.uint8))) == 0].astype(np.int16)
    if not paper.size:
        return False
    shade = np.median(paper)
    return float((np.abs(paper - shade) <= 0.25 * abs(shade - level)).mean()) > 0.9
