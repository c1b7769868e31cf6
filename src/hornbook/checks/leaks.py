"""Columns that are (nearly) the target itself: a table that has one teaches nothing else."""

from __future__ import annotations

import polars as pl

NEARLY = 0.999
"""From this correlation on (without its sign) a column of numbers is the target in other units."""

FEWEST = 12
"""In fewer rows, a correlation or a pairing may be chance."""

SAMPLE = 5_000
"""Rows that are enough to see that two columns are not the same."""


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
    both = pl.DataFrame({"a": cells, "b": target}).drop_nulls()
    if both.height < FEWEST or cells.dtype.is_nested() or target.dtype.is_nested():
        return ""
    numbers = cells.dtype.is_numeric() and target.dtype.is_numeric()
    if numbers:
        found = both.select(pl.corr("a", "b")).item()
        if found is not None and abs(found) > NEARLY:
            return f"has a correlation of {found:.4f} with it"
    one = both["a"].n_unique()
    if one == 1 or one * 3 > both.height:  # of values that hardly repeat, every pairing is one to one
        return ""
    return "goes with it one to one" if one == both["b"].n_unique() == both.n_unique() else ""
