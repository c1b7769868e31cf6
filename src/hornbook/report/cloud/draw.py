"""Drawing a cloud, by the ``wordcloud`` library: the same words, options and seed give the same bytes."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hornbook.columns.base import Array
from hornbook.common.endings import ending
from hornbook.common.plaintext import number_of
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, UsageError, one_of
from hornbook.report.cloud.colours import of_picture, paint_of, rgb
from hornbook.report.cloud.fonts import find_font, letters_of
from hornbook.report.cloud.words import need_wordcloud

__all__ = ["Cloud", "Drawn", "draw"]

FORMATS = ("png", "jpg", "jpeg", "webp", "svg")
"""How the name of a picture may end."""

SIDES = (40, 8_000)
"""The least and the most pixels of a side."""

USUAL = (1000, 600)

WHITE = 240
"""From so much of each of its colours on, a dot of a mask is white: no word stands there."""

LEAST_INSIDE = 400
"""Dots of a mask in which a word may stand."""

MARGIN = 3


@dataclass(frozen=True, kw_only=True)
class Cloud:
    """How words are drawn.

    Parameters
    ----------
    size
        Width and height in pixels; of a mask its longer side becomes the longer one of them. None is 1000 x 600, or as
        the mask is.
    mask
        A picture: words stand where it is not white.
    colours, colours_from
        See `hornbook.report.cloud.colours.paint_of`; or a picture whose colours words have at their place.
    ground
        The colour behind the words; empty for none (transparent).
    count
        The most words.
    font
        A font's file.
    seed
        Of all that is drawn at random: places, directions, colours.
    """

    size: tuple[int, int] | None = None
    mask: str | None = None
    colours: str | None = None
    colours_from: str | None = None
    ground: str = "white"
    count: int = 200
    font: str | None = None
    seed: int = 0


@dataclass(frozen=True)
class Drawn:
    """A cloud: the bytes of its file, the words that are in it, and the font they are drawn with."""

    data: bytes
    words: tuple[str, ...]
    font: Path


def draw(weights: Mapping[str, float], cloud: Cloud, name: str = "cloud.png") -> Drawn:
    """Draw words, the weightiest first and largest.

    Parameters
    ----------
    weights
        Over 0, the weightiest first.
    name
        How it ends says what file is made.

    Raises
    ------
    DataError
        There is no word, a picture or a font cannot be read or is not fit for it, there is no room.
    UsageError
        An option cannot be.
    MissingExtra
        ``wordcloud`` is not installed.
    """
    need_wordcloud()
    form = ending(name)
    if form not in FORMATS:
        raise UsageError(
            f"a cloud is a picture, and {name!r} ends in none of {one_of(FORMATS)}: name it cloud.png"
        )
    if not 1 <= cloud.count <= 5_000:
        raise UsageError(f"{cloud.count:,} words cannot be drawn: from 1 to 5,000 can")
    if cloud.seed < 0:
        raise UsageError(f"the seed {cloud.seed} cannot be: it is a whole number from 0")
    some = dict(list(weights.items())[: cloud.count])
    if not some:
        raise DataError("no word is left to be drawn")
    outline = None if cloud.mask is None else _mask(cloud.mask, cloud.size)
    size = cloud.size or USUAL
    width, height = size if outline is None else outline.shape[::-1]
    _check_size(width, height)
    font = find_font({c for word in some for c in word}, cloud.font)
    ground = cloud.ground or "white"
    rgb(ground)
    made = _library(some, cloud, outline, (width, height), font, ground)
    words = tuple(one[0][0] for one in made.layout_)
    if not words:
        raise DataError(
            f"there is no room for a single word in {width} x {height} pixels: give a larger --size, or another mask"
        )
    data = _svg(made, font) if form == "svg" else _file(made, form, bool(cloud.ground))
    return Drawn(data, words, font)


def _library(
    weights: Mapping[str, float],
    cloud: Cloud,
    outline: Array | None,
    size: tuple[int, int],
    font: Path,
    ground: str,
) -> Any:
    """Return the library's cloud with all words placed."""
    from wordcloud import WordCloud

    if cloud.colours_from is not None:
        picture = np.asarray(_picture(cloud.colours_from).resize(size), np.uint8)
        paint = of_picture(picture, ground, None if outline is None else outline == 0)
    else:
        paint = paint_of(cloud.colours, ground)
    made = WordCloud(
        font_path=str(font),
        width=size[0],
        height=size[1],
        margin=MARGIN,
        mask=outline,
        max_words=cloud.count,
        mode="RGB" if cloud.ground else "RGBA",
        background_color=cloud.ground or None,
        color_func=paint,
        random_state=cloud.seed,
    )
    try:
        return made.generate_from_frequencies(dict(weights))
    except ValueError:  # so the library says that not even the first word has room
        raise DataError(
            f"there is no room for a single word in {size[0]} x {size[1]} pixels: give a larger --size, or another mask"
        ) from None


def _svg(made: Any, font: Path) -> bytes:
    """Return an SVG with the letters that it needs of its font, so that it looks the same on a machine without it."""
    from PIL import ImageFont

    said: str = made.to_svg()
    family, style = ImageFont.truetype(str(font), 12).getname()
    letters = base64.b64encode(letters_of(font, "".join(one[0][0] for one in made.layout_))).decode()
    weight = "bold" if "bold" in (style or "").lower() else "normal"
    face = (
        f"<style>@font-face{{font-family:{family!r};font-weight:{weight};font-style:normal;"
        f'src:url("data:application/font-woff;charset=utf-8;base64,{letters}")format("woff");}}</style>'
    )
    head, end, body = said.partition(">")
    return f"{head}{end}{face}{body}".encode()


def _file(made: Any, form: str, opaque: bool) -> bytes:
    """Return a picture's bytes."""
    out = io.BytesIO()
    if form in ("jpg", "jpeg"):
        if not opaque:
            raise UsageError("a JPEG has no transparent ground: name the cloud .png or .webp")
        made.to_image().save(out, "JPEG", quality=92)
    else:
        made.to_image().save(out, "PNG" if form == "png" else "WEBP")
    return out.getvalue()


def _check_size(width: int, height: int) -> None:
    least, most = SIDES
    if not (least <= width <= most and least <= height <= most):
        raise UsageError(f"the size {width}x{height} cannot be: a side has {least} to {most:,} pixels")


def _picture(path: str) -> Any:
    """Return a picture, on white where it is transparent; DataError where it cannot be read."""
    from PIL import Image

    from hornbook.columns.image.files.open import open_picture

    picture = open_picture(path).convert("RGBA")
    white = Image.new("RGBA", picture.size, "white")
    return Image.alpha_composite(white, picture).convert("RGB")


def _mask(path: str, size: tuple[int, int] | None) -> Array:
    """Return where no word may stand as 255, else 0, ``uint8`` of shape (height, width)."""
    from PIL import Image

    picture = _picture(path)
    longest = max(size) if size else min(max(picture.size), 1600)
    scale = longest / max(picture.size)
    wanted = tuple(max(1, round(side * scale)) for side in picture.size)
    small = picture.resize(wanted, Image.Resampling.BICUBIC if scale > 1 else Image.Resampling.BOX)
    white = (np.asarray(small) >= WHITE).all(axis=2)
    if not white.any():
        raise DataError(
            f"the mask {shown(Path(path))} has no white: words stand where it is not white, so it has no shape; make "
            "the ground of the shape white"
        )
    inside = int((~white).sum())
    if inside < LEAST_INSIDE:
        raise DataError(
            f"the mask {shown(Path(path))} is white but for {number_of(inside, 'dot')}: words stand where it is not "
            "white; make the shape black"
        )
    return np.where(white, 255, 0).astype(np.uint8)
