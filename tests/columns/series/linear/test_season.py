"""Seasons are found whatever the trend, and none where there is none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.columns.series.linear.season import find_season, is_multiplicative

SEASONS = [4, 7, 12, 24, 52]


def made(season: int, count: int, noise: float, trend: float, seed: int, grows: bool = False) -> np.ndarray:
    """Return a series of so many seasons whose shape is of spread 1, and has no shorter one in it."""
    random = np.random.default_rng(seed)
    shape = random.normal(size=season)
    shape[0] += 3
    t = np.arange(season * count)
    line = 10 * trend * t / len(t) + (shape / shape.std())[t % season] + noise * random.normal(size=len(t))
    found: np.ndarray = np.exp(1 + 0.1 * line) if grows else line
    return found


@given(
    season=st.sampled_from(SEASONS),
    count=st.integers(8, 14),
    noise=st.floats(0, 0.3),
    trend=st.floats(-1, 1),
    seed=st.integers(0, 1000),
    grows=st.booleans(),
)
def test_a_season_is_found_whatever_the_trend(
    season: int, count: int, noise: float, trend: float, seed: int, grows: bool
) -> None:
    values = made(season, count, noise, trend, seed, grows)
    assert find_season(values, [season]) == season


@pytest.mark.parametrize("season", SEASONS)
@pytest.mark.parametrize("walks", [False, True])
def test_a_season_is_seldom_found_in_chance(season: int, walks: bool) -> None:
    random = np.random.default_rng(season)
    chance = random.normal(size=(100, 8 * season))
    found = [find_season(row.cumsum() if walks else row, [season]) for row in chance]
    assert sum(f is not None for f in found) <= 10


def test_of_a_day_and_a_week_of_hours_the_one_that_says_more_is_taken() -> None:
    t = np.arange(24 * 7 * 8)
    day = np.sin(2 * np.pi * t / 24) + np.random.default_rng(0).normal(size=len(t)) / 50
    assert find_season(day, [24, 168]) == 24
    assert find_season(day * np.where(t // 24 % 7 < 5, 3, 1), [24, 168]) == 168


def test_what_is_missing_or_still_or_short_has_no_season_or_the_same() -> None:
    values = made(12, 8, 0.1, 1, 0)
    values[[3, 17, 18, 40]] = np.nan
    assert find_season(values, [12]) == 12
    assert find_season(np.full(60, 3.0), [4]) is None
    assert find_season(values[:20], [12]) is None
    assert find_season(np.full(60, np.nan), [4]) is None


@pytest.mark.parametrize("season", [4, 12])
def test_growing_swings_are_told_from_even_ones(season: int) -> None:
    even = 50 + made(season, 10, 0.1, 2, 0)
    assert not is_multiplicative(even, season)
    assert is_multiplicative(made(season, 10, 0.1, 2, 0, grows=True), season)
    assert not is_multiplicative(even - 60, season)
    assert not is_multiplicative(even[: 2 * season], season)


@pytest.mark.parametrize("season", SEASONS)
def test_a_trend_that_bends_is_no_season(season: int) -> None:
    t = np.arange(100.0)
    noise = np.random.default_rng(0).normal(size=100)
    for bent in (t**1.5, t**2, np.exp(t / 20), np.log(t + 1), 1 / (1 + np.exp(-(t - 50) / 8))):
        assert find_season(bent, [season]) is None
        assert find_season(bent + 0.01 * bent.std() * noise, [season]) is None
