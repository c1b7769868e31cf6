"""The head of a ``category`` target: a softmax over its classes."""

from __future__ import annotations

import math
from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hornbook.columns import CategoryColumn
from hornbook.columns.base import Array


class CategoryHead(nn.Module):
    """Logits of classes, ``(batch, classes)``; outputs are probabilities after a division by ``temperature``."""

    wants: ClassVar[str] = "vector"

    temperature: Tensor

    def __init__(self, column: CategoryColumn, features: tuple[int, ...]) -> None:
        super().__init__()
        # Of two classes one logit says all, and is what a textbook counts: 2-20-1 has 81 parameters.
        self.two = column.outputs == 2
        self.dense = nn.Linear(math.prod(features), 1 if self.two else column.outputs)
        self.register_buffer("temperature", torch.ones(()))

    def forward(self, features: Tensor) -> Tensor:
        """Return logits."""
        logits: Tensor = self.dense(features)
        return F.pad(logits, (1, 0)) if self.two else logits

    def ready(self, truth: Tensor) -> Tensor:
        """Return encoded truths as what the loss indexes with."""
        return truth.long()

    def loss(
        self, logits: Tensor, truth: Tensor, smoothing: float = 0.0, weights: Tensor | None = None
    ) -> Tensor:
        """Return the mean cross-entropy (nats) of a batch."""
        return F.cross_entropy(logits.float(), truth.long(), weight=weights, label_smoothing=smoothing)

    def right(self, logits: Tensor, truth: Tensor) -> Tensor:
        """Return how many of the batch are right."""
        return (logits.argmax(1) == truth.long()).sum()  # torch compares no uint16, the type for 257 classes

    def outputs(self, logits: Tensor) -> Tensor:
        """Return probabilities, ``(batch, classes)``, as the recognizer's graph gives them."""
        return torch.softmax(logits.float() / self.temperature, 1)

    def calibrate(self, logits: Array, truth: Array) -> None:
        """Set the temperature so that confidence on the validation rows is honest (Guo et al. 2017, section 4.2)."""
        from hornbook.columns.calibration import temperature

        self.temperature.fill_(temperature(logits, truth) if len(truth) else 1.0)
