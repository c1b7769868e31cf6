"""Which training rows have their turn in an epoch, and how often: a pure function of (seed, epoch)."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from hornbook.columns.base import Array
from hornbook.common.hashing import seed_of
from hornbook.examples.prepare import Prepared


def row_weights(prepared: Prepared) -> Array | None:
    """Return how often an epoch takes each training row, ``float64``; None where it is once each."""
    mixture = prepared.examples.mixture
    if mixture is None:
        return None
    weights = mixture.row_weights(prepared.examples.table)[prepared.splits["train"]]
    return None if (weights == 1).all() else weights


def rows_in_epoch(rows: int, weights: Array | None) -> int:
    """Return how many rows an epoch takes.

    >>> rows_in_epoch(5, None), rows_in_epoch(5, np.array([1, 1, 1, 2.5, 2.5]))
    (5, 8)
    """
    return rows if weights is None else sum(_share(weights, w) for w in np.unique(weights))


def order(rows: int, weights: Array | None, seed: int, epoch: int, generator: torch.Generator) -> Tensor:
    """Return the places of the training rows that an epoch takes, in their order.

    Parameters
    ----------
    weights
        How often each row is taken. Rows of one weight are gone through again and again, each time in a new order, and
        an epoch takes up where the one before has stopped: with 0.5, two epochs see each row once; with 2.5, one row is
        seen two or three times.
    generator
        What the order in the epoch is drawn from, a function of seed and epoch too.

    Returns
    -------
    places : Tensor
        ``int64``, of shape ``(rows_in_epoch,)``.
    """
    if weights is None:
        return torch.randperm(rows, generator=generator)
    taken = []
    for i, weight in enumerate(np.unique(weights)):
        mine = torch.from_numpy(np.flatnonzero(weights == weight))
        share = _share(weights, weight)
        for turn in range(epoch * share // len(mine), -(-(epoch + 1) * share // len(mine))):
            again = torch.Generator().manual_seed(seed_of(seed, 4, i, turn))
            start = turn * len(mine)
            part = slice(max(epoch * share - start, 0), (epoch + 1) * share - start)
            taken.append(mine[torch.randperm(len(mine), generator=again)[part]])
    together = torch.cat(taken)
    return together[torch.randperm(len(together), generator=generator)]


def _share(weights: Array, weight: float) -> int:
    """Return how many rows of a weight an epoch takes: one at least."""
    return max(1, round(float(weight) * int((weights == weight).sum())))
