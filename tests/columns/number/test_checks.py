"""Numbers that stand for a missing value are told, with the key that says so; others are not."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hornbook.checks.check import check_prepared
from hornbook.columns import NumberColumn
from hornbook.examples.prepare import prepare
from hornbook.recipe import Recipe
from hornbook.sources import from_arrays

random = np.random.default_rng(0)
SIZES = random.uniform(0.1, 12, 200).round(1)


def told(x: np.ndarray, column: NumberColumn | None = None, where: str = "inputs") -> list[str]:
    examples = from_arrays(x=x.astype(float), y=random.normal(size=len(x)))
    mine, other = {"x": column or NumberColumn()}, {"y": NumberColumn()}
    prepared = prepare(examples, *((mine, other) if where == "inputs" else (other, mine)))
    return [f.message for f in check_prepared(prepared) if f.code == "stands-for-missing"]


def with_some(values: np.ndarray, code: float, times: int) -> np.ndarray:
    out = values.copy()
    out[:: max(1, len(out) // times)][:times] = code
    return out


@pytest.mark.parametrize(
    ("values", "code", "times"),
    [
        (SIZES, -200, 9),
        (SIZES, 9999, 5),
        (SIZES, 777, 5),  # no code that people know, but far away
        (random.integers(100, 500, 200), -1, 5),
        (random.integers(0, 28, 200), 999, 150),
        (random.integers(1900, 2000, 200), 0, 5),
        (random.integers(1, 800, 200), -1, 60),  # near, but it is below zero alone, and so often
        (SIZES, -99, 3),
    ],
)
@pytest.mark.parametrize("where", ["inputs", "targets"])
def test_what_is_far_from_all_others_again_and_again_is_told(
    values: np.ndarray, code: int, times: int, where: str
) -> None:
    x = with_some(values, code, times)
    (said,) = told(x, where=where)
    assert f"x is {code} in {times} of 200 rows, far from all others" in said
    key, _, value = said.rpartition("set ")[2].partition(" = ")
    recipe = Recipe.from_values(
        {"inputs": {"u": "number"}, "targets": {"v": "number"}},
        "t",
        "t",
        [f"{where}.x=number", f"{key}={value}"],
    )
    column = (recipe.inputs if where == "inputs" else recipe.targets)["x"]
    assert isinstance(column, NumberColumn) and told(x, column, where) == []
    learned = column.learn(x.tolist())
    assert learned.mean == pytest.approx(values[x == values].mean(), rel=0.2)


@given(st.floats(0.5, 50), st.integers(0, 1000))
def test_usual_numbers_are_not_told(scale: float, seed: int) -> None:
    mine = np.random.default_rng(seed)
    for values in (
        mine.normal(0, scale, 300),
        mine.poisson(scale, 300),
        mine.uniform(-scale, scale, 300).round(),
    ):
        assert told(values) == []


@pytest.mark.parametrize(
    "values",
    [
        with_some(SIZES, 512.3292, 3),  # a dear ticket for three
        with_some(SIZES, 9999, 1),
        np.tile([0, 1, 99], 60),  # codes
        np.where(SIZES < 6, 0, SIZES * 100 + 500),  # nothing bought
        np.r_[random.integers(0, 30, 190), [-1] * 10],
    ],
)
def test_what_may_be_a_value_is_not_told(values: np.ndarray) -> None:
    assert told(values) == []


def test_two_codes_are_both_told() -> None:
    x = with_some(SIZES, 9999, 5)
    x[1:40:9] = -999
    assert len(told(x)) == 2
