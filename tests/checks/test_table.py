"""What the checks say of tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from hornbook.checks.check import check_prepared
from hornbook.checks.findings import Finding
from hornbook.columns import CategoryColumn, NumberColumn
from hornbook.columns.base import Column
from hornbook.columns.category.checks import ClassCounts
from hornbook.columns.kinds import column_types
from hornbook.errors import DataError
from hornbook.examples.prepare import prepare
from hornbook.sources import from_arrays

ROWS = 60


def table(**columns: Any) -> dict[str, Any]:
    random = np.random.default_rng(0)
    size = random.normal(size=ROWS)
    return {"size": size, "price": size * 2 + random.normal(size=ROWS), **columns}


def found(columns: Mapping[str, Any], target: str = "price", **types: Column) -> dict[str, Finding]:
    inputs: dict[str, Column] = {
        n: types.get(n, NumberColumn()) for n in columns if n not in (target, "split")
    }
    targets: dict[str, Column] = {target: types.get(target, NumberColumn())}
    prepared = prepare(from_arrays(**columns), inputs, targets)
    return {finding.code: finding for finding in check_prepared(prepared)}


def test_nothing_is_found_in_a_good_table_but_the_notes_of_reading() -> None:
    assert found(table()) == {}
    examples = from_arrays(**table()).replace(notes=("x.csv: its values are cut at blanks",))
    prepared = prepare(examples, {"size": NumberColumn()}, {"price": NumberColumn()})
    assert [f.message for f in check_prepared(prepared)] == ["x.csv: its values are cut at blanks"]


def test_columns_that_say_nothing_are_named() -> None:
    findings = found(
        table(none=[None] * ROWS, same=[3.0] * ROWS, id=list(range(ROWS))), none=CategoryColumn()
    )
    assert findings["missing"].names == ("none",)
    assert "same is always 3" in findings["constant"].message
    assert "id numbers the rows" in findings["identifier"].message
    assert {f.level for f in findings.values()} == {"warning"}


def test_columns_that_are_no_inputs_are_named_with_why() -> None:
    columns = table(id=list(range(ROWS)), size_again=list(range(ROWS, 0, -1)))
    columns["cents"] = columns["price"] * 100
    columns["left"] = list(
        np.random.default_rng(1).normal(size=ROWS)
    )  # could be a good input: nothing is said
    prepared = prepare(from_arrays(**columns), {"size": NumberColumn()}, {"price": NumberColumn()})
    (only,) = check_prepared(prepared)
    assert (only.level, only.code) == ("note", "not-an-input")
    assert only.message == (
        "3 columns are no inputs: id numbers the rows; size_again numbers the rows; cents has a correlation of 1.0000 "
        "with the target price"
    )


def test_an_input_that_is_the_target_is_named() -> None:
    columns = table()
    findings = found({**columns, "in_cents": columns["price"] * 100})
    assert findings["is-the-target"].names == ("in_cents",)
    assert "has a correlation of 1.0000 with the target price" in findings["is-the-target"].message
    classes = table(kind=["cheap", "dear"] * (ROWS // 2), code=["c", "d"] * (ROWS // 2))
    findings = found(classes, "kind", kind=CategoryColumn(), code=CategoryColumn())
    assert "code goes with the target kind one to one" in findings["is-the-target"].message


def test_missing_values_are_counted_and_a_long_text_is_named_by_its_row() -> None:
    size = [None if i < 7 else float(i * i % 31) for i in range(ROWS)]
    texts = [f"word{i} and some more words" for i in range(ROWS)]
    texts[17] = "x " * 60_000
    findings = found(table(size=size, note=texts), note=column_types()["text"]())
    assert "1 input has missing values, of 60 rows: size (7)" in findings["missing"].message
    assert findings["missing"].level == "note"
    assert "row 18" in findings["long-text"].message


def test_rows_that_are_there_twice() -> None:
    twice = {name: np.array(values) for name, values in table().items()}
    for values in twice.values():
        values[1] = values[0]  # in the training rows
    assert "in the same split" in found(twice)["duplicates"].message
    for values in twice.values():
        values[55] = values[5]  # in training and test
    findings = found({**twice, "split": ["train"] * 40 + ["validation"] * 10 + ["test"] * 10})
    assert findings["duplicates"].names == ("row 1 = row 2",)
    assert findings["duplicates-across"].names == ("row 6 = row 56",)
    assert findings["duplicates-across"].level == "warning"


@pytest.mark.parametrize(
    ("name", "apart"), [("day", True), ("id", True), ("Unnamed: 0", False), ("index", False), ("x1", False)]
)
def test_rows_that_differ_in_a_column_that_is_no_input_are_not_the_same(name: str, apart: bool) -> None:
    columns = {"size": [1.5, 2.5, 3.5] * 20, "price": [1.0, 2.0, 3.5] * 20, name: list(range(ROWS))}
    prepared = prepare(from_arrays(**columns), {"size": NumberColumn()}, {"price": NumberColumn()})
    assert ("duplicates" in {finding.code for finding in check_prepared(prepared)}) is not apart


def test_the_same_inputs_with_two_answers() -> None:
    columns = {"a": [0.0, 1.0] * 30, "kind": ["x", "y"] * 29 + ["y", "x"]}
    finding = found(columns, "kind", kind=CategoryColumn())["two-answers"]
    assert finding.count == 2
    assert "no model can get all of them right" in finding.message


@pytest.mark.parametrize("column", [NumberColumn(), CategoryColumn()])
def test_a_target_with_one_value_only_is_refused(column: Column) -> None:
    with pytest.raises(DataError, match="price"):
        found(table(price=[5] * ROWS), price=column)


def test_examples_check_themselves() -> None:
    columns = table(id=list(range(ROWS)), label=["a", "b"] * (ROWS // 2))
    findings = from_arrays(**columns).check()
    assert "identifier" not in [f.code for f in findings]  # it is not taken for an input
    (counts,) = findings.targets
    assert isinstance(counts, ClassCounts) and counts.target == "label"
