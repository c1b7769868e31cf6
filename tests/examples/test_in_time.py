"""Rows that follow a date are held back by time: the last ones are the test rows."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.errors import DataError
from hornbook.examples import Examples
from hornbook.examples.in_time.split import hold_back
from hornbook.examples.split import Split, folds, split_rows
from hornbook.sources import from_arrays

N = 100


def table(**more: Any) -> Examples:
    order = np.random.default_rng(0).permutation(N)
    day = [(date(2020, 1, 1) + timedelta(days=int(i))).strftime("%d.%m.%Y") for i in order]
    return from_arrays(day=day, place=order, x=np.arange(N, dtype=float), **more)


def places(examples: Examples, split: str) -> list[int]:
    return sorted(examples.table.filter(pl.col("split") == split)["place"].to_list())


def test_the_last_rows_are_the_test_rows_and_those_before_the_validation_rows() -> None:
    for by in ("day", "place"):
        made = split_rows(table(), Split(by=by, validation=0.2, test=0.1))
        assert places(made, "train") == list(range(70))
        assert places(made, "validation") == list(range(70, 90))
        assert places(made, "test") == list(range(90, 100))
        begins = "31.03.2020" if by == "day" else "90"
        assert made.notes[-1].endswith(
            f'those of the test begin at {begins}; to deal them at random, set split.by = ""'
        )
    dealt = split_rows(table(), Split(by="", validation=0.2, test=0.1))
    assert places(dealt, "test") != list(range(90, 100)) and not dealt.notes


def test_several_columns_are_a_time_together() -> None:
    examples = table()
    place = examples.table["place"]
    parts = examples.table.with_columns(year=2000 + place // 12, month=place % 12 + 1)
    made = split_rows(examples.replace(table=parts), Split(by=("year", "month"), validation=0.2, test=0.1))
    assert places(made, "test") == list(range(90, 100)) and places(made, "train") == list(range(70))
    assert "(year, month)" in made.notes[-1] and "begin at 2007 7" in made.notes[-1]


def test_rows_without_a_date_are_learned_from() -> None:
    examples = table()
    cells = examples.table["day"].to_list()
    gone = examples.replace(table=examples.table.with_columns(day=pl.Series([None, *cells[1:]])))
    assert split_rows(gone, Split(by="day")).table["split"][0] == "train"


def test_a_split_of_the_source_is_kept_and_validated_on_what_comes_before() -> None:
    words = ["test" if i < 5 else None for i in range(N)]
    made = split_rows(table(split=words), Split(by="x", validation=0.2))
    test = made.table["split"].to_list()
    assert test[:5] == ["test"] * 5 and test[81:] == ["validation"] * 19 and "test" not in test[5:]


def test_a_group_is_where_its_last_row_is() -> None:
    examples = table(who=[str(i % 7) for i in range(N)])
    made = split_rows(examples, Split(by="place", group="who", validation=0.15, test=0.15)).table
    assert (made.group_by("who").agg(pl.col("split").n_unique())["split"] == 1).all()
    last = made.group_by("split").agg(pl.col("place").max()).sort("place")["split"].to_list()
    assert last == ["train", "validation", "test"]


@given(
    st.lists(st.integers(-1, 12), min_size=1, max_size=60),
    st.floats(0.01, 0.45),
    st.floats(0.01, 0.45),
)
def test_nothing_is_learned_from_what_comes_later(times: list[int], test: float, validation: float) -> None:
    known = np.array(times)
    out = np.full(len(times), "train", "<U10")
    hold_back(out, np.arange(len(times)), known, [("test", test), ("validation", validation)])
    order = [known[(out == s) & (known >= 0)] for s in ("train", "validation", "test")]
    there = [part for part in order if len(part)]
    assert all(a.max() < b.min() for a, b in pairwise(there))
    assert (out[known < 0] == "train").all()
    different = len(np.unique(known[known >= 0]))
    if different:
        assert len(order[0])
        assert [len(part) > 0 for part in order[1:]] == [different > 2, different > 1]


def test_folds_follow_each_other_and_learn_from_what_is_before() -> None:
    every = list(folds(table(), 4, Split(by="day")))
    tested = [places(f, "test") for f in every]
    assert [p for fold in tested for p in fold] == list(range(20, 100))
    for fold, test in zip(every, tested, strict=True):
        learned = fold.table.filter(pl.col("split").is_null())["place"]
        assert learned.max() == min(test) - 1 and len(learned) == min(test)
    with pytest.raises(DataError, match="200 folds cannot be made of the times of day"):
        list(folds(table(), 200, Split(by="day")))


def test_a_column_that_is_no_time_is_named() -> None:
    with pytest.raises(DataError, match=r"split\.by = 'who' names a column of neither dates"):
        split_rows(table(who=["a", "b"] * (N // 2)), Split(by="who"))
    with pytest.raises(DataError, match="there is no column 'date'"):
        split_rows(table(), Split(by="date"))
