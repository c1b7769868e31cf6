"""Where the codes of the training rows lie: a mixture of Gaussians, of which new ones can be drawn.

A variational autoencoder keeps its codes near one normal distribution, but not evenly in it: between the clouds of two
kinds of picture lies little. A mixture that is fitted to the codes after training draws pictures that are like the
examples more often (Ghosh et al. 2020, arXiv:1903.12436, section 4), and needs no variational autoencoder.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from hornbook.columns.base import Array
from hornbook.columns.summary import spread
from hornbook.examples.prepare import Prepared
from hornbook.networks.model import Network
from hornbook.recognizer.signature import MIXTURE

__all__ = ["fit_mixture", "where_codes_lie"]

MOST_ROWS = 20_000

MOST_NUMBERS = 64
"""Of a code: a covariance of more would need more rows than there are."""

PARTS = 40

ROWS_A_NUMBER = 2
"""Each part has at least so many rows for each number of a code."""

ROUNDS = 60

FLOOR = 1e-3
"""Added to each variance, as a share of the variance of all codes."""

BATCH = 256


@torch.no_grad()
def where_codes_lie(network: Network, prepared: Prepared, seed: int) -> dict[str, Any]:
    """Return a mixture for a recognizer's description; empty where its answer is no picture that is made of a code."""
    heads = [head for _, head in network.heads.items()]
    rows = spread(prepared.splits["train"], MOST_ROWS)
    if len(heads) != 1 or not heads[0].coded or not len(rows):
        return {}
    parts: list[Array] = []
    for at in range(0, len(rows), BATCH):
        encoded = prepared.take(rows[at : at + BATCH], prepared.inputs)
        unit = network.unit({n: torch.from_numpy(v) for n, v in encoded.items()})
        parts.append(network.code(network.body_of(unit)).float().numpy())
        if parts[0].shape[1] > MOST_NUMBERS:
            return {}
    found = fit_mixture(np.concatenate(parts).astype(np.float64), PARTS, seed)
    if found is None:
        return {}
    names = ("weights", "means", "factors")
    return {MIXTURE: {n: np.round(v, 5).tolist() for n, v in zip(names, found, strict=True)}}


def fit_mixture(codes: Array, parts: int, seed: int) -> tuple[Array, Array, Array] | None:
    """Fit a mixture of Gaussians by expectation and maximization (Dempster et al. 1977).

    Parameters
    ----------
    codes
        ``(rows, K)``.
    parts
        At most so many Gaussians.

    Returns
    -------
    Weights ``(P,)``, means ``(P, K)`` and lower Cholesky factors of the covariances ``(P, K, K)``; None where there are
    too few rows, or all codes are the same.
    """
    rows, k = codes.shape
    parts = min(parts, rows // (ROWS_A_NUMBER * k + 2))
    scale = float(codes.var(0).mean())
    if parts < 1 or not np.isfinite(scale) or scale <= 0:
        return None
    floor = FLOOR * scale * np.eye(k)
    means = codes[np.random.default_rng(seed).choice(rows, parts, replace=False)]
    weights = np.full(parts, 1 / parts)
    factors = np.repeat(np.linalg.cholesky(np.cov(codes.T).reshape(k, k) / 4 + floor)[None], parts, 0)
    for _ in range(ROUNDS):
        logs = np.empty((rows, parts))
        for p in range(parts):
            white = np.linalg.solve(factors[p], (codes - means[p]).T)
            logs[:, p] = np.log(weights[p]) - np.log(np.diag(factors[p])).sum() - (white**2).sum(0) / 2
        logs -= logs.max(1, keepdims=True)
        shares = np.exp(logs)
        shares /= shares.sum(1, keepdims=True)
        sums = shares.sum(0) + 1e-9
        weights, means = sums / sums.sum(), (shares.T @ codes) / sums[:, None]
        for p in range(parts):
            off = codes - means[p]
            factors[p] = np.linalg.cholesky((off * shares[:, p : p + 1]).T @ off / sums[p] + floor)
    return weights, means, factors
