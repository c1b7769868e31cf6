"""What `Recognizer.predict` is given: one value or many, of which kind, and what each is called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from hornbook.columns.base import Array, Column
from hornbook.errors import UsageError

TABLES = frozenset(["csv", "tsv", "tab", "data", "txt", "parquet", "pq", "jsonl", "ndjson", "json", "xlsx"])
"""Ends of the names of tables whose rows are predicted."""


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


def rows_of(value: Any) -> Any:
    """Return the rows of a data frame as mappings, the values of a column of one, and anything else as it is."""
    if isinstance(value, (str, bytes, np.ndarray, Mapping, list, tuple)):
        return value
    if hasattr(value, "columns"):
        if hasattr(value, "to_dicts"):  # Polars
            return value.to_dicts()
        if hasattr(value, "to_dict"):  # pandas, which speaks Arrow only where pyarrow is installed
            return value.to_dict("records")
    if not hasattr(value, "__arrow_c_stream__"):
        return value
    if hasattr(value, "to_list"):
        return value.to_list()
    import polars as pl

    return pl.DataFrame(value).to_dicts()


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
    return str(value) if isinstance(value, (str, Path)) and str(value).strip() else f"[{place}]"


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
