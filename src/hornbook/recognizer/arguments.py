"""What `Recognizer.predict` is given: one value or many, of which kind, and what each is called."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeGuard, runtime_checkable

import numpy as np

from hornbook.columns.base import Array, Column
from hornbook.common.inline import inline
from hornbook.errors import UsageError

TABLES = frozenset(["csv", "tsv", "tab", "data", "txt", "parquet", "pq", "jsonl", "ndjson", "json", "xlsx"])
"""Ends of the names of tables whose rows are predicted."""


ORDINARY = (str, bytes, Path, np.ndarray, Mapping, list, tuple)


@runtime_checkable
class Listed(Protocol):
    """A column of a data frame, of Polars or pandas."""

    def to_list(self) -> list[Any]:
        """Return its values."""


@runtime_checkable
class Frame(Protocol):
    """A data frame of Polars or pandas, and the tables of most other libraries."""

    @property
    def columns(self) -> Any:
        """The names of its columns."""


@runtime_checkable
class ArrowStream(Protocol):
    """A table that speaks Arrow."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Return its rows as a stream."""


def is_frame(value: object) -> bool:
    """Return whether a value is a data frame."""
    # What is given most often is told without the protocols, which take longer than a small network.
    return not isinstance(value, ORDINARY) and isinstance(value, (Frame, ArrowStream))


def is_column(value: object) -> TypeGuard[Listed]:
    """Return whether a value is a column of a data frame."""
    return not isinstance(value, ORDINARY) and isinstance(value, Listed)


def are_mappings(value: object) -> bool:
    """Return whether a value is a list of mappings."""
    if not isinstance(value, (list, tuple)) or not value:
        return False
    return all(isinstance(row, Mapping) for row in value)


def key_of(name: str, column: Column, keys: Container[Any]) -> str:
    """Return under which key or name a row or a table has the values of a column."""
    return name if name in keys or column.source is None else column.source


def are_many(value: Array, inputs: Mapping[str, Column]) -> bool:
    """Return whether an array holds many values of the one input, and is not one of them.

    >>> from hornbook.columns.image.column import ImageColumn
    >>> from hornbook.columns.series.column import SeriesColumn
    >>> are_many(np.zeros((5, 12, 3)), {"x": ImageColumn()}), are_many(np.zeros((5, 12, 3)), {"x": SeriesColumn()})
    (False, True)
    """
    return any(c.holds_many(value) for c in inputs.values())


def is_one(value: Sequence[Any], inputs: Mapping[str, Column]) -> bool:
    """Return whether a list or tuple is one value: a sound as ``(array, rate)``, or the numbers of a series."""
    if isinstance(value, tuple) and len(value) == 2:
        samples, rate = value
        if isinstance(samples, np.ndarray) and isinstance(rate, (int, np.integer)):
            return True
    numbers = len(value) > 0 and all(isinstance(v, (int, float, np.number)) for v in value)
    return numbers and all(c.is_window for c in inputs.values())


def alike(values: Sequence[Any]) -> bool:
    """Return whether values are several pictures as arrays of one shape, which go faster together."""
    first = values[0] if len(values) > 1 else None
    return (
        isinstance(first, np.ndarray)
        and first.ndim in (2, 3)
        and all(
            isinstance(v, np.ndarray) and v.shape == first.shape and v.dtype == first.dtype for v in values
        )
    )


def name_of(value: Any, place: int) -> str:
    """Return what a value is called: its path or text, else its place in the list."""
    named = isinstance(value, (str, Path)) and str(value).strip() and not (inline(str(value)))
    return str(value) if named else f"[{place}]"


def restrict(targets: Mapping[str, Column], outputs: Mapping[str, Array], alphabet: str) -> dict[str, Array]:
    """Return the outputs with those of strings restricted, see `Column.restrict`."""
    return {n: c.restrict(outputs[n], alphabet) for n, c in targets.items()}


def check_alphabet(targets: Mapping[str, Column], alphabet: str) -> None:
    """Raise UsageError where no target is a string, or one does not know a character.

    ``alphabet`` is the characters, or the name of an alphabet, which stands for those of it that are known.
    """
    if not any(c.is_string for c in targets.values()):
        raise UsageError(
            "an alphabet is for recognizers of strings, and this one has targets of type "
            f"{', '.join(dict.fromkeys(c.type for c in targets.values()))}: leave it out"
        )
    restrict(targets, {n: np.zeros((0, 1, c.outputs), np.float32) for n, c in targets.items()}, alphabet)
