"""Judging a recognizer on rows that it may have been trained on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import hornbook
from hornbook.common.progress import Silent
from tests.conftest import Ran
from tests.sources.make import picture, tree

CHANGES = ["training.epochs=1", "training.precision=float32"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Return a folder with a table, a run on it, and the run's file without its folder."""
    folder = tmp_path_factory.mktemp("seen")
    size = np.random.default_rng(0).uniform(50, 250, 100).round(3)
    splits = ["train"] * 80 + ["validation"] * 10 + ["test"] * 10
    table = pl.DataFrame({"size": size, "kind": ["cat", "dog"] * 50, "split": splits})
    table.write_csv(folder / "mine.csv")
    hornbook.train(folder / "mine.csv", run=folder / "run", target="kind", changes=CHANGES, progress=Silent())
    shutil.copy(folder / "run" / "recognizer.onnx", folder / "alone.onnx")
    yield folder


TEN = "it was trained on 80, and its best epoch was chosen by 10; it is judged on the 10 others"
REST = "10 rows of new.{} that it was not trained on"


@pytest.mark.parametrize(
    ("run", "rows", "warning", "title"),
    [
        ("run", slice(0, 100), TEN, REST),
        ("run/recognizer.onnx", slice(0, 100), TEN, REST),
        (
            "run",
            slice(0, 80),
            "the scores say how well it remembers them",
            "80 rows of new.{}, all of which it knew",
        ),
        ("run", slice(90, 100), "", "10 rows of new.{}"),
        ("alone.onnx", slice(0, 100), "on some of these rows is not known", "100 rows of new.{}"),
    ],
)
@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_rows_it_was_trained_on_are_not_judged(
    folder: Path, here: Path, ran: Ran, run: str, rows: slice, warning: str, title: str, ending: str
) -> None:
    table = pl.read_csv(folder / "mine.csv").drop("split")[rows]
    table.write_csv("new.csv") if ending == "csv" else table.write_parquet("new.parquet")
    found = ran(["evaluate", str(folder / run), f"new.{ending}", "--out", "out"])
    assert found.out.startswith(f"kind on {title.format(ending)}\n")
    assert warning in found.err if warning else "trained on" not in found.err


def test_rows_that_are_the_same_by_chance_are_judged(here: Path, ran: Ran) -> None:
    random = np.random.default_rng(0)
    for name in ("old", "new"):
        pl.DataFrame({"a": random.integers(0, 4, 200), "kind": random.choice(["x", "y"], 200)}).write_csv(
            f"{name}.csv"
        )
    hornbook.train("old.csv", run="run", target="kind", changes=CHANGES, progress=Silent())
    found = ran(["evaluate", "run", "new.csv"])
    assert found.out.startswith("kind on 200 rows of new.csv\n")


def test_where_the_training_rows_are_gone_that_is_said(folder: Path, here: Path, ran: Ran) -> None:
    shutil.copytree(folder / "run", "run")
    recipe = Path("run", "recipe.toml")
    recipe.write_text(recipe.read_text("utf-8").replace("mine.csv", "gone.csv"), "utf-8")
    (here / "new.csv").write_text("size,kind\n60.5,CAT\n240.5,dog.\n")
    found = ran(["evaluate", "run", "new.csv"])
    assert "whether it was trained on some of these rows is not known" in found.err
    assert (
        "spelled otherwise than in training, and taken as these: 'CAT' for 'cat', 'dog.' for 'dog'"
        in found.err
    )
    assert found.out.startswith("kind on 2 rows of new.csv\n")


def test_pictures_it_was_trained_on_are_not_judged(here: Path, ran: Ran) -> None:
    shades = {
        f"{name}/{i}.png": picture(i * 5 + shift) for name, shift in (("a", 0), ("b", 2)) for i in range(20)
    }
    tree(here / "mine", shades)
    hornbook.train("mine", run="run", changes=[*CHANGES, "inputs.image.size=[8, 8]"], progress=Silent())
    tree(here / "other", {name.replace("/", "/copy-"): data for name, data in shades.items()})
    found = ran(["evaluate", "run", "other"])
    assert "of 40 rows of other it was trained on 32, and its best epoch was chosen by 4" in found.err
