"""From whatever stands in a cell to a number: one by one, with a sentence where it is none, or a column at once.

How the numbers of a column are written is found from the training column as a whole (`find_form`) and kept. A cell
of a new table is read in that form. One that is plainly written otherwise has a single reading (``1,5`` where
training had points), and is read so.
"""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, Self

import numpy as np

from hornbook.columns.base import Array, Column
from hornbook.columns.missing import AMONG_NUMBERS, MISSING, without_missing
from hornbook.columns.number.written.units import (
    DASH,
    MOSTLY,
    NOTHING,
    Unit,
    alike,
    all_bare,
    bare,
    find_unit,
    said_wrong,
)
from hornbook.common.plaintext import clean, shorten
from hornbook.errors import DataError

if TYPE_CHECKING:
    import polars as pl

FIRST = 100
"""Cells by which most columns of text are known to be none of numbers."""

FEWEST_MARKED = 20
"""Numbers with a mark from which on it can be told what it is."""

LONGEST_NUMBER = 400
"""Characters of the longest number in float64; a text that is longer is none, and no pattern is tried on it."""

_POWER = r"([eE][+-]?\d+)?$"
_BARE = rf"^[+-]?[\d.,]+{_POWER}"
_POINT = rf"^[+-]?(\d+\.?\d*|\.\d+){_POWER}"
_COMMA = rf"^[+-]?(\d+,\d*|,\d+){_POWER}"
_GROUPED = {
    ",": rf"^[+-]?[1-9]\d{{0,2}}(,\d{{2}})*(,\d{{3}})+(\.\d*)?{_POWER}",  # 12,34,567 in India
    ".": rf"^[+-]?[1-9]\d{{0,2}}(\.\d{{3}})+(,\d*)?{_POWER}",
}
"""Numbers with this mark between their thousands: no leading zero, three digits after each mark."""

_MATCH = {pattern: re.compile(pattern).match for pattern in (_BARE, DASH, _POINT, _COMMA, *_GROUPED.values())}


_FORMS = ([".", ""], [".", ","], [",", ""], [",", "."])


class NumberForm(NamedTuple):
    """How the numbers of a column are written.

    Attributes
    ----------
    decimal
        What stands before the decimals: ``.`` or ``,``.
    thousands
        What stands between thousands in the training column: ``,``, ``.`` or nothing. Blanks and apostrophes there
        can mean nothing else, and are read in every form.
    unit
        What stands around them: ``$``, `` kg``, ``%``, ``K`` and ``M``.
    """

    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ","] = ""
    unit: Unit = NOTHING

    @property
    def groups(self) -> str:
        """What is taken for a mark between thousands: what decimals have not, even if none was seen."""
        return self.thousands or ("," if self.decimal == "." else ".")

    def to_json(self) -> list[Any]:
        """Return it as JSON types."""
        return [self.decimal, self.thousands, *([] if self.unit == NOTHING else [list(self.unit)])]

    @classmethod
    def from_json(cls, given: Any) -> NumberForm | None:
        """Return the form that `to_json` wrote; None for anything else, which a file may hold."""
        if not isinstance(given, list) or len(given) not in (2, 3) or given[:2] not in _FORMS:
            return None
        unit = given[2] if len(given) == 3 else ["", "", ""]
        if not isinstance(unit, list) or len(unit) != 3 or not all(isinstance(text, str) for text in unit):
            return None
        return None if said_wrong(Unit(*unit)) else cls(given[0], given[1], Unit(*unit))


PLAIN = NumberForm()


class Found(NamedTuple):
    """How a column is written, and how sure that is.

    Attributes
    ----------
    open
        Whether it may be otherwise, since each mark has three digits behind it: ``1,250``.
    sure
        The mark before decimals, where a cell leaves no doubt of it.
    bare
        Whether all cells are digits and marks alone.
    """

    form: NumberForm
    open: bool = False
    sure: Literal[".", ","] | None = None
    bare: bool = True


@dataclass(frozen=True, kw_only=True, repr=False)
class WrittenColumn(Column):
    """A column that knows how numbers are written in the cells that it was trained on.

    Attributes
    ----------
    decimal, thousands, unit
        See `NumberForm`; None where the cells were no texts of numbers, and in a file of an older hornbook.
    """

    decimal: Literal[".", ","] | None = None
    thousands: Literal["", ".", ","] | None = None
    unit: tuple[str, str, str] | None = None

    @property
    def form(self) -> NumberForm | None:
        """How numbers are written; None where that was not kept."""
        if self.decimal is None:
            return None
        return NumberForm(self.decimal, self.thousands or "", Unit(*self.unit or ()))

    def objection(self) -> str:
        """Return what is wrong with a unit, which may be out of anybody's file."""
        return "" if self.unit is None else said_wrong(Unit(*self.unit))

    def written(self, numbers: NumberForm) -> Self:
        """Return the column with how the numbers of the training table are written, unless it knows that."""
        if self.decimal is not None:
            return self
        before, after, scale = numbers.unit
        unit = None if numbers.unit == NOTHING else (before, after, scale)
        return replace(self, decimal=numbers.decimal, thousands=numbers.thousands, unit=unit)


def with_point(text: str, form: NumberForm) -> str:
    """Return a number with a decimal point and nothing between its thousands; another text as it is.

    >>> with_point("1,250", PLAIN), with_point("1,250", NumberForm(",")), with_point("1,5", PLAIN)
    ('1250', '1.250', '1.5')
    """
    if not _MATCH[_BARE](text):
        text = bare(text, form.unit)
    for mark in (form.groups, *",."):
        grouped = mark and mark in text and _MATCH[_GROUPED[mark]](text)
        if grouped and (mark == form.groups or not (_MATCH[_POINT](text) or _MATCH[_COMMA](text))):
            return text.replace(mark, "").replace(",", ".")
    return text.replace(",", ".") if "," in text and _MATCH[_COMMA](text) else text


def all_with_point(cells: pl.Series, form: NumberForm) -> tuple[pl.Series, pl.Series]:
    """Return a column of texts as `with_point` does, and which cells nobody can read.

    These are cells such as ``1,250`` beside ``1,5`` where training had points: in such a table commas may stand before
    the decimals.
    """
    no = cells.is_null() & cells.is_not_null()
    grouped = {mark: cells.str.contains(_GROUPED[mark]) if mark == form.groups else no for mark in _GROUPED}
    mine = grouped[form.groups]
    point = cells.str.contains(_POINT)
    usual = bool((point | mine).all())
    comma = no if usual else cells.str.contains(_COMMA)
    commas = comma & ~mine
    if not (point | comma | mine).all():  # some have the other form, or are no numbers
        around = (~cells.str.contains(_BARE)).fill_null(False)
        if around.any():
            plain = all_bare(cells.filter(around), form.unit)
            if plain.str.contains(_BARE).any():
                return all_with_point(cells.clone().scatter(around.arg_true(), plain), form)
        for mark in _GROUPED.keys() - {form.groups}:
            grouped[mark] = cells.str.contains(_GROUPED[mark]) & ~point & ~comma
    out = cells
    for mark, some in {"": commas, **grouped}.items():
        if some.any():
            text = cells.str.replace_all(mark, "", literal=True) if mark else cells
            text = text.str.replace(",", ".", literal=True) if mark != "," else text
            every = some.all() or (usual and mark == ",")  # those with a point have no comma
            out = text if every else out.zip_with(~some.fill_null(False), text)
    if form.thousands:
        return out, no
    other = commas if form.groups == "," else point & ~mine & cells.str.contains(".", literal=True)
    single = comma if form.groups == "," else point
    return out, (mine & single).fill_null(False) if other.any() else no


def find_form(cells: pl.Series, decimal: Literal[".", ","]) -> Found | None:
    """Return how the numbers of a column of texts are written, by what nearly all of its cells are.

    Parameters
    ----------
    cells
        Texts without blanks around them; what is missing is empty.
    decimal
        What is taken where it is open, since each mark has three digits behind it: ``1,250``.

    Returns
    -------
    None where too many are no numbers, or they are written in several ways.

    Examples
    --------
    >>> import polars as pl
    >>> find_form(pl.Series(["1,250.5", "900"]), ".").form
    NumberForm(decimal='.', thousands=',', unit=Unit(before='', after='', scale=''))
    >>> find_form(pl.Series(["1,250 €", "900 €"]), ",")[:2]
    (NumberForm(decimal=',', thousands='', unit=Unit(before='', after=' €', scale='')), True)
    """
    known = cells.drop_nulls()
    head, unit = known.head(FIRST), NOTHING
    if not len(head) or not alike(head.to_list()):
        return None  # most columns of text are known by their first cells
    point, comma, by_comma, by_point = _marks(known)
    ours, is_bare = point | comma | by_comma | by_point, True
    if not ours.all() and not known.str.contains(_BARE).all():
        found = find_unit(known)
        if found is None:
            return None
        known, unit, is_bare = all_bare(known, found), found, False
        point, comma, by_comma, by_point = _marks(known)
        ours = point | comma | by_comma | by_point
    if ours.sum() < MOSTLY * len(ours):
        return None
    english = bool((point | by_comma | ~ours).all())
    german = bool((comma | by_point | known.str.contains(rf"^[+-]?\d+{_POWER}") | ~ours).all())
    commas, points = bool(by_comma.any()), bool(by_point.any())
    if english and german:
        if commas and points:  # 1,250 and 1.250
            return None
        mark: Literal[",", "."] = "," if commas else "."
        if not commas and not points:
            return Found(NumberForm(unit=unit), bare=is_bare)
        return Found(NumberForm(decimal, "" if decimal == mark else mark, unit), open=True, bare=is_bare)
    if english:
        return Found(NumberForm(".", "," if commas else "", unit), sure=".", bare=is_bare)
    return Found(NumberForm(",", "." if points else "", unit), sure=",", bare=is_bare) if german else None


def _marks(cells: pl.Series) -> list[pl.Series]:
    """Return which texts are numbers with a point, with a comma, and with commas and points between thousands."""
    return [cells.str.contains(pattern) for pattern in (_POINT, _COMMA, *_GROUPED.values())]


def likely_decimal(cells: pl.Series, unit: Unit) -> Literal[".", ","] | None:
    """Return what probably stands before decimals in a column that leaves it open; None where nothing tells.

    With decimals, of many numbers some would have fewer than three of them, and some under one. Whole numbers under a
    thousand beside marks that all have three digits behind them, or zeros alone behind most of them, are thousands.
    """
    known = all_bare(cells.drop_nulls(), unit)
    marked = known.filter(known.str.contains(r"[.,]"))
    zeros = len(marked) >= 3 and marked.str.contains(r"[.,]\d\d0$").sum() > len(marked) / 2
    small = len(marked) >= FEWEST_MARKED and known.str.contains(r"^[+-]?[1-9]\d{1,2}$").any()
    if not zeros and not small:
        return None
    return "." if "," in marked[0] else ","


def form_of(series: pl.Series) -> NumberForm | None:
    """Return how the numbers of a column of texts are written, see `find_form`; None for any other column."""
    if str(series.dtype) != "String":
        return None
    some = [text.strip() for text in series.drop_nulls().head(FIRST).to_list()]
    if not alike([text for text in some if not _is_nothing(text)]):
        return None  # most columns of text are known by their first cells
    found = find_form(_known(series), ".")
    return found.form if found else None


def _known(cells: pl.Series) -> pl.Series:
    """Return texts without blanks around them, empty where they stand for what is missing among numbers."""
    plain = without_missing(cells, MISSING).str.strip_chars()
    return plain.set(is_nothing(plain), None)


def _is_nothing(text: str) -> bool:
    return text.lower() in AMONG_NUMBERS or _MATCH[DASH](text[:LONGEST_NUMBER]) is not None


def is_nothing(cells: pl.Series) -> pl.Series:
    """Return which texts without blanks around them stand for what is missing among numbers."""
    return (cells.str.to_lowercase().is_in(list(AMONG_NUMBERS)) | cells.str.contains(DASH)).fill_null(False)


def to_number(
    value: object, name: str = "", largest: float = np.inf, form: NumberForm | None = None
) -> float:
    """Return the number in a cell, nan where there is none.

    Parameters
    ----------
    name
        What the cell is called in messages.
    largest
        The largest number that can be kept.
    form
        How it is written; without it only numbers with a point are read.

    Raises
    ------
    DataError
        It is no number, infinite or too large.

    Examples
    --------
    >>> to_number(" 2.5 "), to_number("?"), to_number("1,250", form=PLAIN)
    (2.5, nan, 1250.0)
    """
    where = f"{name}: " if name else ""
    if value is None:
        return math.nan
    if isinstance(value, str):
        text = value.strip()
        if _is_nothing(text):
            return math.nan
        if form is not None and len(text) <= LONGEST_NUMBER:
            text = with_point(text, form)
        if len(text) > LONGEST_NUMBER or not _MATCH[_POINT](text):
            raise DataError(
                f"{where}{shorten(clean(value), 40)!r} is not a number{hint(text)}; correct it there, or "
                "leave it empty"
            )
        value = text
    elif isinstance(value, (datetime.date, datetime.time, datetime.timedelta)):
        raise DataError(
            f"{where}{value} is not a number, but a date or time; use another column, or write it as a number"
        )
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise DataError(
            f"{where}a value of type {type(value).__name__} is not a number; correct it there"
        ) from None
    except OverflowError:
        number = math.inf
    if math.isinf(number) or abs(number) > largest:
        raise DataError(
            f"{where}{shorten(clean(value), 40)} is infinite or too large for a number; leave it empty, or correct it "
            "there"
        )
    return number


def hint(text: str) -> str:
    """Return what a text looks like, where that helps."""
    guesses: list[tuple[str, Callable[[str], object]]] = [
        (" (a decimal comma?)", re.compile(r"[+-]?\d*,\d+").fullmatch),
        (" (a date?)", re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*").fullmatch),
        (" (a percentage?)", re.compile(r".*\d\s*%").fullmatch),
        (" (with a unit?)", re.compile(r"[+-]?\d+\.?\d*\s*[^\d\s].*").fullmatch),
        (" (infinite)", re.compile(r"[+-]?inf(inity)?", re.IGNORECASE).fullmatch),
    ]
    return next((said for said, looks in guesses if looks(text)), "") if len(text) <= LONGEST_NUMBER else ""


def floats(series: Any, form: NumberForm | None) -> tuple[Array, Array] | None:
    """Return a Polars column as float64, nan where there is nothing, and which cells could not be read.

    None where its type needs a look at each value. Only cells that are not written with a point are looked at twice.
    """
    import polars as pl

    if series.dtype.is_numeric() or series.dtype == pl.Boolean:
        return series.cast(pl.Float64).to_numpy(), np.zeros(len(series), bool)
    if series.dtype != pl.String:
        return None
    cells = series.str.strip_chars()
    numbers = cells.cast(pl.Float64, strict=False)
    wrong = numbers.is_null() & cells.is_not_null() | numbers.is_infinite().fill_null(False)
    # Where decimals have commas, 1.250 is one thousand.
    german = form is not None and form.groups == "."
    again = pl.Series([True]).new_from_index(0, len(cells)) if german else wrong
    if not again.any():
        return numbers.to_numpy().astype(np.float64), wrong.to_numpy()
    out = numbers.to_numpy().astype(np.float64)
    places = again.arg_true().to_numpy()
    some = cells.gather(places)
    nothing = some.is_null() | is_nothing(some)
    plain, open_ = (some, False) if form is None else all_with_point(some, form)
    found = plain.cast(pl.Float64, strict=False)
    bad = np.zeros(len(out), bool)
    bad[places] = ((found.is_null() | found.is_infinite() | open_) & ~nothing).to_numpy()
    out[places] = np.where(nothing.to_numpy(), np.nan, found.to_numpy().astype(np.float64))
    out[bad] = np.nan
    return out, bad
