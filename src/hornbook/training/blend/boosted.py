"""Training boosted trees: no epochs and no checkpoint."""

from __future__ import annotations

import time

from hornbook.columns.base import Array
from hornbook.examples.prepare import Prepared
from hornbook.networks.tables.boosting import Boosted
from hornbook.recipe import Recipe
from hornbook.recipe.networks import Boosting


def fit(prepared: Prepared, recipe: Recipe) -> tuple[Boosted, list[dict[str, float]]]:
    """Fit boosted trees to the training rows and calibrate them on the validation rows; return a history too."""
    assert isinstance(recipe.network, Boosting)
    start = time.perf_counter()
    targets, training, splits = prepared.targets, recipe.training, prepared.splits
    balanced = training.class_weights == "balanced"
    model = Boosted(prepared.inputs, targets, recipe.network, training.seed, balanced)
    model.fit(*_given(prepared, "train"))
    seconds = time.perf_counter() - start
    row: dict[str, float] = {"epoch": 1, "seconds": round(seconds, 3)}
    row["examples_per_second"] = round(len(splits["train"]) / max(seconds, 1e-9), 1)
    for split in ("train", "validation"):
        if len(splits[split]):
            encoded, truths = _given(prepared, split)
            outputs = model.outputs(encoded)
            for i, (name, column) in enumerate(targets.items()):
                key = f"{split}_{'' if i == 0 else name + '_'}{column.metric}"
                row[key] = column.score(outputs[name], truths[name])[column.metric]
    if len(splits["validation"]):
        model.calibrate(*_given(prepared, "validation"))
    return model, [row]


def _given(prepared: Prepared, split: str) -> tuple[dict[str, Array], dict[str, Array]]:
    """Return the inputs and the truths of the rows of a split."""
    rows = prepared.splits[split]
    return prepared.take(rows, prepared.inputs), prepared.take(rows, prepared.targets)
