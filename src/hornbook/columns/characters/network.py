"""The heads of a ``characters`` target: a softmax for each position, or CTC where lengths vary.

CTC: Graves et al. 2006, "Connectionist Temporal Classification". Class 0 is the blank, class 1 + i the i-th character
of the alphabet, as the column encodes them.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import ClassVar, Literal

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hornbook.columns.base import Array
from hornbook.columns.characters.column import CharactersColumn
from hornbook.columns.network import SoftmaxHead
from hornbook.errors import RecipeError

__all__ = ["CtcHead", "PositionsHead"]

CALIBRATED_ON = 1000
"""Validation rows that CTC's temperature is found on: a second of work at most, and one number is learned."""

BLANK = -3.0
"""Logit of the blank that a network starts from. Without it everything is blank at first, and while that lasts a small
set is learned by heart: after 480 steps on 199 captchas 0 of 50 others were read, with it 92 %."""

SILENT = -1e4
"""Logit of every character where a row has ended: no temperature makes it anything."""


class PositionsHead(SoftmaxHead):
    """One softmax for each position: raw ``(batch, length, alphabet)``."""

    @classmethod
    def takes(cls, column: CharactersColumn) -> bool:
        """Return whether strings are of one length."""
        return not column.ctc

    def __init__(self, column: CharactersColumn, features: tuple[int, ...]) -> None:
        super().__init__()
        self.length, self.alphabet = column.shape[0], column.outputs
        self.dense = nn.Linear(math.prod(features), self.length * self.alphabet)

    def forward(self, features: Tensor) -> Tensor:
        """Return logits."""
        logits: Tensor = self.dense(features).unflatten(1, (self.length, self.alphabet))
        return logits

    def metric_sum(self, raw: Tensor, truth: Tensor) -> Tensor:
        """Return how many whole strings of the batch are right."""
        return (raw.argmax(2) == truth.long()).all(1).sum()


class CtcHead(SoftmaxHead):
    """A softmax over blank and alphabet for each step: raw ``(batch, steps, 1 + alphabet)``.

    Where the number of steps is free, a step that is padding has features of zeros, and raw values of zeros, which
    `loss`, `metric_sum` and `outputs` take for a blank that is certain: rows of a batch, or batches put together, may
    be padded without changing what they say.
    """

    wants: ClassVar[Literal["vector", "sequence", "either"]] = "sequence"

    @classmethod
    def takes(cls, column: CharactersColumn) -> bool:
        """Return whether strings are read step by step."""
        return column.ctc

    def __init__(self, column: CharactersColumn, features: tuple[int, ...]) -> None:
        super().__init__()
        steps, size = features
        longest = column.shape[0]
        if steps and steps < 2 * longest - 1:
            raise RecipeError(
                f"network: it reads a picture in {steps} steps, and strings of up to {longest} characters need "
                f"{2 * longest - 1}, for two alike are told apart by a step between them; use a smaller "
                "network.width_stride or wider pictures"
            )
        self.free = not steps
        self.dense = nn.Linear(size, column.outputs)
        with torch.no_grad():
            self.dense.bias[0] = BLANK

    def forward(self, features: Tensor) -> Tensor:
        """Return logits."""
        logits: Tensor = self.dense(features)
        return logits * (features != 0).any(2, keepdim=True) if self.free else logits

    def _logits(self, raw: Tensor) -> Tensor:
        """Return raw values in float32, with certain blanks where there is padding."""
        raw = raw.float()
        if not self.free:
            return raw
        silence = torch.full((raw.shape[2],), SILENT, device=raw.device)
        silence[0] = 0.0
        return torch.where((raw == 0).all(2, keepdim=True), silence, raw)

    def loss(
        self, raw: Tensor, truth: Tensor, smoothing: float = 0.0, weights: Tensor | None = None
    ) -> Tensor:
        """Return the mean over the batch of the loss (nats) of a string, divided by its characters.

        A string that does not fit into the steps counts nothing. ``smoothing`` draws each step that much towards all
        classes alike. ``weights`` are not used: characters have no classes of rows.
        """
        likely = F.log_softmax(self._logits(raw), 2)
        lost = _ctc(likely, truth) / (truth > 0).sum(1).clamp(min=1)
        if not smoothing:
            return lost.mean()
        alike = -F.log_softmax(raw.float(), 2).mean()
        return (1 - smoothing) * lost.mean() + smoothing * alike

    def metric_sum(self, raw: Tensor, truth: Tensor) -> Tensor:
        """Return how many whole strings of the batch are right when the likeliest class of each step is taken."""
        found = self._logits(raw).argmax(2)
        kept = (found != 0) & (found != F.pad(found, (1, 0))[:, :-1])
        width = max(found.shape[1], truth.shape[1])
        read = found.new_zeros(len(found), width + 1)  # what is not kept goes to one more place
        read.scatter_(1, torch.where(kept, kept.cumsum(1) - 1, width), found)
        wanted = F.pad(truth.long(), (0, width - truth.shape[1]))
        return (read[:, :width] == wanted).all(1).sum()

    def outputs(self, raw: Tensor) -> Tensor:
        """Return probabilities, ``(batch, steps, 1 + alphabet)``, as the recognizer's graph gives them."""
        return super().outputs(self._logits(raw))

    def calibrate(self, raw: Array, truth: Array) -> None:
        """Set the temperature under which the true strings of the validation rows are likeliest.

        The loss is that of CTC itself, summed over all ways to write a string; as for classes, one imagined step of
        unknown character is counted in, without which rows read without a mistake would make every answer certain.
        """
        device = self.temperature.device
        logits = self._logits(torch.from_numpy(np.ascontiguousarray(raw[:CALIBRATED_ON])).to(device))
        strings = torch.from_numpy(np.ascontiguousarray(truth[:CALIBRATED_ON])).to(device)
        if not len(strings):
            self.temperature.fill_(1.0)
            return
        spoken = logits[:, :, 1:].amax(2, keepdim=True) > SILENT
        share = spoken.float().sum() * logits.shape[2]

        def lost(power: float) -> float:
            likely = F.log_softmax(logits / math.exp(power), 2)
            unknown = -(likely * spoken).sum() / share
            return float((_ctc(likely, strings).sum() + unknown) / (len(strings) + 1))

        self.temperature.fill_(math.exp(_least(lost, math.log(0.2), math.log(5.0))))


def _ctc(likely: Tensor, truth: Tensor) -> Tensor:
    """Return the loss of each string, nats: log-probabilities (batch, steps, classes), truth padded with 0."""
    steps = torch.full((len(likely),), likely.shape[1], dtype=torch.long)
    lengths = (truth > 0).sum(1).cpu()
    return F.ctc_loss(
        likely.transpose(0, 1), truth.long(), steps, lengths, reduction="none", zero_infinity=True
    )


def _least(function: Callable[[float], float], low: float, high: float, rounds: int = 14) -> float:
    """Return where a function with one valley is least (golden section, Kiefer 1953)."""
    ratio = (math.sqrt(5) - 1) / 2
    left, right = high - ratio * (high - low), low + ratio * (high - low)
    at_left, at_right = function(left), function(right)
    for _ in range(rounds):
        if at_left < at_right:
            high, right, at_right = right, left, at_left
            left = high - ratio * (high - low)
            at_left = function(left)
        else:
            low, left, at_left = left, right, at_right
            right = low + ratio * (high - low)
            at_right = function(right)
    return (low + high) / 2
