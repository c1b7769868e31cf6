"""Guessing a recipe for pictures of strings: labels that hardly ever come twice are no classes."""

from __future__ import annotations

from typing import Any

from hornbook.examples.table import Examples
from hornbook.recipe.model import Recipe

FEWEST = 20
"""Examples under which nothing is said of how often a label comes."""

LONGEST = 16
"""Characters of a string that is read off a picture; longer ones are sentences."""


def are_strings(examples: Examples, target: str) -> bool:
    """Return whether a label is a string that is written in the picture, and not the name of a class.

    It is where most labels come once, are short and without blanks: ``2bg48``, ``0782``.
    """
    texts = examples.table[target].drop_nulls().cast(str).unique().to_list()
    if len(examples) < FEWEST or len(texts) * 2 < len(examples):
        return False
    return all(0 < len(t) <= LONGEST and not any(c.isspace() for c in t) for t in texts)


def guess_strings(pictures: str, target: str) -> dict[str, Any]:
    """Return the sections of a recipe for strings in pictures: those of the recipe ``captcha_real``."""
    values = {k: dict(v) for k, v in Recipe.read("captcha_real").given.items() if k != "data"}
    training = values["training"]
    if "augment" in training:
        training["augment"] = {pictures: training["augment"]["image"]}
    (column,) = values["targets"].values()
    return {
        "inputs": {pictures: values["inputs"]["image"]},
        "targets": {target: column},
        "network": values["network"],
        "training": training,
    }
