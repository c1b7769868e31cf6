"""``[search]``: what `hornbook search` may change in a recipe, and between which values."""

from __future__ import annotations

import dataclasses
import json
import math
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from hornbook.common.files import reason
from hornbook.common.plaintext import clean
from hornbook.errors import RecipeError
from hornbook.recipe.messages import check_keys, shown

if TYPE_CHECKING:
    from hornbook.recipe.recipe import Recipe

__all__ = ["OneOf", "Range", "Space", "as_change", "build_space", "check_space", "guess_space", "read_space"]

FIXED = ("data", "split", "targets", "search")
"""Sections that decide which rows judge a trial, and by what: scores of trials that differ there cannot be compared."""


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


def check_space(recipe: Recipe, space: Space) -> None:
    """Refuse a space that a recipe cannot have.

    Raises
    ------
    RecipeError
        It is empty, names no key of the recipe, or values that the recipe cannot have.
    """
    if not space:
        raise RecipeError(
            f"{recipe.name}: there is nothing to search over: name keys in [search], such as "
            '"training.learning_rate" = { from = 0.0001, to = 0.1, scale = "log" }, or in a file with --space'
        )
    for key, part in space.items():
        if key.partition(".")[0] in FIXED:
            raise RecipeError(
                f"search.{clean(key)}: trials are judged on the same rows by the same score, so nothing in "
                f"[{key.partition('.')[0]}] is searched over: leave it out"
            )
        for value in part.tried:
            try:
                recipe.change([as_change(key, value)])
            except RecipeError as error:
                raise RecipeError(f"search.{clean(key)}: {error}") from None


def as_change(key: str, value: Any) -> str:
    """Return a value as ``--set`` takes it.

    >>> as_change("network.widths", [8, 16])
    'network.widths=[8, 16]'
    """
    return f"{key}={json.dumps(value, ensure_ascii=False)}"


def guess_space(recipe: Recipe) -> dict[str, Range | OneOf]:
    """Return what is worth changing in a recipe: rates, sizes and what keeps a network from learning by heart.

    Sizes are half, the same and twice as large; what the recipe has is always among the values.
    """
    training, network = recipe.training, recipe.network
    out: dict[str, Range | OneOf] = {}
    if not network.closed_form:
        rate = training.learning_rate
        out["training.learning_rate"] = Range(_round(rate / 10), min(_round(rate * 5), 100.0), log=True)
        if isinstance(training.batch_size, int):
            size, least = training.batch_size, 2 * training.shards
            out["training.batch_size"] = OneOf(
                tuple(s for s in (size // 2, size, 2 * size) if s >= least) or (size,)
            )
        if training.optimizer != "sgd":
            decay = training.weight_decay
            out["training.weight_decay"] = Range(min(1e-3, decay or 1e-3), max(0.3, decay), log=True)
        if any(column.is_label for column in recipe.targets.values()):
            out["training.label_smoothing"] = OneOf(tuple(sorted({0.0, 0.05, 0.1, training.label_smoothing})))
    for option in dataclasses.fields(network):
        value = vars(network)[option.name]
        if option.name in _GUESSES and value not in ((), 0, 1):
            out[f"network.{option.name}"] = _GUESSES[option.name](value)
        elif option.name.startswith("dropout"):
            out[f"network.{option.name}"] = Range(0.0, max(0.5, value))
    return out


def _round(value: float) -> float:
    """Return a value with two digits that count."""
    return float(f"{value:.2g}")


def _sizes(value: Any) -> OneOf:
    if isinstance(value, tuple):
        return OneOf(tuple([max(1, int(v * factor)) for v in value] for factor in (0.5, 1, 2)))
    return OneOf(tuple(max(1, int(value * factor)) for factor in (0.5, 1, 2)))


def _around(low: float, high: float) -> Callable[[Any], Range | OneOf]:
    return lambda value: Range(min(low, value), max(high, value), log=True)


_GUESSES: Mapping[str, Callable[[Any], Range | OneOf]] = {
    **dict.fromkeys(("hidden", "widths", "features", "filters", "units", "embedding"), _sizes),
    "learning_rate": _around(0.02, 0.3),
    "shrinkage": _around(0.02, 0.3),
    "max_leaf_nodes": _around(7, 127),
    "min_samples_leaf": _around(5, 100),
    "iterations": _around(50, 500),
}
"""What is guessed for an option of a network of that name."""
