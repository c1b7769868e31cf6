"""Weights in closed form: what is fixed, what is fitted, and what was foretold from rows before alone."""

from __future__ import annotations

import numpy as np
import pytest

from hornbook.columns.series.linear.fit import Fitted, fit
from hornbook.columns.series.linear.fixed import known, seasonal, smoothed


def cut(values: np.ndarray, length: int, horizon: int = 1) -> tuple[np.ndarray, np.ndarray]:
    at = np.arange(length, len(values) - horizon + 1)
    return values[at[:, None] + np.arange(-length, 0)], values[at[:, None] + np.arange(horizon)]


def fitted(values: np.ndarray, length: int, horizon: int = 1, season: int = 1, level: bool = True) -> Fitted:
    return fit(*cut(values, length, horizon), season, level)


@pytest.mark.parametrize("horizon", [1, 3, 9])
def test_fixed_forecasts_carry_a_level_on(horizon: int) -> None:
    for weights in (*seasonal(13, horizon, 4), *smoothed(13, horizon), known("season", 13, horizon, 4)):
        assert np.allclose(np.full(13, 7.0) @ weights, 7)


def test_all_growth_is_carried_on_in_steps_of_a_season() -> None:
    line = 5 + 2.0 * np.arange(13) + np.tile([0.0, 9, 1, 4], 4)[:13]
    true = 5 + 2.0 * np.arange(13, 23) + np.tile([0.0, 9, 1, 4], 6)[13:23]
    errors = [np.abs(line @ weights - true).max() for weights in seasonal(13, 10, 4)]
    assert min(errors) < 1e-9


def test_what_is_foretold_is_fitted_to_rows_before_alone() -> None:
    random = np.random.default_rng(0)
    values = random.normal(size=120).cumsum()
    windows, true = cut(values, 8, 2)
    found = fit(windows, true)
    assert found.foretold.shape == (len(windows) - found.first, 2)
    for begin, end, weights, bias in found.paths:
        said = found.foretold[begin - found.first : end - found.first]
        assert np.allclose(windows[begin:end] @ weights + bias, said)


def test_the_mean_is_never_much_worse_than_the_last_value_or_a_season_ago() -> None:
    random = np.random.default_rng(1)
    for _ in range(20):
        walk = random.normal(size=200).cumsum()
        found = fitted(walk[:160], 13, season=4)
        windows, true = cut(walk[147:], 13)
        ours = np.abs(windows @ found.weights + found.bias - true).mean()
        assert ours < 1.15 * np.abs(windows[:, -1:] - true).mean()


def test_a_series_that_never_moves_is_foretold() -> None:
    found = fitted(np.full(60, 4.0), 9, 2, season=4)
    assert np.allclose(np.full(9, 4.0) @ found.weights + found.bias, 4)
    assert sum(found.counts.values()) == pytest.approx(1)


@pytest.mark.parametrize("level", [True, False])
def test_without_its_level_a_window_may_be_moved(level: bool) -> None:
    random = np.random.default_rng(2)
    found = fitted(random.normal(size=100), 6, level=level)
    assert np.allclose(found.weights.sum(axis=0), 1) != level


def test_no_row_to_come_is_known_before_it_comes() -> None:
    # Rows of a jump are never foretold by what was fitted before them, whatever counts how much.
    values = np.r_[np.random.default_rng(3).normal(size=90), np.full(6, 1000.0)]
    found = fit(*cut(values, 8, 3))
    begin, _, weights, _ = found.paths[0]
    again = fit(*cut(values[: begin + 30], 8, 3))
    assert np.abs(weights).max() < 10
    assert np.abs(again.paths[0][2]).max() < 10
