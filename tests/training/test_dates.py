"""Dates from end to end: a table whose rows follow one, by a network and by trees."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import hornbook
from hornbook.common.progress import Silent
from hornbook.examples import Examples
from hornbook.examples.prepare import prepare
from hornbook.recipe.guess import guess
from hornbook.training.cross_validation import OURS, cross_validate

ROWS = 600


def hires(first: str = "%d/%m/%Y %H:%M") -> Examples:
    """Return hires by the hour: more by day, more on weekdays, with a gap and a slip."""
    rng = np.random.default_rng(0)
    times = [datetime(2021, 3, 1) + timedelta(hours=3 * i) for i in range(ROWS)]
    count = [10 * np.sin(t.hour / 24 * 6.28) + 3 * (t.weekday() < 5) + rng.normal(0, 0.3) for t in times]
    cells: list[str | None] = [t.strftime(first) for t in times]
    cells[5], cells[9] = None, "soon"
    return Examples(
        pl.DataFrame({"when": cells, "wind": rng.normal(size=ROWS), "hired": count}), origin="hires.csv"
    )


@pytest.mark.parametrize("network", ["mlp", "boosting"])
def test_a_table_that_follows_a_date(network: str, tmp_path: Path) -> None:
    data = hires()
    changes = [f"network.name={network}", *(["training.epochs=40"] if network == "mlp" else [])]
    recipe = guess(data, target="hired", changes=changes)
    assert recipe.split.by == "when" and recipe.inputs["when"].type == "date"
    run = hornbook.train(data, recipe=recipe, run=tmp_path / "run", progress=Silent())
    judged = run.metrics["evaluations"]["hired"]
    assert judged["rows"] == 60 and judged["metrics"]["mae"] < 1.5 < 0.3 * judged["baseline"][1]
    reader = hornbook.load(run.path)
    said = reader.inputs["when"].to_json()
    assert said["form"] == "%d/%m/%Y" and list(said["shown"]) == ["weekday", "hour", "days"]
    noon, night = (
        float(reader.predict({"when": w, "wind": 0.0}).value)
        for w in ("12/05/2021 06:00", "2021-05-12T18:00")
    )
    assert noon > 5 and night < -3
    assert np.isfinite(float(reader.predict({"when": None, "wind": 0.0}).value))
    far = float(reader.predict({"when": "12/05/2031 06:00", "wind": 0.0}).value)
    assert abs(far - noon) < 5  # a trend does not go on for ten years


def test_the_test_rows_are_the_last_ones_and_a_slip_is_named() -> None:
    recipe = guess(hires(), target="hired")
    prepared = prepare(hires(), recipe.inputs, recipe.targets, recipe.split)
    train, test = prepared.splits["train"], prepared.splits["test"]
    assert test.tolist() == list(range(540, ROWS)) and train.max() < prepared.splits["validation"].min()
    (problem,) = prepared.problems
    assert "row 10: column 'when': 'soon' is no date; write it as 31/03/2024" in str(problem)
    assert 5 in train and 9 not in train


def test_folds_of_a_table_that_follows_a_date() -> None:
    recipe = guess(hires(), target="hired", changes=["network.name=linear", "training.epochs=2"])
    told: list[str] = []
    found = cross_validate(recipe, hires(), 3, peers=False, progress=told.append)["hired"]
    assert len(found.scores[OURS]) == 3 and found.rows == 450
    assert told[0] == "folds follow each other in time (when): each learns from what lies before it"


def test_the_guess_for_a_table_that_follows_a_date(tmp_path: Path) -> None:
    data = hires()
    recipe = guess(data, target="hired", changes=["training.epochs=2"])
    run = hornbook.train(data, recipe=recipe, run=tmp_path / "run", progress=Silent())
    judged = run.metrics["evaluations"]["hired"]
    assert judged["metrics"]["mae"] < 0.3 * judged["baseline"][1]
    assert np.isfinite(float(hornbook.load(run.path).predict({"when": None, "wind": 0.0}).value))
