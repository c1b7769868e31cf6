"""Augmentation: each epoch sees each angle turned a little."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from hornbook.columns.randomness import uniform
from tests.toy_angle.column import AngleAugment as Options


@dataclass(frozen=True)
class AngleAugment(Options):
    """Turns angles to either side."""

    def __call__(self, unit: Tensor, *, seed: int, epoch: int, rows: Tensor) -> Tensor:
        """Return turned angles, (batch,)."""
        return unit + (self.jitter * (2 * uniform(seed, epoch, rows) - 1)).float()
