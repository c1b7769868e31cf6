"""The head of a ``tags`` column: a sigmoid for each tag."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hornbook.columns.base import Array
from hornbook.columns.calibration import temperature
from hornbook.columns.network import Head
from hornbook.columns.tags.column import HALF, TagsColumn


class TagsHead(Head):
    """Logits of tags, ``(batch, tags)``; the temperature and the thresholds come of the validation rows."""

    temperature: Tensor
    thresholds: Tensor

    def __init__(self, column: TagsColumn, features: tuple[int, ...]) -> None:
        super().__init__()
        self.column = column
        self.dense = nn.Linear(math.prod(features), column.outputs)
        self.register_buffer("temperature", torch.ones(()))
        self.register_buffer("thresholds", torch.full((column.outputs,), HALF, dtype=torch.float64))

    def forward(self, features: Tensor) -> Tensor:
        """Return logits."""
        logits: Tensor = self.dense(features)
        return logits

    def loss(
        self, raw: Tensor, truth: Tensor, smoothing: float = 0.0, weights: Tensor | None = None
    ) -> Tensor:
        """Return the mean cross-entropy (nats) of each tag being there or not."""
        wanted = truth[:, :-1].float() * (1 - smoothing) + smoothing / 2
        return F.binary_cross_entropy_with_logits(raw.float(), wanted, pos_weight=weights)

    def metric_sum(self, raw: Tensor, truth: Tensor) -> Tensor:
        """Return F1 of the batch times its rows, for thresholds of one half."""
        given, true = raw.float() >= 0, truth[:, :-1] > 0
        unknown = truth[:, -1].sum(dtype=torch.float32)
        there = given.sum() + true.sum() + unknown
        return torch.where(there > 0, 2 * (given & true).sum() / there.clamp(min=1), 1.0) * len(truth)

    def outputs(self, raw: Tensor) -> Tensor:
        """Return probabilities, of the shape of ``raw``."""
        return torch.sigmoid(raw.float() / self.temperature)

    def calibrate(self, raw: Array, truth: Array) -> None:
        """Set the temperature, and the threshold of each tag."""
        self.temperature.fill_(1.0)
        self.thresholds.fill_(HALF)
        if not len(truth):
            return
        logits = np.stack([np.zeros(raw.size, np.float32), raw.ravel()], 1)
        self.temperature.fill_(temperature(logits, truth[:, :-1].ravel()))
        p = self.outputs(torch.from_numpy(raw).to(self.temperature.device)).cpu().numpy()
        self.thresholds.copy_(
            torch.tensor(self.column.with_thresholds(p, truth).thresholds, dtype=torch.float64)
        )

    def calibrated(self, column: TagsColumn) -> TagsColumn:
        """Return the column with the thresholds, for the recognizer's file."""
        return dataclasses.replace(column, thresholds=tuple(self.thresholds.tolist()))
