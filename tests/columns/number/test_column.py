"""The number column: what is read as a number, what is missing, what is learned, and the way to the user's units."""

from __future__ import annotations

import datetime
import math
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.columns import NumberColumn
from hornbook.errors import DataError
from hornbook.recipe import Recipe

PLAIN = NumberColumn().learn([1.0, 2.0, 3.0, 4.0])


@pytest.mark.parametrize("value", [None, "", " ", "?", "NA", "n/a", "NULL", "nan", math.nan, "-"])
def test_missing_values_are_nan(value: Any) -> None:
    assert np.isnan(PLAIN.encode(value))


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("2.5", 2.5),
        (" -3e2 ", -300),
        (".5", 0.5),
        ("5.", 5),
        ("+1", 1),
        (7, 7),
        ("3,5", 3.5),
        ("-1,250.5", -1250.5),
        ("1,250", 1250),
        (True, 1),
        (np.int16(3), 3),
    ],
)
def test_what_is_a_number(value: Any, number: float) -> None:
    assert float(PLAIN.encode(value)) == number


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("abc", "'abc' is not a number; correct"),
        ("3,5,1", "not a number"),
        ("2020-01-31", "a date"),
        ("12 %", "percentage"),
        ("12 kg", "unit"),
        ("1_000", "not a number"),
        ("٣٤x", "not a number"),
        ("inf", "infinite"),
        (math.inf, "infinite"),
        (-math.inf, "infinite"),
        (10**400, "infinite or too large"),
        (1e300, "too large"),
        (datetime.date(2020, 1, 31), "date or time"),
        ([1], "type list"),
        (b"1x", "type bytes"),
        ("1" * 100_000 + "x", "is not a number"),
    ],
    ids=lambda v: repr(v)[:20],
)
def test_what_is_none_is_one_sentence_with_its_place(value: Any, said: str) -> None:
    with pytest.raises(DataError, match=said) as caught:
        PLAIN.encode(value, "cars.csv, row 3, column 'weight'")
    assert str(caught.value).startswith("cars.csv, row 3, column 'weight': ")
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 250


@pytest.mark.parametrize(
    "cells",
    [
        pl.Series([1, 2, None]),
        pl.Series([1.5, math.nan, None]),
        pl.Series([True, False, None]),
        pl.Series(["1", " 2.5 ", "?", None, "NA", "-1e3"]),
        pl.Series([1.25, 2.5], dtype=pl.Decimal(10, 2)),
        pl.Series([], dtype=pl.Int8),
    ],
    ids=lambda s: str(s.dtype),
)
def test_a_whole_column_is_encoded_as_one_by_one(cells: pl.Series) -> None:
    found = PLAIN.encode_series(cells)
    assert found is not None
    assert found.dtype == PLAIN.dtype
    assert np.array_equal(found, PLAIN.encode_many(cells.to_list()), equal_nan=True)


@pytest.mark.parametrize(
    "cells",
    [
        pl.Series(["1", "x"]),
        pl.Series(["1", "inf"]),
        pl.Series([1.0, math.inf]),
        pl.Series([1e300]),
        pl.Series([datetime.date(2020, 1, 1)]),
        pl.Series([[1.0]]),
    ],
    ids=lambda s: str(s.dtype),
)
def test_a_column_with_something_wrong_is_left_to_the_one_that_says_where(cells: pl.Series) -> None:
    assert PLAIN.encode_series(cells) is None
    with pytest.raises(DataError, match=r"row [12]\b"):
        PLAIN.encode_many(cells.to_list())


def test_learns_mean_and_sample_deviation_of_what_is_there() -> None:
    column = NumberColumn().learn(pl.Series([1.0, None, 3.0, math.nan, 5.0]))
    assert (column.mean, column.std, column.missing) == (3.0, 2.0, True)
    assert NumberColumn().learn([4, 4, 4]).std == 0.0
    assert NumberColumn().learn(["7"]).mean == 7.0
    assert NumberColumn().learn([]).learned
    assert column.learn([100.0]) is column


def test_keeps_digits_that_float32_would_lose() -> None:
    times = [1_700_000_000 + i for i in range(100)]
    column = NumberColumn().learn(times)
    assert column.wide
    assert column.dtype == np.float64
    assert np.array_equal(column.encode_many(times), times)
    assert not NumberColumn().learn([1e9 * i for i in range(100)]).wide


def test_clip_and_quantiles_and_log() -> None:
    values = [*range(100), 10_000]
    clipped = NumberColumn(clip=(10.0, 90.0)).learn(values)
    assert clipped.limits == (10.0, 90.0)
    assert clipped.standardized(np.array([0.0])) == clipped.standardized(np.array([10.0]))
    quantiles = NumberColumn(clip_quantiles=(0.05, 0.95)).learn(values)
    assert quantiles.limits is not None
    assert quantiles.limits[1] < 100
    log = NumberColumn(log=True).learn([0.0, math.e - 1])
    assert log.mean == pytest.approx(0.5)
    with pytest.raises(DataError, match="no logarithm"):
        log.encode(-1)
    assert NumberColumn(log=True).encode_series(pl.Series([-2.0])) is None


@given(
    st.lists(st.floats(-1e6, 1e6, width=32), min_size=2, max_size=20),
    st.booleans(),
    st.sampled_from([None, (-50.0, 1000.0)]),
)
def test_there_and_back_again(values: list[float], log: bool, clip: tuple[float, float] | None) -> None:
    if log:
        values, clip = [abs(v) for v in values], None
    column = NumberColumn(log=log, clip=clip).learn(values)
    numbers = np.array(values, np.float64)
    wanted = numbers if clip is None else np.clip(numbers, *clip)
    back = column.in_units(column.standardized(numbers))
    assert np.allclose(back, wanted, rtol=1e-6, atol=1e-6 * max(1.0, float(np.abs(numbers).max())))


def test_scores_and_baseline() -> None:
    truth = np.array([1.0, 2.0, 6.0], np.float32)
    found = PLAIN.score(np.array([[1.0], [3.0], [4.0]]), truth)
    assert found["mae"] == 1.0
    assert found["rmse"] == pytest.approx(math.sqrt(5 / 3))
    assert found["r2"] == pytest.approx(1 - 5 / 14)
    assert next(iter(found)) == "mae"
    assert PLAIN.baseline(np.array([2.0, 4.0]), truth) == ("always the mean, 3", 2.0)
    assert math.isnan(PLAIN.score(np.array([[1.0]]), np.array([1.0]))["r2"])


def test_the_interval_holds_what_it_promises() -> None:
    rng = np.random.default_rng(0)
    column = NumberColumn().learn(rng.normal(10, 3, 1000))
    with_margin = column.with_margin(rng.normal(size=500) / 3)
    assert with_margin.margin is not None
    (prediction,) = with_margin.decode(np.array([[12.0]]))
    assert prediction.interval is not None
    low, high = prediction.interval
    assert low < 12 < high
    new = 12 + rng.normal(size=4000) * (column.std or 0) / 3
    assert 0.92 < ((new >= low) & (new <= high)).mean() < 0.98
    assert column.with_margin(np.ones(18)).margin is None
    assert column.with_margin(np.arange(19.0)).margin == 18.0
    assert prediction.to_json()["interval"] == [low, high]


def test_answers_have_the_digits_of_float32() -> None:
    values = [p.value for p in PLAIN.decode(np.array([[0.1], [0.0], [-23.45], [1e-30]], np.float32))]
    assert values == [0.1, 0.0, -23.45, 1e-30]


def test_rows_over_a_limit_are_named() -> None:
    column = NumberColumn(under=50.0)
    assert column.rejects([10, 50, "?", 49.9, 60]) == [1, 4]
    assert "not under 50" in column.why_rejected(50.0, "medv")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"clip": [5.0, 1.0]}, "the first must be the lower"),
        ({"clip": [0.0, 1.0], "clip_quantiles": [0.1, 0.9]}, "give one of them"),
        ({"clip": [-2.0, 1.0], "log": True}, "above -1"),
        ({"loss": "cubic"}, "squared"),
        ({"clip_quantiles": [0.1, 1.5]}, "at most 1"),
        ({"mean": 3.0}, "unknown key"),
    ],
)
def test_options_that_do_not_go_together(options: dict[str, Any], said: str) -> None:
    values = {"inputs": {"x": {"type": "number", **options}}, "targets": {"y": "number"}}
    with pytest.raises(Exception, match=said):
        Recipe.from_values(values, "x", "test")
