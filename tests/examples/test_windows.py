"""Windows of series: sorted and split by time, none over a gap or a missing value, no row foretold in two splits."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.columns import NumberColumn
from hornbook.columns.series.column import SeriesColumn
from hornbook.errors import DataError, HornbookError, UsageError
from hornbook.examples import Examples
from hornbook.examples.in_time.timeline import as_times
from hornbook.examples.in_time.windows import latest
from hornbook.examples.prepare import Prepared, prepare
from hornbook.examples.split import Split
from hornbook.sources import from_arrays

DAYS = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 4, 9), eager=True)


def table(rows: int = 100, **columns: Any) -> pl.DataFrame:
    data = {"day": DAYS[:rows].cast(pl.String), "price": np.arange(rows, dtype=float), **columns}
    return pl.DataFrame(data)


def windows(frame: pl.DataFrame, length: int = 4, horizon: int = 2, **options: Any) -> Prepared:
    target = {k: options.pop(k) for k in ("season", "relative") if k in options}
    split = options.pop("split", Split(test=0.2))
    inputs = {"past": SeriesColumn(columns=("price",), length=length, **options)}
    return prepare(
        Examples(frame, origin="prices.csv"),
        inputs,
        {"price": SeriesColumn(horizon=horizon, **target)},
        split,
    )


def rows_of(made: Prepared, split: str) -> tuple[set[float], set[float]]:
    """Return the values that the windows of a split have read, and those they foretell."""
    at = made.splits[split]
    past, price = made.arrays["past"].take(at), made.arrays["price"].take(at)
    return set(past.ravel().tolist()), set(price[:, 0].ravel().tolist())


def test_no_row_is_foretold_in_two_splits_and_none_from_a_later_one() -> None:
    made = windows(table())
    past, future = {}, {}
    for split in ("train", "validation", "test"):
        past[split], future[split] = rows_of(made, split)
    assert max(future["train"]) < min(future["validation"]) and max(future["validation"]) < min(
        future["test"]
    )
    assert max(past["train"]) < 70 and max(past["validation"]) < 80  # nothing of a later split is read
    assert sum(map(len, future.values())) == 100 - 4
    assert [len(made.splits[s]) for s in ("train", "validation", "test")] == [70 - 5, 10 - 1, 20 - 1]


def test_what_is_foretold_follows_what_was_read() -> None:
    made = windows(table(), season=3)
    past = made.arrays["past"].take(np.array([7]))[0, :, 0].tolist()
    true, last, seasonal = made.arrays["price"].take(np.array([7]))[0].tolist()
    assert (past, true, last, seasonal) == ([7, 8, 9, 10], [11, 12], [10, 10], [8, 9])
    assert made.examples.table["time"][7] == "2024-01-12"


def test_rows_in_any_order_give_the_same_windows() -> None:
    made = windows(table())
    for other in (table().reverse(), table().sample(fraction=1, shuffle=True, seed=1)):
        again = windows(other)
        rows = np.arange(len(made.examples))
        assert np.array_equal(made.arrays["past"].take(rows), again.arrays["past"].take(rows))
        assert made.fingerprint == again.fingerprint


def test_no_window_holds_two_series() -> None:
    frame = pl.concat(
        [table(50, shop=["a"] * 50), table(50, shop=["b"] * 50).with_columns(pl.col("price") + 1000)]
    )
    made = windows(
        frame.sample(fraction=1, shuffle=True, seed=2), group="shop", split=Split(test=0.2, validation=0.2)
    )
    both = made.arrays["past"].take(np.arange(len(made.examples)))[..., 0]
    assert len(both) == 2 * (30 - 5 + 10 - 1 + 10 - 1)
    assert all(np.ptp(row) == 3 for row in both)
    assert set(made.examples.table["shop"]) == {"a", "b"}


def test_a_long_gap_is_named_and_not_crossed_and_a_short_one_is_bridged() -> None:
    frame = table().filter(~pl.col("price").is_in([20.0, 21.0, 60.0]))
    made = windows(frame.with_columns(price=pl.col("price").replace({40.0: None})))
    everything = made.arrays["past"].take(np.arange(len(made.examples)))[..., 0]
    assert all(np.ptp(row) == 3 for row in everything)
    assert any(40.0 in row for row in everything) and any(60.0 in row for row in everything)
    assert not any(20.0 in row for row in everything)
    to_come = made.arrays["price"].take(np.arange(len(made.examples)))[:, 0]
    assert not np.isin(to_come, [40.0, 60.0]).any() and not np.isin(everything[:, -1], [40.0, 60.0]).any()
    said = " | ".join(str(problem) for problem in made.problems)
    assert "there is a gap of 2 rows between 2024-01-20 and 2024-01-23; no window crosses it" in said
    assert "row 58: prices.csv: there is a gap of 1 row between 2024-02-29 and 2024-03-02; bridged" in said
    assert "1 row of the series has a missing value; bridged by what lies around it, and not judged" in said


@given(
    season=st.sampled_from([3, 4, 7]),
    gone=st.lists(st.integers(30, 90), min_size=1, max_size=5, unique=True),
    dropped=st.booleans(),
)
def test_a_blank_of_a_season_is_bridged_as_it_was(season: int, gone: list[int], dropped: bool) -> None:
    price = 5.0 * np.arange(100) + (np.arange(100) % season) ** 2 * 7
    frame = table(price=price)
    at = pl.Series("i", range(100)).is_in(gone)
    frame = (
        frame.filter(~at)
        if dropped
        else frame.with_columns(price=pl.when(at).then(None).otherwise(pl.col("price")))
    )
    made = windows(frame, length=12, horizon=1, season=season, split=Split(test=0.1, validation=0.1))
    past = made.arrays["past"].take(np.arange(len(made.examples)))[..., 0]
    known = {round(float(value), 3) for value in price}
    assert {round(float(value), 3) for value in past.ravel()} <= known


def test_a_series_of_months_with_many_gaps_is_regular() -> None:
    months = [f"{1990 + i // 12}-{1 + i % 12:02d}" for i in range(100)]
    keep = [i for i in range(100) if i % 9 != 4]
    frame = pl.DataFrame({"day": [months[i] for i in keep], "price": [float(i) for i in keep]})
    made = windows(frame)
    past = made.arrays["past"].take(np.arange(len(made.examples)))[..., 0]
    assert all(np.diff(row).tolist() == [1, 1, 1] for row in past)
    assert sum("bridged" in str(problem) for problem in made.problems) == len(range(4, 96, 9))


@pytest.mark.parametrize(
    ("zone", "minutes"),
    [
        ("Europe/Berlin", 60),
        ("Europe/London", 30),
        ("America/New_York", 15),
        ("Australia/Sydney", 60),
        ("America/Santiago", 60),
        ("Asia/Beirut", 30),
        ("Africa/Cairo", 60),
    ],
)
@pytest.mark.parametrize("newest_first", [False, True])
def test_a_change_of_clocks_is_no_gap(zone: str, minutes: int, newest_first: bool) -> None:
    start = pl.datetime(2023, 1, 1, time_zone="UTC")
    every = pl.datetime_range(start, pl.datetime(2024, 1, 31, time_zone="UTC"), f"{minutes}m", eager=True)
    local = every.dt.convert_time_zone(zone).dt.replace_time_zone(None).dt.strftime("%Y-%m-%d %H:%M")
    frame = pl.DataFrame({"day": local, "price": np.arange(float(len(every)))})
    made = windows(frame.reverse() if newest_first else frame, split=Split(test=0.2, validation=0.2))
    past = made.arrays["past"].take(np.arange(len(made.examples)))[..., 0]
    assert not made.problems
    assert len(past) == len(every) - 4 - 1 - 2  # windows over two borders of splits
    assert all(np.diff(row).tolist() == [1, 1, 1] for row in past[::50])


def test_an_hour_that_is_missing_by_day_is_a_gap() -> None:
    hours = pl.datetime_range(pl.datetime(2023, 3, 1), pl.datetime(2023, 4, 30), "1h", eager=True)
    frame = pl.DataFrame({"day": hours, "price": np.arange(float(len(hours)))})
    made = windows(frame.filter(pl.col("price") != 13 + 24 * 4))
    assert any("a gap of 1 row between" in str(problem) for problem in made.problems)


def test_leap_years_and_rows_that_are_to_come_are_no_gaps() -> None:
    days = pl.date_range(pl.date(2020, 1, 1), pl.date(2020, 4, 9), eager=True)
    assert not windows(table(day=days)).problems
    examples = Examples(
        table().with_columns(price=pl.when(pl.col("price") < 95).then("price")), origin="a.csv"
    )
    (found,) = latest(examples, {"past": SeriesColumn(columns=("price",), length=4)}, 2)
    assert isinstance(found.window, dict)
    assert found.window["past"].ravel().tolist() == [91, 92, 93, 94]
    assert found.times == ("2024-04-05", "2024-04-06")
    assert found.remarks == ("the last 5 rows have no value and are to come",)


def test_days_without_trade_and_months_of_other_length_are_no_gaps() -> None:
    weekdays = pl.DataFrame({"day": DAYS, "price": np.arange(100.0)}).filter(pl.col("day").dt.weekday() < 6)
    assert not windows(weekdays, split=Split(test=0.2, validation=0.2)).problems
    months = [f"19{y}-{m:02d}" for y in range(49, 57) for m in range(1, 13)]
    assert not windows(table(96, day=months)).problems


@pytest.mark.parametrize(
    ("frame", "options", "said"),
    [
        (table(day=["2024-01-01"] * 100), {}, r"the time 2024-01-01 occurs twice \(rows 1 and 2\)"),
        (
            table(9),
            {"length": 20},
            "a window of 20 rows and 2 to come does not fit into the 6 rows of the train split",
        ),
        (table(40), {"horizon": 5}, "does not fit into the 4 rows of the validation split"),
        (table(price=["1"] * 99 + ["much"]), {}, "row 100, column 'price': 'much' is no number"),
        (table(), {"time": "date"}, "there is no column 'date'"),
        (table(day=["2024-01-01", "soon"] * 50), {"time": "day"}, "row 2, column 'day': 'soon' is no time"),
        (table(), {"group": "shop"}, "there is no column 'shop'"),
    ],
)
def test_bad_series_are_one_sentence(frame: pl.DataFrame, options: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError, match=said) as caught:
        windows(frame, **options)
    assert "\n" not in str(caught.value)


def test_an_input_has_no_horizon_and_a_target_has_one() -> None:
    for inputs, targets in (
        ({"past": SeriesColumn(columns=("price",), horizon=3)}, {"price": SeriesColumn(horizon=1)}),
        ({"past": SeriesColumn(columns=("price",))}, {"price": SeriesColumn()}),
        ({"past": SeriesColumn(columns=("price",), time="a")}, {"price": SeriesColumn(horizon=1, time="b")}),
    ):
        with pytest.raises((UsageError, HornbookError)):
            prepare(Examples(table()), inputs, targets)


def test_what_stands_beside_a_window_is_of_its_last_row() -> None:
    inputs = {"past": SeriesColumn(columns=("price",), length=4)}
    made = prepare(
        Examples(table(other=np.arange(100.0) * 2)), inputs, {"other": NumberColumn()}, Split(test=0.2)
    )
    last = made.arrays["past"].take(np.arange(5))[:, -1, 0]
    assert made.arrays["other"].take(np.arange(5)).tolist() == (2 * last).tolist()
    assert made.examples.table["time"][0] == "2024-01-04"
    with pytest.raises(UsageError, match="is in the window that it is to be predicted from"):
        prepare(Examples(table()), inputs, {"price": NumberColumn()})


def test_test_rows_of_the_source_are_kept() -> None:
    frame = table(split=["train"] * 60 + ["test"] * 40)
    made = windows(frame, split=Split(validation=0.2))
    assert min(rows_of(made, "test")[1]) == 60
    assert max(rows_of(made, "validation")[1]) == 59
    mixed = windows(table(split=["train"] * 40 + ["test"] * 20 + ["train"] * 40), split=Split(validation=0.2))
    assert not rows_of(mixed, "train")[0] & rows_of(mixed, "test")[1]


def test_a_source_may_say_its_splits_as_people_do() -> None:
    words = ["train"] * 60 + ["val"] * 20 + ["Test"] * 20
    made = windows(table(split=words))
    assert max(rows_of(made, "train")[1]) < 60 <= min(rows_of(made, "validation")[1])
    assert max(rows_of(made, "validation")[1]) < 80 <= min(rows_of(made, "test")[1])
    with pytest.raises(DataError, match="the column 'split' has 'tset'"):
        windows(table(split=["train"] * 80 + ["tset"] * 20))


def test_a_column_of_times_with_a_cell_that_is_none_is_not_passed_by() -> None:
    # Newest first: in the order of the file the past would be foretold.
    frame = table().reverse()
    for cell, said in ((None, "is empty"), ("n.v.", "is 'n.v.', unlike the others")):
        broken = frame.with_columns(
            day=pl.when(pl.int_range(pl.len()) == 7).then(pl.lit(cell)).otherwise("day")
        )
        with pytest.raises(DataError, match=rf"row 8: the column of times 'day' {said}"):
            windows(broken)
    # One that is whole is taken, wherever it stands.
    some = ["2024-01-01"] * 95 + [None] * 5
    assert (
        windows(frame.with_columns(first=pl.Series(some)).select("first", "day", "price"))
        .splits["train"]
        .size
    )
    assert windows(table(note=["a", None] * 50).drop("day")).splits["train"].size


def test_times_with_a_zone_are_times() -> None:
    stamps = [f"{day}T00:00:00+02:00" for day in table()["day"]]
    one, other = windows(table()), windows(table().with_columns(day=pl.Series(stamps)).reverse())
    assert rows_of(one, "test") == rows_of(other, "test")


def test_dates_that_may_be_read_two_ways_are_read_as_they_are_even() -> None:
    months = [f"01/{month:02d}/{year}" for year in range(2015, 2023) for month in range(1, 13)]
    read = as_times(pl.Series(months))
    assert read is not None and read.dt.month().to_list() == list(range(1, 13)) * 8
    days = as_times(pl.Series(["01/02/2015", "01/03/2015", "01/04/2015"]))
    assert days is not None and days.dt.month().to_list() == [1, 1, 1]


def test_steps_that_32_bits_do_not_keep_are_said() -> None:
    made = windows(table(price=123_456_789 + 3.0 * np.arange(100)))
    assert any("numbers of 32 bits are 8 apart there" in str(problem) for problem in made.problems)
    assert not windows(table(price=3_456.0 + 3.0 * np.arange(100))).problems


@pytest.mark.parametrize("step", [1, -1, 5])
def test_numbers_at_equal_steps_are_times(step: int) -> None:
    years = [1900 + step * i for i in range(60)]
    examples = from_arrays(year=years, sold=np.arange(60.0) ** 1.5)
    column = SeriesColumn(columns=("sold",), length=4)
    (found,) = latest(examples, {"past": column}, 2)
    newest = max(years)
    assert found.times == (str(newest + abs(step)), str(newest + 2 * abs(step)))
    assert isinstance(found.window, dict)
    expected = examples.table.sort("year")["sold"][-4:].to_list()
    assert found.window["past"].ravel().tolist() == expected


def monthly(rows: int = 120) -> pl.DataFrame:
    """Return months with a season of twelve."""
    months = [f"{1990 + i // 12}-{1 + i % 12:02d}" for i in range(rows)]
    price = 0.3 * np.arange(rows) + np.tile([0.0, 9, 3, 1, 7, 2, 8, 1, 0, 4, 12, 5], 20)[:rows]
    return pl.DataFrame({"month": months, "price": price, "other": price**2})


def test_a_season_that_is_not_said_is_found_and_the_window_holds_one() -> None:
    target = {"price": SeriesColumn(horizon=1)}
    made = prepare(Examples(monthly()), {"past": SeriesColumn(columns=("price",))}, target, Split(test=0.2))
    found, past = made.targets["price"], made.inputs["past"]
    assert isinstance(found, SeriesColumn) and isinstance(past, SeriesColumn)
    assert (found.season, past.length) == (12, 30)
    true, _, seasonal = made.arrays["price"].take(np.array([3]))[0]
    assert true == pytest.approx(seasonal + 12 * 0.3, rel=1e-5)
    none = {"price": SeriesColumn(horizon=1, season=1)}
    other = prepare(Examples(monthly()), {"past": SeriesColumn(columns=("price",))}, none, Split(test=0.2))
    assert isinstance(column := other.targets["price"], SeriesColumn) and column.season == 1


def test_a_window_that_names_no_column_reads_what_is_foretold_or_the_other_numbers() -> None:
    past = {"past": SeriesColumn(length=4)}
    made = prepare(Examples(monthly()), past, {"price": SeriesColumn(horizon=1)}, Split(test=0.2))
    assert made.inputs["past"].sources("past") == ("price",)
    made = prepare(Examples(monthly()), past, {"price": NumberColumn()}, Split(test=0.2))
    assert made.inputs["past"].sources("past") == ("other",)
    with pytest.raises(UsageError, match=r'set targets\.price = \{type = "series", horizon = 1\}'):
        prepare(Examples(monthly().drop("other")), past, {"price": NumberColumn()})
