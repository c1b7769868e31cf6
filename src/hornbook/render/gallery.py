"""A person's picture beside what the network was given: so that one sees why it answers as it does."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from hornbook.columns.base import Array
from hornbook.columns.image.open import MAX_PIXELS, open_picture

SIDE = 280
"""Pixels that either may be high or wide: ten for each of a digit's 28."""

MARGIN, TEXT = 12, 16


def beside(value: Any, encoded: Array, said: str, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """Return the picture, what was made of it, and the answer below, as one picture in colour.

    Parameters
    ----------
    value
        What `hornbook.columns.ImageColumn` encodes: a path, bytes, a picture, an array.
    encoded
        What it became, ``uint8`` of shape ``(height, width, channels)``.
    said
        The answer.
    max_pixels
        Of the picture; one of more is refused.
    """
    picture = open_picture(value, max_pixels=max_pixels, at_least=2 * SIDE).convert("RGB")
    picture.thumbnail((SIDE, SIDE))
    given = Image.fromarray(np.ascontiguousarray(np.broadcast_to(encoded, (*encoded.shape[:2], 3))))
    scale = SIDE / max(given.size)
    # Whole pixels are seen as squares; what is larger than the room for it is made smaller as pictures are.
    how = Image.Resampling.NEAREST if scale >= 1 else Image.Resampling.BOX
    given = given.resize((max(1, round(given.width * scale)), max(1, round(given.height * scale))), how)
    height = max(picture.height, given.height)
    page = Image.new("RGB", (picture.width + given.width + 3 * MARGIN, height + TEXT + 3 * MARGIN), "white")
    page.paste(picture, (MARGIN, MARGIN + (height - picture.height) // 2))
    page.paste(given, (2 * MARGIN + picture.width, MARGIN + (height - given.height) // 2))
    # The font that Pillow brings has Latin letters alone.
    text = said.encode("latin-1", "backslashreplace").decode("latin-1")
    drawing = ImageDraw.Draw(page)
    drawing.text((MARGIN, height + 2 * MARGIN), text, fill="black", font=ImageFont.load_default(TEXT))
    return page
