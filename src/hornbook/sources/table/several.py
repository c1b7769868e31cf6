"""Several tables that are one: ``poems/tang.*.json`` stands for the rows of all files that match."""

from __future__ import annotations

import glob
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import polars as pl

from hornbook.columns.category.column import natural_order
from hornbook.common.plaintext import first_line
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, UsageError
from hornbook.examples.examples import Examples
from hornbook.examples.stores import Problem
from hornbook.sources.folder.listing import is_junk

__all__ = ["is_several", "read_several"]


def is_several(path: Path) -> bool:
    """Return whether a name stands for several files: it has a ``*`` or the like, and no file is called so."""
    try:
        return glob.has_magic(path.name) and not path.exists()
    except (OSError, ValueError):
        return False


def read_several(path: Path, read: Callable[[Path], Examples]) -> Examples:
    """Return the rows of all tables that match, in the order of their names; ``read`` reads one.

    Raises
    ------
    DataError
        No file matches, one cannot be read, or a column holds numbers in one and texts in another.
    UsageError
        A file is no table.
    """
    files = [p for p in path.parent.glob(path.name) if p.is_file()] if path.parent.is_dir() else []
    if not path.name.startswith("."):  # what systems put beside files is not asked for
        files = [p for p in files if not is_junk(p.name)]
    if not files:
        raise DataError(f"{shown(path)}: no file matches this; check the name")
    parts = [read(file) for file in sorted(files, key=lambda file: natural_order(file.name))]
    if any(part.stores for part in parts):
        raise UsageError(f"{shown(path)}: several files at once are for tables; name a folder instead")
    _check_alike(parts, path)
    try:
        table = pl.concat([part.table for part in parts], how="diagonal_relaxed")
    except pl.exceptions.PolarsError as error:
        raise DataError(
            f"{shown(path)}: the files have columns of the same name with other values ({first_line(error)}); "
            "make them the same"
        ) from None
    problems = [Problem(f"{part.origin} {p.name}", p.message) for part in parts for p in part.problems]
    notes = dict.fromkeys(note for part in parts for note in part.notes)
    numbers = {name: form for part in reversed(parts) for name, form in part.written.numbers.items()}
    written = replace(parts[0].written, numbers=numbers)
    return Examples(table, origin=shown(path), problems=tuple(problems), notes=tuple(notes), written=written)


def _check_alike(parts: Sequence[Examples], path: Path) -> None:
    """Raise DataError where a column holds numbers in one table and texts in another."""
    first: dict[str, Examples] = {}
    for part in parts:
        for cells in part.table:
            if cells.null_count() == len(cells):
                continue
            before = first.setdefault(cells.name, part)
            if before.table[cells.name].dtype.is_numeric() != cells.dtype.is_numeric():
                raise DataError(
                    f"{shown(path)}: the column {shown(cells.name)!r} holds numbers in one of {before.origin} and "
                    f"{part.origin}, and none in the other; make them the same"
                )
