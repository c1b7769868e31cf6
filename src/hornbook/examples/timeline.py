"""Reading the times of a series: dates, months, years or numbers, with what is repeated and where there are gaps."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

import numpy as np
import polars as pl

from hornbook.columns.base import Array
from hornbook.common.plaintext import number_of
from hornbook.errors import DataError
from hornbook.examples.examples import Examples

USUAL = 0.97
"""A series is regular where this share of its steps is the usual one, give or take `SLACK`."""

SLACK = 0.15
"""Months differ by so much in length."""

IRREGULAR = 10.0
"""Of a series that is not regular (days on which shares are traded) a gap is so many usual steps."""

MOST_SAID = 20
"""Gaps that are named one by one."""

_FORMS = (
    (r"^\d{4}-\d{1,2}-\d{1,2}$", "%Y-%m-%d"),
    (r"^\d{4}/\d{1,2}/\d{1,2}$", "%Y/%m/%d"),
    (r"^\d{4}\.\d{1,2}\.\d{1,2}$", "%Y.%m.%d"),
    (r"^\d{4}-\d{1,2}-\d{1,2}[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?Z?$", ""),
    (r"^\d{4}-\d{1,2}-\d{1,2}[T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})$", "zone"),
    (r"^\d{4}-\d{1,2}$", "%Y-%m-%d"),
    (r"^\d{1,2}\.\d{1,2}\.\d{4}$", "%d.%m.%Y"),
    (r"^\d{1,2}/\d{1,2}/\d{4}$", "%m/%d/%Y"),
    (r"^\d{1,2}/\d{1,2}/\d{4}$", "%d/%m/%Y"),
    (r"^\d{1,2}-[A-Za-z]{3}-\d{4}$", "%d-%b-%Y"),
    (r"^\d{1,2}-[A-Za-z]{3}-\d{2}$", "%d-%b-%y"),
)

LOOKED_AT = 100

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
    """

    numbers: Array
    cells: pl.Series
    known: bool
    groups: Array = field(default_factory=lambda: np.zeros(0, np.int64))

    def at(self, order: Array, groups: Array) -> Times:
        """Return the times in another order."""
        return replace(self, numbers=self.numbers[order], cells=self.cells.gather(order), groups=groups)

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
        numbers = _numbers(cells)
        if numbers is None:
            wrong = _first_wrong(cells)
            raise DataError(
                f"{examples.origin or 'the examples'} row {wrong + 1}, column {name!r}: {cells[wrong]!r} is no time; "
                "write dates as 2024-03-31"
            )
        return Times(numbers, cells, True)
    for other in examples.table.columns:
        cells = examples.table[other]
        if cells.dtype.is_temporal() or cells.dtype == pl.String:
            numbers = _numbers(cells)
            if numbers is not None:
                return Times(numbers, cells, True)
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


def _numbers(cells: pl.Series) -> Array | None:
    """Return times as growing numbers, None where one is none."""
    if cells.null_count():
        return None
    if cells.dtype.is_numeric():
        return cells.cast(pl.Float64).to_numpy()
    if cells.dtype == pl.String:
        read = as_times(cells)
        return None if read is None or read.null_count() else _seconds(read)
    return _seconds(cells) if cells.dtype.is_temporal() else None


def _seconds(cells: pl.Series) -> Array:
    kind = cells.dtype
    if kind in (pl.Time, pl.Duration):
        return cells.cast(pl.Int64).cast(pl.Float64).to_numpy()
    return (cells.cast(pl.Datetime("us")).dt.epoch("us").cast(pl.Float64) / 1e6).to_numpy()


def _first_wrong(cells: pl.Series) -> int:
    """Return the first row whose cell is no time."""
    for row, cell in enumerate(cells):
        if cell is None or (isinstance(cell, str) and as_times(pl.Series([cell])) is None):
            return row
    return 0


def as_times(cells: pl.Series) -> pl.Series | None:
    """Return a column as times, as `timed` does."""
    found = timed(cells)
    return None if found is None else found[0]


def timed(cells: pl.Series) -> tuple[pl.Series, str] | None:
    """Return a column as times, empty where it is empty, with the form they are written in.

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
    if cells.dtype in (pl.Date, pl.Datetime):
        return (cells.cast(pl.Datetime("us")) if cells.dtype == pl.Date else cells), ""
    if cells.dtype != pl.String or cells.null_count() == len(cells):
        return None
    plain = cells.str.strip_chars()
    first = plain.drop_nulls().head(LOOKED_AT)
    if not first[0][:1].isdecimal():  # as every form begins; most columns of texts end here
        return None
    best: tuple[pl.Series, str] | None = None
    for form, written in _FORMS:
        if not first.str.contains(form).all():
            continue
        found = _parsed(plain, form, written)
        if found is None or found.null_count() != cells.null_count():
            continue
        # 01/02/2015 may be of January or of February; what comes at equal distances is meant.
        if best is None or _uneven(found) < _uneven(best[0]):
            best = found, written
    return best


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
    if cells.dtype != pl.String:
        return None
    plain = cells.str.strip_chars()
    for form in dict.fromkeys(form for form, _ in _FORMS):
        other = ~plain.str.contains(form).fill_null(False)
        if other.any() and int(other.sum()) * 10 <= len(cells):
            return int(other.arg_max() or 0)
    return None


def _uneven(times: pl.Series) -> float:
    """Return by how much the distances between times that follow each other differ, as a share of the usual one."""
    steps = times.sort().diff().drop_nulls().dt.total_seconds().to_numpy()
    return float(steps.max() - steps.min()) / max(float(np.median(steps)), 1.0) if len(steps) else 0.0


def _parsed(cells: pl.Series, form: str, written: str) -> pl.Series | None:
    if not cells.drop_nulls().str.contains(form).all():
        return None
    if not written:
        texts = cells.str.replace("T", " ").str.strip_suffix("Z")
        short = texts.str.count_matches(":") == 1
        texts = texts.zip_with(~short.fill_null(True), texts + ":00")
        return texts.str.strptime(pl.Datetime("us"), "%Y-%m-%d %H:%M:%S%.f", strict=False)
    if written == "zone":
        texts = (
            cells.str.replace("T", " ")
            .str.replace("Z$", "+0000")
            .str.replace(r"([+-]\d{2}):(\d{2})$", "${1}${2}")
        )
        texts = texts.str.replace(r"( \d{1,2}:\d{2})([+-]\d{4})$", "${1}:00${2}")
        with_zone = texts.str.strptime(pl.Datetime("us", "UTC"), "%Y-%m-%d %H:%M:%S%.f%z", strict=False)
        return with_zone.dt.replace_time_zone(None)
    texts = cells + "-01" if form == r"^\d{4}-\d{1,2}$" else cells
    return texts.str.strptime(pl.Date, written, strict=False).cast(pl.Datetime("us"))
