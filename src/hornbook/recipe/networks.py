"""The networks that a recipe may name, as options with their limits, and the plain stack of layers."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import Annotated, Any

from annotated_types import Len

from hornbook.networks.families import FAMILIES, Cnn, Linear, Mlp, Resnet

__all__ = ["FAMILIES", "Cnn", "Layers", "Linear", "Mlp", "NetworkOptions", "Resnet", "network_values"]


@dataclass(frozen=True)
class Layers:
    """A plain stack, ``layers = ["conv 32 3 relu", "maxpool 2", "dense 128 relu"]``; see `hornbook.networks.layers`."""

    layers: Annotated[tuple[str, ...], Len(0, 200)] = ()


NetworkOptions = Layers | Linear | Mlp | Cnn | Resnet


def network_values(options: NetworkOptions) -> dict[str, Any]:
    """Return the section ``[network]`` as plain values, its ``name`` first."""
    names = {cls: name for name, cls in FAMILIES.items()}
    head = {} if isinstance(options, Layers) else {"name": names[type(options)]}
    values = {f.name: getattr(options, f.name) for f in dataclasses.fields(options)}
    return {**head, **{k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}}
