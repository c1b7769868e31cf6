"""Nested values as TOML has them: flattened, copied, and changed by ``section.key=value``."""

from __future__ import annotations

import dataclasses
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from hornbook.errors import RecipeError
from hornbook.recipe.networks import FAMILIES
from hornbook.recipe.renamed import new_key

DEEPEST = 20
"""Levels of values: a recipe has four, and far more of them are no mistake of a person."""


def check_depth(tree: object, origin: str) -> None:
    """Raise RecipeError where values are nested so deep that no function which calls itself gets to their ground."""
    level = [tree]
    for _ in range(DEEPEST):
        level = [
            below
            for value in level
            if isinstance(value, (dict, list, tuple))
            for below in (value.values() if isinstance(value, dict) else value)
        ]
    if level:
        raise RecipeError(f"{origin}: it is nested too deeply: a recipe has [sections] of keys and values")


def flatten(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Return nested values as one mapping with dotted keys.

    >>> flatten({"training": {"epochs": 3}})
    {'training.epochs': 3}
    """
    out: dict[str, Any] = {}
    for key, value in tree.items():
        if isinstance(value, Mapping):
            out.update(flatten(value, f"{prefix}{key}."))
        else:
            out[f"{prefix}{key}"] = value
    return out


def plain(options: Any) -> dict[str, Any]:
    """Return what is set of a section's options, as TOML has it: lists for tuples.

    >>> from hornbook.recipe.networks import Mlp
    >>> plain(Mlp(hidden=(8,)))["hidden"]
    [8]
    """
    values = options if isinstance(options, Mapping) else vars(options)
    return {key: _lists(value) for key, value in values.items() if value is not None}


def _lists(value: Any) -> Any:
    return [_lists(one) for one in value] if isinstance(value, tuple) else value


DOT = "\0"
"""What stands for a dot in a name while a key is taken apart at its dots."""


def apply_change(tree: dict[str, Any], change: str) -> str:
    """Set one key from ``section.key=value``; the value is read as TOML, and as a text where it is none."""
    key, sign, text = change.partition("=")
    key = _with_marks(tree, key.strip())
    if not sign or "." not in key:
        raise RecipeError(f"--set {change}: write section.key=value, such as training.epochs=3")
    try:
        value: Any = tomllib.loads(f"value = {text}")["value"]
    except (ValueError, RecursionError):
        value = text.strip()
    parts = key.split(".")
    section = tree.get(parts[0])
    if len(parts) == 3 and parts[0] in ("inputs", "targets") and isinstance(section, dict):
        name = parts[1].replace(DOT, ".")
        short = section.get(name)
        if isinstance(short, str):
            section[name] = {"type": short}
    key = new_key(tree, key)
    if key == "network.name" and isinstance(section, dict) and isinstance(value, str) and value in FAMILIES:
        # Another family: what only the one before knew goes with it.
        kept = {"start_from", *(f.name for f in dataclasses.fields(FAMILIES[value]))}
        tree["network"] = section = {k: v for k, v in section.items() if k in kept}
    if key == "network.layers":
        tree["network"] = {}
    put(tree, key, value)
    return key.replace(DOT, ".")


def _with_marks(tree: Mapping[str, Any], key: str) -> str:
    """Return a dotted key with `DOT` for the dots in a column's name: between quotes, or in one that is known."""
    key = re.sub(r'"([^"]*)"', lambda found: found[1].replace(".", DOT), key)
    section, _, rest = key.partition(".")
    known = tree.get(section) if section in ("inputs", "targets") else None
    for name in known if isinstance(known, dict) and "." in rest else ():
        if "." in name and f"{rest}.".startswith(f"{name}."):
            return f"{section}.{name.replace('.', DOT)}{rest[len(name) :]}"
    return key


def put(tree: dict[str, Any], key: str, value: Any) -> None:
    """Set a dotted key, making the sections on the way."""
    *sections, last = (part.replace(DOT, ".") for part in key.split("."))
    for section in sections:
        below = tree.setdefault(section, {})
        if not isinstance(below, dict):
            raise RecipeError(f"--set {key}: {section} is a value, not a section")
        tree = below
    tree[last] = value


def copy_tree(tree: Any) -> Any:
    """Return a copy of nested values whose sections are its own, those in lists too."""
    if isinstance(tree, list):
        return [copy_tree(one) for one in tree]
    return {k: copy_tree(v) for k, v in tree.items()} if isinstance(tree, Mapping) else tree
