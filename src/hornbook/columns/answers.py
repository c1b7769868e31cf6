"""What evaluations of answers with a confidence share: the worst mistakes, and what abstaining gains."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.calibration import calibration_error, wilson
from hornbook.columns.evaluation import Evaluation, Judged
from hornbook.common.blocks import Block, Charts, Gallery, Item, Section, Span, Table, Text, short, tail
from hornbook.common.charts import Line, Lines
from hornbook.common.plaintext import clean, percent, shorten

THRESHOLDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999, 0.9999)
"""Confidences at which coverage is measured; the round ones are those that people give to ``--abstain``."""

SHOWN = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999)
"""Those that stand on a page."""

LEAD = "The wrong answers it was most sure of. Some may be mistakes of the labels."

FIRST = 24
"""Mistakes that are shown at once."""

LONGEST_QUOTE = 400
"""Cells of a text that is quoted."""

Coverage = tuple[tuple[float, float, float], ...]
"""For each threshold of confidence: the share of rows at or above it, and the accuracy among these."""


@dataclass(frozen=True)
class Mistake:
    """One row that was read wrongly; ``confidence`` is that of ``predicted``, ``name`` the file or row it is about."""

    row: int
    truth: str
    predicted: str
    confidence: float
    name: str


@dataclass(frozen=True, kw_only=True)
class AnswersEvaluation(Evaluation):
    """How well answers are given that are right or wrong, each with a confidence.

    Attributes
    ----------
    mistakes
        The wrong answers, the most confident first.
    coverage
        For each threshold of confidence: the share of rows at or above it, and the accuracy among these, nan
        where there are none.
    calibration
        Expected calibration error, 0 to 1: how far confidence and accuracy are apart, on average over 15 bins
        of confidence (Naeini et al. 2015; Guo et al. 2017, eq. 3).
    """

    mistakes: tuple[Mistake, ...]
    coverage: Coverage
    calibration: float

    @property
    def wrong(self) -> int:
        """How many answers are wrong."""
        return round(self.rows * (1 - self.score))

    def facts(self) -> list[tuple[str, str]]:
        """Return the other metrics by name, and how many mistakes there are."""
        return [*super().facts(), ("mistakes", f"{self.wrong:,} of {self.rows:,}")]

    @property
    def mistaken(self) -> list[int]:
        """The rows of the worst mistakes, the first ones on a page."""
        return [m.row for m in self.mistakes[:FIRST]]

    def when_unsure(self) -> Section:
        """Return what abstaining gains."""
        shown = coverage_blocks(self.coverage, self.rows, self.calibration)
        return Section("sure", "When it is unsure", shown)


def counted(
    right: Array, confidence: Array, answer: Callable[[int], tuple[str, str]], on: Judged
) -> dict[str, Any]:
    """Return the fields of an evaluation that follow from which answers are right; parameters of `worst_mistakes`."""
    return {
        **on.fields(len(right)),
        "interval": wilson(int(right.sum()), len(right)),
        "mistakes": worst_mistakes(right, confidence, answer, on),
        "coverage": coverage_of(confidence, right),
        "calibration": calibration_error(confidence, right),
    }


def worst_mistakes(
    right: Array, confidence: Array, answer: Callable[[int], tuple[str, str]], on: Judged
) -> tuple[Mistake, ...]:
    """Return the wrong answers, the most confident first.

    ``right`` and ``confidence`` are of shape ``(rows,)``; ``answer`` gives the true and the predicted value of one.
    """
    wrong = np.flatnonzero(~right)
    out = []
    for i in wrong[np.argsort(-confidence[wrong], kind="stable")][: on.most].tolist():
        row, name = on.named(i)
        out.append(Mistake(row, *answer(i), float(confidence[i]), name))
    return tuple(out)


def coverage_of(confidence: Array, right: Array) -> Coverage:
    """Return how much is answered at each threshold and how much of that is right, nan where nothing is."""
    out = []
    for threshold in THRESHOLDS:
        answered = confidence >= threshold
        share = float(answered.mean())
        out.append((threshold, share, float(right[answered].mean()) if share else math.nan))
    return tuple(out)


def coverage_blocks(coverage: Coverage, rows: int, calibration: float) -> list[Block]:
    """Return what is gained by leaving unsure ones unanswered, of so many rows, as a chart and a table."""
    # Of a handful of answers the accuracy is noise.
    points = [c for c in coverage if c[1] * rows >= max(10, 0.005 * rows)][::-1]
    drawn = []
    if len({share for _, share, _ in points}) > 1:
        line = Line("accuracy", [100 * c[1] for c in points], [c[2] for c in points], "validation")
        title = "accuracy of the answers given"
        drawn = [Lines(title, [line], across="% of rows answered", ticks="share", ends="share2", log=False)]
    kept = [c for c in coverage if c[0] in SHOWN and c[1]]
    cells = [(f"{t:g}", percent(share), percent(right, 2)) for t, share, right in kept]
    head = ["--abstain", "answered", "of these right"]
    lead = (
        "With ",
        Span("--abstain", "code"),
        " an answer below that confidence is left out, for a person to look at. "
        f"Confidence and accuracy differ by {percent(calibration)} on average.",
    )
    return [Text(lead, "lead"), Charts(drawn, beside=Table("with abstaining", head, cells, numbers=[1, 2]))]


def mistake_gallery(mistakes: Sequence[Mistake]) -> Gallery:
    """Return the wrong answers with their pictures or sounds; where there are none, as a table of their names."""
    items, rows = [], []
    for m in mistakes:
        true, read, sure = (
            short(m.truth, 24, "strong"),
            short(m.predicted, 24, "wrong"),
            percent(m.confidence),
        )
        alt = f"{m.name}: {m.truth}, read as {m.predicted}"
        items.append(Item(m.row, alt, (true, " read as ", read), notes=[f"{sure} sure", tail(m.name)]))
        rows.append((true, read, sure, shorten(clean(m.name), LONGEST_QUOTE)))
    head = ["true", "read as", "sure", ""]
    return Gallery(items, FIRST, instead=Table("mistakes", head, rows, numbers=[2], first=FIRST))
