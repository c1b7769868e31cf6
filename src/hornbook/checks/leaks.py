"""Columns that are (nearly) the target itself, alone or with another: a table that has them teaches nothing else."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import numpy as np
import polars as pl

from hornbook.columns.base import Array
from hornbook.common.plaintext import clean

NEARLY = 0.999
"""From this correlation on (without its sign) a column of numbers is the target in other units."""

FEWEST = 12
"""In fewer rows, a correlation or a pairing may be chance."""

SAMPLE = 5_000
"""Rows that are enough to see that two columns are not the same."""

MOST_CLASSES, FEWEST_OF_ONE = 10, 5
"""Classes that a threshold may tell apart, and rows that each must have."""

AT_FIRST = 64
"""Rows in which most columns are seen not to decide anything: that costs a hundredth of looking at all."""

BY_CHANCE = 1e-6
"""A column whose values each go with one class is told where that is less likely by chance."""

MOST_TOGETHER, ROWS_TOGETHER = 40, 1_000
"""Columns of numbers of which two are held against the target, and rows that are enough."""

MOST_ADDED = 8
"""Columns that may be named as the parts of a sum."""

EXACT = 1e-3
"""By so much of the target's deviation what two columns give may differ from it: for rounding."""


def same_as(cells: pl.Series, target: pl.Series) -> str:
    """Return how a column says what the target is, as the end of a sentence; empty where it does not.

    Two columns of numbers are compared by their correlation; others by whether each value goes with one value of
    the target and the other way round.

    >>> same_as(pl.Series(["no", "yes"] * 9), pl.Series([0, 1] * 9))
    'goes with it one to one'
    >>> same_as(pl.Series(range(20)), pl.Series(range(20)) * 2.5)
    'has a correlation of 1.0000 with it'
    """
    if len(cells) < FEWEST:
        return ""
    if len(cells) > 2 * SAMPLE:
        step = len(cells) // SAMPLE
        if not same_as(cells.gather_every(step), target.gather_every(step)):
            return ""
    if cells.dtype.is_nested() or target.dtype.is_nested():
        return ""
    numbers = cells.dtype.is_numeric() and target.dtype.is_numeric()
    whole = not cells.null_count() and not target.null_count()
    if whole and not numbers and cells.n_unique() * 3 > len(cells):
        return ""  # as below, in a tenth of the time: of a wide table most columns are so
    both = pl.DataFrame({"a": cells, "b": target}).drop_nulls()
    if both.height < FEWEST:
        return ""
    if numbers:
        found = both.select(pl.corr("a", "b")).item()
        if found is not None and abs(found) > NEARLY:
            return f"has a correlation of {found:.4f} with it"
    one = both["a"].n_unique()
    if one == 1 or one * 3 > both.height:  # of values that hardly repeat, every pairing is one to one
        return ""
    return "goes with it one to one" if one == both["b"].n_unique() == both.n_unique() else ""


def decides(cells: pl.Series, target: pl.Series) -> str:
    """Return how a column alone decides the class of every row, as the end of a sentence; empty where it does not.

    >>> decides(pl.Series(range(40)), pl.Series(["no"] * 25 + ["yes"] * 15))
    'decides it by a threshold alone'
    """
    if len(cells) > 2 * SAMPLE:
        step = len(cells) // SAMPLE
        if not decides(cells.gather_every(step), target.gather_every(step)):
            return ""
    if cells.dtype.is_nested() or target.dtype.is_nested():
        return ""
    if _overlaps(cells.head(AT_FIRST), target.head(AT_FIRST)):
        return ""
    both = pl.DataFrame({"a": cells, "b": target}).drop_nulls()
    classes = both["b"].value_counts(name="rows")["rows"]
    if both.height < 2 * FEWEST or not 2 <= len(classes) <= MOST_CLASSES or classes.min() < FEWEST_OF_ONE:  # type: ignore[operator]
        return ""
    if cells.dtype.is_numeric():
        ends = both.group_by("b").agg(low=pl.col("a").min(), high=pl.col("a").max()).sort("low")
        apart = (ends["high"].head(len(ends) - 1) < ends["low"].tail(len(ends) - 1)).all()
        return "decides it by a threshold alone" if apart and both["a"].n_unique() > len(classes) else ""
    values = both.group_by("a").agg(rows=pl.len(), classes=pl.col("b").n_unique())
    if len(values) <= len(classes) or values["classes"].max() != 1:
        return ""
    shares = (classes / both.height).to_numpy()
    chance = sum(math.log((shares**n).sum()) for n in values["rows"].to_list())
    return "has values each of which goes with one class of it" if chance < math.log(BY_CHANCE) else ""


def _overlaps(cells: pl.Series, target: pl.Series) -> bool:
    """Return whether numbers of one class lie among those of another already in some rows."""
    if not cells.dtype.is_numeric():
        return False
    ends: dict[object, tuple[float, float]] = {}
    for number, label in zip(cells.to_list(), target.to_list(), strict=True):
        if number is not None and label is not None:
            low, high = ends.get(label, (number, number))
            ends[label] = min(low, number), max(high, number)
    order = sorted(ends.values())
    return any(after[0] <= before[1] for before, after in itertools.pairwise(order))


def together(numbers: Sequence[pl.Series], target: pl.Series) -> tuple[str, ...]:
    """Return columns of which the target is made, and how: two by one operation, or more that are added and taken off.

    Empty where there are none.

    >>> a, b = pl.Series("a", np.arange(40.0) ** 2), pl.Series("b", np.arange(40.0)[::-1].copy())
    >>> together([a, b], a + b)
    ('a', 'b', 'a + b')
    >>> c = pl.Series("c", np.arange(40.0) % 7)
    >>> together([a, b, c], a + b - c)
    ('a', 'b', 'c', 'a + b - c')
    """
    rows = pl.DataFrame([*(c.alias(f"{i}") for i, c in enumerate(numbers)), target.alias("y")])
    rows = rows.gather_every(max(1, rows.height // (4 * ROWS_TOGETHER))).drop_nulls()
    if not 2 <= len(numbers) <= MOST_TOGETHER or rows.height < 2 * FEWEST:
        return ()
    rows = rows.gather_every(max(1, rows.height // ROWS_TOGETHER)).cast(pl.Float64)
    x, y = rows.drop("y").to_numpy().T, rows["y"].to_numpy()
    room = EXACT * float(y.std())
    if not room > 0:
        return ()
    vary = x.std(axis=1) > 0
    with np.errstate(all="ignore"):
        for i in np.flatnonzero(vary).tolist():
            for sign, found in (("+", y - x[i]), ("-", x[i] - y), ("×", y / x[i]), ("/", x[i] / y)):
                weight = (
                    np.abs(x[i]) if sign == "×" else np.abs(y) ** 2 / np.abs(x[i]) if sign == "/" else 1.0
                )
                near = _near(x, found, weight, room)
                if len(js := np.flatnonzero(near & vary & (np.arange(len(x)) != i))):
                    a, b = numbers[i].name, numbers[int(js[0])].name
                    return a, b, f"{clean(a)} {sign} {clean(b)}"
    signs = _signs(x, y, room)
    order = sorted(np.flatnonzero(signs).tolist(), key=lambda i: (-signs[i], i))
    parts = [f"{'+' if signs[i] > 0 else '-'} {clean(numbers[i].name)}" for i in order]
    return (*(numbers[i].name for i in order), " ".join(parts).removeprefix("+ ")) if order else ()


def _signs(x: Array, y: Array, room: float) -> Array:
    """Return by what each column of three or more goes into a target that is their sum: 1, -1, or 0 for not at all.

    All are 0 where it is no such sum: with other weights it may be a law that is worth to be learned.
    """
    none = np.zeros(len(x))
    rows = np.isfinite(x).all(axis=0) & np.isfinite(y)
    if rows.sum() < max(2 * len(x), 2 * FEWEST):
        return none
    x, y = x[:, rows], y[rows]
    size = np.abs(x).max(axis=1)
    kept: list[int] = []
    for i in np.flatnonzero(size > 0).tolist():  # those that are no sum of others before them
        if np.linalg.matrix_rank(x[[*kept, i]] / size[[*kept, i], None], tol=EXACT) > len(kept):
            kept.append(i)
    weights = none.copy()
    weights[kept] = np.linalg.lstsq((x[kept] / size[kept, None]).T, y, rcond=None)[0] / size[kept]
    spread = x.std(axis=1)
    signs: Array = np.where(np.abs(weights) * spread > room, np.sign(weights), 0.0)
    alone = 3 <= np.count_nonzero(signs) <= MOST_ADDED and (np.abs(weights - signs) * spread <= room).all()
    return signs if alone and (np.abs(signs @ x - y) <= room).all() else none


def _near(x: Array, found: Array, weight: Array | float, room: float) -> Array:
    """Return which columns are what is found, but for rounding of the target; ``bool``."""
    known = np.isfinite(found)
    if known.sum() < 2 * FEWEST or known.sum() < 0.9 * len(found):
        return np.zeros(len(x), bool)
    off = np.abs(x - found) * weight
    near: Array = (off[:, known] <= room).all(axis=1)
    return near
