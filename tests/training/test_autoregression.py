"""Series foretold in closed form, from a table to a file that answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import hornbook
from hornbook.common.progress import Silent
from hornbook.errors import RecipeError
from hornbook.examples import Examples
from hornbook.recipe import Recipe
from hornbook.recipe.guess import guess
from hornbook.training.run import Run

SHAPE = np.array([0.8, 1.1, 1.5, 0.9, 1.0, 0.7, 1.2, 1.3, 0.6, 1.0, 0.9, 1.4])


def months(years: int = 9, seed: int = 0) -> Examples:
    """Return sales by month that grow, with a season that grows with them."""
    t = np.arange(12 * years)
    noise = np.exp(0.04 * np.random.default_rng(seed).normal(size=len(t)))
    names = [f"{2001 + i // 12}-{1 + i % 12:02d}" for i in t.tolist()]
    sold = 100 * 1.01**t * SHAPE[t % 12] * noise
    return Examples(pl.DataFrame({"month": names, "sold": sold.round(2)}), origin="sales.csv")


def recipe(**options: Any) -> Recipe:
    target = {"type": "series", "horizon": 3, "season": 12, **options.pop("target", {})}
    past = {
        "type": "series",
        "columns": ["sold"],
        "length": 25,
        "relative": "none",
        **options.pop("past", {}),
    }
    values: dict[str, Any] = {
        "split": {"validation": 0.2, "test": 0.2},
        "inputs": {"past": past, **options.pop("inputs", {})},
        "targets": {"sold": target},
        "network": {"name": "autoregression"},
    }
    return Recipe.from_values(values, "sales", "test")


def trained(run: Path, made: Recipe, data: Examples | None = None, **options: Any) -> Run:
    return hornbook.train(data or months(), recipe=made, run=run, progress=Silent(), **options)


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("relative", ["none", "last", "season"])
@pytest.mark.parametrize("level", ["none", "last"])
def test_the_file_answers_as_was_fitted_however_it_is_standardized(
    tmp_path: Path, log: bool, relative: str, level: str
) -> None:
    made = recipe(target={"relative": relative, "log": log}, past={"relative": level, "log": log})
    if (relative, level) == ("none", "last"):
        with pytest.raises(RecipeError, match="so how high the values are is not seen"):
            trained(tmp_path / "run", made)
        return
    run = trained(tmp_path / "run", made)
    found = run.evaluations["sold"]
    assert found.score < found.baseline[1]
    assert found.baseline[0] == "the value one season ago"
    # Two ways to write the same: the weights are of the window, not of how the network sees it.
    usual = trained(tmp_path / "usual", recipe(target={"log": log}, past={"relative": level, "log": log}))
    assert found.score == pytest.approx(usual.evaluations["sold"].score, rel=1e-4)


def test_the_guess_for_months_that_grow_is_better_than_a_season_ago(tmp_path: Path) -> None:
    noted: list[str] = []
    made = guess(months(), target="sold", note=noted.append)
    assert noted == ["season of 12 months found"]
    target = made.targets["sold"]
    assert (target.season, target.log, made.inputs["past"].window) == (12, True, 37)  # type: ignore[attr-defined]
    scores = [trained(tmp_path / str(seed), made, months(seed=seed)).evaluations["sold"] for seed in range(3)]
    assert all(score.score < 0.6 * score.baseline[1] for score in scores)


def test_it_is_the_same_bits_whatever_the_seed(tmp_path: Path) -> None:
    one = trained(tmp_path / "one", recipe())
    other = trained(tmp_path / "other", recipe(), changes=["training.seed=5"])
    window = months().table["sold"][-25:].to_numpy()
    assert one.predict({"past": window}) == other.predict({"past": window})


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"past": {"log": True}}, "log is false and inputs.past.log is not: set both alike"),
        ({"inputs": {"more": {"type": "number"}}}, "reads one window of a series"),
        ({"past": {"columns": ["other"]}, "target": {"relative": "none"}}, "'sold' is not among the columns"),
    ],
)
def test_what_it_cannot_do_is_said(tmp_path: Path, options: dict[str, Any], said: str) -> None:
    data = Examples(months().table.with_columns(other=pl.col("sold") * 2, more=pl.col("sold") * 3))
    with pytest.raises(RecipeError, match=said):
        trained(tmp_path / "run", recipe(**options), data)


def test_only_series_are_foretold_so(tmp_path: Path) -> None:
    values: dict[str, Any] = {
        "inputs": {"past": {"type": "series", "columns": ["sold"], "length": 5}},
        "targets": {"kind": "category"},
        "network": {"name": "autoregression"},
    }
    data = Examples(months().table.with_columns(kind=pl.Series(["a", "b"] * 54)))
    with pytest.raises(RecipeError, match=r"targets\.kind: .* foretells series"):
        trained(tmp_path / "run", Recipe.from_values(values, "x", "x"), data)
