"""A Kneser-Ney model of three tokens: what a language model has to beat.

Interpolated, with the modified discounts of Chen and Goodman, An empirical study of smoothing techniques for language
modeling (1999), section 3: how often a token follows the two before it, and where that is seldom or never, after how
many different tokens it follows. Numpy only; a million tokens take some seconds.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hornbook.columns.base import Array


@dataclass(frozen=True)
class _Order:
    """One order: discounted counts of its n-grams, and how much each context leaves to the lower order."""

    grams: Array
    """Sorted keys of the n-grams."""
    shares: Array
    """Discounted count over the count of the context, of each."""
    contexts: Array
    """Sorted keys of the contexts."""
    left: Array
    """The share that each context leaves."""


class KneserNey:
    """A model of three tokens.

    Parameters
    ----------
    rows
        Numbers of tokens, shape ``(rows, length)``, padded with 0 at the end; the first of a row is a mark that is
        not predicted.
    size
        How many different numbers there are, with padding.

    Examples
    --------
    >>> model = KneserNey(np.array([[2, 3, 4, 2], [2, 3, 5, 2]]), 6)
    >>> p = np.exp(model.log_probabilities(np.array([[2, 3, 4, 2], [2, 4, 4, 2]])))
    >>> bool(p[0, 1] > p[1, 1])
    True
    """

    def __init__(self, rows: Array, size: int) -> None:
        self.size = size
        keys, _ = _grams(rows, size)
        grams, counts = np.unique(keys, return_counts=True)
        self.orders = [_discounted(grams, counts, size)]
        for order in (2, 1):
            # After how many different tokens it follows: each longer n-gram counts once.
            keys = np.unique(keys)
            keys = keys % size**order
            grams, counts = np.unique(keys, return_counts=True)
            self.orders.append(_discounted(grams, counts, size))

    def log_probabilities(self, rows: Array) -> Array:
        """Return the logarithm of the probability of each token given all before it, ``(rows, length)``.

        It is 0 for the first of each row and for padding.
        """
        keys, place = _grams(rows, self.size)
        p = np.full(len(keys), 1 / (self.size - 1))
        for order, model in zip((1, 2, 3), reversed(self.orders), strict=True):
            part = keys % self.size**order
            share, known = _find(model.grams, model.shares, part)
            left, seen = _find(model.contexts, model.left, part // self.size)
            p = np.where(known, share, 0) + np.where(seen, left, 1) * p
        out = np.zeros(rows.shape)
        out[place] = np.log(p)
        return out


def _grams(rows: Array, size: int) -> tuple[Array, tuple[Array, Array]]:
    """Return a key for each token with the two before it, and where the token is; none of a row's first."""
    rows = rows.astype(np.int64)
    before = np.zeros((len(rows), 1), np.int64)
    first = np.hstack([before, rows[:, :-2]]) if rows.shape[1] > 1 else before[:, :0]
    keys = (first * size + rows[:, :-1]) * size + rows[:, 1:]
    row, step = np.nonzero(rows[:, 1:])
    return keys[row, step], (row, step + 1)


def _discounted(grams: Array, counts: Array, size: int) -> _Order:
    """Take from every count what is left to n-grams never seen (Chen and Goodman 1999, eq. 26)."""
    of = [float((counts == n).sum()) for n in (1, 2, 3, 4)]
    y = of[0] / (of[0] + 2 * of[1]) if of[0] + of[1] else 0.5
    off = np.array([0.0] + [n - (n + 1) * y * of[n] / of[n - 1] if of[n - 1] else y for n in (1, 2, 3)])
    off = np.clip(off, 0.05, [0.5, 0.95, 1.9, 2.85])
    off[0] = 0
    taken = off[np.minimum(counts, 3)]
    contexts, place = np.unique(grams // size, return_inverse=True)
    total = np.bincount(place, counts)
    return _Order(grams, (counts - taken) / total[place], contexts, np.bincount(place, taken) / total)


def _find(keys: Array, values: Array, wanted: Array) -> tuple[Array, Array]:
    at = np.searchsorted(keys, wanted).clip(max=len(keys) - 1)
    return values[at], keys[at] == wanted
