"""Which examples of each class to show to people: on the page of ``look`` and in the report."""

from __future__ import annotations

import numpy as np

from hornbook.examples.prepared import Prepared


def samples(prepared: Prepared, most: int = 10) -> dict[str, list[int]]:
    """Return rows of each class of the first target that is a category, spread evenly over the table.

    They are training rows where a class has any, so that nobody gets to know the test rows by looking.
    """
    name, column = next(((n, c) for n, c in prepared.targets.items() if c.type == "category"), ("", None))
    if column is None:
        return {}
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
