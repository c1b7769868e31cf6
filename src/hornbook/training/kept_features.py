"""What a trained run makes of rows: the features before its head, or what it answers of rows that it did not see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from hornbook.columns.base import Array
from hornbook.errors import RunError
from hornbook.examples.prepare import Prepared
from hornbook.networks.model import Network
from hornbook.recipe.networks import Boosting
from hornbook.training.blend.boosted import fit
from hornbook.training.checkpoint import load_checkpoint
from hornbook.training.few.kept import keep
from hornbook.training.novelty import features_of
from hornbook.training.run import Run
from hornbook.training.started import decided

__all__ = ["features_of_run", "network_of_run", "trees_out_of_fold"]


def network_of_run(run: Run, prepared: Prepared) -> Network | None:
    """Return the trained network of a run, made for these examples; None where its checkpoint is not there."""
    checkpoint = load_checkpoint(run.path)
    if checkpoint is None or not isinstance(checkpoint.get("best"), Mapping):
        return None
    options = decided(run.recipe.network, checkpoint["best"])
    network = Network(prepared.inputs, prepared.targets, options)
    try:
        network.load_state_dict(checkpoint["best"])
    except (KeyError, RuntimeError, ValueError) as error:
        raise RunError(
            f"{run.path}: its checkpoint is of another network than its recipe gives; train it again with --fresh"
        ) from error
    return network.eval()


def features_of_run(run: Run, prepared: Prepared, rows: Array) -> Array:
    """Return the features of some rows, ``(rows, F)``, by the network of a run; RunError where it is not there."""
    network = network_of_run(run, prepared)
    if network is None:
        raise RunError(
            f"{run.path} holds no checkpoint with trained weights: name the folder of a finished run"
        )
    # What is kept is of the rows that are learned from and validated on: here, of all.
    nothing = np.zeros(0, np.int64)
    every = replace(prepared, splits={"train": rows, "validation": nothing, "test": nothing})
    kept = keep(network, every, run.recipe.training, 0)
    found: Array = features_of(network, prepared, rows, kept).numpy()
    return found


def trees_out_of_fold(run: Run, prepared: Prepared, target: str, rows: Array, folds: Array) -> Array:
    """Return the probabilities that boosted trees give to the classes of some rows, fitted to the other folds."""
    recipe = run.recipe
    assert isinstance(recipe.network, Boosting)
    nothing = np.zeros(0, np.int64)
    out = np.zeros((len(rows), prepared.targets[target].outputs), np.float32)
    for fold in np.unique(folds):
        test = folds == fold
        model, _ = fit(
            replace(prepared, splits={"train": rows[~test], "validation": nothing, "test": nothing}), recipe
        )
        out[test] = model.outputs(prepared.take(rows[test], prepared.inputs))[target]
    return out
