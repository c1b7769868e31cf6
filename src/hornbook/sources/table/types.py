"""From cells of text to typed columns: numbers where all are numbers, texts where one is not.

Cells that stand for a missing value become empty. A column of digits that are names (``007``, forty digits)
stays text. Decimal commas (``1,5``) and commas between thousands (``1,250.00``) are understood where all
numbers of the column are written so; a column with both marks is refused, for nobody can tell what its
numbers are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from hornbook.common.safe_names import shown
from hornbook.errors import DataError
from hornbook.examples.stores import Problem
from hornbook.sources.table.options import DASHES

A_NAME = r"^[+-]?(0\d+|\d{19,})$"
"""Cells of digits that are names, not numbers: they would change as numbers, or have more digits than one holds."""

_WHOLE = r"^[+-]?\d+$"
_COMMA = r"^[+-]?(\d+,\d*|,\d+)$"
_THOUSANDS = r"^[+-]?\d{1,3}(,\d{3})+(\.\d*)?$"
_POINT = r"^[+-]?\d*\.\d+$"


@dataclass(frozen=True)
class Typed:
    """A typed table.

    Attributes
    ----------
    table
        The columns.
    notes
        What was found out and is worth a word.
    """

    table: pl.DataFrame
    notes: tuple[str, ...] = ()


def typed(table: pl.DataFrame, missing: Sequence[str], origin: str) -> Typed:
    """Return a table of texts with typed columns.

    Parameters
    ----------
    missing
        The cells that stand for a missing value.
    origin
        Of messages.

    Raises
    ------
    DataError
        A column has decimal commas and decimal points; the rows are named.

    Examples
    --------
    >>> typed(pl.DataFrame({"a": ["1", "?"], "b": ["x", "NA"]}), ("?", "NA"), "x").table.rows()
    [(1, 'x'), (None, None)]
    """
    columns, notes = [], []
    for column in table:
        cells, note = _typed(column, missing, origin)
        columns.append(cells)
        notes += [note] if note else []
    return Typed(pl.DataFrame(columns), tuple(notes))


def without_missing(cells: pl.Series, missing: Sequence[str]) -> pl.Series:
    """Return texts with empty cells where a cell stands for a missing value."""
    if not len(cells):
        return cells
    words = pl.Series([word for word in missing if word], dtype=pl.String)
    plain = cells.str.strip_chars()
    gone = plain.is_in(words.implode()) | (plain == "")
    return cells.zip_with(~gone.fill_null(True), pl.Series([None], dtype=pl.String))


def plain(table: pl.DataFrame, missing: Sequence[str], within: frozenset[str] | None = None) -> pl.DataFrame:
    """Return a table that has types already (of Parquet, of JSON) with one kind of empty cell.

    Texts that stand for a missing value and numbers that are none become empty, lists of texts one text with
    a line break between them. ``within`` names the columns in which texts do, by default all.
    """
    columns = []
    for cells in table:
        if cells.dtype == pl.List(pl.String):
            cells = cells.list.join("\n", ignore_nulls=True).alias(cells.name)
        if cells.dtype == pl.String:
            cells = (
                cells if within is not None and cells.name not in within else without_missing(cells, missing)
            )
        elif cells.dtype.is_float():
            cells = cells.fill_nan(None)
        columns.append(cells)
    return pl.DataFrame(columns)


def without_infinite(table: pl.DataFrame) -> tuple[pl.DataFrame, tuple[Problem, ...]]:
    """Return the table without the rows in which a number is infinite, and these rows by row and column."""
    problems = []
    keep = pl.Series([True]).new_from_index(0, table.height)
    for cells in table:
        if cells.dtype.is_float() and (infinite := cells.is_infinite().fill_null(False)).any():
            for row in infinite.arg_true():
                said = f"the column {shown(cells.name)!r} is infinite; write a number there, or nothing"
                problems.append(Problem(f"row {row + 1}", said))
            keep &= ~infinite
    return (table.filter(keep), tuple(problems)) if problems else (table, ())


def _typed(cells: pl.Series, missing: Sequence[str], origin: str) -> tuple[pl.Series, str]:
    if cells.dtype != pl.String:
        return cells, ""
    cells = without_missing(cells, missing)
    if cells.null_count() == len(cells):
        return cells, ""
    plain = cells.str.strip_chars()
    numbers = as_numbers(plain)
    if numbers is not None:
        return numbers, ""
    without = plain.set(plain.is_in(pl.Series(DASHES).implode()).fill_null(False), None)
    if without.null_count() > plain.null_count() and (numbers := as_numbers(without)) is not None:
        return numbers, f"a lone dash in the column {cells.name!r} counts as missing"
    return _with_commas(cells, plain, origin)


def numbers_of(cells: pl.Series) -> pl.Series | None:
    """Return a column of texts as numbers, also where all are written with commas; None where some are none.

    >>> numbers_of(pl.Series(["1,5", "2,25"])).to_list()
    [1.5, 2.25]
    """
    try:
        found = _typed(cells, (), "")[0]
    except DataError:
        return None
    return found if found.dtype.is_numeric() else None


def as_numbers(cells: pl.Series) -> pl.Series | None:
    """Return texts as whole numbers or as numbers; None where one is none, or is a name."""
    empty = cells.null_count()
    if empty == len(cells):
        return None
    first = cells.drop_nulls().head(100).cast(pl.Float64, strict=False)
    if first.null_count():
        return None  # most columns of text are known by their first cells
    if cells.str.contains(A_NAME).any():
        return None
    whole = cells.cast(pl.Int64, strict=False)
    if whole.null_count() == empty:
        return whole
    numbers = cells.cast(pl.Float64, strict=False)
    # A column of nothing but 'inf' is one of texts.
    return numbers if numbers.null_count() == empty and numbers.is_finite().any() else None


def _with_commas(cells: pl.Series, plain: pl.Series, origin: str) -> tuple[pl.Series, str]:
    """Return a column whose numbers have commas in them as numbers, any other as it is."""
    known = plain.drop_nulls()
    if not known.head(100).str.contains(r"^[+-]?[\d.,]+$").all():
        return cells, ""
    comma, point = known.str.contains(_COMMA), known.str.contains(_POINT)
    thousands, whole = known.str.contains(_THOUSANDS), known.str.contains(_WHOLE)
    grouped = thousands | point | whole
    if grouped.all() and (point.any() or known.str.contains(r",.*[,.]").any()):
        numbers = as_numbers(plain.str.replace_all(",", ""))
        if numbers is not None:
            return numbers, f"commas in the column {cells.name!r} stand between thousands"
    if not (comma | point | whole).all():
        return cells, ""
    if point.any():
        if not comma.any():
            return cells, ""  # texts that look like numbers: some have more digits than one holds
        raise DataError(_both_marks(plain, origin))
    numbers = as_numbers(plain.str.replace(",", ".", literal=True))
    return (numbers, f"the column {cells.name!r} has decimal commas") if numbers is not None else (cells, "")


def _both_marks(cells: pl.Series, origin: str) -> str:
    comma = cells.str.contains(_COMMA).fill_null(False).arg_true()[0]
    point = cells.str.contains(_POINT).fill_null(False).arg_true()[0]
    return (
        f"{origin} row {comma + 1}: the column {shown(cells.name)!r} has {cells[comma]!r} with a decimal comma, and "
        f"{cells[point]!r} in row {point + 1} with a decimal point: write all numbers with a point"
    )
