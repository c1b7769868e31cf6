"""Which examples of each class, or of which values, to show to people: on the page of ``look`` and in the report."""

from __future__ import annotations

import numpy as np

from hornbook.columns.number.column import say
from hornbook.examples.prepare import Prepared


def samples(prepared: Prepared, most: int = 10) -> dict[str, list[int]]:
    """Return rows of each class of the first target that is a category, spread evenly over the table.

    Where none is, rows of numbers from the least to the largest, for each value as people say it.
    They are training rows where a class has any, so that nobody gets to know the test rows by looking.
    """
    name, column = next(((n, c) for n, c in prepared.targets.items() if c.type == "category"), ("", None))
    if column is None:
        return _of_numbers(prepared)
    rows = np.concatenate([prepared.splits[split] for split in ("train", "validation", "test")])
    truth = prepared.arrays[name].take(rows).astype(np.int64)
    train = len(prepared.splits["train"])
    out: dict[str, list[int]] = {}
    for i, word in enumerate(getattr(column, "classes", None) or ()):
        of_class = np.flatnonzero(truth[:train] == i)
        if not len(of_class):
            of_class = np.flatnonzero(truth == i)
        spread = np.unique(np.linspace(0, len(of_class) - 1, min(most, len(of_class))).astype(np.int64))
        out[str(word)] = [int(row) for row in rows[of_class[spread]]]
    return out


def _of_numbers(prepared: Prepared, most: int = 24) -> dict[str, list[int]]:
    """Return training rows at evenly spread places among the sorted numbers of the first target that has them."""
    name = next((n for n, c in prepared.targets.items() if c.type == "number"), None)
    rows = prepared.splits["train"]
    if name is None or not len(rows):
        return {}
    values = prepared.arrays[name].take(rows).reshape(len(rows), -1)[:, 0].astype(np.float64)
    order = np.argsort(values, kind="stable")[: np.isfinite(values).sum()]  # what is missing comes last
    spread = np.unique(np.linspace(0, len(order) - 1, min(most, len(order))).astype(np.int64))
    out: dict[str, list[int]] = {}
    for place in order[spread].tolist():
        out.setdefault(say(float(values[place])), []).append(int(rows[place]))
    return out
