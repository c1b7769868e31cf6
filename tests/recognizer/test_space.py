"""Codes in space: a map keeps what can be kept, the nearest are the nearest, and what is far off is found."""

from __future__ import annotations

import importlib.util

import numpy as np
import pytest

import hornbook
from hornbook.cli.look import WAYS as OFFERED
from hornbook.errors import UsageError
from hornbook.recognizer.codes.space import WAYS, far, flat, nearest


def groups(count: int = 40, numbers: int = 20) -> np.ndarray:
    random = np.random.default_rng(0)
    middles = 10 * random.normal(size=(3, numbers))
    return (middles[np.arange(3 * count) % 3] + random.normal(size=(3 * count, numbers))).astype(np.float32)


@pytest.mark.parametrize("numbers", [5, 300])
def test_pca_is_that_of_the_textbook(numbers: int) -> None:
    codes = groups(numbers=numbers).astype(np.float64)
    found = flat(codes)
    rows = codes - codes.mean(0)
    left, sizes, _ = np.linalg.svd(rows, full_matrices=False)
    wanted = left[:, :2] * sizes[:2]
    assert np.allclose(np.abs(found.points), np.abs(wanted), atol=1e-6)
    assert found.kept == pytest.approx((sizes[:2] ** 2).sum() / (sizes**2).sum())
    assert np.array_equal(found.points, flat(codes).points)


@pytest.mark.parametrize("way", WAYS)
def test_every_way_keeps_three_groups_apart(way: str) -> None:
    codes = groups()
    if importlib.util.find_spec({"pca": "numpy", "tsne": "sklearn", "umap": "umap"}[way]) is None:
        with pytest.raises(hornbook.HornbookError, match="not installed"):
            flat(codes, way)
        return
    found = flat(codes, way, seed=1)
    near, _ = nearest(found.points, found.points, 1, np.arange(len(codes)))
    assert (near[:, 0] % 3 == np.arange(len(codes)) % 3).all()
    assert np.array_equal(found.points, flat(codes, way, seed=1).points)


def test_a_way_that_is_none_is_refused_and_the_command_offers_them_all() -> None:
    assert OFFERED == WAYS
    with pytest.raises(UsageError, match="and not by 'lda'"):
        flat(groups(), "lda")


def test_codes_that_are_the_same_and_few_of_them_have_a_map_too() -> None:
    for codes in (
        np.ones((6, 4)),
        np.ones((1, 4)),
        np.arange(3.0)[:, None],
        np.repeat(np.arange(9.0), 3)[:, None],
    ):
        for way in WAYS:
            library = {"pca": "numpy", "tsne": "sklearn", "umap": "umap"}[way]
            if len(codes) > 6 and importlib.util.find_spec(library) is None:
                continue
            found = flat(codes, way)
            assert found.points.shape == (len(codes), 2) and np.isfinite(found.points).all()


def test_the_nearest_are_those_of_all_distances(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(0)
    codes = random.normal(100, 1, (150, 7)).astype(np.float32)
    apart = np.linalg.norm(codes[:, None].astype(float) - codes[None], axis=2)
    np.fill_diagonal(apart, np.inf)
    wanted = np.argsort(apart, axis=1)[:, :6]
    for most in (1 << 24, 1000):
        monkeypatch.setattr("hornbook.recognizer.codes.space.MOST_PAIRS", most)
        places, found = nearest(codes, codes, 6, np.arange(150))
        assert np.array_equal(places, wanted)
        assert np.allclose(found, np.take_along_axis(apart, wanted, 1), atol=1e-4)
    assert nearest(codes[:3], codes[:1], 9)[0].tolist()[0][0] == 0
    assert nearest(codes[:1], codes[:1], 4, np.zeros(1, np.int64))[0].shape == (1, 0)


def test_what_is_far_off_is_the_odd_one() -> None:
    codes = groups()
    codes[17] += 25
    assert far(codes).argmax() == 17
