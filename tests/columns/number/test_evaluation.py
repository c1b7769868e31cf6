"""How numbers are judged."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from hornbook.columns import NumberColumn
from hornbook.columns.evaluation import Evaluation
from hornbook.columns.number.evaluation import NumberEvaluation
from tests.columns.judged import judged

RNG = np.random.default_rng(0)
TRUTH = RNG.normal(50, 10, 300)
GUESS = TRUTH + RNG.normal(0, 2, 300)
COLUMN = NumberColumn().learn(TRUTH).with_margin(RNG.normal(0, 0.2, 200))


def made(rows: int = 300) -> NumberEvaluation:
    given = ("price", "test", COLUMN, GUESS[:rows, None], TRUTH[:rows])
    return judged(NumberEvaluation, *given, training_truth=TRUTH, rows=np.arange(rows) + 7)


def test_scores_stand_beside_their_intervals_and_the_baseline() -> None:
    found = made()
    assert found.metric == "mae"
    assert found.interval == found.intervals["mae"]
    for name, value in found.metrics.items():
        low, high = found.intervals[name]
        assert low < value < high, name
    assert found.baseline[0].startswith("always the mean")
    assert found.score < found.baseline[1] / 3
    assert found.say(1234.56) == "1,235"


def test_errors_have_the_unit_and_shares_have_none() -> None:
    column = replace(COLUMN, unit=("$", "", ""))
    found = judged(NumberEvaluation, "price", "test", column, GUESS[:, None], TRUTH, training_truth=TRUTH)
    assert f"mae ${found.score:.4g} on 300 test rows (95 % interval $" in found.line()
    assert [said.startswith("$") for _, said, _ in found.score_rows()] == [True, True, False]
    again = Evaluation.from_json(json.loads(json.dumps(found.to_json())))
    assert again.line() == found.line()


def test_the_interval_of_many_rows_is_narrower_and_the_same_each_time() -> None:
    def wide(rows: int) -> float:
        low, high = made(rows).interval
        return high - low

    assert wide(300) < wide(30)
    assert made().intervals == made().intervals
    truth = np.tile(TRUTH, 20)
    many = judged(
        NumberEvaluation, "x", "test", COLUMN, np.tile(GUESS, 20)[:, None], truth, training_truth=truth
    )
    low, high = many.interval
    assert low < many.score < high
    assert high - low < wide(300) / 3


def test_the_worst_are_named() -> None:
    found = made()
    worst = int(np.abs(GUESS - TRUTH).argmax())
    assert found.mistakes[0].row == worst + 7
    assert found.mistakes[0].name == f"row {worst + 8}"
    assert found.mistakes[0].off == pytest.approx(GUESS[worst] - TRUTH[worst])
    assert len(found.mistakes) == 50
    assert f"row {worst + 8}" in found.text()


def test_the_share_inside_its_interval_is_said() -> None:
    found = made()
    assert found.inside is not None
    assert 0.85 < found.inside[0] < 1
    assert "95 % interval of their prediction" in found.text()


def test_one_row() -> None:
    found = made(1)
    assert found.interval == (found.score, found.score)
    assert math.isnan(found.metrics["r2"])
    assert "-" in found.text()
