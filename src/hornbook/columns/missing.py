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
    import polars as pl

    if not len(cells):
        return cells
    plain = cells.str.strip_chars()
    gone = plain.is_in(pl.Series([*words, ""], dtype=pl.String).implode())
    return cells.zip_with(~gone.fill_null(True), pl.Series([None], dtype=pl.String)) if gone.any() else cells
