"""What is fitted at once, with no epochs and no checkpoint: boosted trees, and networks whose weights are found so."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import numpy as np
import torch

from hornbook.columns.base import Array
from hornbook.common.progress import Reading, silent
from hornbook.examples.prepare import Prepared
from hornbook.networks.model import Answering, Network
from hornbook.networks.novelty import Like
from hornbook.recipe import Recipe
from hornbook.recipe.networks import Boosting
from hornbook.recipe.networks_memory import Memory
from hornbook.recognizer.signature import PLACES
from hornbook.training.blend import boosted
from hornbook.training.export.graph import check_answers, check_export
from hornbook.training.remember import remember

__all__ = ["AtOnce", "fit_at_once", "solve"]


@dataclass(frozen=True)
class AtOnce:
    """What was fitted: the model, a history of one row, what to say of it, how its file is checked, facts of it.

    ``kept`` are facts that its file holds.
    """

    model: Answering
    history: list[dict[str, float]]
    told: str
    check: Callable[..., None]
    about: dict[str, Any]
    novelty: Like | None = None
    kept: Mapping[str, Any] = field(default_factory=dict)


def fit_at_once(prepared: Prepared, recipe: Recipe, reading: Reading = silent) -> AtOnce:
    """Fit a recipe whose family takes no epochs."""
    if isinstance(recipe.network, Memory):
        network, odds, history, told = remember(prepared, recipe, reading)
        like, sides = Like(odds), network.body.sides
        check = partial(check_export, network=network, novelty=like)
        return AtOnce(
            network, history, f"a memory of {told}", check, {"remembered": told}, like, {PLACES: sides}
        )
    if isinstance(recipe.network, Boosting):
        trees, history = boosted.fit(prepared, recipe)
        check = partial(check_answers, trained=trees.outputs, what="fitted trees")
        return AtOnce(trees, history, "boosted trees", check, {"leaves": trees.leaves()})
    network, history, told = solve(prepared, recipe)
    about = {"parameters": network.parameters_count(), "mean_of": told}
    return AtOnce(network, history, f"the mean of {told}", partial(check_export, network=network), about)


def solve(prepared: Prepared, recipe: Recipe) -> tuple[Network, list[dict[str, float]], str]:
    """Return the network fitted to the training and validation rows, a history, and what was found in words.

    What is foretold of a validation row for the history, and to calibrate by, is fitted to rows before it alone.
    """
    start = time.perf_counter()
    network = Network(prepared.inputs, prepared.targets, recipe.network, recipe.training.seed).eval()
    splits = prepared.splits
    rows = np.sort(np.concatenate([splits["train"], splits["validation"]]))
    encoded, truths = prepared.take(rows, prepared.inputs), prepared.take(rows, prepared.targets)
    measured: dict[str, float] = {}
    told = []
    for i, (name, column) in enumerate(prepared.targets.items()):
        head = network.heads[name]
        found = head.solve(name, prepared.inputs, encoded, truths[name])
        later = rows[-len(found.raw) :]
        head.calibrate(found.raw, truths[name][-len(found.raw) :])
        said = {"validation": found.raw[np.isin(later, splits["validation"])]}
        said["train"] = raw_of(network, prepared, splits["train"], name)
        for split, raw in said.items():
            if len(raw):
                truth = prepared.arrays[name].take(splits[split][-len(raw) :])
                with torch.inference_mode():
                    outputs = head.outputs(torch.from_numpy(raw)).numpy()
                key = f"{split}_{'' if i == 0 else name + '_'}{column.metric}"
                measured[key] = column.score(outputs, truth)[column.metric]
        told.append(found.told)
    seconds = time.perf_counter() - start
    row = {"epoch": 1, **measured, "seconds": round(seconds, 3)}
    row["examples_per_second"] = round(len(rows) / max(seconds, 1e-9), 1)
    return network, [row], "; ".join(dict.fromkeys(told))


def raw_of(network: Network, prepared: Prepared, rows: Array, name: str) -> Array:
    """Return the raw values of one head for some rows."""
    with torch.inference_mode():
        encoded = {n: torch.from_numpy(v) for n, v in prepared.take(rows, prepared.inputs).items()}
        found: Array = network(network.unit(encoded))[name].numpy()
        return found
