"""The ``series`` column: windows of rows that follow each other in time, and the rows to come.

As an input it is a window: so many rows of one or several number columns. As a target it is the next ``horizon``
values of one column. The windows are cut out of a table by `hornbook.examples.in_time.windows`, which sorts and
splits by time; here they are encoded, measured, decoded and scored.

All arithmetic (logarithm, difference to the last value or to the one a season ago, standardizing) is in the graph, so
that what goes in and what comes out is in the user's units.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from annotated_types import Ge, Le, Len

from hornbook.columns.base import Array, Column, Feeds
from hornbook.columns.calibration import margin_of
from hornbook.columns.number.written.units import Unit, said_wrong
from hornbook.columns.prediction import Prediction, Step
from hornbook.columns.series.linear.ranges import ranges
from hornbook.common.plaintext import clean, say_number
from hornbook.errors import DataError

TRUE, LAST, SEASONAL = 0, 1, 2
"""What an encoded target holds: the values to come, the last known one, and those a season before."""


@dataclass(frozen=True, kw_only=True, repr=False)
class SeriesColumn(Column):
    """A window of a series, or what comes after it.

    An input is encoded to ``shape`` (length, columns), ``float32``, as it is. A target to (3, horizon): the values to
    come, the last known value, and the values one season before them. The network's outputs are the values to come in
    the user's units, shape ``(rows, horizon)``.

    Parameters
    ----------
    columns
        The table's columns of a window; by default the one that ``from`` names, or that is called as this one is.
    length
        Rows of a window; for an input. Where it is not given, 30, or as many as fit into each split with some windows.
    horizon
        Values to come; for a target.
    time
        The table's column with the time; found where it is not given and there is one. The rows are sorted by it.
    group
        The table's column that tells many series apart.
    season
        Rows of a season, 12 for months: what the seasonal value is. Where it is not given, that which is found in the
        training rows, if any; 1 says that there is none.
    relative
        What numbers are taken as a difference to, before the network and after it: the ``last`` known value, that one
        ``season`` ago (a target only), or ``none``. With a network that has learned nothing the answer is that value.
    log
        Whether the logarithm is taken first, so that differences are ratios; all numbers must be over 0.

    Attributes
    ----------
    margin
        For each step to come how far the true value is from what is foretold in 95 of 100 cases, standardized; learned
        from the validation rows, and never less for a later step.
    further
        The same for steps after these, which are foretold from what was foretold; standardized as the last one is.
    unit
        What stands around the numbers of a target in the training table (`Unit`).

    Examples
    --------
    >>> window = SeriesColumn(length=3)
    >>> window.encode([1, 2, 3, 4]).tolist()
    [[2.0], [3.0], [4.0]]
    """

    type: ClassVar[str] = "series"
    learned_fields: ClassVar[tuple[str, ...]] = ("mean", "std", "margin", "further", "unit")
    renamed: ClassVar[Mapping[str, str]] = {"deviation": "std"}
    metric: ClassVar[str] = "mae"
    metric_larger_is_better: ClassVar[bool] = False
    feeds: ClassVar[Feeds] = "steps"
    is_window: ClassVar[bool] = True

    columns: Annotated[tuple[str, ...], Len(1, 1000)] | None = None
    length: Annotated[int, Ge(1), Le(65_536)] | None = None
    horizon: Annotated[int, Ge(1), Le(4096)] | None = None
    time: str | None = None
    group: str | None = None
    season: Annotated[int, Ge(1), Le(65_536)] | None = None
    relative: Literal["none", "last", "season"] = "last"
    log: bool = False
    mean: tuple[float, ...] | None = None
    std: tuple[float, ...] | None = None
    margin: tuple[Annotated[float, Ge(0)], ...] | None = None
    further: tuple[Annotated[float, Ge(0)], ...] | None = None
    unit: tuple[str, str, str] | None = None

    @property
    def learned(self) -> bool:
        """Whether it is measured; there may be too few validation rows for a range."""
        return self.mean is not None and self.std is not None

    def objection(self) -> str:
        """Return what does not go together."""
        if self.length is not None and self.horizon is not None:
            return "has a length and a horizon: an input has a length, a target a horizon"
        if self.relative == "season" and self.horizon is None:
            return (
                'is relative to the "season", which is for a target; an input is relative to "last" or "none"'
            )
        if self.relative == "season" and self.season is None:
            return "is relative to the season and does not say how many rows a season has"
        if self.columns is not None and self.horizon is not None and len(self.columns) > 1:
            return f"foretells {len(self.columns)} columns, and one is possible; make a target for each"
        if self.mean is not None and self.std is not None:
            wanted = self.horizon or len(self.columns or (0,))
            if len(self.mean) != wanted or len(self.std) != wanted or min(self.std) <= 0:
                return "has measured other columns than it has"
        if self.margin is not None and (self.std is None or len(self.margin) != self.outputs):
            return "has a range for other steps than it has"
        return "" if self.unit is None else said_wrong(Unit(*self.unit))

    def sources(self, name: str) -> tuple[str, ...]:
        """Return the table's columns, for a column that is called ``name``."""
        return self.columns or (self.source or name,)

    @property
    def window(self) -> int:
        """Rows of a window; 30 where it is not said."""
        return self.length or 30

    # What a value looks like when encoded.

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows and columns of a window; or truth, last and seasonal value of each step to come."""
        return (3, self.horizon) if self.horizon else (self.window, len(self.columns or (0,)))

    @property
    def dtype(self) -> np.dtype[Any]:
        """Numbers as they are."""
        return np.dtype(np.float32)

    def encode(self, value: object, name: str = "") -> Array:
        """Return a window; of a longer one the last rows. DataError where it is too short or holds no numbers."""
        where = name or "the input"
        try:
            with np.errstate(over="ignore"):
                found = np.asarray(value, np.float32)
        except (TypeError, ValueError, OverflowError):
            raise DataError(f"{where}: {clean(repr(value))[:40]} is no series of numbers") from None
        if self.horizon:
            if found.shape != self.shape:
                raise DataError(f"{where}: has the shape {found.shape}, and {self.shape} is wanted")
        else:
            if found.ndim == 1:
                found = found[:, None]
            rows, columns = self.shape
            if found.ndim != 2 or found.shape[1] != columns or len(found) < rows:
                raise DataError(
                    f"{where}: a window has {rows} rows of {columns} numbers, and this is of the shape {found.shape}"
                )
            found = found[-rows:]
        self._check(found, where)
        return found

    def _check(self, found: Array, where: str) -> None:
        if not np.isfinite(found).all():
            raise DataError(f"{where}: holds a number that is missing or infinite; fill it in")
        if self.log and found.min(initial=1) <= 0:
            raise DataError(f"{where}: holds {found.min():g}, which has no logarithm; leave log = true out")

    def encode_series(self, series: Any) -> Array | None:
        """Return all windows of a Polars column of arrays at once."""
        found = series.to_numpy()
        if found.dtype == object or found.shape[1:] != self.shape or not np.isfinite(found).all():
            return None
        if self.log and found.min(initial=1) <= 0:
            return None
        return np.ascontiguousarray(found, np.float32)

    def about_encoded(self) -> list[str]:
        """Return what a window is."""
        names = ", ".join(map(clean, self.columns or ("the column",)))
        return [f"the last {self.window} rows in the order of time, the latest last, as they are: {names}"]

    def about_value(self) -> dict[str, Any]:
        """Return how many rows a window has, and of which columns."""
        return {**super().about_value(), "rows": self.window, "columns": list(self.columns or ("",))}

    def about_outputs(self) -> list[str]:
        """Return what the values are, and their range."""
        said = ["the values to come in their own units, the next one first"]
        if self.margin and self.std:
            ends = [m * s for m, s in zip(self.margin, self.std, strict=True)]
            how = "between it divided by and it times" if self.log else "at most so far from it:"
            by = ", ".join(f"{math.exp(end) if self.log else end:.6g}" for end in ends)
            said.append(f"the true value of each is in 95 of 100 cases {how} {by}")
        return said

    # What is learned.

    def measure(self, chunks: Iterator[Array]) -> Self:
        """Return the column with mean and standard deviation (n - 1) of what the network sees of the training rows."""
        count, total, squares = 0, np.zeros(1), np.zeros(1)
        for chunk in chunks:
            seen = self.seen(chunk.astype(np.float64))
            seen = seen.reshape(-1, seen.shape[-1])
            if not count:
                first = seen.mean(axis=0)
            seen = seen - first
            count, total, squares = (
                count + len(seen),
                total + seen.sum(axis=0),
                squares + (seen**2).sum(axis=0),
            )
        if not count:
            return self
        mean = total / count
        variance = np.maximum(squares / count - mean**2, 0) * count / max(count - 1, 1)
        std = np.where(variance > 1e-24, np.sqrt(variance), 1.0)
        # As float32, which the graph has: so the order of rows does not matter.
        middle, spread = (tuple(np.asarray(v, np.float32).tolist()) for v in (first + mean, std))
        return replace(self, mean=middle, std=spread)

    def seen(self, encoded: Array) -> Array:
        """Return what the network sees of encoded values, or is to say of the true ones, not yet standardized."""
        values = np.log(encoded) if self.log else encoded
        if self.horizon:
            base = {"none": 0 * values[:, TRUE], "last": values[:, LAST], "season": values[:, SEASONAL]}
            found: Array = values[:, TRUE] - base[self.relative]
            return found
        return values - values[:, -1:] if self.relative == "last" else values

    # As a target.

    @property
    def outputs(self) -> int:
        """One number for each step."""
        return self.horizon or 1

    @property
    def spread(self) -> float:
        """What a difference of outputs is compared with."""
        return float(np.mean(self.std)) if self.std else 1.0

    def differences(self, ours: Array, theirs: Array) -> tuple[float, int]:
        """Return the largest difference as a share of the numbers themselves, or of their deviation if that is more."""
        if not ours.size:
            return 0.0, 0
        scale = np.maximum(np.abs(ours), 0 if self.log else self.spread)
        return float((np.abs(ours - theirs) / np.maximum(scale, 1e-12)).max()), 0

    def decode(self, outputs: Array, top: int = 3) -> list[Prediction]:
        """Return the values to come: a number, or a list of one for each step."""
        values = _short(outputs)
        low, high = (_short(self.moved(outputs, side)) for side in (-1, 1)) if self.margin else (None, None)
        out = []
        for i, row in enumerate(values):
            steps, interval = tuple(map(Step, row)), None
            if low is not None and high is not None:
                steps = tuple(map(Step, row, low[i], high[i]))
                interval = (low[i][0], high[i][0]) if len(row) == 1 else None
            value, said = (row, "") if len(row) > 1 else (row[0], self._said(row[0]))
            out.append(Prediction(value, None, interval=interval, said=said, steps=steps))
        return out

    def _said(self, value: float) -> str:
        """Return a value with its unit, empty where it has none."""
        return "" if self.unit is None else Unit(*self.unit).say(value, exactly=True)

    def moved(self, outputs: Array, side: int) -> Array:
        """Return the lower (-1) or the upper (1) end of the range around values to come."""
        by = side * np.asarray(self.margin) * np.asarray(self.std)
        found: Array = (
            outputs.astype(np.float64) * np.exp(by) if self.log else outputs.astype(np.float64) + by
        )
        return found

    def with_margin(self, residuals: Array) -> Self:
        """Return the column with the range that fits standardized residuals, ``(rows, steps)``."""
        residuals = np.asarray(residuals, np.float64)
        found = ranges(residuals.T)
        if not found:  # of one or two windows all steps together
            together = margin_of(residuals.ravel())
            found = () if together is None else (together,) * self.outputs
        return replace(self, margin=found or None)

    def step_ahead(self, value: float, place: int) -> Step:
        """Return a value that was foretold from foretold ones, with the range of its step.

        After the last step that has one it grows with the root of the steps, as that of a random walk does.
        """
        if not self.further or self.std is None:
            return Step(value)
        last = self.outputs + len(self.further)  # steps that have a range
        known = min(max(place, self.outputs), last - 1)
        by = self.further[known - self.outputs] * self.std[-1] * math.sqrt((place + 1) / (known + 1))
        low, high = (value / math.exp(by), value * math.exp(by)) if self.log else (value - by, value + by)
        return Step(value, float(f"{low:.7g}"), float(f"{high:.7g}"))

    def stands_beside(self) -> tuple[str, ...]:
        """Return the ends of the range, where there is one."""
        return ("low", "high") if self.margin else ()

    def score(self, outputs: Array, truth: Array) -> dict[str, float]:
        """Return mean absolute error and root of the mean squared error over all steps, in the user's units."""
        off = outputs.astype(np.float64) - truth[:, TRUE]
        return {"mae": float(np.abs(off).mean()), "rmse": float(np.sqrt((off**2).mean()))}

    def baseline(self, training: Array, truth: Array) -> tuple[str, float]:
        """Return the mean absolute error of the last value; of the value one season ago, where that is better."""
        errors = {"the last value": float(np.abs(truth[:, LAST] - truth[:, TRUE]).mean())}
        if self.season:
            errors["the value one season ago"] = float(np.abs(truth[:, SEASONAL] - truth[:, TRUE]).mean())
        name = min(errors, key=errors.__getitem__)
        return name, errors[name]

    def written(self, numbers: Any) -> Self:
        """Return the column with the unit of the numbers that it foretells."""
        before, after, scale = numbers.unit
        known = self.learned or not self.horizon or not any(numbers.unit)
        return self if known else replace(self, unit=(before, after, scale))

    def say_value(self, value: Any) -> str:
        """Return a number with the unit that it has in the training table."""
        return say_number(value) if self.unit is None else Unit(*self.unit).say(value)

    def say_score(self, score: float) -> str:
        """Return an error in the user's units."""
        return f"{score:,.4g}" if self.unit is None else self.say_value(score)

    def check_inputs(
        self, name: str, inputs: Mapping[str, Column], encoded: Mapping[str, Array], where: str
    ) -> None:
        """Raise DataError where the value that a logarithm is taken relative to has none.

        It is taken of the target's values, whether or not the input is one of logarithms.
        """
        if not self.log or self.relative == "none":
            return
        (wanted,) = self.sources(name)
        for other, column in SeriesColumn.among(inputs).items():
            if wanted in column.sources(other):
                values = encoded[other][:, column.sources(other).index(wanted)]
                least = values[-(self.season or 1) if self.relative == "season" else -1 :].min()
                if least <= 0:
                    raise DataError(
                        f"{where or 'the input'}, column {wanted!r}: holds {least:g}, which has no logarithm, and log "
                        "= true is for numbers above 0; correct it, or leave log out and train again"
                    )
                return

    def holds_many(self, value: Array) -> bool:
        """Return whether there is an axis more than rows and columns."""
        return value.ndim >= 3


def _short(numbers: Array) -> list[list[float]]:
    """Return numbers with the digits that float32 has."""
    return [[float(f"{v:.7g}") for v in row] for row in numbers.tolist()]
