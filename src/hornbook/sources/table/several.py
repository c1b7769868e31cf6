"""Several tables that are one: ``poems/tang.*.json`` stands for the rows of all files that match."""

from __future__ import annotations

import glob
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path

import polars as pl

from hornbook.columns.category.column import natural_order
from hornbook.columns.number.written.parse import PLAIN, NumberForm
from hornbook.common.plaintext import first_line
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, UsageError
from hornbook.examples.examples import Examples
from hornbook.examples.stores import Note, Problem
from hornbook.sources.folder.listing import is_junk

__all__ = ["is_several", "read_alike", "read_several"]

Forms = Mapping[str, NumberForm]
"""How the numbers of columns are written, by the columns' names."""


def is_several(path: Path) -> bool:
    """Return whether a name stands for several files: it has a ``*`` or the like, and no file is called so."""
    try:
        return glob.has_magic(path.name) and not path.exists()
    except (OSError, ValueError):
        return False


def read_alike(read: Callable[[Forms], Examples], known: Forms) -> Examples:
    """Return a table whose columns are read as those of another one, where they leave open how they are written.

    ``read`` reads it, and is told of such columns how their numbers are written.
    """
    found = read({})
    mine = {name: known[name] for name in _doubts(found) & known.keys()}
    return read(mine) if mine else found


def _doubts(examples: Examples) -> set[str]:
    """Return the columns that leave open how their numbers are written."""
    return {note.column for note in examples.notes if isinstance(note, Note) and note.doubt}


def _sure(parts: Sequence[Examples]) -> Forms:
    """Return how the numbers of columns are written, as far as one of the tables leaves no doubt."""
    sure: dict[str, NumberForm] = {}
    for part in parts:
        for name, form in part.written.numbers.items():
            if name not in _doubts(part) and (form != PLAIN or part.table[name].dtype.is_float()):
                sure.setdefault(name, form)
    return sure


def read_several(path: Path, read: Callable[[Path, Forms], Examples]) -> Examples:
    """Return the rows of all tables that match, in the order of their names; ``read`` reads one, see `read_alike`.

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
    files.sort(key=lambda file: natural_order(file.name))
    parts = [read(file, {}) for file in files]
    if any(map(_doubts, parts)):
        known = _sure(parts) or parts[0].written.numbers
        parts = [read_alike(partial(read, file), known) for file in files]
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
