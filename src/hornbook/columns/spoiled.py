"""Which inputs are spoiled, so that a network learns to give them back: while training, and where it is judged."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_type_hints

from hornbook.columns.augment import Augment
from hornbook.columns.base import Column
from hornbook.columns.constraints import fits
from hornbook.columns.kinds import column_types
from hornbook.errors import RecipeError

__all__ = ["JUDGED", "SPOILED", "read_spoiled", "spoiled_inputs", "to_json"]

JUDGED = 0
"""The seed, and the epoch, of rows that are judged: each is spoiled the same way every time; training begins with 1."""

SPOILED = "spoiled"
"""The key of a recognizer's description with what was done to its inputs."""


def spoiled_inputs(
    inputs: Mapping[str, Column], targets: Mapping[str, Column], augment: Mapping[str, Augment]
) -> dict[str, Augment]:
    """Return what spoils an input whose own picture is a target.

    Raises
    ------
    RecipeError
        A target is a picture, and an augmentation moves the pixels of an input: the target would stay where it is.
    """
    pictures = {n: c for n, c in targets.items() if c.medium == "picture"}
    found = {}
    for name, options in augment.items():
        if pictures and (moves := options.moves):
            raise RecipeError(
                f"training.augment.{name}.{moves} moves the input, and the target {next(iter(pictures))!r} would stay "
                "where it is: leave it out"
            )
        wanted = inputs[name].sources(name) if name in inputs else ()
        if options.spoils and any(c.sources(n) == wanted for n, c in pictures.items()):
            found[name] = options
    return found


def to_json(spoiled: Mapping[str, Augment]) -> dict[str, Any]:
    """Return what spoils inputs as JSON types, empty where nothing does."""
    found = {n: {"type": a.type, **vars(a)} for n, a in spoiled.items()}
    return {SPOILED: found} if found else {}


def read_spoiled(about: Mapping[str, Any]) -> dict[str, Augment]:
    """Return what `to_json` wrote; what is damaged, or of another version, is left out."""
    given = about.get(SPOILED)
    found: dict[str, Augment] = {}
    for name, options in given.items() if isinstance(given, dict) else ():
        word = options.get("type") if isinstance(options, dict) else None
        kind = column_types()[word].augment if isinstance(word, str) and word in column_types() else None
        if kind is None:
            continue
        hints = get_type_hints(kind, include_extras=True)
        fields = {k: v for k, v in options.items() if k != "type"}
        if all(k in hints and fits(v, hints[k]) for k, v in fields.items()):
            found[str(name)] = kind(**fields)
    return found
