"""Whether a series comes back after so many rows: its season, whatever its trend is."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from hornbook.columns.base import Array

SURE = 1.645
"""Standard errors by which an autocorrelation is more than chance: one series in twenty at most looks so without."""

NEAR = 0.8
"""What the autocorrelation of a season is at least, as a share of those of lags close by: else another lag is meant."""

BETWEEN = 0.5
"""What the autocorrelation of some lag before a season is at most, as a share of that of the season."""

LONGER = 0.03
"""By so much more a longer season is to explain than a shorter one: a week of hours more than a day."""

PART = 4
"""Changes are over a quarter of a season: where it is smooth, those from each row to the next are lost in noise."""

SEASONS_SEEN = 2
"""A season is told from so many of it on, and two rows."""


def find_season(values: Array, candidates: Iterable[int]) -> int | None:
    """Return how many rows a season has, of some that the calendar suggests; None where there is none.

    The autocorrelation of the changes over a part of the season is compared with its standard error (Bartlett 1946), as
    the M4 competition tells seasonal series (Makridakis et al. 2020). Changes have no trend. Missing values are nan.

    Examples
    --------
    >>> t = np.arange(60)
    >>> find_season(t + np.tile([0.0, 3, 1, 8, 2, 0], 10), [4, 6, 12]), find_season(t**1.5, [4, 12])
    (6, None)
    """
    best: tuple[int, float] | None = None
    values = np.asarray(values, np.float64)
    for season in sorted(set(candidates)):
        if len(values) < SEASONS_SEEN * season + 2 or season < 2:
            continue
        apart = max(1, season // PART)
        changes = _level(values[apart:] - values[:-apart])
        around = max(1, season // 12)
        found = _autocorrelations(changes, min(season + around, len(changes) - 1))
        rows = max(int(np.isfinite(changes).sum()), 1)
        error = float(np.sqrt((1 + 2 * float((found[1:season] ** 2).sum())) / rows))
        nearby = found[max(2, season - around) : season + around + 1]
        unbiased = float(found[season]) * len(changes) / (len(changes) - season)
        if unbiased < SURE * error or found[season] < NEAR * nearby.max(initial=0.0):
            continue
        if (
            found[1:season].min() > BETWEEN * found[season]
        ):  # it falls from lag to lag, and does not come back
            continue
        if best is None or unbiased > best[1] + LONGER:
            best = season, unbiased
    return None if best is None else best[0]


def _level(values: Array) -> Array:
    """Return values without their straight line."""
    x = np.arange(len(values), dtype=np.float64)
    known = np.isfinite(values)
    if known.sum() < 2:
        return values
    line: Array = np.polyval(np.polyfit(x[known], values[known], 1), x)
    return values - line


def _autocorrelations(values: Array, most: int) -> Array:
    """Return those of lags 0 to ``most``; what is missing counts as the mean."""
    known = np.isfinite(values)
    off = np.where(known, values - (values[known].mean() if known.any() else 0.0), 0.0)
    total = float((off**2).sum())
    if total <= 0:
        return np.zeros(most + 1)
    size = 1 << (2 * len(off) - 1).bit_length()
    found: Array = np.fft.irfft(np.abs(np.fft.rfft(off, size)) ** 2, size)[: most + 1] / total
    return found


def is_multiplicative(values: Array, season: int) -> bool:
    """Return whether changes grow with the level, so that logarithms are to be foretold: of numbers over 0.

    The spread of changes in stretches of a season, or of eight rows, is compared with their mean (Guerrero 1993).

    >>> t = np.arange(96)
    >>> season = np.tile([1.0, 1.2, 0.9, 1.1], 24)
    >>> is_multiplicative(season * 1.03**t, 4), is_multiplicative(season + 0.1 * t + 5, 4)
    (True, False)
    """
    values = np.asarray(values, np.float64)
    values = values[np.isfinite(values)]
    length = max(season, 8)
    count = len(values) // length
    if count < 3 or values.min() <= 0.01 * float(np.median(values)):
        return False
    blocks = values[-count * length :].reshape(count, length)
    means, spreads = blocks.mean(axis=1), np.abs(np.diff(blocks, axis=1)).mean(axis=1)
    if spreads.min() <= 0 or means.max() < 1.3 * means.min():
        return False
    x = np.log(means) - np.log(means).mean()
    return bool((x * np.log(spreads)).sum() / (x**2).sum() > 0.5)
