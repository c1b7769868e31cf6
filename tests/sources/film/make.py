"""Films for the tests: a portrait that moves through the picture, and what is none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from hornbook.columns.base import Array
from hornbook.sources.film.write import FilmWriter


def frames(count: int, faces: Array | None = None, size: tuple[int, int] = (320, 180)) -> list[Array]:
    """Return frames in which a picture moves to the right, 3 pixels a frame, on a ground that changes slowly."""
    out = []
    for i in range(count):
        frame = np.full((size[1], size[0], 3), 90 + i % 20, np.uint8)
        if faces is not None:
            high, wide = faces.shape[:2]
            frame[10 : 10 + high, 10 + 3 * i : 10 + 3 * i + wide] = faces
        out.append(frame)
    return out


def portrait(path: Path, high: int = 150) -> Array:
    """Return a photo made so high."""
    with Image.open(path) as picture:
        small = picture.convert("RGB").resize((round(picture.width * high / picture.height), high))
        return np.asarray(small)


def film(path: Path, shown: list[Array] | None = None, rate: float = 25.0) -> Path:
    """Write a film."""
    shown = frames(8) if shown is None else shown
    with FilmWriter(path, rate, (shown[0].shape[1], shown[0].shape[0])) as writer:
        for frame in shown:
            writer.add(frame)
    return path
