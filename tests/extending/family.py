"""A network family from outside: random features."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le
from torch import nn

from hornbook.networks.families import build_network
from hornbook.networks.layers import Shape
from hornbook.recipe.family import Family
from hornbook.recipe.networks import FAMILIES


@dataclass(frozen=True)
class Random(Family):
    """Random features: a layer that is not trained, under a linear model (Rahimi and Recht 2007)."""

    units: Annotated[int, Ge(1), Le(65_536)] = 256


@build_network.register
def _(options: Random, shape: Shape, sequence: bool = False) -> tuple[nn.Module, Shape]:
    layer = nn.Linear(math.prod(shape), options.units).requires_grad_(False)
    return nn.Sequential(nn.Flatten(), layer, nn.ReLU()), (options.units,)


def register() -> None:
    """Let a recipe name the family."""
    FAMILIES["random"] = Random
