"""Guessing what dates of a table are for: an order in time by which its rows are split, or a trait of what a row is of.

Rows follow a date where the file has them in its order (upwards or downwards, give or take one row in 200), or where
the dates are regular, each about once or each as often as the others: a price each day, the sales of ten shops each
month. A date of birth, or one that comes as it comes in a file in another order, is a trait: an input as others are.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
import polars as pl

from hornbook.columns.base import Array
from hornbook.columns.date.written.example import example
from hornbook.columns.date.written.find import find, is_called_a_year
from hornbook.common.plaintext import clean, set_option
from hornbook.examples.examples import Examples
from hornbook.examples.in_time.split import places_in_time
from hornbook.examples.split import given_splits

FEWEST = 10
"""Different dates from which on rows can be said to follow them."""

IN_ORDER = 0.995
"""Rows that are not before the one above them: where clocks are set back, a few are."""

REGULAR = 0.97
"""Of so many steps each is the usual one, give or take `SLACK`."""

SLACK = 0.15

AS_OFTEN = 0.9
"""Of so many dates of regular ones each is there as often as the others."""

KNOWN = 0.95

MOST_HELD_BACK = 0.2
"""Of the rows, in time: a class that is in none of the others could not be learned."""

_PARTS = (
    (("year", "yr"), 1700, 2200),
    (("month", "mon", "mo", "mnth"), 1, 12),
    (("day", "dy", "mday"), 1, 31),
    (("hour", "hr"), 0, 24),
)
"""What the columns of the parts of a date are called, and what is in them."""

MEANT = {
    "excel": "days of a spreadsheet",
    "unix": "seconds since 1970",
    "unix ms": "milliseconds since 1970",
    "unix us": "microseconds since 1970",
    "unix ns": "nanoseconds since 1970",
}

_A_TRAIT = re.compile(
    r"birth|born|dob|geburt|geb\.|naissance|nacimiento|death|died|hire|joined|founded|built|renovat|生日|出生",
    re.IGNORECASE,
)


def time_of_rows(table: pl.DataFrame, dates: Iterable[str], words: Mapping[str, object]) -> list[str]:
    """Return the column of a table whose dates its rows follow, or those of year, month, day and hour; else none.

    Parameters
    ----------
    dates
        The columns of dates.
    words
        The types of the targets: rows are not split by time where a class of one would not be learned then.
    """
    classes = [name for name, word in words.items() if word == "category" and name in table.columns]
    for name in dates:
        found = find(table[name])
        if found is None or _A_TRAIT.search(name) or found.moments.known.mean() < KNOWN:
            continue
        times = found.moments.utc[found.moments.known].astype(np.float64)
        if _follow(times) and not _unlearned(table, found.moments.utc, classes):
            return [name]
    if (parts := _in_parts(table)) and not _unlearned(table, _of_parts(table, parts), classes):
        return parts
    for cells in table:
        if is_called_a_year(cells.name) and cells.dtype.is_numeric() and cells.name not in words:
            years = cells.cast(pl.Float64).drop_nulls().to_numpy()
            plain = len(years) == len(cells) and bool(
                ((years >= 1700) & (years <= 2200) & (years % 1 == 0)).all()
            )
            if plain and len(np.unique(years)) == len(years) and _follow(years):
                return [cells.name]
    return []


def split_by(examples: Examples, by: list[str]) -> dict[str, Any]:
    """Return the section that splits rows by time; none where the source's test rows do not come after the others.

    Where they are dealt among the others, validation rows are to be like them.
    """
    if not by:
        return {}
    test = given_splits(examples.table, examples.origin) == "test"
    if test.any():
        places = places_in_time([examples.table[name] for name in by], examples.origin)
        if np.median(places[test]) <= places[~test].max(initial=-1):
            return {}
    return {"split": {"by": by[0] if len(by) == 1 else by}}


def say_what_is_read(cells: pl.Series, note: Callable[[str], None]) -> None:
    """Say which numbers are read as dates."""
    found = find(cells) if cells.dtype.is_numeric() else None
    if found is not None:
        row = int(found.moments.known.argmax())
        day = str(found.moments.clock[row : row + 1].astype("datetime64[us]").astype("datetime64[D]")[0])
        form = found.form.form
        how = f" ({MEANT[form]})" if form in MEANT else ""
        note(
            f"{clean(cells.name)}: numbers as {cells[row]} are read as dates, {day}{how}; where they are none, say "
            f"{set_option('inputs', cells.name, 'number')}"
        )


def say_doubt(cells: pl.Series, note: Callable[[str], None]) -> None:
    """Say how the times of a series are read, where they could be meant otherwise."""
    found = find(cells)
    if found is not None and found.other:
        said, other = example(found.form.form), example(found.other)
        note(
            f"{clean(cells.name)}: times are read as {said} for the 31st of March 2024, {found.why or 'as is usual'}; "
            f"where {other} is meant, write them as 2024-03-31"
        )


def _in_parts(table: pl.DataFrame) -> list[str]:
    """Return the columns that are year, month, day and hour of each row, where the rows follow them; else none."""
    called = {name.lower(): name for name in table.columns}
    found = []
    for names, low, high in _PARTS:
        name = next((called[n] for n in names if n in called), None)
        cells = None if name is None else table[name]
        if cells is None or not cells.dtype.is_numeric() or cells.null_count():
            break
        if not (float(cells.min()) >= low and float(cells.max()) <= high):  # type: ignore[arg-type]
            break
        found.append(cells.name)
    if len(found) < 2 or not _follow(_of_parts(table, found)):
        return []
    return found


def _of_parts(table: pl.DataFrame, names: list[str]) -> Array:
    """Return a number for each row that grows with year, month, day and hour."""
    out = np.zeros(table.height)
    for (_, _, most), name in zip(_PARTS, names, strict=False):
        out = out * (most + 1) + table[name].cast(pl.Float64).to_numpy()
    return out


def _follow(times: Array) -> bool:
    """Return whether rows follow their times, see above."""
    every, counts = np.unique(times, return_counts=True)
    if len(every) < FEWEST:
        return False
    steps = np.diff(times)
    if max(float((steps >= 0).mean()), float((steps <= 0).mean())) >= IN_ORDER:
        return True
    gaps = np.diff(every)
    regular = float((np.abs(gaps / np.median(gaps) - 1) <= SLACK).mean()) >= REGULAR
    return regular and float((counts == np.median(counts)).mean()) >= AS_OFTEN


def _unlearned(table: pl.DataFrame, times: Array, classes: list[str]) -> bool:
    """Return whether a class comes only among the last rows in time."""
    if not classes:
        return False
    order = pl.Series(np.argsort(times, kind="stable"))
    first = order.head(int(len(order) * (1 - MOST_HELD_BACK)))
    return any(
        table[c].gather(first).drop_nulls().n_unique() < table[c].drop_nulls().n_unique() for c in classes
    )
