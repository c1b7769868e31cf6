"""Tables that name pictures or sounds, or hold pixels, for ``predict``; and tables of the answers to files."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import polars as pl

from hornbook.columns.base import Column
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, one_of
from hornbook.examples.align import with_sources
from hornbook.examples.examples import Examples
from hornbook.recognizer.answer import Answer
from hornbook.recognizer.arguments import key_of
from hornbook.recognizer.bulk.answer_writer import AnswerWriter
from hornbook.recognizer.bulk.cells import cells_of_predictions
from hornbook.recognizer.graph import Graph
from hornbook.recognizer.inputs import Given
from hornbook.sources import read_examples
from hornbook.sources.table.blocks import blocks

_ROW = re.compile(r"row \d+")

AT_ONCE = 1000
"""Rows of answers that are written together."""


def rows_of(reader: Graph, path: str) -> Given:
    """Return the rows of a table; DataError where it names no files and holds no pixels."""
    options = reader.table_options(path)
    examples = with_sources(read_examples(path, like=options), reader.inputs, {})
    keys = {n: key_of(n, c, examples.table.columns) for n, c in reader.inputs.items()}
    for name, column in reader.inputs.items():
        _check(examples, path, keys[name], column)
    heavy = next(n for n, c in reader.inputs.items() if c.heavy)
    store = examples.store(keys[heavy])
    called = [str(cell) for cell in examples.table[keys[heavy]]]
    if store.numbered:
        called = [f"{shown(Path(path).name)} row {row}" for row in range(1, len(examples) + 1)]
    values = []
    for row, name in enumerate(called):
        found = {n: examples.value(key, row) for n, key in keys.items()}
        values.append((name, found if len(found) > 1 else found[heavy]))
    lost = [DataError(f"{shown(path)} {problem}") for problem in examples.problems]
    given = [block.table for block in blocks(Path(path), options)]
    return Given(values, path, lost, _as_it_was(examples, keys[heavy], given))


def _check(examples: Examples, path: str, key: str, column: Column) -> None:
    if key not in examples.table.columns or (column.heavy and key not in examples.stores):
        what = f"names {column.medium}s or holds their pixels" if column.heavy else f"is called {key!r}"
        raise DataError(f"{shown(path)}: no column {what}; the columns are {one_of(examples.table.columns)}")


def _as_it_was(examples: Examples, key: str, given: list[pl.DataFrame]) -> pl.DataFrame:
    """Return the table as its owner has it: pictures are called as they were, and pixels are not repeated."""
    table = examples.table
    if examples.store(key).numbered:
        return table.drop(key).with_row_index("row", 1) if "row" not in table.columns else table.drop(key)
    before = [name for name in given[0].columns if name not in table.columns or name == key]
    if len(before) != 1:
        return table
    names = pl.concat([block[before[0]].cast(pl.String) for block in given])
    lost = {int(p.name.removeprefix("row ")) for p in examples.problems if _ROW.fullmatch(p.name)}
    names = names.gather([row for row in range(len(names)) if row + 1 not in lost])
    if len(names) != len(table):  # rows were left out that are not numbered so
        return table.rename({key: before[0]})
    return table.with_columns(names.alias(key)).rename({key: before[0]})


def _names(given: Given) -> pl.DataFrame:
    """Return a table of what inputs are called, where they have no rows of a table."""
    return pl.DataFrame({given.origin: [shown(name) for name, _ in given.values]})


class FilesWriter:
    """Writes the answers to files and texts into a table, beside their names or their rows."""

    def __init__(
        self,
        path: str,
        targets: Mapping[str, Column],
        read: Sequence[str],
        note: Callable[[str], None],
    ) -> None:
        self.targets = targets
        self.writer = AnswerWriter(path, targets, read, note)
        self._held: list[Answer | DataError] = []
        self._done = 0

    def add(self, answer: Answer | DataError, given: Given) -> None:
        """Keep an answer, and write them where there are enough, or all of what was given."""
        self._held.append(answer)
        if len(self._held) == AT_ONCE or self._done + len(self._held) == len(given.values):
            table = given.table if isinstance(given.table, pl.DataFrame) else _names(given)
            rows = table[self._done : self._done + len(self._held)]
            said = ["; ".join(a.remarks) or None if isinstance(a, Answer) else str(a) for a in self._held]
            found = {
                target: [None if isinstance(a, DataError) else a.predictions[target] for a in self._held]
                for target in self.targets
            }
            cells = {
                n: cells_of_predictions(c, found[n], 0.0, self.writer.lists) for n, c in self.targets.items()
            }
            self.writer.write(rows, cells, given.origin, said)
            self._done = (
                0 if self._done + len(self._held) == len(given.values) else self._done + len(self._held)
            )
            self._held = []
