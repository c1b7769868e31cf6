"""Scores by the values of a column: the same rows judged in parts, and what cannot be."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import hornbook
from hornbook.common.progress import Silent
from hornbook.recipe import Recipe
from tests.conftest import TINY, Ran


@pytest.fixture(scope="module")
def houses(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run on a table with a column that nothing is learned from, and two targets."""
    folder = tmp_path_factory.mktemp("by")
    random = np.random.default_rng(0)
    size = random.uniform(20, 200, 300)
    town = np.where(size > 150, "far", "near")
    kind = np.where(size + random.normal(0, 8, 300) > 100, "large", "small")
    table = pl.DataFrame({"size": size, "kind": kind, "town": town, "number": range(300)})
    values = {"inputs": {"size": "number"}, "targets": {"kind": "category"}, "network": {"name": "linear"}}
    recipe = Recipe.from_values({**values, "training": {"epochs": 40, "learning_rate": 0.2}}, "by", "test")
    hornbook.train(table, recipe=recipe, run=folder / "run", changes=TINY[1:2], progress=Silent())
    table.write_csv(folder / "houses.csv")
    return folder


def test_parts_make_up_the_whole(houses: Path, ran: Ran) -> None:
    words = ["evaluate", str(houses / "run"), str(houses / "houses.csv"), "--by", "town", "--by", "number"]
    found = json.loads(ran([*words, "--json", "--out", str(houses / "e")]).out)["kind"]
    rows = {name: [one["rows"] for one in found["by"][name].values()] for name in ("town", "number")}
    assert sum(rows["town"]) == sum(rows["number"]) == found["rows"]
    assert list(found["by"]["town"]) == ["far", "near"]
    assert len(rows["number"]) == 4
    right = sum(one["rows"] * one["metrics"]["accuracy"] for one in found["by"]["town"].values())
    assert right / found["rows"] == pytest.approx(found["metrics"]["accuracy"], abs=1e-5)
    assert (
        found["by"]["town"]["far"]["metrics"]["accuracy"] > found["by"]["town"]["near"]["metrics"]["accuracy"]
    )
    said = ran([*words[:5], "--out", str(houses / "e")]).out
    assert "kind by town" in said
    page = (houses / "e" / "houses.html").read_text("utf-8")
    assert "Scores by the values of a column" in page


@pytest.mark.parametrize(
    ("column", "said"), [("twon", "did you mean 'town'"), ("image_of", "there is no such column")]
)
def test_a_column_that_is_not_there_is_said(houses: Path, ran: Ran, column: str, said: str) -> None:
    words = ["evaluate", str(houses / "run"), str(houses / "houses.csv"), "--by", column]
    assert said in ran(words, 2).err
