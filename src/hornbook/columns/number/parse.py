"""From whatever stands in a cell to a number: one by one, with a sentence where it is none, or a column at once."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable
from typing import Any

import numpy as np

from hornbook.columns.base import Array
from hornbook.common.plaintext import clean, shorten
from hornbook.errors import DataError

EMPTY = frozenset(["", "na", "n/a", "nan", "null", "none", "?", "-"])
"""Texts that say that there is no number, in lower case."""

LONGEST = 400
"""Characters of the longest number in float64; a text that is longer is none, and no pattern is tried on it."""

_NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def to_number(value: object, name: str = "", largest: float = np.inf) -> float:
    """Return the number in a cell, nan where there is none.

    Parameters
    ----------
    name
        What the cell is called in messages.
    largest
        The largest number that can be kept.

    Raises
    ------
    DataError
        It is no number, infinite or too large.

    Examples
    --------
    >>> to_number(" 2.5 "), to_number("?")
    (2.5, nan)
    """
    where = f"{name}: " if name else ""
    if value is None:
        return math.nan
    if isinstance(value, str):
        text = value.strip()
        if text.lower() in EMPTY:
            return math.nan
        if len(text) > LONGEST or not _NUMBER.fullmatch(text):
            raise DataError(
                f"{where}{shorten(clean(value), 40)!r} is not a number{_hint(text)}; correct it there, or "
                "leave it empty"
            )
        value = text
    elif isinstance(value, (datetime.date, datetime.time, datetime.timedelta)):
        raise DataError(
            f"{where}{value} is not a number, but a date or time; use another column, or write it as a number"
        )
    try:
        number = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise DataError(
            f"{where}a value of type {type(value).__name__} is not a number; correct it there"
        ) from None
    except OverflowError:
        number = math.inf
    if math.isinf(number) or abs(number) > largest:
        raise DataError(
            f"{where}{shorten(clean(value), 40)} is infinite or too large for a number; leave it empty, or correct it "
            "there"
        )
    return number


def _hint(text: str) -> str:
    """Return what a text looks like, where that helps."""
    guesses: list[tuple[str, Callable[[str], object]]] = [
        (" (a decimal comma?)", re.compile(r"[+-]?\d*,\d+").fullmatch),
        (" (a date?)", re.compile(r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}.*").fullmatch),
        (" (a percentage?)", re.compile(r".*\d\s*%").fullmatch),
        (" (with a unit?)", re.compile(r"[+-]?\d+\.?\d*\s*[^\d\s].*").fullmatch),
        (" (infinite)", re.compile(r"[+-]?inf(inity)?", re.IGNORECASE).fullmatch),
    ]
    return next((said for said, looks in guesses if looks(text)), "") if len(text) <= LONGEST else ""


def is_empty(value: object) -> bool:
    """Return whether a cell says that there is no number."""
    return value is None or (isinstance(value, str) and value.strip().lower() in EMPTY)


def floats(series: Any) -> tuple[Array, bool] | None:
    """Return a Polars column as float64, nan where there is nothing, and whether all of it could be read.

    None where its type needs a look at each value.
    """
    import polars as pl

    if series.dtype == pl.String:
        stripped = series.str.strip_chars()
        empty = stripped.str.to_lowercase().is_in(list(EMPTY)) | stripped.is_null()
        numbers = stripped.cast(pl.Float64, strict=False)
        readable = not bool((numbers.is_null() & ~empty).any())
        return numbers.to_numpy().astype(np.float64), readable and not bool(numbers.is_infinite().any())
    if series.dtype.is_numeric() or series.dtype == pl.Boolean:
        return series.cast(pl.Float64).to_numpy(), True
    return None
