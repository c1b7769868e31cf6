"""Rows of one array, encoded together where nothing has to be done to each."""

from __future__ import annotations

import math

import numpy as np

from hornbook.columns.base import Array, Column

__all__ = ["Remarks", "encode_rows", "rows_at_once"]

Remarks = dict[int, tuple[str, ...]]
"""What a person should know of some of the rows, by their places."""

MOST_ENCODED = 64 << 20
"""Bytes of the rows of an array that are encoded at once."""


def rows_at_once(column: Column, step: int) -> int:
    """Return how many rows are encoded before the first is recognized, a multiple of ``step``.

    They are many: between batches the graph's threads go on waiting for the next one, and take from the encoding the
    core that they wait on.
    """
    return step * max(1, MOST_ENCODED // max(1, step * column.dtype.itemsize * math.prod(column.shape)))


def encode_rows(column: Column, part: Array, first: int) -> tuple[Array, Remarks]:
    """Encode rows of an array, whose places begin with ``first``; together where nothing has to be done to each."""
    encoded = column.encode_block(part)
    if encoded is not None:
        return encoded, {first + row: said for row, said in column.remarks_on_rows(encoded).items()}
    if not column.heavy:
        return column.encode_many(list(part), [f"[{first + i}]" for i in range(len(part))]), {}
    encoded, remarks = np.empty((len(part), *column.shape), column.dtype), {}
    for i, value in enumerate(part):
        encoded[i], facts = column.encode_with_facts(value, f"[{first + i}]")
        if said := column.remarks_on(facts):
            remarks[first + i] = said
    return encoded, remarks
