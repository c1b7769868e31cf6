"""A column of dates: what a cell is, what is learned from it, and that it is the same wherever a row stands."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import numpy as np
import polars as pl
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from hornbook.columns.base import Array
from hornbook.columns.date.column import DateColumn
from hornbook.columns.date.network import DateInput
from hornbook.columns.date.parts import PARTS, meaningful
from hornbook.columns.kinds import column_from_json
from hornbook.columns.summary import Values
from hornbook.common.charts import Bars
from hornbook.errors import DataError, RecipeError
from hornbook.examples.rows import Rows
from hornbook.recipe import Recipe

DAY = 86_400.0


def learned(cells: list[Any], **options: Any) -> DateColumn:
    series = pl.Series("day", cells)
    return DateColumn(**options).read_as(series, "inputs.day").learn(series)


def days(count: int, step: float = 1.0, first: date = date(2019, 1, 1)) -> Array:
    begin = (first - date(1970, 1, 1)).days
    return (begin + np.arange(count) * step) * DAY


@pytest.mark.parametrize(
    "value",
    ["31/12/2019", "2019-12-31", date(2019, 12, 31), datetime(2019, 12, 31), np.datetime64("2019-12-31")],
)
def test_a_day_is_the_same_whatever_it_is_given_as(value: object) -> None:
    column = learned(["31/12/2019", "01/02/2020"])
    assert float(column.encode(value)) == (date(2019, 12, 31) - date(1970, 1, 1)).days * DAY
    again = column_from_json(column.to_json())
    assert float(again.encode(value)) == float(column.encode(value))


@pytest.mark.parametrize("value", [None, "", " ", "unknown", "n/a", "0000-00-00", "?"])
def test_no_date_is_missing(value: object) -> None:
    assert np.isnan(learned(["31/12/2019"]).encode(value))


@pytest.mark.parametrize(
    "value", ["soon", "31.31.2019", "12/31/2019", [1], b"x", True, float("inf"), "2019-02-30"]
)
def test_what_is_no_date_is_said_with_how_to_write_one(value: object) -> None:
    with pytest.raises(
        DataError, match=r"row 7: .* is no date; write it as 31/03/2024, as others are, or as 2024-03-31"
    ):
        learned(["31/12/2019"]).encode(value, "row 7")


def test_a_moment_in_another_zone_is_the_same_moment() -> None:
    column = learned(["2020-01-01T08:00:00+09:00", "2020-01-02T08:00:00+09:00"])
    there = timezone(timedelta(hours=9))
    same: list[object] = [
        *("2020-01-01T08:00:00+09:00", "2019-12-31T23:00:00Z", "2020-01-01 08:00"),
        *(datetime(2019, 12, 31, 23, tzinfo=UTC), datetime(2020, 1, 1, 8, tzinfo=there)),
    ]
    assert len({float(column.encode(value)) for value in same}) == 1


def test_a_whole_column_is_read_as_its_cells_are() -> None:
    column = learned(["31/12/2019 10:30", "01/02/2020"])
    cells = ["01/02/2020 3 PM", None, "2020-05-06", "unknown", "7/8/2021 23:59:59.5"]
    found = column.encode_series(pl.Series(cells))
    assert found is not None
    np.testing.assert_array_equal(found, [column.encode(c) for c in cells])
    assert column.encode_series(pl.Series([*cells, "soon"])) is None
    assert dict(column.unreadable(pl.Series([*cells, "soon"]), "day"))[5].startswith(
        "column 'day': 'soon' is no date"
    )


@pytest.mark.parametrize(
    ("seconds", "parts"),
    [
        (days(800), ("year", "yearday", "weekday")),
        (days(200), ("weekday", "days")),
        (days(8), ("days",)),
        (days(48, 1 / 24), ("hour", "days")),
        (days(24 * 800, 1 / 24), ("year", "yearday", "weekday", "hour")),
        (days(24 * 500, 1 / 24), ("year", "weekday", "hour")),
        (days(1), ("days",)),
        (days(10, 365.25), ("year", "yearday", "weekday", "hour")),
        (days(10, 7), ("days",)),
    ],
)
def test_parts_are_those_that_vary_and_come_again(seconds: Array, parts: tuple[str, ...]) -> None:
    assert meaningful(seconds) == parts


def test_months_have_no_weekdays() -> None:
    firsts = [f"{y}-{m:02d}-01" for y in range(2000, 2010) for m in range(1, 13)]
    assert learned(firsts).shown == ("year", "month")
    assert learned([f"{y}Q{q}" for y in range(2000, 2010) for q in (1, 2, 3, 4)]).shown == ("year", "month")
    assert learned(
        [str(date(y, m, 1) - timedelta(days=1)) for y in range(2000, 2009) for m in range(1, 13)]
    ).shown == (*("year", "month"),)


@given(st.lists(st.datetimes(datetime(1, 1, 1), datetime(9999, 12, 31)), min_size=1, max_size=50))
def test_the_parts_in_the_graph_are_those_of_the_calendar(moments: list[datetime]) -> None:
    moments = [t.replace(microsecond=0) for t in moments]
    column = DateColumn(parts=PARTS, form="%Y-%m-%d", shown=PARTS, begin=0.0, end=DAY, missing=False)
    given_ = torch.tensor([(t - datetime(1970, 1, 1)).total_seconds() for t in moments], dtype=torch.float64)
    found = DateInput(column).for_trees(given_).double().numpy()
    of: dict[str, Callable[[datetime], float]] = {
        "year": lambda t: t.year,
        "month": lambda t: t.month - 1,
        "yearday": lambda t: t.timetuple().tm_yday - 1,
        "day": lambda t: t.day - 1,
        "weekday": lambda t: t.weekday(),
        "hour": lambda t: t.hour + t.minute / 60 + t.second / 3600,
    }
    for name in PARTS[:-1]:
        np.testing.assert_allclose(found[:, PARTS.index(name)], [of[name](t) for t in moments], atol=1e-5)


def test_a_trend_ends_where_the_training_rows_end() -> None:
    column = learned([str(date(2019, 1, 1) + timedelta(days=i)) for i in range(100)])
    given_ = torch.tensor(
        [column.begin, column.end, (column.end or 0) + 1e9, -1e12, torch.nan], dtype=torch.float64
    )
    found = DateInput(column)(given_)
    assert found.shape == (5, *DateInput(column).shape) and bool(torch.isfinite(found).all())
    assert found[1, 0] == found[2, 0] and found[0, 0] == found[3, 0] and float(found.abs().max()) < 2
    assert not found[4].any()


def said(column: DateColumn) -> str:
    none: dict[str, Array] = {"train": np.arange(1), "validation": np.zeros(0), "test": np.zeros(0)}
    found = column.inspect(Values("day", Rows(np.zeros(1)), none, str)).findings
    return found[0].message if found else ""


def test_what_could_be_meant_otherwise_is_said_with_the_key_that_sets_it() -> None:
    cells = [f"0{m}/0{d}/2020" for m in (3, 1, 2) for d in (4, 9, 1)]
    column = learned(cells)
    assert column.form == "%m/%d/%Y" and said(column) == (
        "day: dates as 03/31/2024 are read as %m/%d/%Y, so that the distances between them are the most even; each "
        'could be %d/%m/%Y as well: where that is meant, --set \'inputs.day={type="date", format="%d/%m/%Y"}\''
    )
    assert not said(learned(cells, format="%d/%m/%Y")) and not said(learned(["31/01/2020"]))
    other = learned(cells, format="%d/%m/%Y")
    assert float(other.encode("03/04/2020")) == (date(2020, 4, 3) - date(1970, 1, 1)).days * DAY


def test_a_column_without_dates_says_how_to_name_their_form() -> None:
    with pytest.raises(DataError, match=r"such as '14\|08\|2018' are no dates; say .*--set 'inputs.day="):
        DateColumn().read_as(pl.Series("day", ["14|08|2018"] * 3), "inputs.day")
    column = DateColumn(format="%d|%m|%Y").read_as(pl.Series("day", ["14|08|2018"] * 3), "inputs.day")
    assert float(column.encode("01|01|1970")) == 0


@pytest.mark.parametrize("options", [{"format": "%k"}, {"format": ""}, {"parts": []}, {"parts": ["minute"]}])
def test_options_that_cannot_be_are_refused(options: dict[str, Any]) -> None:
    values = {
        "inputs": {"day": {"type": "date", **options}},
        "targets": {"y": "number"},
        "network": {"name": "mlp"},
    }
    with pytest.raises(RecipeError, match=r"inputs\.day"):
        Recipe.from_values(values, "mine", "mine.toml")


def test_a_date_is_shown_over_time() -> None:
    for cells in ([f"2020-01-{d:02d}" for d in range(1, 29)], ["1950", "2020"], ["2020-01-01 10:00"] * 3):
        column = learned(cells, format="%Y" if len(cells[0]) == 4 else "%Y-%m-%d")
        (chart,) = column.charts(pl.Series("day", cells))
        assert isinstance(chart, Bars) and sum(count for _, count in chart.counts) == len(cells)
    assert learned(["2020-01-31"]).labels(np.array([0.0, 3600.0, np.nan])) == [
        "1970-01-01",
        "1970-01-01 01:00:00",
        "missing",
    ]
    assert learned(["31/12/2019"]).about_value()["example"] == "31/12/2019"


def test_nothing_warns_of_a_column_of_nothing() -> None:
    with warnings.catch_warnings(), pytest.raises(DataError, match="no date"):
        warnings.simplefilter("error")
        DateColumn().learn([None, None])
