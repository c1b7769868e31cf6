"""What boosted trees and linear models are given: the inputs side by side, a row of numbers for each example."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np
import torch
from torch import Tensor, nn

from hornbook.columns.base import Array, Column
from hornbook.columns.network import Input
from hornbook.networks.by_column import ByColumn, make_inputs, standing_together, units

CHUNK = 16_384
"""Rows that are made at once."""

Wanted = Literal["trees", "linear"]


class Features(nn.Module):
    """Encoded inputs to ``float32`` numbers, ``(batch, k)``: for trees or for a linear model, as each kind gives them.

    Parameters
    ----------
    inputs
        An input module for each column, one for the numbers side by side. Each is `flat`.
    together
        The columns that stand side by side.
    """

    def __init__(self, inputs: ByColumn[Input], together: tuple[str, ...], wanted: Wanted = "trees") -> None:
        super().__init__()
        self.inputs, self.together, self.wanted = inputs, together, wanted
        self.eval()

    @classmethod
    def over(cls, inputs: Mapping[str, Column], wanted: Wanted = "trees") -> Features:
        """Return the features of learned columns."""
        return cls(ByColumn(make_inputs(inputs)), standing_together(inputs), wanted)

    def forward(self, encoded: Mapping[str, Tensor]) -> Tensor:
        """Return the features of encoded inputs, by their names."""
        return self.of_units(units(self.inputs, self.together, encoded))

    def of_units(self, unit: Mapping[str, Tensor]) -> Tensor:
        """Return the features of inputs in their plain range."""
        trees = self.wanted == "trees"
        parts = [m.for_trees(unit[n]) if trees else m.for_linear(unit[n]) for n, m in self.inputs.items()]
        return torch.cat(parts, 1)

    @torch.inference_mode()
    def of(self, encoded: Mapping[str, Array]) -> Array:
        """Return the features of encoded arrays, a part of the rows at a time."""
        rows = len(next(iter(encoded.values())))
        parts = [
            self({n: torch.from_numpy(v[at : at + CHUNK]) for n, v in encoded.items()}).numpy()
            for at in range(0, max(rows, 1), CHUNK)
        ]
        return np.concatenate(parts) if len(parts) > 1 else parts[0]


def not_flat(inputs: Mapping[str, Column]) -> str:
    """Return the first input of a kind that gives no row of numbers; empty where all do."""
    for name, module in make_inputs({n: c for n, c in inputs.items() if not c.side_by_side}).items():
        if not module.flat:
            return name
    return ""
