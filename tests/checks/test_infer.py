"""What columns are by their values, which of them are times, and which are the answer itself."""

from __future__ import annotations

import datetime
import re
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.checks.describe import describe, text
from hornbook.checks.infer import infer_kind
from hornbook.checks.leaks import same_as
from hornbook.common.plaintext import say_number
from hornbook.examples.in_time.timeline import as_times
from hornbook.recipe.guess import guess
from hornbook.sources import from_arrays, read_examples
from tests.sources.make import shared

KINDS: dict[str, tuple[Any, str]] = {
    "floats": ([1.5, 2.5, None, 4.0] * 5, "number"),
    "whole numbers with few values": ([1, 2, 3] * 20, "number"),
    "whole numbers that all differ": (
        [399900, 329900, 369000, 232000, 539900] * 1 + list(range(9, 99, 7)),
        "number",
    ),
    "row numbers": (list(range(1, 51)), "identifier"),
    "row numbers from the last": (list(range(50, 0, -1)), "identifier"),
    "few rows in order": ([1, 2, 3], "number"),
    "true and false": ([True, False] * 10, "category"),
    "numbers but for a date and a slip": ([*map(str, range(40)), "2020-01-02", "4O"], "number"),
    "numbers in most rows": ([*map(str, range(20)), *["unknown", "old"] * 5], "other"),
    "codes of digits and letters": ([f"00{i}" for i in range(30)] + ["4B"], "identifier"),
    "few words": (["red", "blue", "red", None] * 10, "category"),
    "sentences": ([f"this is the review number {i} of them" for i in range(30)], "text"),
    "Chinese sentences": ([f"今天的天气非常好{i}" for i in range(30)], "text"),
    "codes": ([f"A-{i * 7919 % 1000}" for i in range(30)], "identifier"),
    "names that hardly repeat": ([f"ford {i % 20}" for i in range(30)], "other"),
    "dates": ([f"2020-01-{i:02d}" for i in range(1, 29)], "date"),
    "one value": (["x"] * 5, "constant"),
    "nothing": ([None] * 5, "missing"),
    "lists": ([[1, 2]] * 5, "other"),
}


@pytest.mark.parametrize("what", KINDS)
def test_what_a_column_is(what: str) -> None:
    values, kind = KINDS[what]
    looked = infer_kind(pl.Series("c", values))
    assert looked.kind == kind
    assert bool(looked.why) == (kind not in ("number", "category", "text", "date"))


@pytest.mark.parametrize(
    ("name", "values", "kind"),
    [
        ("remark", [None] * 96 + ["a", "bb", "ccc", "d"], "missing"),
        ("remark", [None] * 90 + [f"a remark that is made {i}" for i in range(10)], "text"),
        ("pool", [None] * 96 + ["good", "fair"] * 2, "missing"),
        ("pool", [None] * 970 + ["good", "fair"] * 15, "category"),
        ("size", [None] * 99 + [2.5], "constant"),
        ("size", [None] * 98 + [2.5, 3.0], "number"),
        *((name, [None] * 60 + [1.5, 2.5] * 20, "missing") for name in ("x4", "Unnamed: 3", "column_12", "")),
        ("x4", [None] * 40 + [1.5, 2.5] * 30, "number"),
        ("x4y", [None] * 60 + [1.5, 2.5] * 20, "number"),
    ],
)
def test_columns_that_are_mostly_empty(name: str, values: list[Any], kind: str) -> None:
    found = infer_kind(pl.Series(name, values))
    assert found.kind == kind
    if kind == "missing":
        assert re.fullmatch(r"(has no name and )?is empty in \d+ of \d+ rows", found.why)


def test_a_column_called_id_is_an_identifier_in_any_order() -> None:
    values = [(i * 7919) % 10_007 for i in range(100)]
    assert infer_kind(pl.Series("passenger_id", values)).kind == "identifier"
    assert infer_kind(pl.Series("price", values)).kind == "number"
    assert infer_kind(pl.Series("width", values)).kind == "number"  # 'id' is in it, and means nothing


@pytest.mark.parametrize(
    ("values", "first"),
    [
        (["2020-01-31", "2020-02-01"], datetime.datetime(2020, 1, 31)),
        (["2020/1/31", None], datetime.datetime(2020, 1, 31)),
        (["31.01.2020", "1.2.2020"], datetime.datetime(2020, 1, 31)),
        (["01/31/2020", "02/01/2020"], datetime.datetime(2020, 1, 31)),
        (["31/01/2020", "01/02/2020"], datetime.datetime(2020, 1, 31)),
        (["1949-01", "1949-02"], datetime.datetime(1949, 1, 1)),
        (["2020-01-31 12:30", "2020-01-31T12:45:10"], datetime.datetime(2020, 1, 31, 12, 30)),
        (["31-Jan-2020", "01-Feb-2020"], datetime.datetime(2020, 1, 31)),
    ],
)
def test_times_as_people_write_them(values: list[str | None], first: datetime.datetime) -> None:
    found = as_times(pl.Series(values))
    assert found is not None
    assert found[0] == first
    assert found.null_count() == values.count(None)


@pytest.mark.parametrize(
    "values", [["2020-01-31", "soon"], ["31.02.2020"], ["1.5", "2.5"], [None, None], ["12"]]
)
def test_what_is_no_time(values: list[str | None]) -> None:
    assert as_times(pl.Series(values, dtype=pl.String)) is None


@given(
    st.lists(st.dates(datetime.date(1900, 1, 1)), min_size=1, max_size=9),
    st.sampled_from(["%Y-%m-%d", "%d.%m.%Y"]),
)
def test_a_date_that_was_written_is_read(dates: list[datetime.date], form: str) -> None:
    found = as_times(pl.Series([d.strftime(form) for d in dates]))
    assert found is not None
    assert [t.date() for t in found] == dates


def test_what_is_the_answer_itself() -> None:
    numbers = pl.Series([float(i * i % 37) for i in range(60)])
    assert "correlation of -1.0000" in same_as(-2 * numbers + 1, numbers)
    assert same_as(numbers + pl.Series(range(60)), numbers) == ""
    classes = pl.Series(["a", "b", "c"] * 20)
    assert same_as(classes.str.to_uppercase(), classes) == "goes with it one to one"
    assert same_as(pl.Series(["x", "y", "y"] * 20), classes) == ""
    assert same_as(pl.Series([f"n{i}" for i in range(60)]), pl.Series([f"m{i}" for i in range(60)])) == ""
    assert same_as(pl.Series([1, 2]), pl.Series([1, 2])) == ""  # of two rows nothing is known
    many = pl.Series([float(i % 977) for i in range(20_000)])
    assert same_as(many * 3, many)
    # The rows that are looked at first agree, the others do not.
    partly = pl.Series([float(i % 977 if i % 4 == 0 else i * i % 31) for i in range(20_000)])
    assert same_as(partly.gather_every(4), many.gather_every(4))
    assert same_as(partly, many) == ""


def test_describe() -> None:
    examples = from_arrays(
        size=[1.0, 2.0, 3.0, None],
        kind=["a", "b", "a", "a"],
        note=["a long text of five words"] * 3 + ["b c d e f"],
    )
    size, kind, note = describe(examples)
    assert size.numbers == pytest.approx((2.0, 1.0, 1.0, 1.5, 2.0, 2.5, 3.0))
    assert (size.count, size.missing, size.different) == (3, 1, 3)
    assert kind.common == (("a", 3), ("b", 1))
    assert note.count == 4
    said = text((size, kind, note))
    assert "25 %" in said and "classes    a 3, b 1" in said
    (slip,) = describe(from_arrays(a=[*map(str, range(1, 20)), "2020-01-02"]))
    assert (slip.kind, slip.count, slip.missing, slip.numbers[0]) == ("number", 19, 1, 10.0)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_numbers_are_short(value: float) -> None:
    assert len(say_number(value)) <= 12


@pytest.mark.skipif(not (shared() / "tables").exists(), reason="the real tables are not here")
def test_real_columns() -> None:
    titanic = read_examples(shared() / "tables/titanic.csv").table
    assert same_as(titanic["alive"], titanic["survived"])
    assert infer_kind(titanic["deck"]).missing == 688
    poems = read_examples(shared() / "text/tang300.json").table
    assert (infer_kind(poems["id"]).kind, infer_kind(poems["paragraphs"]).kind) == ("identifier", "text")
    assert infer_kind(read_examples(shared() / "series/aapl.csv").table["Date"]).kind == "date"


def test_a_column_of_which_half_is_numbers_says_how_to_use_them() -> None:
    odd = ["ca. 5", "viel", "wenig", "?!", "siehe oben", "xx"] * 5
    found = infer_kind(pl.Series("x", [f"{i}.5" for i in range(120)] + odd))
    assert found.kind == "other"
    assert "is of numbers but for 30 of 150 cells ('?!' 5, 'ca. 5' 5, 'siehe oben' 5, ...)" in found.why
    said = re.search(r"--set '(.*)'", found.why)
    examples = from_arrays(x=[f"{i}.5" for i in range(120)] + odd, price=[float(i % 9) for i in range(150)])
    recipe = guess(examples, target="price", changes=[said[1] if said else ""])
    assert recipe.inputs["x"].read_as(examples.table["x"], "inputs.x") == recipe.inputs["x"]


@pytest.mark.parametrize("odd", ["1/2/2020", "20200102", "soon"])
def test_one_date_that_is_written_otherwise_leaves_a_column_of_dates(odd: str) -> None:
    dates = [f"2020-{1 + i // 28:02d}-{1 + i % 28:02d}" for i in range(60)]
    found = infer_kind(pl.Series("day", [*dates, odd]))
    assert found.kind == "date" and found.missing == 1 and not found.why
