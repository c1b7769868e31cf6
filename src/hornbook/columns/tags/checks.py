"""Tags: how many examples each has, and which are rare or missing from a split."""

from __future__ import annotations

import numpy as np

from hornbook.columns.category.checks import ACROSS, SHOWN, counted
from hornbook.columns.summary import Inspection, Values, spread


def inspect(tags: tuple[str, ...], values: Values) -> Inspection:
    """Return how many examples each tag of a target has, and what is wrong with that."""
    counts = np.zeros((len(tags), 3), np.int64)
    samples: list[tuple[int, ...]] = [()] * min(len(tags), SHOWN)
    rows, sides = values.by_split()
    there = values.encoded.take(rows)[:, :-1] > 0
    for side in range(3):
        counts[:, side] = there[sides == side].sum(0)
    for i in range(len(samples)):
        train = rows[there[:, i] & (sides == 0)]
        samples[i] = tuple(spread(train if len(train) else rows[there[:, i]], ACROSS).tolist())
    return counted(values.name, tags, counts, samples, "tag")
