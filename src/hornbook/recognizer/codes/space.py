"""Where codes lie: on a map of two dimensions, nearest to each other, and far from all others."""

from __future__ import annotations

import warnings
from typing import NamedTuple

import numpy as np

from hornbook.columns.base import Array
from hornbook.errors import MissingExtra, UsageError, one_of

__all__ = ["WAYS", "Flat", "far", "flat", "nearest"]

WAYS = ("pca", "tsne", "umap")
"""How codes are brought to two numbers: `pca` needs no library."""

PARTS = 50
"""Numbers that are left of a code before t-SNE or UMAP: more take longer and change nothing that is seen."""

MOST_PAIRS = 1 << 24
"""Distances that are held at once, 64 MB."""

NEAR = 5
"""The nearest others whose mean distance says how far a code is from the rest."""

TINY = 1e-30


class Flat(NamedTuple):
    """Codes on a map.

    Attributes
    ----------
    points
        ``float64``, shape ``(rows, 2)``.
    way
        What it was made by, as people call it.
    kept
        Of what the codes vary by, the share that the two numbers of a PCA hold; None for the other ways.
    """

    points: Array
    way: str
    kept: float | None


def flat(codes: Array, way: str = "pca", seed: int = 0) -> Flat:
    """Return codes as points of a plane, the same for the same seed.

    Parameters
    ----------
    codes
        ``(rows, K)``, at least one.
    way
        One of `WAYS`.

    Raises
    ------
    MissingExtra
        scikit-learn, which has t-SNE, is not installed.
    UsageError
        There is no such way, or umap-learn is not installed.

    Examples
    --------
    >>> line = np.arange(5.0)[:, None] * [3.0, 4.0, 0.0]
    >>> found = flat(line)
    >>> found.points[:, 0].round(6).tolist(), round(found.kept, 6)
    ([-10.0, -5.0, 0.0, 5.0, 10.0], 1.0)
    """
    if way not in WAYS:
        raise UsageError(f"a map is made by {one_of(WAYS)}, and not by {way!r}")
    parts, shares = _parts(codes, 2 if way == "pca" else PARTS)
    points = np.zeros((len(codes), 2))
    # Of fewer than five, or of all the same, the others make nothing.
    if way == "pca" or len(codes) < 5 or not shares.any():
        points[:, : parts.shape[1]] = parts[:, :2]
        return Flat(points, "PCA", float(shares[:2].sum()))
    points[:] = _tsne(parts, seed) if way == "tsne" else _umap(parts, seed)
    return Flat(points, "t-SNE" if way == "tsne" else "UMAP", None)


def _parts(codes: Array, count: int) -> tuple[Array, Array]:
    """Return the coordinates along the first principal axes, and what share of the variance each of them holds."""
    rows = codes.astype(np.float64) - codes.mean(0, dtype=np.float64)
    whole = float((rows**2).sum())
    count = min(count, *rows.shape)
    if len(rows) <= rows.shape[1]:  # of the two ways the one with the smaller matrix
        values, vectors = np.linalg.eigh(rows @ rows.T)
        found = vectors[:, ::-1][:, :count] * np.sqrt(np.maximum(values[::-1][:count], 0))
    else:
        values, vectors = np.linalg.eigh(rows.T @ rows)
        found = rows @ vectors[:, ::-1][:, :count]
    # An axis may point either way: here, to where the last code lies.
    return found * np.where(found[-1] < 0, -1, 1), np.maximum(values[::-1][:count], 0) / max(whole, TINY)


def _tsne(parts: Array, seed: int) -> Array:
    try:
        from sklearn.manifold import TSNE
    except ModuleNotFoundError as error:
        raise MissingExtra("a map by t-SNE", "look") from error
    around = min(30.0, (len(parts) - 1) / 3)
    # The start of scikit-learn's own PCA, which wants two numbers of a code.
    start = np.zeros((len(parts), 2), np.float32)
    start[:, : parts.shape[1]] = parts[:, :2] * (1e-4 / parts[:, 0].std())
    found: Array = TSNE(2, perplexity=around, init=start, random_state=seed).fit_transform(parts)
    return found


def _umap(parts: Array, seed: int) -> Array:
    try:
        with warnings.catch_warnings():
            # It says on import that TensorFlow is not there, which it does not need.
            warnings.simplefilter("ignore")
            from umap import UMAP
    except ModuleNotFoundError:
        raise UsageError(
            "a map by UMAP needs a package that is not installed: pip install umap-learn"
        ) from None
    around = min(15, len(parts) - 1)
    found: Array = UMAP(n_neighbors=around, random_state=seed, n_jobs=1).fit_transform(parts)
    return found


def nearest(codes: Array, asked: Array, count: int, own: Array | None = None) -> tuple[Array, Array]:
    """Return the places of the codes that are nearest to some, the nearest first, and how far each is.

    Parameters
    ----------
    codes
        ``(rows, K)``.
    asked
        ``(n, K)``.
    count
        How many; of fewer codes, all.
    own
        The place of each asked one among the codes, which is no neighbour of itself; None where they are others.

    Returns
    -------
    ``int64`` and ``float64``, both of shape ``(n, count)``.

    Examples
    --------
    >>> places, far_away = nearest(np.array([[0.0], [1.0], [5.0]]), np.array([[1.2]]), 2)
    >>> places.tolist(), far_away.round(3).tolist()
    ([[1, 0]], [[0.2, 1.2]])
    """
    middle = codes.mean(0)
    rows, mine = (np.ascontiguousarray(some - middle, np.float32) for some in (codes, asked))
    lengths = (rows**2).sum(1)
    count = max(0, min(count, len(rows) - (own is not None)))
    places = np.empty((len(mine), count), np.int64)
    step = max(1, MOST_PAIRS // max(1, len(rows)))
    for at in range(0, len(mine), step):
        some = mine[at : at + step]
        apart = lengths - 2 * (some @ rows.T)  # and the length of each asked one, which changes no order
        if own is not None:
            apart[np.arange(len(some)), own[at : at + step]] = np.inf
        chosen = np.argpartition(apart, count - 1, axis=1)[:, :count] if count else places[at : at + step]
        order = np.lexsort((chosen, np.take_along_axis(apart, chosen, 1)), axis=1)
        places[at : at + step] = np.take_along_axis(chosen, order, 1)
    # Of those that are nearly the same, the difference of large squares would be rounding alone.
    far_away = np.empty(places.shape)
    for i in range(count):
        far_away[:, i] = np.linalg.norm(rows[places[:, i]] - mine, axis=1)
    return places, far_away


def far(codes: Array) -> Array:
    """Return how far each code is from its nearest others: the mean distance to five, ``(rows,)``.

    >>> far(np.array([[0.0], [1.0], [2.0], [30.0]])).round(3).tolist()
    [11.0, 10.333, 10.333, 29.0]
    """
    _, apart = nearest(codes, codes, NEAR, np.arange(len(codes)))
    found: Array = apart.mean(1) if apart.shape[1] else np.zeros(len(codes))
    return found
