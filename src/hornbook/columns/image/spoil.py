"""Spoiling pictures: what a net that restores them learns from, and is judged on.

Every random number is a function of (seed, epoch, row), so that a row is spoiled the same way in whatever batch and
after whatever interruption. It is numpy and Pillow alone, for a recognizer is judged where there is no torch.
"""

from __future__ import annotations

import io
from typing import Protocol

import numpy as np

from hornbook.columns.summary import Array
from hornbook.common.hashing import GOLDEN, mixed_int

__all__ = ["Spoils", "spoiled"]

WORST_JPEG = 95
"""Quality that `jpeg = 1` takes off the best one, 95: 0.8 is down to 19."""

MOST_LINES, MOST_BLOTS = 4, 5

BLOT = 0.12
"""Largest radius of a blot, as a share of the shorter side."""


class Spoils(Protocol):
    """How pictures are spoiled, each from not at all up to so much."""

    @property
    def noise(self) -> float:
        """Standard deviation of what is added to each value, of 1."""

    @property
    def blots(self) -> float:
        """Chance of blots."""

    @property
    def lines(self) -> float:
        """Chance of lines across."""

    @property
    def blur(self) -> float:
        """Standard deviation of a Gaussian, in pixels."""

    @property
    def jpeg(self) -> float:
        """Share of the quality of a JPEG that is lost."""


def spoiled(pictures: Array, how: Spoils, seed: int, epoch: int, rows: Array) -> Array:
    """Return spoiled pictures, ``uint8`` of shape (rows, H, W, C); those given are left as they are.

    Blurred first, then lines and blots of any grey over it, then noise, and at last stored as a JPEG.

    Parameters
    ----------
    rows
        The number of each picture.
    """
    key = mixed_int(mixed_int(seed + GOLDEN) ^ mixed_int(epoch + 2 * GOLDEN))
    out = np.empty_like(pictures)
    for i, row in enumerate(rows.tolist()):
        draw = np.random.Generator(np.random.Philox(key=[key, row & 0xFFFFFFFFFFFFFFFF]))
        out[i] = _one(pictures[i], how, draw)
    return out


def _one(pixels: Array, how: Spoils, draw: np.random.Generator) -> Array:
    strength = draw.random(5)  # all are drawn, so that one option does not change what another does
    noise = draw.standard_normal(pixels.shape, np.float32) if how.noise else None
    if how.blur:
        pixels = _blurred(pixels, how.blur * float(strength[0]))
    lines, blots = bool(strength[1] < how.lines), bool(strength[2] < how.blots)
    if lines or blots:
        pixels = _painted(pixels, lines, blots, draw)
    if noise is not None:
        noise *= np.float32(255 * how.noise * strength[3])
        noise += pixels
        pixels = np.clip(np.rint(noise, out=noise), 0, 255, out=noise).astype(np.uint8)
    if how.jpeg:
        pixels = _stored(pixels, round(95 - WORST_JPEG * how.jpeg * float(strength[4])))
    return pixels


def _blurred(pixels: Array, sigma: float) -> Array:
    from PIL import ImageFilter

    from hornbook.columns.image.answers import picture_of

    return _array(picture_of(pixels).filter(ImageFilter.GaussianBlur(sigma)), pixels)


def _stored(pixels: Array, quality: int) -> Array:
    from PIL import Image

    from hornbook.columns.image.answers import picture_of

    memory = io.BytesIO()
    picture_of(pixels).save(memory, "JPEG", quality=max(1, quality))
    with Image.open(memory) as stored:
        return _array(stored, pixels)


def _painted(pixels: Array, lines: bool, blots: bool, draw: np.random.Generator) -> Array:
    """Return a picture with lines across it and blots on it."""
    from PIL import ImageDraw

    from hornbook.columns.image.answers import picture_of

    picture = picture_of(pixels).copy()
    height, width, channels = pixels.shape
    pen = ImageDraw.Draw(picture)

    def colour() -> int | tuple[int, ...]:
        found = [int(draw.integers(0, 256)) for _ in range(channels)]
        return found[0] if channels == 1 else tuple(found)

    for _ in range(int(draw.integers(1, MOST_LINES + 1)) if lines else 0):
        ends = (draw.random(4) * (width, height, width, height)).tolist()
        pen.line(ends, colour(), width=max(1, round(min(height, width) / 28 * draw.uniform(0.6, 1.8))))
    for _ in range(int(draw.integers(1, MOST_BLOTS + 1)) if blots else 0):
        x, y = draw.random() * width, draw.random() * height
        r, s = (0.5 + draw.random(2) * BLOT * min(height, width)).tolist()
        pen.ellipse([x - r, y - s, x + r, y + s], colour())
    return _array(picture, pixels)


def _array(picture: object, like: Array) -> Array:
    return np.asarray(picture, np.uint8).reshape(like.shape)
