"""Answers to the rows of tables, a few thousand at a time, and the table that they are written into."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import chain, count
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
import polars as pl

from hornbook.columns.base import Array, Column
from hornbook.columns.missing import is_missing
from hornbook.columns.prediction import Prediction
from hornbook.common.endings import ending
from hornbook.common.files import alone, cannot_write, writing
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, UsageError, did_you_mean, one_of
from hornbook.recognizer.answer import Answer
from hornbook.recognizer.arguments import TABLES, key_of
from hornbook.recognizer.graph import Graph
from hornbook.sources.array.python import table_of
from hornbook.sources.table.blocks import ROWS, Block, blocks
from hornbook.sources.table.types import plain

OUT = ("csv", "tsv", "jsonl")

ANOTHER = "name another file with --out"

BATCH = 2048
"""Rows that the graph is given at once: they are small."""


@dataclass(frozen=True)
class TableAnswers:
    """The answers to some rows of a table that follow each other.

    Attributes
    ----------
    table
        The rows, as they were read.
    first
        The number of the first one in the table, from 1.
    answers
        The answer to each row, or why there is none.
    """

    table: pl.DataFrame
    first: int
    answers: list[Answer | DataError]


def check_table(path: str) -> None:
    """Raise DataError where what is given cannot be a table."""
    if path == "-":
        raise DataError("standard input is not read as a table: give a file whose name ends in .csv, say")
    if os.path.isdir(path):  # noqa: PTH112 (a name may be anything, also what pathlib does not take)
        raise DataError(f"{shown(path)} is a folder, and tables are wanted: name the files in it")
    if ending(path) not in TABLES and os.path.lexists(path):
        raise DataError(
            f"{shown(path)}: this recognizer takes tables, whose names end in {', '.join(sorted(TABLES))}; rename it "
            "if it is one"
        )


def predict_table(
    reader: Graph, path: str | os.PathLike[str], top: int, abstain: float, before: str = ""
) -> Iterator[TableAnswers]:
    """Yield the answers to a table's rows, see `hornbook.Recognizer.predict_table`; ``before`` their names."""
    check_table(os.fspath(path))
    # What is only handed on stays as it is: NA may be Namibia.
    options = reader.table_options(path).replace(missing_in=_used(reader.inputs))
    origin = shown(path)
    for block in blocks(Path(path), options, tuple(reader.targets)):
        answers = [
            DataError(f"{origin} row {row}: {found}")
            if isinstance(found, str)
            else Answer(f"{before}row {row}", found)
            for row, found in enumerate(answer_block(reader, block, top, abstain, origin), start=block.first)
        ]
        yield TableAnswers(block.table, block.first, answers)


def table_of_rows(rows: Any, inputs: Mapping[str, Column], words: Sequence[str]) -> pl.DataFrame:
    """Return a data frame, or a list of mappings, as a table; ``words`` stand for a missing value.

    Raises
    ------
    DataError
        A row lacks a value.
    """
    if isinstance(rows, (list, tuple)):
        return pl.DataFrame([_cells(n, _values(rows, n, c), words) for n, c in inputs.items()])
    table = table_of(rows)
    if table is None:
        used = _used(inputs)
        table = pl.DataFrame([_cells(str(n), rows[n], words) for n in rows.columns if str(n) in used])
    return table


def predict_rows(reader: Graph, table: pl.DataFrame, top: int, abstain: float) -> list[Answer]:
    """Return the answers to the rows of a table in memory.

    Raises
    ------
    DataError
        It lacks a column, or a row cannot be used.
    """
    words, used = reader.written.missing_words, _used(reader.inputs)
    answers: list[Answer] = []
    for at in range(0, table.height, ROWS):
        block = Block(plain(table[at : at + ROWS], words, used), at)
        for place, said in enumerate(answer_block(reader, block, top, abstain, "the data frame"), start=at):
            if isinstance(said, str):
                raise DataError(f"[{place}]: {said}")
            answers.append(Answer(place, said))
    return answers


def _used(inputs: Mapping[str, Column]) -> frozenset[str]:
    """Return the names that columns may have in a table."""
    return frozenset(name for n, c in inputs.items() for name in (n, *c.sources(n)))


def _values(rows: Sequence[Mapping[str, Any]], name: str, column: Column) -> Iterator[Any]:
    for place, row in enumerate(rows):
        key = key_of(name, column, row)
        if key not in row:
            raise DataError(f"[{place}]: has no {key!r}")
        yield row[key]


def _cells(name: str, values: Iterable[Any], words: Sequence[str]) -> pl.Series:
    known = [None if is_missing(value, words) else value for value in values]
    try:
        return pl.Series(name, known)
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
        return pl.Series(name, known, pl.Object)  # of several types: each is looked at by itself


def answer_block(
    reader: Graph, block: Block, top: int, abstain: float, origin: str
) -> list[dict[str, Prediction] | str]:
    """Return the predictions for each row of a block, or why there are none."""
    encoded, wrong = encode_block(reader.inputs, block, origin)
    height = block.table.height

    def take(a: int, b: int) -> dict[str, Array]:
        return {name: values[a:b] for name, values in encoded.items()}

    good = height - len(wrong)
    found = iter(reader.decode(reader.run_batches(good, take, BATCH), top, abstain) if good else ())
    return [wrong[i] if i in wrong else next(found) for i in range(height)]


def encode_block(
    inputs: Mapping[str, Column], block: Block, origin: str
) -> tuple[dict[str, Array], dict[int, str]]:
    """Return the encoded rows that can be used, and why the others cannot."""
    wrong = dict(block.wrong)
    cells = {name: _cells_of(block.table, name, column, origin) for name, column in inputs.items()}
    encoded = {name: column.encode_series(cells[name]) for name, column in inputs.items()}
    for name, column in inputs.items():
        if encoded[name] is None:
            wrong = dict(column.unreadable(cells[name], name)) | wrong
    keep = np.delete(np.arange(block.table.height), list(wrong))
    out = {}
    for name, column in inputs.items():
        found = encoded[name]
        if found is None:
            some = cells[name].gather(keep) if wrong else cells[name]
            found = column.encode_series(some) if wrong else None
            out[name] = column.encode_many(some.to_list()) if found is None else found
        else:
            out[name] = found[keep] if wrong else found
    return out, wrong


def _cells_of(table: pl.DataFrame, name: str, column: Column, origin: str) -> pl.Series:
    key = key_of(name, column, table.columns)
    if key not in table.columns:
        raise DataError(
            f"{origin}: there is no column {key!r}, which the recognizer needs; the columns are "
            f"{one_of(table.columns)}{did_you_mean(key, table.columns)}"
        )
    return table[key]


class AnswerWriter:
    """Writes tables with the answers beside the rows: a context, after which the file is there whole, or not at all.

    Parameters
    ----------
    path
        The file, ``.csv``, ``.tsv`` or ``.jsonl``.
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
        if self.kind not in OUT:
            raise UsageError(
                f"--out {shown(path)}: the name must end in one of {one_of(['.' + o for o in OUT])}"
            )
        if any(_same_file(self.path, table) for table in tables):
            raise UsageError(
                f"--out {shown(path)} is a table that is to be read, and would be written over: give another name"
            )
        self.columns: list[str] | None = None
        self.first = ""
        self.left_out: set[str] = set()
        self._stack = ExitStack()
        self._file: Any = None

    def __enter__(self) -> Self:
        self._stack.enter_context(alone(self.path, do=ANOTHER))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.__exit__(kind, error, trace)
        if kind is KeyboardInterrupt:
            self.note(f"{shown(self.path)} was not written")

    @property
    def begun(self) -> bool:
        """Whether there was anything to write."""
        return self.columns is not None

    def write(self, block: TableAnswers, origin: str, remarks: Sequence[str | None] = ()) -> None:
        """Write the rows of a block, those without an answer as well; the last column has ``remarks``, if any.

        Raises
        ------
        DataError
            The block has other columns than the one before, and the file is one table.
        """
        table = block.table if self.kind == "jsonl" else self._alike(block.table, origin)
        taken = table.columns
        for target, column in self.targets.items():
            found = [None if isinstance(a, DataError) else a.predictions[target] for a in block.answers]
            table = table.with_columns(_columns(target, column, found, table.columns, self.kind == "jsonl"))
        if remarks:
            names = chain(["remarks"], (f"remarks_{i}" for i in count(2)))
            name = next(n for n in names if n not in table.columns)
            table = table.with_columns(pl.Series(name, remarks, pl.String))
        if self._file is None:
            self._file = self._stack.enter_context(writing(self.path, do=ANOTHER))
        if self.kind == "jsonl":
            text = table.write_ndjson()
        else:
            separator = "\t" if self.kind == "tsv" else ","
            text = table.write_csv(include_header=self.columns is None, separator=separator)
        try:
            self._file.write(text.encode("utf-8", "surrogatepass"))
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
                "predict it by itself, or give --out a name that ends in .jsonl"
            )
        return table.select(self.columns)


def _same_file(path: Path, other: str) -> bool:
    try:
        return path.samefile(other)
    except (OSError, ValueError):  # one of them is not there
        return False


def _columns(
    target: str, column: Column, found: Sequence[Prediction | None], taken: Sequence[str], lists: bool
) -> list[pl.Series]:
    """Return the columns of one target's answers, the same for every block: value, confidence, interval.

    ``lists`` says whether a cell may hold a list.
    """
    ends = column.stands_beside()
    names = chain((target, f"predicted_{target}"), (f"predicted_{target}_{i}" for i in count(2)))
    name = next(n for n in names if not {n, *(f"{n}_{end}" for end in ends)} & set(taken))
    values = [None if p is None else p.value for p in found]
    columns = [pl.Series(name, values if lists else list(map(column.in_cell, values)), strict=False)]
    for end in ends:
        columns.append(
            pl.Series(f"{name}_{end}", [None if p is None else _beside(p, end) for p in found], pl.Float64)
        )
    return columns


def _beside(prediction: Prediction, end: str) -> float | None:
    if end == "confidence":
        return None if prediction.confidence is None else round(prediction.confidence, 4)
    return None if prediction.interval is None else prediction.interval[end == "high"]
