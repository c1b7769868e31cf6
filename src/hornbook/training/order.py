"""The order of rows in an epoch where they have lengths: rows of like length stand in a batch.

A batch is as long as its longest row, so with texts of 5 to 500 tokens in any order most of it is padding. Here a few
batches at a time are sorted by length, and the batches then shuffled: rows still meet others in every epoch.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from hornbook.columns.base import Array, Column
from hornbook.examples.rows import Rows

__all__ = ["by_length", "lengths_of"]

SPAN = 32
"""Batches that are sorted together: of longer spans hardly less is padding, and rows meet fewer others."""


def lengths_of(columns: Mapping[str, Column], arrays: Mapping[str, Rows], rows: Array) -> Tensor | None:
    """Return the length of each of these rows, in the first column that has any; None where none has."""
    for name, column in columns.items():
        if column.varying and len(rows):
            parts = [column.lengths(chunk) for chunk in arrays[name].chunks(rows)]
            return torch.from_numpy(np.concatenate(parts).astype(np.int64))
    return None


def by_length(order: Tensor, lengths: Tensor, batch: int, generator: torch.Generator) -> Tensor:
    """Return an order in which rows of like length stand in a batch; what fills no batch stays at the end.

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
    >>> order = by_length(torch.arange(5), lengths, 2, torch.Generator().manual_seed(0))
    >>> sorted(lengths[order].split(2), key=max)[0].tolist(), order[4].item()
    ([1, 1], 4)
    """
    full = len(order) // batch * batch
    whole = order[:full]
    spans = [whole[at : at + SPAN * batch] for at in range(0, full, SPAN * batch)]
    parts = [span[torch.argsort(lengths[span], stable=True)] for span in spans]
    batches = torch.cat(parts).reshape(-1, batch) if parts else whole.reshape(0, batch)
    shuffled = batches[torch.randperm(len(batches), generator=generator)]
    return torch.cat([shuffled.flatten(), order[full:]])
