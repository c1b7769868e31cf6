"""Kneser-Ney counts of three: probabilities that add up, and numbers that can be worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.columns.text.kneser_ney import KneserNey

SIZE = 7
ROWS = st.lists(st.lists(st.integers(3, SIZE - 1), min_size=1, max_size=8), min_size=1, max_size=6)


def rows_of(texts: list[list[int]]) -> np.ndarray:
    longest = max(map(len, texts)) + 2
    return np.array([[2, *text, 2] + [0] * (longest - len(text) - 2) for text in texts])


@given(ROWS, st.lists(st.integers(3, SIZE - 1), max_size=4))
def test_probabilities_of_what_follows_add_up_to_one(training: list[list[int]], context: list[int]) -> None:
    model = KneserNey(rows_of(training), SIZE)
    asked = np.array([[2, *context, token] for token in range(1, SIZE)])
    p = np.exp(model.log_probabilities(asked)[:, -1])
    assert (p > 0).all()
    assert p.sum() == pytest.approx(1)


def test_padding_and_the_first_are_not_asked() -> None:
    model = KneserNey(rows_of([[3, 4], [3, 4, 5]]), SIZE)
    found = model.log_probabilities(rows_of([[3], [3, 4, 5]]))
    assert (found[:, 0] == 0).all()
    assert (found[0, 3:] == 0).all()
    assert (found[1, 1:] < 0).all()


def test_a_token_counts_by_how_many_it_follows_not_how_often() -> None:
    # 6 is common, but after 5 alone; 4 is rarer, and follows three others.
    texts = [[5, 6]] * 9 + [[3, 4], [5, 4], [4, 4]] * 2
    model = KneserNey(rows_of(texts), SIZE)
    after_new = np.exp(model.log_probabilities(np.array([[2, 6, 6, 4], [2, 6, 6, 6]])))[:, -1]
    assert after_new[0] > after_new[1]


def test_what_was_seen_often_is_likely() -> None:
    model = KneserNey(rows_of([[3, 4, 5]] * 50 + [[3, 4, 6]]), SIZE)
    p = np.exp(model.log_probabilities(np.array([[2, 3, 4, 5], [2, 3, 4, 6], [2, 3, 4, 3]])))[:, -1]
    assert p[0] > 0.9
    assert p[0] > p[1] > p[2]
