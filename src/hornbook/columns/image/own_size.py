"""Pictures that are answered in their own size, by a network whose features are those of every pixel.

It learns from pictures of one size, which make batches, and its graph is exported with sides of any length. A
recognizer gives it each picture as it is, one at a time; evaluation is in the size that was learned.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any

from hornbook.columns.base import Column

__all__ = ["MOST", "made_smaller", "of_own_size", "sides_of"]

MOST = 2_000_000
"""Pixels of a picture that is answered as it is. Larger ones, of gigabytes of features, are made smaller."""


def of_own_size(columns: Iterable[Column]) -> bool:
    """Return whether the values of one of the columns are pictures of any size."""
    return any(c.given_shape != c.shape and not c.varying for c in columns)


def sides_of(column: Any, picture: object, name: str = "") -> tuple[int, int]:
    """Return the width and height that a picture is answered in; DataError where it cannot be read."""
    from hornbook.columns.image.files.open import open_with_facts

    opened, _ = open_with_facts(picture, column.max_pixels, name or None, None, column.frame, column.span)
    return sides(*opened.size)


def sides(wide: int, high: int) -> tuple[int, int]:
    """Return the width and height that a picture of these is answered in.

    >>> sides(640, 480), sides(4000, 3000)
    ((640, 480), (1632, 1224))
    """
    scale = min(1.0, math.sqrt(MOST / (wide * high)))
    return max(1, math.floor(wide * scale)), max(1, math.floor(high * scale))


def made_smaller(wide: int, high: int) -> Iterator[str]:
    """Yield what a person should know of the answer to a picture of this width and height."""
    answered = sides(wide, high) if wide and high else (wide, high)
    if answered != (wide, high):
        yield f"made smaller, {answered[0]:,} x {answered[1]:,} of {wide:,} x {high:,} pixels"
