"""The head of a ``labels`` target: a softmax for each step of the input."""

from __future__ import annotations

from typing import ClassVar, Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hornbook.columns.base import Array
from hornbook.columns.calibration import temperature
from hornbook.columns.labels.column import LabelsColumn
from hornbook.columns.network import SoftmaxHead

__all__ = ["LabelsHead"]

CALIBRATED_ON = 2000
"""Validation rows that the temperature is found on."""


class LabelsHead(SoftmaxHead):
    """Raw values are logits, (rows, steps, classes), all zeros where a row has ended."""

    wants: ClassVar[Literal["vector", "sequence", "either"]] = "sequence"

    def __init__(self, column: LabelsColumn, features: tuple[int, ...]) -> None:
        super().__init__()
        self.dense = nn.Linear(features[-1], column.outputs)

    def forward(self, features: Tensor) -> Tensor:
        """Return logits; zeros for a step that is padding."""
        logits: Tensor = self.dense(features)
        return logits * (features != 0).any(2, keepdim=True)

    def loss(
        self, raw: Tensor, truth: Tensor, smoothing: float = 0.0, weights: Tensor | None = None
    ) -> Tensor:
        """Return the mean cross-entropy of all labels (nats a label)."""
        logits, wanted = self._asked(raw, truth)
        total = F.cross_entropy(logits, wanted, label_smoothing=smoothing, reduction="sum")
        return total / max(len(wanted), 1)

    def _asked(self, raw: Tensor, truth: Tensor) -> tuple[Tensor, Tensor]:
        """Return the logits of the steps that have a label, and these, from 0."""
        steps = min(raw.shape[1], truth.shape[1])
        wanted = truth[:, :steps].long()
        return raw[:, :steps][wanted > 0].float(), wanted[wanted > 0] - 1

    def metric_sum(self, raw: Tensor, truth: Tensor) -> Tensor:
        """Return the share of labels that are right, times the rows of the batch."""
        logits, wanted = self._asked(raw, truth)
        return (logits.argmax(-1) == wanted).float().sum() / max(len(wanted), 1) * len(raw)

    def outputs(self, raw: Tensor) -> Tensor:
        """Return probabilities, (rows, steps, classes); zeros where a row has ended."""
        return super().outputs(raw) * (raw != 0).any(2, keepdim=True)

    def calibrate(self, raw: Array, truth: Array) -> None:
        """Set the temperature, by the labels of some validation rows."""
        self.temperature.fill_(1.0)
        if not len(truth):
            return
        given = (torch.from_numpy(np.ascontiguousarray(part[:CALIBRATED_ON])) for part in (raw, truth))
        logits, wanted = self._asked(*given)
        self.temperature.fill_(temperature(logits.numpy(), wanted.numpy()))
