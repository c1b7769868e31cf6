"""How often a series has a row."""

from __future__ import annotations

from datetime import datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.examples.in_time.frequency import Frequency, frequency
from hornbook.examples.in_time.timeline import read_times
from hornbook.sources import from_arrays


def of(times: pl.Series) -> Frequency:
    read = read_times(from_arrays(when=times.to_list(), y=[1.0] * len(times)), "when")
    return frequency(read.at(np.arange(len(times)), np.zeros(len(times), np.int64)))


def dates(every: str, year: int = 2019, count: int = 60) -> pl.Series:
    start = datetime(year, 1, 31 if every.endswith("mo_end") else 1)
    every = every.removesuffix("_end")
    return pl.datetime_range(start, start + timedelta(days=366 * count), every, eager=True).head(count)


@pytest.mark.parametrize(
    ("every", "unit", "seasons"),
    [
        ("1mo", "month", (12,)),
        ("1q", "quarter", (4,)),
        ("1y", "year", ()),
        ("1w", "week", (52,)),
        ("1d", "day", (7,)),
        ("1h", "hour", (24, 168)),
        ("30m", "30 minutes", (48, 336)),
        ("15m", "15 minutes", (4, 96, 672)),
        ("6h", "6 hours", (4, 28)),
        ("7s", "7 seconds", (514,)),
    ],
)
def test_the_usual_steps(every: str, unit: str, seasons: tuple[int, ...]) -> None:
    assert of(dates(every)) == Frequency(unit, seasons)


@given(year=st.integers(1900, 2090), kind=st.sampled_from(["1mo", "1q", "1y", "1d", "1mo_end"]))
def test_leap_years_and_lengths_of_months_change_nothing(year: int, kind: str) -> None:
    found = of(dates(kind, year, 30))
    assert found == of(dates(kind, 2021, 30))


def test_days_without_a_weekend_are_of_business() -> None:
    days = dates("1d", count=90)
    assert of(days.filter(days.dt.weekday() < 6)) == Frequency("business day", (5,))


def test_numbers_of_rows_may_have_any_season() -> None:
    times = read_times(from_arrays(row=range(1, 61), y=[1.0] * 60), "row")
    assert frequency(times).seasons[:2] == (2, 3)
    assert frequency(times).said(11) == "11 rows"
