"""Batches on the device: from tensors that were made once of all rows where they are small, else row by row.

The network of a table is small, and a step of it takes half a millisecond: gathering twenty columns and standardizing
them would take as long again. So they are kept as one tensor on the device, of which a batch takes its rows; the
windows of a series likewise, and the targets as the losses take them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from hornbook.columns.base import Array
from hornbook.examples.prepare import Prepared
from hornbook.examples.rows import Rows
from hornbook.networks.by_column import NUMBERS
from hornbook.networks.model import Network

MOST = 1 << 30
"""Bytes that are kept of an input or a target."""

CHUNK = 65_536
"""Rows that are standardized at once."""


class Batch(NamedTuple):
    """What a step needs of its rows, by the names of inputs and targets.

    Attributes
    ----------
    unit
        Inputs in their plain range, where they are augmented.
    standardized
        Inputs as the body reads them, for those that are never augmented.
    targets
        Truths, as the losses take them.
    """

    unit: dict[str, Tensor]
    standardized: dict[str, Tensor]
    targets: dict[str, Tensor]


class Preloaded:
    """The rows of prepared examples as a network takes them, with all that can be made once made beforehand.

    Attributes
    ----------
    all
        The `Batch` of all rows, without inputs and targets of which there is too much.
    complete
        Whether nothing else is needed for a step.
    """

    def __init__(self, network: Network, prepared: Prepared, device: torch.device) -> None:
        self.network, self.prepared, self.device = network, prepared, device
        self.all = Batch({}, {}, {})
        block = prepared.numbers
        if block is not None and network.together:
            reads = network.inputs[NUMBERS]
            if 4 * len(block) * reads.shape[0] <= MOST:
                self.all.standardized[NUMBERS] = self._made(block, reads)
        for name, module in network.inputs.items():
            if module.keeps and name in prepared.arrays:
                rows = prepared.arrays[name]
                if 4 * len(rows) * math.prod(module.shape) <= MOST:
                    self.all.standardized[name] = self._made(rows, module.unit, module)
                    if name in network.looks.values():
                        self.all.unit[name] = self._made(rows, module.unit)
        for name, head in network.heads.items():
            size = math.prod(prepared.targets[name].shape)  # more than one number for each row of a series
            if 8 * len(prepared.arrays[name]) * size <= MOST:
                self.all.targets[name] = self._made(prepared.arrays[name], head.prepared)
        standardized = self.all.standardized
        covered = {*standardized, *(network.together if NUMBERS in standardized else ())}
        self.complete = set(prepared.inputs) <= covered and set(self.all.targets) == set(prepared.targets)

    def take(self, rows: Tensor) -> Batch:
        """Return the batch of some rows."""
        on_device = rows.to(self.device)
        batch = Batch(
            *({n: every.index_select(0, on_device) for n, every in part.items()} for part in self.all)
        )
        if self.complete:
            return batch
        encoded = self.encoded(rows.numpy(), numbers=NUMBERS not in batch.standardized)
        others = {n: c for n, c in self.prepared.targets.items() if n not in batch.targets}
        targets = {n: self._moved(v) for n, v in self.prepared.take(rows.numpy(), others).items()}
        return batch._replace(unit=self.network.unit(encoded), targets={**targets, **batch.targets})

    def targets(self, rows: Tensor) -> dict[str, Tensor]:
        """Return the truths of some rows alone, as the losses take them."""
        on_device = rows.to(self.device)
        found = {n: every.index_select(0, on_device) for n, every in self.all.targets.items()}
        others = {n: c for n, c in self.prepared.targets.items() if n not in found}
        return found | {n: self._moved(v) for n, v in self.prepared.take(rows.numpy(), others).items()}

    def encoded(self, rows: Array, numbers: bool = True) -> dict[str, Tensor]:
        """Return the encoded inputs of some rows, on the device; ``numbers`` those side by side as well."""
        columns, block = self.prepared.inputs, self.prepared.numbers
        given: dict[str, Tensor] = {}
        if block is not None and self.network.together:
            if numbers:
                given[NUMBERS] = self._moved(block.take(rows))
            side_by_side = set(self.network.together)
            columns = {n: c for n, c in columns.items() if n not in side_by_side}
        arrays = self.prepared.take(rows, columns)
        return given | {n: self._moved(columns[n].trim(v)) for n, v in arrays.items()}

    def _moved(self, array: Array) -> Tensor:
        return torch.from_numpy(array).to(self.device)

    @torch.no_grad()
    def _made(self, rows: Rows, *steps: Callable[[Tensor], Tensor]) -> Tensor:
        """Return what steps make of all rows, one after the other."""
        made = []
        for part in rows.chunks(np.arange(len(rows)), CHUNK):
            tensor = self._moved(part)
            for step in steps:
                tensor = step(tensor)
            made.append(tensor)
        return torch.cat(made)
