"""Classes: how many examples each has, and which are small, unbalanced or missing from a split."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.category.spelling import spelled_twice, spellings
from hornbook.columns.summary import FIRST, SPLITS, Finding, Inspection, Level, Summary, Values, spread
from hornbook.common.blocks import Block, Counts, Text
from hornbook.common.plaintext import clean, listed, number_of, shorten, table

FEWEST = 5
"""Examples below which a class can hardly be learned or judged."""

UNBALANCED = 10
"""From this ratio of the largest class to the smallest on, the small ones are worth a word."""

MOST_LINES = 20
"""Up to so many classes are all listed in a terminal."""

SHOWN, ACROSS = 40, 12
"""Classes that are shown with pictures, and how many of each."""


@dataclass(frozen=True)
class ClassCounts(Summary):
    """How many examples each class of a target has.

    Attributes
    ----------
    target
        The name of the target.
    classes
        The names, in the order of the column.
    rows
        For each class the rows in train, validation and test.
    samples
        Of the first classes, some rows to be shown: training rows where a class has any, so that nobody gets to know
        the test rows by looking.
    what
        What one of them is: a class, a tag.
    """

    target: str
    classes: tuple[str, ...]
    rows: tuple[tuple[int, ...], ...]
    samples: tuple[tuple[int, ...], ...] = ()
    what: str = "class"

    @property
    def many(self) -> str:
        """What several of them are called."""
        return "classes" if self.what == "class" else f"{self.what}s"

    def lines(self) -> list[str]:
        """Return a row for each class; of many, the first, the last, and how many there are between."""
        used = [i for i in range(len(SPLITS)) if any(row[i] for row in self.rows)]
        body = [
            [f"  {shorten(clean(name), 40)}", *(f"{row[i]:,}" for i in used)]
            for name, row in zip(self.classes, self.rows, strict=True)
        ]
        if len(body) > MOST_LINES:
            left = len(body) - MOST_LINES + 4
            body = [*body[: MOST_LINES - 7], [f"  ... {left:,} more"], *body[-3:]]
        head = [f"  {clean(self.target)}", *(SPLITS[i] for i in used)]
        return table([head, *body], "<>")

    def blocks(self, pictured: bool) -> list[Block]:
        """Return a bar for each class, divided by split, beside some of its pictures."""
        head = f"{self.target}: {number_of(len(self.classes), self.what, self.many)}"
        shown = dict(zip(self.classes, self.samples, strict=False)) if pictured else {}
        return [Text(head, "heading"), Counts(self.classes, self.rows, SPLITS, shown, first=SHOWN)]


def inspect(classes: tuple[str, ...], values: Values) -> Inspection:
    """Return how many examples each class of a target has, and what is wrong; of an input, how classes are spelled."""
    if values.inputs is None and not any(len(places) > 1 for places in spellings(classes).values()):
        return Inspection()
    rows, sides = values.by_split()
    places = values.encoded.take(rows).astype(np.int64)
    if values.inputs is None:
        each = np.bincount(places, minlength=len(classes)).tolist()
        return Inspection(findings=tuple(spelled_twice(classes, each, "inputs", values.name)))
    counts = values.counted(places, sides, len(classes))
    samples = []
    for i in range(min(len(classes), SHOWN)):
        mine = places == i
        train = rows[mine & (sides == 0)]
        samples.append(tuple(spread(train if len(train) else rows[mine], ACROSS).tolist()))
    return counted(values.name, classes, counts, samples, "class")


def counted(
    target: str, classes: tuple[str, ...], rows: Array, samples: Sequence[tuple[int, ...]], what: str
) -> Inspection:
    """Return what there is of each class of a target, ``(classes, 3)``, and what is wrong; ``what`` is one of them."""
    found = ClassCounts(target, classes, tuple(map(tuple, rows.tolist())), tuple(samples), what)
    twice = spelled_twice(classes, rows.sum(axis=1).tolist(), "targets", target, found.many)
    return Inspection(found, (*_findings(found, rows), *twice))


def _findings(counts: ClassCounts, rows: Array) -> Iterator[Finding]:
    """Classes that are small, unbalanced or missing from a split."""
    total, train = rows.sum(axis=1), rows[:, 0]
    target = clean(counts.target)

    def finding(level: Level, code: str, which: Array, said: str, number: Array | None = None) -> Finding:
        places = np.flatnonzero(which).tolist()
        names = [shorten(clean(counts.classes[i]), 40) for i in places]
        numbered = (
            names if number is None else [f"{n} ({number[i]:,})" for n, i in zip(names, places, strict=True)]
        )
        return Finding(
            level, code, said.replace("{}", listed(numbered, limit=5)), tuple(names[:FIRST]), len(names)
        )

    def classes_of(which: Array) -> str:
        return number_of(int(which.sum()), counts.what, counts.many)

    if (none := train == 0).any():
        said = f"{classes_of(none)} of {target} without a training example: {{}}; add some"
        yield finding("error", "no-training-example", none, said)
    if (few := (total < FEWEST) & ~none).any():
        what = "has" if few.sum() == 1 else "have"
        said = f"{classes_of(few)} of {target} {what} fewer than {FEWEST} examples: {{}}; "
        yield finding(
            "warning", "few-examples", few, said + "add examples, or remove what cannot be learned", total
        )
    for i, split in enumerate(SPLITS):
        if i and rows[:, i].any() and (missing := (rows[:, i] == 0) & ~none).any():
            said = f"the {split} split has no example of {classes_of(missing)}: {{}}; "
            said += "its score says nothing about them"
            yield finding("warning", "missing-from-split", missing, said)
    kept = np.flatnonzero(~none)
    if len(kept) > 1:
        most, least = kept[train[kept].argmax()], kept[train[kept].argmin()]
        if train[most] >= UNBALANCED * train[least]:
            names = tuple(shorten(clean(counts.classes[i]), 40) for i in (most, least))
            message = (
                f"{target} is unbalanced: {names[0]} has {train[most]:,} training examples and {names[1]} "
                f'{train[least]:,}; if the rare ones matter as much, set training.class_weights = "balanced"'
            )
            yield Finding("note", "unbalanced", message, names, int(train[most] // max(train[least], 1)))
