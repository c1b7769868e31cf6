"""Boxes in a picture, each with lines of text: drawn by Pillow, in any writing that an installed font has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from hornbook.render.gallery import written

__all__ = ["Marked", "draw_boxes", "lacking"]

Pixels = npt.NDArray[np.uint8]

COLOURS = (
    *("#ffd23f", "#3bceac", "#ff8fab", "#74c0fc", "#ffa94d", "#b197fc"),
    *("#8ce99a", "#f783ac", "#66d9e8", "#e599f7", "#c0eb75", "#ffc9c9"),
)
"""Light, so that black is read on them; neighbours differ also for who does not see red and green."""

SMALLEST, LARGEST = 11, 30
"""Pixels of letters."""


@dataclass(frozen=True)
class Marked:
    """A box (left, top, width, height), what is said of it, points and smaller boxes in it, and which colour it has."""

    box: tuple[float, float, float, float]
    lines: Sequence[str] = ()
    points: Sequence[tuple[float, float]] = ()
    parts: Sequence[tuple[float, float, float, float]] = ()
    colour: int = 0


def draw_boxes(picture: Pixels, things: Sequence[Marked]) -> Image.Image:
    """Return a picture, ``uint8`` (H, W, 3), with boxes and texts drawn into it, the texts last."""
    page = Image.fromarray(np.ascontiguousarray(picture))
    pen = ImageDraw.Draw(page)
    wide = max(2, round(max(page.size) / 500))
    for thing in things:
        colour = COLOURS[thing.colour % len(COLOURS)]
        for box in (thing.box, *thing.parts):
            left, top, width, height = box
            thin = wide if box is thing.box else max(1, wide // 2)
            corners = (left, top, left + max(width, 1), top + max(height, 1))
            pen.rectangle(corners, outline=colour, width=thin)
        size = max(1.5, min(thing.box[2] / 40, 6))
        for x, y in thing.points:
            pen.ellipse((x - size, y - size, x + size, y + size), fill=colour, outline="black")
    taken: list[tuple[float, float, float, float]] = []
    for thing in things:
        _write(pen, page.size, thing, taken)
    return page


def lacking(texts: Sequence[str]) -> str:
    """Return a text that no installed font can write, so that it is drawn with escapes; empty where there is none."""
    return next((text for text in texts if written(text)[1] != text), "")


def _write(
    pen: ImageDraw.ImageDraw,
    size: tuple[int, int],
    thing: Marked,
    taken: list[tuple[float, float, float, float]],
) -> None:
    """Write the lines of a box under it, or above where there is no room, in letters that suit its size."""
    if not thing.lines:
        return
    left, top, width, height = thing.box
    letters = round(min(max(min(width, height) / 6, SMALLEST), LARGEST, max(size) / 24 + SMALLEST))
    font, text = written("\n".join(thing.lines), letters)
    box = pen.multiline_textbbox((0, 0), text, font=font, spacing=2)
    wide, high = box[2] - box[0] + 6, box[3] - box[1] + 6
    x = min(max(left + width / 2 - wide / 2, 0), max(size[0] - wide, 0))
    # Under the box, above it, then inside at its lower edge: the first of them that covers no other text.
    places = [y for y in (top + height + 1, top - high - 1) if 0 <= y <= size[1] - high]
    inside = min(max(top + height - high, 0), max(size[1] - high, 0))
    free = [y for y in (*places, inside) if not any(_meet((x, y, wide, high), other) for other in taken)]
    y = (free or places or [inside])[0]
    taken.append((x, y, wide, high))
    pen.rectangle((x, y, x + wide, y + high), fill=COLOURS[thing.colour % len(COLOURS)])
    pen.multiline_text(
        (x + 3 - box[0], y + 3 - box[1]), text, fill="black", font=font, spacing=2, align="center"
    )


def _meet(one: tuple[float, float, float, float], other: tuple[float, float, float, float]) -> bool:
    (a, b, c, d), (e, f, g, h) = one, other
    return a < e + g and e < a + c and b < f + h and f < b + d
