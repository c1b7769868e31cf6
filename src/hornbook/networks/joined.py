"""Inputs of several kinds in one network.

Each picture, text or series has a body of its own, and what they find out is put side by side with the numbers; dense
layers over all of it follow where the recipe has any (`hornbook.recipe.networks.Mlp`, and ``dense`` of the others).
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from hornbook.columns.base import Column
from hornbook.errors import RecipeError
from hornbook.networks.body import Body, starts_from_data
from hornbook.networks.families import build_network
from hornbook.networks.layers import Shape
from hornbook.recipe.family import Family
from hornbook.recipe.networks import Blend, Cnn, Crnn, Layers, Linear, Mlp, Resnet
from hornbook.recipe.networks_pretrained import Pretrained
from hornbook.recipe.networks_sequence import Bag, Lstm, Recurrent

__all__ = ["Joined", "body_options", "build_one"]

FLAT = (Linear, Mlp, Layers, Blend)
"""The families that take what is flat, and are the dense layers over all inputs."""

PICTURES = (Cnn, Resnet, Crnn, Pretrained)

UNITS = 32
"""Of the recurrent layer for a series beside other inputs, where the recipe names another family."""


def body_options(options: Family, column: Column, alone: bool) -> Family:
    """Return the options of the body of one input: the recipe's, or those of a plain body where they are for others.

    A text has no one length, and is a bag for the families of what is flat. Beside other inputs every kind of input
    goes with every family.
    """
    if column.feeds == "tokens" and not options.counted:
        if isinstance(options, Recurrent):
            return options if alone else _bare(options)
        if alone and isinstance(options, PICTURES):
            return options
        bag = options if isinstance(options, Bag) else Bag()
        return (bag if alone else dataclasses.replace(bag, dense=())).fitted(column)
    if alone:
        return options
    if column.feeds == "steps":
        return Lstm(units=UNITS) if isinstance(options, (Bag, *PICTURES)) else _bare(options)
    if column.feeds == "picture" and isinstance(options, Bag | Recurrent):
        return Cnn()
    if column.feeds == "sound" and not isinstance(options, Cnn | Crnn):
        return Cnn()
    return _bare(options)


def build_one(options: Family, own: Family, shape: Shape, sequence: bool) -> tuple[nn.Module, Shape]:
    """Return the body for an only input; where it has a family of its own, the recipe's dense layers stand on it."""
    body, features = build_network(own, shape, sequence=sequence)
    if not isinstance(options, FLAT) or isinstance(own, FLAT):
        return body, features
    top, features = build_network(options, features, sequence=sequence)
    return nn.Sequential(body, top), features


class Joined(Body):
    """A body for each input that is no vector; it takes a list of what the inputs give, in their order.

    Parameters
    ----------
    shapes
        Of one row of each input, by its name.
    options
        The section ``[network]``.
    each
        The same for each input, see `body_options`.

    Raises
    ------
    RecipeError
        An input is of a kind that the family does not take.
    """

    def __init__(self, shapes: Mapping[str, Shape], options: Family, each: Mapping[str, Family]) -> None:
        super().__init__()
        self.bodies = nn.ModuleList()
        features = 0
        stacked = False
        for name, shape in shapes.items():
            body: nn.Module = nn.Identity()
            found, own = shape, each[name]
            # A plain stack is that of the pictures where there are any: it may begin with convolutions.
            stack = isinstance(own, Layers) and len(shape) == 3
            stacked |= stack
            if len(shape) > 1 and (stack or not isinstance(own, FLAT)):
                try:
                    body, found = build_network(own, shape)
                except RecipeError as error:
                    raise RecipeError(f"inputs.{name}: {error}") from None
            if len(found) > 1:
                body = nn.Flatten() if found is shape else nn.Sequential(body, nn.Flatten())
            self.bodies.append(body)
            features += math.prod(found)
        over = None if stacked else _over(options)
        self.top: nn.Module = nn.Identity()
        self.features = features
        if over is not None:
            self.top, (self.features,) = build_network(over, (features,))

    @property
    def starts_from_data(self) -> bool:
        """Whether `prepare` has anything to do."""
        return any(map(starts_from_data, self.bodies))

    def prepare(self, parts: Sequence[Tensor]) -> None:
        """Let each body that starts from the data do so, on what the inputs give for some training rows."""
        for body, part in zip(self.bodies, parts, strict=True):
            if isinstance(body, Body) and body.starts_from_data:
                body.prepare(part)

    def forward(self, parts: Sequence[Tensor]) -> Tensor:
        """Return (rows, features)."""
        found = [body(part).float() for body, part in zip(self.bodies, parts, strict=True)]
        features: Tensor = self.top(torch.cat(found, 1))
        return features


def _bare(options: Family) -> Family:
    """Return the options without the dense layers, which are over all inputs together."""
    return dataclasses.replace(options, dense=()) if isinstance(options, Cnn | Bag | Recurrent) else options


def _over(options: Family) -> Family | None:
    """Return the dense layers over all inputs together, None where there are none."""
    if isinstance(options, FLAT):
        return options
    return Mlp(hidden=options.dense, activation=options.activation) if options.dense else None
