"""Choosing the arithmetic: float32 or bfloat16, found by a short trial on this machine.

bfloat16 is twice as fast where the processor has instructions for it and slower where it has not, so no table
of processors is kept: a few steps of each are timed on a copy of the network. The choice is part of the run's
state.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

GAIN = 1.1
"""bfloat16 must be so much faster: under that, its rounding is not worth it, and noise would decide."""

STEPS = 3

FEW, HOPELESS = 16, 4.0
"""Rows of a first trial, and how much longer it may take with bfloat16: where that is only imitated, a step of the
recipe ``cifar10`` takes 25 s with it for 1.5 s without, and no one should wait for that."""

Loss = Callable[[nn.Module, int], Tensor]
"""Gives the loss of a network on so many rows."""


def choose_precision(network: nn.Module, loss: Loss, rows: int) -> str:
    """Return ``"float32"`` or ``"bfloat16"``, whichever trains this network faster here, so many rows at once.

    Networks without convolutions stay with float32: their steps are short, and a textbook's figures come out.
    """
    if not any(isinstance(m, nn.Conv2d) for m in network.modules()):
        return "float32"
    for some, gain in ((min(FEW, rows), 1 / HOPELESS), (rows, GAIN)):
        seconds = {p: _time(copy.deepcopy(network), loss, some, p) for p in ("float32", "bfloat16")}
        if seconds["float32"] <= gain * seconds["bfloat16"]:
            return "float32"
    return "bfloat16"


def autocast(precision: str, device: torch.device) -> AbstractContextManager[Any]:
    """Return the context in which the network runs."""
    return torch.autocast(device.type, torch.bfloat16) if precision == "bfloat16" else nullcontext()


def _time(network: nn.Module, loss: Loss, rows: int, precision: str) -> float:
    """Return the shortest of a few steps forward and back, seconds; the first one, which sets things up, apart."""
    device = next(network.parameters()).device
    best = float("inf")
    for i in range(1 + STEPS):
        start = time.perf_counter()
        with autocast(precision, device):
            value = loss(network, rows)
        value.backward()  # type: ignore[no-untyped-call]
        if device.type == "cuda":
            torch.cuda.synchronize()
        if i:
            best = min(best, time.perf_counter() - start)
    return best
