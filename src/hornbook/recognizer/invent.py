"""Pictures that nobody made: drawn from codes at random, or on the way from one picture to another."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.image.column import ImageColumn
from hornbook.errors import UsageError
from hornbook.recognizer.codes import codes_of, numbers_of
from hornbook.recognizer.graph import Graph
from hornbook.recognizer.parts import Decoder

__all__ = ["between", "drawn", "sheet"]

MOST = 100_000

GAP = 2
"""Pixels between the pictures of a sheet."""


def drawn(reader: Graph, count: int, seed: int = 0) -> list[Any]:
    """Return so many Pillow pictures from codes that are drawn from the normal distribution.

    Raises
    ------
    UsageError
        The recognizer's codes are not kept near that distribution: its target has no ``beta``.
    """
    if not 1 <= count <= MOST:
        raise UsageError(f"count is {count}, and it may be from 1 to {MOST:,}")
    decoder = Decoder(reader)
    column = ImageColumn.among(reader.targets).get(decoder.target)
    if column is None or not column.beta:
        raise UsageError(
            f"{reader.path} draws no pictures at random, for its codes lie anywhere: train one with a beta, as the "
            "recipe vae has it, or go from one picture to another with --between"
        )
    codes = np.random.default_rng(seed).standard_normal((count, numbers_of(reader)), np.float32)
    return [p.value for p in decoder.decode(codes)]


def between(reader: Graph, first: Any, last: Any, steps: int = 8) -> list[Any]:
    """Return so many Pillow pictures on the straight line from the code of one picture to that of another.

    Raises
    ------
    DataError
        A picture cannot be read.
    UsageError
        There are fewer than two steps, or the recognizer does not make pictures of codes.
    """
    if not 2 <= steps <= MOST:
        raise UsageError(f"steps is {steps}, and it may be from 2 to {MOST:,}: both ends are among them")
    decoder = Decoder(reader)
    start, end = codes_of(reader, [first, last])
    way: Array = np.linspace(0, 1, steps, dtype=np.float32)[:, None]
    return [p.value for p in decoder.decode((1 - way) * start + way * end)]


def sheet(pictures: Sequence[Any], across: int = 0) -> Any:
    """Return one Pillow picture with all of them side by side, ``across`` in a row; 0 makes it about square."""
    from PIL import Image

    wide, high = pictures[0].size
    across = across or math.ceil(math.sqrt(len(pictures) * high / wide))
    down = math.ceil(len(pictures) / across)
    size = (across * (wide + GAP) - GAP, down * (high + GAP) - GAP)
    out = Image.new("RGB", size, "white")
    for i, picture in enumerate(pictures):
        out.paste(picture, (i % across * (wide + GAP), i // across * (high + GAP)))
    return out
