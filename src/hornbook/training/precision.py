"""Choosing the arithmetic: float32, or bfloat16 where the processor has instructions for it.

The rule is: bfloat16 for a network with convolutions of pictures, on a processor that multiplies bfloat16 itself. It
depends on nothing else, so that a recipe gives the same bits on the same kind of machine, however busy that is.

Measured on a processor with AVX-512-BF16, one thread, a step of float32 takes so many times as long as one of
bfloat16: digits 1.8, mnist 1.8, cifar10 2.2, captcha 1.6, captcha_cnn 2.5, captcha_audio 1.5. Where a processor only
imitates bfloat16, a step of cifar10 takes 17 times as long as one of float32. Networks without convolutions stay with
float32: their steps are short, and the figures of a textbook come out.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from typing import Any

import torch
from torch import nn

INSTRUCTIONS = ("amx_bf16", "avx512_bf16", "sve_bf16", "bf16")
"""What `torch.cpu.get_capabilities` calls instructions that multiply bfloat16, of x86 and of ARM, widest first."""


def bfloat16_instructions(device: torch.device) -> str:
    """Return by which instructions a device multiplies bfloat16; empty where it has none."""
    if device.type == "cuda":
        return "cuda" if torch.cuda.is_bf16_supported(including_emulation=False) else ""
    try:
        found = torch.cpu.get_capabilities()
    except AttributeError:  # PyTorch before 2.12
        found = {"avx512_bf16": torch.cpu._is_avx512_bf16_supported()}
    return next((name for name in INSTRUCTIONS if found.get(name) is True), "")


def choose_precision(network: nn.Module, instructions: str) -> str:
    """Return ``"bfloat16"`` for a network with convolutions where there are instructions, else ``"float32"``.

    >>> choose_precision(nn.Conv2d(1, 1, 3), "avx512_bf16"), choose_precision(nn.Linear(1, 1), "avx512_bf16")
    ('bfloat16', 'float32')
    """
    convolutions = [m for m in network.modules() if isinstance(m, nn.Conv2d)]
    convolves = any(m.weight.requires_grad for m in convolutions)  # what never learns is computed once
    return "bfloat16" if convolves and instructions else "float32"


def autocast(precision: str, device: torch.device) -> AbstractContextManager[Any]:
    """Return the context in which the network runs."""
    return torch.autocast(device.type, torch.bfloat16) if precision == "bfloat16" else nullcontext()
