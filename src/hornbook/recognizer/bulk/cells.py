"""Answers to many rows as the columns of a table: whole columns are encoded and decoded, with no object a row."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from hornbook.columns.base import Array, Column
from hornbook.columns.prediction import Prediction
from hornbook.common.safe_names import shown
from hornbook.recognizer.graph import Graph
from hornbook.recognizer.tables import check_table, run_block, used
from hornbook.sources.table.blocks import Block, blocks

Cells = dict[str, pl.Series]
"""The answers for one target: the values under an empty name, what stands beside them under theirs."""


@dataclass(frozen=True)
class AnsweredRows:
    """Some rows of a table that follow each other, with their answers.

    Attributes
    ----------
    table
        The rows, as they were read.
    cells
        For each target its answers, empty where there is none.
    wrong
        The numbers of rows without an answer, from 1 in the whole table, and why.
    """

    table: pl.DataFrame
    cells: Mapping[str, Cells]
    wrong: Mapping[int, str]


def answered_rows(
    reader: Graph, path: str | os.PathLike[str], abstain: float, lists: bool
) -> Iterator[AnsweredRows]:
    """Yield the rows of a table with their answers, some thousand at a time.

    Parameters
    ----------
    abstain
        Answers of less confidence than this are empty.
    lists
        Whether a cell may hold a list.

    Raises
    ------
    DataError
        The file is no table, or lacks a column.
    """
    check_table(os.fspath(path))
    # What is only handed on stays as it is: NA may be Namibia.
    options = reader.table_options(path).replace(missing_in=used(reader.inputs))
    origin = shown(path)
    for block in blocks(Path(path), options, tuple(reader.targets)):
        cells, wrong = _answer(reader, block, abstain, origin, lists)
        yield AnsweredRows(block.table, cells, {block.first + i: why for i, why in wrong.items()})


def _answer(
    reader: Graph, block: Block, abstain: float, origin: str, lists: bool
) -> tuple[dict[str, Cells], dict[int, str]]:
    found, wrong = run_block(reader, block, origin)
    outputs = reader.allowed(found)
    cells = {n: cells_of(c, outputs[n], abstain, lists) for n, c in reader.targets.items()}
    if wrong:
        places = np.arange(block.table.height)
        good = np.delete(places, list(wrong))
        where = pl.Series(np.searchsorted(good, places)).scatter(list(wrong), None)
        cells = {n: {end: c.gather(where) for end, c in known.items()} for n, known in cells.items()}
    return cells, wrong


def cells_of(column: Column, outputs: Array, abstain: float, lists: bool) -> Cells:
    """Return the answers of a target for all rows of its outputs."""
    found = column.decode_cells(outputs)
    if found is None:
        return cells_of_predictions(column, column.decode(outputs, 1), abstain, lists)
    if abstain > 0 and "confidence" in found:
        found[""] = found[""].set(found["confidence"] < abstain, None)
    return found


def cells_of_predictions(
    column: Column, found: Sequence[Prediction | None], abstain: float, lists: bool
) -> Cells:
    """Return answers as columns, None for none: value, confidence, interval."""
    values = [None if p is None or _unsure(p, abstain) else p.value for p in found]
    cells = {"": pl.Series(values if lists else list(map(column.in_cell, values)), strict=False)}
    for end in column.stands_beside():
        cells[end] = pl.Series([None if p is None else _beside(p, end) for p in found], dtype=pl.Float64)
    return cells


def _unsure(prediction: Prediction, abstain: float) -> bool:
    return prediction.confidence is not None and prediction.confidence < abstain


def _beside(prediction: Prediction, end: str) -> float | None:
    if end == "confidence":
        return None if prediction.confidence is None else round(prediction.confidence, 4)
    return None if prediction.interval is None else prediction.interval[end == "high"]
