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
from hornbook.common.plaintext import clean, shorten
from hornbook.errors import DataError

if TYPE_CHECKING:
    import polars as pl

LONGEST_NUMBER = 400
"""Characters of the longest number in float64; a text that is longer is none, and no pattern is tried on it."""

_POWER = r"([eE][+-]?\d+)?$"
_POINT = rf"^[+-]?(\d+\.?\d*|\.\d+){_POWER}"
_COMMA = rf"^[+-]?(\d+,\d*|,\d+){_POWER}"
_GROUPED = {
    ",": rf"^[+-]?[1-9]\d{{0,2}}(,\d{{3}})+(\.\d*)?{_POWER}",
    ".": rf"^[+-]?[1-9]\d{{0,2}}(\.\d{{3}})+(,\d*)?{_POWER}",
}
"""Numbers with this mark between their thousands: no leading zero, three digits after each mark."""

_MATCH = {pattern: re.compile(pattern).match for pattern in (_POINT, _COMMA, *_GROUPED.values())}


class NumberForm(NamedTuple):
    """How the numbers of a column are written.

    Attributes
    ----------
    decimal
        What stands before the decimals: ``.`` or ``,``.
    thousands
        What stands between thousands in the training column: ``,``, ``.`` or nothing.
    """

    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ","] = ""

    @property
    def groups(self) -> str:
        """What is taken for a mark between thousands: commas, where decimals have a point, even if none was seen."""
        return self.thousands or ("," if self.decimal == "." else "")


PLAIN = NumberForm()


@dataclass(frozen=True, kw_only=True, repr=False)
class WrittenColumn(Column):
    """A column that knows how numbers are written in the cells that it was trained on.

    Attributes
    ----------
    decimal, thousands
        See `NumberForm`; None where the cells were no texts of numbers, and in a file of an older hornbook.
    """

    decimal: Literal[".", ","] | None = None
    thousands: Literal["", ".", ","] | None = None

    @property
    def form(self) -> NumberForm | None:
        """How numbers are written; None where that was not kept."""
        return None if self.decimal is None else NumberForm(self.decimal, self.thousands or "")

    def written(self, numbers: NumberForm) -> Self:
        """Return the column with how the numbers of the training table are written, unless it knows that."""
        if self.decimal is not None:
            return self
        return replace(self, decimal=numbers.decimal, thousands=numbers.thousands)


def with_point(text: str, form: NumberForm) -> str:
    """Return a number with a decimal point and nothing between its thousands; another text as it is.

    >>> with_point("1,250", PLAIN), with_point("1,250", NumberForm(",")), with_point("1,5", PLAIN)
    ('1250', '1.250', '1.5')
    """
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
    point = cells.str.contains(_POINT)
    comma = no if (point | grouped.get(form.groups, no)).all() else cells.str.contains(_COMMA)
    commas = comma & ~grouped.get(form.groups, no)
    if not (
        point | comma | grouped.get(form.groups, no)
    ).all():  # some have the other form, or are no numbers
        for mark in _GROUPED.keys() - {form.groups}:
            grouped[mark] = cells.str.contains(_GROUPED[mark]) & ~point & ~comma
    out = cells
    for mark, mine in {"": commas, **grouped}.items():
        if mine.any():
            text = cells.str.replace_all(mark, "", literal=True) if mark else cells
            out = out.zip_with(~mine.fill_null(False), text.str.replace(",", ".", literal=True))
    return out, (grouped[","] & comma).fill_null(False) if form == PLAIN and commas.any() else no


def find_form(cells: pl.Series, decimal: Literal[".", ","]) -> tuple[NumberForm, bool] | None:
    """Return how the numbers of a column of texts with commas or points are written, and whether that is open.

    Parameters
    ----------
    cells
        Texts without blanks around them; what is missing is empty.
    decimal
        What is taken where it is open, since each mark has three digits behind it: ``1,250``.

    Returns
    -------
    None where some are no numbers, or are written in several ways.

    Examples
    --------
    >>> import polars as pl
    >>> find_form(pl.Series(["1,250.5", "900"]), "."), find_form(pl.Series(["1,250", "900"]), ",")
    ((NumberForm(decimal='.', thousands=','), False), (NumberForm(decimal=',', thousands=''), True))
    """
    known = cells.drop_nulls()
    if not known.head(100).str.contains(r"^[+-]?[\d.,]+" + _POWER).all():
        return None
    point, comma = known.str.contains(_POINT), known.str.contains(_COMMA)
    by_comma, by_point = (known.str.contains(pattern) for pattern in _GROUPED.values())
    english, german = (
        bool((point | by_comma).all()),
        bool((comma | by_point | known.str.contains(r"^[+-]?\d+$")).all()),
    )
    if english and german:
        if (by_point & point).any():  # 1,250 and 1.250
            return None
        return NumberForm(decimal, "," if decimal == "." else ""), True
    if english:
        return NumberForm(".", "," if by_comma.any() else ""), False
    return (NumberForm(",", "." if by_point.any() else ""), False) if german else None


def form_of(series: pl.Series) -> NumberForm | None:
    """Return how the numbers of a column of texts are written, see `find_form`; None for any other column."""
    if str(series.dtype) != "String":
        return None
    plain = without_missing(series, MISSING).str.strip_chars()
    nothing = plain.str.to_lowercase().is_in(list(AMONG_NUMBERS)).fill_null(False)
    found = find_form(plain.set(nothing, None), ".")
    return found[0] if found else None


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
        if text.lower() in AMONG_NUMBERS:
            return math.nan
        if form is not None and len(text) <= LONGEST_NUMBER:
            text = with_point(text, form)
        if len(text) > LONGEST_NUMBER or not _MATCH[_POINT](text):
            raise DataError(
                f"{where}{shorten(clean(value), 40)!r} is not a number{_hint(text)}; correct it there, or "
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


def _hint(text: str) -> str:
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
    again = (
        pl.Series([True]).new_from_index(0, len(cells))
        if form is not None and form.thousands == "."
        else wrong
    )
    if not again.any():
        return numbers.to_numpy().astype(np.float64), wrong.to_numpy()
    out = numbers.to_numpy().astype(np.float64)
    places = again.arg_true().to_numpy()
    some = cells.gather(places)
    nothing = some.is_null() | some.str.to_lowercase().is_in(list(AMONG_NUMBERS))
    plain, open_ = (some, False) if form is None else all_with_point(some, form)
    found = plain.cast(pl.Float64, strict=False)
    bad = np.zeros(len(out), bool)
    bad[places] = ((found.is_null() | found.is_infinite() | open_) & ~nothing).to_numpy()
    out[places] = np.where(nothing.to_numpy(), np.nan, found.to_numpy().astype(np.float64))
    out[bad] = np.nan
    return out, bad
