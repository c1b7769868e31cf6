"""One mixing of bits for whole numbers, arrays and tensors, the published one."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from hornbook.columns.randomness import bits
from hornbook.common.hashing import FIRST, GOLDEN, SECOND, WORD, mixed, mixed_int, seed_of

PUBLISHED = [6457827717110365317, 3203168211198807973, 9817491932198370423, 4593380528125082431]
"""The first numbers of splitmix64 after the state 1234567, as the reference implementation (S. Vigna) gives them."""


def test_numbers_are_the_published_ones() -> None:
    states = [1234567 + GOLDEN * n for n in range(1, 5)]
    assert [mixed_int(state) for state in states] == PUBLISHED
    array = np.array([state & WORD for state in states], np.uint64)
    with np.errstate(over="ignore"):
        found = mixed(array, lambda x, n: x >> np.uint64(n), np.uint64(FIRST), np.uint64(SECOND))
    assert found.tolist() == PUBLISHED


@given(st.integers(-(2**63), 2**63 - 1), st.integers(0, 2**63 - 1))
def test_a_tensor_is_mixed_as_a_number_is(seed: int, row: int) -> None:
    key = 0
    for part in (seed, 3, 5):
        key = mixed_int((key ^ part) + GOLDEN)
    (found,) = bits(seed, 3, torch.tensor([row]), 5).tolist()
    assert found & WORD == mixed_int(row * GOLDEN + key)


def test_what_runs_go_on_by_never_changes() -> None:
    assert (seed_of(1, 2, 3), seed_of(-7), bits(7, 3, torch.arange(2), 2).tolist()) == (
        6087047714123848686,
        5050796229226809724,
        [-2092058675091768794, -9037397645613428048],
    )
