"""Trees that scikit-learn has fitted, as a module: in a recognizer's file they are one ONNX node, ``TreeEnsemble``.

The trees are read out of the fitted model node by node. A threshold is rounded down to float32, so that a float32
number falls to the same side of it in the file as in the model, which compares in float64.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from hornbook.columns.base import Array

NEVER = -30.0
"""The logit of a class without a training row."""


class Fitted(NamedTuple):
    """A model of scikit-learn, and the places of the features that it was fitted to; None for all."""

    model: Any
    places: Array | None = None

    def seen(self, x: Array) -> Array:
        """Return the features that the model sees, of features (rows, k)."""
        return x if self.places is None else x[:, self.places]

    def ids(self, places: Array) -> Array:
        """Return where features of the model are among all features."""
        return places if self.places is None else self.places[places]


class Trees(nn.Module):
    """The mean of what some fitted models say: features (batch, k) to raw values (batch, outputs).

    Parameters
    ----------
    models
        Each with a ``HistGradientBoostingRegressor`` or ``...Classifier``.
    outputs
        How many raw values there are: of a number one, of classes one for each.
    """

    def __init__(self, models: Sequence[Fitted], outputs: int) -> None:
        super().__init__()
        self.models, self.outputs = list(models), outputs

    def forward(self, features: Tensor) -> Tensor:
        """Return raw values, ``float32``: a standardized number, or logits."""
        # What stands before all trees is added here: ONNX Runtime forgets it where a class has no tree.
        base = torch.from_numpy(self.base().astype(np.float32)).to(features.device)
        found: Tensor = _Ensemble.apply(features, self) + base  # type: ignore[no-untyped-call]
        return found

    def base(self) -> Array:
        """Return what all rows begin with, before the first tree."""
        found: Array = np.mean([_before(m.model, self.outputs) for m in self.models], 0)
        return found

    def raw(self, x: Array) -> Array:
        """Return raw values of features, ``float64``."""
        found: Array = np.mean([_raw(m.model, m.seen(x), self.outputs) for m in self.models], 0)
        return found

    def staged(self, x: Array) -> Iterator[Array]:
        """Yield the raw values after each iteration, of one model."""
        ((model, _),) = self.models
        for raw in model._staged_raw_predict(self.models[0].seen(x)):
            yield _in_places(model, np.asarray(raw, np.float64).reshape(len(x), -1), self.outputs)

    def leaves(self) -> int:
        """Return how many leaves there are: what was learned, as parameters are of a network."""
        return sum(
            int(tree.nodes["is_leaf"].sum())
            for m in self.models
            for several in m.model._predictors
            for tree in several
        )

    def attributes(self) -> dict[str, Any]:
        """Return the attributes of ``TreeEnsembleRegressor``, each with the suffix for its type."""
        trees, targets, features = [], [], []
        for one in self.models:
            ids, _ = _columns(one.model, self.outputs)
            for several in one.model._predictors:
                trees += several
                targets += ids
                features += [one.ids(tree.nodes["feature_idx"].astype(np.int64)) for tree in several]
        nodes = np.concatenate([tree.nodes for tree in trees])
        sizes = [len(tree.nodes) for tree in trees]
        tree_of = np.repeat(np.arange(len(trees)), sizes)
        node_of = np.concatenate([np.arange(n) for n in sizes])
        leaf = nodes["is_leaf"].astype(bool)
        return {
            "n_targets_i": self.outputs,
            "nodes_treeids_i": tree_of.tolist(),
            "nodes_nodeids_i": node_of.tolist(),
            "nodes_modes_s": np.where(leaf, "LEAF", "BRANCH_LEQ").tolist(),
            "nodes_featureids_i": np.where(leaf, 0, np.concatenate(features)).tolist(),
            "nodes_values_f": np.where(leaf, np.float32(0), _down(nodes["num_threshold"])).tolist(),
            "nodes_truenodeids_i": np.where(leaf, 0, nodes["left"]).tolist(),
            "nodes_falsenodeids_i": np.where(leaf, 0, nodes["right"]).tolist(),
            "nodes_missing_value_tracks_true_i": np.where(leaf, 0, nodes["missing_go_to_left"]).tolist(),
            "target_treeids_i": tree_of[leaf].tolist(),
            "target_nodeids_i": node_of[leaf].tolist(),
            "target_ids_i": np.asarray(targets)[tree_of[leaf]].tolist(),
            "target_weights_f": (nodes["value"][leaf] / len(self.models)).astype(np.float32).tolist(),
        }


class _Ensemble(torch.autograd.Function):
    """What scikit-learn says, and what is written in its place."""

    @staticmethod
    def forward(ctx: Any, features: Tensor, trees: Trees) -> Tensor:
        found = trees.raw(features.detach().cpu().numpy()) - trees.base()
        return torch.from_numpy(found.astype(np.float32)).to(features.device)

    @staticmethod
    def symbolic(g: Any, features: Any, trees: Trees) -> Any:
        found = g.op("ai.onnx.ml::TreeEnsembleRegressor", features, **trees.attributes())
        return found.setType(features.type().with_sizes([None, trees.outputs]))


def _raw(model: Any, x: Array, outputs: int) -> Array:
    """Return what one model says, with a place for each class."""
    return _in_places(model, np.asarray(model._raw_predict(x), np.float64).reshape(len(x), -1), outputs)


def _in_places(model: Any, found: Array, outputs: int) -> Array:
    """Return the values that a model says with a place for each class."""
    ids, base = _columns(model, outputs)
    if len(ids) == outputs:
        return found
    raw = np.tile(base, (len(found), 1))
    raw[:, ids] = found
    return raw


def _columns(model: Any, outputs: int) -> tuple[list[int], Array]:
    """Return which class each of the model's own values is of, and what all rows begin with.

    Of two classes there are trees for one; and a class may have had no training row.
    """
    if outputs == 1:
        return [0], np.zeros(1)
    known = [int(c) for c in model.classes_]
    base = np.full(outputs, NEVER)
    base[known] = 0.0
    return (known[1:] if len(known) == 2 else known), base


def _before(model: Any, outputs: int) -> Array:
    """Return the values of one model that stand before all of its trees."""
    ids, base = _columns(model, outputs)
    base[ids] += np.asarray(model._baseline_prediction, np.float64).reshape(-1)
    return base


def _down(thresholds: Array) -> Array:
    """Return the largest float32 that is not above each threshold."""
    with np.errstate(over="ignore"):
        near = thresholds.astype(np.float32)
    return np.where(near > thresholds, np.nextafter(near, np.float32(-np.inf)), near)
