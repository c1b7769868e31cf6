"""Weights of a window's rows that foretell without learning: seasons smoothed, growth carried on, levels smoothed.

Each is a matrix of shape ``(length, horizon)``: a window times it is the forecast. They are the textbook's methods with
their few parameters on a grid, written out as the weighted sums that they are: seasonal naive with growth (as the
airline model of Box and Jenkins has it) and exponential smoothing with a damped trend (Gardner and McKenzie 1985).
"""

from __future__ import annotations

from itertools import product

import numpy as np

from hornbook.columns.base import Array

SEASONS = (0.0, 0.35, 0.7, 1.0)
"""How much less each earlier season counts than the one after it; 0: only the last one."""

PACES = (0.1, 0.25, 0.5, 1.0)
"""How soon the growth since a season ago is forgotten: a share for each row."""

SHARES = (0.3, 0.6, 0.85, 1.0)
"""How much of that growth is carried on."""

LEVELS = (0.02, 0.1, 0.25, 0.5, 0.75, 1.0)
TRENDS = ((0.0, 1.0), (0.05, 0.98), (0.2, 0.9), (0.5, 0.8))
"""The share of a change that counts for the trend, and what of a trend is left after each step."""


def known(kind: str, length: int, horizon: int, season: int) -> Array:
    """Return the weights of the last value, or of the value a season ago.

    >>> known("season", 4, 2, 3).argmax(axis=0).tolist(), known("last", 4, 2, 3).argmax(axis=0).tolist()
    ([1, 2], [3, 3])
    """
    out = np.zeros((length, horizon))
    steps = np.arange(horizon)
    out[length - season + steps % season if kind == "season" else np.full(horizon, length - 1), steps] = 1.0
    return out


def seasonal(length: int, horizon: int, season: int) -> Array:
    """Return forecasts of what was one, two, three seasons ago and has grown: ``(forecasts, length, horizon)``."""
    lags = [season * k for k in range(1, length // season + 1)]
    grown = {(lag, pace): _growth(length, lag, pace) for lag in lags for pace in (*PACES, 1 / season)}
    out = []
    for fading in SEASONS:
        counts = np.array([fading**k for k in range(len(lags) if fading else 1)])
        if fading and len(lags) < 2:
            continue
        for pace, share in [(1.0, 0.0), *product(sorted({*PACES, 1 / season}), SHARES)]:
            weights = np.zeros((length, horizon))
            for lag, count in zip(lags, counts / counts.sum(), strict=False):
                for step in range(horizon):
                    turns = step // season  # seasons after the first one, for which it grows on
                    weights[length + step - lag - season * turns, step] += count
                    weights[:, step] += count * share * grown[lag, pace] * (1 + turns * season / lag)
            out.append(weights)
    return np.array(out)


def _growth(length: int, lag: int, pace: float) -> Array:
    """Return the weights of the mean growth over ``lag`` rows, the latest counting most."""
    out = np.zeros(length)
    count = length - lag
    if count > 0:
        each = (1 - pace) ** np.arange(count)[::-1]
        each /= each.sum()
        out[lag:] += each
        out[:count] -= each
    return out


def smoothed(length: int, horizon: int) -> Array:
    """Return forecasts of exponential smoothing with a damped trend: ``(forecasts, length, horizon)``."""
    rows = np.eye(length)
    out = []
    for share, (bend, damping) in product(LEVELS, TRENDS):
        level, trend = rows[0], np.zeros(length)
        for row in rows[1:]:
            off = row - level - damping * trend
            level = level + damping * trend + share * off
            trend = damping * trend + share * bend * off
        ahead = np.cumsum(damping ** np.arange(1, horizon + 1))
        out.append(level[:, None] + trend[:, None] * ahead)
    return np.array(out)
