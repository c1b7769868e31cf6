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

from typing import TYPE_CHECKING, Any, Literal, cast

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from types import ModuleType

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
    """True where the paper, as the picture's border shows it, is lighter than what is on it.

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
    level, _ = cv2.threshold(small, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    ring = _ring(small)
    light = float((ring > level).mean())
    if light < 0.2 or light > 0.8 or min(small.shape) < 12:
        return light > 0.5 if small.min() < small.max() else bool(small.flat[0] > 127)
    # A border of both kinds (a table edge, a shadow, a digit cut tight): strokes are thin, so what they are is seen
    # by the tail of the difference from the local middle value.
    odd = max(3, min(min(small.shape) // 3 | 1, 31))
    tail = small.astype(np.float32) - cv2.medianBlur(small, odd)
    return float((tail**3).sum()) <= 0


def _strokes(dark: Bytes, inner: int) -> Bytes:
    """The digit's own strokes, 0 or 255, cut to their box, whose longer side is inner x FINE pixels."""
    import cv2

    view = _resized_longest(dark, COARSE)
    ground = _ground(view)
    signal = _signal(view, ground)
    mask = _threshold(signal)
    mask = _without_rules(mask)
    chosen = _digit(mask, signal)
    box = cv2.boundingRect(chosen)
    if not box[2] or not box[3]:
        return np.zeros((0, 0), np.uint8)
    strokes = _closer(dark, view, ground, chosen, box, inner * FINE)
    strokes = _usual_thickness(strokes, inner * FINE)
    return strokes


def _signal(view: Bytes, ground: Bytes) -> Bytes:
    """How far each pixel is under its paper, 0 (paper) to 255 (black), over the channels that show it best."""
    import cv2

    depth = cv2.divide(cv2.subtract(ground, view), cv2.max(ground, 32), scale=255)
    if depth.ndim == 2:
        return cast(Bytes, depth)
    weight = np.array([float(np.percentile(depth[..., c], 99.5)) for c in range(3)]) + 1
    weight = weight**2
    return cast(Bytes, cv2.transform(depth, (weight / weight.sum())[None].astype(np.float32)))


def _ground(view: Bytes) -> Bytes:
    """The paper's brightness at each pixel: one value where it is even, else what a wide closing leaves."""
    import cv2

    small = _shrunk(view, GROUND)
    height, width = small.shape[:2]
    grey = _grey(small)
    level, _ = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    paper = grey > level
    if not paper.any() or float(grey[paper].std()) < 4:
        value = (
            np.median(small[paper], axis=0)
            if paper.any()
            else np.median(small.reshape(-1, *small.shape[2:]), axis=0)
        )
        return np.broadcast_to(value.astype(np.uint8), view.shape).copy()
    side = max(5, max(height, width) // 3 | 1)
    pad = side // 2
    wide = cv2.copyMakeBorder(cv2.medianBlur(small, 3), pad, pad, pad, pad, cv2.BORDER_REPLICATE)
    wide = cv2.morphologyEx(wide, cv2.MORPH_CLOSE, np.ones((side, side), np.uint8))
    wide = cv2.blur(wide, (side // 2 | 1, side // 2 | 1))
    wide = wide[pad : pad + height, pad : pad + width]
    return cast(Bytes, cv2.resize(wide, view.shape[1::-1], interpolation=cv2.INTER_LINEAR))


def _threshold(signal: Bytes) -> Bytes:
    """Strokes 255, paper 0: a threshold above the paper's noise and in proportion to the ink's depth."""
    import cv2

    smooth = cv2.GaussianBlur(signal, (3, 3), 0)
    noise = 1.5 * float(np.median(np.abs(smooth.astype(np.int16) - int(np.median(smooth)))))
    middle = float(np.median(smooth))
    peak = float(np.percentile(smooth, 99.5))
    otsu, _ = cv2.threshold(smooth, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    low = max(middle + 4 * noise, min(0.4 * peak, float(otsu)), 6)
    return cast(Bytes, cv2.threshold(smooth, low, 255, cv2.THRESH_BINARY)[1])


def _without_rules(mask: Bytes) -> Bytes:
    """The mask without long thin lines from one side of the picture to the other (ruled and squared paper)."""
    return mask


def _digit(mask: Bytes, signal: Bytes) -> Bytes:
    """The mask of the parts that are the digit: the strongest group of strokes, with what stands close by."""
    import cv2

    height, width = mask.shape
    side = max(height, width)
    joined = cv2.dilate(mask, np.ones((max(1, side // 64) | 1,) * 2, np.uint8))
    count, labels, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    if count < 2:
        return mask
    labels[mask == 0] = 0
    mass = np.bincount(labels.ravel(), weights=signal.ravel(), minlength=count)
    area = np.bincount(labels.ravel(), minlength=count)
    mass[0] = 0
    left, top = stats[:, 0], stats[:, 1]
    right, bottom = left + stats[:, 2], top + stats[:, 3]
    off = np.hypot((left + right) / 2 / width - 0.5, (top + bottom) / 2 / height - 0.5)
    touches = (left <= 1).astype(int) + (top <= 1) + (right >= width - 1) + (bottom >= height - 1)
    score = mass * np.exp(-4 * off**2) * 0.3**touches
    main = int(score.argmax())
    depth = mass / np.maximum(area, 1)
    reach = 0.2 * max(right[main] - left[main], bottom[main] - top[main])
    gap_x = np.maximum(0, np.maximum(left - right[main], left[main] - right))
    gap_y = np.maximum(0, np.maximum(top - bottom[main], top[main] - bottom))
    near = np.hypot(gap_x, gap_y) <= reach
    keep = near & (area >= 0.03 * area[main]) & (depth >= 0.5 * depth[main]) & (touches <= touches[main])
    keep[main], keep[0] = True, False
    return cast(Bytes, (keep[labels] * np.uint8(255)).astype(np.uint8))


def _closer(
    dark: Bytes, view: Bytes, ground: Bytes, chosen: Bytes, box: tuple[int, int, int, int] | Any, longer: int
) -> Bytes:
    """The chosen strokes again, from the full picture, 0 or 255, their box's longer side about `longer` pixels."""
    import cv2

    margin = max(2, max(box[2], box[3]) // 16)
    x0, y0 = max(0, box[0] - margin), max(0, box[1] - margin)
    x1, y1 = min(view.shape[1], box[0] + box[2] + margin), min(view.shape[0], box[1] + box[3] + margin)
    scale = longer / max(box[2], box[3])
    shape = (max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale)))
    fx, fy = dark.shape[1] / view.shape[1], dark.shape[0] / view.shape[0]
    part = dark[
        int(y0 * fy) : max(int(y0 * fy) + 1, round(y1 * fy)),
        int(x0 * fx) : max(int(x0 * fx) + 1, round(x1 * fx)),
    ]
    near = _resized(part, shape)
    signal = _signal(near, cv2.resize(ground[y0:y1, x0:x1], shape, interpolation=cv2.INTER_LINEAR))
    signal = cv2.GaussianBlur(signal, (5, 5), 0)
    region = cv2.resize(chosen[y0:y1, x0:x1], shape, interpolation=cv2.INTER_NEAREST)
    # ink: the upper half of what the coarse mask covers
    values = signal[region > 0]
    peak = float(np.percentile(values, 75)) if values.size else 255.0
    mask = cv2.threshold(signal, 0.5 * peak, 255, cv2.THRESH_BINARY)[1]
    spread = max(3, longer // 20) | 1
    reach = cv2.dilate(region, np.ones((spread, spread), np.uint8))
    return cast(Bytes, cv2.bitwise_and(mask, reach))


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
        wide = (outside <= (USUAL_THIN - thickness) / 2 * pixel).astype(np.uint8) * 255
    elif thickness > THICK:
        wide = (inside > (thickness - USUAL_THICK) / 2 * pixel).astype(np.uint8) * 255
    return cast(Bytes, wide)


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
