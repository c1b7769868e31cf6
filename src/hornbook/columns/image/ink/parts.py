"""Parts: choose, from all that stands out from the paper, the strokes that are the digit.

A stroke has sharp edges, a fold or a shadow has not; the edge of a table lies along the picture's border;
specks are small; the parts of one digit (the bar of a 5) stand close together.
"""

from __future__ import annotations

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hornbook.columns.image.ink.paper import Bytes, noise_of, quantile

CLEAR = 3.0
"""Times the noise that strokes stand out by. Of 294 photos of digits they do so by 8 and more; what is found on blank
paper, in its grain and its shadows, by 1 to 3.8."""


def digit_in(signal: Bytes) -> tuple[Bytes, int]:
    """The mask, 0 or 255, of the digit in a signal (see `ink_paper`), all 0 if there is none, and how many there are.

    First the strokes well above the noise, then their fainter ends, then what stands close by.
    """
    smooth = cv2.GaussianBlur(signal, (3, 3), 0)
    noise = noise_of(smooth)
    first: Bytes | None = None
    for _ in range(3):
        ink = smooth[smooth > noise]
        if ink.size < max(3, 0.0005 * smooth.size):
            break
        level, _ = cv2.threshold(ink, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        parts = Parts(_over(smooth, max(noise, 0.7 * level)), signal)
        main = parts.strongest()
        if not main:
            break
        if first is None:
            first = parts.together_with(main)
        shadow = parts.shadow_around(main)
        if shadow:  # look again at what is deeper
            noise = max(noise, shadow)
            continue
        along_border = parts.contact[main] >= 0.5
        if not along_border and not parts.frames_another(main):
            first = parts.together_with(main)
            break
        # like a table, or a box to write in: look for fainter ink without it
        strip = cv2.dilate(parts.only(np.arange(parts.count) == main), np.ones((9, 9), np.uint8)) > 0
        smooth, signal = np.where(strip, np.uint8(0), smooth), np.where(strip, np.uint8(0), signal)
    if first is None:
        return np.zeros_like(signal), 0
    parts = Parts(_over(smooth, max(noise, 0.3 * quantile(signal[first > 0], 0.7))), signal)
    main = parts.most_of(first)
    if not main:
        return first, 1
    chosen = parts.together_with(main)
    clear = float(smooth[chosen > 0].mean()) >= CLEAR * noise_of(smooth)
    return chosen, parts.things(chosen, main) if clear else 0


class Parts:
    """The connected parts of a mask.

    Arrays over the parts, of which number 0 is the paper: `area` (pixels), `mass` (sum of the signal),
    `depth` (mean signal), `sharp` (slope at the rim, for the depth), `left`, `top`, `right`, `bottom`,
    `longer` (side of the box), `contact` (pixels on the picture's border, for the longer side).
    """

    def __init__(self, mask: Bytes, signal: Bytes) -> None:
        self.shape = mask.shape
        gap = max(3, max(mask.shape) // 64 | 1)  # parts less than this apart are one
        joined = cv2.dilate(mask, np.ones((gap, gap), np.uint8))
        self.count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
        self.at = np.flatnonzero(mask)
        self.label = labels.ravel()[self.at]
        self.value = signal.ravel()[self.at]
        self.area = np.maximum(self._sum(), 1)
        self.mass = self._sum(self.value)
        self.depth = self.mass / self.area
        square = np.ones((3, 3), np.uint8)
        rim = cv2.erode(mask, square).ravel()[self.at] == 0
        slope = cv2.morphologyEx(signal, cv2.MORPH_GRADIENT, square).ravel()[self.at]
        self.sharp = self._sum(slope * rim) / np.maximum(self._sum(rim), 1) / np.maximum(self.depth, 1)
        self.left, self.top = stats[:, 0], stats[:, 1]
        self.right, self.bottom = self.left + stats[:, 2], self.top + stats[:, 3]
        # 0 where ink covers all, of what is none
        self.longer = np.maximum(1, np.maximum(stats[:, 2], stats[:, 3]))
        row, column = np.divmod(self.at, self.shape[1])
        border = (row == 0) | (row == self.shape[0] - 1) | (column == 0) | (column == self.shape[1] - 1)
        self.contact = self._sum(border) / self.longer

    def _sum(self, weights: NDArray[np.generic] | None = None) -> NDArray[np.float64]:
        return np.bincount(self.label, weights=weights, minlength=self.count).astype(np.float64)

    def strongest(self) -> int:
        """The part most like a digit: much ink, sharp, near the middle, not along the border; 0 if none."""
        across = (self.left + self.right) / 2 / self.shape[1] - 0.5
        down = (self.top + self.bottom) / 2 / self.shape[0] - 0.5
        likely = np.minimum(self.sharp, 1) ** 2 * np.exp(-3 * (across**2 + down**2) - 12 * self.contact)
        return int((self.mass * self.depth * likely).argmax())

    def shadow_around(self, main: int) -> float:
        """How deep the shadow is that a part is made of, if it is too thick for strokes and has two depths; or 0."""
        value = self.value[self.label == main]
        if value.size < 0.02 * self.shape[0] * self.shape[1]:
            return 0.0
        inside = cv2.distanceTransform(self.only(np.arange(self.count) == main), cv2.DIST_L2, 3)
        if 2 * float(inside.max()) < 0.3 * self.longer[main]:
            return 0.0
        level, _ = cv2.threshold(value, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        deep = value > level
        share = float(deep.mean())
        if not 0.02 < share < 0.6 or float(np.median(value[deep])) < 1.5 * float(np.median(value[~deep])):
            return 0.0
        return float(level)

    def frames_another(self, main: int) -> bool:
        """Whether a part is a box drawn around another one: all of it along the sides of its own box."""
        wide, high = self.right[main] - self.left[main], self.bottom[main] - self.top[main]
        edge = max(2, int(0.12 * max(wide, high)))  # a box may be turned by some degrees
        inner = (self.left > self.left[main] + edge / 2) & (self.right < self.right[main] - edge / 2)
        inner &= (self.top > self.top[main] + edge / 2) & (self.bottom < self.bottom[main] - edge / 2)
        inner &= self.longer > 0.25 * self.longer[main]
        if not inner[1:].any():
            return False
        row, column = np.divmod(self.at[self.label == main], self.shape[1])
        row, column = row - self.top[main], column - self.left[main]
        sides = (row < edge, row >= high - edge, column < edge, column >= wide - edge)
        along = (column, column, row, row)
        near = np.logical_or.reduce(sides)
        filled = [len(np.unique(a[side])) for side, a in zip(sides, along, strict=True)]
        whole = min(filled[0] / wide, filled[1] / wide, filled[2] / high, filled[3] / high)
        return bool(near.mean() > 0.95 and whole > 0.9)

    def most_of(self, mask: Bytes) -> int:
        """The part with most signal on a mask; 0 if there is none."""
        return int(self._sum(self.value * (mask.ravel()[self.at] > 0)).argmax())

    def together_with(self, main: int) -> Bytes:
        """The mask of a part and of those that are close to it and like it."""
        area, depth = self.area / self.area[main], self.depth / self.depth[main]
        alike = (area >= 0.03) & (area <= 2) & (depth >= np.where(area < 0.1, 0.5, 0.35))
        alike &= (self.contact <= self.contact[main] + 0.1) & (self.sharp >= 0.5 * self.sharp[main])
        around = (self.left < self.left[main]) & (self.right > self.right[main])
        around &= (self.top < self.top[main]) & (self.bottom > self.bottom[main]) & alike
        for part in np.flatnonzero(around).tolist():
            alike[part] = not self.frames_another(part)
        keep = np.arange(self.count) == main
        for _ in range(2):  # what is near to what is near belongs to it too
            x0, x1 = self.left[keep].min(), self.right[keep].max()
            y0, y1 = self.top[keep].min(), self.bottom[keep].max()
            gap_x = np.maximum(0, np.maximum(self.left - x1, x0 - self.right))
            gap_y = np.maximum(0, np.maximum(self.top - y1, y0 - self.bottom))
            keep |= alike & (np.hypot(gap_x, gap_y) <= 0.3 * max(x1 - x0, y1 - y0))
        keep[0] = False
        return self.only(keep)

    def things(self, chosen: Bytes, main: int) -> int:
        """How many digits there are: those beside the chosen parts, and where these stand in a row, each of them."""
        inside = np.zeros(self.count, np.bool_)
        inside[self.label[chosen.ravel()[self.at] > 0]] = True
        inside[0] = False
        own = np.flatnonzero(inside)
        x0, x1 = self.left[own].min(), self.right[own].max()
        y0, y1 = self.top[own].min(), self.bottom[own].max()
        rows = max(
            self._in_a_row(own, self.left, self.right, 1.25 * (y1 - y0)),
            self._in_a_row(own, self.top, self.bottom, 1.8 * (x1 - x0)),
        )
        side = self.longer[own].max() if rows > 1 else max(x1 - x0, y1 - y0)
        alike = ~inside & (self.longer >= 0.5 * side) & (self.longer <= 2 * side)
        alike &= (self.depth >= 0.6 * self.depth[main]) & (self.sharp >= 0.6 * self.sharp[main])
        alike &= (self.contact < 0.2) & (self.area >= 0.25 * self.area[main])
        # what is around it is a box to write in
        alike &= ~((self.left < x0) & (self.right > x1) & (self.top < y0) & (self.bottom > y1))
        alike[0] = False
        return max(rows, 1) + int(alike.sum())

    def _in_a_row(self, own: NDArray[np.intp], begin: NDArray[Any], end: NDArray[Any], least: float) -> int:
        """How many parts, nearly as high as the highest, follow each other without overlap over a length; else 0.

        One sign may have several parts as well, but it is not much wider than high, and a bar is not high.
        """
        high = self.bottom[own] - self.top[own]
        large = own[high >= 0.6 * high.max()]
        order = large[np.argsort(begin[large])]
        if end[large].max() - begin[large].min() < least:
            return 0
        apart = begin[order[1:]] >= end[order[:-1]] - 0.15 * (end - begin)[order[:-1]]
        return len(order) if apart.all() else 0

    def only(self, keep: NDArray[np.bool_]) -> Bytes:
        """The mask of some of the parts."""
        mask = np.zeros(self.shape, np.uint8)
        mask.ravel()[self.at[keep[self.label]]] = 255
        return mask


def _over(signal: Bytes, level: float) -> Bytes:
    return np.where(signal > level, np.uint8(255), np.uint8(0))
