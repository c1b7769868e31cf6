"""The weights of a window's rows that foretell best, in closed form.

Several forecasts are made and averaged, each counting by how well it foretold rows that it was not fitted to. Some have
fixed weights (`fixed`). Some are fitted by ridge regression, which pulls them towards the last value or the value a
season ago (Hoerl and Kennard 1970), with as strong a pull as foretold best. What is judged by is foretold from the rows
before it alone, block after block (a rolling origin: Tashman 2000). A mean of simple forecasts is seldom far from
the best of them, and which that will be is seldom known (Bates and Granger 1969; Makridakis et al. 2020).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.series.linear.fixed import known, seasonal, smoothed

PULLS = 10.0 ** np.arange(-3, 6.1, 0.5)
"""How strongly ridge regression pulls its weights towards none, for features of a standard deviation of one."""

BLOCKS = 8
"""Times that the origin moves on."""

KNOWN_FIRST = 3
"""One in so many windows is only fitted to, before the first one is foretold."""

MOST_WINDOWS = 20_000
"""The latest ones are fitted to: what was long ago tells little."""

FIXED_SHARPNESS = 32.0
SHARPNESS = (4.0, 64.0)
"""A forecast counts by its error to the power of minus this: a tenth of the windows judged, in these bounds. So few
windows take the mean of all, and many the best."""


@dataclass(frozen=True)
class Fitted:
    """What was fitted.

    Attributes
    ----------
    weights, bias
        A window times the weights, plus the bias, is the forecast: ``(length, horizon)`` and ``(horizon,)``.
    foretold
        What was foretold of the windows ``first`` and later while the origin moved on, ``(windows, horizon)``.
    counts
        How much each forecast counts; they add up to one.
    paths
        For the weights at each origin: where its windows begin and end, the weights, the bias.
    """

    weights: Array
    bias: Array
    foretold: Array
    first: int
    counts: dict[str, float]
    paths: tuple[tuple[int, int, Array, Array], ...]


def residuals(found: Fitted, windows: Array, true: Array, steps: int) -> Array:
    """Return how far off the forecasts of so many steps are at each origin, foretold from what was foretold.

    Shape ``(windows, steps)``, for the windows that `Fitted.foretold` is of; nan where what came is not known.
    """
    windows, true = windows[-MOST_WINDOWS:], true[-MOST_WINDOWS:]
    rows, length = windows.shape
    follows = (windows[1:, :-1] == windows[:-1, 1:]).all(axis=1) & (windows[1:, -1] == true[:-1, 0])
    ends = np.r_[np.flatnonzero(~follows), rows - 1]  # the last window of each stretch without a gap
    last = ends[np.searchsorted(ends, np.arange(rows))]
    out = np.full((rows - found.first, steps), np.nan)
    for begin, end, weights, bias in found.paths:
        at = np.arange(begin, end)
        seen = windows[begin:end]
        said: list[Array] = []
        while sum(part.shape[1] for part in said) < steps:
            said.append(seen @ weights + bias)
            seen = np.concatenate([seen, said[-1]], axis=1)[:, -length:]
        for step, foretold in enumerate(np.concatenate(said, axis=1)[:, :steps].T):
            known = at + step <= last[at]
            out[at[known] - found.first, step] = foretold[known] - true[at[known] + step, 0]
    return out


@dataclass(frozen=True)
class _Candidate:
    """One forecast: its weights for all rows and at each origin, what it foretold, and how far off that was."""

    weights: Array
    bias: Array
    moving: list[tuple[Array, Array]]
    foretold: Array
    error: float


def fit(windows: Array, true: Array, season: int = 1, level: bool = True, log: bool = False) -> Fitted:
    """Return the weights that foretell the rows to come.

    Parameters
    ----------
    windows, true
        In the order of time, ``float64`` of shape ``(windows, length)`` and ``(windows, horizon)``; logarithms if
        ``log``, and then errors are of what they are the logarithms of.
    season
        Rows of a season, 1 where there is none.
    level
        Whether how high the values are may count besides how they differ.

    Examples
    --------
    >>> t = np.arange(120)
    >>> y = 0.5 * t + np.tile([1.0, 5.0, 2.0, 9.0], 30)
    >>> at = np.arange(9, 120)
    >>> found = fit(y[at[:, None] + np.arange(-9, 0)], y[at][:, None], season=4)
    >>> bool(np.abs(found.foretold[:, 0] - y[at][found.first:]).max() < 0.2)
    True
    """
    windows, true = windows[-MOST_WINDOWS:], true[-MOST_WINDOWS:]
    rows, (length, horizon) = len(windows), (windows.shape[1], true.shape[1])
    first = max(rows // KNOWN_FIRST, min(rows - 1, 6))
    cuts = np.unique(np.linspace(first, rows, BLOCKS + 1).astype(int)).tolist()
    judge = _Judge(windows, true, cuts, log)
    found = dict(_candidates(judge, length, horizon, season, level))
    sharpness = float(np.clip((rows - first) / 10, *SHARPNESS))
    counts = _counted(np.array([c.error for c in found.values()]), sharpness)
    each = list(zip(counts.tolist(), found.values(), strict=True))
    paths = tuple(
        (a, b, _mean([(n, c.moving[i][0]) for n, c in each]), _mean([(n, c.moving[i][1]) for n, c in each]))
        for i, (a, b) in enumerate(judge.blocks)
    )
    return Fitted(
        weights=_mean([(n, c.weights) for n, c in each]),
        bias=_mean([(n, c.bias) for n, c in each]),
        foretold=_mean([(n, c.foretold) for n, c in each]),
        first=first,
        counts=dict(zip(found, counts.tolist(), strict=True)),
        paths=paths,
    )


def _mean(parts: list[tuple[float, Array]]) -> Array:
    total: Array = sum((count * values for count, values in parts), np.zeros_like(parts[0][1]))
    return total


def _counted(errors: Array, sharpness: float) -> Array:
    """Return how much forecasts with these errors count: all the same where none has any."""
    least = errors.min()
    counts: Array = (np.maximum(errors, 1e-300) / max(least, 1e-300)) ** -sharpness
    counts /= counts.sum()
    return counts


class _Judge:
    """Windows with their origin moving on."""

    def __init__(self, windows: Array, true: Array, cuts: list[int], log: bool) -> None:
        self.windows, self.true, self.log = windows, true, log
        self.blocks = list(pairwise(cuts))
        self.wanted = true[cuts[0] :]
        self.units = np.exp(self.wanted) if log else self.wanted

    def error(self, foretold: Array) -> float:
        """Return the mean absolute error, in the user's units."""
        with np.errstate(over="ignore"):
            return float(np.abs((np.exp(foretold) if self.log else foretold) - self.units).mean())


def _candidates(
    judge: _Judge, length: int, horizon: int, season: int, level: bool
) -> Iterator[tuple[str, _Candidate]]:
    turns = 1 < season < length
    last = known("last", length, horizon, season)
    shape = np.eye(length)[:, :-1] - np.eye(length)[:, -1:]
    whole = np.c_[shape, np.eye(length)[:, -1]] if level else shape
    yield "around the last value", _ridge(judge, last, whole)
    if turns:
        ago = known("season", length, horizon, season)
        yield "around a season ago", _ridge(judge, ago, whole)
        yield "growth since a season ago", _ridge(judge, ago, _growths(length, season))
        yield "seasons smoothed", _fixed(judge, seasonal(length, horizon, season))
    else:
        yield "levels smoothed", _fixed(judge, smoothed(length, horizon))


def _growths(length: int, season: int) -> Array:
    """Return a few features of a season, ``(length, features)``: growth over it, and where the last row stands."""
    rows = np.eye(length)
    grown = (rows[season:] - rows[:-season])[::-1]
    found = [grown[0], *(grown[:count].mean(axis=0) for count in (3, season) if len(grown) >= count)]
    found += [rows[-season * k] - rows[-season] for k in (2, 3) if length >= k * season]
    found += [rows[-season:].mean(axis=0) - rows[-season], rows[-1] - rows[-season:].mean(axis=0)]
    return np.array(found + ([grown[season]] if len(grown) > season else [])).T


def _fixed(judge: _Judge, weights: Array) -> _Candidate:
    """Return the mean of forecasts with fixed weights, each counting by its error."""
    windows = judge.windows[judge.blocks[0][0] :]
    errors = np.array([judge.error(windows @ each) for each in weights])
    mean = np.tensordot(_counted(errors, FIXED_SHARPNESS), weights, 1)
    foretold, bias = windows @ mean, np.zeros(mean.shape[1])
    return _Candidate(mean, bias, [(mean, bias)] * len(judge.blocks), foretold, judge.error(foretold))


def _ridge(judge: _Judge, base: Array, features: Array) -> _Candidate:
    """Return the ridge regression of what differs from a base, pulled as strongly as foretells best."""
    x, y = judge.windows @ features, judge.true - judge.windows @ base
    horizon = y.shape[1]
    moving, foretold = [], []
    for begin, end in judge.blocks:
        seen = max(begin - horizon + 1, 1)  # rows to come that are known where the block begins
        fits = _fits(x[:seen], y[:seen])
        moving.append(fits)
        foretold.append([x[begin:end] @ weights + bias for weights, bias in fits])
    start = judge.windows[judge.blocks[0][0] :] @ base
    ahead = [start + np.concatenate(parts) for parts in zip(*foretold, strict=True)]
    errors = [judge.error(each) for each in ahead]
    best = int(np.argmin(errors))
    weights, bias = _fits(x, y)[best]
    back = [(base + features @ fits[best][0], fits[best][1]) for fits in moving]
    return _Candidate(base + features @ weights, bias, back, ahead[best], errors[best])


def _fits(x: Array, y: Array) -> list[tuple[Array, Array]]:
    """Return the ridge regression with each pull: weights and bias, which are pulled alike."""
    middle, mean, spread = x.mean(axis=0), y.mean(axis=0), x.std(axis=0)
    still = spread <= 1e-9 * max(float(np.abs(x).max(initial=0)), 1e-300)
    z = (x - middle) / np.where(still, np.inf, spread)
    values, vectors = np.linalg.eigh(z.T @ z)
    along = vectors.T @ (z.T @ (y - mean))
    out = []
    for pull in PULLS:
        weights = (
            (vectors / (np.maximum(values, 0) + pull)) @ along / np.where(still, np.inf, spread)[:, None]
        )
        out.append((weights, mean * len(x) / (len(x) + pull) - middle @ weights))
    return out
