"""Bringing a picture to a size."""

from __future__ import annotations

from typing import Any

import numpy as np

__all__ = ["fitted"]


def fitted(picture: Any, size: tuple[int, int], fit: str) -> Any:
    """Return a Pillow picture resized to ``size`` (width, height), box-filtered when it shrinks."""
    from PIL import Image

    if picture.size == size:
        return picture
    if fit == "stretch":
        return picture.resize(size, Image.Resampling.BILINEAR)
    ratios = (size[0] / picture.width, size[1] / picture.height)
    scale = min(ratios) if fit == "pad" else max(ratios)
    if fit == "crop":  # first, for a strip of a pixel's height would be enlarged to gigabytes
        wide, high = size[0] / scale, size[1] / scale
        left, top = (picture.width - wide) / 2, (picture.height - high) / 2
        right, bottom = min(left + wide, picture.width), min(top + high, picture.height)
        box = (max(left, 0.0), max(top, 0.0), right, bottom)
        return picture.resize(size, Image.Resampling.BILINEAR, box=box)
    inner = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
    small = picture.resize(inner, Image.Resampling.BILINEAR)
    pixels = np.asarray(small)
    edge = np.concatenate([pixels[0], pixels[-1], pixels[:, 0], pixels[:, -1]])
    colour = np.median(edge, axis=0).astype(int)
    ground = Image.new(small.mode, size, int(colour) if colour.ndim == 0 else tuple(int(v) for v in colour))
    ground.paste(small, ((size[0] - inner[0]) // 2, (size[1] - inner[1]) // 2))
    return ground
