"""From which probability on a rare class is answered: chosen on validation rows for the metric that was asked for.

Of two classes the likelier is right most often. Where one is rare and dear to miss (a fraud, a fault), another
threshold answers better: the one with the best F1, the most found at a precision that is asked for, or the least cost.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Annotated, NamedTuple, Self

import numpy as np
from annotated_types import Ge, Le

from hornbook.columns.base import Array
from hornbook.columns.number.written.parse import WrittenColumn
from hornbook.common.plaintext import clean
from hornbook.errors import DataError

METRICS = '"f1", "recall@precision=0.9", "precision@recall=0.9" or "cost=10"'
"""What a threshold is chosen for, as a sentence has it."""

_WRITTEN = re.compile(r"f1|(recall@precision|precision@recall)=(0?\.\d+|1|1\.0+)|cost=(\d+(\.\d+)?|\.\d+)")


class Decided(NamedTuple):
    """What a threshold was chosen to."""

    sought: int
    """The place of the class that it is for, the rarer one."""
    threshold: float
    """From this probability of it on it is answered."""


@dataclass(frozen=True, kw_only=True, repr=False)
class DecidedColumn(WrittenColumn):
    """A column of classes that may be decided by another threshold than the likelier of two.

    Parameters
    ----------
    decided_by
        What the threshold is chosen for, ``metric`` in a recipe: `METRICS`; by default the likelier class is answered.

    Attributes
    ----------
    sought, threshold
        See `Decided`.
    """

    decided_by: str | None = field(default=None, metadata={"key": "metric"})
    sought: Annotated[int, Ge(0), Le(1)] | None = None
    threshold: Annotated[float, Ge(0), Le(1)] | None = None

    def objection(self) -> str:
        """Return what is wrong with what the threshold is chosen for."""
        if self.decided_by is not None and not _WRITTEN.fullmatch(self.decided_by):
            return f"has the metric {self.decided_by!r}, and it can be {METRICS}"
        if (self.sought is None) != (self.threshold is None):
            return "has half of a threshold"
        return super().objection()

    def decided(self, found: Decided) -> Self:
        """Return the column with a threshold."""
        return dataclasses.replace(self, sought=found.sought, threshold=found.threshold)

    def chosen(self, outputs: Array) -> Array:
        """Return the place of the class that is answered for each row of probabilities, ``(rows, classes)``."""
        if self.sought is None or self.threshold is None:
            likeliest: Array = outputs.argmax(axis=1)  # of equally likely classes the first
            return likeliest
        return np.where(outputs[:, self.sought] >= self.threshold, self.sought, 1 - self.sought)

    def about_answer(self, classes: Sequence[str]) -> str:
        """Return which class is answered, for who writes a program around the file."""
        if self.sought is None or self.threshold is None:
            return "the answer is the likeliest, the first of equal ones"
        first, other = (clean(classes[i]) for i in (self.sought, 1 - self.sought))
        return f"the answer is {first} where that is {self.threshold:.6g} or more, and else {other}"

    def check_two(self, classes: int) -> None:
        """Raise DataError where a threshold is asked for between more than two classes."""
        if self.decided_by is not None and classes > 2:
            raise DataError(
                f"a threshold is chosen for {self.decided_by} between two classes, and there are {classes:,}; leave "
                "--metric out"
            )

    def ranked(self, outputs: Array) -> Array:
        """Return the places of all classes for each row, that which is answered first, then the likelier ones."""
        # A stable order of the negated: of equally likely classes the first.
        order = np.argsort(-outputs, axis=1, kind="stable")
        if self.sought is None:
            return order
        first = self.chosen(outputs)
        return np.stack([first, 1 - first], 1)


def decide(by: str, probabilities: Array, truth: Array) -> Decided | None:
    """Return the threshold that is best for ``by``; None where one of the classes has no row.

    Parameters
    ----------
    by
        One of `METRICS`. Where no threshold has the precision (or recall) that is asked for, it is the one that comes
        nearest to it.
    probabilities
        Of two classes, shape ``(rows, 2)``, of rows that were not learned from.
    truth
        The places of the right ones, shape ``(rows,)``.

    Examples
    --------
    >>> p = np.array([0.9, 0.4, 0.35, 0.2, 0.1, 0.1, 0.1])
    >>> found = decide("f1", np.stack([1 - p, p], 1), np.array([1, 1, 0, 0, 0, 0, 0]))
    >>> found.sought, round(found.threshold, 3)
    (1, 0.375)
    """
    rows = np.bincount(np.asarray(truth, np.int64), minlength=2)
    if not rows.all():
        return None
    sought = 1 if rows[1] <= rows[0] else 0
    p, hit = np.asarray(probabilities[:, sought], np.float64), np.asarray(truth) == sought
    order = np.argsort(-p, kind="stable")
    # A threshold lies between two probabilities that differ: after the last row of equal ones.
    ends = np.flatnonzero(np.diff(p[order], append=-1.0))
    found, answered = np.cumsum(hit[order])[ends], ends + 1
    precision, recall = found / answered, found / hit.sum()
    best = int(np.argmax(_value(by, precision, recall, answered - found, hit.sum() - found)))
    at = p[order][ends]
    below = at[best + 1] if best + 1 < len(at) else 0.0
    return Decided(sought, float(min(1.0, (at[best] + below) / 2)))


def _value(by: str, precision: Array, recall: Array, alarms: Array, missed: Array) -> Array:
    """Return how good each threshold is; what is asked for and not reached lies below all that reaches it."""
    word, _, given = by.partition("=")
    if word == "cost":
        return -(float(given) * missed + alarms)
    if word == "f1":
        return np.asarray(2 * precision * recall / np.maximum(precision + recall, 1e-12))
    wanted, other = (precision, recall) if word == "recall@precision" else (recall, precision)
    return np.where(wanted >= float(given) - 1e-12, 1 + other, wanted - 1)
