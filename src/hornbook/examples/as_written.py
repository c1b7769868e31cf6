"""How a table's cells are read, as it is found in whole columns before anything is learned from some of their rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import polars as pl

from hornbook.columns.base import Array, Column
from hornbook.common.plaintext import recipe_key
from hornbook.errors import DataError
from hornbook.examples.examples import Examples


def as_written(examples: Examples, columns: Mapping[str, Column], section: str) -> dict[str, Column]:
    """Return the columns of a recipe's ``inputs`` or ``targets`` as they read the table.

    Raises
    ------
    DataError
        A column of numbers has words in it of which it is not known what they stand for.
    """
    out = {}
    for name, column in columns.items():
        source = column.source or name
        cells = None if column.heavy else examples.table.get_column(source, default=None)
        if cells is not None:
            numbers = examples.written.numbers.get(source)
            if numbers is not None and (column.numeric or cells.dtype != pl.String):
                column = column.written(numbers)
            try:
                column = column.read_as(cells, recipe_key(section, name))
            except DataError as error:
                raise DataError(f"{examples.origin or 'the examples'}: {error}") from None
        out[name] = column
    return out


def unreadable(examples: Examples, column: Column, name: str, rows: Array) -> Iterator[tuple[int, str]]:
    """Yield the rows whose cells a column of a recognizer cannot read, of those that are to be judged, and why."""
    cells = examples.column(column.source or name)
    if (column.numeric and cells.dtype == pl.String) or column.leaves_out:
        cells = cells.gather(rows)
        if column.encode_series(cells) is None:
            yield from ((int(rows[i]), why) for i, why in column.unreadable(cells, name))
