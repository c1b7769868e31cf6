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
from hornbook.columns.missing import AMONG_NUMBERS
from hornbook.columns.number.written.units import (
    DASH,
    NOTHING,
    Unit,
    all_bare,
    bare,
    said_wrong,
)
from hornbook.common.plaintext import clean, shorten
from hornbook.errors import DataError

if TYPE_CHECKING:
    import polars as pl

LONGEST_NUMBER = 400
"""Characters of the longest number in float64; a text that is longer is none, and no pattern is tried on it."""

POWER = r"([eE][+-]?\d+)?$"
BARE = rf"^[+-]?[\d.,]+{POWER}"
POINT = rf"^[+-]?(\d+\.?\d*|\.\d+){POWER}"
COMMA = rf"^[+-]?(\d+,\d*|,\d+){POWER}"
GROUPED = {
    ",": rf"^[+-]?[1-9]\d{{0,2}}(,\d{{2}})*(,\d{{3}})+(\.\d*)?{POWER}",  # 12,34,567 in India
    ".": rf"^[+-]?[1-9]\d{{0,2}}(\.\d{{3}})+(,\d*)?{POWER}",
}
"""Numbers with this mark between their thousands: no leading zero, three digits after each mark."""

USUAL = {".": f"{POINT}|{GROUPED[',']}", ",": rf"^[+-]?(\d+,?\d*|,\d+){POWER}"}
"""What most columns have that are written with this mark before decimals."""

HEAD = 100
"""Cells that are looked at before a whole column is."""

_A_DIGIT = r"^[+-]?[.,]?[0-9]"
"""How numbers begin, and no word that stands for what is missing."""

_MATCH = {pattern: re.compile(pattern).match for pattern in (BARE, DASH, POINT, COMMA, *GROUPED.values())}


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
    if not _MATCH[BARE](text):
        text = bare(text, form.unit)
    for mark in (form.groups, *",."):
        grouped = mark and mark in text and _MATCH[GROUPED[mark]](text)
        if grouped and (mark == form.groups or not (_MATCH[POINT](text) or _MATCH[COMMA](text))):
            return text.replace(mark, "").replace(",", ".")
    return text.replace(",", ".") if "," in text and _MATCH[COMMA](text) else text


def all_with_point(cells: pl.Series, form: NumberForm) -> tuple[pl.Series, pl.Series]:
    """Return a column of texts as `with_point` does, and which cells nobody can read.

    These are cells such as ``1,250`` beside ``1,5`` where training had points: in such a table commas may stand before
    the decimals.
    """
    no = cells.is_null() & cells.is_not_null()
    if (quick := _all_usual(cells, form)) is not None:
        return quick, no
    grouped = {mark: cells.str.contains(GROUPED[mark]) if mark == form.groups else no for mark in GROUPED}
    mine = grouped[form.groups]
    point = cells.str.contains(POINT)
    usual = bool((point | mine).all())
    comma = no if usual else cells.str.contains(COMMA)
    commas = comma & ~mine
    if not (point | comma | mine).all():  # some have the other form, or are no numbers
        around = (~cells.str.contains(BARE)).fill_null(False)
        if around.any():
            plain = all_bare(cells.filter(around), form.unit)
            if plain.str.contains(BARE).any():
                return all_with_point(cells.clone().scatter(around.arg_true(), plain), form)
        for mark in GROUPED.keys() - {form.groups}:
            grouped[mark] = cells.str.contains(GROUPED[mark]) & ~point & ~comma
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


def _all_usual(cells: pl.Series, form: NumberForm) -> pl.Series | None:
    """Return cells that are all of one form with a point, by one look at each; None where one may be another.

    These are numbers with a point or with commas between thousands where decimals have points; and whole numbers and
    those with a comma where decimals have commas, and no point is in the column.
    """
    usual = USUAL[form.decimal]
    if not cells.head(HEAD).str.contains(usual).all() or not cells.str.contains(usual).all():
        return None
    if form.decimal == ".":
        return cells.str.replace_all(",", "", literal=True)
    return cells.str.replace(",", ".", literal=True)


def is_nothing_alone(text: str) -> bool:
    """Return whether a text without blanks around it stands for what is missing among numbers."""
    return text.lower() in AMONG_NUMBERS or _MATCH[DASH](text[:LONGEST_NUMBER]) is not None


def is_nothing(cells: pl.Series) -> pl.Series:
    """Return which texts without blanks around them stand for what is missing among numbers."""
    if cells.str.contains(_A_DIGIT).all():
        return cells.is_null() & cells.is_not_null()
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
        if is_nothing_alone(text):
            return math.nan
        if form is not None and len(text) <= LONGEST_NUMBER:
            text = with_point(text, form)
        if len(text) > LONGEST_NUMBER or not _MATCH[POINT](text):
            raise DataError(
                f"{where}{shorten(clean(value), 40)!r} is not a number{_wanted(form)}{hint(text)}; correct it "
                "there, or leave it empty"
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


def _wanted(form: NumberForm | None) -> str:
    """Return the unit that numbers have in a form, where that is one."""
    unit = NOTHING if form is None else form.unit
    return f" in {(unit.before + unit.after).strip()!r}" if unit.before or unit.after else ""


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
