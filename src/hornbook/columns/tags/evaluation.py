"""How well tags are found: F1 over all and for each, mistakes, and what abstaining gains."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hornbook.columns.answers import LEAD, AnswersEvaluation, counted, mistake_gallery
from hornbook.columns.base import Array
from hornbook.columns.calibration import wilson
from hornbook.columns.evaluation import Judged, score_table
from hornbook.columns.tags.column import TagsColumn
from hornbook.common.blocks import Bar, Block, Cell, Fold, Section, Table, Text
from hornbook.common.plaintext import percent

MOST_SHOWN = 40
"""Tags whose scores are shown at once; of more, the hardest, and all behind a fold."""

NOTE = (
    "Precision: of those that were given it, how many have it. Recall: of those that have it, how many were given it. "
    "F1: their harmonic mean. A tag is given where its probability is at least its threshold."
)


@dataclass(frozen=True)
class TagScore:
    """Scores of a tag; nan are ``precision`` of one never given and ``recall`` and ``f1`` of one without rows."""

    name: str
    rows: int
    precision: float
    recall: float
    f1: float
    threshold: float


@dataclass(frozen=True, kw_only=True)
class TagsEvaluation(AnswersEvaluation):
    """How well tags are found.

    A row is a mistake where one of its tags is not given, or one is that it has not. Tags that no training row has
    count as missed.

    Attributes
    ----------
    per_tag
        Precision, recall, F1 and threshold of each tag, in the order of the network's outputs.
    """

    type: ClassVar[str] = "tags"

    per_tag: tuple[TagScore, ...]

    @property
    def wrong(self) -> int:
        """How many rows have a tag too few or too many."""
        return round(self.rows * (1 - self.metrics["all_right"]))

    def blocks(self) -> list[Section]:
        """Return the scores, those of each tag, the worst mistakes, and what abstaining gains."""
        shown: list[Block] = [Text(LEAD, "lead"), mistake_gallery(self.mistakes)]
        return [
            Section("scores", "How well it does", [score_table([*self.score_rows(), self.baseline_row()])]),
            Section("tags", "Tag by tag", self._tags()),
            Section("mistakes", "Its worst mistakes", shown if self.mistakes else []),
            self.when_unsure(),
        ]

    def _tags(self) -> list[Block]:
        def table_of(scores: list[TagScore]) -> Table:
            rows: list[list[Cell]] = []
            for s in scores:
                shares = map(percent, (s.precision, s.recall, s.f1))
                bar = Bar(0.0 if math.isnan(s.f1) else s.f1)
                rows.append([s.name, f"{s.rows:,}", *shares, f"{s.threshold:.3g}", bar])
            head = ["tag", "rows", "precision", "recall", "F1", "threshold", ""]
            return Table("scores of each tag", head, rows, numbers=[1, 2, 3, 4, 5])

        every = list(self.per_tag)
        if len(every) <= MOST_SHOWN:
            return [table_of(every), Text(NOTE, "small")]
        hardest = sorted((s for s in every if s.rows), key=lambda s: s.f1)[: MOST_SHOWN // 2]
        lead = Text(f"The {len(hardest)} hardest of {len(every):,} tags.")
        return [lead, table_of(hardest), Text(NOTE, "small"), Fold("All tags", [table_of(every)])]

    @classmethod
    def judge(cls, column: TagsColumn, outputs: Array, truth: Array, on: Judged) -> TagsEvaluation:
        """Judge the answers to a ``tags`` target: probabilities, shape ``(rows, tags)``.

        Examples
        --------
        >>> from hornbook.columns.evaluation import evaluate
        >>> column = TagsColumn(tags=("a", "b"))
        >>> truth = np.array([[1, 0, 0], [1, 1, 0]], np.uint8)
        >>> p = np.array([[0.9, 0.1], [0.8, 0.2]])
        >>> found = evaluate("tags", "test", column, p, truth, training_truth=truth)
        >>> found.score, found.metrics["all_right"], found.mistakes[0].truth
        (0.8, 0.5, 'a, b')
        """
        given, true = column.chosen(outputs), truth[:, :-1] > 0
        right = (given == true).all(axis=1) & (truth[:, -1] == 0)
        answered = np.concatenate([given.astype(np.uint8), np.zeros((len(given), 1), np.uint8)], 1)

        def answer(i: int) -> tuple[str, str]:
            unknown = f" and {truth[i, -1]} never learned" if truth[i, -1] else ""
            return column.labels(truth[i : i + 1])[0] + unknown, column.labels(answered[i : i + 1])[0]

        metrics = column.score(outputs, truth)
        return cls(
            **{**counted(right, column.confidence(outputs), answer, on), "interval": _interval(given, truth)},
            metrics=metrics,
            baseline=column.baseline(on.training, truth),
            per_tag=_per_tag(column, given, true),
        )


def _interval(given: Array, truth: Array) -> tuple[float, float]:
    """Return the 95 % interval of F1 over all tags.

    It is a ratio of sums over rows, whose error is that of its residuals; with it goes a number of rows, for which a
    share has Wilson's interval.
    """
    hits = 2.0 * (given & (truth[:, :-1] > 0)).sum(1)
    there = given.sum(1) + truth.sum(1, dtype=np.float64)
    if not there.sum():
        return wilson(len(truth), len(truth))
    share = float(hits.sum() / there.sum())
    variance = float(((hits - share * there) ** 2).sum() / there.sum() ** 2)
    rows = share * (1 - share) / variance if variance > 0 else len(truth)
    return wilson(share * rows, rows)


def _per_tag(column: TagsColumn, given: Array, true: Array) -> tuple[TagScore, ...]:
    hits, rows, named = (given & true).sum(0), true.sum(0), given.sum(0)
    nan = np.full(len(rows), np.nan)
    precision = np.divide(hits, named, out=nan.copy(), where=named > 0)
    recall = np.divide(hits, rows, out=nan.copy(), where=rows > 0)
    f1 = np.divide(2 * hits, rows + named, out=nan.copy(), where=rows > 0)
    every = zip(column.tags or (), rows, precision, recall, f1, column.least, strict=True)
    return tuple(TagScore(n, int(r), float(p), float(c), float(f), float(t)) for n, r, p, c, f, t in every)
