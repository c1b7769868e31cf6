"""The head of a ``number`` target: one linear unit, learned on standardized numbers, answering in the user's units."""

from __future__ import annotations

import dataclasses
import math
from typing import ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hornbook.columns.base import Array
from hornbook.columns.number.column import NumberColumn
from hornbook.columns.number.network import NumberInput, in_units, standardize


class NumberHead(nn.Module):
    """The standardized number, ``(batch, 1)``; outputs are in the user's units."""

    wants: ClassVar[str] = "vector"

    margin: Tensor

    def __init__(self, column: NumberColumn, features: tuple[int, ...]) -> None:
        super().__init__()
        self.column = column
        self.dense = nn.Linear(math.prod(features), 1)
        self.units = NumberInput(column)
        self.register_buffer("margin", torch.tensor(math.nan))

    def forward(self, features: Tensor) -> Tensor:
        """Return the standardized number."""
        z: Tensor = self.dense(features)
        return z

    def ready(self, truth: Tensor) -> Tensor:
        """Return encoded truths (batch,) as what is learned, standardized (batch, 1), which the loss takes as well."""
        return standardize(truth.unsqueeze(1).to(self.units.kind), self.units).float()

    def loss(
        self, raw: Tensor, truth: Tensor, smoothing: float = 0.0, weights: Tensor | None = None
    ) -> Tensor:
        """Return the mean loss of a batch; ``squared`` is half the mean squared error, as a textbook derives it."""
        wanted = truth if truth.dim() == 2 else self.ready(truth)
        z = raw.float()
        if self.column.loss == "absolute":
            return F.l1_loss(z, wanted)
        if self.column.loss == "huber":
            return F.huber_loss(z, wanted)
        return F.mse_loss(z, wanted) / 2

    def right(self, raw: Tensor, truth: Tensor) -> Tensor:
        """Return the sum of the absolute errors of a batch, in the user's units."""
        if truth.dim() == 2:
            if self.units.plain and not self.units.limited:
                return F.l1_loss(raw.float(), truth, reduction="sum") * self.column.scale
            return F.l1_loss(in_units(raw.float(), self.units), in_units(truth, self.units), reduction="sum")
        return F.l1_loss(in_units(raw.float(), self.units), truth.unsqueeze(1), reduction="sum")

    def outputs(self, raw: Tensor) -> Tensor:
        """Return the numbers in the user's units, ``(batch, 1)``."""
        return in_units(raw.float(), self.units).float()

    def calibrate(self, raw: Array, truth: Array) -> None:
        """Keep the interval that the residuals of the validation rows ask for."""
        residuals = np.asarray(raw, np.float64).reshape(-1) - self.column.standardized(truth)
        margin = self.column.with_margin(residuals).margin
        self.margin.fill_(math.nan if margin is None else margin)

    def told(self, column: NumberColumn) -> NumberColumn:
        """Return the column with the interval, for the recognizer's file."""
        margin = float(self.margin)
        return dataclasses.replace(column, margin=None if math.isnan(margin) else margin)
