"""The parts of a date, and which of them can be learned from.

A part is of use where it varies in the training rows and comes again: the month of the year only where months of two
years are there, else it is the same as the days since the first. Where years are told apart by their number, the days
are left out: a summer at the end of the training rows would be taken for what is to come (bike hire by the hour, its
last tenth by time: boosted trees err by 51 with years, by 74 with days).
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from hornbook.columns.base import Array

Part = Literal["year", "month", "yearday", "day", "weekday", "hour", "days"]

PARTS: tuple[Part, ...] = ("year", "month", "yearday", "day", "weekday", "hour", "days")

DAY = 86_400.0

TWO_YEARS = 400
"""Days from which on a month, and with some days to spare the whole season, has come again."""

TWO_WEEKS = 14

MONTHLY = 45
"""Days from which on dates of one day of the month each are those of months."""


def meaningful(seconds: Array) -> tuple[Part, ...]:
    """Return the parts of moments that vary and come again.

    Parameters
    ----------
    seconds
        Since 1970, of the training rows that have a date; at least one.

    Examples
    --------
    >>> meaningful(np.arange(800) * DAY), meaningful(np.arange(48) * DAY / 24)
    (('year', 'yearday', 'weekday'), ('hour', 'days'))
    """
    days = np.floor(seconds / DAY)
    span = float(np.ptp(seconds)) / DAY
    out: list[Part] = []
    months = days.astype("datetime64[D]").astype("datetime64[M]")
    of_month = (days - months.astype("datetime64[D]").astype(np.float64)).astype(int)
    last = (days + 1).astype("datetime64[D]").astype("datetime64[M]") > months
    monthly = span >= MONTHLY and (len(np.unique(of_month)) == 1 or bool(last.all()))
    if span >= TWO_YEARS:
        out.append("year")
        in_year = months.astype(np.int64) % 12
        if len(np.unique(in_year)) > 1:
            out.append("month" if monthly else "yearday")
    if span >= TWO_WEEKS and not monthly and len(np.unique(days % 7)) > 1:
        out.append("weekday")
    if len(np.unique((seconds - days * DAY) // 60)) > 1:
        out.append("hour")
    if span > 0 and "year" not in out:
        out.append("days")
    return tuple(out) or ("days",)
