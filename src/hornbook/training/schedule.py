"""The learning rate of each step."""

from __future__ import annotations

import math

from hornbook.recipe.recipe import Training

WARMUP_START = 0.04
"""Share of the learning rate that a warm-up begins with (1/25, as in Smith and Topin 2018)."""


def learning_rate(training: Training, step: int, steps: int, epoch: int) -> float:
    """Return the learning rate of a step out of all steps of the run."""
    top = training.learning_rate
    if training.schedule == "constant":
        return top
    if training.schedule == "step":
        return top * training.step_factor ** (epoch // training.step_epochs)
    warm = max(1, round(training.warmup * steps))
    if step + 1 < warm:
        return top * (WARMUP_START + (1 - WARMUP_START) * (step + 1) / warm)
    left = (steps - step) / (steps - warm + 1)
    return top * left if training.schedule == "one-cycle" else top * (1 - math.cos(math.pi * left)) / 2
