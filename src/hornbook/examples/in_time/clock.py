"""Clocks that are put forward and back: local times without the hour that is missing or there twice."""

from __future__ import annotations

import numpy as np

from hornbook.columns.base import Array

HOUR = 3600.0

MONTHS = (2, 3, 4, 5, 8, 9, 10, 11)
"""Months in which clocks are changed, in the north and in the south."""

NIGHT = (22, 23, 0, 1, 2, 3, 4)
"""Hours in which they are."""

APART = 100 * 86_400.0
"""Seconds between two changes, at least."""


def without_changes(seconds: Array) -> Array:
    """Return the times of rows, in the order of a file, as a clock that is never changed would show them.

    Where an hour of a night in spring or autumn is there twice, what comes later is moved an hour on; where one is
    missing, an hour back. So the steps between rows are the usual ones, and a change is no gap. Other times are
    returned as they are.

    Examples
    --------
    >>> night = np.array([0, 1, 2, 2, 3]) * 3600.0 + 1_698_537_600    # the last Sunday of October 2023
    >>> (np.diff(without_changes(night)) / 3600).tolist()
    [1.0, 1.0, 1.0, 1.0]
    """
    if len(seconds) < 3:
        return seconds
    onward = (
        seconds if seconds[0] <= seconds[-1] else seconds[::-1]
    )  # newest first, the later hour comes first
    order = np.argsort(onward, kind="stable")
    times = onward[order]
    steps = np.diff(times)
    usual = float(np.median(steps[steps > 0])) if (steps > 0).any() else 0.0
    if not 0 < usual <= HOUR or abs(HOUR / usual - round(HOUR / usual)) > 0.01:
        return seconds
    times = _unfolded(times, round(HOUR / usual))
    times = _closed(times, usual)
    out = np.empty_like(onward)
    out[order] = times
    return out if onward is seconds else out[::-1]


def _unfolded(times: Array, rows: int) -> Array:
    """Return sorted times with each hour that is there twice, and what comes later, moved on."""
    twice = np.flatnonzero(np.diff(times) == 0) + 1  # the second row of each pair
    out = times.copy()
    last = -np.inf
    for first in _groups(times[twice]):
        pairs = twice[first]
        whole = len(pairs) == rows and times[pairs[-1]] - times[pairs[0]] < HOUR
        if whole and _may_change(times[pairs[0]]) and times[pairs[0]] - last > APART:
            last = times[pairs[0]]
            out[pairs] += HOUR
            out[pairs[-1] + 1 :] += HOUR
    return out


def _groups(times: Array) -> list[Array]:
    """Return the places of times that are within an hour of each other."""
    if not len(times):
        return []
    return np.split(np.arange(len(times)), np.flatnonzero(np.diff(times) > HOUR) + 1)


def _closed(times: Array, usual: float) -> Array:
    """Return times with each hour that is missing taken out."""
    order = np.argsort(times, kind="stable")
    steps = np.diff(times[order])
    back = np.zeros(len(times))
    last = -np.inf
    for place in np.flatnonzero(np.abs(steps - usual - HOUR) < 1).tolist():
        left = float(times[order[place]])
        if left - last > APART and _may_change(left):
            last = left
            back[order[place + 1 :]] -= HOUR
    return times + back


def _may_change(seconds: float) -> bool:
    """Return whether clocks may be changed at a time: at night, in spring or autumn."""
    moment = np.datetime64(int(seconds), "s")
    month = int(moment.astype("datetime64[M]").astype(np.int64)) % 12 + 1
    return month in MONTHS and int(seconds // HOUR) % 24 in NIGHT
