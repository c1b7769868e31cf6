"""Words among numbers: what counts as missing, what is refused with both ways out, and what is kept for predictions."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

import hornbook
from hornbook.checks.check import check_prepared
from hornbook.checks.infer import infer_kind
from hornbook.columns import CategoryColumn, NumberColumn
from hornbook.columns.kinds import column_from_json
from hornbook.columns.number.written.words import KNOWN
from hornbook.common.progress import Silent
from hornbook.errors import DataError
from hornbook.examples.prepare import prepare
from hornbook.sources import from_arrays
from tests.conftest import Ran

MANY = [f"{i}.5" for i in range(100)]
KEY = "inputs.x"


@given(st.sampled_from(sorted(KNOWN)), st.sampled_from([str.upper, str.title, str.lower, lambda w: f" {w} "]))
def test_words_that_stand_for_no_value_do_so_wherever_numbers_are(word: str, written: object) -> None:
    said = written(word.replace("-", " ") if len(word) > 3 else word)  # type: ignore[operator]
    cells = pl.Series("x", [*MANY, said])
    assert infer_kind(cells).kind == "number"
    column = NumberColumn().read_as(cells, KEY).learn(cells)
    assert np.isnan(column.encode(said)) and column.encode("7.5") == 7.5
    kept = column_from_json(column.to_json())
    assert np.isnan(kept.encode(said)) and kept.encode_series(cells) is not None
    assert column.missing is True


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([*MANY, *["unknown"] * 90], "number"),
        ([*MANY, "<10", "<10"], "number"),
        ([*MANY, "2020-01-01"], "number"),
        (["0", "1", "2", "3+"] * 9, "category"),
        ([*["0", "1", "2"] * 9, "K", "K"], "category"),
        ([*["0", "1", "2"] * 9, "K"], "number"),  # a slip
        ([*MANY, *["a", "b"] * 50], "other"),
        (["unknown", "n.v."] * 20, "category"),
    ],
)
def test_what_a_column_with_words_is(cells: list[str], kind: str) -> None:
    assert infer_kind(pl.Series("x", cells)).kind == kind


@pytest.mark.parametrize(
    ("odd", "says", "gone"),
    [
        (
            ["12O"],
            "1 of 101 cells of the column 'x' is no number: '12O' .with a unit.. .1., the first in row 101",
            '["12O"]',
        ),
        (
            ["3+", "a", "a", "b"],
            "4 of 104 cells .* are no numbers: 'a' .2., '3\\+' .with a unit.. .1., 'b' .1., the first in row 101",
            "a",
        ),
        ([f"w{i}" for i in range(9)], "'w0' .1., 'w1' .1., 'w2' .1. and 6 more", '["any"]'),
        (["$5", "$5", "x"], "3 of 103 cells", ""),
    ],
)
def test_what_nobody_knows_is_counted_and_both_ways_out_work(odd: list[str], says: str, gone: str) -> None:
    examples = from_arrays(x=[*MANY, *odd], kind=(["a", "b"] * 60)[: 100 + len(odd)])
    with pytest.raises(DataError, match=says) as caught:
        prepare(examples, {"x": NumberColumn()}, {"kind": CategoryColumn()})
    assert gone in str(caught.value) and len(str(caught.value)) < 400
    found = re.search(r"--set '(\S+)=(.*)'", str(caught.value))
    assert (
        found is not None
        and found[1] == "inputs.x.na_values"
        and "--set inputs.x=category" in str(caught.value)
    )
    recipe = hornbook.Recipe.from_values(
        {"inputs": {"x": "number"}, "targets": {"kind": "category"}}, "t", "t", [f"{found[1]}={found[2]}"]
    )
    prepared = prepare(examples, recipe.inputs, recipe.targets)
    assert np.isnan(prepared.arrays["x"].take(np.arange(100, 100 + len(odd)))).all()


@pytest.mark.parametrize("values", [[-200], [-200.0], ["-200"], ["-200.0"]])
def test_numbers_that_stand_for_a_missing_value_do_so_in_every_form(values: list[str | float]) -> None:
    column = NumberColumn(na_values=tuple(values))
    cells = [1.0, -200.0, 3.0]
    for series in (pl.Series(cells), pl.Series(["1", "-200", "3"]), pl.Series([1, -200, 3])):
        learned = column.learn(series)
        assert (learned.mean, learned.missing) == (2.0, True)
        assert np.isnan(learned.encode_many(cells)).tolist() == [False, True, False]
        encoded = learned.encode_series(series)
        assert encoded is not None and np.isnan(encoded).tolist() == [False, True, False]
    assert np.isnan(learned.encode("-200.0")) and np.isnan(learned.encode(-200))


def test_words_are_counted_and_kept(here: Path, ran: Ran) -> None:
    random = np.random.default_rng(0)
    x = random.normal(50, 9, 120).round(2)
    cells = [str(v) if i % 10 else "unknown" for i, v in enumerate(x)]
    pl.DataFrame({"x": cells, "y": (x * 2).round(1)}).write_csv("t.csv")
    run = hornbook.train("t.csv", run="run", target="y", changes=["training.epochs=2"], progress=Silent())
    examples = hornbook.read_examples("t.csv")
    prepared = prepare(examples, {"x": NumberColumn()}, {"y": NumberColumn()})
    (said,) = [f.message for f in check_prepared(prepared) if f.code == "words"]
    assert "'unknown' (12) among the numbers of x counts as missing" in said
    Path("new.csv").write_text("x\nunknown\n\n51.5\nUnknown\n")
    reader = hornbook.load(run.path / "recognizer.onnx")
    answers = [reader.predict({"x": value}).value for value in ("unknown", None, 51.5)]
    assert answers[0] == answers[1] != answers[2]
    frame = reader.predict(pl.DataFrame({"x": ["unknown", None, "51.5"]}))
    assert [a.value for a in frame] == answers
    Path("judge.csv").write_text("x,y\nunknown,100\n51.5,103\nwhat,100\n")
    found = ran(["evaluate", "run", "judge.csv"])
    assert found.out.startswith("y on 2 rows") and "'what' is not a number" in found.err
