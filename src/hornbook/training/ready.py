"""What of a table can be done once and not once an epoch: numbers standardized, truths in the form the loss takes.

The network of a table is small, and a step of it takes half a millisecond: gathering twenty columns and standardizing
them would take as long again. So they are kept as one tensor on the device, of which a step takes its rows.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from hornbook.columns.base import Array
from hornbook.examples.prepared import Prepared
from hornbook.networks.model import NUMBERS, Network

MOST = 1 << 30
"""Bytes that are kept."""

CHUNK = 65_536


class Ready:
    """The rows of a table as the network's body and its heads take them.

    Attributes
    ----------
    numbers
        The standardized numbers of all rows, None where there are none side by side, or too many.
    truths
        The truths of all rows, for each target whose head knows what to make of them beforehand.
    whole
        Whether nothing else is needed for a step.
    """

    def __init__(self, network: Network, prepared: Prepared, device: torch.device) -> None:
        self.prepared = prepared
        self.numbers: Tensor | None = None
        self.truths: dict[str, Tensor] = {}
        block = prepared.numbers
        if block is not None and network.together:
            reads: Any = network.inputs[NUMBERS]
            if 4 * len(block) * reads.shape[0] <= MOST:
                self.numbers = _all(block, reads, device)
        for name, head in network.heads.items():
            ready = getattr(head, "ready", None)
            if ready is not None and 8 * len(prepared.arrays[name]) <= MOST:
                self.truths[name] = _all(prepared.arrays[name], ready, device)
        alone = set(prepared.inputs) == set(network.together)
        self.whole = self.numbers is not None and alone and set(self.truths) == set(prepared.targets)

    def take(self, rows: Tensor) -> tuple[Tensor | None, dict[str, Tensor]]:
        """Return the numbers and the truths of some rows."""
        numbers = None if self.numbers is None else self.numbers.index_select(0, rows)
        return numbers, {n: truth.index_select(0, rows) for n, truth in self.truths.items()}


@torch.no_grad()
def _all(rows: Any, make: Any, device: torch.device) -> Tensor:
    every: Array = np.arange(len(rows))
    return torch.cat([make(torch.from_numpy(part).to(device)) for part in rows.chunks(every, CHUNK)])
