"""How often a series has a row, by the calendar, and how many rows a season may have."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hornbook.columns.base import Array
from hornbook.common.plaintext import number_of
from hornbook.examples.in_time.timeline import Times

DAY = 86_400.0

EXACT = 0.15
"""A row is in its place where it is off by such a share of a step at most."""

REGULAR = {"month": 0.5, "other": 0.9}
"""The share of steps from a row to the very next place, from which on a series is regular: its other steps are gaps."""

MOST_ROWS = 700
"""Rows of a season, at most: a window has to hold one."""

MONTHS = {1: "month", 3: "quarter", 6: "half year", 12: "year"}

CLOSE = 0.02
"""A step is a day or an hour where it is so, give or take this share."""


@dataclass(frozen=True)
class Frequency:
    """How often there is a row.

    Attributes
    ----------
    unit
        What a row is of: ``month``, ``day``, ``business day``, ``10 minutes``, or just ``row``.
    seasons
        Rows that a season may have.
    """

    unit: str
    seasons: tuple[int, ...]

    def said(self, season: int) -> str:
        """Return a season in words.

        >>> Frequency("month", (12,)).said(12), Frequency("10 minutes", (144,)).said(144)
        ('12 months', '144 rows of 10 minutes')
        """
        if self.unit[0].isdigit():
            return f"{season} rows of {self.unit}"
        return number_of(season, self.unit)


def frequency(times: Times) -> Frequency:
    """Return how often there is a row, by the usual step from one to the next.

    Where times are no dates, or none of these, a season of 2 to 60 rows is possible.
    """
    unknown = Frequency("row", (*range(2, 61),))
    steps = np.diff(times.numbers)[np.diff(times.groups) == 0]
    steps = steps[steps > 0]
    if not times.dated or not len(steps):
        return unknown
    usual = float(np.median(steps)) / DAY
    if usual >= 27:
        months = round(usual / 30.44)
        unit = MONTHS.get(months, f"{months} months")
        return Frequency(unit, (12 // months,) if months < 12 and 12 % months == 0 else ())
    if abs(usual / 7 - 1) <= CLOSE:
        return Frequency("week", (52,))
    if abs(usual - 1) <= CLOSE:
        open_days = _weekdays(times.numbers)
        if open_days == 7:
            return Frequency("day", (7,))
        works = open_days == 5 and not _on_weekends(times.numbers)
        return Frequency("business day" if works else "open day", (open_days,) if open_days > 1 else ())
    if usual > 1:
        return Frequency(f"{usual:.3g} days", ())
    return _within_a_day(usual * DAY)


def _within_a_day(seconds: float) -> Frequency:
    """Return the frequency of steps of less than a day."""
    a_day = round(DAY / seconds)
    if abs(a_day * seconds / DAY - 1) > CLOSE:
        return Frequency(f"{seconds:.3g} seconds", ())
    an_hour = round(3600 / seconds)
    exact = [count for count in (an_hour, a_day, 7 * a_day) if 4 <= count <= MOST_ROWS]
    hours, minutes = seconds / 3600, seconds / 60
    if round(hours) >= 1 and abs(hours - round(hours)) < CLOSE:
        unit = "hour" if round(hours) == 1 else f"{round(hours)} hours"
    elif round(minutes) >= 1 and abs(minutes - round(minutes)) < CLOSE:
        unit = "minute" if round(minutes) == 1 else f"{round(minutes)} minutes"
    else:
        unit = f"{seconds:.3g} seconds"
    return Frequency(unit, tuple(exact))


def places(times: Times) -> Array | None:
    """Return the place of each row in the calendar of its series, ``int64``; None where there is no regular one.

    Places follow each other as months, weeks, days or equal steps do, whatever their lengths. Days on which there is
    never a row (weekends) make a calendar with holidays, which is none.
    """
    steps = np.diff(times.numbers)
    within = np.diff(times.groups) == 0
    usual = float(np.median(steps[within])) if within.any() else 0.0
    if not times.known or usual <= 0:
        return None
    months = times.dated and usual >= 27 * DAY
    if months:
        moments = times.numbers.astype("datetime64[s]").astype("datetime64[M]").astype(np.int64)
        step = float(round(usual / DAY / 30.44))
        found = moments / step
    else:
        step = DAY * round(usual / DAY) if times.dated and usual >= DAY * (1 - CLOSE) else usual
        found = times.numbers / step
        if times.dated and step == DAY and _weekdays(times.numbers) < 7:
            return None
    ahead = np.diff(found)[within]
    near = np.abs(ahead - np.round(ahead)) <= EXACT
    very_next = np.round(ahead) == 1
    if (
        not near.all()
        or (np.round(ahead) < 1).any()
        or very_next.mean() < REGULAR["month" if months else "other"]
    ):
        return None
    out = np.zeros(len(found), np.int64)
    out[1:] = np.cumsum(np.where(within, np.round(np.diff(found)), 1)).astype(np.int64)
    return out


def _weekdays(seconds: Array) -> int:
    """Return on how many days of the week there are rows, but for some."""
    days = np.bincount((np.floor(seconds / DAY).astype(np.int64) + 3) % 7, minlength=7)
    return int((days > 0.05 * days.max()).sum())


def _on_weekends(seconds: Array) -> bool:
    """Return whether a time in twenty is on a Saturday or Sunday; 1970-01-01 was a Thursday."""
    weekday = (np.floor(seconds / DAY).astype(np.int64) + 3) % 7
    return bool((weekday >= 5).mean() > 0.05)
