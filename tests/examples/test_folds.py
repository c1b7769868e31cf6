"""Folds: every row is tested once, classes keep their shares, groups stay together."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from hornbook.errors import DataError, UsageError
from hornbook.examples import Examples
from hornbook.examples.split import Split, fold_of, folds

TABLE = pl.DataFrame(
    {
        "x": range(53),
        "y": ["a"] * 40 + ["b"] * 13,
        "who": [f"w{i % 9}" for i in range(53)],
        "split": ["test"] * 53,
    }
)
EXAMPLES = Examples(TABLE, origin="mine")


def test_every_row_is_tested_once_and_each_fold_has_its_share() -> None:
    tested = np.zeros(53, int)
    for part in folds(EXAMPLES, 5, stratify="y"):
        test = (part.table["split"] == "test").fill_null(value=False).to_numpy()
        tested += test
        assert 10 <= test.sum() <= 11
        assert 2 <= (part.table["y"].to_numpy()[test] == "b").sum() <= 3
    assert (tested == 1).all()


def test_another_seed_deals_otherwise_and_the_same_one_the_same() -> None:
    first = fold_of(EXAMPLES, 5, Split(seed=1))
    assert np.array_equal(first, fold_of(EXAMPLES, 5, Split(seed=1)))
    assert not np.array_equal(first, fold_of(EXAMPLES, 5, Split(seed=2)))


def test_groups_stay_together() -> None:
    found = fold_of(EXAMPLES, 3, Split(group="who"), "y")
    for who in TABLE["who"].unique():
        assert len(set(found[(TABLE["who"] == who).to_numpy()])) == 1
    assert set(found) == {0, 1, 2}


def test_what_cannot_be() -> None:
    with pytest.raises(UsageError, match="at least 2"):
        fold_of(EXAMPLES, 1)
    with pytest.raises(DataError, match="54 folds cannot be made of 53 rows"):
        fold_of(EXAMPLES, 54)
    with pytest.raises(DataError, match="9 groups of who"):
        fold_of(EXAMPLES, 10, Split(group="who"))
