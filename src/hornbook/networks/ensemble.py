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
from hornbook.columns.network import Head
from hornbook.networks.by_column import ByColumn
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
            alike = [stack.get_submodule(name) for stack in stacks]
            out[name] = Several([layer for layer in alike if isinstance(layer, nn.Linear)])
        else:
            out[name] = module
    return nn.Sequential(out)


class EnsembleHead(Head):
    """A head for each body. In training the rows of all members are one long batch; in use they are averaged.

    Attributes
    ----------
    apart
        Whether what each member says is wanted outside training too.
    """

    apart: bool = False

    def __init__(self, heads: Sequence[Head]) -> None:
        super().__init__()
        self.first = heads[0]
        layers = [layer for head in heads if (layer := head.linear()) is not None]
        self.members = nn.ModuleList()
        if len(layers) == len(heads) and not self.first.looks:
            place = next(name for name, module in self.first.named_modules() if module is layers[0])
            self.first.set_submodule(place, Several(layers))
        else:
            self.members.extend(heads)

    def look_at(self, name: str, inputs: Mapping[str, Column]) -> str | None:
        """Return the input that all members look at besides the features."""
        heads = [head for head in self.members if isinstance(head, Head)] or [self.first]
        found = [head.look_at(name, inputs) for head in heads]  # each keeps where it looks
        return found[0]

    def forward(self, features: Tensor, *seen: Tensor) -> Tensor:
        """Return what each member gives, (members · batch, ...), or in use their mean, (batch, ...)."""
        if len(self.members):
            raw = torch.stack([head(part, *seen) for head, part in zip(self.members, features, strict=True)])
        else:
            raw = self.first(features)
        return raw.flatten(0, 1) if self.training or self.apart else raw.mean(0)

    def loss(
        self, raw: Tensor, truth: Tensor, smoothing: float = 0.0, weights: Tensor | None = None
    ) -> Tensor:
        """Return the mean loss of the members."""
        return self.first.loss(raw, _again(truth, raw), smoothing, weights)

    def metric_sum(self, raw: Tensor, truth: Tensor) -> Tensor:
        """Return the mean over the members."""
        return self.first.metric_sum(raw, _again(truth, raw)) / (len(raw) / max(len(truth), 1))

    def prepared(self, truth: Tensor) -> Tensor:
        """Return truths as the members take them."""
        return self.first.prepared(truth)

    def outputs(self, raw: Tensor) -> Tensor:
        """Return the outputs of the averaged answer."""
        return self.first.outputs(raw)

    def calibrate(self, raw: Array, truth: Array) -> None:
        """Calibrate the averaged answer."""
        self.first.calibrate(raw, truth)

    def calibrated(self, column: Any) -> Any:
        """Return the column with what was found on the validation rows."""
        return self.first.calibrated(column)


def apart(heads: ByColumn[Head], wanted: bool) -> None:
    """Let the heads of members give what each says outside training too, one after the other, or the mean again."""
    for _, head in heads.items():
        if isinstance(head, EnsembleHead):
            head.apart = wanted


def _again(truth: Tensor, raw: Tensor) -> Tensor:
    """Return the truth once for each member."""
    times = len(raw) // max(len(truth), 1)
    return truth if times <= 1 else torch.cat([truth] * times)
