"""The times of rows that are to come, written as those before them are."""

from __future__ import annotations

import calendar
from datetime import datetime, timedelta
from itertools import pairwise

import numpy as np
import polars as pl

from hornbook.columns.base import Array
from hornbook.columns.date.written.write import writer
from hornbook.examples.in_time.timeline import timed

LOOKED_AT = 400
"""Last rows by which the step from one to the next is known."""

MONTHLY = 27
"""Days from which on a step may be one of months."""

WORKDAYS = 10
"""Rows that are enough to see that there is none on a Saturday or Sunday."""


def following(cells: pl.Series, count: int) -> list[str]:
    """Return the next ``count`` times of a column in order of time; of one that is no time, the next numbers.

    >>> following(pl.Series(["2024-01", "2024-02", "2024-03"]), 2), following(pl.Series([1, 3, 5]), 2)
    (['2024-04', '2024-05'], ['7', '9'])
    """
    last = cells.tail(LOOKED_AT)
    found = timed(last)
    if found is None and last.dtype.is_numeric():
        return _numbers(last.cast(pl.Float64).to_numpy(), count)
    if found is None:
        return [f"step {i}" for i in range(1, count + 1)]
    read, form = found
    write = writer(last, form)
    return [write(moment) for moment in _moments(read.to_list(), count)]


def _numbers(values: Array, count: int) -> list[str]:
    step = float(np.median(np.diff(values))) if len(values) > 1 else 1.0
    return [f"{float(values[-1]) + step * i:.10g}" for i in range(1, count + 1)]


def _moments(times: list[datetime], count: int) -> list[datetime]:
    """Return the next times: by months, by the days on which there are rows, or by the usual step."""
    last = times[-1]
    steps = [b - a for a, b in pairwise(times)]
    usual = sorted(steps)[len(steps) // 2] if steps else timedelta(days=1)
    if usual.days >= MONTHLY and (found := _by_months(times, count)):
        return found
    if usual == timedelta(days=1) and len(times) >= WORKDAYS and all(t.weekday() < 5 for t in times):
        out = [last]
        while len(out) <= count:
            ahead = out[-1] + usual
            out.append(ahead + timedelta(days=7 - ahead.weekday()) if ahead.weekday() >= 5 else ahead)
        return out[1:]
    return [last + usual * i for i in range(1, count + 1)]


def _by_months(times: list[datetime], count: int) -> list[datetime]:
    """Return the next times where all have the same day of a month, or its last one; none where they have not."""
    ends = all(t.day == calendar.monthrange(t.year, t.month)[1] for t in times)
    if not ends and len({(t.day, t.time()) for t in times}) > 1:
        return []
    months = [12 * t.year + t.month - 1 for t in times]
    step = int(np.median(np.diff(months)))
    out = []
    for i in range(1, count + 1):
        year, month = divmod(months[-1] + step * i, 12)
        most = calendar.monthrange(year, month + 1)[1]
        out.append(
            times[-1].replace(year=year, month=month + 1, day=most if ends else min(times[-1].day, most))
        )
    return out
