"""The sampler: which training rows are in each batch of an epoch, a pure function of (seed, epoch).

Rows are shuffled. Those of a mixture of sources are taken more or less often than once. Rows with lengths of their own
stand beside rows of like length: a batch is as long as its longest row, so with texts of 5 to 500 tokens in any order
most of it would be padding.
"""

from __future__ import annotations

import math

import numpy as np
import torch
from torch import Tensor

from hornbook.columns.base import Array
from hornbook.common.hashing import seed_of
from hornbook.examples.prepare import Prepared

__all__ = ["Sampler", "group_by_length", "rows_in_epoch", "shuffle"]

ORDER, REPEAT = 1, 4
"""What the seeds of the order in an epoch, and of the order among rows of one weight, are mixed with."""

SPAN = 32
"""Batches that are sorted together: of longer spans hardly less is padding, and rows meet fewer others."""


class Sampler:
    """The training rows of each epoch, in batches.

    Parameters
    ----------
    batch_size
        ``"all"``: every row that an epoch takes.
    shards
        That each batch is cut into: each has two rows at least.

    Attributes
    ----------
    batch_size
        Rows of a batch; the last one may have fewer.
    steps
        Batches of an epoch.
    """

    def __init__(self, prepared: Prepared, batch_size: int | str, seed: int, shards: int = 1) -> None:
        self.rows = torch.from_numpy(prepared.splits["train"])
        self.seed = seed
        self.weights = _row_weights(prepared)
        self.lengths = _row_lengths(prepared)
        taken = rows_in_epoch(len(self.rows), self.weights)
        self.batch_size = min(batch_size, taken) if isinstance(batch_size, int) else taken
        self.steps = math.ceil(taken / self.batch_size)
        # A last batch with one row in a shard has no variance for batch norm: it waits for the next epoch's order.
        if self.steps > 1 and 0 < taken % self.batch_size < 2 * shards:
            self.steps -= 1

    def epoch(self, epoch: int) -> tuple[Tensor, ...]:
        """Return the batches of an epoch: rows of the examples, ``int64``."""
        generator = torch.Generator().manual_seed(seed_of(self.seed, ORDER, epoch))
        order = shuffle(len(self.rows), self.weights, self.seed, epoch, generator)
        if self.lengths is not None:
            order = group_by_length(order, self.lengths, self.batch_size, generator)
        return torch.split(self.rows[order], self.batch_size)[: self.steps]


def rows_in_epoch(rows: int, weights: Array | None) -> int:
    """Return how many rows an epoch takes.

    >>> rows_in_epoch(5, None), rows_in_epoch(5, np.array([1, 1, 1, 2.5, 2.5]))
    (5, 8)
    """
    return rows if weights is None else sum(_share(weights, w) for w in np.unique(weights))


def shuffle(rows: int, weights: Array | None, seed: int, epoch: int, generator: torch.Generator) -> Tensor:
    """Return the places of the training rows that an epoch takes, ``int64`` of shape ``(rows_in_epoch,)``.

    Parameters
    ----------
    weights
        How often each row is taken. Rows of one weight are gone through again and again, each time in a new order, and
        an epoch takes up where the one before has stopped: with 0.5, two epochs see each row once; with 2.5, one row is
        seen two or three times.
    generator
        What the order in the epoch is drawn from, a function of seed and epoch too.
    """
    if weights is None:
        return torch.randperm(rows, generator=generator)
    taken = []
    for i, weight in enumerate(np.unique(weights)):
        group = torch.from_numpy(np.flatnonzero(weights == weight))
        share = _share(weights, weight)
        for turn in range(epoch * share // len(group), -(-(epoch + 1) * share // len(group))):
            again = torch.Generator().manual_seed(seed_of(seed, REPEAT, i, turn))
            start = turn * len(group)
            part = slice(max(epoch * share - start, 0), (epoch + 1) * share - start)
            taken.append(group[torch.randperm(len(group), generator=again)[part]])
    together = torch.cat(taken)
    return together[torch.randperm(len(together), generator=generator)]


def group_by_length(order: Tensor, lengths: Tensor, batch_size: int, generator: torch.Generator) -> Tensor:
    """Return an order in which rows of like length stand in a batch; what fills no batch stays at the end.

    A few batches at a time are sorted by length, and the batches then shuffled: rows still meet others in every epoch.

    Parameters
    ----------
    order
        Places of rows, shuffled.
    lengths
        Of each row, by its place.
    generator
        What the order of batches is drawn from.

    Examples
    --------
    >>> lengths = torch.tensor([9, 1, 8, 1, 5])
    >>> order = group_by_length(torch.arange(5), lengths, 2, torch.Generator().manual_seed(0))
    >>> sorted(lengths[order].split(2), key=max)[0].tolist(), order[4].item()
    ([1, 1], 4)
    """
    full = len(order) // batch_size * batch_size
    spans = torch.split(order[:full], SPAN * batch_size)
    by_length = torch.cat([span[torch.argsort(lengths[span], stable=True)] for span in spans])
    batches = by_length.reshape(-1, batch_size)
    shuffled = batches[torch.randperm(len(batches), generator=generator)]
    return torch.cat([shuffled.flatten(), order[full:]])


def _row_weights(prepared: Prepared) -> Array | None:
    """Return how often an epoch takes each training row, ``float64``; None where it is once each."""
    mixture = prepared.examples.mixture
    if mixture is None:
        return None
    weights = mixture.row_weights(prepared.examples.table)[prepared.splits["train"]]
    return None if (weights == 1).all() else weights


def _row_lengths(prepared: Prepared) -> Tensor | None:
    """Return the length of each training row, in the first input that has any; None where none has."""
    rows = prepared.splits["train"]
    for name, column in prepared.inputs.items():
        if column.varying and len(rows):
            parts = [column.lengths(chunk) for chunk in prepared.arrays[name].chunks(rows)]
            return torch.from_numpy(np.concatenate(parts).astype(np.int64))
    return None


def _share(weights: Array, weight: float) -> int:
    """Return how many rows of a weight an epoch takes: one at least."""
    return max(1, round(float(weight) * int((weights == weight).sum())))
