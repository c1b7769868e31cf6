"""Labels that are likely wrong are found by what a model says of rows that it did not see."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.checks.wrong_labels import doubts, nearly_the_same, out_of_fold
from hornbook.columns.base import Array


def world(rows: int, classes: int, width: int = 30, seed: int = 0) -> tuple[Array, Array]:
    """Return features of classes that lie apart, and the class of each row."""
    random = np.random.default_rng(seed)
    truth = np.arange(rows) % classes
    return random.normal(0, 2, (classes, width))[truth] + random.normal(0, 1, (rows, width)), truth


@pytest.mark.parametrize(("rows", "width"), [(60, 200), (400, 30)])
@pytest.mark.parametrize("seed", range(3))
def test_labels_that_were_changed_are_listed_first(rows: int, width: int, seed: int) -> None:
    features, truth = world(rows, 4, width, seed)
    random = np.random.default_rng(seed)
    changed = random.permutation(rows)[: rows // 20]
    given_labels = truth.copy()
    given_labels[changed] = (truth[changed] + random.integers(1, 4, len(changed))) % 4
    found = doubts(out_of_fold(features, given_labels, np.arange(rows) % 5), given_labels, np.arange(rows))
    first = {d.row for d in found[: rows // 10]}
    assert len(first & set(changed.tolist())) >= 0.9 * len(changed)
    assert all(d.other == truth[d.row] for d in found if d.row in first & set(changed.tolist()))
    assert [d.margin for d in found] == sorted(d.margin for d in found)


def test_few_labels_are_doubted_where_all_are_right() -> None:
    features, truth = world(400, 4)
    found = doubts(out_of_fold(features, truth, np.arange(400) % 5), truth, np.arange(400))
    assert sum(d.margin < 0 for d in found) <= 4


@given(
    rows=st.integers(2, 40),
    width=st.integers(1, 50),
    classes=st.integers(1, 6),
    seed=st.integers(0, 99),
    flat=st.booleans(),
)
def test_every_row_is_listed_once_whatever_there_is(
    rows: int, width: int, classes: int, seed: int, flat: bool
) -> None:
    random = np.random.default_rng(seed)
    features = np.zeros((rows, width)) if flat else random.normal(0, 1, (rows, width))
    truth = random.integers(0, classes, rows)
    probabilities = out_of_fold(features, truth, np.arange(rows) % 3)
    assert np.isfinite(probabilities).all()
    found = doubts(probabilities, truth, np.arange(rows))
    assert sorted(d.row for d in found) == list(range(rows))
    assert all(np.isfinite(d.margin) and d.given == truth[d.row] for d in found)


def test_rows_nearly_the_same_are_found_in_two_splits_alone() -> None:
    features, _ = world(200, 4)
    sides = np.arange(200) % 2
    assert nearly_the_same(features, sides) == []
    features[11] = features[40] * 1.01 + 0.01  # one in each split
    features[13] = features[43] * 0.99  # both in one
    assert nearly_the_same(features, sides) == [(11, 40)]
