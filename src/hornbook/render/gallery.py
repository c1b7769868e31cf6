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


def beside(picture: Pixels, given: Pixels, said: str) -> Image.Image:
    """Return a person's picture, what the network was given of it, and the answer below, as one in colour.

    Parameters
    ----------
    picture, given
        ``uint8`` of shape ``(height, width, channels)``; the second is enlarged to whole pixels.
    said
        The answer.
    """
    left, right = _coloured(picture), _coloured(given)
    left.thumbnail((SIDE, SIDE))
    scale = SIDE / max(right.size)
    # Whole pixels are seen as squares; what is larger than the room for it is made smaller as pictures are.
    how = Image.Resampling.NEAREST if scale >= 1 else Image.Resampling.BOX
    right = right.resize((max(1, round(right.width * scale)), max(1, round(right.height * scale))), how)
    height = max(left.height, right.height)
    page = Image.new("RGB", (left.width + right.width + 3 * MARGIN, height + TEXT + 3 * MARGIN), "white")
    page.paste(left, (MARGIN, MARGIN + (height - left.height) // 2))
    page.paste(right, (2 * MARGIN + left.width, MARGIN + (height - right.height) // 2))
    font, text = written(said)
    ImageDraw.Draw(page).text((MARGIN, height + 2 * MARGIN), text, fill="black", font=font)
    return page


def written(text: str) -> tuple[ImageFont.FreeTypeFont | ImageFont.ImageFont, str]:
    """Return a font and a text that it can write: with escapes where no installed font has all characters."""
    # The font that Pillow brings has Latin letters alone.
    latin = text.encode("latin-1", "backslashreplace").decode("latin-1")
    for name in () if latin == text else FONTS:
        font = _installed(name)
        if font is not None and _has(font, text):
            return font, text
    return ImageFont.load_default(TEXT), latin


@functools.cache
def _installed(name: str) -> ImageFont.FreeTypeFont | None:
    try:
        return ImageFont.truetype(Path(name), TEXT)
    except OSError:
        return None


def _has(font: ImageFont.FreeTypeFont, text: str) -> bool:
    """Return whether a font has every character of a text: what it lacks it draws as an empty box."""
    missing = bytes(font.getmask("\U000fffff"))
    return all(c.isspace() or bytes(font.getmask(c)) != missing for c in text)


def _coloured(pixels: Pixels) -> Image.Image:
    return Image.fromarray(np.ascontiguousarray(np.broadcast_to(pixels, (*pixels.shape[:2], 3))))
