"""Guessing a recipe for strings in pictures and sounds: labels that hardly ever come twice are no classes."""

from __future__ import annotations

from typing import Any

from hornbook.examples.examples import Examples
from hornbook.recipe.recipe import Recipe

FEWEST = 20
"""Examples under which nothing is said of how often a label comes."""

LONGEST = 16
"""Characters of a string that is read off a picture; longer ones are sentences."""


SEEN = 28_000
"""Sounds that are heard in a whole training, as in the recipe ``captcha_audio``."""


def are_strings(examples: Examples, target: str) -> bool:
    """Return whether a label is a string that stands in the picture or is said in the sound, and no class.

    It is where most labels come once, are short and without blanks: ``2bg48``, ``0782``.
    """
    texts = examples.table[target].drop_nulls().cast(str).unique().to_list()
    if len(examples) < FEWEST or len(texts) * 2 < len(examples):
        return False
    return all(0 < len(t) <= LONGEST and not any(c.isspace() for c in t) for t in texts)


def guess_strings(column: str, target: str, rows: int, rate: int | None = None) -> dict[str, Any]:
    """Return the sections of a recipe for strings: those of ``captcha_real``, or of ``captcha_audio`` for sounds.

    Parameters
    ----------
    column, target
        The pictures or sounds, and what stands in them.
    rows
        How many there are: of few sounds more epochs are needed.
    rate
        Samples a second, where they are sounds.
    """
    given = Recipe.read("captcha_real" if rate is None else "captcha_audio").given
    ((name, source),) = given["inputs"].items()
    training = dict(given["training"])
    if "augment" in training:
        training["augment"] = {column: training["augment"][name]}
    if rate is not None:
        source = {**{k: v for k, v in source.items() if k != "seconds"}, "sample_rate": rate}
        training["epochs"] = int(min(100, max(14, SEEN // max(rows, 1))))
    return {
        "inputs": {column: dict(source)},
        "targets": {target: {"type": "characters", "steps": True}},
        "network": dict(given["network"]),
        "training": training,
    }
