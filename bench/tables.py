"""Small tables on five folds and three seeds, beside scikit-learn's boosted trees and its own network.

    python -m bench.tables [RECIPE ...]

A seed deals the folds and draws the weights. A JSON line for each recipe: the mean over the folds of each seed, the
mean of these, and the same for the others. The options of `mpg`, `boston` and `inspection` were chosen on the training
rows of the first fold, those of `iris` and `wine` on folds that were dealt with the seeds 100 to 123.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from pathlib import Path

from bench.common import report, shared
from hornbook.recipe import Recipe
from hornbook.recipe.resolve import read, with_data
from hornbook.training.cross_validation import BOOSTING, MLP, OURS, cross_validate

FILES = {"mpg": "auto-mpg.data", "boston": "BostonHousing.csv", "inspection": "data.csv"}
WANTED = {
    "mpg": ("mae", 1.90),
    "boston": ("rmse", 2.70),
    "iris": ("accuracy", 0.97),
    "wine": ("accuracy", 0.985),
    "wine_unscaled": ("accuracy", 0.0),
    "inspection": ("accuracy", 0.995),
}
SEEDS = (0, 1, 2)
FOLDS = 5


def judge(name: str) -> None:
    """Train a recipe on every fold with every seed, and print what came of it."""
    recipe = Recipe.read(name)
    if name in FILES:
        recipe = with_data(recipe, Path(shared("tables", FILES[name])))
    examples = read(recipe)
    metric, bar = WANTED[name]
    start = time.process_time()
    found = [next(iter(cross_validate(recipe, examples, FOLDS, seed=seed).values())) for seed in SEEDS]
    ways = {"hornbook": OURS, "boosting": BOOSTING, "mlp": MLP}
    seeds = {key: [scores.mean(way, metric) for scores in found] for key, way in ways.items()}
    report(
        "tables",
        recipe=name,
        metric=metric,
        bar=bar,
        folds=FOLDS,
        mean={key: round(statistics.fmean(values), 4) for key, values in seeds.items()},
        seeds={key: [round(v, 4) for v in values] for key, values in seeds.items()},
        spread_over_folds=round(statistics.fmean(s.spread(OURS, metric) for s in found), 4),
        seconds=round(time.process_time() - start, 1),
        load=round(os.getloadavg()[0], 1),
    )


def main() -> None:
    for name in sys.argv[1:] or WANTED:
        judge(name)


if __name__ == "__main__":
    main()
