"""Paper: what a picture would be without its ink, and how far each pixel is from it.

The result, a *signal*, is uint8 (H, W): 0 is paper, 255 is black on white. Light that is uneven is divided
out, and colour is used as far as it shows the ink.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[Any]  # uint8

GROUND = 96  # pixels: longest side at which the paper's brightness is followed


def grey(picture: Bytes) -> Bytes:
    """(H, W) or (H, W, 3) as (H, W)."""
    return picture if picture.ndim == 2 else cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)


def plain_grey(picture: Bytes) -> Bytes:
    """(H, W, 1) as (H, W)."""
    return picture[..., 0] if picture.ndim == 3 and picture.shape[2] == 1 else picture


def ring_of(picture: Bytes) -> Bytes:
    """The pixels of the border, one part in sixteen wide."""
    edge = max(1, min(picture.shape[:2]) // 16)
    sides = (picture[:edge], picture[-edge:], picture[edge:-edge, :edge], picture[edge:-edge, -edge:])
    return np.concatenate([side.ravel() for side in sides])


def widest(mask: Bytes) -> float:
    """The radius of the largest circle inside a mask, for the picture's longer side.

    The mask goes on beyond the border: a strip along it counts twice as wide as one in the middle.
    """
    return float(cv2.distanceTransform(mask, cv2.DIST_L2, 3).max()) / int(max(mask.shape))


def one_shade(shades: Bytes, mask: Bytes) -> bool:
    """Whether the dark part of a picture, a mask, is of one shade, with nothing darker in it."""
    values = shades[mask > 0]
    usual, others = quantile(values, 0.5), quantile(shades[mask == 0], 0.5)
    even = float((np.abs(values.astype(np.int16) - usual) <= 2).mean()) >= 0.8
    return even and float((values < usual - 0.15 * (others - usual)).mean()) <= 0.005


def bold(shades: Bytes, mask: Bytes) -> bool:
    """Whether wide dark parts of a picture are strokes: of one shade, with nothing on or beside them that is ink.

    A shadow is so even in no photo, and where it is, there is darker ink on it or thinner ink beside it.
    """
    if not one_shade(shades, mask):
        return False
    side = max(mask.shape) // 8 | 1
    wide = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((side, side), np.uint8))
    thin = cv2.bitwise_and(mask, cv2.bitwise_not(cv2.dilate(wide, np.ones((side, side), np.uint8))))
    return cv2.countNonZero(thin) < 0.02 * cv2.countNonZero(mask)


def halved(picture: Bytes, longest: int) -> Bytes:
    """Shrunk by 2 x 2 pixels, which is the fastest way there is, until no side is longer."""
    while max(picture.shape[:2]) > longest:
        height, width = picture.shape[0] // 2, picture.shape[1] // 2
        inner = picture[: max(1, 2 * height), : max(1, 2 * width)]
        picture = cv2.resize(inner, (max(1, width), max(1, height)), interpolation=cv2.INTER_AREA)
    return picture


def shrunk(picture: Bytes, longest: int) -> Bytes:
    """Shrunk by area to at most a longest side."""
    picture = halved(picture, 2 * longest)
    height, width = picture.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return picture
    shape = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(picture, shape, interpolation=cv2.INTER_AREA)


def quantile(values: Bytes, share: float) -> int:
    """The smallest value with at least this share of all at or under it; by counting, for sorting is slow."""
    counts = np.bincount(values.ravel(), minlength=256).cumsum()
    return int(np.searchsorted(counts, share * counts[-1]))


def even_paper(view: Bytes) -> Bytes | None:
    """The one colour (channels,) of a scan's or a drawing's paper; None for a photo, whose light is uneven."""
    small = shrunk(view, GROUND)
    shades = grey(small)
    level, classes = cv2.threshold(shades, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    counts = np.bincount(shades.ravel(), minlength=256)
    counts[: int(level) + 1] = 0
    total = int(counts.sum())
    if not total:  # a picture of one value
        return np.array(small[0, 0])
    middle = int(np.searchsorted(counts.cumsum(), total / 2))
    if counts[max(0, middle - 6) : middle + 7].sum() < 0.8 * total:
        return None
    # all the rest must be strokes: a half in shadow is none
    if widest(255 - classes) > 1 / 6 and not bold(shades, 255 - classes):
        return None
    if small.ndim == 2:
        return np.array(middle, np.uint8)
    return np.median(small[classes > 0], axis=0).astype(np.uint8)


def signal_of(view: Bytes, even: Bytes | None, reach: float) -> Bytes:
    """How far each pixel is under its paper, by the channels that show it best.

    `even` is what `even_paper` says; `reach` the side of a square that fits into no stroke, as a part of the
    longer side.
    """
    if even is not None:
        paper = np.asarray(even, np.float32).reshape(-1)
        under = paper - np.arange(256, dtype=np.float32)[:, None]
        table = np.clip(under * 255 / np.maximum(paper, 32), 0, 255).astype(np.uint8)
        depth = cv2.LUT(view, table[None] if view.ndim == 3 else table[:, 0])
    else:
        ground = _ground(view, reach)
        depth = cv2.divide(cv2.subtract(ground, view), np.maximum(ground, 32), scale=255)
    if depth.ndim == 2:
        return depth
    sample = depth[::3, ::3]
    weight = np.array([quantile(sample[..., c], 0.995) + 1.0 for c in range(3)], np.float32) ** 2
    return cv2.transform(depth, weight[None] / weight.sum())


def _ground(view: Bytes, reach: float) -> Bytes:
    """The paper's brightness at each pixel: the shrunk picture, closed by a square wider than the strokes."""
    small = shrunk(view, GROUND)
    height, width = small.shape[:2]
    side = max(5, int(max(height, width) * reach) | 1)
    wide = cv2.copyMakeBorder(cv2.medianBlur(small, 3), side, side, side, side, cv2.BORDER_REPLICATE)
    wide = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    # Never over the paper beside it: along the edge of a shadow that would be a stroke.
    wide = cv2.erode(cv2.min(wide, cv2.blur(wide, (side // 4 | 1, side // 4 | 1))), np.ones((3, 3), np.uint8))
    wide = wide[side : side + height, side : side + width]
    return cv2.resize(wide, view.shape[1::-1], interpolation=cv2.INTER_LINEAR)


def noise_of(signal: Bytes) -> float:
    """How high the paper itself comes in the signal: its middle and four and a half deviations, at least 6.

    Taken from the lower third of the values, which is paper however thick the strokes are, and from the
    differences of neighbours.
    """
    sample = signal[::2, ::2]
    low, middle = quantile(sample, 0.05), quantile(sample, 0.3)
    one, other = sample[:, 1:].astype(np.int16), sample[:, :-1].astype(np.int16)
    jump = quantile(np.abs(one - other).astype(np.uint8), 0.5) if one.size else 0
    # 1.12 deviations lie between the two quantiles of a normal distribution
    return max(6.0, middle + 4.5 * max((middle - low) / 1.12, jump))
