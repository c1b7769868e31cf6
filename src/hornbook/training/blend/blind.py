"""Networks side by side, each blind to a part of the rows: so that every row can judge what has not learned from it.

Of a table with some hundred rows the validation rows are too few to choose by: of 80 one more or less right is a
percent. Dealt into five parts, each of five networks learns from four of them, and what it says of the fifth is honest.
In use there is one answer, their mean.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import polars as pl
import torch
from torch import Tensor

from hornbook.columns.base import Array
from hornbook.errors import DataError
from hornbook.examples import Examples
from hornbook.examples.prepare import Prepared
from hornbook.examples.split import fold_of
from hornbook.recipe import Recipe


@dataclass(frozen=True)
class Blind:
    """Which network does not learn from which row.

    Attributes
    ----------
    part
        Of every example, ``int64``: the number of the network that is blind to it, -1 where none has learned from it.
    count
        How many there are.
    """

    part: Tensor
    count: int

    def learned(self, rows: Tensor) -> Tensor:
        """Return the places, in a batch that is repeated once for each network, of what each may learn from."""
        of = self.part[rows]
        return (of[None] != torch.arange(self.count)[:, None]).flatten().nonzero().flatten()

    def honest(self, raw: Tensor, rows: Array) -> Tensor:
        """Return what the network that is blind to each row says of it: (networks · rows, ...) to (rows, ...)."""
        each = raw.view(self.count, len(rows), *raw.shape[1:])
        of = self.part[torch.from_numpy(rows)].to(raw.device)
        own = each[of.clamp_min(0), torch.arange(len(rows), device=raw.device)]
        unseen = (of < 0).view(-1, *[1] * (own.dim() - 1))
        return torch.where(unseen, each.mean(0), own)


def deal(
    prepared: Prepared, recipe: Recipe, examples: Examples | None = None
) -> tuple[Prepared, Blind | None]:
    """Return the rows as they are learned from and judged, and which network is blind to which of them.

    Validation rows that were dealt at random are learned from too; those that the source names are not. ``examples``
    are those before they were split, where that may say so. Without parts, and where rows are split by time, nothing is
    changed: there the validation rows, which come after those that were learned from, judge all.
    """
    count = recipe.network.parts
    if not count or recipe.split.by is not None:
        return prepared, None
    table = None if examples is None else examples.table
    named = (
        table is not None
        and "split" in table
        and bool((table["split"].cast(pl.String) == "validation").any())
    )
    train, validation = prepared.splits["train"], prepared.splits["validation"]
    every = np.sort(np.concatenate([train, validation]))
    stratify = [c.source or n for n, c in recipe.targets.items() if c.stratify]
    try:
        dealt = fold_of(prepared.examples, count, recipe.split, stratify[0] if len(stratify) == 1 else None)
    except DataError:  # there are too few of them, or too few groups
        return prepared, None
    part = np.full(len(prepared.examples), -1)
    # Where there are no test rows, validation rows are what the scores are of.
    rows = train if named or not len(prepared.splits["test"]) else every
    part[rows] = dealt[rows]
    if any((part[rows] != i).sum() == 0 or (part[rows] == i).sum() == 0 for i in range(count)):
        return prepared, None
    splits = {**prepared.splits, "train": rows, "validation": every}
    return replace(prepared, splits=splits), Blind(torch.from_numpy(part), count)
