"""The one list of words that stand in a cell for a missing value, and how a cell is held against it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

MISSING = ("", "?", "NA", "N/A", "n/a", "#N/A", "null", "NULL", "NaN", "nan", "-NaN", "-nan")
"""Cells that stand for a missing value in any column, unless ``data.missing`` names others."""

AMONG_NUMBERS = frozenset([*map(str.lower, MISSING), "none", "-", "--", "–", "—"])
"""The same in a column of numbers, in lower case: there ``none`` and a lone dash can be nothing else."""


def is_missing(value: object, words: Sequence[str]) -> bool:
    """Return whether a value is none, or a text that is one of these words.

    >>> is_missing(" NA ", MISSING), is_missing("none", MISSING), is_missing(float("nan"), ())
    (True, False, True)
    """
    if isinstance(value, str):
        plain = value.strip()
        return not plain or plain in words
    return value is None or (isinstance(value, float) and math.isnan(value))


def without_missing(cells: pl.Series, words: Sequence[str]) -> pl.Series:
    """Return texts with empty cells where a cell stands for a missing value."""
    return all_without_missing(cells.to_frame(), words).to_series()


def all_without_missing(table: pl.DataFrame, words: Sequence[str]) -> pl.DataFrame:
    """Return a table of texts with empty cells where a cell stands for a missing value."""
    import polars as pl

    if not table.width or not table.height:
        return table
    gone = table.select(pl.all().str.strip_chars().is_in([*words, ""]).fill_null(False))
    some = [
        name for name, any_ in zip(table.columns, gone.select(pl.all().any()).row(0), strict=True) if any_
    ]
    return table.with_columns(table[name].set(gone[name], None) for name in some)
