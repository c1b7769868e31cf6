"""The rule by which the precision is chosen: it knows the processor and the network, and no clock."""

from __future__ import annotations

import time

import pytest
import torch
from torch import nn

from hornbook.training.precision import INSTRUCTIONS, bfloat16_instructions, choose_precision
from tests.training.make import loop, recipe

CONVOLUTIONS = {"name": "cnn", "widths": [4], "convs": 1}


@pytest.mark.parametrize("instructions", ["", *INSTRUCTIONS, "cuda"])
@pytest.mark.parametrize("network", [nn.Linear(1, 1), nn.Sequential(nn.Conv2d(1, 1, 1)), nn.GRU(1, 1)])
def test_bfloat16_is_for_convolutions_on_a_processor_that_has_it(
    network: nn.Module, instructions: str
) -> None:
    wanted = "bfloat16" if instructions and isinstance(network, nn.Sequential) else "float32"
    assert choose_precision(network, instructions) == wanted


@pytest.mark.parametrize(
    ("capabilities", "found"),
    [
        ({"architecture": "x86_64", "avx512_f": True, "avx512_bf16": True, "amx_bf16": True}, "amx_bf16"),
        ({"architecture": "x86_64", "avx512_f": True, "avx512_bf16": True, "amx_bf16": False}, "avx512_bf16"),
        ({"architecture": "x86_64", "avx512_f": True, "avx512_bf16": False, "l2_cache_size": 1}, ""),
        ({"architecture": "arm64", "neon": True, "bf16": True}, "bf16"),
    ],
)
def test_the_instructions_are_those_of_the_processor(
    capabilities: dict[str, object], found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: capabilities)
    assert bfloat16_instructions(torch.device("cpu")) == found


@pytest.mark.parametrize(("instructions", "chosen"), [("avx512_bf16", "bfloat16"), ("", "float32")])
def test_auto_takes_no_step_and_looks_at_no_clock(
    instructions: str, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never() -> float:
        raise AssertionError("the precision is not found by a clock")

    monkeypatch.setattr("hornbook.training.loop.bfloat16_instructions", lambda device: instructions)
    for clock in ("perf_counter", "monotonic", "process_time"):
        monkeypatch.setattr(time, clock, never)
    assert loop(recipe(CONVOLUTIONS, precision="auto")).state.precision == chosen
    assert loop(recipe(precision="auto")).state.precision == "float32"
