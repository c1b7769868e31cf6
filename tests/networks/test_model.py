"""The whole network: inputs, body and heads by column, whatever the columns are called."""

from __future__ import annotations

import copy
from typing import Any

import numpy as np
import pytest
import torch

from hornbook.columns import CategoryColumn, ImageColumn
from hornbook.columns.base import Column
from hornbook.networks.by_column import ByColumn
from hornbook.networks.model import Network
from hornbook.recipe.networks import FAMILIES
from tests.networks.make import options

IMAGE = ImageColumn(size=(8, 6), channels=3, mean=(0.1, 0.2, 0.3), std=(0.5, 0.6, 0.7))
LABEL = CategoryColumn(classes=("a", "b", "c"))


def network(seed: int = 0, targets: dict[str, Column] | None = None, **of: Any) -> Network:
    return Network(
        {"x": IMAGE}, targets or {"y": LABEL}, options(**(of or {"name": "cnn", "widths": [4]})), seed
    )


def pictures(rows: int = 5) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(0).integers(0, 256, (rows, 6, 8, 3), dtype=np.uint8))


@pytest.mark.parametrize(
    "name", sorted({*FAMILIES} - {"boosting", "bag", "rnn", "lstm", "gru", "autoregression"})
)
def test_weights_are_a_pure_function_of_the_seed(name: str) -> None:
    torch.manual_seed(5)
    state = torch.random.get_rng_state()
    one, again, other = (network(seed, name=name) for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), state)
    assert all(torch.equal(a, b) for a, b in zip(one.parameters(), again.parameters(), strict=True))
    assert not all(torch.equal(a, b) for a, b in zip(one.parameters(), other.parameters(), strict=True))


def test_the_arithmetic_of_the_input() -> None:
    net = network()
    unit = net.unit({"x": pictures()})["x"]
    assert unit.shape == (5, 3, 6, 8)
    assert torch.equal(unit[2, 1, 3, 4], pictures()[2, 3, 4, 1] / 255)
    assert unit.is_contiguous(memory_format=torch.channels_last)
    standard = net.inputs["x"](unit)
    assert float(standard[2, 1, 3, 4]) == pytest.approx((float(unit[2, 1, 3, 4]) - 0.2) / 0.6, abs=1e-6)


def test_convolutions_lie_in_memory_as_is_fastest() -> None:
    weights = [p for p in network().parameters() if p.dim() == 4]
    assert weights
    assert all(p.is_contiguous(memory_format=torch.channels_last) for p in weights)


def test_prepare_lets_whitening_start_from_the_data() -> None:
    net = network(name="cnn", widths=[4], whiten=True, stem_kernel=2)
    before = copy.deepcopy(net.state_dict())
    net.prepare(net.unit({"x": pictures(50)}))
    changed = [k for k, v in net.state_dict().items() if not torch.equal(v, before[k])]
    assert len(changed) == 1
    frozen = sum(p.numel() for p in net.parameters() if not p.requires_grad)
    assert frozen > 0
    assert net.parameters_count() == sum(p.numel() for p in net.parameters()) - frozen
    network(name="mlp").prepare(net.unit({"x": pictures(3)}))


NAMES = [
    "a",
    "",
    "0",
    "a.b",
    "a_b",
    "type",
    "values",
    "training",
    "forward",
    "_parts",
    "größe",
    "a b\n",
    "\udce9",
]


def test_modules_by_any_name() -> None:
    parts = ByColumn({name: torch.nn.Linear(1, i + 1) for i, name in enumerate(NAMES)})
    assert list(parts) == NAMES
    assert len(parts) == len(NAMES)
    assert [module.out_features for _, module in parts.items()] == list(range(1, len(NAMES) + 1))
    assert all(parts[name] is module for name, module in parts.items())
    again = copy.deepcopy(parts)
    again.load_state_dict(parts.state_dict())
    assert len(parts.state_dict()) == 2 * len(NAMES)
    assert "a.weight" in parts.state_dict()
    assert again["a.b"] is not parts["a.b"]
