"""How unlike the examples a row of features is: a share of examples, the same of a few and of many."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from hornbook.networks.novelty import Novelty, fit_novelty


def features(rows: int, classes: int = 3, width: int = 24, seed: int = 0) -> tuple[Tensor, np.ndarray]:
    """Return clouds of features that all know, and the class of each row."""
    centers = np.random.default_rng(0).normal(0, 3, (classes, width))
    places = np.arange(rows) % classes
    noise = np.random.default_rng(seed).normal(0, 1, (rows, width))
    return torch.tensor(centers[places] + noise, dtype=torch.float32), places


def made(rows: int = 300, held_out: int = 100) -> Novelty:
    train, places = features(rows)
    found = fit_novelty(train, features(held_out, seed=1)[0] if held_out else train[:0], places, 100_000)
    assert found is not None
    return found


@pytest.mark.parametrize(("rows", "held_out"), [(300, 100), (300, 20), (300, 0), (24, 0), (24, 3)])
def test_what_is_elsewhere_is_more_unlike_than_others_of_the_same(rows: int, held_out: int) -> None:
    novelty = made(rows, held_out)
    own = novelty(features(500, seed=2)[0])[:, 0]
    other = novelty(torch.randn(500, 24, generator=torch.Generator().manual_seed(0)) * 3)[:, 0]
    assert float((own[:, None] < other).float().mean()) > 0.95
    assert bool(((own >= 0) & (own <= 1) & (other <= 1)).all())


def test_it_is_the_share_of_held_out_examples_that_are_less_unlike() -> None:
    own = made(300, 200)(features(2000, seed=3)[0])[:, 0].numpy()
    for share in (0.25, 0.5, 0.75, 0.95):
        assert abs((own < share).mean() - share) < 0.08


def test_what_is_far_away_is_still_told_from_what_is_farther() -> None:
    novelty = made()
    center = features(3)[0][0]
    away = torch.randn(24, generator=torch.Generator().manual_seed(1))
    found = novelty(torch.stack([center + step * away for step in (0.0, 1.0, 2.0, 4.0, 8.0)]))[:, 0]
    assert bool((found.diff() > 0).all())


def test_it_is_the_same_each_time_and_in_any_batch() -> None:
    rows = features(50, seed=4)[0]
    first, second = made()(rows), made()(rows)
    assert torch.equal(first, second)
    assert torch.allclose(first[7], made()(rows[7:8])[0], atol=1e-4)


@settings(max_examples=60, deadline=None)
@given(
    rows=st.integers(0, 60),
    others=st.integers(0, 60),
    width=st.sampled_from([1, 2, 7, 40]),
    kind=st.sampled_from(["normal", "zero", "same", "large", "sparse", "nan"]),
    classes=st.sampled_from([None, 1, 2, 50]),
    seed=st.integers(0, 5),
)
def test_there_is_always_a_number_or_nothing(
    rows: int, others: int, width: int, kind: str, classes: int | None, seed: int
) -> None:
    random = np.random.default_rng(seed)

    def some(count: int) -> Tensor:
        values = random.normal(0, 1, (count, width))
        values *= {"zero": 0, "large": 1e12, "nan": np.nan}.get(kind, 1.0)
        values = np.ones_like(values) if kind == "same" else values
        values = np.maximum(values - 1, 0) if kind == "sparse" else values
        return torch.tensor(values, dtype=torch.float32)

    places = None if classes is None else random.integers(0, classes, rows)
    found = fit_novelty(some(rows), some(others), places, 1000)
    if kind == "nan" or rows < 8:
        assert found is None
    if found is not None:
        for asked in (some(5), torch.zeros(1, width), torch.full((1, width), 1e15)):
            given_out = found(asked)
            assert given_out.shape == (len(asked), 1)
            assert bool(((given_out >= 0) & (given_out <= 1)).all())


def test_of_very_many_features_neighbours_are_averaged() -> None:
    train, places = features(60, width=5000)
    found = fit_novelty(train, train[:0], places, 1000)
    assert found is not None and found.group == 2 and found.directions.shape[0] == 2500
    assert float(found(torch.randn(20, 5000) * 3).min()) > 0.9
