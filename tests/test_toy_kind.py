"""A kind of value from outside: one folder, one call, and everything takes it. Nothing in src knows it."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

import hornbook
from hornbook.cli.main import main
from hornbook.columns.kinds import KINDS, register
from hornbook.recognizer import load

Captured = pytest.CaptureFixture[str]
SHORT = ["training.precision=float32", "training.batch_size=16", "training.learning_rate=0.01"]


@pytest.fixture(autouse=True)
def angle(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Register the kind, for one test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("hornbook.columns.kinds.KINDS", dict(KINDS))
    register("angle", "tests.toy_angle")
    yield


def hand(degrees: float) -> Image.Image:
    """Return the picture of a clock with one hand."""
    picture = Image.new("L", (16, 16))
    turn = math.radians(degrees)
    end = (8 + 7 * math.sin(turn), 8 - 7 * math.cos(turn))
    ImageDraw.Draw(picture).line([(8, 8), end], fill=255, width=2)
    return picture


def clocks(rows: int = 120) -> None:
    """Write pictures of clocks, and what they show."""
    Path("clocks").mkdir()
    with Path("clocks/labels.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["file", "angle"])
        for i, degrees in enumerate(np.random.default_rng(0).uniform(0, 360, rows).round(1).tolist()):
            hand(degrees).save(f"clocks/{i}.png")
            out.writerow([f"{i}.png", degrees])
    Path("clocks.toml").write_text(
        """[data]
source = "clocks"
[inputs]
image = { type = "image", size = [16, 16], channels = 1 }
[targets]
angle = "angle"
[network]
name = "mlp"
hidden = [32]
"""
    )


def winds(rows: int = 120) -> None:
    """Write a table: what the wind brings, and an hour of the day, which wraps round too."""
    rng = np.random.default_rng(1)
    with Path("winds.csv").open("w", newline="") as file:
        out = csv.writer(file)
        out.writerow(["wind", "hour", "rain"])
        for wind in rng.uniform(-180, 540, rows).round(1).tolist():
            out.writerow([wind, f"{rng.uniform(0, 24):.2f}", "wet" if 180 < wind % 360 < 300 else "dry"])
    Path("winds.toml").write_text(
        """[data]
source = "winds.csv"
[inputs]
wind = "angle"
hour = { type = "angle", turn = 24 }
[targets]
rain = "category"
[network]
name = "mlp"
hidden = [16]
[training.augment.wind]
jitter = 5.0
"""
    )


def test_it_is_learned_from_pictures_judged_and_answered(capsys: Captured) -> None:
    clocks()
    hornbook.train("clocks.toml", run="runs/clocks", changes=["training.epochs=40", *SHORT])
    reader = load("runs/clocks")
    assert reader.predict("clocks/0.png")["angle"].value is not None
    hand(359).save("late.png")
    answer = reader.predict("late.png")["angle"].value
    assert min(answer, 360 - answer) < 30
    assert main(["predict", "runs/clocks", "late.png", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["angle"]["value"] == answer
    assert main(["evaluate", "runs/clocks"]) == 0
    assert "°" in capsys.readouterr().out
    page = Path("runs/clocks/report.html").read_text("utf-8")
    assert "°" in page and "By quarter" in page


def test_it_is_an_input_of_a_table(capsys: Captured) -> None:
    winds()
    hornbook.train("winds.toml", run="runs/winds", changes=["training.epochs=40", *SHORT])
    reader = load("runs/winds")
    one = reader.predict({"wind": 240, "hour": 12})["rain"]
    assert one.value == "wet" and one == reader.predict({"wind": "-120", "hour": "12"})["rain"]
    assert main(["predict", "runs/winds", "winds.csv", "--json"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert len(lines) == 120 and {line["rain"]["value"] for line in lines} == {"wet", "dry"}
    assert main(["look", "winds.toml"]) == 0
    assert main(["export", "runs/winds", "--to", "onnx", "--out", "winds.onnx"]) == 0


def test_a_recipe_takes_its_options_and_says_what_is_wrong_with_them(capsys: Captured) -> None:
    winds()
    assert main(["recipe", "winds.toml"]) == 0
    assert "turn = 24" in capsys.readouterr().out
    assert main(["recipe", "winds.toml", "--set", "training.augment.wind.jitter=999"]) != 0
    assert "training.augment.wind.jitter is 999" in capsys.readouterr().err
    assert main(["recipe", "winds.toml", "--set", "inputs.hour.turn=0"]) != 0
    assert "inputs.hour has a turn of 0, and it must be above 0" in capsys.readouterr().err


def test_another_kind_of_the_same_word_is_refused() -> None:
    with pytest.raises(ValueError, match="'number' is that of hornbook"):
        register("number", "tests.toy_angle")


def test_nothing_in_src_knows_it() -> None:
    assert not [
        p for p in Path(hornbook.__file__).parent.rglob("*.py") if "toy_angle" in p.read_text("utf-8")
    ]
    assert len(list((Path(__file__).parent / "toy_angle").glob("*.py"))) <= 5


def test_look_shows_pictures_with_their_angles() -> None:
    clocks(60)
    assert main(["look", "clocks.toml"]) == 0
    page = Path("look/look.html").read_text("utf-8")
    assert "<h3>angle</h3>" in page and page.count("<img") == 24
