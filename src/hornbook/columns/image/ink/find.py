"""Ink: make a person's photo of a digit look the way MNIST's pictures look.

MNIST was made from black-and-white scans: each digit was scaled, keeping its aspect, so that its longer
side fills 20 pixels, drawn with grey levels from anti-aliasing, and placed in a 28 x 28 field with its
centre of mass in the middle (LeCun, Bottou, Bengio and Haffner, *Gradient-based learning applied to
document recognition*, 1998, section III.A). A net that reads 99.7 % of MNIST reads about half of the photos
that people make, because these are not made that way. `find_ink` makes them so:

1. look at the whole picture, small: what is paper, and what stands out from it (`ink_paper`, `ink_sheet`);
2. find out which is darker (`ink_polarity`), leave out ruled lines (`ink_lines`), shadows, edges, specks and a box
   drawn around the digit, and choose the strokes that belong together (`ink_parts`);
3. look again closely at those strokes only, in the full picture, with a threshold from their own depth;
4. give strokes much thinner or thicker than MNIST's its usual thickness, shrink by area, centre by mass
   (`ink_form`).

OpenCV takes about 15 ms to import, so this file is imported when the first picture comes.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from hornbook.columns.image.ink.form import FILL, filled, placed, thickness_of, usual_thickness
from hornbook.columns.image.ink.lines import without_lines
from hornbook.columns.image.ink.paper import (
    GROUND,
    Bytes,
    even_paper,
    grey,
    halved,
    noise_of,
    plain_grey,
    quantile,
    ring_of,
    signal_of,
)
from hornbook.columns.image.ink.parts import digit_in
from hornbook.columns.image.ink.polarity import cut_tight, ink_is_dark
from hornbook.columns.image.ink.sheet import sheet_on_table

COARSE = 320  # pixels: longest side at which the whole picture is looked at
SMALL = 32  # pixels: up to this side a picture is a drawing, its paper one shade
FINE = 8  # pixels of the close look for each pixel of the result


class Found(NamedTuple):
    """The ink in a picture, as `find_ink` returns it, and how many such things there are: 0 where there is no ink."""

    ink: Bytes
    things: int


def find_ink(picture: Bytes, *, ink: str = "auto", size: tuple[int, int] = (28, 28)) -> Bytes:
    """One digit (or letter, or sign) on paper -> the same in MNIST's form.

    Parameters
    ----------
    picture : uint8 (H, W) or (H, W, 3)
    ink : "dark" on light paper, "light" on dark paper, "auto" to find out, "keep" the same as "light"
    size : height and width of the result, pixels

    Returns
    -------
    uint8 (height, width): 0 is paper and 255 full ink; all 0 where nothing stands out from the paper. A
    picture that is in this form already comes back as it is.

    Examples
    --------
    >>> paper = np.full((200, 300), 240, np.uint8)
    >>> paper[50:150, 80:90] = 20
    >>> find_ink(paper).shape
    (28, 28)
    """
    return look_for_ink(picture, ink, size).ink


def look_for_ink(picture: Bytes, ink: str = "auto", size: tuple[int, int] = (28, 28)) -> Found:
    """Find the ink as `find_ink` does, and say how many things there are of which one was taken."""
    size = (int(size[0]), int(size[1]))
    picture = plain_grey(picture)
    if ink != "dark" and picture.shape == size and already_normal(picture[None], size)[0]:
        return Found(picture.copy(), 1)
    if min(picture.shape[:2]) < 1:
        return Found(np.zeros(size, np.uint8), 0)
    view = _view(picture)
    wider = _with_margin(picture, view, ink)
    if wider is not picture:
        picture, view = wider, _view(wider)
    sheet = sheet_on_table(picture, view) if ink in ("dark", "auto") else None
    if sheet is not None:
        found = _read(sheet, _view(sheet), True, size)
        if found.ink.any():
            return found
    return _read(picture, view, ink == "dark" or (ink == "auto" and ink_is_dark(view)), size)


def _with_margin(picture: Bytes, view: Bytes, ink: str) -> Bytes:
    """A drawing that is cut so tight that strokes lie on its border, with half or a quarter as much paper around it.

    `view` is the picture, small. A picture that has paper around its strokes is given back itself.
    Without, the strokes at the border count as paper: of the 1,797 digits of 8 x 8 that scikit-learn ships, 12 came
    back empty and many in part.
    """
    small = max(picture.shape[:2]) <= SMALL
    if not small and not cut_tight(view, ink):
        return picture
    ring = ring_of(grey(picture))
    if int(ring.max()) - int(ring.min()) < 28:
        return picture
    dark = ink == "dark" or (ink == "auto" and ink_is_dark(picture))
    paper = np.quantile(ring, 0.9 if dark else 0.1)
    edge = max(2, max(picture.shape[:2]) // (2 if small else 4))
    value: tuple[float, ...] = (float(paper),) * 3
    if picture.ndim == 3:  # paper has a colour, which is not that of a grey of the same lightness
        apart = np.abs(ring - paper)
        near = apart <= max(14.0, float(apart.min()))
        value = tuple(float(np.median(ring_of(picture[..., c])[near])) for c in range(picture.shape[2]))
    return cv2.copyMakeBorder(picture, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=value)


def _read(picture: Bytes, view: Bytes, dark: bool, size: tuple[int, int]) -> Found:
    """The ink, of known polarity, of a picture and its small view."""
    if view.ndim == 3 and (view == view[..., :1]).all():
        view = np.ascontiguousarray(view[..., 0])
    strokes, things = _strokes(picture, view, dark, longer=FINE * max(1, round(max(size) * FILL)))
    found = placed(strokes, size)
    return Found(found, things if found.any() else 0)


def already_normal(pictures: Bytes, size: tuple[int, int] = (28, 28)) -> NDArray[np.bool_]:
    """Which of (N, H, W) uint8 pictures are in MNIST's form already: bool (N,).

    The longer side of the ink (all that is not 0) fills 20/28 of the side, within a pixel, and the centre
    of mass is within a pixel of the middle. True for all 70,000 pictures of MNIST.
    """
    count, height, width = pictures.shape
    normal = np.zeros(count, np.bool_)
    if (height, width) != tuple(size) or not height or not width:
        return normal
    middle = np.array([height, width], np.float32) / 2
    pixel = max(1.0, max(size) / 56)
    # The sums along rows and columns say all: where ink begins and ends, how much it is, where its middle is. Not with
    # @: the threads of BLAS go on spinning and take a core from what comes next, the network.
    down, across = np.empty((count, height), np.float32), np.empty((count, width), np.float32)
    for start in range(0, count, 512):  # blocks that stay in the processor's cache
        block = pictures[start : start + 512]
        rows = cv2.reduce(block.reshape(-1, width), 1, cv2.REDUCE_SUM, dtype=cv2.CV_32S)
        down[start : start + 512] = rows.reshape(-1, height)
        across[start : start + 512] = _summed(block)
    longer = np.maximum(_extent(down) / height, _extent(across) / width) * max(size)
    fits = np.abs(longer - max(size) * FILL) <= pixel
    mass = down.sum(axis=1)
    moments = [np.einsum("ni,i->n", s, np.arange(s.shape[1], dtype=np.float32)) for s in (down, across)]
    centre = np.stack(moments, axis=1) / np.maximum(mass, 1)[:, None]
    # MNIST's centres are within half a pixel of (14, 14)
    central = np.abs(centre - middle).max(axis=1) <= 0.6 * pixel
    normal[:] = fits & central & (mass > 0)
    return normal


def _summed(pictures: Bytes) -> NDArray[Any]:
    """Return the sums along columns of (N, H, W), (N, W); by halves, for long additions are the quick ones."""
    halves: NDArray[Any] = pictures.astype(np.uint16 if pictures.shape[1] <= 65535 // 255 else np.uint32)
    while (rows := halves.shape[1]) > 1:
        upper = halves[:, : rows // 2] + halves[:, rows // 2 : rows // 2 * 2]
        upper[:, 0] += halves[:, -1] * (rows % 2)
        halves = upper
    return halves[:, 0]


def _extent(sums: NDArray[np.float32]) -> NDArray[np.intp]:
    """From the first to the last number of each row of (N, n) that is not 0."""
    used = sums > 0
    extent: NDArray[np.intp] = used.shape[1] - used[:, ::-1].argmax(axis=1) - used.argmax(axis=1)
    return extent


def _strokes(picture: Bytes, view: Bytes, dark: bool, longer: int) -> tuple[Bytes, int]:
    """The digit's own strokes, 0 or 255, empty if there are none, and how many such digits there are.

    The longer side of their box is about `longer` pixels. `view` is the whole picture, small; it may be grey where the
    picture is not.
    """
    view = view if dark else cv2.bitwise_not(view)
    even = even_paper(view)
    signal = signal_of(view, even, reach=1 / 6)
    signal, lined = without_lines(signal, noise_of(signal))
    chosen, things = digit_in(signal)
    x, y, w, h = cv2.boundingRect(chosen)
    if not w or not h:
        return np.zeros((0, 0), np.uint8), 0
    margin = max(2, max(w, h) // 10)
    x0, x1 = max(0, x - margin), min(view.shape[1], x + w + margin)
    y0, y1 = max(0, y - margin), min(view.shape[0], y + h + margin)
    chosen = chosen[y0:y1, x0:x1]
    scale = longer / max(w, h)
    shape = (max(1, round((x1 - x0) * scale)), max(1, round((y1 - y0) * scale)))
    near = _crop(
        picture, (x0 / view.shape[1], y0 / view.shape[0], x1 / view.shape[1], y1 / view.shape[0]), shape
    )
    near = grey(near) if view.ndim == 2 else near
    near = near if dark else cv2.bitwise_not(near)
    reach = 3 * thickness_of(chosen) / max(chosen.shape)
    signal = signal_of(near, even, reach=min(0.4, max(0.12, reach)))
    region = cv2.resize(chosen, shape, interpolation=cv2.INTER_NEAREST)
    solid = _solid(cv2.GaussianBlur(signal, (5, 5), 0), region, lined)
    return usual_thickness(filled(solid), longer), things


def _crop(picture: Bytes, part: tuple[float, float, float, float], shape: tuple[int, int]) -> Bytes:
    """A part (left, top, right, bottom, of 1) of a picture, resized to (width, height)."""
    height, width = picture.shape[:2]
    left, top = int(part[0] * width), int(part[1] * height)
    right, bottom = max(left + 1, round(part[2] * width)), max(top + 1, round(part[3] * height))
    inner = halved(picture[top:bottom, left:right], 2 * max(shape))
    shrinks = shape[0] <= inner.shape[1] and shape[1] <= inner.shape[0]
    return cv2.resize(inner, shape, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)


def _solid(signal: Bytes, region: Bytes, lined: bool) -> Bytes:
    """Ink as 0 or 255: what is about half as strong as the ink near by, and belongs to the region found before."""
    # how strong the ink is around here: a stroke may fade along its way
    spread = max(3, max(signal.shape) // 20) | 1
    square = np.ones((spread, spread), np.uint8)
    strength = cv2.dilate(cv2.bitwise_and(signal, region), square)
    strength = cv2.blur(cv2.dilate(strength, square), (2 * spread + 1, 2 * spread + 1))
    values = signal[region > 0]
    floor = 0.3 * quantile(values, 0.75) if values.size else 0
    level = np.maximum(cv2.convertScaleAbs(strength, alpha=0.45), np.uint8(floor))
    mask = cv2.compare(signal, level, cv2.CMP_GT)
    if lined:
        return cv2.bitwise_and(mask, cv2.dilate(region, square))
    count, labels = cv2.connectedComponents(mask, connectivity=8)
    at = np.flatnonzero(mask)
    label = labels.ravel()[at]
    area = np.bincount(label, minlength=count)
    inside = np.bincount(label, weights=region.ravel()[at] > 0, minlength=count)
    # of a part that is mostly elsewhere (a shadow that the strokes run into) only what is at the strokes
    near = cv2.dilate(region, square).ravel()[at] > 0
    whole, touched = inside > 0.25 * area, inside > 0
    mask.ravel()[at[~(whole[label] | (touched[label] & near))]] = 0
    return mask


def _view(picture: Bytes) -> Bytes:
    """The whole picture with a longest side of 96 to 320 pixels."""
    picture = halved(picture, COARSE)
    height, width = picture.shape[:2]
    scale = GROUND / max(height, width)
    if scale <= 1:
        return picture
    shape = (max(1, round(width * scale)), max(1, round(height * scale)))
    return cv2.resize(picture, shape, interpolation=cv2.INTER_CUBIC)
