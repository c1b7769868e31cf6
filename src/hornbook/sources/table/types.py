"""From cells of text to typed columns: numbers where all are numbers, texts where one is not.

Cells that stand for a missing value become empty. A column of digits that are names (``007``, forty digits)
stays text. Numbers with commas, a currency or a unit are understood where all of a column are written in one way
(`hornbook.columns.number.written.find.find_form`); a column in which some have a decimal comma and some a decimal
point is refused, for nobody can tell what its numbers are. Where a column leaves open what its marks are (``1,250``),
the other columns tell, else it is a guess, and said.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import polars as pl

from hornbook.columns.missing import MISSING, all_without_missing, without_missing
from hornbook.columns.number.written.find import FEWEST_MARKED, FIRST, Found, find_form, likely_decimal
from hornbook.columns.number.written.parse import PLAIN, NumberForm, all_with_point, is_nothing
from hornbook.columns.number.written.units import GAPS, NOTHING, is_money
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, one_of
from hornbook.examples.stores import Note, Problem
from hornbook.examples.table_options import TableOptions

Decimal = Literal[".", ","]

MAYBE = r"^(?:[^\p{L}0-9]*(?:[A-Z]{1,3}|[RKFk][sprt]\.?)?[^\p{L}0-9]{0,4}[0-9]|[-–—]+$|(?i:none)$)"
"""Texts that may be numbers, by how they begin."""

LOOKED_AT = 1000
"""Rows from which it is told whether a column's points are before decimals."""

A_NAME = r"^[+-]?(0\d+|\d{19,})$"
"""Cells of digits that are names, not numbers: they would change as numbers, or have more digits than one holds."""


@dataclass(frozen=True)
class Typed:
    """A typed table, what is worth a word, and how the numbers of columns are written that have not a point alone."""

    table: pl.DataFrame
    notes: tuple[Note, ...] = ()
    numbers: Mapping[str, NumberForm] = field(default_factory=dict)


def typed(table: pl.DataFrame, options: TableOptions, separator: str, origin: str) -> Typed:
    """Return a table of texts with typed columns.

    Parameters
    ----------
    options
        What stands for a missing value, and how the numbers of columns are written as far as that is known.
    separator
        Where it is a comma, no column has decimal commas that leaves it open; where it is a semicolon, commas that may
        be before decimals or between thousands are before decimals.
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
    read = _all_read(table, options, separator, origin)
    sure = {one.found.sure for one in read if one.found is not None and one.found.sure is not None}
    columns, notes, numbers = [], [], {}
    for one in read:
        cells, said, found = one.cells, one.note, one.found
        if found is not None and found.open:
            found, said = _decided(one, options, separator, next(iter(sure)) if len(sure) == 1 else None)
            cells = cells if one.numbers is None else _numbers(one.plain, found.form, cells)
        elif one.numbers is not None:
            cells = one.numbers
        columns.append(cells)
        notes += [note for note in (one.missing, said) if note]
        if found is not None and found.form != PLAIN:
            numbers[cells.name] = found.form
    if len(sure) == 1 and "," in sure:  # of whole numbers nothing is known but what the others are
        numbers |= {
            c.name: NumberForm(",") for c in columns if c.dtype.is_integer() and c.name not in numbers
        }
    return Typed(pl.DataFrame(columns), tuple(notes), numbers)


def _numbers(plain: pl.Series, form: NumberForm, cells: pl.Series) -> pl.Series:
    """Return texts as the numbers that they are in a form; the cells as they are where some are none."""
    found = as_numbers(all_with_point(plain, form)[0])
    return cells if found is None else found


def amounts(table: pl.DataFrame, options: TableOptions, origin: str) -> Typed:
    """Return a table that has types already with its texts of amounts as numbers: ``$5``, ``1,250``, ``12 kg``.

    Texts of digits alone stay what they are there: they may be names.
    """
    strings = table.select(n for n, d in table.schema.items() if d == pl.String and n not in options.as_text)
    some = strings.with_columns(pl.all().str.strip_chars()) if strings.width < 100 else strings
    texts = [
        cells
        for cells in strings.select(_may_be_numbers(some))
        if find_form(cells.drop_nulls().head(FIRST).str.strip_chars(), ".") is not None
    ]
    if not texts:
        return Typed(table)
    found = typed(pl.DataFrame(texts), options, ",", origin)
    mine = [
        name for name in found.table.columns if found.table[name].dtype.is_numeric() and name in found.numbers
    ]
    notes = tuple(note for note in found.notes if note.column in mine)
    return Typed(table.with_columns(found.table.select(mine)), notes, {n: found.numbers[n] for n in mine})


def plain(table: pl.DataFrame, missing: Sequence[str], within: frozenset[str] | None = None) -> pl.DataFrame:
    """Return a table that has types already (of Parquet, of JSON) with one kind of empty cell.

    Texts that stand for a missing value and numbers that are none become empty, lists of texts one text with
    a line break between them, an empty list a line break. ``within`` names the columns in which texts do, by default
    all.
    """
    columns = []
    for cells in table:
        empty = None
        if cells.dtype == pl.List(pl.String):
            empty = cells.list.len().fill_null(1) == 0  # which is no missing value: there are none
            cells = cells.list.join("\n", ignore_nulls=True).alias(cells.name)
        if cells.dtype == pl.String:
            cells = (
                cells if within is not None and cells.name not in within else without_missing(cells, missing)
            )
        elif cells.dtype.is_float():
            cells = cells.fill_nan(None)
        columns.append(cells if empty is None else cells.set(empty, "\n"))
    return pl.DataFrame(columns)


def without_infinite(table: pl.DataFrame) -> tuple[pl.DataFrame, tuple[Problem, ...]]:
    """Return the table without the rows in which a number is infinite, and these rows by row and column."""
    problems = []
    keep = pl.Series([True]).new_from_index(0, table.height)
    # Asked of all columns at once: one by one, five thousand took two seconds.
    numbers = table.select(name for name, kind in table.schema.items() if kind.is_float())
    for cells in _those(numbers, pl.all().is_infinite().any()):
        infinite = cells.is_infinite().fill_null(False)
        for row in infinite.arg_true():
            said = f"the column {shown(cells.name)!r} is infinite; write a number there, or nothing"
            problems.append(Problem(f"row {row + 1}", said))
        keep &= ~infinite
    return (table.filter(keep), tuple(problems)) if problems else (table, ())


class _Read(NamedTuple):
    """A column of texts: what it is, where it is numbers, and what of that is not certain yet.

    Attributes
    ----------
    cells, plain
        Its texts, and the same without blanks around them and without what is missing among numbers.
    numbers
        The numbers; None where it is none, or it is open which these are.
    found
        How they are written; None where it is no column of numbers, or was not looked for.
    missing, note
        What counts as missing, and how the numbers are written, where that is worth a word.
    """

    cells: pl.Series
    plain: pl.Series
    numbers: pl.Series | None = None
    found: Found | None = None
    missing: Note = Note("")
    note: Note = Note("")


def _may_be_numbers(table: pl.DataFrame) -> list[str]:
    """Return the columns of texts half of whose first cells may be numbers, whatever stands around these."""
    if not table.width:
        return []
    shares = table.select(pl.all().drop_nulls().head(FIRST).str.contains(MAYBE).mean()).row(0)
    return [name for name, share in zip(table.columns, shares, strict=True) if share and share >= 0.5]


def _all_read(table: pl.DataFrame, options: TableOptions, separator: str, origin: str) -> list[_Read]:
    """Return what the columns of a table of texts are.

    Nearly all are told by a few queries of the whole table: one by one, three thousand took ten seconds.
    """
    words = () if options.missing in (None, MISSING) else options.missing
    kept = all_without_missing(table.select(n for n in table.columns if n in options.as_text), words)
    cells = all_without_missing(table.drop(kept.columns), options.missing_words)
    plain = cells.with_columns(pl.all().str.strip_chars()) if cells.width else cells
    numbers, closer = numbers_in(plain), {*_may_be_numbers(plain)}
    read: dict[str, _Read] = {c.name: _Read(c, c) for c in kept}
    for column, text in zip(cells, plain, strict=True):
        one = _Read(column, text, numbers.get(column.name))
        known = options.numbers.get(column.name)
        near = one.numbers is not None or column.name in closer or known is not None
        read[column.name] = _read(one, known, options, separator, origin) if near else one
    return [read[name] for name in table.columns]


def _read(one: _Read, known: NumberForm | None, options: TableOptions, separator: str, origin: str) -> _Read:
    """Return what a column of texts is that may be numbers; ``known`` is how these are written, where that is known."""
    if known is not None and known != PLAIN:
        numbers = as_numbers(all_with_point(one.plain, known)[0])
        if numbers is not None:
            return one._replace(numbers=numbers, found=Found(known))
    plain, missing, numbers = one.plain, Note(""), one.numbers
    if numbers is None:
        gone = is_nothing(plain)
        if gone.any():
            plain, missing = plain.set(gone, None), _counted(plain.filter(gone))
            numbers = as_numbers(plain)
    if numbers is None:
        if plain.head(LOOKED_AT).str.contains(A_NAME).any():
            return one
        found = find_form(plain, "." if known is None else known.decimal)
        if found is None:
            _refuse_both_marks(one.plain, origin)
            return one
        numbers = as_numbers(all_with_point(plain, found.form)[0])  # None where a word is among them
        note = _said(plain.name, found, plain)
    else:
        asks = known is None and numbers.dtype.is_float() and may_be_german(separator, options)
        found, note = _pointed(plain) if asks else Found(PLAIN), Note("")
    if known is not None:
        found = found._replace(open=False)
    return one._replace(plain=plain, numbers=numbers, found=found, missing=missing, note=note)


def may_be_german(separator: str, options: TableOptions) -> bool:
    """Return whether a table's points may stand between thousands, where they do all have three digits behind them."""
    return separator != "," or options.decimal == ","


def _pointed(cells: pl.Series) -> Found:
    """Return how a column of numbers with points is written: of ``72.800`` alone it is open what they are."""
    head = find_form(cells.drop_nulls().head(LOOKED_AT), ".")
    return (head and head.open and find_form(cells, ".")) or Found(PLAIN, sure=head and head.sure)


def _counted(gone: pl.Series) -> Note:
    """Say which words count as missing in a column of numbers."""
    words = gone.unique().sort().to_list()
    said = "a lone dash" if all(word[-1] in "-–—" for word in words) else one_of(words)
    return Note(f"{said} in the column {gone.name!r} counts as missing", gone.name)


def _decided(one: _Read, options: TableOptions, separator: str, sure: Decimal | None) -> tuple[Found, Note]:
    """Return how a column is written that leaves it open, and what is to be said of it."""
    assert one.found is not None, "asked of columns of numbers that leave it open"
    unit = one.found.form.unit
    points = one.plain.str.contains(".", literal=True)
    mark: Decimal = "." if points.any() else ","  # 72.800, or 72,800
    amount = unit != NOTHING and mark == "."  # 11.100 €, which has no three decimals
    likely = None if separator == "," and not amount else likely_decimal(one.plain, unit)
    # Semicolons are written where decimals have commas. Behind a decimal point a program writes no zeros at the end.
    german = separator == ";" and (mark == "," or points.sum() >= FEWEST_MARKED)
    usual: Decimal = "," if german or (amount and is_money(unit)) else "."
    decimal: Decimal = options.decimal or sure or likely or usual
    form = NumberForm(decimal, "" if decimal == mark else mark, unit)
    found = one.found._replace(form=form, open=False)
    said = _said(one.cells.name, found, one.plain)
    if options.decimal or sure or (separator == "," and not amount):
        return found, said
    # A point between thousands is rare where no semicolon says that decimals have commas: that is a note.
    doubt = amount or separator == ";" or likely is not None or mark == ","
    more = said or f"the column {one.cells.name!r} has decimal points"
    other = {".": ",", ",": "."}[decimal]
    more += (
        f", as it seems: each has three digits behind it; where that is wrong, set data.decimal = {other!r}"
    )
    return found, Note(more, one.cells.name, doubt)


def _said(name: str, found: Found, cells: pl.Series) -> Note:
    """Return how the numbers of a column are written, where that is not with a point alone."""
    form, said = found.form, []
    unit = form.unit
    if around := [f"{text.strip()!r}" for text in (unit.before, unit.after) if text.strip()]:
        said.append(f"the column {name!r} has numbers in {' and '.join(around)}")
    if unit.scale:
        words = one_of([word.strip() for word in unit.scale.split("|")])
        said.append(f"numbers in the column {name!r} are multiplied by {words} behind them")
    if not found.bare and cells.str.contains(rf"[0-9][{GAPS}][0-9]").any():
        said.append(f"blanks or apostrophes in the column {name!r} stand between thousands")
    if not found.bare and cells.str.contains(r"\)$").any():
        said.append(f"parentheses in the column {name!r} mean a minus")
    if form.decimal == "," and cells.str.contains(",", literal=True).any():
        said.append(f"the column {name!r} has decimal commas")
    elif form.thousands:
        marks = {",": "commas", ".": "points"}[form.thousands]
        said.append(f"{marks} in the column {name!r} stand between thousands")
    return Note("; ".join(said), name)


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
