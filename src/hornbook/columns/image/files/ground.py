"""What is transparent gets a ground that the drawing can be seen on."""

from __future__ import annotations

import numpy as np
from PIL import Image

LIGHT, DARK = 191.5, 63.5
"""Strokes lighter than the one are laid on black, and pages darker than the other have black behind their holes.

All others have white: stickers of middle grey would else be on white or on black by a shade more or less.
"""


def on_ground(picture: Image.Image) -> Image.Image:
    """Return a picture without transparency, on white or black.

    White is behind all but light strokes. Where more than half of the picture is covered, the cover is taken for paper,
    and its holes are filled with white, or with black where it is dark.
    """
    picture = picture if picture.mode == "RGBA" else picture.convert("RGBA")
    opacity = picture.getchannel("A")
    if opacity.getextrema() == (255, 255):
        return picture.convert("RGB")
    cover = np.asarray(opacity, np.float32)
    total = float(cover.sum())
    greys = np.asarray(picture.convert("RGB").convert("L"), np.float32)
    shade = float((greys * cover).sum()) / max(total, 1.0)
    is_paper = total > 0.5 * 255 * cover.size
    white = shade > DARK if is_paper else shade < LIGHT
    ground = Image.new("RGBA", picture.size, (255, 255, 255, 255) if white else (0, 0, 0, 255))
    ground.alpha_composite(picture)
    return ground.convert("RGB")
