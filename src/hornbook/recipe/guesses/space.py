"""Guessing what is worth changing in a recipe, and holding a space against the recipe that it is for."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from typing import Any

from hornbook.common.plaintext import clean
from hornbook.errors import RecipeError
from hornbook.recipe.recipe import Recipe
from hornbook.recipe.space import OneOf, Range, Space

__all__ = ["as_change", "check_space", "guess_space"]

FIXED = ("data", "split", "targets", "search")
"""Sections that decide which rows judge a trial, and by what: scores of trials that differ there cannot be compared."""


def check_space(recipe: Recipe, space: Space, where: str = "") -> None:
    """Refuse a space that a recipe cannot have; ``where`` is the file that it stands in, if that is another one.

    Raises
    ------
    RecipeError
        It is empty, names no key of the recipe, or values that the recipe cannot have.
    """
    if not space:
        instead = "" if where else ", or in a file with --space"
        raise RecipeError(
            f"{where or recipe.name}: there is nothing to search over: name keys in [search], such as "
            f'"training.learning_rate" = {{ from = 0.0001, to = 0.1, scale = "log" }}{instead}'
        )
    begins = f"{where}: search" if where else "search"
    for key, part in space.items():
        if key.partition(".")[0] in FIXED:
            raise RecipeError(
                f"{begins}.{clean(key)}: trials are judged on the same rows by the same score, so nothing in "
                f"[{key.partition('.')[0]}] is searched over: leave it out"
            )
        for value in part.tried:
            try:
                recipe.change([as_change(key, value)])
            except RecipeError as error:
                said = str(error).removeprefix(f"{recipe.name} with --set: ")  # which nobody gave
                raise RecipeError(f"{begins}.{clean(key)}: {said}") from None


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
        if training.label_smoothing or any(column.stratify for column in recipe.targets.values()):
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
