"""Answers to the rows of tables, a few thousand at a time."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from hornbook.columns.base import Array, Column
from hornbook.columns.missing import is_missing
from hornbook.columns.prediction import Prediction
from hornbook.common.endings import ending
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, did_you_mean, one_of
from hornbook.recognizer.answer import Answer
from hornbook.recognizer.arguments import TABLES, key_of
from hornbook.recognizer.graph import Graph
from hornbook.sources.array.python import table_of
from hornbook.sources.table.blocks import ROWS, Block, blocks
from hornbook.sources.table.types import plain

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
    options = reader.table_options(path).replace(missing_in=used(reader.inputs))
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
        names = used(inputs)
        table = pl.DataFrame([_cells(str(n), rows[n], words) for n in rows.columns if str(n) in names])
    return table


def predict_rows(reader: Graph, table: pl.DataFrame, top: int, abstain: float) -> list[Answer]:
    """Return the answers to the rows of a table in memory.

    Raises
    ------
    DataError
        It lacks a column, or a row cannot be used.
    """
    words, names = reader.written.missing_words, used(reader.inputs)
    answers: list[Answer] = []
    for at in range(0, table.height, ROWS):
        block = Block(plain(table[at : at + ROWS], words, names), at)
        for place, said in enumerate(answer_block(reader, block, top, abstain, "the data frame"), start=at):
            if isinstance(said, str):
                raise DataError(f"[{place}]: {said}")
            answers.append(Answer(place, said))
    return answers


def used(inputs: Mapping[str, Column]) -> frozenset[str]:
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
    outputs, wrong = run_block(reader, block, origin)
    height = block.table.height
    found = iter(reader.decode(outputs, top, abstain) if len(wrong) < height else ())
    return [wrong[i] if i in wrong else next(found) for i in range(height)]


def run_block(reader: Graph, block: Block, origin: str) -> tuple[dict[str, Array], dict[int, str]]:
    """Return the outputs for the rows of a block that can be used, and why the others cannot."""
    encoded, wrong = encode_block(reader.inputs, block, origin)

    def take(a: int, b: int) -> dict[str, Array]:
        return {name: values[a:b] for name, values in encoded.items()}

    return reader.run_batches(block.table.height - len(wrong), take, BATCH), wrong


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
