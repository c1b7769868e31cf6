"""A recipe for other columns than it names: `forecast`, and any with one target."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from hornbook.errors import DataError, UsageError
from hornbook.examples.prepare import prepare
from hornbook.recipe import Recipe
from hornbook.recipe.resolve import read, resolve


@pytest.mark.parametrize(("rows", "length"), [(500, 30), (60, 15)])
def test_forecast_fits_any_table_with_a_target(rows: int, length: int, tmp_path: Path) -> None:
    day = pl.Series("day", [str(date(2020, 1, 1) + timedelta(days=i)) for i in range(rows)])
    sold = np.cumsum(np.random.default_rng(0).normal(size=rows))
    pl.DataFrame({"day": day, "Sold": sold, "left": -2 * sold}).write_csv(tmp_path / "sales.csv")
    recipe, examples = resolve(tmp_path / "sales.csv", recipe="forecast", target=["Sold", "left"])
    assert examples is None and list(recipe.targets) == ["Sold", "left"]
    prepared = prepare(read(recipe), recipe.inputs, recipe.targets, recipe.split)
    assert prepared.inputs["past"].shape == (length, 2)
    assert all(len(prepared.splits[s]) >= 3 for s in prepared.splits)


def test_a_target_takes_the_place_of_the_one_of_a_recipe() -> None:
    recipe = resolve("stock", target="Close", changes=["training.epochs=2"])[0]
    assert recipe.inputs["past"].sources("past") == ("Close", "High", "Low", "Volume")
    assert (list(recipe.targets), recipe.training.epochs) == (["Close"], 2)
    assert resolve("iris", target="label")[0] == Recipe.read("iris")
    two = Recipe.from_values(
        {"inputs": {"x": "number"}, "targets": {"a": "number", "b": "number"}}, "two", "two"
    )
    with pytest.raises(UsageError, match="is for a recipe with one target, and two has 'a', 'b'"):
        resolve(two, target="c")


def test_a_recipe_of_a_series_without_its_column_names_those_that_there_are(tmp_path: Path) -> None:
    (tmp_path / "sales.csv").write_text("Month,Sales\n1960-01,3\n1960-02,4\n", "utf-8")
    recipe = resolve(tmp_path / "sales.csv", recipe="forecast")[0]
    with pytest.raises(
        DataError, match="no column 'value' to foretell: say which with --target, one of 'Sales'"
    ):
        prepare(read(recipe), recipe.inputs, recipe.targets, recipe.split)
