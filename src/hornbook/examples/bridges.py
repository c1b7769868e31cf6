"""Blanks of a series: rows that a regular calendar lacks, and values that are missing, bridged where they are few.

What is bridged is only read: no window ends with it, none of it is foretold and judged. So nothing of what comes after
a blank is known where it is bridged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from hornbook.columns.base import Array
from hornbook.common.plaintext import number_of
from hornbook.examples.in_time.frequency import places
from hornbook.examples.in_time.timeline import MOST_SAID, Times
from hornbook.examples.stores import Problem

__all__ = ["Line", "line_of"]


@dataclass(frozen=True)
class Line:
    """A series, or several one after the other, without the blanks that could be bridged.

    Attributes
    ----------
    rows
        The row of the table of each place; of one that the table lacks the one before it.
    values
        The numbers of each column.
    bridged
        Whether any number of a place was made.
    breaks
        Whether a place does not follow the one before it.
    problems
        What is said of the blanks.
    """

    rows: Array
    values: Mapping[str, Array]
    bridged: Array
    breaks: Array
    problems: tuple[Problem, ...] = ()

    @property
    def missing(self) -> Array:
        """Whether any number of a place is missing."""
        found: Array = np.any([~np.isfinite(v) for v in self.values.values()], axis=0)
        return found


def line_of(
    times: Times, values: Mapping[str, Array], most: int, seasons: Mapping[str, int], origin: str, row: Array
) -> Line:
    """Return a series with its blanks of up to ``most`` rows bridged.

    Parameters
    ----------
    values
        The numbers of each column, nan where they are missing.
    seasons
        Rows of a season of the columns that have one: what is missing is then as it was a season ago, moved to what
        lies around it.
    row
        The number of each row in the file, from 0, for what is said.
    """
    rows, breaks, problems = _laid_out(times, most, origin, row)
    made = np.zeros(len(rows), bool)
    made[1:] = rows[1:] == rows[:-1]
    blank = {n: np.where(made, np.nan, v[rows]) for n, v in values.items()}
    full = {n: _bridged(v, breaks, most, seasons.get(n, 0)) for n, v in blank.items()}
    filled = np.any([np.isnan(blank[n]) & np.isfinite(full[n]) for n in full], axis=0)
    missing = np.any([~np.isfinite(v) for v in values.values()], axis=0)
    if gone := int(missing.sum()):
        left = int(np.any([~np.isfinite(v) for v in full.values()], axis=0)[~made].sum())
        said = f"{number_of(gone, 'row')} of the series {'has' if gone == 1 else 'have'} a missing value"
        how = "no window crosses one" if left == gone else "bridged by what lies around it, and not judged"
        rest = (
            f"; {left:,} of them in blanks too long for that, which no window crosses"
            if 0 < left < gone
            else ""
        )
        problems.append(Problem(origin, f"{said}; {how}{rest}"))
    return Line(rows, full, filled, breaks, tuple(problems))


def _laid_out(times: Times, most: int, origin: str, row: Array) -> tuple[Array, Array, list[Problem]]:
    """Return the row of each place, whether it follows the one before, and the gaps in words."""
    every = np.arange(len(times.numbers))
    place = places(times)
    if place is None:
        problems = [_gap(origin, int(row[i]), f"{said}; no window crosses it") for i, said in times.gaps()]
        return every, times.breaks(), problems
    new = np.r_[True, np.diff(times.groups) != 0]
    lacking = np.r_[0, np.diff(place) - 1]
    short = (lacking > 0) & (lacking <= most)
    counts = (
        np.r_[np.where(short, lacking, 0)[1:], 0] + 1
    )  # the row itself, and what the calendar lacks after it
    rows = np.repeat(every, counts)
    breaks = np.zeros(len(rows), bool)
    breaks[np.cumsum(np.r_[0, counts[:-1]])] = new | ((lacking > 0) & ~short)
    problems = []
    found = np.flatnonzero(lacking > 0)
    for i in found[:MOST_SAID].tolist():
        between = f"{times.cells[i - 1]} and {times.cells[i]}"
        said = f"there is a gap of {number_of(int(lacking[i]), 'row')} between {between}"
        how = "bridged by what lies around it, and not judged" if short[i] else "no window crosses it"
        problems.append(_gap(origin, int(row[i - 1]), f"{said}; {how}"))
    if len(found) > MOST_SAID:
        problems.append(
            _gap(origin, int(row[found[MOST_SAID] - 1]), f"there are {len(found) - MOST_SAID:,} more gaps")
        )
    return rows, breaks, problems


def _gap(origin: str, row: int, said: str) -> Problem:
    return Problem(f"row {row + 1}", f"{origin or 'the series'}: {said}")


def _bridged(values: Array, breaks: Array, most: int, season: int) -> Array:
    """Return numbers with runs of up to ``most`` missing ones filled, where there is a known one on both sides."""
    missing = ~np.isfinite(values)
    if not missing.any():
        return values
    out = values.copy()
    edges = np.flatnonzero(np.diff(np.r_[False, missing, False].astype(np.int8)))
    for begin, end in edges.reshape(-1, 2).tolist():
        inside = begin > 0 and end < len(values) and not breaks[begin : end + 1].any()
        if end - begin > most or not inside:
            continue
        at = np.arange(begin, end)
        turns = -(-(end - begin + 1) // season) if season else 0  # so many seasons ago all of it was known
        back = np.array([begin - 1, *at, end]) - season * turns
        # A season ago only where it is in the same stretch and known, as it is from left to right.
        usable = season > 0 and back[0] >= 0 and not breaks[back[0] + 1 : end + 1].any()
        ago = out[back] if usable and np.isfinite(out[back]).all() else np.zeros(len(back))
        off = out[[begin - 1, end]] - ago[[0, -1]]
        out[at] = ago[1:-1] + np.interp(at, [begin - 1, end], off)
    return out
