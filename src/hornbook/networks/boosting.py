"""Boosted trees: fitted by scikit-learn, written into the recognizer's file as ONNX trees.

The trees are read out of the fitted model node by node. A threshold is rounded down to float32, so that a float32
number falls to the same side of it in the file as in the model, which compares in float64.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hornbook.columns import CategoryColumn, NumberColumn
from hornbook.columns.base import Array, Column
from hornbook.columns.calibration import temperature
from hornbook.columns.category.network import MOST_ONE_HOT
from hornbook.errors import MissingExtra, RecipeError
from hornbook.recipe.networks import Boosting

NEVER = -30.0
"""The logit of a class without a training row."""

LOSSES = {"squared": "squared_error", "absolute": "absolute_error"}


class Boosted:
    """Boosted trees for each target.

    Parameters
    ----------
    inputs, targets
        The columns, learned: numbers and categories.
    seed
        Of the rows that are drawn to find where numbers are cut, where there are more than 200,000.

    Raises
    ------
    RecipeError
        A column is of another type.
    """

    def __init__(
        self,
        inputs: Mapping[str, Column],
        targets: Mapping[str, Column],
        options: Boosting,
        seed: int = 0,
        balanced: bool = False,
    ) -> None:
        self.class_weight = "balanced" if balanced else None
        self.numbers = NumberColumn.among({**inputs, **targets})
        for part, columns in (("inputs", inputs), ("targets", targets)):
            for name, column in columns.items():
                if not self.takes({name: column}):
                    raise RecipeError(
                        f'{part}.{name}: network.name = "boosting" takes numbers and categories, and this is of type '
                        f"{column.type!r}"
                    )
        for name, number in self.numbers.items():
            if name in targets and number.loss not in LOSSES:
                raise RecipeError(
                    f'targets.{name}: network.name = "boosting" knows the losses "squared" and "absolute", not '
                    f'"{number.loss}"'
                )
        self.inputs, self.targets, self.options, self.seed = inputs, dict(targets), options, seed
        self.models: dict[str, Any] = {}
        self.temperatures = dict.fromkeys(targets, 1.0)

    @staticmethod
    def takes(columns: Mapping[str, Column]) -> bool:
        """Return whether all columns are numbers and categories."""
        return len(NumberColumn.among(columns)) + len(CategoryColumn.among(columns)) == len(columns)

    def features(self, encoded: Mapping[str, Array]) -> Array:
        """Return the inputs side by side, ``float32`` of shape ``(rows, features)``, nan where a number is missing."""
        parts = []
        for name, column in self.inputs.items():
            values = encoded[name]
            if number := self.numbers.get(name):
                # Around the mean, so that float32 has digits enough.
                values = values - (number.mean or 0.0) if number.wide else values
                parts.append(values.astype(np.float32)[:, None])
            elif column.outputs <= MOST_ONE_HOT:
                parts.append((values[:, None] == np.arange(column.outputs)).astype(np.float32))
            else:
                parts.append(values.astype(np.float32)[:, None])
        return np.concatenate(parts, 1)

    def fit(self, encoded: Mapping[str, Array], truths: Mapping[str, Array]) -> Boosted:
        """Fit the trees to training rows."""
        try:
            from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
        except ImportError as error:
            raise MissingExtra('network.name = "boosting"', "train") from error
        options = self.options
        given: dict[str, Any] = {
            "max_iter": options.iterations,
            "learning_rate": options.learning_rate,
            "max_leaf_nodes": options.max_leaf_nodes,
            "min_samples_leaf": options.min_samples_leaf,
            "l2_regularization": options.l2,
            "early_stopping": False,
            "random_state": self.seed % 2**32,  # more than scikit-learn takes
        }
        x = self.features(encoded)
        for name in self.targets:
            if number := self.numbers.get(name):
                model = HistGradientBoostingRegressor(loss=LOSSES[number.loss], **given)
                self.models[name] = model.fit(x, number.standardized(truths[name]))
            else:
                self.models[name] = HistGradientBoostingClassifier(
                    class_weight=self.class_weight, **given
                ).fit(x, truths[name])
        return self

    def raw(self, encoded: Mapping[str, Array]) -> dict[str, Array]:
        """Return standardized numbers ``(rows, 1)`` and logits ``(rows, classes)``."""
        x = self.features(encoded)
        out = {}
        for name, column in self.targets.items():
            model = self.models[name]
            if name in self.numbers:
                out[name] = model.predict(x)[:, None]
                continue
            found = model._raw_predict(x).reshape(len(x), -1)
            base, ids = _class_places(model, column.outputs)
            logits = np.tile(base, (len(x), 1))
            logits[:, ids] = found
            out[name] = logits
        return out

    def outputs(self, encoded: Mapping[str, Array]) -> dict[str, Array]:
        """Return what the recognizer's graph gives: numbers in the user's units, and probabilities."""
        out = {}
        for name, raw in self.raw(encoded).items():
            if number := self.numbers.get(name):
                out[name] = number.in_units(raw).astype(np.float32)
            else:
                z = raw / self.temperatures[name]
                p = np.exp(z - z.max(1, keepdims=True))
                out[name] = (p / p.sum(1, keepdims=True)).astype(np.float32)
        return out

    def calibrate(self, encoded: Mapping[str, Array], truths: Mapping[str, Array]) -> None:
        """Set intervals and temperatures from validation rows."""
        for name, raw in self.raw(encoded).items() if len(next(iter(truths.values()))) else ():
            if number := self.numbers.get(name):
                self.targets[name] = number.with_margin(raw[:, 0] - number.standardized(truths[name]))
            else:
                self.temperatures[name] = temperature(raw, truths[name])

    def leaves(self) -> int:
        """Return how many leaves there are: what was learned, as parameters are of a network."""
        return sum(
            int(tree.nodes["is_leaf"].sum()) for model in self.models.values() for tree in _trees(model)
        )

    # As ONNX.

    def onnx(self) -> Any:
        """Return the model as an ONNX graph without metadata."""
        from onnx import TensorProto, helper

        kinds = {
            "float32": TensorProto.FLOAT,
            "float64": TensorProto.DOUBLE,
            "uint8": TensorProto.UINT8,
            "uint16": TensorProto.UINT16,
        }
        graph = _Graph()
        parts = [
            self._feature(graph, name, column, i) for i, (name, column) in enumerate(self.inputs.items())
        ]
        x = graph.add("Concat", parts, axis=1)
        for name, column in self.targets.items():
            self._answer(graph, name, column, x)
        made = helper.make_graph(
            graph.nodes,
            "boosting",
            [helper.make_tensor_value_info(n, kinds[c.dtype.name], ["rows"]) for n, c in self.inputs.items()],
            [
                helper.make_tensor_value_info(n, TensorProto.FLOAT, ["rows", c.outputs])
                for n, c in self.targets.items()
            ],
            graph.constants,
        )
        sets = [helper.make_opsetid("", 18), helper.make_opsetid("ai.onnx.ml", 3)]
        return helper.make_model(made, opset_imports=sets, ir_version=9)

    def _feature(self, graph: _Graph, name: str, column: Column, place: int) -> str:
        """Add the nodes that make the features of one column, as `features` does."""
        axis = graph.constant(np.array([1]))
        if number := self.numbers.get(name):
            at = name
            if number.wide:
                at = graph.add("Sub", [at, graph.constant(np.float64(number.mean or 0.0))])
            return graph.add("Unsqueeze", [graph.add("Cast", [at], to=1), axis])
        places = graph.add("Unsqueeze", [graph.add("Cast", [name], to=6), axis])
        if column.outputs > MOST_ONE_HOT:
            return graph.add("Cast", [places], to=1)
        every = graph.constant(np.arange(column.outputs, dtype=np.int32)[None])
        return graph.add("Cast", [graph.add("Equal", [places, every])], to=1)

    def _answer(self, graph: _Graph, name: str, column: Column, x: str) -> None:
        """Add the trees of a target, and what makes its outputs of them."""
        model = self.models[name]
        z = graph.add("TreeEnsembleRegressor", [x], domain="ai.onnx.ml", **_ensemble(model))
        if number := self.numbers.get(name):
            return _in_units(graph, name, number, z)
        base, ids = _class_places(model, column.outputs)
        if len(ids) < column.outputs:
            # Of two classes there are trees for one; and a class may have had no training row.
            z = graph.add("MatMul", [z, graph.constant(np.eye(column.outputs, dtype=np.float32)[ids])])
            z = graph.add("Add", [z, graph.constant(base.astype(np.float32))])
        z = graph.add("Div", [z, graph.constant(np.float32(self.temperatures[name]))])
        graph.add("Softmax", [z], output=name, axis=1)
        return None


class _Graph:
    """Nodes and constants of an ONNX graph in the making."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def add(self, kind: str, inputs: list[str], *, output: str = "", **attributes: Any) -> str:
        """Add a node and return the name of what it gives."""
        from onnx import helper

        output = output or f"hornbook_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    def constant(self, value: Any) -> str:
        """Add a constant and return its name."""
        from onnx import numpy_helper

        name = f"hornbook_constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.asarray(value), name))
        return name


def _in_units(graph: _Graph, name: str, column: NumberColumn, z: str) -> None:
    """Add the way from standardized numbers to the user's units, in float64 as `NumberColumn.in_units` has it."""
    at = graph.add("Cast", [z], to=11)
    at = graph.add("Mul", [at, graph.constant(np.float64(column.scale))])
    at = graph.add("Add", [at, graph.constant(np.float64(column.shift))])
    if column.log:
        at = graph.add("Sub", [graph.add("Exp", [at]), graph.constant(np.float64(1.0))])
    if column.limits is not None:
        at = graph.add("Clip", [at, *(graph.constant(np.float64(edge)) for edge in column.limits)])
    graph.add("Cast", [at], output=name, to=1)


def _class_places(model: Any, classes: int) -> tuple[Array, list[int]]:
    """Return the logits that all rows begin with, and which class each of the model's own logits is of."""
    known = [int(c) for c in model.classes_]
    base = np.full(classes, NEVER)
    base[known] = 0.0
    return base, known[1:] if len(known) == 2 else known


def _trees(model: Any) -> list[Any]:
    return [tree for several in model._predictors for tree in several]


def _ensemble(model: Any) -> dict[str, Any]:
    """Return the attributes of ``TreeEnsembleRegressor``."""
    base = np.asarray(model._baseline_prediction, np.float64).reshape(-1)
    trees = _trees(model)
    nodes = np.concatenate([tree.nodes for tree in trees])
    sizes = [len(tree.nodes) for tree in trees]
    tree_of = np.repeat(np.arange(len(trees)), sizes)
    node_of = np.concatenate([np.arange(n) for n in sizes])
    leaf = nodes["is_leaf"].astype(bool)
    target_of = np.arange(len(trees)) % len(base)
    return {
        "n_targets": len(base),
        "base_values": base.astype(np.float32).tolist(),
        "nodes_treeids": tree_of.tolist(),
        "nodes_nodeids": node_of.tolist(),
        "nodes_modes": np.where(leaf, "LEAF", "BRANCH_LEQ").tolist(),
        "nodes_featureids": np.where(leaf, 0, nodes["feature_idx"]).tolist(),
        "nodes_values": np.where(leaf, np.float32(0), _down(nodes["num_threshold"])).tolist(),
        "nodes_truenodeids": np.where(leaf, 0, nodes["left"]).tolist(),
        "nodes_falsenodeids": np.where(leaf, 0, nodes["right"]).tolist(),
        "nodes_missing_value_tracks_true": np.where(leaf, 0, nodes["missing_go_to_left"]).tolist(),
        "target_treeids": tree_of[leaf].tolist(),
        "target_nodeids": node_of[leaf].tolist(),
        "target_ids": target_of[tree_of[leaf]].tolist(),
        "target_weights": nodes["value"][leaf].astype(np.float32).tolist(),
    }


def _down(thresholds: Array) -> Array:
    """Return the largest float32 that is not above each threshold."""
    with np.errstate(over="ignore"):
        near = thresholds.astype(np.float32)
    return np.where(near > thresholds, np.nextafter(near, np.float32(-np.inf)), near)
