"""Commands on tables: folds, summaries, the pictures of a number."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest

import hornbook
from hornbook.cli.main import main
from hornbook.common.progress import Silent
from tests.conftest import Ran

Captured = pytest.CaptureFixture[str]
SHORT = ["--set", "training.epochs=3", "--set", "network.members=1"]


@pytest.fixture
def cars(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder to work in, with a recipe for a table of cars and the table."""
    rng = np.random.default_rng(0)
    weight, year, origin = rng.normal(3000, 500, 80), rng.integers(70, 83, 80), rng.integers(1, 4, 80)
    power = rng.integers(50, 200, 80).astype(str)
    power[[3, 50]] = "?"
    rows = "".join(
        f"{40 - w / 150 + y / 10:.1f},{w:.0f},{p},{y},{o}\n"
        for w, p, y, o in zip(weight, power, year, origin, strict=True)
    )
    (tmp_path / "cars.csv").write_text("mpg,weight,power,year,origin\n" + rows)
    (tmp_path / "cars.toml").write_text(
        """[data]
source = "cars.csv"
[inputs]
weight = "number"
power = "number"
year = "number"
origin = { type = "category", names = { 1 = "USA", 2 = "Europe", 3 = "Japan" } }
[targets]
mpg = "number"
[network]
name = "mlp"
hidden = [8]
[training]
epochs = 30
batch_size = 16
learning_rate = 0.03
"""
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_look_without_a_target_shows_all_columns(cars: Path, ran: Ran) -> None:
    said = ran(["look", "cars.csv"])
    assert "cars.csv: 80 examples\n" in said.out
    assert "nothing wrong" not in said.out and "power (2)" in said.out and "split." not in said.out
    assert "--target, one of 'mpg', 'weight', 'power', 'year', 'origin'" in said.err
    assert "Each column" in Path("look/look.html").read_text("utf-8")


def test_a_number_has_an_interval_beside_it_and_a_picture_of_its_evaluation(
    cars: Path, capsys: Captured, ran: Ran
) -> None:
    hornbook.train("cars.toml", run="runs/cars", changes=["training.epochs=2", "split.validation=0.4"])
    capsys.readouterr()
    assert re.match(r"row 1 +[\d.]+ +\([\d.-]+ to [\d.]+\)\n", ran(["predict", "runs/cars", "cars.csv"]).out)
    said = ran(["evaluate", "runs/cars"]).out
    for part in ("mean absolute error", "always the mean", "Its worst mistakes"):
        assert part in said
    assert "<svg" in (cars / "runs/cars/evaluation/test.html").read_text("utf-8")


def test_folds_of_a_recipe_and_of_a_run(cars: Path, ran: Ran) -> None:
    said = ran(["evaluate", "cars.toml", "--folds", "3", *SHORT[:2]])
    assert "mpg on 3 folds of 80 rows" in said.out
    assert "boosted trees (scikit-learn)" in said.out
    assert "fold 3 of 3" in said.err
    hornbook.train("cars.toml", run="runs/cars", changes=["training.epochs=2"], progress=Silent())
    found = json.loads(ran(["evaluate", "runs/cars", "--folds", "2", "--json"]).out)["mpg"]
    assert found["rows"] == 80
    assert len(found["scores"]["this recipe"]) == 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["cars.toml", "--folds", "1"], "at least 2"),
        (["cars.toml", "--folds", "81"], "81 folds cannot be made of 80 rows"),
        (["cars.toml", "--folds", "3", "--split", "test"], "leave SOURCE and --split out"),
        (["cars.toml", "--set", "training.epochs=1"], "--set is for --folds"),
    ],
)
def test_folds_that_cannot_be(cars: Path, capsys: Captured, words: list[str], said: str) -> None:
    assert main(["evaluate", *words]) != 0
    assert said in capsys.readouterr().err


def test_a_summary_counts_missing_numbers_named_values_and_other_families(cars: Path, ran: Ran) -> None:
    # Three numbers, whether the power is missing, three origins and the other: 8 inputs.
    assert "total: 81 parameters" in ran(["summary", "cars.toml"]).out
    assert "total: 81 parameters" in ran(["summary", "inspection"]).out
    assert "inputs.numbers" in ran(["summary", "gates_and"]).out
    # Another family takes the options of the first away.
    assert "total: 9 parameters" in ran(["summary", "cars.toml", "--set", "network.name=linear"]).out
    said = ran(["summary", "cars.toml", "--set", "network.name=boosting"], 1).err
    assert "is no network" in said
