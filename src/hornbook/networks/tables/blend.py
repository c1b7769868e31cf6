"""A network, boosted trees and a linear model as one: the weighted mean of what they say, in one graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor, nn

from hornbook.columns.base import Array
from hornbook.columns.network import Head
from hornbook.networks.by_column import ByColumn
from hornbook.networks.model import Network
from hornbook.networks.tables.features import Features
from hornbook.networks.tables.trees import NEVER, Trees

BEYOND = 0.25
"""By this share of the range of the training rows a linear model may go beyond it."""


class LinearPart(nn.Module):
    """A linear model that scikit-learn has fitted, or the mean of several: features to raw values.

    Parameters
    ----------
    models
        ``Ridge`` or ``LogisticRegression``, fitted.
    outputs
        How many raw values there are.
    limits
        The lowest and highest raw value of a number.
    """

    weight: Tensor
    bias: Tensor

    def __init__(
        self, models: Sequence[object], outputs: int, limits: tuple[float, float] | None = None
    ) -> None:
        super().__init__()
        both = [_linear(model, outputs) for model in models]
        self.register_buffer("weight", torch.from_numpy(np.mean([w for w, _ in both], 0).astype(np.float32)))
        self.register_buffer("bias", torch.from_numpy(np.mean([b for _, b in both], 0).astype(np.float32)))
        self.limits = limits

    def forward(self, features: Tensor) -> Tensor:
        """Return raw values, (rows, outputs)."""
        raw = features @ self.weight + self.bias
        return raw if self.limits is None else raw.clamp(*self.limits)

    @torch.inference_mode()
    def raw(self, x: Array) -> Array:
        """Return raw values of features."""
        return np.asarray(self(torch.from_numpy(x)).numpy(), np.float64)


def _linear(model: object, outputs: int) -> tuple[Array, Array]:
    """Return weights (features, outputs) and biases of a model of scikit-learn."""
    coef = np.asarray(vars(model)["coef_"], np.float64)
    coef, start = np.atleast_2d(coef), np.atleast_1d(np.asarray(vars(model)["intercept_"], np.float64))
    if outputs == 1:
        return coef.T, start
    known = [int(c) for c in vars(model)["classes_"]]
    ids = known[1:] if len(known) == 2 else known
    weight, bias = np.zeros((coef.shape[1], outputs)), np.full(outputs, NEVER)
    bias[known] = 0.0
    weight[:, ids], bias[ids] = coef.T, start
    return weight, bias


class Blended(nn.Module):
    """What a recognizer's graph is made of; it is called as a network is.

    Parameters
    ----------
    net
        The network, whose inputs and heads are those of all.
    trees, linear
        For each target; of those without a weight there is none.
    weights
        For each target those of the network, the trees and the linear model.
    """

    def __init__(
        self,
        net: Network,
        trees: Mapping[str, Trees],
        linear: Mapping[str, LinearPart],
        weights: Mapping[str, tuple[float, float, float]],
    ) -> None:
        super().__init__()
        self.net, self.columns, self.weights = net, net.columns, dict(weights)
        self.trees: ByColumn[Trees] = ByColumn({n: t for n, t in trees.items() if weights[n][1]})
        self.linear: ByColumn[LinearPart] = ByColumn({n: m for n, m in linear.items() if weights[n][2]})
        self.seen = Features(net.inputs, net.together) if len(self.trees) else None
        self.shown = Features(net.inputs, net.together, "linear") if len(self.linear) else None

    @property
    def heads(self) -> ByColumn[Head]:
        """The heads of the network, calibrated on what all say together."""
        return self.net.heads

    def unit(self, encoded: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the inputs in their plain range."""
        return self.net.unit(encoded)

    def forward(self, unit: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the raw values of each target."""
        ours = self.net(unit) if any(w[0] for w in self.weights.values()) else {}
        x = None if self.seen is None else self.seen.of_units(unit)
        z = None if self.shown is None else self.shown.of_units(unit)
        out = {}
        for name, (net, trees, linear) in self.weights.items():
            parts = [net * ours[name].float()] if net else []
            if trees and x is not None:
                parts.append(trees * self.trees[name](x))
            if linear and z is not None:
                parts.append(linear * self.linear[name](z))
            out[name] = torch.stack(parts).sum(0) if len(parts) > 1 else parts[0]
        return out

    def leaves(self) -> int:
        """Return how many leaves the trees have."""
        return sum(trees.leaves() for _, trees in self.trees.items())
