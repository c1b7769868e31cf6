"""A source from outside: a table whose pictures are drawn when they are asked for."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl
from PIL import Image, ImageDraw

from hornbook.examples import Examples
from hornbook.examples.stores import Store


class Drawings(Store):
    """Pictures that are drawn when they are asked for: a disk whose radius is in the name."""

    def load(self, name: str) -> Image.Image:
        """Return the picture."""
        picture = Image.new("L", (16, 16))
        radius = float(name)
        ImageDraw.Draw(picture).ellipse([8 - radius, 8 - radius, 8 + radius, 8 + radius], fill=255)
        return picture

    def fingerprint(self, names: Collection[str]) -> str:
        """Return the version of the drawings."""
        return "drawings 1"


def read_drawings(count: int) -> Examples:
    """Return disks of so many sizes, each with what it is called."""
    sizes = [2 + 5 * i / count for i in range(count)]
    table = pl.DataFrame(
        {"image": [f"{s:.3f}" for s in sizes], "size": ["large" if s > 4.5 else "small" for s in sizes]}
    )
    return Examples(table, {"image": Drawings()}, "drawings")
