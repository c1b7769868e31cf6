"""A small world to train in: pictures of 12 × 12 whose class is which third is bright."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from hornbook.examples import Examples
from hornbook.examples.prepare import Prepared, prepare
from hornbook.networks.model import Network
from hornbook.recipe import Recipe
from hornbook.sources import from_arrays
from hornbook.training.checkpoint import load_checkpoint
from hornbook.training.loop import Loop


def examples(rows: int = 60, classes: int = 3, seed: int = 0, noise: int = 120, **columns: Any) -> Examples:
    rng = np.random.default_rng(seed)
    labels = np.arange(rows) % classes
    image = rng.integers(0, noise, (rows, 12, 12), dtype=np.uint8)
    for i, label in enumerate(labels % 3):
        image[i, :, label * 4 : label * 4 + 4] += 100
    return from_arrays(**{"image": image, "label": [f"c{n}" for n in labels], **columns})


def recipe(
    network: dict[str, Any] | None = None, split: dict[str, Any] | None = None, **training: Any
) -> Recipe:
    values = {
        "inputs": {"image": {"type": "image", "size": [12, 12], "channels": 1}},
        "targets": {"label": "category"},
        "split": split or {},
        "network": network or {"name": "mlp", "hidden": [8]},
        "training": {"epochs": 2, "batch_size": 16, "precision": "float32", **training},
    }
    return Recipe.from_values(values, "small", "test")


def prepared(made: Recipe, data: Examples | None = None) -> Prepared:
    return prepare(examples() if data is None else data, made.inputs, made.targets, made.split)


def loop(made: Recipe, data: Examples | None = None) -> Loop:
    ready = prepared(made, data)
    return Loop(Network(ready.inputs, ready.targets, made.network, made.training.seed), ready, made.training)


def run(one: Loop) -> Loop:
    """Train to the end."""
    while not one.state.finished:
        assert one.run_epoch(lambda _: True)
        one.validate()
    return one


def state_of(folder: Path) -> dict[str, Any]:
    """Return what the checkpoint of a run holds; there must be one."""
    state = load_checkpoint(folder)
    assert state is not None
    return state
