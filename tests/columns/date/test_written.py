"""Dates are read as they are written: any moment in any of the forms, found from the whole column."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook.columns.base import Array
from hornbook.columns.date.written.find import find, in_form
from hornbook.columns.date.written.forms import FORMS, NUMBERS, pattern
from hornbook.columns.date.written.names import LISTS
from hornbook.columns.date.written.read import DateForm, civil_days, read
from hornbook.columns.date.written.write import writer
from hornbook.errors import UsageError

EPOCH = datetime(1970, 1, 1)
moments = st.datetimes(datetime(1950, 1, 1), datetime(2030, 1, 1)).map(lambda t: t.replace(microsecond=0))
CLOCKS = ("", " %H:%M", " %H:%M:%S", "T%H:%M:%S", " %I:%M %p", " %I:%M:%S %p", ", %H:%M")


def written(form: str, t: datetime) -> str:
    """Return a moment in a form, by the standard library where it knows the code."""
    quarter = (t.month + 2) // 3
    for code, text in {
        "%-y": str(t.year % 100),
        "%q": str(quarter),
        "%b": LISTS[8][t.month - 1].capitalize(),
        "%X": t.strftime("%H:%M:%S"),
        "%z": "Z",
        "%Y": f"{t.year:04d}",
    }.items():
        form = form.replace(code, text)
    return t.strftime(form)


def told(form: str, t: datetime) -> datetime:
    """Return as much of a moment as a form tells."""
    if "%V" in form:
        t -= timedelta(days=t.weekday())
    elif "%d" not in form:
        t = t.replace(day=1, month=t.month if "%q" not in form else (t.month + 2) // 3 * 3 - 2)
    if "%X" in form or "%S" in form:
        return t
    return t.replace(second=0) if "%M" in form else t.replace(hour=0, minute=0, second=0)


def micro(every: list[datetime]) -> list[int]:
    return [(t - EPOCH) // timedelta(microseconds=1) for t in every]


@pytest.mark.parametrize("form", [f for f in FORMS if f != "%-y-%m"])
@settings(max_examples=8)
@given(st.lists(moments, min_size=2, max_size=30), st.booleans())
def test_a_form_is_read_back_by_whoever_knows_it(form: str, every: list[datetime], gap: bool) -> None:
    cells = pl.Series([written(form, t) for t in every] + [None] * gap, dtype=pl.String)
    found = in_form(cells, form)
    assert found is not None
    wanted = micro([told(form, t) for t in every])
    assert found.moments.clock[: len(every)].tolist() == wanted
    assert (
        found.moments.known.tolist() == [True] * len(every) + [False] * gap and not found.moments.wrong.any()
    )


@pytest.mark.parametrize("form", [f for f in FORMS if f != "%-y-%m"])
@settings(max_examples=12)
@given(st.data())
def test_a_form_is_found_from_the_whole_column(form: str, data: st.DataObject) -> None:
    clock = (
        data.draw(st.sampled_from(CLOCKS))
        if "%d" in form and not {"X", "S", "M"} & {*form.split("%")}
        else ""
    )
    clock = "" if "%H" in form or "%X" in form else clock
    every = data.draw(st.lists(moments, min_size=2, max_size=40))
    form += clock
    found = find(pl.Series([written(form, t) for t in every]))
    wanted = micro([told(form, t) for t in every])
    assert found is not None
    ways = [found.moments.clock.tolist()]
    if found.other:
        other = in_form(pl.Series([written(form, t) for t in every]), found.other)
        assert other is not None
        ways.append(other.moments.clock.tolist())
    # A day under 13 may be a month; with two digits for the year it may be either, too.
    assert wanted in ways or ("%y" in form and "%d" in form and "%b" not in form) or "%d%b%y" in form


@given(st.lists(moments, min_size=20, max_size=60, unique_by=lambda t: t.date()), st.sampled_from("-/."))
def test_day_or_month_first_is_told_by_one_cell_that_leaves_no_doubt(
    every: list[datetime], mark: str
) -> None:
    sure = [*every, datetime(2020, 5, 31)]
    for form in (f"%d{mark}%m{mark}%Y", f"%m{mark}%d{mark}%Y"):
        found = find(pl.Series([t.strftime(form) for t in sure]))
        assert found is not None and found.form.form == form and not found.other


def test_rows_that_follow_in_time_decide_between_day_and_month() -> None:
    months = find(pl.Series([f"01/{m:02d}/{y}" for y in (2020, 2021) for m in range(1, 13)]))
    assert months is not None and months.form.form == "%d/%m/%Y" and months.other == "%m/%d/%Y"
    order = find(pl.Series(["05/01/2020", "11/01/2020", "03/02/2020", "09/02/2020", "02/03/2020"]))
    assert order is not None and order.form.form == "%d/%m/%Y" and "follow each other" in order.why
    days = find(pl.Series([f"03/{d:02d}/2020" for d in range(1, 13)]))
    assert days is not None and days.form.form == "%m/%d/%Y" and "even" in days.why


@pytest.mark.parametrize(
    ("cells", "first", "last"),
    [
        (["1-01", "1-02", "1-03", "1-04", "1-05"], (2001, 1, 1), (2001, 5, 1)),
        (["May-87", "Jun-87", "Jan-03"], (1987, 5, 1), (2003, 1, 1)),
        (["15/01/63", "15/02/71"], (1963, 1, 15), (1971, 2, 15)),
        (["01/01/19", "01/13/19"], (2019, 1, 1), (2019, 1, 13)),
        (["3. März 2020", "24. Dez. 2020"], (2020, 3, 3), (2020, 12, 24)),
        (["January 3rd, 2023", "Feb 28th, 2023"], (2023, 1, 3), (2023, 2, 28)),
        (["Thu, 03 Jan 2023", "Fri, 04 Jan 2023"], (2023, 1, 3), (2023, 1, 4)),
        (["2023年01月03日", "2023年 1月4日"], (2023, 1, 3), (2023, 1, 4)),
        (["2019-W01", "2019-W05"], (2018, 12, 31), (2019, 1, 28)),
        (["1 de enero de 2023", "2 de febrero de 2023"], (2023, 1, 1), (2023, 2, 2)),
        (["20190101", "20191231"], (2019, 1, 1), (2019, 12, 31)),
        (["1/2/2013 0:00", "1/2/2013 0:00"], (2013, 1, 2), (2013, 1, 2)),  # month first between slashes
        (["1-2-2013", "1-2-2013"], (2013, 2, 1), (2013, 2, 1)),
        (["2018-01-01 10:00:00 EST", "2018-01-02 10:00:00 EDT"], (2018, 1, 1, 10), (2018, 1, 2, 10)),
        (["Thu Jan 31 2019 13:08:45 GMT+0100 (Central European Standard Time)"],)
        + ((2019, 1, 31, 13, 8, 45),) * 2,
        (["31 01 2019", "01 02 2019"], (2019, 1, 31), (2019, 2, 1)),
    ],
)
def test_other_ways_to_write_a_date(cells: list[str], first: tuple[int, ...], last: tuple[int, ...]) -> None:
    found = find(pl.Series("day", cells))
    assert found is not None and not found.moments.wrong.any()
    wanted = micro([datetime(*first), datetime(*last)])  # type: ignore[arg-type]
    assert found.moments.clock[[0, -1]].tolist() == wanted


@pytest.mark.parametrize(
    ("name", "cells", "form"),
    [
        ("Date", [43466, 43467, 43615], "excel"),
        ("Date", [43466.5, 43467.25, 43615.0], "excel"),
        ("timestamp", [1_500_000_000, 1_500_000_060], "unix"),
        ("created_at", [1_500_000_000_000, 1_500_000_060_000], "unix ms"),
        ("x", [20190101, 20190102, 20190530], "%Y%m%d"),
        ("month", [201901, 201912], "%Y%m"),
        ("x", [43466, 43467, 43615], ""),
        ("x", [1_500_000_000, 1_500_000_060], ""),
        ("price", [20190101, 20190102, 20190199], ""),
        ("year", [1999, 2004], ""),
        ("time", [43466, 43467, 43615], ""),
        ("day", [1, 2, 3], ""),
        ("day", [43466, 43467, 43615], "excel"),
        ("price_per_day", [43466, 43467, 43615], ""),
        ("bytes_per_day", [1_500_000_000, 1_500_000_060], ""),
    ],
)
def test_numbers_are_dates_where_they_can_be_nothing_else_or_are_called_so(
    name: str, cells: list[float], form: str
) -> None:
    found = find(pl.Series(name, cells))
    assert ("" if found is None else found.form.form) == form


@pytest.mark.parametrize(
    "cells",
    [
        ["a", "b"],
        ["192.168.1.1", "10.0.0.1"],
        ["1.2.3", "2.0.1"],
        ["2-1", "3-1", "0-0"],
        ["1-12", "13-24"],
        ["2020-02-30", "2020-02-31"],
        ["31/31/2020"],
        ["Room 12, 2020"],
        ["12345-6789", "54321-1234"],
        ["10:30", "11:45"],
        ["2020-01-01 25:00"],
        ["555-1234", "555-9876"],
        ["2004/05", "2005/06", "2006/07", "2007/08"],
        [f"{m} {d:02d}" for m in ("Jan", "Feb", "Mar") for d in range(1, 29)],
        ["02 03 04", "05 06 07"],
        ["01/02/2020 5 Main Street", "01/02/2020 7 Elm Avenue"],
        [None],
        [""],
    ],
)
def test_what_looks_a_little_like_a_date_is_none(cells: list[str | None]) -> None:
    assert find(pl.Series(cells, dtype=pl.String)) is None


@pytest.mark.parametrize(
    "form", ["%Y-%m-%d %H:%M:%S", "%d/%m/%Y", "%b %d, %Y %I:%M %p", "%d%b%y", "%Y-%m-%dT%H:%MZ"]
)
@settings(max_examples=5)
@given(st.lists(moments, min_size=5, max_size=20), st.sampled_from(["", "soon", "10:30 XM", "2020-1-1", " "]))
def test_a_long_column_is_read_as_its_cells_are(form: str, some: list[datetime], odd: str) -> None:
    every = [written(form, t) for t in some]
    for cells in (every * 1_200, [*every * 1_200, odd], [f"{c} " for c in every] * 1_200):
        plain = DateForm(
            form.split(" %H", maxsplit=1)[0].split(" %I", maxsplit=1)[0].split("T%", maxsplit=1)[0], 1936
        )
        found, one = read(pl.Series(cells), plain), read(pl.Series([*cells[: len(every)], cells[-1]]), plain)
        assert found is not None and one is not None
        for a, b in zip(found, one, strict=True):
            assert a[: len(every)].tolist() == b[:-1].tolist() and a[-1] == b[-1]


def test_long_columns_that_hardly_repeat_are_cut_at_the_same_places() -> None:
    moments_ = np.arange(12_000) * 61 * 1_000_000 + 1_600_000_000_000_000
    times = pl.Series(moments_.astype("datetime64[us]"))
    for form in ("%Y-%m-%d %H:%M:%S", "%d/%m/%Y %I:%M:%S %p", "%b %d, %Y %H:%M:%S"):
        cells = times.dt.strftime(form)
        found = find(cells)
        assert found is not None and found.moments.clock.tolist() == moments_.tolist()
        odd = find(pl.concat([cells, pl.Series(["1 XM"])]))
        assert (
            odd is not None
            and odd.moments.wrong.sum() == 1
            and odd.moments.clock[:-1].tolist() == moments_.tolist()
        )


def test_digits_of_other_scripts_are_no_dates() -> None:
    assert find(pl.Series(["٢٠٢٠-٠١-٠٢", "٢٠٢٠-٠١-٠٣"])) is None


def test_a_cell_in_ten_may_be_something_else_and_is_marked() -> None:
    cells = pl.Series([f"{d:02d}.05.2020" for d in range(1, 31)] + ["soon", "unknown", None, "0000-00-00"])
    found = find(cells)
    assert found is not None and found.form.form == "%d.%m.%Y"
    assert np.flatnonzero(found.moments.wrong).tolist() == [30]
    assert np.flatnonzero(~found.moments.known).tolist() == [30, 31, 32, 33]


def test_midnights_without_a_clock_and_days_in_iso_are_read_among_others() -> None:
    form = DateForm("%d/%m/%Y")
    found = read(pl.Series(["01/02/2020", "01/02/2020 10:30", "2020-02-01", "02/01/2020 3 PM"]), form)
    assert found is not None and found.known.all()
    assert ((found.clock // 3_600_000_000) % 24).tolist() == [0, 10, 0, 15]
    assert found.clock[0] == found.clock[2]


def test_a_moment_in_another_zone_is_told_by_the_clock_of_the_column() -> None:
    found = find(pl.Series(["2020-01-01T08:00+09:00", "2020-01-01T09:00+09:00"]))
    assert found is not None and found.form.zones == (540,)
    utc = read(pl.Series(["2019-12-31T23:00:00Z", "2020-01-01T08:00"]), found.form)
    assert utc is not None
    home = utc.at_home(found.form.zones)
    assert home[0] == home[1] == found.moments.at_home(found.form.zones)[0]


@given(st.dates(date(1600, 1, 1), date(9999, 12, 31)))
def test_days_are_counted_as_the_standard_library_does(day: date) -> None:
    parts: list[Array] = [np.array([n]) for n in (day.year, day.month, day.day)]
    assert civil_days(*parts)[0] == (day - date(1970, 1, 1)).days


@pytest.mark.parametrize("form", [f for f in FORMS if f not in ("%-y-%m", "%G-W%V", "%GW%V")])
@settings(max_examples=8)
@given(st.lists(moments, min_size=3, max_size=9), moments)
def test_a_moment_is_written_as_those_of_a_column_are(form: str, every: list[datetime], t: datetime) -> None:
    cells = pl.Series([written(form, m) for m in every])
    text = writer(cells, DateForm(form))(told(form, t))
    found = in_form(pl.Series([text]), form)
    assert found is not None and found.moments.known.all(), text
    if "%y" not in form:
        assert found.moments.clock.tolist() == micro([told(form, t)])


@pytest.mark.parametrize("form", [*NUMBERS, "%Y%m%d"])
@given(st.lists(moments, min_size=3, max_size=9))
def test_numbers_are_written_back(form: str, every: list[datetime]) -> None:
    day = [t.replace(hour=0, minute=0, second=0) for t in every]
    text = [writer(pl.Series([20200101]), DateForm(form))(t) for t in day]
    found = in_form(pl.Series([float(t) for t in text]), form)
    assert found is not None and found.moments.clock.tolist() == micro(day)


@pytest.mark.parametrize("form", ["%d/%m", "%Y %Y", "%k", "", "%Y-%m-%d %d"])
def test_a_form_that_cannot_be_is_refused(form: str) -> None:
    with pytest.raises(UsageError, match=r"format"):
        pattern(form)
