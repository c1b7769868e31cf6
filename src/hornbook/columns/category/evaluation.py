"""How well classes are told apart: scores of each class, confusion, mistakes, coverage, calibration."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hornbook.columns.answers import LEAD, AnswersEvaluation, counted, mistake_gallery
from hornbook.columns.base import Array
from hornbook.columns.category.column import CategoryColumn
from hornbook.columns.category.one_class import auroc
from hornbook.columns.category.rare.lift import Sought, looked_for, section
from hornbook.columns.evaluation import Judged
from hornbook.columns.metric_names import SHARES, name_of
from hornbook.common.blocks import Bar, Block, Cell, Charts, Fold, Section, Shade, Span, Table, Text, short
from hornbook.common.blocks_text import lines
from hornbook.common.charts import Heat
from hornbook.common.plaintext import clean, number_of, percent, shorten, table

MOST_IN_MATRIX = 20
"""Up to so many classes a confusion matrix can be read; with more, the commonest confusions are listed."""

MOST_DRAWN = 500
"""Classes of a confusion matrix that is drawn as a picture: more would be smaller than its points."""

MOST_CLASSES = 40
"""Classes whose scores are shown at once; of more, the hardest, and all behind a fold."""


@dataclass(frozen=True)
class ClassScore:
    """Scores of a class; nan are ``precision`` of one never predicted and ``recall`` of one without rows."""

    name: str
    rows: int
    precision: float
    recall: float
    f1: float


RARE, MOST_RARE = 0.05, 3
"""Of classes with a smaller share of the rows accuracy says nothing; so many of them are told of in a line."""

UNEVEN = 0.2
"""Of two classes of which one has a smaller share of the rows, the average precision is told as well."""


@dataclass(frozen=True, kw_only=True)
class CategoryEvaluation(AnswersEvaluation):
    """How well the classes are told apart.

    Attributes
    ----------
    classes
        The names, in the order of the network's outputs.
    confused
        Shape ``(n, 3)``, ``int64``: true class, predicted class, how many rows; the commonest first, only
        pairs that occur. ``confusion`` is the same as a matrix.
    per_class
        Precision, recall and F1 of each class, in the order of ``classes``.
    sought
        How the rows of the rarer of two classes are found, where it is rare or a threshold was chosen.
    """

    type: ClassVar[str] = "category"

    classes: tuple[str, ...]
    confused: Array
    per_class: tuple[ClassScore, ...]
    sought: Sought | None = None

    @property
    def confusion(self) -> Array:
        """Rows by true class and predicted class, shape ``(classes, classes)``, ``int64``."""
        out = np.zeros((len(self.classes), len(self.classes)), np.int64)
        out[self.confused[:, 0], self.confused[:, 1]] = self.confused[:, 2]
        return out

    def line(self) -> str:
        """Return the evaluation in one sentence; of rare classes it says how many rows were found."""
        common = self.baseline[1] > 0.5  # of a hundred classes each is rare
        rare = [one for one in self.per_class if 0 < one.rows < RARE * self.rows] if common else []
        chosen = ""
        if self.sought is not None and self.sought.threshold is not None:
            name = repr(shorten(clean(self.sought.name), 40))
            chosen = f"; {name} is answered from {percent(self.sought.threshold, 2)} on, for {self.sought.decided_by}"
        area = f"; AUROC {self.metrics['auroc']:.4f}" if "auroc" in self.metrics else ""
        found = "".join(map(_found, sorted(rare, key=lambda one: one.rows)[:MOST_RARE]))
        return f"{super().line()}{area}{chosen}{found}"

    def weakest_class(self) -> str:
        """Return the class whose rows are mistaken most often; empty where none is."""
        known = [one for one in self.per_class if one.rows and one.recall < 1]
        return min(known, key=lambda one: (one.recall, one.precision)).name if known else ""

    def confusion_of(self, most: int) -> Array:
        """Return what `confusion` is, of at most so many classes: those in most mistakes, in their order."""
        if len(self.classes) <= most:
            return self.confusion
        true, read, rows = self.confused.T
        wrong = np.where(true != read, rows, 0)
        mistakes = np.bincount(true, wrong, len(self.classes)) + np.bincount(read, wrong, len(self.classes))
        place = np.full(len(self.classes), -1)
        place[np.sort(np.argsort(-mistakes, kind="stable")[:most])] = np.arange(most)
        out = np.zeros((most, most), np.int64)
        both = (place[true] >= 0) & (place[read] >= 0)
        out[place[true[both]], place[read[both]]] = rows[both]
        return out

    def confusions(self, most: int = 5) -> list[tuple[str, str, int]]:
        """Return the commonest mistakes: true class, predicted class, how many rows."""
        wrong = self.confused[self.confused[:, 0] != self.confused[:, 1]][:most]
        return [(self.classes[t], self.classes[p], int(n)) for t, p, n in wrong]

    def blocks(self) -> list[Section]:
        """Return what is confused, the worst mistakes, the scores of each class, and what abstaining gains."""
        return [
            Section("confusion", "What it confuses", _confusion(self)),
            self._worst(),
            *([] if self.sought is None else [section(self.sought)]),
            Section("classes", "Class by class", _classes(self)),
            self.when_unsure(),
        ]

    def _worst(self) -> Section:
        shown: list[Block] = [Text(LEAD, "lead"), mistake_gallery(self.mistakes)]
        return Section("mistakes", "Its worst mistakes", shown if self.mistakes else [])

    def text(self) -> str:
        """Return scores, a row for each class, the confusion matrix and the worst mistakes, as text."""
        low, high = self.interval
        others = {k: v for k, v in self.metrics.items() if k != self.metric}
        shown = [f"{name_of(k)} {percent(v) if k in SHARES else f'{v:.4g}'}" for k, v in others.items()]
        said = [
            self.title(),
            "",
            f"  accuracy  {percent(self.score, 2)}   95 % interval {percent(low, 2)} to {percent(high, 2)}",
            f"  baseline  {percent(self.baseline[1], 2)}   {clean(self.baseline[0])}",
            *self.compared(),
            f"  {'   '.join(shown)}   calibration error {percent(self.calibration)}",
            "",
            *_class_lines(self),
            "",
            *_confusion_lines(self),
            *lines(
                [*([] if self.sought is None else [section(self.sought)]), self.when_unsure(), self._worst()]
            ),
        ]
        return "\n".join(said)

    @classmethod
    def judge(cls, column: CategoryColumn, outputs: Array, truth: Array, on: Judged) -> CategoryEvaluation:
        """Judge the answers to a ``category`` target: probabilities, shape ``(rows, classes)``.

        Examples
        --------
        >>> from hornbook.columns.evaluation import evaluate
        >>> column = CategoryColumn(classes=("cat", "dog"))
        >>> p = np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3]])
        >>> found = evaluate("animal", "test", column, p, np.array([0, 1, 1]), training_truth=np.array([0, 0, 1]))
        >>> round(found.score, 3), found.baseline[0], found.mistakes[0].predicted
        (0.667, "always 'cat'", 'cat')
        """
        classes = tuple(column.classes or ())
        true = np.asarray(truth, np.int64)
        predicted = column.chosen(outputs)
        confidence = np.asarray(outputs[np.arange(len(true)), predicted], np.float64)
        right = predicted == true
        pairs, counts = np.unique(true * len(classes) + predicted, return_counts=True)
        confused = np.stack([pairs // len(classes), pairs % len(classes), counts], axis=1)[
            np.argsort(-counts, kind="stable")
        ]
        per_class = _per_class(classes, true, predicted)
        metrics = column.score(outputs, true)
        metrics["macro_f1"] = float(np.nanmean([score.f1 for score in per_class]))
        if len(classes) == 2 and 0 < (rows := np.bincount(true, minlength=2)).min() < UNEVEN * len(true):
            metrics["average_precision"] = _average_precision(
                outputs[:, rows.argmin()], true == rows.argmin()
            )
        if column.only and 0 < (true == 1).sum() < len(true):
            metrics["auroc"] = auroc(outputs[:, 1], true == 1)
        sought = _sought(column, outputs, true) if len(classes) == 2 else None
        if len(classes) > MOST_IN_MATRIX:
            rank = (outputs > outputs[np.arange(len(true)), true][:, None]).sum(axis=1)
            metrics["top_5"] = float((rank < 5).mean())
        return cls(
            **counted(right, confidence, lambda i: (classes[true[i]], classes[predicted[i]]), on),
            metrics=metrics,
            baseline=column.baseline(on.training, true),
            classes=classes,
            confused=confused,
            per_class=per_class,
            sought=sought,
        )


def _sought(column: CategoryColumn, outputs: Array, true: Array) -> Sought | None:
    """Return how the rows of a rare class are found; None where none is rare, and none was sought."""
    rows = np.bincount(true, minlength=2)
    place = int(rows.argmin()) if column.sought is None else column.sought
    if not rows.all() or (column.sought is None and rows.min() >= UNEVEN * len(true)):
        return None
    name = (column.classes or ())[place]
    return looked_for(name, outputs[:, place], true == place, column.threshold, column.decided_by)


def _found(one: ClassScore) -> str:
    """Return how many rows of a rare class were found, as the end of a sentence."""
    name = repr(shorten(clean(one.name), 40))
    if math.isnan(one.precision):
        return f"; {name} is never answered, though {number_of(one.rows, 'row')} are of it"
    hits = round(one.recall * one.rows)
    return f"; of {one.rows:,} {name} {hits:,} found, {percent(one.precision)} of such answers right"


def _average_precision(scores: Array, true: Array) -> float:
    """Return the mean precision over all rows that are to be found, the likeliest first; equal scores count as one."""
    order = np.argsort(-scores, kind="stable")
    hits, last = np.cumsum(true[order]), np.flatnonzero(np.diff(scores[order], append=-np.inf))
    return float((np.diff(hits[last], prepend=0) * hits[last] / (last + 1)).sum() / hits[-1])


def _per_class(classes: tuple[str, ...], true: Array, predicted: Array) -> tuple[ClassScore, ...]:
    k = len(classes)
    rows = np.bincount(true, minlength=k)
    named = np.bincount(predicted, minlength=k)
    hits = np.bincount(true[predicted == true], minlength=k)
    nan = np.full(k, np.nan)
    precision = np.divide(hits, named, out=nan.copy(), where=named > 0)
    recall = np.divide(hits, rows, out=nan.copy(), where=rows > 0)
    # 2 h / (rows + named) is F1 also where one of precision and recall is not defined.
    f1 = np.divide(2 * hits, rows + named, out=nan.copy(), where=rows > 0)
    return tuple(
        ClassScore(name, int(n), float(p), float(r), float(f))
        for name, n, p, r, f in zip(classes, rows, precision, recall, f1, strict=True)
    )


def _class_lines(found: CategoryEvaluation) -> list[str]:
    head = ["  class", "rows", "precision", "recall", "F1"]
    scores = list(found.per_class)
    note = []
    if len(scores) > 2 * MOST_IN_MATRIX:
        # The hardest are what one looks for among hundreds.
        scores = sorted((s for s in scores if s.rows), key=lambda s: s.f1)[:MOST_IN_MATRIX]
        note = [f"  the {MOST_IN_MATRIX} hardest of {len(found.classes):,} classes"]
    rows = [
        ["  " + shorten(clean(s.name), 40), f"{s.rows:,}"]
        + [percent(v) for v in (s.precision, s.recall, s.f1)]
        for s in scores
    ]
    return note + table([head, *rows], "<>")


def _confusion_lines(found: CategoryEvaluation) -> list[str]:
    out = []
    names = [shorten(clean(c), 12) for c in found.classes]
    if len(found.classes) <= MOST_IN_MATRIX and sum(max(len(n), 4) + 1 for n in names) < 110:
        body = [
            ["  " + name, *("." if n == 0 else str(n) for n in row)]
            for name, row in zip(names, found.confusion.tolist(), strict=True)
        ]
        out = ["true class down, predicted class across", *table([["", *names], *body], "<>", " ")]
    most = found.confusions()
    if most:
        said = ", ".join(f"{clean(t)} read as {clean(p)} ({n:,})" for t, p, n in most)
        out.append(f"commonest confusions: {said}")
    return out


def _confusion(found: CategoryEvaluation) -> list[Block]:
    """Return the matrix where it can be read, and the commonest confusions."""
    wrong = found.confusions(30)
    if not wrong:
        return [Text(f"Not one mistake in {number_of(found.rows, 'example')}.", "lead")]
    said: list[str | Span] = ["Most often: "]
    for true, read, n in wrong[:3]:
        said += [Span(true), " read as ", Span(read), f" {number_of(n, 'time')}; "]
    said[-1] = f"{str(said[-1]).removesuffix('; ')}."
    lead = Text(tuple(said), "lead")
    if len(found.classes) > MOST_IN_MATRIX:
        rows = [(true, read, f"{n:,}") for true, read, n in wrong]
        table = Table("the commonest confusions", ["true class", "read as", "times"], rows, numbers=[2])
        return [lead, table, Charts([_heat(found)], size="single")]
    most = wrong[0][2]
    lines = []
    for i, counts in enumerate(found.confusion.tolist()):
        cells: list[Cell] = [short(found.classes[i], 24)]
        for j, n in enumerate(counts):
            # Between linear and logarithmic, and never pale: one mistake is seen beside a hundred.
            weight = 0.14 + 0.76 * (math.log1p(n) / math.log1p(most)) ** 2 if n and i != j else 0.0
            whole = f"{found.classes[i]} read as {found.classes[j]}: {n:,}"
            cells.append(Shade(f"{n:,}" if n or i == j else "·", weight, whole, right=i == j))
        lines.append(cells)
    names = [short(name, 14) for name in found.classes]
    note = Text("Each row a true class, each column what it was read as.", "small")
    return [lead, note, Table("confusion matrix", names, lines, matrix=True)]


def _heat(found: CategoryEvaluation) -> Heat:
    """Return the confusions of many classes as a picture, the right answers pale."""
    matrix = found.confusion_of(MOST_DRAWN)
    wrong = matrix.astype(np.float64)
    np.fill_diagonal(wrong, 0)
    shade = 0.12 + 0.8 * (np.log1p(wrong) / max(math.log1p(wrong.max()), 1e-9)) ** 2
    values = np.where(wrong > 0, shade, 0.0)
    k = len(matrix)
    which = f"the {k} classes that are confused most" if k < len(found.classes) else f"{k} classes"
    return Heat(f"what is confused, {which}", "read as", "true class", values)


def _classes(found: CategoryEvaluation) -> list[Block]:
    """Return the scores of each class; of many, of the hardest, and all of them folded away."""
    missed = {c.name: 0 if math.isnan(c.recall) else round(c.rows * (1 - c.recall)) for c in found.per_class}
    most = max(missed.values(), default=0) or 1

    def table_of(scores: Sequence[ClassScore]) -> Table:
        rows: list[tuple[Cell, ...]] = [
            (
                s.name,
                f"{s.rows:,}",
                *map(percent, (s.precision, s.recall, s.f1)),
                f"{missed[s.name]:,}",
                Bar(missed[s.name] / most),
            )
            for s in scores
        ]
        head = ["class", "rows", "precision", "recall", "F1", "missed", ""]
        return Table("scores of each class", head, rows, numbers=[1, 2, 3, 4, 5])

    note = Text(
        "Precision: of what it called so, how much was. Recall: of what was, how much it found. "
        "F1: their harmonic mean.",
        "small",
    )
    if len(found.per_class) <= MOST_CLASSES:
        return [table_of(found.per_class), note]
    hardest = sorted((s for s in found.per_class if s.rows), key=lambda s: s.f1)[:MOST_IN_MATRIX]
    return [
        Text(f"The {MOST_IN_MATRIX} hardest of {len(found.per_class):,} classes."),
        table_of(hardest),
        note,
        Fold("All classes", [table_of(found.per_class)]),
    ]
