"""Series foretold, beside the last value, the value a season ago, and ridge regression on the same window.

python -m bench.series [--seeds 3] [FILE.csv TARGET ...]

A line of JSON for the guess for each file (`hornbook train FILE --target X`), one for the recipes passengers and stock,
and one with how many of the true values lie in the ranges of 95 %, over series and cut points.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

import hornbook
from bench.common import report, shared
from hornbook.columns.base import Array
from hornbook.columns.series.evaluation import SeriesEvaluation
from hornbook.columns.series.linear.fit import fit, residuals
from hornbook.columns.series.linear.ranges import ranges
from hornbook.columns.series.linear.season import is_multiplicative
from hornbook.common.progress import Silent
from hornbook.examples.prepare import prepare
from hornbook.recipe import Recipe
from hornbook.recipe.guess import guess
from hornbook.recipe.guesses.series import window_length
from hornbook.recipe.resolve import with_data
from hornbook.sources import read_examples

RECIPES = {"passengers": "airline-passengers.csv", "stock": "aapl.csv"}
GUESSED = {
    "beer.csv": ("value", 4),
    "champagne.csv": ("Sales", 12),
    "car_sales.csv": ("Sales", 12),
    "airline-passengers.csv": ("Passengers", 12),
    "daily-min-temperatures.csv": ("Temp", 1),
}
"""Files of a time and a number, with the season that their ranges are measured with."""

CUTS = (0.5, 0.6, 0.7, 0.8)
"""Shares of a series that are fitted to; the fifth of it that follows is foretold."""

STEPS = (1, 2, 4, 8, 12, 24)


def main() -> None:
    """Train and print."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("files", nargs="*", metavar="FILE TARGET")
    given = parser.parse_args()
    pairs = list(zip(given.files[::2], given.files[1::2], strict=True))
    known = [(str(shared("series", name)), target) for name, (target, _) in GUESSED.items()]
    for path, target in pairs or known:
        guessed(Path(path), target, given.seeds)
    if not pairs:
        for name, file in RECIPES.items():
            recipe = [
                with_data(Recipe.read(name, [f"training.seed={seed}"]), shared("series", file), "source")
                for seed in range(given.seeds)
            ]
            _report(f"series/{name}", [_trained(one) for one in recipe])
        coverage()


def guessed(path: Path, target: str, seeds: int) -> None:
    """Measure the guess for one file, and ridge regression of the same windows, fitted to the same rows."""
    examples = read_examples(path)
    recipe = guess(examples, path, target=target)
    found = [
        _trained(Recipe.from_values(_with_seed(recipe, seed), path.stem, "bench")) for seed in range(seeds)
    ]
    prepared = prepare(examples, recipe.inputs, recipe.targets, recipe.split)
    ((name, window),) = prepared.inputs.items()
    place = window.sources(name).index(target)

    def part(*splits: str) -> tuple[Array, Array]:
        rows = np.sort(np.concatenate([prepared.splits[split] for split in splits]))
        past = prepared.arrays[name].take(rows)[..., place].astype(np.float64)
        return past, prepared.arrays[target].take(rows)[:, 0].astype(np.float64)

    past, true = part("test")
    beside = {}
    for said, splits in (("ridge", ("train",)), ("ridge_with_validation_rows", ("train", "validation"))):
        x, y = part(*splits)
        middle, mean = x.mean(axis=0), y.mean(axis=0)
        weights = np.linalg.solve(
            (x - middle).T @ (x - middle) + np.eye(x.shape[1]), (x - middle).T @ (y - mean)
        )
        beside[said] = round(float(np.abs((past - middle) @ weights + mean - true).mean()), 4)
    _report(f"series/guess/{path.stem}", found, window=window.shape[0], **beside)


def _with_seed(recipe: Recipe, seed: int) -> dict[str, Any]:
    import tomllib

    values = tomllib.loads(recipe.to_toml())
    values.setdefault("training", {})["seed"] = seed
    return values


def _trained(recipe: Recipe) -> tuple[SeriesEvaluation, float]:
    """Return how well a recipe's run foretells, and the seconds it took."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        run = hornbook.train(recipe, run=Path(folder) / "run", progress=Silent())
        seconds = time.perf_counter() - start
        (evaluation,) = run.evaluations.values()
        assert isinstance(evaluation, SeriesEvaluation)
        return evaluation, seconds


def _report(name: str, found: list[tuple[SeriesEvaluation, float]], **more: Any) -> None:
    """Print one line: means over the seeds, and each of them."""
    each = [evaluation for evaluation, _ in found]
    simple = {"last_value": [s.last for s in each[0].steps], "season_ago": [s.season for s in each[0].steps]}
    report(
        name,
        mae=round(statistics.mean(e.score for e in each), 4),
        seeds=[round(e.score, 4) for e in each],
        **{k: round(float(np.mean(v)), 4) for k, v in simple.items() if np.isfinite(v).all()},
        **more,
        skills={k: [round(v, 4) for v in values] for k, values in each[0].skills.items()},
        inside=[round(v, 3) for v in each[0].inside[:6]],
        windows=each[0].rows,
        steps=len(each[0].steps),
        seconds=round(statistics.median(seconds for _, seconds in found), 2),
    )


def coverage() -> None:
    """Measure how many true values lie in the ranges of forecasts of one step and of many, fitted to those before."""
    held: dict[int, list[float]] = {}
    stretches = 0
    for _, values, season in _lines():
        for cut in CUTS:
            stretches += 1
            for step, share in _held(values, season, round(cut * len(values))).items():
                held.setdefault(step, []).append(share)
    inside = {str(step): round(float(np.mean(held[step])), 3) for step in STEPS if step in held}
    report("series/ranges", inside=inside, stretches=stretches, of=len(held[1]))


def _lines() -> Iterator[tuple[str, Array, int]]:
    """Yield series with their season: files, and made ones with a season and a trend, a walk, or neither."""
    for name, (target, season) in GUESSED.items():
        yield name, pl.read_csv(shared("series", name))[target].to_numpy().astype(float)[-1500:], season
    table = pl.read_csv(shared("tables", "economics.csv"))
    for name in ("pce", "pop", "psavert", "uempmed", "unemploy"):
        yield name, table[name].to_numpy().astype(float), 12
    random = np.random.default_rng(0)
    for season in (4, 7, 12, 24):
        for count in (8, 20):
            t = np.arange(season * count)
            shape = random.normal(size=season)
            noise = random.normal(size=len(t))
            yield "added", 100 + 20 * t / len(t) + 8 * shape[t % season] + 4 * noise, season
            yield "multiplied", np.exp(4 + t / len(t) + 0.15 * shape[t % season] + 0.05 * noise), season
            yield "walk", 100 + 2 * noise.cumsum() + 6 * shape[t % season], season


def _held(values: Array, season: int, end: int) -> dict[int, float]:
    """Return for each step the share of the following fifth that lies in its range."""
    log = is_multiplicative(values[:end], season)
    line = np.log(values) if log else values
    length = min(window_length(round(end / 0.8), season), end - 12)
    at = np.arange(length, end)
    windows, true = line[at[:, None] + np.arange(-length, 0)], line[at][:, None]
    found = fit(windows, true, season if season < length else 1, True, log)
    by = ranges(residuals(found, windows, true, max(STEPS)).T)
    last = min(len(line), end + len(line) // 5)
    inside: dict[int, list[bool]] = {}
    for origin in range(end, last):
        seen = line[origin - length : origin]
        for step in range(min(len(by), last - origin)):
            said = float(seen @ found.weights[:, 0] + found.bias[0])
            seen = np.r_[seen[1:], said]
            inside.setdefault(step + 1, []).append(abs(said - line[origin + step]) <= by[step])
    return {step: float(np.mean(found)) for step, found in inside.items() if len(found) > 2}


if __name__ == "__main__":
    main()
