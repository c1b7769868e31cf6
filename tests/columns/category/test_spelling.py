"""One class in several spellings: blanks never count, the rest is told with the key that makes it one."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.checks.check import check_prepared
from hornbook.columns import CategoryColumn, NumberColumn
from hornbook.examples.prepare import prepare
from hornbook.recipe import Recipe
from hornbook.sources import from_arrays

blanks = st.text(" \t\xa0\n", max_size=3)
names = st.text("abcXYZ<=50.-_é小", min_size=2, max_size=8).filter(lambda name: name.strip(" ._-"))


@given(names, blanks, blanks)
def test_blanks_at_the_ends_never_count(name: str, before: str, after: str) -> None:
    column = CategoryColumn().learn([before + name + after, name, "other one"])
    assert column.classes is not None and set(column.classes) == {name, "other one"}
    assert column.encode(after + name + before) == column.encode(name)
    older = CategoryColumn(classes=(f"{name} ", "other one"))
    assert older.encode(name) == older.encode(f" {name} ") == 0


@given(names, st.sampled_from([str.upper, str.title, lambda name: f"{name}.", lambda name: f" {name}"]))
def test_another_spelling_is_the_class_that_alone_is_so_written(name: str, change: object) -> None:
    column = CategoryColumn().learn([name, "something else"])
    other = change(name)  # type: ignore[operator]
    assert column.encode(other) == column.encode(name)
    said = column.respelled(pl.Series([name, other, "unknown", None]))
    same = other.strip() == name or bool(re.fullmatch("-?[1-9][0-9]*", name))  # 50. is 50
    assert said == ({} if same else {other: name})


def test_what_two_classes_may_be_is_neither() -> None:
    column = CategoryColumn().learn(["Yes", "yes", "no"])
    assert column.rejects(["YES", "NO"]) == [0]
    assert CategoryColumn().learn(list("aAbBcCdDeEf")).rejects(["F"]) == [0], "letters are told apart"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["yes", "yes ", "Yes", "no"], "'yes' (30) and 'Yes' (15)"),
        (["<=50K", "<=50K.", ">50K", "<=50K"], "'<=50K' (30) and '<=50K.' (15)"),
        (["True", "TRUE", "True", "False"], "'True' (30) and 'TRUE' (15)"),
        (["New York", "new_york", "New York", "Ulm"], "'New York' (30) and 'new_york' (15)"),
        (["m", "M", "f", "m"], "'m' (30) and 'M' (15)"),
        (["-1", "1", "0", "2"], ""),
        (["yes", "yes ", " yes", "no"], ""),
        (["a1", "a2", "b", "c"], ""),
    ],
)
@pytest.mark.parametrize("where", ["targets", "inputs"])
def test_the_same_class_in_two_spellings_is_told_with_the_key(
    values: list[str], said: str, where: str
) -> None:
    kinds, sizes = values * 15, [float(i % 7) for i in range(60)]
    columns = {"kind": CategoryColumn(), "size": NumberColumn()}
    mine, other = ("size", "kind") if where == "targets" else ("kind", "size")
    prepared = prepare(from_arrays(kind=kinds, size=sizes), {mine: columns[mine]}, {other: columns[other]})
    found = [f.message for f in check_prepared(prepared) if f.code == "spelling"]
    assert len(found) == bool(said)
    for message in found:
        assert said in message
        key, _, value = message.rpartition("set ")[2].partition(" = ")
        assert key == f"{where}.kind.names"
        recipe = Recipe.from_values(
            {"inputs": {mine: columns[mine].type}, "targets": {other: columns[other].type}},
            "t",
            "t",
            [f"{key}={value}"],
        )
        assert tomllib.loads(f"names = {value}")["names"] == getattr(recipe, where)["kind"].names
        merged = getattr(recipe, where)["kind"].learn(kinds).classes
        assert len(merged) == len({v.strip() for v in values}) - 1


def test_rows_of_another_spelling_than_training_are_told(tmp_path: Path) -> None:
    kinds = ["yes", "no"] * 30 + ["Yes", "no."]
    examples = from_arrays(
        kind=kinds, size=[float(i % 7) for i in range(62)], split=["train"] * 60 + ["test"] * 2
    )
    prepared = prepare(examples, {"size": NumberColumn()}, {"kind": CategoryColumn()})
    assert len(prepared.splits["test"]) == 2
    (said,) = [f.message for f in check_prepared(prepared) if f.code == "spelling"]
    assert "taken as these: 'Yes' for 'yes', 'no.' for 'no'" in said
