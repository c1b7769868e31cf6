"""Choosing the arithmetic: float32 or bfloat16, found by a short trial on this machine.

bfloat16 is twice as fast where the processor has instructions for it and slower where it has not, so no table
of processors is kept: a few steps of each are timed on a copy of the network. The choice is part of the run's
state.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import Tensor, nn

GAIN = 1.1
"""bfloat16 must be so much faster: under that, its rounding is not worth it, and noise would decide."""

STEPS = 3

HOPELESS = 2.0
"""Of what takes so many times as long as the other one, further steps are not waited for."""


def choose_precision(
    network: nn.Module,
    unit: Mapping[str, Tensor],
    loss: Callable[[nn.Module, Mapping[str, Tensor]], Tensor],
) -> str:
    """Return ``"float32"`` or ``"bfloat16"``, whichever trains this network faster here.

    Networks without convolutions stay with float32: their steps are short, and a textbook's figures come out.
    """
    if not any(isinstance(m, nn.Conv2d) for m in network.modules()):
        return "float32"
    usual = _time(copy.deepcopy(network), unit, loss, "float32")
    other = _time(copy.deepcopy(network), unit, loss, "bfloat16", HOPELESS * usual)
    return "bfloat16" if usual > GAIN * other else "float32"


def autocast(precision: str, device: torch.device) -> AbstractContextManager[Any]:
    """Return the context in which the network runs."""
    return torch.autocast(device.type, torch.bfloat16) if precision == "bfloat16" else nullcontext()


def _time(
    network: nn.Module,
    unit: Mapping[str, Tensor],
    loss: Callable[[nn.Module, Mapping[str, Tensor]], Tensor],
    precision: str,
    limit: float = float("inf"),
) -> float:
    """Return the shortest of a few steps forward and back, seconds, or the first that is over the limit.

    The first one of all, which sets things up, does not count.
    """
    device = next(iter(unit.values())).device
    best = float("inf")
    for i in range(1 + STEPS):
        start = time.perf_counter()
        with autocast(precision, device):
            value = loss(network, unit)
        value.backward()  # type: ignore[no-untyped-call]
        if device.type == "cuda":
            torch.cuda.synchronize()
        if i:
            best = min(best, time.perf_counter() - start)
            if best > limit:
                break
    return best
