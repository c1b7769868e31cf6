"""How well numbers are predicted: errors in the user's units with their intervals, the points, the worst mistakes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.evaluation import Evaluation, Judged, score_table
from hornbook.columns.number.column import NumberColumn
from hornbook.columns.number.written.units import Unit
from hornbook.common.blocks import Charts, Picture, Section, Table, Text, tail
from hornbook.common.charts import Histogram, Points
from hornbook.common.plaintext import percent, say_number

MOST_POINTS = 2000
"""So many rows are kept to be drawn, spread evenly over all."""

RESAMPLES = 1000
"""Of the bootstrap."""

MOST_DOTS = 600
"""Of more points a page would be slow; they are spread evenly over the rows."""

FIRST = 12
"""Mistakes that are shown at once."""


@dataclass(frozen=True)
class NumberMistake:
    """One row whose number was missed by much; ``name`` is the file, member or row it is about."""

    row: int
    truth: float
    predicted: float
    name: str

    @property
    def off(self) -> float:
        """By how much: predicted less true."""
        return self.predicted - self.truth


@dataclass(frozen=True, kw_only=True)
class NumberEvaluation(Evaluation):
    """How well a number is predicted; everything is in the user's units.

    Attributes
    ----------
    intervals
        The 95 % interval of each metric: the bootstrap over rows (Efron 1979), percentiles of 1,000 resamples.
    points
        True and predicted numbers of at most `MOST_POINTS` rows, shape ``(n, 2)``.
    mistakes
        The rows that were missed by most, the worst first.
    inside
        The share of rows whose true number lies in the interval of its prediction, which should be 0.95, and half
        of the middle width of these intervals; None where predictions have no interval.
    unit
        What the column keeps of how its numbers are written; None where that is nothing.
    """

    type: ClassVar[str] = "number"

    intervals: dict[str, tuple[float, float]]
    points: Array
    mistakes: tuple[NumberMistake, ...]
    inside: tuple[float, float] | None
    unit: tuple[str, str, str] | None = None

    def say(self, value: float) -> str:
        """Return an error in the user's units."""
        return say_number(value) if self.unit is None else Unit(*self.unit).say(value)

    def say_metric(self, metric: str, value: float) -> str:
        """Return the value of a metric: of a share of the variance without a unit."""
        return say_number(value) if metric == "r2" else self.say(value)

    @property
    def bounds(self) -> dict[str, tuple[float, float]]:
        """The 95 % interval of each metric."""
        return self.intervals

    def blocks(self) -> list[Section]:
        """Return the scores, predicted against true, and the rows that were missed by most."""
        return [
            Section("fit", "How close it comes", [*self._scores(), self._drawn()]),
            Section("mistakes", "Its worst mistakes", self._worst()),
        ]

    def _scores(self) -> list[Table | Text]:
        scores = score_table([*self.score_rows(), self.baseline_row()])
        if self.inside is None:
            return [scores]
        share, half = self.inside
        said = (
            f"Of the true numbers {percent(share)} lie in the 95 % interval of their prediction, "
            f"which is mostly ± {self.say(half)}."
        )
        return [scores, Text(said, "lead")]

    def _drawn(self) -> Charts:
        true, predicted = self.points.T
        some = np.unique(np.linspace(0, len(true) - 1, min(MOST_DOTS, len(true))).astype(np.int64))
        dots = (true[some].tolist(), predicted[some].tolist())
        return Charts(
            [
                Points("predicted against true", *dots, across="true", up="predicted", diagonal=True),
                Histogram("predicted less true", (predicted - true).tolist(), "too low / too high", "rows"),
            ]
        )

    def _worst(self) -> list[Text | Table]:
        rows = []
        for m in self.mistakes:
            name, _, cells = m.name.partition(": ")
            off = f"{'+' if m.off > 0 else ''}{self.say(m.off)}"
            shown = (Picture(m.row, m.name, side=56), " ", tail(name, 30))
            values = (shown, self.say(m.truth), self.say(m.predicted), off)
            rows.append((*values, cells) if cells else values)
        lead = "The rows that were missed by most. Some may be mistakes of the table."
        head = ["", "true", "predicted", "off by", *([""] if rows and len(rows[0]) > 4 else [])]
        return [Text(lead, "lead"), Table("rows missed by most", head, rows, numbers=[1, 2, 3], first=FIRST)]

    @classmethod
    def judge(cls, column: NumberColumn, outputs: Array, truth: Array, on: Judged) -> NumberEvaluation:
        """Judge the answers to a ``number`` target, in the user's units.

        Examples
        --------
        >>> from hornbook.columns.evaluation import evaluate
        >>> column = NumberColumn().learn([1.0, 2.0, 3.0])
        >>> found = evaluate("x", "test", column, np.array([[1.5], [2.0]]), np.array([1.0, 2.0]),
        ...                  training_truth=np.array([1.0, 2.0, 3.0]))
        >>> found.score, found.baseline, found.mistakes[0].off
        (0.25, ('always the mean, 2', 0.5), 0.5)
        """
        true = np.asarray(truth, np.float64)
        predicted = np.asarray(outputs, np.float64).reshape(-1)
        metrics = column.score(predicted, true)
        intervals = _intervals(predicted, true, metrics)
        spread = np.unique(np.linspace(0, len(true) - 1, min(MOST_POINTS, len(true))).astype(np.int64))
        return cls(
            **on.fields(len(true)),
            metrics=metrics,
            interval=intervals[column.metric],
            baseline=column.baseline(on.training, true),
            intervals=intervals,
            points=np.stack([true, predicted], 1)[spread],
            mistakes=_mistakes(predicted, true, on),
            inside=_inside(column, predicted, true),
            unit=column.unit,
        )


def _intervals(predicted: Array, true: Array, metrics: dict[str, float]) -> dict[str, tuple[float, float]]:
    """Return the 95 % interval of each metric, from rows drawn anew; the draw is always the same."""
    n = len(true)
    if n < 2:
        return {name: (value, value) for name, value in metrics.items()}
    error = predicted - true
    # What the metrics are made of, so that a resample is a sum of rows: |e|, e², y, y².
    parts = np.stack([np.abs(error), error**2, true - true.mean(), (true - true.mean()) ** 2], 1)
    rng = np.random.default_rng(0)
    if n <= 5000:
        means = np.stack([parts[rng.integers(0, n, n)].mean(0) for _ in range(RESAMPLES)])
    else:
        # Of so many rows the means are normal, and drawing them is quicker than drawing rows.
        means = rng.multivariate_normal(parts.mean(0), np.cov(parts.T) / n, RESAMPLES)
    around = means[:, 3] - means[:, 2] ** 2
    found = {
        "mae": means[:, 0],
        "rmse": np.sqrt(np.maximum(means[:, 1], 0)),
        "r2": 1 - means[:, 1] / np.where(around > 0, around, np.nan),
    }
    out = {}
    for name in metrics:
        kept = found[name][np.isfinite(found[name])]
        low, high = np.quantile(kept, [0.025, 0.975]).tolist() if len(kept) else (math.nan, math.nan)
        out[name] = (low, high)
    return out


def _mistakes(predicted: Array, true: Array, on: Judged) -> tuple[NumberMistake, ...]:
    worst = np.argsort(-np.abs(predicted - true), kind="stable")[: on.most].tolist()
    found = ((on.named(i), float(true[i]), float(predicted[i])) for i in worst)
    return tuple(NumberMistake(row, truth, said, name) for (row, name), truth, said in found)


def _inside(column: NumberColumn, predicted: Array, true: Array) -> tuple[float, float] | None:
    if column.margin is None:
        return None
    z = column.standardized(predicted)
    low, high = column.in_units(z - column.margin), column.in_units(z + column.margin)
    return float(((true >= low) & (true <= high)).mean()), float(np.median((high - low) / 2))
