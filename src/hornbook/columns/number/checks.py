"""Numbers to be predicted: examples from the least to the largest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hornbook.columns.summary import Inspection, Summary, Values, spread
from hornbook.common.blocks import Block, Gallery, Item, Text

SHOWN = 24


@dataclass(frozen=True)
class Samples(Summary):
    """Training rows with their numbers, from the least to the largest, to be shown."""

    target: str
    samples: tuple[tuple[int, str], ...]

    def blocks(self, pictured: bool) -> list[Block]:
        """Return the pictures, each with its number."""
        if not pictured or not self.samples:
            return []
        items = [Item(row, f"{text}, an example", text) for row, text in self.samples]
        return [Text(f"{self.target}: from the least to the largest", "heading"), Gallery(items)]


def inspect(values: Values, say: Callable[[float], str]) -> Inspection:
    """Return training rows at evenly spread places among the sorted numbers."""
    rows = values.splits["train"]
    if not len(rows):
        return Inspection()
    numbers = values.encoded.take(rows).reshape(len(rows), -1)[:, 0].astype(np.float64)
    order = np.argsort(numbers, kind="stable")[: np.isfinite(numbers).sum()]  # what is missing comes last
    shown = spread(order, SHOWN).tolist()
    return Inspection(Samples(values.name, tuple((int(rows[i]), say(float(numbers[i]))) for i in shown)))
