"""Writing moments as those of a column are written: each part of its last cell gives way to that of another moment."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from hornbook.columns.date.written.forms import NUMBERS, pattern
from hornbook.columns.date.written.names import DAYS, month_as
from hornbook.columns.date.written.read import EXCEL, ISO, DateForm

if TYPE_CHECKING:
    import polars as pl

_WIDTHS = {"year": 4, "short": 2, "month": 2, "day": 2, "minute": 2, "second": 2, "week": 2, "ordinal": 3}
_PADDED = ("month", "day", "hour", "week")
_EPOCH = datetime(1970, 1, 1)


def writer(cells: pl.Series, form: DateForm) -> Callable[[datetime], str]:
    """Return what writes a moment in UTC as the cells of a column of dates do.

    >>> import polars as pl
    >>> writer(pl.Series(["31/12/2019 11:30 PM"]), DateForm("%d/%m/%Y"))(datetime(2020, 1, 2, 9, 5))
    '02/01/2020 09:05 AM'
    """
    if str(cells.dtype) == "Date":
        return lambda t: t.date().isoformat()
    if cells.dtype.is_temporal():
        return lambda t: t.isoformat(" ")
    if form.form in NUMBERS:
        days = EXCEL if form.form == "excel" else 0
        unit = NUMBERS[form.form]
        return lambda t: f"{(t - _EPOCH) / timedelta(microseconds=1) / unit + days:.15g}"
    known = cells.drop_nulls().cast(str).str.strip_chars()
    last = re.sub(rf"(?i)^(?:{DAYS})\.?,?\s+|(?<=\d)(?:st|nd|rd|th)\b", "", str(known[-1]))
    for way in (form.form, ISO):
        made = pattern(way)
        if found := re.search(made.text, last):
            parts = enumerate(made.parts, 1)
            bare = {part for i, part in parts if part in _PADDED and _bare(known, made.text, i)}
            bare |= {"month", "day"} if bare & {"month", "day"} else set()
            return lambda t: _filled(last, found, made.parts, t, bare)
    return lambda t: t.isoformat(" ")


def _bare(cells: pl.Series, text: str, group: int) -> bool:
    """Return whether a part has no zero before a digit: 3/9/2024 has none, 03/09/2024 has."""
    return bool((cells.str.extract(text, group).str.len_chars() == 1).any())


def _filled(text: str, found: re.Match[str], parts: tuple[str, ...], moment: datetime, bare: set[str]) -> str:
    """Return a text with each part of its date in the place of the old one; ``bare`` ones without a zero before."""
    given = {part: found[i] for i, part in enumerate(parts, 1) if found[i] is not None}
    moment += timedelta(minutes=_ahead(given.get("zone", "")))
    if not {"day", "ordinal", "week"} & {*given} and moment.day > 15:
        moment = moment.replace(day=15)  # of a month alone
    out, at = [], 0
    for i, part in enumerate(parts, 1):
        if found[i] is not None:
            out += [text[at : found.start(i)], _part(part, found[i], moment, part in bare, {*given})]
            at = found.end(i)
    return "".join(out) + text[at:]


def _part(part: str, old: str, moment: datetime, bare: bool, beside: set[str]) -> str:
    """Return one part of a moment, as the old one is written."""
    if part == "name":
        return month_as(old, moment.month)
    if part == "half":
        half = "ap"[moment.hour >= 12]
        return half if old.islower() else half.upper()
    if part == "zone":
        return old
    if part == "fraction":
        return f"{moment.microsecond:06d}".ljust(len(old), "0")[: len(old)]
    number = {
        "year": moment.isocalendar()[0] if "week" in beside else moment.year,
        "short": moment.year % 100,
        "month": moment.month,
        "quarter": (moment.month + 2) // 3,
        "day": moment.day,
        "week": moment.isocalendar()[1],
        "ordinal": moment.timetuple().tm_yday,
        "hour": (moment.hour + 11) % 12 + 1 if "half" in beside else moment.hour,
        "minute": moment.minute,
        "second": moment.second,
    }[part]
    if part in _PADDED:
        return str(number) if bare else f"{number:02d}"
    if part == "short" and len(old) == 1:
        return str(number)
    return str(number).zfill(_WIDTHS.get(part, 1))


def _ahead(zone: str) -> int:
    """Return the minutes that a zone is before UTC.

    >>> _ahead("+0130"), _ahead("-05:00"), _ahead("Z")
    (90, -300, 0)
    """
    zone = zone.upper().removeprefix("UTC").removeprefix("GMT")
    digits = zone[1:].replace(":", "")
    if not digits.isdecimal():
        return 0
    minutes = 60 * int(digits[:2]) + int(digits[2:] or 0)
    return -minutes if zone[0] == "-" else minutes
