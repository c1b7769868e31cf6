"""Rows whose target does not go with the inputs, step by step: five labels for a text of six words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import numpy as np

from hornbook.columns.base import Column
from hornbook.examples.rows import Rows


def out_of_step(
    learned: Mapping[str, Column], inputs: Iterable[str], targets: Iterable[str], arrays: Mapping[str, Rows]
) -> Iterator[tuple[int, str]]:
    """Yield such rows, and why each cannot be used; see `Column.out_of_step`."""
    for name in targets:
        column = learned.get(name)
        if column is None or type(column).out_of_step is Column.out_of_step:
            continue
        every = np.arange(len(arrays[name]))
        given = {n: (learned[n], arrays[n].take(every)) for n in inputs if n in learned}
        for row, why in column.out_of_step(arrays[name].take(every), given).items():
            yield row, f"its {name} {why}"
