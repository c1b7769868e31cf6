"""Training boosted trees: no epochs, no checkpoint, and the same file, checked like every other."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hornbook.columns.base import ROUNDING, Array, Column
from hornbook.errors import RunError
from hornbook.examples.prepare import Prepared
from hornbook.networks.boosting import Boosted
from hornbook.recipe import Recipe
from hornbook.recipe.networks import Boosting
from hornbook.training.export import described


@dataclass(frozen=True)
class Trees:
    """What came of it: the model, and the one row of its history."""

    model: Boosted
    history: list[dict[str, float]]


def fit(prepared: Prepared, recipe: Recipe) -> Trees:
    """Fit boosted trees to the training rows and calibrate them on the validation rows."""
    assert isinstance(recipe.network, Boosting)
    start = time.perf_counter()
    inputs, targets = prepared.inputs, prepared.targets
    train, validation = (prepared.splits[s] for s in ("train", "validation"))
    encoded = prepared.take(train, inputs)
    model = Boosted(
        inputs, targets, recipe.network, recipe.training.seed, recipe.training.class_weights == "balanced"
    )
    model.fit(encoded, prepared.take(train, targets))
    seconds = time.perf_counter() - start
    row: dict[str, float] = {"epoch": 1, "seconds": round(seconds, 3)}
    row["examples_per_second"] = round(len(train) / max(seconds, 1e-9), 1)
    for kind, rows in (("train", train), ("validation", validation)):
        if len(rows):
            outputs, truths = model.outputs(prepared.take(rows, inputs)), prepared.take(rows, targets)
            for i, (name, column) in enumerate(targets.items()):
                key = f"{kind}_{'' if i == 0 else name + '_'}{column.metric}"
                row[key] = column.score(outputs[name], truths[name])[column.metric]
    if len(validation):
        model.calibrate(prepared.take(validation, inputs), prepared.take(validation, targets))
    return Trees(model, [row])


def export_trees(model: Boosted, inputs: Mapping[str, Column], about: Mapping[str, Any]) -> bytes:
    """Return the bytes of a recognizer."""
    return described(model.onnx(), inputs, model.targets, about)


def check_trees(recognizer: Any, model: Boosted, encoded: Mapping[str, Array], where: str) -> None:
    """Compare the answers of the file and of the fitted trees on real rows, one at a time and all at once.

    Raises
    ------
    RunError
        An answer differs, or an output by more than rounding.
    """
    wanted = model.outputs(encoded)
    rows = len(next(iter(encoded.values())))
    for some in [slice(0, rows), *(slice(i, i + 1) for i in range(min(rows, 8)))]:
        found = recognizer.run({n: v[some] for n, v in encoded.items()})
        for name, column in model.targets.items():
            gap, differ = column.differences(np.asarray(wanted[name][some]), found[name])
            if not gap <= ROUNDING or differ:
                raise RunError(
                    f"{where}: the exported file does not answer as the fitted trees ({differ} answers differ, outputs "
                    f"by up to {gap:.2g}); it was not kept, please report this with the recipe"
                )
