"""Whether the rows of a table follow a date is guessed by a rule: their order in the file, or how regular it is."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest

from hornbook.columns.date.column import DateColumn
from hornbook.recipe import Recipe
from hornbook.recipe.guess import guess
from hornbook.sources import from_arrays

N = 120
RNG = np.random.default_rng(0)


def day(i: int) -> str:
    return str(date(2020, 1, 1) + timedelta(days=int(i)))


IN_ORDER = [day(i) for i in range(N)]
SOLD = [day(i) for i in np.sort(RNG.integers(0, 2000, N))]


def guessed(columns: dict[str, Any], target: str = "price") -> Recipe:
    given = {"size": RNG.normal(size=N), "price": RNG.normal(size=N), **columns}
    return guess(from_arrays(**given), target=target)


@pytest.mark.parametrize(
    ("name", "cells", "follows"),
    [
        ("day", IN_ORDER, True),
        ("day", IN_ORDER[::-1], True),
        ("day", [IN_ORDER[i] for i in RNG.permutation(N)], True),  # regular, and each once
        ("day", [day(i // 4) for i in range(N)], True),  # four houses a day, one day after the other
        ("day", [day(i % 30) for i in range(N)], True),  # four shops, each with the same thirty days
        ("sold", SOLD, True),
        ("sold", [SOLD[i] for i in RNG.permutation(N)], False),
        ("birthday", SOLD, False),
        ("date_of_birth", IN_ORDER, False),
        ("day", [day(i % 2) for i in range(N)], False),  # two days
        ("year", [1900 + i for i in range(N)], True),
        ("year", [1900 + i // 2 for i in range(N)], False),
        ("built", [1900 + i for i in range(N)], False),
    ],
)
def test_which_rows_follow_a_date(name: str, cells: list[Any], follows: bool) -> None:
    recipe = guessed({name: cells})
    assert recipe.split.by == (name if follows else None)
    assert (
        recipe.inputs[name].type == "date"
        if isinstance(cells[0], str)
        else name not in DateColumn.among(recipe.inputs)
    )


def test_year_month_and_day_in_columns_of_their_own() -> None:
    every = [date(2019, 11, 20) + timedelta(days=i // 2) for i in range(N)]
    parts = {
        "Year": [d.year for d in every],
        "month": [d.month for d in every],
        "day": [d.day for d in every],
    }
    assert guessed(parts).split.by == ("Year", "month", "day")
    assert guessed({**parts, "hour": [12 * (i % 2) for i in range(N)]}).split.by == (
        "Year",
        "month",
        "day",
        "hour",
    )
    mixed = RNG.permutation(N).tolist()
    assert guessed({n: [v[i] for i in mixed] for n, v in parts.items()}).split.by is None
    assert guessed({n: v for n, v in parts.items() if n != "Year"}).split.by is None


def test_test_rows_of_the_source_that_are_dealt_among_the_others_are_validated_like_them() -> None:
    after = ["train"] * (N - 20) + ["test"] * 20
    among = ["test" if i % 6 == 0 else "train" for i in range(N)]
    assert guessed({"day": IN_ORDER, "split": after}).split.by == "day"
    assert guessed({"day": IN_ORDER, "split": among}).split.by is None


def test_a_class_that_comes_late_is_not_lost() -> None:
    late = ["a", "b"] * (N // 2 - 5) + ["c"] * 10
    assert guessed({"day": IN_ORDER, "kind": late}, "kind").split.by is None
    assert guessed({"day": IN_ORDER, "kind": ["a", "b"] * (N // 2)}, "kind").split.by == "day"


def test_dates_alone_are_a_series_or_an_input() -> None:
    alone = guess(from_arrays(day=IN_ORDER, sold=np.arange(N) % 7), target="sold")
    assert alone.targets["sold"].type == "series"
    several = guess(
        from_arrays(day=[day(i // 4) for i in range(N)], price=RNG.normal(size=N)), target="price"
    )
    assert several.inputs["day"].type == "date" and several.targets["price"].type == "number"
    classes = guess(from_arrays(day=IN_ORDER, open=["yes", "no"] * (N // 2)), target="open")
    assert classes.inputs["day"].type == "date"


def test_what_is_read_as_dates_is_said_where_it_could_be_otherwise() -> None:
    notes: list[str] = []
    excel = from_arrays(Date=[43466 + i for i in range(N)], sold=RNG.normal(size=N))
    assert guess(excel, target="sold", note=notes.append).targets["sold"].type == "series"
    said = "Date: numbers as 43466 are read as dates, 2019-01-01 (days of a spreadsheet); where they are none, say "
    assert notes[0] == f"{said}--set inputs.Date=number"
    cells = [f"{m:02d}/0{d}/2020" for m in range(1, 13) for d in (1, 2, 3)]
    guess(from_arrays(Date=cells, sold=list(range(36))), target="sold", note=notes.append)
    assert any("where 31/03/2024 is meant, write them as 2024-03-31" in note for note in notes)


def test_dates_in_a_form_that_is_not_known_are_no_texts() -> None:
    notes: list[str] = []
    cells = [f"{i % 28 + 1}|{i // 28 + 1}|2020" for i in range(N)]
    examples = from_arrays(Date=cells, size=RNG.normal(size=N), price=RNG.normal(size=N))
    assert "Date" not in guess(examples, target="price", note=notes.append).inputs
    with pytest.raises(
        Exception, match=r"it looks like dates as '1\|1\|2020', a form that is not known; say it with"
    ):
        guess(from_arrays(Date=cells, price=RNG.normal(size=N)), target="price")
    change = 'inputs.Date={type="date", format="%d|%m|%Y"}'
    assert guess(examples, target="price", changes=[change]).inputs["Date"].type == "date"
