"""The one registry: which kinds of value there are, and the folder of each.

A kind is a package whose files have fixed names. Nothing of it is imported before it is asked for.

- ``column.py``: its `hornbook.columns.base.Column`, in numpy
- ``network.py``: its `hornbook.columns.network.Input`, where it can be an input, and its
  `hornbook.columns.network.Head`, where it can be a target, in torch. Where there are several heads, the first that
  takes the column is used
- ``augment.py``: its `hornbook.columns.augment.Augment` with the arithmetic, in torch, where it can be augmented
- ``evaluation.py``: its `hornbook.columns.evaluation.Evaluation`, where it can be a target

The classes are found by what they inherit from, so they may have any name.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Iterator, Mapping
from importlib import import_module
from types import ModuleType
from typing import Any, get_type_hints

from hornbook.columns.base import Column
from hornbook.columns.constraints import fits
from hornbook.columns.keys import key_of
from hornbook.errors import RecognizerError, did_you_mean, one_of

__all__ = ["KINDS", "class_in", "column_from_json", "column_types", "file_of", "register"]

KINDS = {
    "image": "hornbook.columns.image",
    "category": "hornbook.columns.category",
    "characters": "hornbook.columns.characters",
    "audio": "hornbook.columns.audio",
    "number": "hornbook.columns.number",
    "text": "hornbook.columns.text",
    "series": "hornbook.columns.series",
    "tags": "hornbook.columns.tags",
    "date": "hornbook.columns.date",
    "sequence": "hornbook.columns.sequence",
    "labels": "hornbook.columns.labels",
}
"""The package of each kind, by the word that a recipe has for it."""


def register(word: str, package: str) -> None:
    """Make a kind of value from outside hornbook known, for as long as the program runs.

    Parameters
    ----------
    word
        What a recipe calls it: ``angle = "angle"``.
    package
        The package with its files, see `hornbook.columns.kinds`.

    Raises
    ------
    ValueError
        The word is that of another kind.
    """
    if KINDS.setdefault(word, package) != package:
        raise ValueError(f"the kind {word!r} is that of {KINDS[word]}: give yours another word")


def file_of(word: str, file: str) -> ModuleType:
    """Return a file of a kind's folder, imported: ``column``, ``network``, ``augment`` or ``evaluation``."""
    return import_module(f"{KINDS[word]}.{file}")


def class_in(word: str, file: str, base: type) -> list[type[Any]]:
    """Return the classes of a base that a file of a kind's folder defines, in the order they stand in it."""
    return list(_classes(file_of(word, file), base))


@functools.cache
def _classes(module: ModuleType, base: type) -> tuple[type[Any], ...]:
    found = [c for c in vars(module).values() if isinstance(c, type) and issubclass(c, base)]
    return tuple(c for c in found if c.__module__ == module.__name__)


class _Types(Mapping[str, type[Column]]):
    """Column types by their words, each imported when it is asked for."""

    def __getitem__(self, word: str) -> type[Column]:
        if word not in KINDS:
            raise KeyError(word)
        found: type[Column] = class_in(word, "column", Column)[0]
        return found

    def __contains__(self, word: object) -> bool:
        return word in KINDS

    def __iter__(self) -> Iterator[str]:
        return iter(KINDS)

    def __len__(self) -> int:
        return len(KINDS)


def column_types() -> Mapping[str, type[Column]]:
    """Return every column type by its word.

    >>> "image" in column_types()
    True
    """
    return _Types()


def column_from_json(data: dict[str, Any]) -> Column:
    """Make the column that ``to_json`` wrote.

    Raises
    ------
    RecognizerError
        The type or a field is unknown, or a value cannot be: the file is from another version, or damaged.
    """
    types = column_types()
    fields = dict(data)
    word = fields.pop("type", None)
    if not isinstance(word, str) or word not in types:
        raise RecognizerError(
            f"the recognizer has a column of type {word!r}, and this version of hornbook knows {one_of(types)}"
            f"{did_you_mean(str(word), types)}"
        )
    cls = types[word]
    names, hints, usual = _fields(cls)
    values: dict[str, Any] = {}
    for old, value in fields.items():
        key = cls.renamed.get(old, old)
        if key not in names:
            raise RecognizerError(
                f"the recognizer's {word} column has {key!r}, which this version of hornbook does not know; "
                "update hornbook"
            )
        values[names[key]] = tuple(value) if isinstance(value, list) else value
        given = values[names[key]]
        # Most options are as they are by default; of 5,000 columns it takes seconds to check each.
        if type(given) is type(usual[names[key]]) and given == usual[names[key]]:
            continue
        if not fits(given, hints[names[key]]):
            raise RecognizerError(
                f"the recognizer's {word} column has a {key} that cannot be; the file is damaged, export it again"
            )
    column = cls(**values)
    if column.objection():
        raise RecognizerError(
            f"the recognizer's {word} column {column.objection()}; the file is damaged, export it again"
        )
    return column


@functools.cache
def _fields(cls: type[Column]) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
    """Return the names of a class's fields by their keys, their types and defaults: kept for wide tables."""
    fields = dataclasses.fields(cls)
    usual = {f.name: f.default for f in fields}
    return {key_of(f): f.name for f in fields}, get_type_hints(cls, include_extras=True), usual
