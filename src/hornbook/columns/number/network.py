"""The input of ``number`` columns, and the head, which learns standardized numbers and answers in the user's units.

Twenty columns are one block of twenty, and each step of the arithmetic is done once for all of them: done column
by column it would take as long as a small network does.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hornbook.columns.base import Array
from hornbook.columns.network import Head, Input, Term
from hornbook.columns.number.column import NumberColumn
from hornbook.common.plaintext import clean


class NumberInput(Input):
    """Numbers (batch, columns), nan where missing, to standardized ``float32`` (batch, columns + indicators).

    The standardized numbers come first, in the order of the columns, then for each column that had missing values
    in training an indicator, 1 where the value is missing. A missing number is the mean, 0.
    """

    keeps: ClassVar[bool] = True

    mean: Tensor
    scale: Tensor
    low: Tensor
    high: Tensor
    fill: Tensor
    middle: Tensor
    marked: Tensor

    def __init__(self, *columns: NumberColumn) -> None:
        super().__init__()
        self.columns = columns
        self.kind = torch.float64 if any(c.wide for c in columns) else torch.float32
        self.marks = sum(bool(c.missing) for c in columns)
        self.shape = (len(columns) + self.marks,)
        self.plain = not any(c.log for c in columns)
        self.log = [i for i, c in enumerate(columns) if c.log]
        self.limited = any(c.limits for c in columns)
        limits = [c.limits or (-math.inf, math.inf) for c in columns]
        self._hold("mean", [c.shift for c in columns])
        self._hold("scale", [c.scale for c in columns])
        self._hold("low", [low for low, _ in limits])
        self._hold("high", [high for _, high in limits])
        self._hold("fill", [((c.mean or 0.0) - c.shift) / c.scale for c in columns])
        self.fill = self.fill.float()
        # Trees are given wide numbers around their mean, so that float32 has digits enough.
        self._hold("middle", [(c.mean or 0.0) if c.wide and not c.log else 0.0 for c in columns])
        places = torch.tensor([i for i, c in enumerate(columns) if c.missing], dtype=torch.long)
        self.register_buffer("marked", places, persistent=False)

    def _hold(self, name: str, values: Sequence[float]) -> None:
        self.register_buffer(name, torch.tensor(values, dtype=self.kind), persistent=False)

    def unit(self, encoded: Tensor) -> Tensor:
        """Return the numbers of one column as a block; a block is one already."""
        return encoded if encoded.dim() == 2 else encoded.unsqueeze(1)

    def block(self, encoded: Sequence[Tensor]) -> Tensor:
        """Return the numbers of several columns side by side."""
        return torch.cat([e.to(self.kind).unsqueeze(1) for e in encoded], 1)

    def terms(self, names: Sequence[str]) -> list[Term] | None:
        """Return the numbers, and whether each is missing."""
        if self.limited or self.log:
            return None
        numbers = [Term(clean(n), c.shift, c.scale) for n, c in zip(names, self.columns, strict=True)]
        return numbers + [Term(f"[{clean(names[i])} missing]") for i in self.marked.tolist()]

    def forward(self, numbers: Tensor) -> Tensor:
        """Return standardized numbers and indicators."""
        known = standardize(numbers.to(self.kind), self).float()
        missing = torch.isnan(known)
        filled = torch.where(missing, self.fill, known)
        if not self.marks:
            return filled
        return torch.cat([filled, missing[:, self.marked].float()], 1)

    def for_trees(self, numbers: Tensor) -> Tensor:
        """Return the numbers themselves, (batch, columns), nan where they are missing."""
        return (numbers.to(self.kind) - self.middle).float()


def standardize(numbers: Tensor, by: NumberInput) -> Tensor:
    """Return clipped, logarithmic, standardized numbers, as the columns of ``by`` are learned."""
    if by.limited:
        numbers = torch.minimum(torch.maximum(numbers, by.low), by.high)
    if not by.plain:
        # A number that has no logarithm was refused when it was encoded, but for one that is clipped.
        logs = torch.log(numbers.clamp(min=-1 + 1e-6) + 1)
        every = len(by.log) == numbers.shape[1]
        numbers = logs if every else _some(numbers, logs, by.log)
    return (numbers - by.mean) / by.scale


def in_units(z: Tensor, by: NumberInput) -> Tensor:
    """Return standardized numbers in the user's units: the way back, for targets."""
    numbers = torch.addcmul(by.mean, z.to(by.kind), by.scale)
    if not by.plain:
        numbers = torch.exp(numbers.clamp(max=80.0)) - 1
    if by.limited:
        numbers = torch.minimum(torch.maximum(numbers, by.low), by.high)
    return numbers


def _some(numbers: Tensor, logs: Tensor, places: Sequence[int]) -> Tensor:
    chosen = torch.zeros(numbers.shape[1], dtype=torch.bool)
    chosen[list(places)] = True
    return torch.where(chosen.to(numbers.device), logs, numbers)


class NumberHead(Head):
    """The standardized number, ``(batch, 1)``; outputs are in the user's units."""

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

    def prepared(self, truth: Tensor) -> Tensor:
        """Return encoded truths (batch,) as what is learned, standardized (batch, 1), which the loss takes as well."""
        return standardize(truth.unsqueeze(1).to(self.units.kind), self.units).float()

    def loss(
        self, raw: Tensor, truth: Tensor, smoothing: float = 0.0, weights: Tensor | None = None
    ) -> Tensor:
        """Return the mean loss of a batch; ``squared`` is half the mean squared error, as a textbook derives it."""
        wanted = truth if truth.dim() == 2 else self.prepared(truth)
        z = raw.float()
        if self.column.loss == "absolute":
            return F.l1_loss(z, wanted)
        if self.column.loss == "huber":
            return F.huber_loss(z, wanted)
        return F.mse_loss(z, wanted) / 2

    def metric_sum(self, raw: Tensor, truth: Tensor) -> Tensor:
        """Return the sum of the absolute errors of a batch, in the user's units."""
        if truth.dim() == 2:
            if self.units.plain and not self.units.limited:
                return F.l1_loss(raw.float(), truth, reduction="sum") * self.column.scale
            return F.l1_loss(in_units(raw.float(), self.units), in_units(truth, self.units), reduction="sum")
        return F.l1_loss(in_units(raw.float(), self.units), truth.unsqueeze(1), reduction="sum")

    def outputs(self, raw: Tensor) -> Tensor:
        """Return the numbers in the user's units, ``(batch, 1)``."""
        return in_units(raw.float(), self.units).float()

    def term(self, name: str) -> Term | None:
        """Return the number, where it is no logarithm."""
        return None if self.column.log else Term(clean(name), self.column.shift, self.column.scale)

    def calibrate(self, raw: Array, truth: Array) -> None:
        """Keep the interval that the residuals of the validation rows ask for."""
        residuals = np.asarray(raw, np.float64).reshape(-1) - self.column.standardized(truth)
        margin = self.column.with_margin(residuals).margin
        self.margin.fill_(math.nan if margin is None else margin)

    def calibrated(self, column: NumberColumn) -> NumberColumn:
        """Return the column with the interval, for the recognizer's file."""
        margin = float(self.margin)
        return dataclasses.replace(column, margin=None if math.isnan(margin) else margin)
