"""How well a series is foretold: errors at each step, and the skill against values that need no network.

Skill is 1 less the mean absolute error over that of another forecast: 0 is as good, 1 without an error, under 0 worse.
Its spread comes from blocks of windows that follow each other (the moving block bootstrap, Künsch 1989), as windows
overlap and an error seldom comes alone.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.evaluation import Evaluation, Judged, score_table
from hornbook.columns.number.written.units import Unit
from hornbook.columns.series.column import LAST, SEASONAL, TRUE, SeriesColumn
from hornbook.common.blocks import Block, Section, Table, Text
from hornbook.common.charts import Band, Line, Lines
from hornbook.common.plaintext import number_of, percent

RESAMPLES = 1000
MOST_POINTS = 3000
"""Of the line that is kept to be drawn."""

MOST_DRAWN = 400
"""Points of a line; of more only the end is drawn, where the forecasts are."""

MOST_STEPS = 48
"""Steps that are listed."""

NAMES = {"last": "the last value", "season": "the value one season ago"}


@dataclass(frozen=True)
class Step:
    """One step to come: errors of the network, of the last value and of that one season ago (nan: no season)."""

    mae: float
    rmse: float
    last: float
    season: float


@dataclass(frozen=True, kw_only=True)
class SeriesEvaluation(Evaluation):
    """How well a series is foretold, in the user's units.

    Attributes
    ----------
    steps
        The errors of each step to come, the next one first.
    skills
        Against ``last`` and, where there is a season, ``season``: the skill with its 95 % interval.
    before
        The true values of the training windows' first step, in their order: the line up to the forecasts.
    gap
        Windows between these and the judged ones, such as those of the validation split.
    true
        The true values of the judged windows' first step.
    forecasts
        For some windows: where in ``true`` the first step is, and the values foretold, shape ``(n, 1 + horizon)``.
    ends
        Of these forecasts the ends of the ranges, the lower ones first, ``(n, 2 * horizon)``; or none at all.
    inside
        For each step the share of the true values that lie in their range.
    unit
        What stands around the numbers (`hornbook.columns.number.written.units.Unit`).
    """

    type: ClassVar[str] = "series"
    rows_are: ClassVar[str] = "window"

    steps: tuple[Step, ...]
    skills: dict[str, tuple[float, float, float]]
    before: Array
    gap: int = 0
    true: Array
    forecasts: Array
    ends: Array = field(default_factory=lambda: np.zeros((0, 0)))
    inside: tuple[float, ...] = ()
    unit: tuple[str, str, str] | None = None

    def say(self, value: float) -> str:
        """Return an error in the user's units."""
        return f"{value:,.4g}" if self.unit is None else Unit(*self.unit).say(value)

    def verdicts(self) -> list[str]:
        """Return a sentence for each other forecast: whether the network is better, and how sure that is."""
        out = []
        for name, (skill, low, high) in self.skills.items():
            word = (
                "better than" if low > 0 else "worse than" if high < 0 else "not surely better or worse than"
            )
            out.append(f"skill {skill:+.3f} ({low:+.3f} to {high:+.3f}): {word} {NAMES[name]}")
        return out

    def title(self) -> str:
        """Return what was judged, and how far ahead."""
        return f"{super().title()}, {number_of(len(self.steps), 'step')} to come"

    def blocks(self) -> list[Section]:
        """Return the errors and skills, the line with its forecasts, and the errors of each step."""
        skills = [
            (f"skill against {NAMES[name]}", f"{skill:+.3f}", f"{low:+.3f} to {high:+.3f}")
            for name, (skill, low, high) in self.skills.items()
        ]
        lead = "; ".join(said.partition(": ")[2] for said in self.verdicts())
        note = (
            "Skill: 1 less the mean absolute error over that of the other forecast. 0 is as good, 1 is without an "
            "error, under 0 is worse."
        )
        scores = score_table([*self.score_rows(), self.baseline_row(), *skills])
        known = len(self.before) and len(self.true) < MOST_DRAWN  # so much of the line is drawn
        gap = "; the gap is of another split" if self.gap and known else ""
        band = "; the band is where the true value lies in 95 of 100 cases" if len(self.ends) else ""
        said: list[Block] = [
            Text(f"The network is {lead}.", "lead"),
            scores,
            Text(note, "small"),
            *([Text(self._held(), "lead")] if self.inside else []),
            self._drawn(),
            Text(f"The line is the first row that each window foretells{gap}{band}.", "small"),
        ]
        return [
            Section("skill", "How well it foretells", said),
            Section("steps", "Step by step", [self._steps()]),
        ]

    def _drawn(self) -> Lines:
        """Return the true line with the forecasts, broken where windows are of another split."""
        gap = min(self.gap, 1 + (len(self.before) + len(self.true)) // 4) if len(self.before) else 0
        start = len(self.before) + gap
        line = [*self.before.tolist(), *[math.nan] * gap, *self.true.tolist()]
        first = max(0, len(line) - MOST_DRAWN)
        xs: list[float] = []
        ys: list[float] = []
        for place, *values in self.forecasts.tolist():
            if start + place >= first:
                xs += [start + place + i for i in range(len(values) + 1)]
                ys += [*values, math.nan]
        lines = [
            Line("true", range(first, len(line)), line[first:], "train", broken=True),
            Line("foretold", xs, ys, "validation", broken=len(self.steps) > 1),
        ]
        title = f"{self.target}: true, and foretold {number_of(len(self.steps), 'step')} at a time"
        marks = [(float(start), self.split)] if start >= first else []
        bands = [self._band(start, first)] if len(self.ends) else []
        across = "in the order of time"
        return Lines(
            title, lines, across=across, ticks="four", ends="four", log=False, marks=marks, bands=bands
        )

    def _band(self, start: int, first: int) -> Band:
        """Return the ranges of the forecasts that are drawn; one after the other where each is of one step."""
        xs: list[float] = []
        low: list[float] = []
        high: list[float] = []
        for place, ends in zip(self.forecasts[:, 0].tolist(), self.ends.tolist(), strict=True):
            if start + place >= first:
                steps = len(ends) // 2
                apart = [math.nan] if steps > 1 else []
                xs += [*(start + place + i for i in range(steps)), *apart]
                low += [*ends[:steps], *apart]
                high += [*ends[steps:], *apart]
        return Band(xs, low, high)

    def _held(self) -> str:
        """Return how many of the true values lie in their range."""
        share = sum(self.inside) / len(self.inside)
        ends = f", {percent(self.inside[0])} at the first step and {percent(self.inside[-1])} at the last"
        return f"Of the true values {percent(share)} lie in their range of 95 %{ends if len(self.inside) > 1 else ''}."

    def _steps(self) -> Table:
        head = ["step", "mae", "rmse", "mae of the last value"]
        head += ["of a season ago"] if "season" in self.skills else []
        rows = [
            [str(i), *(self.say(v) for v in (s.mae, s.rmse, s.last, s.season)[: len(head) - 1])]
            for i, s in enumerate(self.steps[:MOST_STEPS], 1)
        ]
        return Table("errors of each step", head, rows, numbers=range(1, len(head)))

    @classmethod
    def judge(cls, column: SeriesColumn, outputs: Array, truth: Array, on: Judged) -> SeriesEvaluation:
        """Judge forecasts.

        Examples
        --------
        >>> from hornbook.columns.evaluation import evaluate
        >>> column = SeriesColumn(horizon=1)
        >>> truth = np.array([[[2.0], [1.0], [1.0]], [[3.0], [2.0], [2.0]]])     # true, last, seasonal
        >>> found = evaluate("x", "test", column, np.array([[1.5], [3.0]]), truth, training_truth=truth)
        >>> found.score, found.skills["last"][0]
        (0.25, 0.75)
        """
        truth = truth.astype(np.float64)
        off = np.abs(outputs - truth[:, TRUE])
        others = {"last": np.abs(truth[:, LAST] - truth[:, TRUE])}
        if column.season:
            others["season"] = np.abs(truth[:, SEASONAL] - truth[:, TRUE])
        metrics = column.score(outputs, truth)
        nothing = np.full(off.shape[1], np.nan)
        each = zip(
            off.mean(axis=0),
            np.sqrt((off**2).mean(axis=0)),
            others["last"].mean(axis=0),
            others["season"].mean(axis=0) if column.season else nothing,
            strict=True,
        )
        by_row = {name: errors.mean(axis=1) for name, errors in {"": off, **others}.items()}
        means = _resampled(by_row, max(outputs.shape[1], round(len(off) ** 0.5)))
        skills = {}
        for name in others:
            low, high = np.percentile(1 - means[""] / np.maximum(means[name], 1e-300), [2.5, 97.5]).tolist()
            skills[name] = (float(1 - by_row[""].mean() / max(by_row[name].mean(), 1e-300)), low, high)
        low, high = np.percentile(means[""], [2.5, 97.5]).tolist()
        at = np.arange(0, len(outputs), outputs.shape[1])
        at = at[:: max(1, len(at) * (1 + outputs.shape[1]) // MOST_POINTS)]
        drawn = at < MOST_POINTS
        ranged = [column.moved(outputs, side) for side in (-1, 1)] if column.margin else []
        inside = (ranged[0] <= truth[:, TRUE]) & (truth[:, TRUE] <= ranged[1]) if ranged else None
        return cls(
            **on.fields(len(truth)),
            metrics=metrics,
            interval=(low, high),
            baseline=column.baseline(on.training, truth),
            steps=tuple(Step(*map(float, values)) for values in each),
            skills=skills,
            before=on.training[-MOST_POINTS:, TRUE, 0].astype(np.float64),
            gap=0 if on.rows is None else max(0, int(on.rows[0]) - len(on.training)),
            true=truth[:MOST_POINTS, TRUE, 0],
            forecasts=np.column_stack([at, outputs[at].astype(np.float64)])[drawn],
            ends=np.concatenate([end[at] for end in ranged], 1)[drawn] if ranged else np.zeros((0, 0)),
            unit=column.unit,
            inside=() if inside is None else tuple(inside.mean(axis=0).tolist()),
        )


def _resampled(errors: dict[str, Array], block: int) -> dict[str, Array]:
    """Return the mean errors of rows drawn again and again, in blocks; the same ones each time."""
    rows = len(errors[""])
    block = min(block, rows)
    firsts = np.random.default_rng(0).integers(0, rows - block + 1, (RESAMPLES, -(-rows // block)))
    sums = {name: np.concatenate([[0.0], np.cumsum(values)]) for name, values in errors.items()}
    return {
        name: ((total[block:] - total[:-block]) / block)[firsts].mean(axis=1) for name, total in sums.items()
    }
