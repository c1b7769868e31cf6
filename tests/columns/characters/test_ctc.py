"""CTC in numpy: against sums over all paths, and the edges of the beam."""

from __future__ import annotations

import itertools
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.columns.base import Array
from hornbook.columns.characters.reading import ctc

Strings = dict[tuple[int, ...], float]


def collapse(path: tuple[int, ...]) -> tuple[int, ...]:
    """Return what a path reads: repeated characters once, blanks not at all."""
    return tuple(c for c, _ in itertools.groupby(path) if c)


def every_string(p: Array) -> Strings:
    """Return the probability of every string, summed over all paths, for one row."""
    out: Strings = {}
    for path in itertools.product(range(p.shape[1]), repeat=len(p)):
        chance = float(np.prod(p[np.arange(len(p)), list(path)]))
        out[collapse(path)] = out.get(collapse(path), 0.0) + chance
    return out


def some_outputs(seed: int, rows: int = 3) -> Array:
    random = np.random.default_rng(seed)
    characters, steps = random.integers(1, 4), random.integers(1, 6)
    return random.dirichlet(np.full(characters + 1, random.choice([0.2, 1, 5])), (rows, steps))


def padded(string: tuple[int, ...], longest: int) -> Array:
    return np.array([[*string, *[0] * (longest - len(string))]])


def strip(places: Array) -> tuple[int, ...]:
    return tuple(int(c) for c in places if c)


@pytest.mark.parametrize("seed", range(16))
def test_a_likelihood_is_the_sum_over_all_paths_and_parts_are_those_of_prefixes(seed: int) -> None:
    p = some_outputs(seed, rows=1)
    strings = every_string(p[0])
    assert sum(strings.values()) == pytest.approx(1)
    for string, chance in strings.items():
        found, parts = ctc.likelihood(p, padded(string, p.shape[1]))
        assert found[0] == pytest.approx(chance, abs=1e-12)
        for n in range(1, len(string) + 1):
            begins = sum(c for other, c in strings.items() if other[:n] == string[:n])
            assert np.prod(parts[0, :n]) == pytest.approx(begins, abs=1e-12)


@pytest.mark.parametrize("seed", range(16))
def test_a_beam_that_is_wide_enough_finds_every_string_in_order(seed: int) -> None:
    p = some_outputs(seed)
    steps = p.shape[1]
    found, weights = ctc.beam(p, steps, width=300, tried=9)
    for row, strings, weight in zip(p, found, weights, strict=True):
        truth = every_string(row)
        there = weight > 0
        read = [strip(s) for s in strings[there]]
        assert len(set(read)) == len(read)
        assert read[0] == max(truth, key=lambda s: truth[s])
        likely = {s for s, c in truth.items() if c > 1e-9}
        assert likely <= set(read)
        share = weight[there] / weight.sum()
        assert share == pytest.approx([truth[s] for s in read], abs=1e-9)


@pytest.mark.parametrize("seed", range(40))
def test_the_usual_beam_finds_the_likeliest_of_a_few_characters(seed: int) -> None:
    p = some_outputs(100 + seed)
    found, _ = ctc.beam(p, p.shape[1])
    for row, strings in zip(p, found, strict=True):
        truth = every_string(row)
        assert truth[strip(strings[0])] >= 0.9 * max(truth.values())


def test_no_string_of_a_beam_is_longer_than_allowed() -> None:
    p = np.full((2, 9, 4), 0.02)
    p[:, np.arange(9), [1, 2, 3, 1, 2, 3, 1, 2, 3]] = 0.94
    found, weights = ctc.beam(p, 3)
    assert found.shape[2] == 3
    assert (weights[:, 0] > 0).all()


def test_long_blanks_between_two_alike_still_part_them() -> None:
    p = np.zeros((1, 12, 3))
    p[0, :, 0] = 1.0
    p[0, [2, 9]] = [0.0, 1.0, 0.0]
    found, _ = ctc.beam(p, 6)
    assert strip(found[0, 0]) == (1, 1)
    assert ctc.likelihood(p, padded((1, 1), 4))[0][0] == pytest.approx(1)


def test_rows_of_one_batch_do_not_touch_each_other() -> None:
    rows = [some_outputs(7, 1), some_outputs(7, 2)[1:]]
    together, weights = ctc.beam(np.concatenate(rows), 6)
    for i, row in enumerate(rows):
        alone, weight = ctc.beam(row, 6)
        kept = weight[0] > 0
        assert np.array_equal(alone[0][kept], together[i][kept])
        assert weight[0] == pytest.approx(weights[i])


@given(st.lists(st.integers(1, 5), max_size=8))
def test_the_best_path_of_a_string_written_out_is_the_string(string: list[int]) -> None:
    steps = [0, *itertools.chain.from_iterable((c, c, 0) for c in string)]
    places, lengths = ctc.best_path(np.eye(6)[None, steps])
    assert places[0].tolist() == string
    assert lengths[0] == len(string)


@pytest.mark.parametrize("p", [np.zeros((1, 4, 3)), np.full((1, 400, 64), 1 / 64)])
def test_what_nobody_would_give_is_no_nan(p: Any) -> None:
    found, weights = ctc.beam(p, 5)
    chance, parts = ctc.likelihood(p, found[:, 0])
    for numbers in (weights, chance, parts):
        assert np.isfinite(numbers).all()


@pytest.mark.parametrize("seed", range(60))
def test_the_best_path_within_lengths_is_the_best_of_all_paths_of_these_lengths(seed: int) -> None:
    p = some_outputs(200 + seed, rows=2)
    random = np.random.default_rng(seed)
    shortest = int(random.integers(0, 4))
    longest = max(shortest + int(random.integers(0, 3)), 1)
    found = ctc.best_path_within(p, shortest, longest)
    for row, string in zip(p, found, strict=True):
        paths = itertools.product(range(p.shape[2]), repeat=len(row))
        fitting = [q for q in paths if shortest <= len(collapse(q)) <= longest]
        if fitting:
            best = max(fitting, key=lambda q: float(np.prod(row[np.arange(len(row)), list(q)])))
            assert strip(string) == collapse(best)
