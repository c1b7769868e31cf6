"""The times of rows to come are written as those before them, and go on in their steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.examples.in_time.following import following

days = st.dates(date(1950, 1, 1), date(2050, 1, 1))
FORMS: dict[str, Callable[[date], str]] = {
    "iso": date.isoformat,
    "slashes": lambda d: d.strftime("%Y/%m/%d"),
    "American": lambda d: d.strftime("%m/%d/%Y"),
    "German": lambda d: d.strftime("%d.%m.%Y"),
    "without zeros": lambda d: f"{d.day}.{d.month}.{d.year}",
    "named months": lambda d: d.strftime("%d-%b-%Y"),
    "a moment": lambda d: f"{d}T06:30:00Z",
    "a moment and a zone": lambda d: f"{d} 23:30+05:30",
}


@pytest.mark.parametrize("form", FORMS)
@given(days, st.integers(1, 40))
def test_days_go_on_as_they_are_written(form: str, first: date, step: int) -> None:
    # Over 28 days a step may be one of months; all weekdays without one at the weekend are workdays.
    step = step if step < 25 else 7
    every = [FORMS[form](first + timedelta(days=i * step)) for i in range(44)]
    assert following(pl.Series(every[:40]), 4) == every[40:]


@given(days.filter(lambda d: d.day <= 28), st.sampled_from([1, 2, 3, 6, 12]), st.booleans())
def test_months_go_on_whatever_their_length(first: date, step: int, bare: bool) -> None:
    months = [12 * first.year + first.month - 1 + i * step for i in range(20)]
    moments = [first.replace(year=m // 12, month=m % 12 + 1) for m in months]
    every = [f"{d:%Y-%m}" if bare else d.isoformat() for d in moments]
    assert following(pl.Series(every[:16]), 4) == every[16:]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["2024-01-31", "2024-02-29", "2024-03-31"], ["2024-04-30", "2024-05-31"]),
        (
            [f"2024-03-{d:02d}" for d in range(1, 30) if date(2024, 3, d).weekday() < 5],
            ["2024-04-01", "2024-04-02"],
        ),
        ([1949, 1950, 1951], ["1952", "1953"]),
        (["1-10", "1-11", "1-12", "2-01"], ["2-02", "2-03"]),
        (["2000Q3", "2000Q4", "2001Q1"], ["2001Q2", "2001Q3"]),
        (["2019年5月30日", "2019年5月31日"], ["2019年6月1日", "2019年6月2日"]),
        (["05/30/2019 11:00 PM", "05/31/2019 11:00 PM"], ["06/01/2019 11:00 PM", "06/02/2019 11:00 PM"]),
        (["Nov-99", "Dec-99"], ["Jan-00", "Feb-00"]),
        ([0.5, 1.0, 1.5], ["2", "2.5"]),
        ([date(2024, 5, 1), date(2024, 5, 2)], ["2024-05-03", "2024-05-04"]),
        ([datetime(2024, 5, 1, h) for h in (21, 22, 23)], ["2024-05-02 00:00:00", "2024-05-02 01:00:00"]),
        (["2024-05-01 22:00", "2024-05-01 23:00"], ["2024-05-02 00:00", "2024-05-02 01:00"]),
        (
            ["2024-05-01 22:00+02:00", "2024-05-01 23:00+02:00"],
            ["2024-05-02 00:00+02:00", "2024-05-02 01:00+02:00"],
        ),
        (["2024-05-01"], ["2024-05-02", "2024-05-03"]),
        (["a", "b"], ["step 1", "step 2"]),
    ],
)
def test_the_next_times(cells: list[Any], expected: list[str]) -> None:
    assert following(pl.Series(cells), 2) == expected
