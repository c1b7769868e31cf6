"""The whole network: inputs, body, heads, and the module that becomes the recognizer's graph."""

from __future__ import annotations

import math
import re
import zlib
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor, nn

from hornbook.columns.base import Column
from hornbook.errors import RecipeError
from hornbook.networks.families import build_network
from hornbook.networks.heads import make_head
from hornbook.networks.inputs import make_input
from hornbook.recipe.networks import NetworkOptions


class ByColumn(nn.Module):
    """A module for each column, by the column's name: a mapping.

    A column may be called anything (``sepal.length``, ``type``, ``0``), a part of a module may not. Where its
    name will not do as the name of its weights, a like one takes its place there.
    """

    def __init__(self, modules: Mapping[str, nn.Module]) -> None:
        super().__init__()
        self._parts = {}
        for name, module in modules.items():
            part = re.sub(r"\W", "_", name) or "column"
            if part != name or hasattr(self, part):
                part += f"_{zlib.crc32(name.encode('utf-8', 'surrogatepass')):08x}"
            self.add_module(part, module)
            self._parts[name] = part

    def __getitem__(self, name: str) -> nn.Module:
        return self.get_submodule(self._parts[name])

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def items(self) -> Iterator[tuple[str, nn.Module]]:
        """Yield names of columns with their modules."""
        return ((name, self[name]) for name in self)


class Network(nn.Module):
    """A recipe's network.

    Parameters
    ----------
    inputs, targets
        The columns, learned and measured.
    options
        The section ``[network]``.
    seed
        Of the starting weights, which are a pure function of it.

    Raises
    ------
    RecipeError
        The options do not fit the inputs.
    """

    def __init__(
        self,
        inputs: Mapping[str, Column],
        targets: Mapping[str, Column],
        options: NetworkOptions,
        seed: int = 0,
    ) -> None:
        super().__init__()
        if len(inputs) != 1:
            raise RecipeError(
                f"[inputs] has {len(inputs)} columns, and this version joins no inputs: name one"
            )
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            made = {n: make_input(n, c) for n, c in inputs.items()}
            self.inputs = ByColumn(made)
            shape: tuple[int, ...] = next(iter(made.values())).shape
            self.body: nn.Module
            self.body, features = build_network(options, shape)
            if len(features) > 1:
                self.body = nn.Sequential(self.body, nn.Flatten())
            self.heads = ByColumn({n: make_head(n, c, math.prod(features)) for n, c in targets.items()})
        if any(p.dim() == 4 for p in self.parameters()):
            self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def unit(self, encoded: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the inputs in their plain range, where they may be augmented."""
        return {n: self.inputs[n].unit(v) for n, v in encoded.items()}  # type: ignore[operator]

    def forward(self, unit: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return what each head gives (logits)."""
        ((name, module),) = self.inputs.items()
        features = self.body(module(unit[name]))
        return {n: head(features) for n, head in self.heads.items()}

    @property
    def starts_from_data(self) -> bool:
        """Whether `prepare` has anything to do."""
        return bool(getattr(self.body, "starts_from_data", False))

    def prepare(self, unit: Mapping[str, Tensor]) -> None:
        """Let what starts from the data do so (whitening): once, on training rows."""
        if self.starts_from_data:
            ((name, module),) = self.inputs.items()
            with torch.no_grad():
                self.body.prepare(module(unit[name]))  # type: ignore[operator]

    def parameters_count(self) -> int:
        """Return how many numbers are learned."""
        return sum(p.numel() for p in self.parameters() if p.requires_grad)


class Graph(nn.Module):
    """What is exported: encoded values in, the columns' outputs out."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, *encoded: Tensor) -> tuple[Tensor, ...]:
        """Return the outputs of each target, in order."""
        net = self.network
        raw = net(net.unit(dict(zip(net.inputs, encoded, strict=True))))
        return tuple(net.heads[n].outputs(v) for n, v in raw.items())  # type: ignore[operator]
