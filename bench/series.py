"""Series foretold, beside the last value and the value one season ago: the recipes stock and passengers.

python -m bench.series [--seeds 3]
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import hornbook
from bench.common import report, shared
from hornbook.columns.series.evaluation import SeriesEvaluation
from hornbook.common.progress import Silent
from hornbook.recipe import Recipe
from hornbook.recipe.resolve import with_data

FILES = {"passengers": "airline-passengers.csv", "stock": "aapl.csv"}


def main() -> None:
    """Train each recipe with several seeds, and print one line of JSON for each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    for name, file in FILES.items():
        found: list[SeriesEvaluation] = []
        seconds = []
        for seed in range(given.seeds):
            recipe = with_data(Recipe.read(name, [f"training.seed={seed}"]), shared("series", file), "source")
            with tempfile.TemporaryDirectory() as folder:
                start = time.perf_counter()
                run = hornbook.train(recipe, run=Path(folder), progress=Silent())
                seconds.append(time.perf_counter() - start)
                (evaluation,) = run.evaluations.values()
                assert isinstance(evaluation, SeriesEvaluation)
                found.append(evaluation)
        skills = {
            f"skill_{against}": {
                "mean": round(statistics.mean(e.skills[against][0] for e in found), 4),
                "each": [[round(v, 4) for v in e.skills[against]] for e in found],
            }
            for against in found[0].skills
        }
        report(
            f"series/{name}",
            mae=round(statistics.mean(e.score for e in found), 4),
            baseline=[found[0].baseline[0], round(found[0].baseline[1], 4)],
            windows=found[0].rows,
            steps=len(found[0].steps),
            **skills,
            seconds=round(statistics.median(seconds), 1),
        )


if __name__ == "__main__":
    main()
