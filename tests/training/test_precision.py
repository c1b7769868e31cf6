"""The trial of low precision: what wins, and what is not waited for."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping

import pytest
import torch
from torch import Tensor, nn

from hornbook.training.precision import FEW, STEPS, choose_precision

NETWORK = nn.Sequential(nn.Conv2d(1, 1, 1))


class Clock:
    """A clock by which a row takes as long as its precision is said to; the first step of each takes 9 more."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, seconds: Mapping[str, float]) -> None:
        self.now, self.seconds = 0.0, seconds
        self.steps: Counter[tuple[str, int]] = Counter()
        monkeypatch.setattr(time, "perf_counter", lambda: self.now)

    def loss(self, network: nn.Module, rows: int) -> Tensor:
        """Return a loss, after its time."""
        kind = "bfloat16" if torch.is_autocast_enabled("cpu") else "float32"
        self.now += self.seconds[kind] * rows + (0 if self.steps[kind, rows] else 9)
        self.steps[kind, rows] += 1
        return next(network.parameters()).sum()


@pytest.mark.parametrize(
    ("low", "chosen", "whole"),
    [(0.5, "bfloat16", True), (0.95, "float32", True), (3.0, "float32", True), (9.0, "float32", False)],
)
def test_the_faster_one_is_chosen_and_a_hopeless_one_given_up(
    low: float, chosen: str, whole: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock(monkeypatch, {"float32": 1.0, "bfloat16": low})
    assert choose_precision(NETWORK, clock.loss, 256) == chosen
    assert {rows for _, rows in clock.steps} == ({FEW, 256} if whole else {FEW})
    assert set(clock.steps.values()) == {1 + STEPS}


def test_a_network_without_convolutions_is_not_tried() -> None:
    def loss(network: nn.Module, rows: int) -> Tensor:
        raise AssertionError("no step is needed")

    assert choose_precision(nn.Linear(1, 1), loss, 8) == "float32"
