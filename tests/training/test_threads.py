"""How many threads a training works with."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from hornbook.networks.model import Network
from hornbook.training.threads import as_needed
from tests.training.make import prepared, recipe


@pytest.mark.parametrize(
    ("network", "training", "alone"),
    [
        ({"name": "mlp", "hidden": [8]}, {}, True),
        ({"name": "mlp", "hidden": [8]}, {"batch_size": "all"}, True),
        ({"name": "mlp", "hidden": [2000, 2000]}, {}, False),
        ({"name": "cnn", "widths": [4]}, {}, False),
    ],
)
def test_small_steps_are_done_by_one_thread(
    network: dict[str, Any], training: dict[str, Any], alone: bool
) -> None:
    made = recipe(network, **training)
    data = prepared(made)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with as_needed(Network(data.inputs, data.targets, made.network), data, made.training):
            assert torch.get_num_threads() == (1 if alone else 2)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
