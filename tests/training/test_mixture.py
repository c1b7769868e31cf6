"""The Gaussians that are fitted to codes: they lie where the codes do, and the same seed finds the same."""

from __future__ import annotations

import numpy as np

from hornbook.training.mixture import fit_mixture

RNG = np.random.default_rng(0)


def test_two_clouds_are_found_with_their_shapes() -> None:
    one = RNG.normal([5, 0], [0.1, 1.0], (300, 2))
    codes = np.concatenate([one, RNG.normal([-5, 3], 0.3, (900, 2))])
    found = fit_mixture(codes, 2, 0)
    assert found is not None
    weights, means, factors = found
    right = int(means[:, 0].argmax())
    assert np.allclose(weights[right], 0.25, atol=0.02)
    assert np.allclose(means[right], [5, 0], atol=0.15) and np.allclose(means[1 - right], [-5, 3], atol=0.1)
    covariance = factors[right] @ factors[right].T
    assert np.allclose(np.sqrt(np.diag(covariance)), [0.1, 1.0], rtol=0.7)
    again = fit_mixture(codes, 2, 0)
    assert again is not None and all(map(np.array_equal, found, again))


def test_few_rows_have_fewer_parts_or_none() -> None:
    few = fit_mixture(RNG.normal(size=(30, 3)), 40, 0)
    assert few is not None and len(few[0]) == 3
    assert fit_mixture(np.ones((50, 2)), 4, 0) is None
    assert fit_mixture(RNG.normal(size=(4, 3)), 4, 0) is None
