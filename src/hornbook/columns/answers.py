"""What evaluations of answers with a confidence share: the worst mistakes, and what abstaining gains."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.evaluation import number
from hornbook.common.plaintext import clean, percent, shorten, table

THRESHOLDS = (0.0, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.97, 0.98, 0.99, 0.995, 0.999, 0.9999)
"""Confidences at which coverage is measured; the round ones are those that people give to ``--abstain``."""

Coverage = tuple[tuple[float, float, float], ...]
"""For each threshold of confidence: the share of rows at or above it, and the accuracy among these."""


@dataclass(frozen=True)
class Mistake:
    """One row that was read wrongly.

    Attributes
    ----------
    row
        The row of the table of examples.
    truth, predicted
        Class names, or strings.
    confidence
        The probability given to ``predicted``, 0 to 1.
    name
        The file, member or row it is about.
    """

    row: int
    truth: str
    predicted: str
    confidence: float
    name: str


def worst_mistakes(
    right: Array,
    confidence: Array,
    answer: Callable[[int], tuple[str, str]],
    *,
    names: Sequence[str] | Callable[[int], str] | None,
    rows: Array | None,
    most: int,
) -> tuple[Mistake, ...]:
    """Return the wrong answers, the most confident first.

    Parameters
    ----------
    right, confidence
        Whether each answer is right, and its probability, shape ``(rows,)``.
    answer
        The true and the predicted value of an answer.
    names, rows, most
        As for `hornbook.evaluation.evaluate`.
    """
    wrong = np.flatnonzero(~right)
    worst = wrong[np.argsort(-confidence[wrong], kind="stable")][:most]
    out = []
    for i in worst.tolist():
        row = i if rows is None else int(rows[i])
        name = f"row {row + 1}" if names is None else names(row) if callable(names) else str(names[i])
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


def read_coverage(data: Any) -> Coverage:
    """Return the coverage that was written as JSON."""
    return tuple((float(t), float(share), number(right)) for t, share, right in data)


def coverage_lines(coverage: Coverage) -> list[str]:
    """Return what abstaining gains, for a terminal."""
    sure = [c for c in coverage if c[0] in (0.0, 0.5, 0.9, 0.99, 0.999)]
    rows = [[f"  {t:g}", percent(share), percent(right, 2)] for t, share, right in sure]
    return ["with --abstain", *table([["  at least", "answered", "of these right"], *rows], "<>")]


def mistake_lines(mistakes: Sequence[Mistake]) -> list[str]:
    """Return the ten worst mistakes, for a terminal; nothing where there is none."""
    rows = [
        [
            f"  {shorten(clean(m.name), 40)}",
            f"is {clean(m.truth)},",
            f"read as {clean(m.predicted) or 'nothing'}",
            percent(m.confidence),
        ]
        for m in mistakes[:10]
    ]
    return ["", "the worst mistakes", *table(rows, "<<<>")] if rows else []
