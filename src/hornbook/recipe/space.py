"""``[search]``: what `hornbook search` may change in a recipe, and between which values."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from hornbook.common.files import reason
from hornbook.common.plaintext import clean
from hornbook.errors import RecipeError
from hornbook.recipe.messages import check_keys, shown

__all__ = ["OneOf", "Range", "Space", "build_space", "read_space"]


@dataclass(frozen=True)
class Range:
    """Numbers from ``low`` to ``high``, whole ones where both are; with ``log`` their logarithms are drawn alike."""

    low: float
    high: float
    log: bool = False

    @property
    def whole(self) -> bool:
        """Whether only whole numbers are meant."""
        return isinstance(self.low, int) and isinstance(self.high, int)

    @property
    def tried(self) -> tuple[Any, ...]:
        """Values that a recipe must be able to have."""
        return (self.low, self.high)

    def has(self, value: Any) -> bool:
        """Whether a value lies in it."""
        return isinstance(value, (int, float)) and self.low <= value <= self.high

    def to_values(self) -> dict[str, Any]:
        """Return it as it stands in a recipe."""
        return {"from": self.low, "to": self.high, **({"scale": "log"} if self.log else {})}


@dataclass(frozen=True)
class OneOf:
    """One of some values."""

    values: tuple[Any, ...]

    @property
    def tried(self) -> tuple[Any, ...]:
        """Values that a recipe must be able to have."""
        return self.values

    def has(self, value: Any) -> bool:
        """Whether a value is one of them."""
        return value in self.values

    def to_values(self) -> dict[str, Any]:
        """Return it as it stands in a recipe."""
        return {"one_of": list(self.values)}


Space: TypeAlias = Mapping[str, "Range | OneOf"]
"""What may be changed, by the dotted keys of a recipe."""


def build_space(given: Mapping[str, Any], origin: str) -> dict[str, Range | OneOf]:
    """Return the space that a section ``[search]`` describes, whether its keys are in quotes or not.

    >>> build_space({"training": {"learning_rate": {"from": 0.001, "to": 0.1, "scale": "log"}}}, "mine.toml")
    {'training.learning_rate': Range(low=0.001, high=0.1, log=True)}
    """
    out: dict[str, Range | OneOf] = {}
    for key, value in given.items():
        if not isinstance(value, Mapping):
            raise RecipeError(
                f"{origin}: search.{clean(key)} is {shown(value)}, but it must be {{ from = 0.001, to = 0.1 }} or "
                "{ one_of = [...] }"
            )
        if {"from", "to", "one_of", "scale"}.isdisjoint(value):
            out |= {f"{key}.{k}": part for k, part in build_space(value, origin).items()}
        else:
            out[key] = _part(dict(value), f"search.{clean(key)}", origin)
    return out


def _part(given: dict[str, Any], where: str, origin: str) -> Range | OneOf:
    if "one_of" in given:
        check_keys(given, ["one_of"], where, origin)
        values = given["one_of"]
        if not isinstance(values, list) or not values:
            raise RecipeError(f"{origin}: {where}.one_of is {shown(values)}, but it must be a list of values")
        return OneOf(tuple(values))
    check_keys(given, ["from", "to", "scale"], where, origin)
    low, high, scale = given.get("from"), given.get("to"), given.get("scale", "linear")
    for name, value in (("from", low), ("to", high)):
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not math.isfinite(value):
            raise RecipeError(f"{origin}: {where}.{name} is {shown(value)}, but it must be a number")
    if scale not in ("linear", "log"):
        raise RecipeError(f"{origin}: {where}.scale is {shown(scale)}, but it must be 'linear' or 'log'")
    assert low is not None and high is not None, "just looked at"
    if low >= high or (scale == "log" and low <= 0):
        least = ", and of a log scale more than 0" if scale == "log" else ""
        raise RecipeError(f"{origin}: {where} is from {low} to {high}: the first must be less{least}")
    return Range(low, high, scale == "log")


def read_space(path: Path) -> dict[str, Range | OneOf]:
    """Return the space in a TOML file, with or without a section ``[search]`` around it."""
    try:
        values = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, ValueError, RecursionError) as error:
        raise RecipeError(f"the space {clean(str(path))} cannot be read: {reason(error)}") from None
    within = values.get("search")
    return build_space(within if isinstance(within, Mapping) else values, path.name)
