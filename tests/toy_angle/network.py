"""The input, a sine and a cosine, and the head, which learns them."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from hornbook.columns.network import Head, Input
from tests.toy_angle.column import AngleColumn


def on_the_circle(degrees: Tensor) -> Tensor:
    """Return sine and cosine, (batch, 2)."""
    turns = degrees * (math.pi / 180)  # ONNX has no deg2rad
    return torch.stack([turns.sin(), turns.cos()], 1)


class AngleInput(Input):
    """Degrees (batch,) to sine and cosine (batch, 2)."""

    shape = (2,)

    def __init__(self, column: AngleColumn) -> None:
        super().__init__()

    def forward(self, degrees: Tensor) -> Tensor:
        """Return sine and cosine."""
        return on_the_circle(degrees)


class AngleHead(Head):
    """A point near the circle; outputs are the point on it."""

    def __init__(self, column: AngleColumn, features: tuple[int, ...]) -> None:
        super().__init__()
        self.dense = nn.Linear(math.prod(features), 2)

    def forward(self, features: Tensor) -> Tensor:
        """Return the point, (batch, 2)."""
        point: Tensor = self.dense(features)
        return point

    def loss(
        self, raw: Tensor, truth: Tensor, smoothing: float = 0.0, weights: Tensor | None = None
    ) -> Tensor:
        """Return the mean squared distance to the true points."""
        return (raw.float() - on_the_circle(truth)).square().sum(1).mean()

    def metric_sum(self, raw: Tensor, truth: Tensor) -> Tensor:
        """Return the sum of the degrees off."""
        points = self.outputs(raw)
        off = (torch.rad2deg(torch.atan2(points[:, 0], points[:, 1])) - truth).abs() % 360
        return torch.minimum(off, 360 - off).sum()

    def outputs(self, raw: Tensor) -> Tensor:
        """Return sine and cosine, (batch, 2)."""
        return nn.functional.normalize(raw.float())
