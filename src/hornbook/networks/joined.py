"""Inputs of several kinds in one network.

Each picture, text or series has a body of its own, and what they find out is put side by side with the numbers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from hornbook.errors import RecipeError
from hornbook.networks.families import build_network
from hornbook.recipe.networks import NetworkOptions

__all__ = ["Joined"]


class Joined(nn.Module):
    """A body for each input that is no vector; it takes a list of what the inputs give, in their order.

    Parameters
    ----------
    shapes
        Of one row of each input, by its name.
    options
        The section ``[network]`` for each input: every body is of the same family.

    Raises
    ------
    RecipeError
        An input is of a kind that the family does not take.
    """

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], options: Mapping[str, NetworkOptions]) -> None:
        super().__init__()
        self.bodies = nn.ModuleList()
        self.features = 0
        for name, shape in shapes.items():
            body: nn.Module = nn.Identity()
            features = shape
            if len(shape) > 1:
                try:
                    body, features = build_network(options[name], shape)
                except RecipeError as error:
                    raise RecipeError(f"inputs.{name}: {error}") from None
                if len(features) > 1:
                    body = nn.Sequential(body, nn.Flatten())
            self.bodies.append(body)
            self.features += math.prod(features)

    @property
    def starts_from_data(self) -> bool:
        """Whether `prepare` has anything to do."""
        return any(getattr(body, "starts_from_data", False) for body in self.bodies)

    def prepare(self, parts: Sequence[Tensor]) -> None:
        """Let each body that starts from the data do so, on what the inputs give for some training rows."""
        for body, part in zip(self.bodies, parts, strict=True):
            if getattr(body, "starts_from_data", False):
                body.prepare(part)  # type: ignore[operator]

    def forward(self, parts: Sequence[Tensor]) -> Tensor:
        """Return (rows, features)."""
        return torch.cat([body(part).float() for body, part in zip(self.bodies, parts, strict=True)], 1)
