"""Several networks trained side by side whose answers are averaged: the surest way to do better on a small table.

They differ in their starting weights alone (Lakshminarayanan et al. 2017, section 2.4). In training each is judged by
itself; in use there is one answer, the mean of what they give before the probabilities or units are made of it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from hornbook.columns.base import Array, Column
from hornbook.networks.layers import ACTIVATIONS

SIMPLE = (nn.Flatten, nn.Linear, nn.Dropout, *(type(make()) for make in ACTIVATIONS.values()))
"""What can be done for all members at once: ten small networks then cost little more than one."""


class Several(nn.Module):
    """Linear layers side by side: (members, batch, F) or, the same for all, (batch, F) to (members, batch, units)."""

    def __init__(self, layers: Sequence[nn.Linear]) -> None:
        super().__init__()
        self.out_features = layers[0].out_features
        self.weight = nn.Parameter(torch.stack([layer.weight.detach().T for layer in layers]))
        # In one row, for what has two and more dimensions is decayed, and biases are not.
        biases = [layer.bias.detach() for layer in layers if layer.bias is not None]
        self.bias = nn.Parameter(torch.cat(biases)) if biases else None

    def forward(self, x: Tensor) -> Tensor:
        """Return what each layer gives."""
        if x.dim() == 2:
            x = x.expand(len(self.weight), -1, -1)
        if self.bias is None:
            return torch.bmm(x, self.weight)
        return torch.baddbmm(self.bias.view(len(self.weight), 1, -1), x, self.weight)


class EnsembleBody(nn.Module):
    """Bodies of the same kind: features (members, batch, ...)."""

    def __init__(self, bodies: Sequence[nn.Module]) -> None:
        super().__init__()
        self.stack = _stacked(bodies)
        self.members = nn.ModuleList([] if self.stack is not None else bodies)
        self.count = len(bodies)

    def forward(self, given: Any) -> Tensor:
        """Return the features of each member."""
        if self.stack is None:
            return torch.stack([body(given) for body in self.members])
        features: Tensor = self.stack(given)
        return features if features.dim() == 3 else features.expand(self.count, -1, -1)


def _stacked(bodies: Sequence[nn.Module]) -> nn.Sequential | None:
    """Return plain dense stacks as one stack of layers side by side; None where they hold other things."""
    stacks = [body for body in bodies if isinstance(body, nn.Sequential)]
    if len(stacks) < len(bodies) or not all(isinstance(m, SIMPLE) for m in stacks[0]):
        return None
    out: OrderedDict[str, nn.Module] = OrderedDict()
    for name, module in stacks[0].named_children():
        if isinstance(module, nn.Linear):
            out[name] = Several([stack.get_submodule(name) for stack in stacks])  # type: ignore[misc]
        else:
            out[name] = module
    return nn.Sequential(out)


class EnsembleHead(nn.Module):
    """A head for each body. In training the rows of all members are one long batch; in use they are averaged."""

    def __init__(self, heads: Sequence[nn.Module]) -> None:
        super().__init__()
        self.first: Any = heads[0]
        self.wants = self.first.wants
        layers = [layer for head in heads if isinstance(layer := getattr(head, "dense", None), nn.Linear)]
        learned = [part for part in self.first.modules() if any(True for _ in part.parameters(recurse=False))]
        self.members = nn.ModuleList()
        if hasattr(self.first, "look_at"):
            self.look_at = self._look_at
        if len(layers) == len(heads) and learned == layers[:1] and not hasattr(self, "look_at"):
            self.first.dense = Several(layers)
        else:
            self.members.extend(heads)

    def _look_at(self, name: str, inputs: Mapping[str, Column]) -> str | None:
        """Return the input that all members look at besides the features."""
        found: list[str | None] = [head.look_at(name, inputs) for head in self.members]  # type: ignore[operator]
        return found[0]

    def forward(self, features: Tensor, *seen: Tensor) -> Tensor:
        """Return what each member gives, (members · batch, ...), or in use their mean, (batch, ...)."""
        if len(self.members):
            raw = torch.stack([head(part, *seen) for head, part in zip(self.members, features, strict=True)])
        else:
            raw = self.first(features)
        return raw.flatten(0, 1) if self.training else raw.mean(0)

    def loss(
        self, raw: Tensor, truth: Tensor, smoothing: float = 0.0, weights: Tensor | None = None
    ) -> Tensor:
        """Return the mean loss of the members."""
        found: Tensor = self.first.loss(raw, _again(truth, raw), smoothing, weights)
        return found

    def right(self, raw: Tensor, truth: Tensor) -> Tensor:
        """Return what a member gets right, on average."""
        times = len(raw) / max(len(truth), 1)
        found: Tensor = self.first.right(raw, _again(truth, raw)) / times
        return found

    def ready(self, truth: Tensor) -> Tensor:
        """Return truths as the loss takes them."""
        ready = getattr(self.first, "ready", None)
        return truth if ready is None else ready(truth)

    def outputs(self, raw: Tensor) -> Tensor:
        """Return the outputs of the averaged answer."""
        found: Tensor = self.first.outputs(raw)
        return found

    def calibrate(self, raw: Array, truth: Array) -> None:
        """Calibrate the averaged answer."""
        self.first.calibrate(raw, truth)

    def told(self, column: Column) -> Column:
        """Return the column with what was found on the validation rows."""
        told = getattr(self.first, "told", None)
        return column if told is None else told(column)


def _again(truth: Tensor, raw: Tensor) -> Tensor:
    """Return the truth once for each member."""
    times = len(raw) // max(len(truth), 1)
    return truth if times <= 1 else torch.cat([truth] * times)
