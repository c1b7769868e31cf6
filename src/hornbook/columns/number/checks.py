"""Numbers that seem to stand for a missing value: one far from all others that is there again and again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.summary import Finding, Values, spread
from hornbook.common.plaintext import clean, recipe_key

SAMPLE = 2_000
"""Rows that are enough to see a number that is there again and again."""

FEWEST, AGAIN = 30, 3
"""Rows from which on a column is looked at, and how often such a number is there."""

DIFFERENT = 10
"""Different numbers that the others must be: of fewer, each may be a code."""

CODES = (0, -1, -9, -99, -200, -999, -9_999, -99_999, 99, 999, 9_999, 99_999, 999_999, 9_999_999)
"""What people write for a missing value; nearer to the others than another number, it is told all the same."""

NEAR = 0.2
"""So far from the others a code must be, as a share of their range; another number as far as all of it."""

OFTEN = 0.05
"""A code below zero among numbers that all are above it stands for nothing else where so many rows have it."""


def far_numbers(values: Values) -> Iterator[Finding]:
    """Yield the numbers of a column that seem to stand for a missing value."""
    section = "inputs" if values.inputs is None else "targets"
    train = values.splits["train"]
    some = _numbers(values, spread(train, SAMPLE))
    codes = _far(some)
    every = _numbers(values, values.rows) if codes else some
    others = every[~np.isin(every, codes)]
    for code in codes:
        count = int((every == code).sum())
        said, key = f"{code:.12g}", recipe_key(section, values.name, "na_values")
        between = f"{others.min():.6g} to {others.max():.6g}"
        message = (
            f"{clean(values.name)} is {said} in {count:,} of {len(every):,} rows, far from all others "
            f"({between}); where that stands for a missing value, set {key} = [{said}]"
        )
        yield Finding("warning", "stands-for-missing", message, (values.name,), count)


def _numbers(values: Values, rows: Array) -> Array:
    numbers = np.asarray(values.encoded.take(rows), np.float64).reshape(-1)
    found: Array = numbers[np.isfinite(numbers)]
    return found


def _far(numbers: Array) -> list[float]:
    """Return the smallest and the largest of some numbers where they are far from all others, and so on.

    >>> _far(np.array([*range(60, 100), -200, -200, -200.0]))
    [-200.0]
    """
    found: list[float] = []
    for end in (np.min, np.max) * 2:  # of one at each end, only the farther is far while the other is there
        if len(numbers) < FEWEST:
            break
        code = float(end(numbers))
        rest = numbers[numbers != code]
        times = len(numbers) - len(rest)
        if times < AGAIN or len(np.unique(rest)) < DIFFERENT:
            continue
        # Without the few that may stand for missing at the other end.
        low, high = np.quantile(rest, [0.01, 0.99])
        gap = min(abs(rest.min() - code), abs(rest.max() - code))
        if not code.is_integer() or (code == 0 and times * 5 > len(numbers)):
            continue
        usual = code in CODES
        below = code < 0 <= rest.min() and usual and times > OFTEN * len(numbers)
        counts = np.unique(rest, return_counts=True)[1]
        if gap > (NEAR if usual else 1) * (high - low) or (below and times > 3 * counts.max()):
            found.append(code)
            numbers = rest
    return found
