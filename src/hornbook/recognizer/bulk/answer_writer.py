"""The table that answers are written into, beside the rows they are about."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from itertools import chain, count
from pathlib import Path
from types import TracebackType
from typing import Self

import polars as pl

from hornbook.columns.base import Column
from hornbook.common.endings import ending
from hornbook.common.files import alone, cannot_write, writing
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, UsageError, one_of
from hornbook.recognizer.bulk.cells import Cells
from hornbook.recognizer.bulk.table_files import FILES, TableFile

ANOTHER = "name another file with --out"


class AnswerWriter:
    """Writes tables with the answers beside the rows: a context, after which the file is there whole, or not at all.

    Parameters
    ----------
    path
        The file, ``.csv``, ``.tsv``, ``.jsonl`` or ``.parquet``.
    targets
        The columns that are predicted.
    tables
        The files that are read, none of which is written over.
    note
        Is told what the table has no room for.

    Raises
    ------
    UsageError
        The file is one of the tables, or its name ends in something else.
    RunError
        It cannot be written, or another process writes it.
    """

    def __init__(
        self,
        path: str | os.PathLike[str],
        targets: Mapping[str, Column],
        tables: Sequence[str],
        note: Callable[[str], None],
    ) -> None:
        self.path, self.targets, self.note = Path(path), targets, note
        self.kind = ending(self.path.name)
        if self.kind not in FILES:
            raise UsageError(
                f"--out {shown(path)}: the name must end in one of {one_of(['.' + o for o in FILES])}, or in / for a "
                "folder"
            )
        if any(_same_file(self.path, table) for table in tables):
            raise UsageError(
                f"--out {shown(path)} is a table that is to be read, and would be written over: give another name"
            )
        self.columns: list[str] | None = None
        self.first = ""
        self.left_out: set[str] = set()
        self._stack = ExitStack()
        self._file: TableFile | None = None

    def __enter__(self) -> Self:
        self._stack.enter_context(alone(self.path, do=ANOTHER))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self._file is not None:
                self._end(self._file, whole=kind is None)
        finally:
            self._stack.__exit__(*(sys.exc_info() if kind is None else (kind, error, trace)))
        if kind is KeyboardInterrupt:
            self.note(f"{shown(self.path)} was not written")

    def _end(self, file: TableFile, whole: bool) -> None:
        try:
            if whole:
                file.close()
            else:
                file.drop()
        except OSError as error:
            raise cannot_write(self.path, error, ANOTHER) from None

    @property
    def begun(self) -> bool:
        """Whether there was anything to write."""
        return self.columns is not None

    @property
    def lists(self) -> bool:
        """Whether a cell may hold a list."""
        return FILES[self.kind].lists

    def write(
        self,
        table: pl.DataFrame,
        cells: Mapping[str, Cells],
        origin: str,
        remarks: Sequence[str | None] = (),
    ) -> None:
        """Write some rows with their answers beside them; the last column has ``remarks``, if any.

        Raises
        ------
        DataError
            The block has other columns than the one before, and the file is one table.
        """
        table = table if self.lists else self._alike(table, origin)
        taken = table.columns
        for target, column in self.targets.items():
            table = table.with_columns(_named(target, column, cells[target], table.columns))
        if remarks:
            names = chain(["remarks"], (f"remarks_{i}" for i in count(2)))
            name = next(n for n in names if n not in table.columns)
            table = table.with_columns(pl.Series(name, remarks, pl.String))
        try:
            if self._file is None:
                opened = self._stack.enter_context(writing(self.path, do=ANOTHER))
                self._file = FILES[self.kind](opened)
            self._file.write(table)
        except OSError as error:
            raise cannot_write(self.path, error, ANOTHER) from None
        self.columns = self.columns or taken

    def _alike(self, table: pl.DataFrame, origin: str) -> pl.DataFrame:
        """Return a table with the columns of the first one, in their order; what a cell cannot hold is left out."""
        nested = [c.name for c in table if c.dtype.is_nested()]
        table = table.drop(nested) if nested else table
        if self.columns is None:
            self.first = origin
            return table
        lacking = [name for name in self.columns if name not in table.columns]
        more = [name for name in table.columns if name not in self.columns]
        if origin == self.first:  # the lines of another part of a JSON-lines file have other keys
            if fresh := [
                name for name in more if name not in self.left_out and table[name].null_count() < table.height
            ]:
                self.note(
                    f"{shown(origin)}: {one_of(fresh)} is not among the keys it began with, and is left out"
                )
            self.left_out.update(nested, more)
            return table.with_columns(pl.lit(None).alias(name) for name in lacking).select(self.columns)
        if lacking or more:
            said = f"lacks {one_of(lacking)}" if lacking else f"also has {one_of(more)}"
            raise DataError(
                f"{shown(origin)} {said}, other than the rows before, and --out writes one table: "
                "predict it by itself, give --out a name that ends in .jsonl, or a folder (out/)"
            )
        return table.select(self.columns)


def _same_file(path: Path, other: str) -> bool:
    try:
        return path.samefile(other)
    except (OSError, ValueError):  # one of them is not there
        return False


def _named(target: str, column: Column, cells: Cells, taken: Sequence[str]) -> list[pl.Series]:
    """Return the columns of one target's answers by their names, the same for every block."""
    ends = column.stands_beside()
    names = chain((target, f"predicted_{target}"), (f"predicted_{target}_{i}" for i in count(2)))
    name = next(n for n in names if not {n, *(f"{n}_{end}" for end in ends)} & set(taken))
    return [cells[""].alias(name), *(cells[end].alias(f"{name}_{end}") for end in ends)]
