"""Ink: make a person's photo of a digit look the way MNIST's pictures look.

MNIST was made from black-and-white scans: each digit was scaled, keeping its aspect, so that its longer side fills
20 pixels, drawn with grey levels from anti-aliasing, and placed in a 28 x 28 field with its centre of mass in the middle
(LeCun, Bottou, Bengio and Haffner, *Gradient-based learning applied to document recognition*, 1998, section III.A). A
net that reads 99.7 % of MNIST reads about half of the photos that people make, because these are not made that way.
`find_ink` makes them so:

1. look at the whole picture, shrunk: what is paper (a background that follows shadows), what stands out from it;
2. leave out ruled lines, edges of tables and specks, and choose the strokes that belong together;
3. look again closely at those strokes only, in the full picture, with a threshold from their own contrast;
4. give strokes that are much thinner or thicker than MNIST's its usual thickness, shrink by area, centre by mass.

Only numpy is imported with this file; OpenCV (about 15 ms) when the first picture comes.
"""

from __future__ import annotations

from typing import Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

from hornbook.columns.ruled_lines import without_ruled_lines


Bytes = NDArray[np.uint8]
Ink = Literal["keep", "dark", "light", "auto"]

FILL = 20 / 28  # the share of the side that the longer side of the ink fills
COARSE = 288  # pixels: longest side at which the whole picture is looked at
GROUND = 96  # pixels: longest side at which the paper's brightness is followed
FINE = 8  # pixels of the close look for each pixel of the result
THIN, USUAL_THIN = (
    2.2,
    2.5,
)  # strokes thinner than the first are given the second (pixels of a 28 x 28 result)
THICK, USUAL_THICK = 4.4, 3.8  # MNIST: 5 % are under 1.9, half are under 2.7, 5 % are over 4.1


def find_ink(picture: Bytes, *, ink: str = "auto", size: tuple[int, int] = (28, 28)) -> Bytes:
    """One digit (or letter, or sign) on paper -> the same in MNIST's form.

    Parameters
    ----------
    picture : uint8 (H, W) or (H, W, 3)
    ink : "dark" on light paper, "light" on dark paper, "auto" to find out, "keep" the same as "light"
    size : height and width of the result, pixels

    Returns
    -------
    uint8 (height, width): 0 is paper and 255 full ink; all 0 where nothing stands out from the paper. A picture that
    is in this form already comes back as it is.

    Examples
    --------
    >>> paper = np.full((200, 300), 240, np.uint8)
    >>> paper[50:150, 80:90] = 20
    >>> find_ink(paper).shape
    (28, 28)
    """
    picture = _two_or_three_dimensions(picture)
    if ink != "dark" and picture.shape == size and already_normal(picture[None], size)[0]:
        return picture.copy()
    if min(picture.shape[:2]) < 1:
        return np.zeros(size, np.uint8)
    if ink == "dark" or (ink == "auto" and ink_is_dark(picture)):
        dark = picture
    else:
        dark = np.bitwise_not(picture)
    strokes = _strokes(dark, inner=max(1, round(max(size) * FILL)))
    return _place(strokes, size)


def already_normal(pictures: Bytes, size: tuple[int, int] = (28, 28)) -> NDArray[np.bool_]:
    """Which of (N, H, W) uint8 pictures are in MNIST's form already: bool (N,).

    The longer side of the ink (all that is not 0) fills 20/28 of the side, within a pixel, and the centre of mass is
    within a pixel of the middle. True for all 70,000 pictures of MNIST.
    """
    count, height, width = pictures.shape
    if (height, width) != tuple(size) or not count:
        return np.zeros(count, bool)
    rows, columns = pictures.any(axis=2), pictures.any(axis=1)
    tall = height - rows.argmax(1) - rows[:, ::-1].argmax(1)
    wide = width - columns.argmax(1) - columns[:, ::-1].argmax(1)
    longer = np.maximum(tall / height, wide / width) * max(size)
    fits = rows.any(axis=1) & (np.abs(longer - max(size) * FILL) <= max(1.0, max(size) / 56))
    flat = pictures.reshape(count, -1).astype(np.float32)
    moments = flat @ np.stack([np.ones(height * width), *np.indices(size).reshape(2, -1)], axis=1).astype(
        np.float32
    )
    centre = moments[:, 1:] / np.maximum(moments[:, :1], 1)
    # MNIST's centres are at 14 on both axes within half a pixel
    return fits & (np.abs(centre - np.array(size) / 2).max(axis=1) <= max(0.6, max(size) / 56))


def ink_is_dark(picture: Bytes) -> bool:
    """True where the strokes are darker than the paper, which is what the picture's border is of.

    An even border is the paper. Of a border with two shades (a digit cut tight) the commoner is. Where the border is
    uneven (a shadow, the edge of a table) the middle of the picture decides: strokes are thin, so they are what differs
    from the local middle value.

    Examples
    --------
    >>> ink_is_dark(np.full((9, 9), 255, np.uint8)), ink_is_dark(np.zeros((9, 9), np.uint8))
    (True, False)
    """
    import cv2

    picture = _two_or_three_dimensions(picture)
    if min(picture.shape[:2]) < 1:
        return True
    small = _shrunk(_grey(picture), GROUND)
    ring = _ring(small).astype(np.int16)
    paper = int(np.median(ring))
    if int(small.max()) - int(small.min()) < 8:
        return paper > 127
    if float((np.abs(ring - paper) < 14).mean()) > 0.75:
        return float(((small.astype(np.float32) - paper) ** 3).sum()) <= 0
    level, classes = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    light = classes > 0
    middles = np.where(light, np.median(small[light]), np.median(small[~light]))
    apart = max(4.0, 0.12 * float(middles.max() - middles.min()))
    if min(small.shape) < 12 or float((np.abs(small - middles) < apart).mean()) > 0.8:
        return float((ring > level).mean()) > 0.5
    odd = max(3, min(min(small.shape) // 3 | 1, 31))
    tail = small.astype(np.float32) - cv2.medianBlur(small, odd)
    y, x = small.shape[0] // 8, small.shape[1] // 8
    return float((tail[y:-y, x:-x] ** 3).sum()) <= 0


def _strokes(dark: Bytes, inner: int) -> Bytes:
    """The digit's own strokes, 0 or 255; the longer side of their box is about inner x FINE pixels."""
    import cv2

    view = _resized_longest(dark, COARSE)
    signal = _signal(view, _ground(view, 1 / 6))
    signal, ruled = without_ruled_lines(signal, _noise(signal))
    chosen = _digit(signal)
    box = cv2.boundingRect(chosen)
    if not box[2] or not box[3]:
        return np.zeros((0, 0), np.uint8)
    return _usual_thickness(_closer(dark, chosen, box, ruled, inner * FINE), inner * FINE)


def _signal(view: Bytes, ground: Bytes) -> Bytes:
    """How far each pixel is under its paper, 0 (paper) to 255 (black), by the channels that show it best."""
    import cv2

    depth = cv2.divide(cv2.subtract(ground, view), np.maximum(ground, 32), scale=255)
    if depth.ndim == 2:
        return cast(Bytes, depth)
    sample = depth[::2, ::2].reshape(-1, 3)
    at = max(0, int(len(sample) * 0.995) - 1)
    weight = (np.partition(sample, at, axis=0)[at].astype(np.float32) + 1) ** 2
    return cast(Bytes, cv2.transform(depth, weight[None] / weight.sum()))


def _ground(view: Bytes, reach: float) -> Bytes:
    """The paper's brightness at each pixel: one value where it is even, else what a closing leaves.

    `reach` is the side of the closing's square, as a part of the longer side; strokes are thinner.
    """
    import cv2

    small = _shrunk(view, GROUND)
    height, width = small.shape[:2]
    even = _even_paper(small)
    if even is not None:
        return np.broadcast_to(even, view.shape)
    side = max(5, int(max(height, width) * reach) | 1)
    wide = cv2.copyMakeBorder(cv2.medianBlur(small, 3), side, side, side, side, cv2.BORDER_REPLICATE)
    wide = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    wide = cv2.blur(wide, (side // 4 | 1, side // 4 | 1))[side : side + height, side : side + width]
    return cast(Bytes, cv2.resize(wide, view.shape[1::-1], interpolation=cv2.INTER_LINEAR))


def _even_paper(small: Bytes) -> Bytes | None:
    """The one colour of the paper of a scan or a drawing; None for a photo, whose light is uneven."""
    import cv2

    grey = _grey(small)
    _, classes = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    if not classes.any():  # a picture of one value
        return cast(Bytes, small[0, 0])
    paper = classes > 0
    shades = grey[paper].astype(np.int16)
    if float((np.abs(shades - int(np.median(shades))) <= 6).mean()) < 0.8:
        return None
    # all the rest must be strokes: a half in shadow is none
    if float(cv2.distanceTransform(255 - classes, cv2.DIST_L2, 3).max()) > max(grey.shape) / 6:
        return None
    return np.median(small[paper], axis=0).astype(np.uint8)


def _noise(signal: Bytes) -> float:
    """How high the paper itself comes in the signal: its middle and four deviations, at least 6 of 255.

    Taken from the lower third of the values, which is paper however thick the strokes are, and from the differences of
    neighbours.
    """
    sample = signal[::2, ::2].astype(np.float32)
    low, middle = np.percentile(sample, [5, 30])
    jump = float(np.median(np.abs(np.diff(sample, axis=1)))) if sample.shape[1] > 1 else 0.0
    deviation = max((middle - low) / 1.12, jump)  # 1.12 deviations lie between these two in a normal distribution
    return max(6.0, float(middle) + 4.5 * float(deviation))


class _Parts:
    """The connected parts of a mask, each with what tells a stroke from a shadow, a fold or the edge of a table.

    Arrays over the parts, of which number 0 is the paper: area (pixels), depth (mean signal), sharp (slope at the rim
    for the depth), left, top, right, bottom, longer (side of the box), contact (pixels on the picture's border for the
    longer side).
    """

    def __init__(self, mask: Bytes, signal: Bytes) -> None:
        import cv2

        self.signal = signal
        gap = max(3, max(mask.shape) // 64 | 1)  # parts less than this apart are one
        joined = cv2.dilate(mask, np.ones((gap, gap), np.uint8))
        self.count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
        labels[mask == 0] = 0
        self.labels = labels
        flat = labels.ravel()
        self.area = np.maximum(np.bincount(flat, minlength=self.count), 1)
        self.mass = np.bincount(flat, weights=signal.ravel(), minlength=self.count)
        self.mass[0] = 0
        self.depth = self.mass / self.area
        square = np.ones((3, 3), np.uint8)
        rim = np.flatnonzero(cv2.subtract(mask, cv2.erode(mask, square)))
        slope = cv2.morphologyEx(signal, cv2.MORPH_GRADIENT, square).ravel()[rim]
        steep = np.bincount(flat[rim], weights=slope, minlength=self.count)
        rims = np.maximum(np.bincount(flat[rim], minlength=self.count), 1)
        self.sharp = steep / rims / np.maximum(self.depth, 1)
        self.left, self.top = stats[:, 0], stats[:, 1]
        self.right, self.bottom = self.left + stats[:, 2], self.top + stats[:, 3]
        self.longer = np.maximum(stats[:, 2], stats[:, 3])
        border = np.concatenate([labels[0], labels[-1], labels[:, 0], labels[:, -1]])
        self.contact = np.bincount(border, minlength=self.count) / self.longer

    def strongest(self) -> int:
        """The part that is most like a digit: much ink, sharp, near the middle, not along the border; 0 if none."""
        height, width = self.labels.shape
        off = np.hypot((self.left + self.right) / 2 / width - 0.5, (self.top + self.bottom) / 2 / height - 0.5)
        likely = np.minimum(self.sharp, 1) ** 2 * np.exp(-3 * off**2) * np.exp(-12 * self.contact)
        return int((self.mass * self.depth * likely).argmax())

    def most_of(self, seed: Bytes) -> int:
        """The part that has most of the signal on the seed; 0 if none."""
        return int(np.bincount(self.labels.ravel(), weights=self._on(seed), minlength=self.count)[1:].argmax()) + 1

    def _on(self, seed: Bytes) -> Bytes:
        return np.where(seed.ravel() > 0, self.signal.ravel(), np.uint8(0))

    def together_with(self, main: int) -> Bytes:
        """The mask of a part and of those that are close to it and like it."""
        area, depth, sharp, contact = self.area, self.depth, self.sharp, self.contact
        alike = (area >= 0.03 * area[main]) & (area <= 2 * area[main]) & (contact <= contact[main] + 0.1)
        alike &= (depth >= np.where(area < 0.1 * area[main], 0.5, 0.35) * depth[main]) & (sharp >= 0.5 * sharp[main])
        keep = np.arange(self.count) == main
        for _ in range(2):  # what is near to what is near belongs to it too
            x0, y0, x1, y1 = (
                self.left[keep].min(), self.top[keep].min(), self.right[keep].max(), self.bottom[keep].max()
            )  # fmt: skip
            gap_x = np.maximum(0, np.maximum(self.left - x1, x0 - self.right))
            gap_y = np.maximum(0, np.maximum(self.top - y1, y0 - self.bottom))
            keep |= alike & (np.hypot(gap_x, gap_y) <= 0.2 * max(x1 - x0, y1 - y0))
        keep[0] = False
        return cast(Bytes, (keep[self.labels] * np.uint8(255)).astype(np.uint8))


def _digit(signal: Bytes) -> Bytes:
    """The mask of the digit: strokes well above the noise, then their fainter ends, then what stands close by."""
    import cv2

    smooth = cv2.GaussianBlur(signal, (3, 3), 0)
    noise = _noise(smooth)
    first = None
    for _ in range(3):
        ink = smooth[smooth > noise]
        if ink.size < max(3, 0.0005 * smooth.size):
            break
        level, _ = cv2.threshold(ink, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
        parts = _Parts(cv2.threshold(smooth, max(noise, 0.7 * level), 255, cv2.THRESH_BINARY)[1], signal)
        main = parts.strongest()
        if not main:
            break
        found = parts.together_with(main)
        if first is None:
            first = found
        if parts.contact[main] < 0.5:
            first = found
            break
        # it lies along the border, as a table does: look for fainter ink without it
        strip = cv2.dilate((parts.labels == main).astype(np.uint8), np.ones((9, 9), np.uint8))
        smooth, signal = np.where(strip > 0, np.uint8(0), smooth), np.where(strip > 0, np.uint8(0), signal)
    if first is None:
        return np.zeros_like(signal)
    low = max(noise, 0.3 * float(np.percentile(signal[first > 0], 70)))
    parts = _Parts(cv2.threshold(smooth, low, 255, cv2.THRESH_BINARY)[1], signal)
    return parts.together_with(parts.most_of(first)) if parts.count > 1 else first


def _closer(dark: Bytes, chosen: Bytes, box: Any, ruled: bool, longer: int) -> Bytes:
    """The chosen strokes again, from the full picture, 0 or 255, their box's longer side about `longer` pixels."""
    import cv2

    margin = max(2, max(box[2], box[3]) // 10)
    x0, y0 = max(0, box[0] - margin), max(0, box[1] - margin)
    x1, y1 = min(chosen.shape[1], box[0] + box[2] + margin), min(chosen.shape[0], box[1] + box[3] + margin)
    scale = longer / max(box[2], box[3])
    shape = (max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale)))
    fx, fy = dark.shape[1] / chosen.shape[1], dark.shape[0] / chosen.shape[0]
    left, top = int(x0 * fx), int(y0 * fy)
    part = dark[top : max(top + 1, round(y1 * fy)), left : max(left + 1, round(x1 * fx))]
    near = _resized(part, shape)
    inside = cv2.distanceTransform(cv2.copyMakeBorder(chosen[y0:y1, x0:x1], 1, 1, 1, 1, 0), cv2.DIST_L2, 3)
    stroke = 4 * float(inside.sum()) / max(1, cv2.countNonZero(inside)) / max(y1 - y0, x1 - x0)
    reach = min(0.4, max(0.12, 3 * stroke))
    signal = cv2.GaussianBlur(_signal(near, _ground(near, reach)), (5, 5), 0)
    region = cv2.resize(chosen[y0:y1, x0:x1], shape, interpolation=cv2.INTER_NEAREST)
    # how strong the ink is around here: a stroke may fade along its way
    spread = max(3, longer // 16) | 1
    square = np.ones((spread, spread), np.uint8)
    strength = cv2.dilate(cv2.bitwise_and(signal, region), square)
    strength = cv2.blur(cv2.dilate(strength, square), (2 * spread + 1, 2 * spread + 1))
    values = signal[region > 0]
    floor = 0.3 * float(np.percentile(values, 75)) if values.size else 0.0
    mask = (signal > np.maximum(0.45 * strength.astype(np.float32), floor)).astype(np.uint8) * 255
    if ruled:
        return cast(Bytes, cv2.bitwise_and(mask, cv2.dilate(region, square)))
    count, labels = cv2.connectedComponents(mask, connectivity=8)
    area = np.bincount(labels.ravel(), minlength=count)
    inside = np.bincount(labels.ravel(), weights=(region > 0).ravel(), minlength=count)
    keep = inside > 0.25 * area
    keep[0] = False
    return cast(Bytes, (keep[labels] * np.uint8(255)).astype(np.uint8))


def _usual_thickness(strokes: Bytes, longer: int) -> Bytes:
    """Strokes much thinner or thicker than MNIST's are made thicker or thinner; others stay."""
    import cv2

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
    return cast(Bytes, wide)


def _room(strokes: Bytes, outside: NDArray[np.float32]) -> NDArray[np.float32]:
    """How far strokes may grow at each pixel: half way into a hole, so that the loop of a 9 stays open; else freely."""
    import cv2

    count, labels = cv2.connectedComponents(255 - strokes, connectivity=4)
    radius = np.zeros(count, np.float32)
    np.maximum.at(radius, labels.ravel(), outside.ravel())
    room = radius / 2
    room[[0, labels[0, 0]]] = np.inf
    return room[labels]


def _place(strokes: Bytes, size: tuple[int, int]) -> Bytes:
    """Strokes shrunk by area so that their box fills 20/28 of the field, with their centre of mass in its middle."""
    import cv2

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


def _two_or_three_dimensions(picture: Bytes) -> Bytes:
    """(H, W, 1) as (H, W)."""
    return picture[..., 0] if picture.ndim == 3 and picture.shape[2] == 1 else picture


def _grey(picture: Bytes) -> Bytes:
    import cv2

    return picture if picture.ndim == 2 else cast(Bytes, cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY))


def _resized(picture: Bytes, shape: tuple[int, int]) -> Bytes:
    """Resized to (width, height): by area when it shrinks, else by cubic interpolation."""
    import cv2

    shrinks = shape[0] <= picture.shape[1] and shape[1] <= picture.shape[0]
    return cast(
        Bytes, cv2.resize(picture, shape, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    )


def _resized_longest(picture: Bytes, longest: int) -> Bytes:
    """Shrunk to a longest side; a picture under a third of it is enlarged to a third."""
    height, width = picture.shape[:2]
    scale = min(1.0, longest / max(height, width))
    scale = max(scale, longest / 3 / max(height, width))
    if scale == 1:
        return picture
    return _resized(picture, (max(1, round(width * scale)), max(1, round(height * scale))))


def _shrunk(picture: Bytes, longest: int) -> Bytes:
    height, width = picture.shape[:2]
    scale = longest / max(height, width)
    if scale >= 1:
        return picture
    return _resized(picture, (max(1, round(width * scale)), max(1, round(height * scale))))


def _ring(picture: Bytes) -> Bytes:
    """The pixels of the border, one part in sixteen wide."""
    edge = max(1, min(picture.shape[:2]) // 16)
    sides = (picture[:edge], picture[-edge:], picture[edge:-edge, :edge], picture[edge:-edge, -edge:])
    return np.concatenate([side.ravel() for side in sides])
