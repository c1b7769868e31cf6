"""The one reader of dates: a column of texts, numbers or Polars dates in a known form, to microseconds since 1970.

Each cell is taken apart by the pattern of the form, for a whole column at once, and what its parts are is arithmetic
of whole numbers, as it is in a recognizer's graph.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.date.written.forms import NUMBERS, pattern
from hornbook.columns.date.written.names import MONTHS
from hornbook.columns.number.written.words import KNOWN

if TYPE_CHECKING:
    import polars as pl

DAY = 86_400_000_000
"""Microseconds."""

EXCEL = 25_569
"""Days from 1899-12-30 to 1970."""

ISO = "%Y-%m-%d"
"""Read in every column, whatever its own form: it cannot be taken for another."""

NO_ZONE = -(2**31)

LONG = 5_000
"""Rows from which on it is worth to see whether all are alike."""

_NO_DATES = (r"^0*[-/.]?0*[-/.]?0+( [0:]+)?$",)
"""What databases write for no date: ``0000-00-00``."""


class DateForm(NamedTuple):
    """How the dates of a column are written.

    Attributes
    ----------
    form
        In the codes of ``strptime``, or a word of `hornbook.columns.date.written.forms.NUMBERS`.
    first_year
        Years of two digits are the first ones from this year on.
    zones
        Minutes that the column's zones are before UTC, the commonest first. A moment in another zone, or in UTC, is
        told by the clock of the commonest one.
    """

    form: str
    first_year: int = 1970
    zones: tuple[int, ...] = ()


class Moments(NamedTuple):
    """What was read.

    Attributes
    ----------
    clock
        Microseconds from 1970 to what the clock showed, ``int64``; 0 where there is none.
    known
        Whether a cell holds a date.
    wrong
        Whether it holds something else, which is no word for a missing value.
    zone
        Minutes before UTC, `NO_ZONE` where none is written.
    """

    clock: Array
    known: Array
    wrong: Array
    zone: Array

    @property
    def utc(self) -> Array:
        """Microseconds since 1970 in UTC; of a moment without a zone those of its clock."""
        found: Array = self.clock - np.where(self.zone == NO_ZONE, 0, self.zone) * 60_000_000
        return found

    def at_home(self, zones: tuple[int, ...]) -> Array:
        """Return the clock of each moment, in the commonest zone where its own is none of these."""
        if not zones:
            return np.where(self.zone == NO_ZONE, self.clock, self.utc)
        abroad = (self.zone != NO_ZONE) & ~np.isin(self.zone, zones)
        found: Array = np.where(abroad, self.utc + zones[0] * 60_000_000, self.clock)
        return found


def read(cells: pl.Series, form: DateForm) -> Moments | None:
    """Return the moments in a column; None where it is of a type that holds none."""
    import polars as pl

    kind = cells.dtype
    if kind == pl.Null:
        none = np.zeros(len(cells), bool)
        return Moments(np.zeros(len(cells), np.int64), none, none, _no_zones(len(cells)))
    if kind in (pl.Date, pl.Datetime):
        return _temporal(cells)
    if kind.is_numeric() and kind != pl.Boolean:
        return _numbers(cells, form)
    return _texts(cells, form) if kind == pl.String else None


def _no_zones(rows: int) -> Array:
    return np.full(rows, NO_ZONE, np.int64)


def _temporal(cells: pl.Series) -> Moments:
    import polars as pl

    known = cells.is_not_null().to_numpy()
    zone = _no_zones(len(cells))
    utc = cells.cast(pl.Datetime("us")) if cells.dtype == pl.Date else cells.dt.cast_time_unit("us")
    clock = utc
    if isinstance(cells.dtype, pl.Datetime) and cells.dtype.time_zone:
        clock = utc.dt.replace_time_zone(None)
        zone = np.where(
            known, (_whole(clock) - _whole(utc.dt.convert_time_zone("UTC"))) // 60_000_000, NO_ZONE
        )
    return Moments(_whole(clock), known, ~known & False, zone)


def _whole(moments: pl.Series) -> Array:
    found: Array = moments.dt.timestamp("us").fill_null(0).to_numpy()
    return found


def _numbers(cells: pl.Series, form: DateForm) -> Moments:
    import polars as pl

    if form.form not in NUMBERS:
        whole = cells.cast(pl.Int64, strict=False)
        same = (whole.cast(pl.Float64) == cells.cast(pl.Float64)).fill_null(False)
        found = _texts(whole.set(~same, None).cast(pl.String), form)
        gone = (cells.is_null() | (cells.is_nan() if cells.dtype.is_float() else False)).to_numpy()
        return found._replace(wrong=~found.known & ~gone)
    numbers = cells.cast(pl.Float64).fill_null(np.nan).to_numpy()
    there = np.isfinite(numbers)
    with np.errstate(all="ignore"):
        micro = (np.where(there, numbers, 0.0) - (EXCEL if form.form == "excel" else 0)) * NUMBERS[form.form]
        fine = there & (np.abs(micro) < 2.5e17)  # some 8,000 years
        micro = np.where(fine, micro, 0.0)
        if form.form == "excel":  # whose fractions of a day are no whole seconds
            micro = np.round(micro / 1000) * 1000
    return Moments(np.round(micro).astype(np.int64), fine, there & ~fine, _no_zones(len(cells)))


def _texts(cells: pl.Series, form: DateForm) -> Moments:
    """Return the moments in texts; of a long column that repeats itself each text is read once."""
    if len(cells) < LONG or int(cells.approx_n_unique()) * 3 > len(cells):  # type: ignore[arg-type]
        return _each_text(cells, form)
    every = cells.unique()
    found = _each_text(every, form)
    names, places = every.to_frame("text"), np.arange(len(every))
    table = cells.to_frame("text").join(
        names.with_columns(place=places), on="text", how="left", nulls_equal=True, maintain_order="left"
    )
    at = table["place"].to_numpy()
    return Moments(*(part[at] for part in found))


def _each_text(cells: pl.Series, form: DateForm) -> Moments:
    import polars as pl

    plain = cells.str.strip_chars()
    if form.form in NUMBERS:
        numbers = plain.cast(pl.Float64, strict=False)
        found = _numbers(numbers, form)
        other = plain.set(numbers.is_not_null(), None)
    else:
        found = _by_pattern(plain, form.form, form.first_year)
        other = plain
    left = ~found.known & plain.is_not_null().to_numpy()
    if left.any():
        rows = np.flatnonzero(left)
        some = other.gather(rows)
        if form.form != ISO:
            again = _by_pattern(some, ISO, form.first_year)
            clock, known, zone = found.clock.copy(), found.known.copy(), found.zone.copy()
            clock[rows], known[rows], zone[rows] = again.clock, again.known, again.zone
            found = Moments(clock, known, found.wrong, zone)
        left[rows] = ~found.known[rows] & ~(_is_nothing(some).to_numpy())
    return found._replace(wrong=left)


def _is_nothing(cells: pl.Series) -> pl.Series:
    """Return which texts stand for a missing date."""
    plain = cells.str.to_lowercase().str.replace_all(" ", "-", literal=True)
    found = plain.is_in([*KNOWN, ""]) | plain.str.contains(_NO_DATES[0])
    return found.fill_null(True)


def _by_pattern(cells: pl.Series, form: str, first_year: int) -> Moments:
    """Return the moments of texts that a pattern takes apart; others are not known."""
    import polars as pl

    parts = _cut(cells, form)

    def number(part: str, otherwise: int) -> Array:
        if part not in parts:
            return np.full(len(cells), otherwise, np.int64)
        found: Array = parts[part].cast(pl.Int64, strict=False).fill_null(otherwise).to_numpy()
        return found

    known = (parts["year"] if "year" in parts else parts["short"]).is_not_null().to_numpy()
    year = number("year", 1970) if "year" in parts else _whole_years(number("short", 0), first_year)
    month, day = number("month", 1), number("day", 1)
    if "name" in parts:
        names = parts["name"].str.to_lowercase()
        month = names.replace_strict(MONTHS, default=0, return_dtype=pl.Int64).fill_null(0).to_numpy()
    if "quarter" in parts:
        month = 3 * number("quarter", 1) - 2
    days = civil_days(year, month, day)
    known &= (month >= 1) & (month <= 12) & (year >= 1) & (day >= 1) & (day <= _lengths(year, month))
    if "week" in parts:
        week = number("week", 1)
        fourth = civil_days(year, np.full_like(year, 1), np.full_like(year, 4))
        days = fourth - (fourth + 3) % 7 + 7 * (week - 1)
        known &= (week >= 1) & (week <= 53)
    if "ordinal" in parts:
        ordinal = number("ordinal", 1)
        days = civil_days(year, np.full_like(year, 1), np.full_like(year, 1)) + ordinal - 1
        known &= (ordinal >= 1) & (ordinal <= 365 + _is_leap(year))
    if "hour" not in parts or parts["hour"].null_count() == len(cells):
        return Moments(np.where(known, days * DAY, 0), known, ~known, _no_zones(len(cells)))
    return _with_clock(days, known, parts, number)


def _cut(cells: pl.Series, form: str) -> dict[str, pl.Series]:
    """Return the parts of each text, by their names; empty where it is not in the form.

    Where all have each part at the same place, they are cut there: a third of the time of a pattern.
    """
    made = pattern(form)
    first = cells.drop_nulls().head(1).to_list() if len(cells) >= LONG else []
    found = re.search(made.text, first[0]) if first and first[0].isascii() else None
    if found is not None:
        spans = {part: found.span(i) for i, part in enumerate(made.parts, 1) if found[i] is not None}
        alike = "".join(_like(c, i, spans) for i, c in enumerate(first[0]))
        if cells.str.contains(f"^{alike}$").all():
            return {part: cells.str.slice(a, b - a) for part, (a, b) in spans.items()}
    table = cells.alias("cell").str.extract_groups(made.text).struct.unnest()
    return dict(zip(made.parts, table, strict=True))


def _like(character: str, at: int, spans: dict[str, tuple[int, int]]) -> str:
    """Return the pattern of what may stand in the place of a character, so that the parts stay where they are."""
    if character.isdecimal():
        return "[0-9]"
    for part, letters in (("name", "[A-Za-z]"), ("half", "[AaPp]")):
        if part in spans and spans[part][0] <= at < spans[part][1]:
            return letters
    return re.escape(character)


def _with_clock(days: Array, known: Array, parts: dict[str, pl.Series], number: object) -> Moments:
    """Return the moments of days and of the parts of a clock."""
    assert callable(number)
    hour, minute, second = number("hour", 0), number("minute", 0), number("second", 0)
    micro = np.zeros(len(days), np.int64)
    if "fraction" in parts and parts["fraction"].null_count() < len(days):
        digits = parts["fraction"].fill_null("0").str.pad_end(9, "0").str.slice(0, 6)
        micro = digits.cast(int).to_numpy()
    if "half" in parts and parts["half"].null_count() < len(days):
        half = parts["half"].str.to_lowercase()
        is_12 = half.is_not_null().to_numpy()
        known = known & (~is_12 | ((hour >= 1) & (hour <= 12)))
        hour = np.where(is_12, hour % 12 + 12 * (half == "p").fill_null(False).to_numpy(), hour)
    known = known & (minute < 60) & (second <= 60)
    known &= (hour < 24) | ((hour == 24) & (minute == 0) & (second == 0) & (micro == 0))
    clock = days * DAY + ((hour * 60 + minute) * 60 + second) * 1_000_000 + micro
    zone = _no_zones(len(days))
    if "zone" in parts and parts["zone"].null_count() < len(days):
        texts = parts["zone"].str.replace_all(r"(?i)utc|gmt|:", "")
        sign = texts.str.starts_with("-").fill_null(False).to_numpy()
        hours = texts.str.slice(1, 2).cast(int, strict=False).fill_null(0).to_numpy()
        minutes = texts.str.slice(3, 2).cast(int, strict=False).fill_null(0).to_numpy()
        ahead = np.where(sign, -1, 1) * (60 * hours + minutes)
        zone = np.where(texts.is_not_null().to_numpy(), ahead, NO_ZONE)
        known &= (hours < 24) & (minutes < 60)
    return Moments(np.where(known, clock, 0), known, ~known, np.where(known, zone, NO_ZONE))


def _whole_years(short: Array, first: int) -> Array:
    """Return years of two digits as the first ones from a year on."""
    return first + (short - first) % 100


def civil_days(year: Array, month: Array, day: Array) -> Array:
    """Return the days from 1970 to dates of the calendar (Howard Hinnant, `days_from_civil`).

    >>> civil_days(np.array([2000]), np.array([3]), np.array([1]))
    array([11017])
    """
    year = year - (month <= 2)
    era = year // 400
    of_era = year - era * 400
    of_year = (153 * (month + np.where(month > 2, -3, 9)) + 2) // 5 + day - 1
    found: Array = era * 146_097 + of_era * 365 + of_era // 4 - of_era // 100 + of_year - 719_468
    return found


def _is_leap(year: Array) -> Array:
    found: Array = (year % 4 == 0) & ((year % 100 != 0) | (year % 400 == 0))
    return found


_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31])


def _lengths(year: Array, month: Array) -> Array:
    found: Array = _DAYS[np.clip(month, 0, 12)] + ((month == 2) & _is_leap(year))
    return found
