"""The frames of a film as examples: a picture for each, with its number and its time."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import polars as pl
from PIL import Image

from hornbook.common.safe_names import shown
from hornbook.errors import DataError
from hornbook.examples.cache import file_key
from hornbook.examples.examples import Examples
from hornbook.examples.stores import Store
from hornbook.sources.film.open import open_film

__all__ = ["Frames", "read_film"]

MOST = 1_000_000


class Frames(Store):
    """The frames of one film, by their numbers."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def load(self, name: str) -> Image.Image:
        """Return a frame."""
        with open_film(self.path) as film:
            frame = film.at(int(name))
        if frame is None:
            raise DataError(f"{shown(self.path)}: frame {name} cannot be read, as the film is damaged there")
        return Image.fromarray(frame)

    def fingerprint(self, names: Collection[str]) -> str:
        """Return what changes with the file."""
        return file_key(self.path)


def read_film(path: Path) -> Examples:
    """Return a row for each frame: ``image``, ``frame``, counted from 0, and ``seconds``.

    Raises
    ------
    DataError
        It is no film, or not one frame of it can be read.
    """
    with open_film(path) as film:
        count = sum(1 for _ in film.frames()) if not film.count else min(film.count, MOST)
        rate = film.rate
    if not count:
        raise DataError(f"{shown(path)} has not one frame that can be read: copy or download it again")
    numbers = pl.int_range(count, eager=True)
    table = pl.DataFrame(
        {"image": numbers.cast(pl.String), "frame": numbers, "seconds": (numbers / rate).round(3)}
    )
    return Examples(table, {"image": Frames(path)}, shown(path))
