"""From cells of text to typed columns: numbers where all are numbers, texts where one is not.

Cells that stand for a missing value become empty. A column of digits that are names (``007``, forty digits)
stays text. Numbers with commas are understood where all of a column are written in one way
(`hornbook.columns.number.written.parse.find_form`); a column in which some have a decimal comma and some a decimal
point is refused, for nobody can tell what its numbers are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

import polars as pl

from hornbook.columns.missing import AMONG_NUMBERS, without_missing
from hornbook.columns.number.written.parse import PLAIN, NumberForm, all_with_point, find_form
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, one_of
from hornbook.examples.stores import Problem
from hornbook.examples.table_options import TableOptions

Decimal = Literal[".", ","]

A_NAME = r"^[+-]?(0\d+|\d{19,})$"
"""Cells of digits that are names, not numbers: they would change as numbers, or have more digits than one holds."""


@dataclass(frozen=True)
class Typed:
    """A typed table, what is worth a word, and how the numbers of columns are written that have not a point alone."""

    table: pl.DataFrame
    notes: tuple[str, ...] = ()
    numbers: Mapping[str, NumberForm] = field(default_factory=dict)


def typed(table: pl.DataFrame, options: TableOptions, separator: str, origin: str) -> Typed:
    """Return a table of texts with typed columns.

    Parameters
    ----------
    options
        What stands for a missing value, and how the numbers of columns are written as far as that is known.
    separator
        Where it is a semicolon, commas that may be before decimals or between thousands are before decimals.
    origin
        Of messages.

    Raises
    ------
    DataError
        A column has decimal commas and decimal points; the rows are named.

    Examples
    --------
    >>> typed(pl.DataFrame({"a": ["1", "?"], "b": ["x", "NA"]}), TableOptions(), ",", "x").table.rows()
    [(1, 'x'), (None, None)]
    """
    columns, notes, numbers = [], [], {}
    decimal: Decimal = options.decimal or ("," if separator == ";" else ".")
    for column in table:
        cells, note, form = _typed(column, options, decimal, origin)
        columns.append(cells)
        notes += [note] if note else []
        if form is not None:
            numbers[column.name] = form
    return Typed(pl.DataFrame(columns), tuple(notes), numbers)


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


def _typed(
    cells: pl.Series, options: TableOptions, decimal: Decimal, origin: str
) -> tuple[pl.Series, str, NumberForm | None]:
    """Return a column of texts with its type, what is worth a word, and how its numbers are written."""
    cells = without_missing(cells, options.missing_words)
    if cells.null_count() == len(cells):
        return cells, "", None
    plain, note = cells.str.strip_chars(), ""
    known = options.numbers.get(cells.name)
    if known is not None and known != PLAIN:
        numbers = as_numbers(all_with_point(plain, known)[0])
        if numbers is not None:
            return numbers, "", known
    if (numbers := as_numbers(plain)) is not None:
        return numbers, "", None
    gone = plain.str.to_lowercase().is_in(pl.Series(list(AMONG_NUMBERS)).implode()).fill_null(False)
    if gone.any():
        words = plain.filter(gone).unique().sort().to_list()
        said = "a lone dash" if set(words) <= {"-", "--", "–", "—"} else one_of(words)
        note = f"{said} in the column {cells.name!r} counts as missing"
        plain = plain.set(gone, None)
        if (numbers := as_numbers(plain)) is not None:
            return numbers, note, None
    return _with_commas(cells, plain, note, decimal if known is None else known.decimal, origin)


def as_numbers(cells: pl.Series) -> pl.Series | None:
    """Return texts as whole numbers or as numbers; None where one is none, or is a name."""
    return numbers_in(cells.to_frame()).get(cells.name)


def numbers_in(table: pl.DataFrame) -> dict[str, pl.Series]:
    """Return those columns of texts as numbers in which every cell is one, and none is a name.

    All columns are looked at by a few queries of the whole table: one by one, ten thousand took ten seconds.
    """
    # Most columns of text are known by their first cells; of one that is empty nothing is known.
    known = pl.all().drop_nulls()
    table = _those(
        table, (known.len() > 0) & (known.head(100).cast(pl.Float64, strict=False).null_count() == 0)
    )
    table = _those(table, ~pl.all().str.contains(A_NAME).any())
    whole = table.with_columns(pl.all().cast(pl.Int64, strict=False))
    empty = table.null_count().row(0)
    more = [n for n, a, b in zip(table.columns, empty, whole.null_count().row(0), strict=True) if a != b]
    numbers = table.select(more).with_columns(pl.all().cast(pl.Float64, strict=False))
    left = dict(zip(table.columns, empty, strict=True))
    # A column of nothing but 'inf' is one of texts.
    finite = _those(numbers, pl.all().is_finite().any())
    found = {c.name: c for c in finite if c.null_count() == left[c.name]}
    return {c.name: c for c in whole.drop(more)} | found


def _those(table: pl.DataFrame, are: pl.Expr) -> pl.DataFrame:
    """Return the columns of which an expression is true."""
    if not table.width:
        return table
    return table.select(
        [name for name, true in zip(table.columns, table.select(are).row(0), strict=True) if true]
    )


def _with_commas(
    cells: pl.Series, plain: pl.Series, note: str, decimal: Decimal, origin: str
) -> tuple[pl.Series, str, NumberForm | None]:
    """Return a column whose numbers have commas in them as numbers, any other as it is."""
    found = find_form(plain, decimal)
    if found is None:
        _refuse_both_marks(plain, origin)
        return cells, "", None
    form, open_ = found
    numbers = as_numbers(all_with_point(plain, form)[0])
    if numbers is None:
        return cells, "", None
    name = repr(cells.name)
    said = f"the column {name} has decimal commas"
    if form.decimal == ".":
        said = f"commas in the column {name} stand between thousands"
    if open_:
        other = {".": ",", ",": "."}[form.decimal]
        said += f", as it seems: each has three digits behind it; where that is wrong, set data.decimal = {other!r}"
    return numbers, f"{note}; {said}" if note else said, form


def _refuse_both_marks(cells: pl.Series, origin: str) -> None:
    """Raise DataError where some numbers have a decimal comma and some a decimal point, and no text is among them."""
    known = cells.drop_nulls()
    if not known.head(100).str.contains(r"^[+-]?[\d.,]+$").all():
        return
    comma, point = cells.str.contains(r"^[+-]?(\d+,\d*|,\d+)$"), cells.str.contains(r"^[+-]?\d*\.\d+$")
    whole = cells.str.contains(r"^[+-]?\d+$")
    if not (comma | point | whole).all() or not comma.any() or not point.any():
        return  # texts that look like numbers: some have more digits than one holds
    one, other = comma.fill_null(False).arg_true()[0], point.fill_null(False).arg_true()[0]
    raise DataError(
        f"{origin} row {one + 1}: the column {shown(cells.name)!r} has {cells[one]!r} with a decimal comma, and "
        f"{cells[other]!r} in row {other + 1} with a decimal point: write all numbers with a point"
    )
