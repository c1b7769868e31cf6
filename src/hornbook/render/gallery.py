"""Pictures side by side with a line of text below, as one picture: drawn by Pillow, in any writing."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

Pixels = npt.NDArray[np.uint8]

SIDE = 280
"""Pixels that a picture may be high or wide: ten for each of a digit's 28."""

MARGIN, TEXT = 12, 16

FONTS = (
    "DejaVuSans.ttf",
    "NotoSansCJK-Regular.ttc",
    "SourceHanSansSC-Regular.otf",
    "PingFang.ttc",
    "Hiragino Sans GB.ttc",
    "msyh.ttc",
    "YuGothR.ttc",
    "malgun.ttf",
    "wqy-microhei.ttc",
    "wqy-zenhei.ttc",
    "DroidSansFallbackFull.ttf",
    "simhei.ttf",
    "Arial Unicode.ttf",
)
"""Files of fonts with more than Latin letters, of the systems that bring them."""


def beside(picture: Pixels, given: Pixels, said: str, *others: Pixels) -> Image.Image:
    """Return a person's picture, what the network was given of it, and the answer below, as one in colour.

    Parameters
    ----------
    picture, given
        ``uint8`` of shape ``(height, width, channels)``; the second is enlarged to whole pixels.
    said
        The answer.
    others
        Of the size of ``given``, to stand beside it.
    """
    left = _coloured(picture)
    left.thumbnail((SIDE, SIDE))
    shown = [left, *map(_enlarged, (given, *others))]
    height = max(one.height for one in shown)
    wide = sum(one.width + MARGIN for one in shown) + MARGIN
    page = Image.new("RGB", (wide, height + TEXT + 3 * MARGIN), "white")
    at = MARGIN
    for one in shown:
        page.paste(one, (at, MARGIN + (height - one.height) // 2))
        at += one.width + MARGIN
    font, text = written(said)
    ImageDraw.Draw(page).text((MARGIN, height + 2 * MARGIN), text, fill="black", font=font)
    return page


def _enlarged(given: Pixels) -> Image.Image:
    """Return what a network was given as large as there is room for."""
    shown = _coloured(given)
    scale = SIDE / max(shown.size)
    # Whole pixels are seen as squares; what is larger than the room for it is made smaller as pictures are.
    how = Image.Resampling.NEAREST if scale >= 1 else Image.Resampling.BOX
    return shown.resize((max(1, round(shown.width * scale)), max(1, round(shown.height * scale))), how)


def written(text: str, size: int = TEXT) -> tuple[ImageFont.FreeTypeFont | ImageFont.ImageFont, str]:
    """Return a font of a size and a text that it can write: with escapes where no installed font has all characters."""
    # The font that Pillow brings has Latin letters alone.
    latin = text.encode("latin-1", "backslashreplace").decode("latin-1")
    for name in () if latin == text else FONTS:
        font = _installed(name, size)
        if font is not None and _has(font, text):
            return font, text
    return _latin(size), latin


@functools.cache
def _installed(name: str, size: int) -> ImageFont.FreeTypeFont | None:
    try:
        return ImageFont.truetype(Path(name), size)
    except OSError:
        return None


@functools.cache
def _latin(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _has(font: ImageFont.FreeTypeFont, text: str) -> bool:
    """Return whether a font has every character of a text: what it lacks it draws as an empty box."""
    missing = bytes(font.getmask("\U000fffff"))
    return all(c.isspace() or bytes(font.getmask(c)) != missing for c in text)


def _coloured(pixels: Pixels) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3))))
