"""The ``date`` column: days and moments, learned from as the parts of a date that mean something."""

from __future__ import annotations

import dataclasses
import datetime
import shlex
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self

import numpy as np

from hornbook.columns.base import Array, Column
from hornbook.columns.date.parts import PARTS, meaningful
from hornbook.columns.date.written.example import example
from hornbook.columns.date.written.find import Found, find, in_form
from hornbook.columns.date.written.forms import is_known
from hornbook.columns.date.written.read import ISO, DateForm, read
from hornbook.columns.summary import Finding, Inspection, Values
from hornbook.common.plaintext import clean, recipe_key, shorten
from hornbook.errors import DataError

if TYPE_CHECKING:
    import polars as pl

    from hornbook.common.charts import Chart, Groups

Part = Literal["year", "month", "yearday", "day", "weekday", "hour", "days"]


@dataclass(frozen=True, kw_only=True, repr=False)
class DateColumn(Column):
    """A date, or a moment.

    Encoded to the seconds from 1970 to what the clock showed, ``shape`` (), ``float64``; what is missing is nan. All
    else is arithmetic of the graph.

    Parameters
    ----------
    format
        How the dates are written, in the codes of ``strptime``, ``"%d/%m/%Y"``; ``%q`` is a quarter, ``%b`` a month's
        name. A time of day may stand behind any date. ``"excel"``, ``"unix"``, ``"unix ms"`` are numbers. By default
        it is found in the whole column.
    parts
        What is learned from: some of ``year``, ``month``, ``yearday`` (day of the year), ``day`` (of the month),
        ``weekday``, ``hour`` (with minutes), ``days`` (since the first training row). By default those that vary and
        can be told apart in the training rows.

    Attributes
    ----------
    form, first_year, zones
        How the dates are written, see `hornbook.columns.date.written.read.DateForm`.
    other, why
        How they might be meant as well, where that is open, and why they are read as they are.
    shown
        The parts that are learned from.
    begin, end
        The first and last training row, in seconds since 1970.
    missing
        Whether training rows had no date.

    Examples
    --------
    >>> import polars as pl
    >>> column = DateColumn().read_as(pl.Series(["31/12/2019", "01/01/2020"]), "inputs.day")
    >>> column.form, float(column.encode("02/01/1970"))
    ('%d/%m/%Y', 86400.0)
    """

    type: ClassVar[str] = "date"
    in_cells: ClassVar[bool] = True
    leaves_out: ClassVar[bool] = True
    learned_fields: ClassVar[tuple[str, ...]] = (
        *("form", "first_year", "zones", "other", "why", "shown", "begin", "end", "missing"),
    )

    format: str | None = None
    parts: tuple[Part, ...] | None = None
    form: str | None = None
    first_year: int | None = None
    zones: tuple[int, ...] | None = None
    other: str | None = None
    why: str | None = None
    shown: tuple[Part, ...] | None = None
    begin: float | None = None
    end: float | None = None
    missing: bool | None = None

    def objection(self) -> str:
        """Return what is wrong with the format or the parts."""
        if self.format is not None and not is_known(self.format):
            return (
                f'has format = "{self.format}"; write the form as "%d/%m/%Y", with %Y or %y for the year, %m or %b for '
                'the month, %d %q %H %I %M %S %p %z, or "excel", "unix", "unix ms"'
            )
        if self.form is not None and not is_known(self.form):
            return f"has a form {self.form!r}, which is none"
        if self.parts is not None and not self.parts:
            return f"has no parts: give some of {', '.join(PARTS)}, or leave parts out"
        if self.begin is not None and self.end is not None and not self.begin <= self.end:
            return "has an end before its begin"
        return super().objection()

    @property
    def dtype(self) -> np.dtype[Any]:
        """``float64``: seconds since 1970 have ten digits."""
        return np.dtype(np.float64)

    @property
    def written_form(self) -> DateForm:
        """How the dates are written."""
        return DateForm(self.form or self.format or ISO, self.first_year or 1970, self.zones or ())

    # From values to seconds.

    def encode(self, value: object, name: str = "") -> Array:
        """Return the seconds since 1970, nan where there is no date."""
        return np.asarray(self._one(value, name), np.float64)

    def _one(self, value: object, name: str) -> float:
        if value is None:
            return np.nan
        cells = _cell(value)
        moments = None if cells is None else read(cells, self.written_form)
        if moments is None or moments.wrong[0]:
            raise DataError(f"{name}: {self._why(value)}" if name else self._why(value))
        return float(moments.at_home(self.zones or ())[0]) / 1e6 if moments.known[0] else np.nan

    def _why(self, value: object) -> str:
        """Return what is wrong with a cell, and how to write it."""
        form = self.written_form.form
        iso = "" if form == ISO else ", or as 2024-03-31"
        said = shorten(clean(value), 40) if isinstance(value, str) else value
        return f"{said!r} is no date; write it as {example(form)}, as others are{iso}"

    def encode_series(self, series: pl.Series) -> Array | None:
        """Return the seconds of a whole Polars column at once, None where a cell is no date."""
        moments = read(series, self.written_form)
        if moments is None or moments.wrong.any():
            return None
        return np.where(moments.known, moments.at_home(self.zones or ()) / 1e6, np.nan)

    def unreadable(self, series: pl.Series, name: str) -> Iterator[tuple[int, str]]:
        """Yield the cells that are no dates, and why."""
        moments = read(series, self.written_form)
        wrong = np.arange(len(series)) if moments is None else np.flatnonzero(moments.wrong)
        for i in wrong.tolist():
            try:
                self._one(series[i], "")
            except DataError as error:
                yield i, f"column {name!r}: {error}"

    def meaning(self) -> dict[str, Any]:
        """Return the kind alone: an encoded date is the moment itself."""
        return {"type": self.type}

    # What is learned.

    def read_as(self, cells: Any, key: str) -> Self:
        """Return the column with the form that the whole column of a table is written in.

        Raises
        ------
        DataError
            Too few of the cells are dates.
        """
        if self.learned:
            return self
        found = in_form(cells, self.format) if self.format is not None else find(cells, named=True)
        if found is None or found.moments.wrong.all():
            raise DataError(_no_dates(cells, key, self.format))
        return self._of(found)

    def _of(self, found: Found) -> Self:
        form = found.form
        return dataclasses.replace(
            self,
            form=form.form,
            first_year=form.first_year,
            zones=form.zones,
            other=found.other,
            why=found.why,
        )

    def learn(self, values: Iterable[object]) -> Self:
        """Return the column with its parts and the span of its training rows."""
        if self.learned:
            return self
        import polars as pl

        series: Any = values if hasattr(values, "null_count") else None
        if series is None:
            every = list(values)
            try:
                series = pl.Series("date", every)
            except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
                series = pl.Series("date", [None if v is None else str(v) for v in every])
        column = self if self.form is not None else self.read_as(series, "this column")
        moments = read(series, column.written_form)
        seconds = np.zeros(0) if moments is None else moments.at_home(column.zones or ())[moments.known] / 1e6
        if not len(seconds):
            raise DataError(f"no training row has a date in it, such as {example(column.written_form.form)}")
        return dataclasses.replace(
            column,
            shown=self.parts or meaningful(seconds),
            begin=float(seconds.min()),
            end=float(seconds.max()),
            missing=len(seconds) < len(series),
        )

    def inspect(self, values: Values) -> Inspection:
        """Return how days and months were told apart, where they could be meant otherwise."""
        if not self.other or self.format:
            return Inspection()
        form, key = self.written_form.form, recipe_key("inputs", values.name)
        do = shlex.quote(f'{key}={{type="date", format="{self.other}"}}')
        message = (
            f"{clean(values.name)}: dates as {example(form)} are read as {form}, {self.why or 'as is usual'}; each "
            f"could be {self.other} as well: where that is meant, --set {do}"
        )
        return Inspection(findings=(Finding("note", "date-form", message, (values.name,), 1),))

    # For people.

    def say_value(self, value: Any) -> str:
        """Return a date as ISO has it, without a clock where it is midnight."""
        if not np.isfinite(value):
            return "missing"
        moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=float(value))
        return moment.isoformat(" ", "seconds").removesuffix(" 00:00:00")

    def labels(self, encoded: Array) -> list[str]:
        """Return dates as people write them."""
        return [self.say_value(value) for value in encoded.reshape(-1).tolist()]

    def about_value(self) -> dict[str, Any]:
        """Return what a date is, with one as those of the training table are written."""
        form = self.written_form.form
        clock = " %H:%M" if "hour" in (self.shown or ()) and form.endswith(("%Y", "%d", "%y")) else ""
        return {**super().about_value(), "example": example(form + clock, self.end)}

    def about_encoded(self) -> list[str]:
        """Return what the number is."""
        zone = "" if not self.zones else f", of a clock {self.zones[0]:+d} minutes before UTC"
        parts = f"; it is learned from as {', '.join(self.shown)}" if self.shown else ""
        return [f"seconds since 1970-01-01 00:00{zone}, nan where the date is missing{parts}"]

    def charts(self, cells: Any, groups: Groups | None = None) -> list[Chart]:
        """Return how many rows each year, month, day or hour has."""
        from hornbook.columns.date.shown import over_time

        found = find(cells, named=True) if self.form is None else None
        moments = read(cells, self.written_form) if found is None else found.moments
        return [] if moments is None else over_time(cells.name, moments.clock[moments.known])


def _cell(value: object) -> pl.Series | None:
    """Return one value as a Polars column; None where it cannot be in one."""
    import polars as pl

    if isinstance(value, np.generic):
        value = (
            value.item() if not isinstance(value, np.datetime64) else value.astype("datetime64[us]").item()
        )
    if isinstance(value, bool) or not isinstance(value, str | int | float | datetime.date):
        return None
    try:
        return pl.Series("date", [value])
    except (TypeError, ValueError, OverflowError, pl.exceptions.PolarsError):
        return None


def _no_dates(cells: Any, key: str, form: str | None) -> str:
    """Return why a column is not read as dates, and what to do."""
    known = cells.drop_nulls()
    first = f", such as {shorten(clean(known[0]), 40)!r}" if len(known) else ""
    way = f"dates as {example(form)}" if form else "dates"
    return (
        f"the cells of the column {clean(cells.name)!r}{first} are no {way}; say how they are written with "
        f'--set \'{key}={{type="date", format="%d/%m/%Y"}}\''
    )
