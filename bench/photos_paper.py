"""What `bench.photos` makes its pictures of: strokes, paper, light and a camera. Colours are blue, green and red."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from hornbook.columns.base import Array

Page = NDArray[Any]  # float32 (height, width, 3)
Random = np.random.Generator
Colour = tuple[int, int, int]

BLUE: Colour = (140, 60, 30)
BLACK: Colour = (35, 35, 35)
PENCIL: Colour = (120, 120, 120)


def stroke(digit: Array, side: int, width: float = 0.0) -> Page:
    """A digit of 28 x 28 drawn ``side`` pixels high, 0 to 1.

    Its strokes are wider by ``width`` pixels of 28 to each side; drawn along their middle lines, and ``-width`` wide,
    where that is negative.
    """
    sharp = cv2.resize(digit, (side, side), interpolation=cv2.INTER_CUBIC).astype(np.float32) / 255
    big: Page = cv2.GaussianBlur(sharp, (0, 0), side / 56)
    if not width:
        return np.clip((big - 0.45) * 8 + 0.5, 0, 1)
    solid = np.asarray(big > 0.45, np.uint8)
    if width < 0:
        solid = thinned(solid)
    radius = (width if width > 0 else (-width - 0.4) / 2) * side / 28
    return np.asarray(
        np.clip(radius - cv2.distanceTransform(1 - solid, cv2.DIST_L2, 5) + 0.5, 0, 1), np.float32
    )


def thinned(mask: Array) -> Array:
    """The middle lines of strokes (Zhang and Suen 1984, A fast parallel algorithm for thinning digital patterns)."""
    small = cv2.resize(mask.astype(np.float32), (112, 112), interpolation=cv2.INTER_AREA)
    x = np.pad(np.asarray(cv2.GaussianBlur(small, (0, 0), 2) > 0.5, np.int8), 1)
    changed = True
    while changed:
        changed = False
        for corner in (0, 2):
            moves = ((1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1))
            near = [np.roll(x, by, (0, 1)) for by in moves]
            count = np.sum(near, axis=0)
            steps = np.sum([(near[i] == 0) & (near[(i + 1) % 8] == 1) for i in range(8)], axis=0)
            goes = (x == 1) & (count >= 2) & (count <= 6) & (steps == 1)
            goes &= near[0] * near[2] * near[4 + corner] == 0
            goes &= near[2 - corner] * near[4] * near[6] == 0
            changed |= bool(goes.any())
            x[goes] = 0
    lines = cv2.resize(x[1:-1, 1:-1].astype(np.float32), mask.shape[::-1], interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.GaussianBlur(lines, (0, 0), len(mask) / 112) > 0.22, np.uint8)


def paper(height: int, width: int, rng: Random, colour: Colour) -> Page:
    """Paper with a grain, and not quite of one colour."""
    grain = cv2.GaussianBlur(rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 1.2)
    waves = cv2.resize(
        rng.normal(0, 1, (6, 6)).astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC
    )
    shades = 2.5 * grain / max(float(grain.std()), 1e-6) + 2 * waves
    return np.asarray(np.array(colour, np.float32) + shades[..., None], np.float32)


def put(
    page: Page, mask: Page, rng: Random, ink: Colour, at: tuple[int, int] | None = None, opacity: float = 1.0
) -> Page:
    """Write strokes on a page, at a place or anywhere."""
    side = len(mask)
    y, x = at or (int(rng.uniform(0.1, 0.9) * (length - side)) for length in page.shape[:2])
    cover = (mask * opacity)[..., None]
    page[y : y + side, x : x + side] *= 1 - cover
    page[y : y + side, x : x + side] += cover * np.array(ink, np.float32)
    return page


def rule(page: Page, step: int, colour: Colour, rng: Random, both: bool) -> Page:
    """Rule level lines, and upright ones."""
    wide, first = max(1, step // 25), int(rng.integers(0, step))
    for side in (page, page.transpose(1, 0, 2))[: 1 + both]:
        for y in range(first, len(side), step):
            side[y : y + wide] = 0.3 * side[y : y + wide] + 0.7 * np.array(colour, np.float32)
    return page


def _along(page: Page, rng: Random) -> Page:
    """How far each pixel lies along a direction, -0.7 to 0.7."""
    height, width = page.shape[:2]
    angle = rng.uniform(0, 2 * np.pi)
    down, across = np.mgrid[0:height, 0:width]
    return np.asarray(
        (across / width - 0.5) * np.cos(angle) + (down / height - 0.5) * np.sin(angle), np.float32
    )


def light(page: Page, rng: Random, strength: float) -> Page:
    """Light from one side."""
    return page * (1 + strength * _along(page, rng))[..., None]


def half_shadow(page: Page, rng: Random, dark: float, soft: float) -> Page:
    """A shadow over about a half, whose edge is as wide as four times ``soft``."""
    along = _along(page, rng) - rng.uniform(-0.25, 0.25)
    return np.asarray(
        page * (1 - dark / (1 + np.exp(-np.clip(along / soft, -50, 50))))[..., None], np.float32
    )


def lamp(page: Page, rng: Random) -> Page:
    """A round spot of light."""
    height, width = page.shape[:2]
    down, across = np.mgrid[0:height, 0:width]
    y, x = (down / height - rng.uniform(0.3, 0.7)) / 0.3, (across / width - rng.uniform(0.3, 0.7)) / 0.3
    return np.asarray(page * (0.55 + 0.7 * np.exp(-(y**2) - x**2))[..., None], np.float32)


def camera(
    page: Page, rng: Random, blur: float = 0.8, noise: float = 4, quality: float = 80, longest: float = 0
) -> bytes:
    """A JPEG file of a page, taken with some blur and noise."""
    if longest:
        scale = longest / max(page.shape[:2])
        page = cv2.resize(page, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    seen = cv2.GaussianBlur(page, (0, 0), blur) + rng.normal(0, noise, page.shape)
    options = [cv2.IMWRITE_JPEG_QUALITY, int(quality)]
    return bytes(cv2.imencode(".jpg", np.clip(seen, 0, 255).astype(np.uint8), options)[1])


def png(page: Page) -> bytes:
    """A PNG file of a page."""
    return bytes(cv2.imencode(".png", np.clip(page, 0, 255).astype(np.uint8))[1])


def on_ground(colour: Colour, size: tuple[float, float]) -> Callable[[Array, Random], bytes]:
    """Return a kind: a card with a digit that lies, a little turned, on a ground with a grain."""

    def made(digit: Array, rng: Random) -> bytes:
        page = paper(int(rng.integers(600, 1100)), int(rng.integers(600, 1100)), rng, colour)
        page += (
            cv2.GaussianBlur(rng.normal(0, 1, (len(page), 1)).astype(np.float32), (0, 0), 5)[..., None] * 25
        )
        height, width = page.shape[:2]
        high, wide = (int(side * rng.uniform(*size)) for side in (height, width))
        card = paper(high, wide, rng, (235, 238, 240))
        side = int(0.7 * min(high, wide))
        card = put(card, stroke(digit, side, -1.6), rng, BLUE, at=((high - side) // 2, (wide - side) // 2))
        whole = np.zeros((height, width, 4), np.float32)
        y, x = (height - high) // 2, (width - wide) // 2
        whole[y : y + high, x : x + wide] = np.dstack([card, np.ones((high, wide), np.float32)])
        turn = cv2.getRotationMatrix2D((width / 2, height / 2), rng.uniform(-12, 12), 1)
        whole = np.asarray(cv2.warpAffine(whole, turn, (width, height)), np.float32)
        cover = whole[..., 3:]
        return camera(light(page * (1 - cover) + whole[..., :3] * cover, rng, 0.4), rng)

    return made
