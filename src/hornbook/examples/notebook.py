"""The first rows of examples, with pictures and the spectrograms of sounds as thumbnails, for a notebook."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

import polars as pl

from hornbook.columns.kinds import column_types
from hornbook.common.blocks import Block, Cell, Picture, Span, Table, Text
from hornbook.common.endings import is_sound
from hornbook.common.plaintext import number_of, shorten
from hornbook.common.safe_names import shown
from hornbook.errors import DataError

FIRST = 8
"""Rows that a notebook shows."""


def blocks(
    origin: str,
    cells: pl.DataFrame,
    splits: Mapping[str, int],
    media: Collection[str],
    value: Callable[[str, int], Any],
    problems: Sequence[object],
) -> list[Block]:
    """Return the first rows of a table of examples.

    Parameters
    ----------
    splits
        How many rows each split has; empty where the table has none.
    media
        The columns whose cells are names of pictures or sounds; ``value`` returns what is in one, by column and row.
    """
    counts = ", ".join(f"{split} {n:,}" for split, n in splits.items() if n)
    said = f": {number_of(len(cells), 'example')}" + (f" ({counts})" if counts else "")
    rows: list[list[Cell]] = []
    for row in range(min(FIRST, len(cells))):
        line: list[Cell] = [f"{row:,}"]
        for name in cells.columns:
            cell = cells[name][row]
            if name in media:
                line.append(_thumbnail(shown(cell), name, partial(value, name, row)))
            else:
                line.append("" if cell is None else shorten(str(cell), 60))
        rows.append(line)
    out: list[Block] = [
        Text((Span(origin or "examples"), said)),
        Table("the first examples", ["", *cells.columns], rows),
    ]
    if len(cells) > len(rows):
        out.append(Text(f"and {len(cells) - len(rows):,} more", "small"))
    if problems:
        out.append(Text(f"{number_of(len(problems), 'problem')}, the first: {problems[0]}", "small"))
    return out


def _thumbnail(name: str, column: str, load: Callable[[], Any]) -> Cell:
    """Return a picture, or the spectrogram of a sound, and its name; why, where it cannot be read."""
    kind = column_types()["audio" if column == "audio" or is_sound(name) else "image"]
    try:
        pixels = kind.thumbnail(load(), name)
    except DataError as error:
        return Span(str(error), "faint")
    return (Picture(0, name, pixels, side=max(pixels.shape[:2])), Span(f" {shorten(name, 30)}", "faint"))
