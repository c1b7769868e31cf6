"""From a window of a series to features: logarithm, difference to the last row, standardizing."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from hornbook.columns.series.column import SeriesColumn


class SeriesInput(nn.Module):
    """A window, standardized. No step is ever padding, for all windows have the same length."""

    mean: Tensor
    deviation: Tensor

    def __init__(self, column: SeriesColumn) -> None:
        super().__init__()
        steps, columns = column.shape
        self.log, self.relative = column.log, column.relative == "last"
        self.register_buffer("mean", torch.tensor(column.mean or [0.0] * columns))
        self.register_buffer("deviation", torch.tensor(column.deviation or [1.0] * columns))
        self.shape = (steps, columns)

    def unit(self, encoded: Tensor) -> Tensor:
        """Return the window as it is, ``float32`` of shape (rows, steps, columns)."""
        return encoded.float()

    def forward(self, unit: Tensor) -> Tensor:
        """Return (rows, steps, columns)."""
        values = unit.log() if self.log else unit
        if self.relative:
            values = values - values[:, -1:]
        return (values - self.mean) / self.deviation
