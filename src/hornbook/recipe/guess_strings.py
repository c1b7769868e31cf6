"""Guessing a recipe for strings in pictures and sounds: labels that hardly ever come twice are no classes."""

from __future__ import annotations

from typing import Any

from hornbook.recipe.recipe import Recipe

SEEN = 28_000
"""Sounds that are heard in a whole training, as in the recipe ``captcha_audio``."""


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
