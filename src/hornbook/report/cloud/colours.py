"""The colours of words: those of a list, of a colour map, of a range of hues, or of a picture at their place."""

from __future__ import annotations

import re
from collections.abc import Callable
from random import Random
from typing import Any

import numpy as np

from hornbook.columns.base import Array
from hornbook.common.plaintext import clean
from hornbook.errors import UsageError, did_you_mean

__all__ = ["Paint", "of_picture", "paint_of", "rgb"]

Paint = Callable[..., str]
"""What the library asks for the colour of a word: its word, size, place, direction, font and random numbers."""

USUAL = ("#1b4f8f", "#b3352c", "#2f7d4f", "#8a5a17", "#5b3f8c", "#0f6f78")
"""Colours that can be read on white."""

USUAL_ON_DARK = ("#8fc1ff", "#ff9d8f", "#8fdcab", "#f3c877", "#c9b3ff", "#7fdbe4")

_HUES = re.compile(r"(\d{1,3})-(\d{1,3})")

NEAR = 90
"""How far, in steps of 255 of the three colours together, a colour must be from the ground to be seen on it."""


def rgb(colour: str) -> tuple[int, int, int]:
    """Return a colour by its name or its digits; UsageError where it is none.

    >>> rgb("red"), rgb("#1b4f8f")
    ((255, 0, 0), (27, 79, 143))
    """
    from PIL import ImageColor

    try:
        red, green, blue = ImageColor.getrgb(colour.strip())[:3]
    except ValueError:
        raise UsageError(f"{clean(colour)!r} is no colour: write a name (red) or digits (#d62728)") from None
    return red, green, blue


def is_dark(colour: str) -> bool:
    """Return whether pale words are read best on a ground."""
    red, green, blue = rgb(colour)
    return 0.299 * red + 0.587 * green + 0.114 * blue < 128


def paint_of(colours: str | None, ground: str) -> Paint:
    """Return what gives words their colours.

    Parameters
    ----------
    colours
        A range of hues in degrees (``200-260``), a colour map (``viridis``), or a list (``red,#1b4f8f``).
    ground
        The colour behind the words.

    Raises
    ------
    UsageError
        It is none of these.
    """
    dark = is_dark(ground)
    if colours is None:
        return _of_list(USUAL_ON_DARK if dark else USUAL)
    if hues := _HUES.fullmatch(colours.replace(" ", "")):
        return _of_hues(int(hues[1]), int(hues[2]), dark)
    if colours.isidentifier() and (paint := _of_map(colours)):
        return paint
    try:
        return _of_list(tuple("#{:02x}{:02x}{:02x}".format(*rgb(c)) for c in colours.split(",")))
    except UsageError:
        import matplotlib

        near = did_you_mean(colours, list(matplotlib.colormaps))
        raise UsageError(
            f"the colours {clean(colours)!r} are no colour map (viridis, plasma){near}, no range of hues (200-260) "
            "and no list (red,#1b4f8f)"
        ) from None


def _of_list(colours: tuple[str, ...]) -> Paint:
    def paint(*_: Any, random_state: Random, **__: Any) -> str:
        return random_state.choice(colours)

    return paint


def _of_hues(first: int, last: int, dark: bool) -> Paint:
    if first > 360 or last > 360:
        raise UsageError(
            f"the hues {first}-{last} are no degrees: a hue is from 0 (red) over 120 (green) to 360"
        )
    span = (last - first) % 360 or (360 if first != last else 0)  # 330-30 goes over red

    def paint(*_: Any, random_state: Random, **__: Any) -> str:
        hue = (first + random_state.randint(0, span)) % 360
        light = random_state.randint(62, 82) if dark else random_state.randint(26, 48)
        return f"hsl({hue}, 65%, {light}%)"

    return paint


def _of_map(name: str) -> Paint | None:
    import matplotlib

    if name not in matplotlib.colormaps:
        return None
    colours = matplotlib.colormaps[name]

    def paint(*_: Any, random_state: Random, **__: Any) -> str:
        red, green, blue, _alpha = colours(random_state.uniform(0, 1), bytes=True)
        return f"#{int(red):02x}{int(green):02x}{int(blue):02x}"

    return paint


def of_picture(picture: Array, ground: str, inside: Array | None = None) -> Paint:
    """Return what gives a word the mean colour of a picture where it stands.

    Parameters
    ----------
    picture
        ``uint8``, (height, width, 3), of the size of the cloud.
    ground
        A colour that can hardly be told from it is made darker, or paler on a dark one.
    inside
        Where words may be, ``bool`` of shape (height, width): only there a colour counts.
    """
    from PIL import ImageFont

    weight = np.ones(picture.shape[:2]) if inside is None else inside.astype(float)
    behind, away = np.array(rgb(ground), float), 255.0 if is_dark(ground) else 0.0

    def paint(word: str, *, font_size: int, position: Any, orientation: Any, font_path: str, **_: Any) -> str:
        font = ImageFont.TransposedFont(ImageFont.truetype(font_path, font_size), orientation)
        left, top, right, bottom = font.getbbox(word)
        row, column = int(position[0]), int(position[1])
        height, width = max(int(bottom - top), 1), max(int(right - left), 1)
        part = picture[row : row + height, column : column + width].reshape(-1, 3).astype(float)
        count = weight[row : row + height, column : column + width].reshape(-1)
        mean = (part * count[:, None]).sum(0) / count.sum() if count.sum() else part.mean(0)
        if np.abs(mean - behind).sum() < NEAR:
            mean = 0.6 * mean + 0.4 * away
        return "#{:02x}{:02x}{:02x}".format(*(int(v) for v in mean.round()))

    return paint
