"""The trial of low precision: what wins, and what is not waited for."""

from __future__ import annotations

import time
from collections.abc import Mapping

import pytest
import torch
from torch import Tensor, nn

from hornbook.training.precision import STEPS, choose_precision

NETWORK = nn.Sequential(nn.Conv2d(1, 1, 1))


class Clock:
    """A clock by which a step takes as long as its precision is said to; the first step of each takes 9 more."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds: Mapping[str, float]) -> None:
        self.now, self.seconds, self.steps = 0.0, seconds, dict.fromkeys(seconds, 0)
        monkeypatch.setattr(time, "perf_counter", lambda: self.now)

    def loss(self, network: nn.Module, unit: Mapping[str, Tensor]) -> Tensor:
        """Return a loss, after its time."""
        kind = "bfloat16" if torch.is_autocast_enabled("cpu") else "float32"
        self.now += self.seconds[kind] + (0 if self.steps[kind] else 9)
        self.steps[kind] += 1
        return next(network.parameters()).sum()


@pytest.mark.parametrize(
    ("low", "chosen", "steps"),
    [
        (0.5, "bfloat16", 1 + STEPS),
        (0.95, "float32", 1 + STEPS),
        (1.5, "float32", 1 + STEPS),
        (3.0, "float32", 2),
    ],
)
def test_the_faster_one_is_chosen_and_a_hopeless_one_given_up(
    low: float, chosen: str, steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch, {"float32": 1.0, "bfloat16": low})
    assert choose_precision(NETWORK, {"image": torch.zeros(1)}, clock.loss) == chosen
    assert clock.steps == {"float32": 1 + STEPS, "bfloat16": steps}
