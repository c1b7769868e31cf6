"""Rows that follow each other in time: the order of a column of dates or numbers, and what is held back of it.

What comes later is what a recognizer will be asked of, and rows at random between those it has learned from are easier:
on a table of the American economy the number of unemployed is answered with an error of 279 thousand at random, of
1,490 in its last months.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

from hornbook.columns.base import Array
from hornbook.columns.date.written.find import find
from hornbook.common.plaintext import clean
from hornbook.errors import DataError


def places_in_time(columns: Sequence[pl.Series], origin: str) -> Array:
    """Return a number for each row that grows with the time in columns, ``int64``, the same where it is the same.

    Of several columns (year, month, day) the first goes before the others. It is -1 where a cell is empty.

    Raises
    ------
    DataError
        A column holds neither dates nor numbers.
    """
    every = [_places(cells, origin) for cells in columns]
    if len(every) == 1:
        return every[0]
    known = np.all([part >= 0 for part in every], axis=0)
    out = np.full(len(known), -1, np.int64)
    if known.any():
        rows = np.stack([part[known] for part in every], 1)
        out[known] = np.unique(rows, axis=0, return_inverse=True)[1].reshape(-1)
    return out


def _places(cells: pl.Series, origin: str) -> Array:
    """Return the places of one column."""
    if cells.dtype.is_numeric():
        known, values = cells.is_not_null().to_numpy(), cells
    else:
        found = find(cells, named=True)
        if found is None and not cells.dtype.is_temporal():
            raise DataError(
                f"{origin or 'the examples'}: split.by = {cells.name!r} names a column of neither dates nor numbers; "
                "name another, or leave split.by out to deal the rows at random"
            )
        known = cells.is_not_null().to_numpy() if found is None else found.moments.known
        values = cells if found is None else pl.Series(found.moments.utc)
    out = np.full(len(cells), -1, np.int64)
    rows = np.flatnonzero(known)
    out[rows] = values.gather(rows).rank("dense").to_numpy().astype(np.int64)
    return out


def of_groups(places: Array, members: Array) -> Array:
    """Return places that are the same within each group and another for each: in the order of a group's last row."""
    names, which = np.unique(members, return_inverse=True)
    last = np.full(len(names), -1, np.int64)
    np.maximum.at(last, which, places)
    order = np.empty(len(names), np.int64)
    order[np.argsort(last, kind="stable")] = np.arange(len(names))
    found: Array = np.where(last[which] < 0, -1, order[which])
    return found


def hold_back(out: Array, free: Array, places: Array, shares: list[tuple[str, float]]) -> None:
    """Put the last rows into the first of some splits, those before into the next; rows of one place stay together.

    ``places`` are those of the rows ``free``. Rows without one are learned from, as is the first place.
    """
    known = places >= 0
    every, counts = np.unique(places[known], return_counts=True)
    end = len(every)
    for i, (split, share) in enumerate(shares):
        wanted = share * len(free)
        behind = np.cumsum(counts[:end][::-1])  # rows of the last one, two, three places
        left = len(shares) - i - 1  # splits that are to have a place, too
        most = end - 1 - left
        if most < 1:
            most = min(1, end - 1)
        take = int(np.argmin(np.abs(behind[:most] - wanted))) + 1 if most > 0 else 0
        begin = end - take
        if take:
            rows = known & (places >= every[begin]) & (places <= every[end - 1])
            out[free[rows]] = split
        end = begin


def said_of(columns: Sequence[pl.Series], splits: Array, places: Array) -> str:
    """Return in a line at which times the splits of rows begin, and how to have them at random."""
    begins = []
    for split, what in (("validation", "those that choose the epoch"), ("test", "those of the test")):
        rows = np.flatnonzero((splits == split) & (places >= 0))
        if len(rows):
            first = int(rows[np.argmin(places[rows])])
            begins.append(f"{what} begin at {' '.join(_said(cells, first) for cells in columns)}")
    names = ", ".join(clean(cells.name) for cells in columns)
    return f'the rows are split by time ({names}): {", ".join(begins)}; to deal them at random, set split.by = ""'


def _said(cells: pl.Series, row: int) -> str:
    """Return one cell for people."""
    dates = find(cells) if cells.dtype.is_numeric() else None
    if dates is not None:  # seconds since 1970
        return str(dates.moments.clock[row : row + 1].astype("datetime64[us]").astype("datetime64[s]")[0])
    value = cells[row]
    return f"{value:g}" if isinstance(value, float) else clean(str(value))


def fold_places(places: Array, count: int) -> Array:
    """Return the block of each row, 0 to ``count``, of blocks that follow in time and have about as many rows.

    Rows without a time are of the first block. Fold i tests block i + 1, and learns from all before it.
    """
    _, which, counts = np.unique(np.maximum(places, 0), return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    middle = ends - counts / 2
    block = np.minimum((middle * (count + 1) / len(places)).astype(np.int64), count)
    found: Array = block[which]
    return found
