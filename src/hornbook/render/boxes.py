"""Boxes in a picture, each with lines of text: drawn by Pillow, in any writing that an installed font has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from hornbook.render.gallery import written

__all__ = ["Marked", "draw_boxes", "lacking", "no_font"]

Box = tuple[float, float, float, float]

Pixels = npt.NDArray[np.uint8]

COLOURS = (
    *("#ffd23f", "#3bceac", "#ff8fab", "#74c0fc", "#ffa94d", "#b197fc"),
    *("#8ce99a", "#f783ac", "#66d9e8", "#e599f7", "#c0eb75", "#ffc9c9"),
)
"""Light, so that black is read on them; neighbours differ also for who does not see red and green."""

TEXT = 4.0
"""How much worse it is to cover a text than to cover a face."""

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
    taken: list[Box] = []
    for thing in things:
        others = [other.box for other in things if other is not thing]
        _write(pen, page.size, thing, taken, others)
    return page


def lacking(texts: Sequence[str]) -> str:
    """Return a text that no installed font can write, so that it is drawn with escapes; empty where there is none."""
    return next((text for text in texts if written(text)[1] != text), "")


def no_font(text: str) -> str:
    """Return the sentence for a text that `lacking` found."""
    return (
        f"no installed font has the characters of {text!r}, so codes are drawn in their place: install one that has, "
        "such as Noto Sans CJK"
    )


def _write(
    pen: ImageDraw.ImageDraw, size: tuple[int, int], thing: Marked, taken: list[Box], others: Sequence[Box]
) -> None:
    """Write the lines of a box at the place near it where they cover least, in letters that suit its size.

    Where they would cover another text or another box, they are tried in smaller letters.
    """
    if not thing.lines:
        return
    usual = round(min(max(min(thing.box[2:]) / 6, SMALLEST), LARGEST, max(size) / 24 + SMALLEST))
    best = None
    for letters in sorted({usual, max(SMALLEST, round(0.75 * usual)), SMALLEST}, reverse=True):
        font, text = written("\n".join(thing.lines), letters)
        box = pen.multiline_textbbox((0, 0), text, font=font, spacing=2)
        wide, high = box[2] - box[0] + 6, box[3] - box[1] + 6
        for x, y in _places(thing.box, wide, high, size):
            here = x, y, wide, high
            covered = TEXT * sum(_shared(here, t) for t in taken) + sum(_shared(here, o) for o in others)
            if best is None or covered < best[0]:
                best = covered, here, font, text, box
        if best is not None and best[0] == 0:
            break
    assert best is not None
    _, (x, y, wide, high), font, text, box = best
    taken.append((x, y, wide, high))
    pen.rectangle((x, y, x + wide, y + high), fill=COLOURS[thing.colour % len(COLOURS)])
    pen.multiline_text(
        (x + 3 - box[0], y + 3 - box[1]), text, fill="black", font=font, spacing=2, align="center"
    )


def _places(box: Box, wide: float, high: float, size: tuple[int, int]) -> Iterator[tuple[float, float]]:
    """Yield places for a text in a picture: under its box, above, at either side, inside at the lower edge."""
    left, top, width, height = box
    middle, right = left + width / 2 - wide / 2, left + width - wide
    across = (middle, left, right, left - wide / 2, left + width - wide / 2)
    found = [(x, y) for y in (top + height + 1, top - high - 1) for x in across]
    found += [(x, y) for y in (top + height - high, top) for x in (left + width + 1, left - wide - 1)]
    found += [(middle, top + height - high)]
    for x, y in found:
        yield min(max(x, 0), max(size[0] - wide, 0)), min(max(y, 0), max(size[1] - high, 0))


def _shared(one: Box, other: Box) -> float:
    """Return the area that two boxes share."""
    (a, b, c, d), (e, f, g, h) = one, other
    return max(0.0, min(a + c, e + g) - max(a, e)) * max(0.0, min(b + d, f + h) - max(b, f))
