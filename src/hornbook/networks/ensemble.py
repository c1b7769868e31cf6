"""Several networks trained side by side whose answers are averaged: the surest way to do better on a small table.

They differ in their starting weights alone (Lakshminarayanan et al. 2017, section 2.4). In training each is judged by
itself; in use there is one answer, the mean of what they give before the probabilities or units are made of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from hornbook.columns.base import Array, Column


class EnsembleBody(nn.Module):
    """Bodies of the same kind: features (members, batch, ...)."""

    def __init__(self, bodies: Sequence[nn.Module]) -> None:
        super().__init__()
        self.members = nn.ModuleList(bodies)

    def forward(self, given: Any) -> Tensor:
        """Return the features of each member."""
        return torch.stack([body(given) for body in self.members])


class EnsembleHead(nn.Module):
    """A head for each body. In training the rows of all members are one long batch; in use they are averaged."""

    def __init__(self, heads: Sequence[nn.Module]) -> None:
        super().__init__()
        self.members = nn.ModuleList(heads)
        self.first: Any = heads[0]
        self.wants = self.first.wants

    def forward(self, features: Tensor) -> Tensor:
        """Return what each member gives, (members · batch, ...), or in use their mean, (batch, ...)."""
        raw = [head(part) for head, part in zip(self.members, features, strict=True)]
        return torch.cat(raw) if self.training else torch.stack(raw).mean(0)

    def loss(
        self, raw: Tensor, truth: Tensor, smoothing: float = 0.0, weights: Tensor | None = None
    ) -> Tensor:
        """Return the mean loss of the members."""
        found: Tensor = self.first.loss(raw, _again(truth, raw), smoothing, weights)
        return found

    def right(self, raw: Tensor, truth: Tensor) -> Tensor:
        """Return what a member gets right, on average."""
        times = len(raw) / max(len(truth), 1)
        found: Tensor = self.first.right(raw, _again(truth, raw)) / times
        return found

    def outputs(self, raw: Tensor) -> Tensor:
        """Return the outputs of the averaged answer."""
        found: Tensor = self.first.outputs(raw)
        return found

    def calibrate(self, raw: Array, truth: Array) -> None:
        """Calibrate the averaged answer."""
        self.first.calibrate(raw, truth)

    def told(self, column: Column) -> Column:
        """Return the column with what was found on the validation rows."""
        told = getattr(self.first, "told", None)
        return column if told is None else told(column)


def _again(truth: Tensor, raw: Tensor) -> Tensor:
    """Return the truth once for each member."""
    times = len(raw) // max(len(truth), 1)
    return truth if times <= 1 else torch.cat([truth] * times)
