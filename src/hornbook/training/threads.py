"""How many threads a training works with: one, where its steps are so small that several would mostly wait.

A step of a table's network takes half a millisecond. Threads that share it spin at the end of each of its some
hundred operations until all are there, and where anything else runs on the machine, one of them is not there for
milliseconds: 35 times the time was seen.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import nn

from hornbook.examples.prepare import Prepared
from hornbook.recipe.recipe import Training

LITTLE = 32 << 20
"""Multiplications of a pass forward up to which one thread does the steps."""


def multiplications(network: nn.Module, rows: int, steps: int = 1) -> float:
    """Return about how many multiplications a pass takes; infinitely many where there are convolutions.

    What never learns is not counted: it is computed once.

    ``rows`` is the size of a batch, ``steps`` the length of a sequence where recurrent layers go over one.

    >>> multiplications(nn.Sequential(nn.Linear(10, 20), nn.ReLU(), nn.Linear(20, 1)), rows=32)
    7712.0
    """
    count = 0.0
    for module in network.modules():
        weights = sum(p.numel() for p in module.parameters(recurse=False) if p.requires_grad)
        if isinstance(module, (nn.Conv1d, nn.Conv2d)) and weights:
            return float("inf")
        count += weights * rows * (steps if isinstance(module, nn.RNNBase) else 1)
    return count


@contextmanager
def as_needed(network: nn.Module, prepared: Prepared, training: Training) -> Iterator[None]:
    """Work with one thread where `multiplications` are few, and with as many as before afterwards."""
    before, size = torch.get_num_threads(), training.batch_size
    rows = len(prepared.splits["train"]) if size == "all" else size
    steps = max((column.shape[0] for column in prepared.inputs.values() if column.shape), default=1)
    if multiplications(network, rows, steps) <= LITTLE:
        torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
