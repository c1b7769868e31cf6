"""What of a table or a series can be done once and not once a step: inputs standardized, truths as the loss takes them.

The network of a table is small, and a step of it takes half a millisecond: gathering twenty columns and standardizing
them would take as long again. So they are kept as one tensor on the device, of which a step takes its rows; the windows
of a series likewise.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

from hornbook.columns.base import Array
from hornbook.examples.prepare import Prepared
from hornbook.networks.model import NUMBERS, Network

MOST = 1 << 30
"""Bytes that are kept."""

CHUNK = 65_536


class Ready:
    """The rows of a table as the network's body and its heads take them.

    Attributes
    ----------
    inputs
        What the body is given of all rows, by the name of an input: the standardized numbers side by side, the windows
        of a series. None of those of which there are too many.
    seen
        Inputs as they are, where a head looks at them.
    truths
        The truths of all rows, for each target whose head knows what to make of them beforehand.
    whole
        Whether nothing else is needed for a step.
    """

    def __init__(self, network: Network, prepared: Prepared, device: torch.device) -> None:
        self.prepared = prepared
        self.inputs: dict[str, Tensor] = {}
        self.seen: dict[str, Tensor] = {}
        self.truths: dict[str, Tensor] = {}
        block = prepared.numbers
        if block is not None and network.together:
            reads = network.inputs[NUMBERS]
            if 4 * len(block) * reads.shape[0] <= MOST:
                self.inputs[NUMBERS] = _all(block, reads, device)
        for name, module in network.inputs.items():
            if module.keeps and name in prepared.arrays:
                rows = prepared.arrays[name]
                if 4 * len(rows) * math.prod(module.shape) <= MOST:
                    self.inputs[name] = _all(rows, lambda part, of=module: of(of.unit(part)), device)
                    if name in network.looks.values():
                        self.seen[name] = _all(rows, module.unit, device)
        for name, head in network.heads.items():
            size = math.prod(prepared.targets[name].shape)  # more than one number for each row of a series
            if 8 * len(prepared.arrays[name]) * size <= MOST:
                self.truths[name] = _all(prepared.arrays[name], head.prepared, device)
        covered = {*self.inputs, *(network.together if NUMBERS in self.inputs else ())}
        self.whole = set(prepared.inputs) <= covered and set(self.truths) == set(prepared.targets)

    def take(self, rows: Tensor) -> tuple[dict[str, Tensor], dict[str, Tensor], dict[str, Tensor]]:
        """Return of some rows what the body is given, the inputs that heads look at, and the truths."""
        inputs, seen, truths = (
            {n: every.index_select(0, rows) for n, every in part.items()}
            for part in (self.inputs, self.seen, self.truths)
        )
        return inputs, seen, truths


@torch.no_grad()
def _all(rows: Any, make: Any, device: torch.device) -> Tensor:
    every: Array = np.arange(len(rows))
    return torch.cat([make(torch.from_numpy(part).to(device)) for part in rows.chunks(every, CHUNK)])
