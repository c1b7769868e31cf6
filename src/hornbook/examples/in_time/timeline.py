"""Reading the times of a series: dates, months, years or numbers, with what is repeated and where there are gaps."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from hornbook.columns.base import Array
from hornbook.columns.date.written.find import find
from hornbook.columns.date.written.read import DateForm
from hornbook.common.plaintext import number_of
from hornbook.errors import DataError
from hornbook.examples.examples import Examples

USUAL = 0.97
"""A series is regular where this share of its steps is the usual one, give or take `SLACK`."""

SLACK = 0.15
"""Months differ by so much in length."""

IRREGULAR = 10.0
"""Of a series that is not regular (days on which shares are traded) a gap is so many usual steps."""

ZONED = r"\d(Z|[+-]\d{2}:?\d{2})\s*$"
"""How a time ends that says its zone."""

MOST_SAID = 20
"""Gaps that are named one by one."""

FEWEST_STEPS = 5
"""Rows from which on numbers at equal steps are taken for times."""


@dataclass(frozen=True)
class Times:
    """The time of each row.

    Attributes
    ----------
    numbers
        Times as numbers, growing: seconds of dates; the row's own where there are none.
    cells
        As they stand in the table.
    groups
        The series of each row.
    known
        Whether there are times at all.
    dated
        Whether these are moments of the calendar, and ``numbers`` seconds.
    """

    numbers: Array
    cells: pl.Series
    known: bool
    groups: Array = field(default_factory=lambda: np.zeros(0, np.int64))
    dated: bool = False

    def at(self, order: Array, groups: Array) -> Times:
        """Return the times in another order."""
        return replace(self, numbers=self.numbers[order], cells=self.cells.gather(order), groups=groups)

    @property
    def local(self) -> bool:
        """Whether they are as clocks show them, which may be changed: moments that say no zone."""
        if not self.dated or not len(self.cells):
            return False
        return self.cells.dtype != pl.String or not bool(self.cells.str.contains(ZONED).any())

    def said(self, rows: Array) -> pl.Series:
        """Return the times of rows as texts, as they are written in the table."""
        return self.cells.gather(rows).cast(pl.String)

    def repeated(self) -> Iterator[tuple[int, int]]:
        """Yield pairs of rows of one series that have the same time."""
        same = (np.diff(self.numbers) == 0) & (np.diff(self.groups) == 0)
        yield from ((int(i), int(i) + 1) for i in np.flatnonzero(same))

    def breaks(self) -> Array:
        """Return whether a row does not follow the one before it: another series, or a gap."""
        out = np.ones(len(self.numbers), bool)
        out[1:] = (np.diff(self.groups) != 0) | self._wide()
        return out

    def gaps(self) -> Iterator[tuple[int, str]]:
        """Yield the row before each gap, and the gap in words."""
        usual = self._usual()
        found = np.flatnonzero(self._wide() & (np.diff(self.groups) == 0))
        for i in found[:MOST_SAID].tolist():
            missing = round(float(np.diff(self.numbers)[i] / usual)) - 1
            between = f"{self.cells[i]} and {self.cells[i + 1]}"
            yield i, f"there is a gap of about {number_of(missing, 'row')} between {between}"
        if len(found) > MOST_SAID:
            yield int(found[MOST_SAID]), f"there are {len(found) - MOST_SAID:,} more gaps"

    def _usual(self) -> float:
        steps = np.diff(self.numbers)[np.diff(self.groups) == 0]
        return float(np.median(steps)) if len(steps) else 1.0

    def _wide(self) -> Array:
        """Return whether the step from each row to the next is a gap."""
        steps = np.diff(self.numbers)
        usual = self._usual()
        inside = steps[np.diff(self.groups) == 0]
        if not self.known or usual <= 0 or not len(inside):
            return np.zeros(len(steps), bool)
        regular = float((np.abs(inside / usual - 1) <= SLACK).mean()) >= USUAL
        found: Array = steps > usual * (1.5 if regular else IRREGULAR)
        return found


def read_times(examples: Examples, name: str | None, others: Collection[str] = ()) -> Times:
    """Read the column with the times; where none is named, the first that holds dates, or numbers at equal steps.

    Where there is none such, it is the order of rows. ``others`` are columns that hold no times.

    Raises
    ------
    DataError
        A cell of the column that was named is no time.
    """
    if name is not None:
        cells = examples.column(name)
        numbers, dated = _numbers(cells)
        if numbers is None:
            wrong = _first_wrong(cells)
            raise DataError(
                f"{examples.origin or 'the examples'} row {wrong + 1}, column {name!r}: {cells[wrong]!r} is no time; "
                "write dates as 2024-03-31"
            )
        return Times(numbers, cells, True, dated=dated)
    for other in examples.table.columns:
        cells = examples.table[other]
        if cells.dtype.is_temporal() or find(cells) is not None:
            numbers, dated = _numbers(cells)
            if numbers is not None:
                return Times(numbers, cells, True, dated=dated)
    for other in examples.table.columns:
        cells = examples.table[other]
        odd = odd_time(cells)
        # In the order of the file, which may be newest first, the past would be foretold.
        if odd is not None:
            said = "is empty" if cells[odd] is None else f"is {str(cells[odd])!r}, unlike the others"
            raise DataError(
                f"{examples.origin or 'the examples'} row {odd + 1}: the column of times {other!r} {said}; write "
                "dates as 2024-03-31, leave the row out, or name another column with time"
            )
    for cells in examples.table:
        if cells.name not in others and _are_equal_steps(cells):
            return Times(cells.cast(pl.Float64).to_numpy(), cells, True)
    rows = np.arange(len(examples))
    return Times(rows.astype(np.float64), pl.Series(rows + 1), False)


def _are_equal_steps(cells: pl.Series) -> bool:
    """Return whether a column goes up or down by the same step from each row to the next: years, numbers of rows."""
    if not cells.dtype.is_numeric() or cells.null_count() or len(cells) < FEWEST_STEPS:
        return False
    steps = np.diff(cells.cast(pl.Float64).to_numpy())
    return bool(steps[0] != 0 and np.allclose(steps, steps[0], rtol=1e-6, atol=0))


def _numbers(cells: pl.Series) -> tuple[Array | None, bool]:
    """Return times as growing numbers, None where one is none, and whether they are moments of the calendar."""
    if cells.null_count():
        return None, False
    if cells.dtype in (pl.Time, pl.Duration):
        return cells.cast(pl.Int64).cast(pl.Float64).to_numpy(), False
    found = find(cells)
    if found is not None and found.moments.known.all():
        return found.moments.utc / 1e6, True
    return cells.cast(pl.Float64).to_numpy() if cells.dtype.is_numeric() else None, False


def _first_wrong(cells: pl.Series) -> int:
    """Return the first row whose cell is no time."""
    found = find(cells, True)
    if found is not None:
        return int((~found.moments.known).argmax())
    for row, cell in enumerate(cells):
        if cell is None or (isinstance(cell, str) and as_times(pl.Series([cell])) is None):
            return row
    return 0


def as_times(cells: pl.Series) -> pl.Series | None:
    """Return a column as times, as `timed` does."""
    found = timed(cells)
    return None if found is None else found[0]


def timed(cells: pl.Series) -> tuple[pl.Series, DateForm] | None:
    """Return a column as times in UTC, empty where it is empty, with the form they are written in.

    None where it has something else in it.

    Examples
    --------
    >>> timed(pl.Series(["1949-01", "1949-02"]))[0].dt.year().to_list()
    [1949, 1949]
    >>> timed(pl.Series(["31/01/2020", "01/02/2020"]))[0].dt.month().to_list()
    [1, 2]
    >>> timed(pl.Series(["1949", "x"])) is None
    True
    """
    found = find(cells)
    if found is None or found.moments.wrong.any() or not found.moments.known.any():
        return None
    times = pl.Series(cells.name, found.moments.utc.astype("datetime64[us]"))
    known = found.moments.known
    return (times if known.all() else times.set(pl.Series(~known), None)), found.form


def odd_time(cells: pl.Series) -> int | None:
    """Return the first row of a column of times whose cell is empty or written otherwise.

    None where there is none, or it is no such column: nine of ten cells have to be times.

    >>> odd_time(pl.Series(["2024-01-01"] * 9 + ["n.v."])), odd_time(pl.Series(["a", "b"]))
    (9, None)
    """
    if not len(cells) or cells.null_count() * 10 > len(cells):
        return None
    if cells.dtype.is_temporal():
        return int(cells.is_null().arg_max() or 0) if cells.null_count() else None
    found = find(cells) if cells.dtype == pl.String else None
    odd = np.zeros(0, bool) if found is None else ~found.moments.known
    return int(odd.argmax()) if odd.any() and odd.sum() * 10 <= len(cells) else None
