"""How well labels are given to the steps of texts: each label, whole rows, and each class."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.calibration import wilson
from hornbook.columns.evaluation import Evaluation, Judged
from hornbook.columns.labels.column import LabelsColumn
from hornbook.common.blocks import Bar, Block, Inline, Picture, Section, Span, Table, Text
from hornbook.common.plaintext import clean, number_of, percent, shorten

SHOWN = 24
"""Rows that are listed at once."""

QUOTED = 200
"""Cells of a row that is named."""

MOST_LABELS = 40
"""Labels of a row that are shown."""


@dataclass(frozen=True)
class LabelScore:
    """How many of a class there are, are named so, and are named so rightly."""

    name: str
    count: int
    named: int
    right: int


@dataclass(frozen=True)
class Mislabelled:
    """A row with wrong labels: the true ones and those that were given."""

    row: int
    name: str
    truth: tuple[str, ...]
    given: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class LabelsEvaluation(Evaluation):
    """How well each step is labelled.

    The metrics are ``accuracy``, the share of labels that are right; ``sentences``, that of rows all of whose labels
    are; and ``macro_f1``, the mean of the classes' F1.

    Attributes
    ----------
    labels
        How many there are.
    per_class
        Each class, in their order.
    mistakes
        The rows with the most wrong labels, the worst first.
    """

    type: ClassVar[str] = "labels"

    labels: int
    per_class: tuple[LabelScore, ...]
    mistakes: tuple[Mislabelled, ...]

    def verdict(self) -> Inline:
        """Return how well it does as a sentence for the top of a page."""
        score = Span(self.say(self.score))
        return f"Of {self.target} it gets ", score, f" of {self.labels:,} labels right, in {self._learned()}."

    def blocks(self) -> list[Section]:
        """Return the scores, the classes, and the rows with the most mistakes."""
        most = max((one.count for one in self.per_class), default=1) or 1
        classes = [
            (
                clean(one.name),
                f"{one.count:,}",
                percent(one.right / one.named) if one.named else "",
                percent(one.right / one.count) if one.count else "",
                Bar(one.count / most),
            )
            for one in self.per_class
        ]
        head = ["class", "labels", "precision", "recall", ""]
        shown: list[Block] = [_mistakes(self.mistakes)] if self.mistakes else []
        none = Text(f"Not one wrong label in {number_of(self.rows, 'row')}.", "lead")
        return [
            *super().blocks(),
            Section(
                "classes", "Class by class", [Table("classes", head, classes, numbers=[1, 2, 3], first=SHOWN)]
            ),
            Section("mistakes", "Its worst mistakes", shown or [none]),
        ]

    @classmethod
    def judge(cls, column: LabelsColumn, outputs: Array, truth: Array, on: Judged) -> LabelsEvaluation:
        """Judge the labels; ``truth`` is encoded, ``(rows, longest)``."""
        right, asked = column.right(outputs, truth)
        read = np.zeros(truth.shape, np.int64)
        steps = min(outputs.shape[1], truth.shape[1])
        read[:, :steps] = outputs.argmax(-1)[:, :steps] + 1
        names = tuple(column.classes or ())
        size = len(names) + 1
        count = np.bincount(truth[asked].astype(np.int64), minlength=size)[1:]
        named, hits = (
            np.bincount(read[asked], minlength=size)[1:],
            np.bincount(read[right], minlength=size)[1:],
        )
        scores = tuple(map(LabelScore, names, count.tolist(), named.tolist(), hits.tolist()))
        metrics = column.score(outputs, truth)
        f1 = [2 * s.right / (s.count + s.named) for s in scores if s.count]
        metrics["macro_f1"] = float(np.mean(f1)) if f1 else 0.0
        wrong = (asked & ~right).sum(axis=1)
        worst = np.argsort(-wrong, kind="stable")[: on.most]
        return cls(
            **on.fields(len(truth)),
            metrics=metrics,
            interval=wilson(int(right.sum()), max(int(asked.sum()), 1)),
            baseline=column.baseline(on.training, truth),
            labels=int(asked.sum()),
            per_class=scores,
            mistakes=tuple(_mislabelled(names, truth[i], read[i], on, int(i)) for i in worst if wrong[i]),
        )


def _mislabelled(names: tuple[str, ...], truth: Array, read: Array, on: Judged, i: int) -> Mislabelled:
    row, name = on.named(i)
    places = np.flatnonzero(truth > 0)[:MOST_LABELS].tolist()
    true = tuple(names[int(truth[p]) - 1] for p in places)
    return Mislabelled(row, name, true, tuple(names[int(read[p]) - 1] if read[p] else "" for p in places))


def _mistakes(found: tuple[Mislabelled, ...]) -> Table:
    """Return rows with their labels, the wrong ones marked."""
    rows = []
    for one in found:
        true: list[str | Span | Picture] = []
        given: list[str | Span | Picture] = []
        for t, g in zip(one.truth, one.given, strict=True):
            true += [f"{clean(t)} " if t == g else Span(f"{clean(t)} ")]
            given += [f"{clean(g)} " if t == g else Span(f"{clean(g) or '·'} ", "wrong")]
        rows.append((shorten(clean(one.name), QUOTED), tuple(true), tuple(given)))
    return Table("mistakes", ["", "true", "given"], rows, first=SHOWN)
