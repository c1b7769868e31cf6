"""The series column: windows in the user's units, differences measured as the network sees them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hornbook.columns.prediction import Step
from hornbook.columns.series.column import SeriesColumn
from hornbook.errors import DataError

TRUTH = np.array([[[3.0, 5.0], [2.0, 2.0], [1.0, 4.0]], [[9.0, 8.0], [7.0, 7.0], [9.0, 9.0]]], np.float32)


def measured(**options: object) -> SeriesColumn:
    column = SeriesColumn(horizon=2, **options)  # type: ignore[arg-type]
    return column.measure(iter([TRUTH[:1], TRUTH[1:]]))


def test_of_a_longer_window_the_last_rows_are_taken() -> None:
    column = SeriesColumn(columns=("a", "b"), length=2)
    assert column.encode([[1, 2], [3, 4], [5, 6]]).tolist() == [[3, 4], [5, 6]]
    with pytest.raises(
        DataError, match=r"x: a window has 2 rows of 2 numbers, and this is of the shape \(1, 2\)"
    ):
        column.encode([[1, 2]], "x")
    with pytest.raises(DataError, match="missing or infinite"):
        column.encode([[1, 2], [3, float("inf")]])


def test_no_logarithm_of_nothing() -> None:
    with pytest.raises(DataError, match="holds 0, which has no logarithm"):
        SeriesColumn(length=2, log=True).encode([1.0, 0.0])


@pytest.mark.parametrize(
    ("options", "seen"),
    [
        ({"relative": "none"}, [[3, 5], [9, 8]]),
        ({"relative": "last"}, [[1, 3], [2, 1]]),
        ({"relative": "season", "season": 2}, [[2, 1], [0, -1]]),
        ({"relative": "last", "log": True}, np.log([[1.5, 2.5], [9 / 7, 8 / 7]])),
    ],
)
def test_measures_what_the_network_is_to_say(options: dict[str, object], seen: Any) -> None:
    column = measured(**options)
    assert column.mean == pytest.approx(np.mean(seen, axis=0), rel=1e-6)
    assert column.std == pytest.approx(np.std(seen, axis=0, ddof=1), rel=1e-6)


def test_a_window_is_measured_as_a_difference_to_its_last_row() -> None:
    windows = np.array([[[1.0], [2.0], [4.0]], [[5.0], [5.0], [5.0]]], np.float32)
    column = SeriesColumn(length=3).measure(iter([windows]))
    assert column.mean == pytest.approx([np.mean([-3, -2, 0, 0, 0, 0])])
    still = SeriesColumn(length=2).measure(iter([np.full((3, 2, 1), 7, np.float32)]))
    assert still.std == (1.0,)


def test_decodes_a_number_or_one_for_each_step() -> None:
    assert measured().decode(np.array([[1.5, 2.5]]))[0].value == [1.5, 2.5]
    assert SeriesColumn(horizon=1).decode(np.array([[1.5]]))[0].value == 1.5


def test_is_scored_in_units_beside_the_better_of_the_simple_values() -> None:
    column = measured(season=2)
    outputs = np.array([[3.0, 4.0], [9.0, 5.0]])
    assert column.score(outputs, TRUTH) == {"mae": 1.0, "rmse": pytest.approx(np.sqrt(10 / 4))}
    assert column.baseline(TRUTH, TRUTH) == ("the value one season ago", 1.0)
    assert measured().baseline(TRUTH, TRUTH) == ("the last value", 1.75)


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"length": 3, "horizon": 2}, "a length and a horizon"),
        ({"length": 3, "relative": "season"}, "which is for a target"),
        ({"horizon": 3, "relative": "season"}, "does not say how many rows"),
        ({"horizon": 3, "columns": ("a", "b")}, "make a target for each"),
    ],
)
def test_what_does_not_go_together_is_said(options: dict[str, object], why: str) -> None:
    assert why in SeriesColumn(**options).objection()  # type: ignore[arg-type]


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("rows", [1, 5, 400])
def test_the_true_value_lies_in_the_range(log: bool, rows: int) -> None:
    random = np.random.default_rng(0)
    column = SeriesColumn(horizon=3, log=log, mean=(0.0,) * 3, std=(2.0,) * 3)
    wide = np.array([1.0, 2.0, 3.0])
    ranged = column.with_margin(random.normal(size=(rows, 3)) * wide)
    assert ranged.margin is not None and list(ranged.margin) == sorted(ranged.margin)
    outputs = np.full((500, 3), 100.0, np.float32)
    off = random.normal(size=(500, 3)) * wide * 2
    true = outputs * np.exp(off) if log else outputs + off
    low, high = (
        np.array([[getattr(s, end) for s in p.steps] for p in ranged.decode(outputs)])
        for end in Step._fields[1:3]
    )
    inside = ((low <= true) & (true <= high)).mean()
    assert inside > (0.9 if rows > 1 else 0.5)
    assert rows < 400 or inside < 0.98
    assert column.with_margin(np.zeros((0, 3))).margin is None
    assert column.decode(outputs[:1])[0].steps[0].low is None
