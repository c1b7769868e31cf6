"""Series foretold in closed form, from a table to a file that answers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

import hornbook
from hornbook.columns.series.evaluation import SeriesEvaluation
from hornbook.columns.series.linear.fit import fit, residuals
from hornbook.columns.series.linear.ranges import ranges
from hornbook.common.progress import Silent
from hornbook.errors import RecipeError, UsageError
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


@pytest.fixture(scope="module")
def grown(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Return a run of the guess for twelve years of months, for reading only."""
    data = months(12)
    return trained(tmp_path_factory.mktemp("runs") / "run", guess(data, target="sold"), data)


def test_steps_beyond_the_first_are_foretold_from_those_before(grown: Run) -> None:
    reader, data = grown.recognizer, months(12)
    (answer,) = reader.forecast(data.table, steps=18)
    steps = answer.predictions["sold"].steps
    assert [s.time for s in steps[:2]] == ["2013-01", "2013-02"] and len(steps) == 18
    window = data.table["sold"][-37:].to_list()
    for step in steps:
        assert reader.predict({"past": window[-37:]}).value == pytest.approx(step.value, rel=1e-5)
        window.append(step.value)
    widths = [np.log(s.high / s.low) for s in steps if s.low and s.high]
    assert len(widths) == 18 and np.diff(widths).min() > -1e-5
    assert reader.forecast(data.table)[0].predictions["sold"].steps == steps[:1]
    truth = months(14).table["sold"][-24:-6].to_list()  # the same noise up to there, and other after
    assert np.mean([s.low < t < s.high for s, t in zip(steps, truth, strict=True) if s.low and s.high]) > 0.8


def test_fewer_steps_than_it_gives_are_the_first_ones(tmp_path: Path) -> None:
    reader = trained(tmp_path / "run", recipe()).recognizer
    (three,), (two,) = reader.forecast(months().table), reader.forecast(months().table, steps=2)
    assert two.predictions["sold"].steps == three.predictions["sold"].steps[:2]
    (seven,) = reader.forecast(months().table, steps=7)
    assert seven.predictions["sold"].steps[:3] == three.predictions["sold"].steps


def test_no_more_is_foretold_than_what_is_read(tmp_path: Path) -> None:
    data = Examples(months().table.with_columns(other=pl.col("sold") * 2))
    made = recipe(past={"columns": ["other", "sold"]})
    reader = trained(tmp_path / "run", made, data).recognizer
    with pytest.raises(UsageError, match="as it reads 'other' and does not foretell it"):
        reader.forecast(data.table, steps=4)
    with pytest.raises(UsageError, match="at least 1"):
        reader.forecast(data.table, steps=0)


def test_ranges_hold_what_they_say() -> None:
    """Over seventy stretches of made series: the share that lies in the range, at one step and at six."""
    held: dict[int, list[float]] = {1: [], 6: []}
    for seed in range(24):
        y = np.log(months(12, seed).table["sold"].to_numpy())
        for cut in (84, 100, 116):
            at = np.arange(25, cut)
            windows, true = y[at[:, None] + np.arange(-25, 0)], y[at][:, None]
            found = fit(windows, true, 12)
            by = ranges(residuals(found, windows, true, 6).T)
            for origin in range(cut, cut + 20):
                seen = y[origin - 25 : origin]
                for step in range(1, 7):
                    said = seen @ found.weights[:, 0] + found.bias[0]
                    seen = np.r_[seen[1:], said]
                    if step in held:
                        held[step].append(abs(said - y[origin + step - 1]) <= by[step - 1])
    assert 0.92 < np.mean(held[1]) < 0.99
    assert np.mean(held[6]) > 0.92


def test_the_page_has_the_ranges_as_a_band(grown: Run) -> None:
    found = grown.evaluations["sold"]
    assert isinstance(found, SeriesEvaluation)
    assert found.inside[0] > 0.8
    page = (grown.path / "report.html").read_text("utf-8")
    assert 'class="band"' in page and "lie in their range of 95" in page


def test_years_with_a_number_are_a_series_and_money_is_said_as_money(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    file = tmp_path / "river.csv"
    rows = [f'{1900 + i},"{1200 + 100 * random.normal():,.2f} €"' for i in range(60)]
    file.write_text("\n".join(["year,flow", *rows]) + "\n", "utf-8")
    run = hornbook.train(file, target="flow", run=tmp_path / "run", progress=Silent())
    assert "€" in run.evaluations["flow"].line()
    (answer,) = run.recognizer.forecast(file, steps=2)
    assert [step.time for step in answer.predictions["flow"].steps] == ["1960", "1961"]
    assert run.recognizer.forecast(file)[0].predictions["flow"].said.endswith(" €")
