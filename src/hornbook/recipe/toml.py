"""Writing a recipe as TOML, with where each value came from.

The standard library reads TOML and does not write it, and the writers there are drop comments; a recipe has
only tables, texts, numbers, truth values and lists of these, which is little to write.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from hornbook.common.safe_names import to_table

MANY = 40
"""From so many keys in a row with the same value on they are shown as one line."""


def show_toml(values: Mapping[str, Any]) -> str:
    """Return nested values as TOML to look at, with many keys of the same value in one line.

    >>> print(show_toml({"inputs": {f"g{i}": "number" for i in range(5000)}}))
    [inputs]
    # g0 ... g4999 = "number", 5,000 keys
    <BLANKLINE>
    """
    return "\n".join(_folded(write_toml(values).split("\n")))


def _folded(lines: list[str]) -> Iterator[str]:
    for value, some in itertools.groupby(
        lines, lambda line: line.rpartition(" = ")[2] if " = " in line else ""
    ):
        same = list(some)
        if value and len(same) >= MANY:
            first, last = (same[i].rpartition(" = ")[0] for i in (0, -1))
            same = [f"# {first} ... {last} = {value}, {len(same):,} keys"]
        yield from same


def write_toml(values: Mapping[str, Any], origins: Mapping[str, str] | None = None) -> str:
    """Return nested values as TOML; with ``origins``, each line says where its value came from.

    >>> print(write_toml({"training": {"epochs": 3}}, {"training.epochs": "--set"}))
    [training]
    epochs = 3   # --set
    <BLANKLINE>
    """
    blocks: list[str] = []
    _table(values, "", origins, blocks)
    return "\n".join(blocks)


def _table(
    values: Mapping[str, Any], name: str, origins: Mapping[str, str] | None, blocks: list[str]
) -> None:
    lines: list[tuple[str, str]] = []
    tables = []
    for key, value in values.items():
        full = f"{name}.{_key(key)}" if name else _key(key)
        if isinstance(value, Mapping):
            tables.append((full, value))
        else:
            origin = "" if origins is None else _origin(full, origins)
            lines.append((f"{_key(key)} = {_value(value)}", origin))
    if lines or (name and not tables):
        width = max((len(line) for line, _ in lines if len(line) < 60), default=0)
        text = [f"[{name}]"] if name else []
        for line, origin in lines:
            text.append(f"{line.ljust(width)}   # {origin}" if origin else line)
        blocks.append("\n".join(text) + "\n")
    for full, value in tables:
        _table(value, full, origins, blocks)


def _origin(key: str, origins: Mapping[str, str]) -> str:
    plain = key.replace('"', "")
    # `digit = "category"` is short for a table: what is in it came from where the short form stands.
    return origins.get(plain) or (origins.get(plain.rpartition(".")[0], "default"))


def _key(key: str) -> str:
    return key if re.fullmatch(r"[A-Za-z0-9_-]+", key) else _text(key)


def _text(text: str) -> str:
    """Return a text in quotes, as JSON has it but for DEL; TOML has no way to say half of a character."""
    return json.dumps(to_table(text), ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, Mapping):
        return "{ " + ", ".join(f"{_key(k)} = {_value(v)}" for k, v in value.items()) + " }"
    if isinstance(value, (list, tuple)):
        if value and all(isinstance(v, Mapping) for v in value):  # a line each, for they are long
            return "[\n" + "".join(f"    {_value(v)},\n" for v in value) + "]"
        return "[" + ", ".join(_value(v) for v in value) + "]"
    return repr(value)
