"""Folds: every row is a test row once, which is how a small table is judged."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import polars as pl

from hornbook.columns.base import Array
from hornbook.errors import DataError, UsageError
from hornbook.examples.examples import SPLITS, Examples
from hornbook.examples.split import row_numbers, texts


def folds(
    examples: Examples,
    count: int,
    *,
    seed: int = 0,
    stratify: str | None = None,
    group: str | None = None,
) -> Iterator[Examples]:
    """Yield the examples ``count`` times, each time with other rows as the test split.

    The rows are dealt out one by one in an order that is a pure function of the seed, class by class, so that every
    fold has its share of each; the rows of a group stay together. A split that the source brings is not looked at.

    Parameters
    ----------
    count
        From 2 up to as many as there are rows.
    stratify
        A column whose values keep their proportions in every fold.
    group
        A column whose equal values stay together; it goes before ``stratify``.

    Raises
    ------
    DataError
        There are fewer rows or groups than folds.
    """
    fold = fold_of(examples, count, seed=seed, stratify=stratify, group=group)
    for i in range(count):
        split = ["test" if test else None for test in (fold == i).tolist()]
        table = examples.table.with_columns(pl.Series("split", split, dtype=pl.Enum(SPLITS)))
        yield examples.replace(table=table)


def fold_of(
    examples: Examples,
    count: int,
    *,
    seed: int = 0,
    stratify: str | None = None,
    group: str | None = None,
) -> Array:
    """Return the fold of each row, 0 to ``count`` - 1."""
    if count < 2:
        raise UsageError(f"--folds is {count}, and at least 2 are needed: one to learn from, one to test")
    numbers = row_numbers(examples, seed)
    rows = len(examples)
    if group is not None:
        names = texts(examples, group).fill_null("\0").to_numpy()
        _, place = np.unique(names, return_inverse=True)
        # Each group as a whole, in the order of the smallest number among its rows.
        first = np.full(place.max() + 1, np.iinfo(np.uint64).max, np.uint64)
        np.minimum.at(first, place, numbers)
        dealt = np.empty(len(first), np.int64)
        dealt[np.argsort(first, kind="stable")] = np.arange(len(first)) % count
        if len(first) < count:
            raise _too_few(examples, count, f"{len(first)} groups of {group}")
        return np.asarray(dealt[place])
    if rows < count:
        raise _too_few(examples, count, f"{rows} rows")
    strata = np.zeros(rows, np.int64)
    if stratify is not None:
        strata = texts(examples, stratify).rank("dense").fill_null(0).to_numpy()
    out = np.empty(rows, np.int64)
    out[np.lexsort((numbers, strata))] = np.arange(rows) % count
    return out


def _too_few(examples: Examples, count: int, what: str) -> DataError:
    return DataError(
        f"{examples.origin or 'the examples'}: {count} folds cannot be made of {what}; use fewer folds"
    )
