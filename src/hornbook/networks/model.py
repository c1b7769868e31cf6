"""The whole network: inputs, body, heads, and the module that becomes the recognizer's graph."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Protocol

import torch
from torch import Tensor, nn

from hornbook.columns.base import Column
from hornbook.columns.network import Head, Input
from hornbook.errors import RecipeError, one_of
from hornbook.networks.body import Body, keeping, starts_from_data
from hornbook.networks.by_column import NUMBERS, ByColumn, make_inputs, standing_together, units
from hornbook.networks.ensemble import EnsembleBody, EnsembleHead
from hornbook.networks.families import build_network
from hornbook.networks.inputs import head_class
from hornbook.networks.joined import Joined, body_options, build_one
from hornbook.networks.novelty import AnyNovelty
from hornbook.networks.tables.piecewise import Piecewise, bins_for
from hornbook.recipe.family import Family

MOST_BINS = 8192
"""Of all numbers together: of a thousand numbers each has eight."""


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
        options: Family,
        seed: int = 0,
    ) -> None:
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.columns, self.together = tuple(inputs), standing_together(inputs)
            alone = len(inputs) == 1
            each = {n: body_options(options, c, alone) for n, c in inputs.items()} | {NUMBERS: options}
            kinds = {n: head_class(n, c) for n, c in targets.items()}
            if any(kind.causal for kind in kinds.values()) and any(o.bidirectional for o in each.values()):
                raise RecipeError(
                    "network.bidirectional is set, and a text is foretold from what stands before it: read both "
                    "ways, what follows would be known; leave it out"
                )
            made = make_inputs(inputs, each)
            self.inputs: ByColumn[Input] = ByColumn(made)
            self.pieces = _pieces(made, options.bins)
            shapes = {n: self.pieces[n].shape if n in self.pieces else m.shape for n, m in made.items()}
            self.apart = len(shapes) > 1 and any(len(shape) > 1 for shape in shapes.values())
            wanted = {kind.wants for kind in kinds.values()}
            if "either" in wanted:
                _writes_alone(targets, options)
                wanted = {"sequence" if options.by_steps and len(made) == 1 else "vector"}
            if "sequence" in wanted and len(wanted) > 1:
                raise RecipeError(
                    f"[targets] {one_of(targets)}: some are read step by step and some from the whole, which one "
                    "network does not give; make two recipes"
                )
            members = options.members
            sequence = "sequence" in wanted
            bodies = [_body(shapes, options, each, sequence) for _ in range(members)]
            features = bodies[0][1]
            parts = [body for body, _ in bodies]
            if "vector" in wanted and len(features) > 1:
                parts, features = [nn.Sequential(p, nn.Flatten()) for p in parts], (math.prod(features),)
            heads = {n: [kind(targets[n], features) for _ in parts] for n, kind in kinds.items()}
            for head in heads.values():
                head[0].tie(next(iter(made.values())))
            self.body: nn.Module = EnsembleBody(parts) if members > 1 else parts[0]
            self.heads: ByColumn[Head] = ByColumn(
                {n: EnsembleHead(h) if members > 1 else h[0] for n, h in heads.items()}
            )
            self.looks = {n: h.look_at(n, inputs) for n, h in self.heads.items()}
        if any(p.dim() == 4 for p in self.parameters()):
            self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def unit(self, encoded: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the inputs in their plain range, where they may be augmented.

        Numbers may be given side by side under `NUMBERS`, in the order of ``together``: gathering them column by column
        takes as long as a step of a small network.
        """
        return units(self.inputs, self.together, encoded)

    def forward(
        self, unit: Mapping[str, Tensor], standardized: Mapping[str, Tensor] = MappingProxyType({})
    ) -> dict[str, Tensor]:
        """Return what each head gives (logits); ``standardized`` are inputs that are so already."""
        return self.answers(self.body(self._join(unit, standardized)), unit)

    def answers(self, features: Tensor, unit: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return what each head gives of what the body gave."""
        out = {}
        for name, head in self.heads.items():
            seen = self.looks.get(name)
            out[name] = head(features) if seen is None else head(features, unit[seen])
        return out

    def body_of(self, unit: Mapping[str, Tensor]) -> Tensor:
        """Return what the body gives, which all heads read."""
        features: Tensor = self.body(self._join(unit))
        return features

    def flat(self, features: Tensor) -> Tensor:
        """Return what the body gave as a row of numbers for each example.

        Of steps it is their sum, of pixels their mean, of members all.
        """
        if isinstance(self.body, EnsembleBody):
            features = features.movedim(0, 1)
        elif features.dim() == 3:
            features = features.sum(1)
        elif features.dim() == 4:
            features = features.mean((2, 3))
        return features.flatten(1)

    def code(self, features: Tensor) -> Tensor:
        """Return what stands for an example, (batch, K): what the one answer is made of, or the features `flat`."""
        head = self._coded
        # A copy, for the tracer takes a tensor that is handed on unchanged for whatever was done to it last.
        return (self.flat(features) if head is None else head.code(features)).clone()

    def outputs(self, features: Tensor, unit: Mapping[str, Tensor], code: Tensor) -> dict[str, Tensor]:
        """Return the outputs of each target; those of a head that is coded are made of the code itself."""
        head = self._coded
        if head is not None:
            return {name: head.answer(code) for name in self.heads}
        return {n: self.heads[n].outputs(v) for n, v in self.answers(features, unit).items()}

    @property
    def _coded(self) -> Head | None:
        heads = [head for _, head in self.heads.items()]
        return heads[0] if len(heads) == 1 and heads[0].coded else None

    def _join(
        self, unit: Mapping[str, Tensor], standardized: Mapping[str, Tensor] = MappingProxyType({})
    ) -> Tensor | list[Tensor]:
        """Return what the body is given: the one input, the numbers of all in a row, or each input by itself."""
        parts: list[Tensor] = []
        for name, module in self.inputs.items():
            part = standardized[name] if name in standardized else module(unit[name])
            parts.append(self.pieces[name](part) if name in self.pieces else part)
        if len(parts) == 1:
            return parts[0]
        return parts if self.apart else torch.cat(parts, 1)

    @property
    def starts_from_data(self) -> bool:
        """Whether `prepare` has anything to do."""
        return starts_from_data(self.body) or len(self.pieces) > 0

    def prepare(self, unit: Mapping[str, Tensor]) -> None:
        """Let what starts from the data do so (bins, whitening): once, on training rows."""
        training = self.training
        self.eval()  # nothing is dropped at random from what it starts from
        with torch.no_grad():
            for name, pieces in self.pieces.items():
                pieces.prepare(self.inputs[name](unit[name]))
            if isinstance(self.body, Body) and starts_from_data(self.body):
                self.body.prepare(self._join(unit))
        self.train(training)

    @property
    def first_part(self) -> Body | None:
        """The body, where its first part never changes and all that is needed of an input is what that gives."""
        return keeping(self.body) if len(self.inputs) == 1 and not any(self.looks.values()) else None

    def kept(self, unit: Mapping[str, Tensor]) -> Tensor:
        """Return what the first part of the body gives, see `first_part`."""
        body = self.first_part
        assert body is not None, "asked of a network with a first part that never changes"
        return body.kept(self._join(unit))

    def factors(self) -> dict[nn.Parameter, float]:
        """Return what the learning rate of some weights is multiplied by; of all others it is 1."""
        return self.body.factors() if isinstance(self.body, Body) else {}

    def parameters_count(self) -> int:
        """Return how many numbers are learned."""
        return sum(p.numel() for p in self.parameters() if p.requires_grad)


def _writes_alone(targets: Mapping[str, Column], options: Family) -> None:
    """Raise RecipeError where a target that is written step by step has others, or members, beside it."""
    if len(targets) > 1:
        raise RecipeError(
            f"[targets] {one_of(targets)}: an answer that is written step by step is the only one of a network; make a "
            "recipe for each"
        )
    if options.members > 1:
        raise RecipeError(
            f"[network] has {options.members} members, and an answer that is written step by step has one writer: use "
            'members = 1, or name = "lstm" for texts and series, "crnn" for pictures and sounds, "mlp" for numbers'
        )


def _pieces(inputs: Mapping[str, Input], bins: int) -> ByColumn[Piecewise]:
    """Return what cuts numbers into bins, for the inputs that are numbers."""
    found = {}
    for name, module in inputs.items():
        binned = module.keeps and module.binned and len(module.shape) == 1
        if binned and (count := bins_for(module.shape[0], bins, MOST_BINS)):
            found[name] = Piecewise(module.shape[0], count)
    return ByColumn(found)


def _body(
    shapes: Mapping[str, tuple[int, ...]],
    options: Family,
    each: Mapping[str, Family],
    sequence: bool,
) -> tuple[nn.Module, tuple[int, ...]]:
    """Return the body for all inputs together, and the shape of its features."""
    if len(shapes) == 1:
        ((name, shape),) = shapes.items()
        return build_one(options, each[name], shape, sequence)
    if all(len(shape) == 1 for shape in shapes.values()):
        return build_network(options, (sum(shape[0] for shape in shapes.values()),), sequence=sequence)
    if sequence:
        raise RecipeError(
            f"[inputs] {one_of(shapes)}: a target that is read step by step has one input; make it the only one"
        )
    joined = Joined(shapes, options, each)
    return joined, (joined.features,)


class Answering(Protocol):
    """What a recognizer's graph is made of: a network, or trees."""

    @property
    def columns(self) -> tuple[str, ...]:
        """The inputs, in their order."""

    @property
    def heads(self) -> ByColumn[Head]:
        """What makes outputs of raw values, by the names of targets."""

    def unit(self, encoded: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the inputs in their plain range."""

    def __call__(self, unit: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the raw values of each target."""


class Graph(nn.Module):
    """What is exported: encoded values in, the columns' outputs out.

    ``block`` are numbers that it takes side by side as one, after all others (`hornbook.recognizer.signature.in_one`).
    """

    def __init__(self, network: Answering, block: Sequence[str] = ()) -> None:
        super().__init__()
        self.network = network
        self.block, apart = tuple(block), set(block)
        self.takes = (*(n for n in network.columns if n not in apart), *([NUMBERS] if block else []))
        self.states: list[tuple[int, ...]] = []
        self.says_novelty = False
        self.has_code = isinstance(network, Network)
        self.decoder: tuple[int, int] | None = None

    def start(self, rows: int) -> tuple[Tensor, ...]:
        """Return the states before the first step, for a graph that has any: zeros, (rows, layers, units)."""
        return tuple(torch.zeros((rows, *shape)) for shape in self.states)

    def forward(self, *encoded: Tensor) -> tuple[Tensor, ...]:
        """Return the outputs of each target, in order, and of a network the code."""
        net = self.network
        if isinstance(net, Network):
            _, outputs, code = self._answered(net, encoded)
            return (*outputs, code)
        raw = net(net.unit(dict(zip(self.takes, encoded, strict=True))))
        return tuple(net.heads[n].outputs(v) for n, v in raw.items())

    def _answered(self, net: Network, encoded: Sequence[Tensor]) -> tuple[Tensor, list[Tensor], Tensor]:
        """Return the features of a network, the outputs of each target, and the code."""
        unit = net.unit(dict(zip(self.takes, encoded, strict=True)))
        features = net.body_of(unit)
        code = net.code(features)
        return features, list(net.outputs(features, unit, code).values()), code


class NovelGraph(Graph):
    """What is exported of a network with a number beside its answers: how unlike the examples a row is."""

    def __init__(self, network: Network, novelty: AnyNovelty, block: Sequence[str] = ()) -> None:
        super().__init__(network, block)
        self.net, self.novelty, self.says_novelty = network, novelty, True

    def forward(self, *encoded: Tensor) -> tuple[Tensor, ...]:
        """Return the outputs of each target, in order, the novelty, (batch, 1), and the code."""
        features, outputs, code = self._answered(self.net, encoded)
        return (*outputs, self.novelty(self.net.flat(features)), code)
