"""Mixing the pictures of a batch in pairs, and their losses in the same shares (Zhang et al. 2018, arXiv:1710.09412).

A net of few pictures learns them by heart; what lies between two of them it cannot, and is less sure there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from hornbook.columns.base import Column
from hornbook.errors import RecipeError

__all__ = ["Mixed", "check_mixup", "mix"]


class Mixed(NamedTuple):
    """How a batch was mixed: each row with that of ``order`` at its place, of which ``1 - share`` is."""

    share: float
    order: Tensor

    def loss(self, of: Callable[[Tensor], Tensor], truth: Tensor) -> Tensor:
        """Return the loss, in shares, of what was mixed; ``of`` gives that of a truth."""
        return self.share * of(truth) + (1 - self.share) * of(truth[self.order.to(truth.device)])


def mix(pictures: Mapping[str, Tensor], strength: float) -> tuple[dict[str, Tensor], Mixed]:
    """Return pictures, each mixed with another of its batch; the share is drawn from Beta(strength, strength).

    It is drawn from torch's own generator, which is seeded for each shard of each step.
    """
    share = float(torch.distributions.Beta(strength, strength).sample())
    share = max(share, 1 - share)  # the larger part is that of the row itself
    count = len(next(iter(pictures.values())))
    order = torch.randperm(count)
    return {n: p.lerp(p[order.to(p.device)], 1 - share) for n, p in pictures.items()}, Mixed(share, order)


def check_mixup(inputs: Mapping[str, Column], kept: bool) -> None:
    """Raise RecipeError where inputs cannot be mixed."""
    wrong = [n for n, c in inputs.items() if c.feeds != "picture"]
    if wrong:
        raise RecipeError(
            f"training.mixup mixes pictures and sounds, and {wrong[0]} is a column of type {inputs[wrong[0]].type!r}: "
            "leave it out"
        )
    if kept:
        raise RecipeError(
            "training.mixup mixes what a network is given, and here a part of it has been computed beforehand: leave "
            'it out, or set network.fine_tune = "all"'
        )
