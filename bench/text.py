"""Texts told apart, beside TF-IDF with logistic regression on the same rows: the recipes sentiment and intent.

    python -m bench.text [--seeds 3] [--only waimai]

Each seed is that of the weights and, where there is no test file, of the split too.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from dataclasses import dataclass

import hornbook
from bench.common import report, shared
from hornbook.common.progress import Silent
from hornbook.examples.prepare import prepare
from hornbook.recipe import Recipe
from hornbook.recipe.resolve import read, with_data
from hornbook.recognizer.baselines import tfidf


@dataclass(frozen=True)
class Set:
    """A data set and how a recipe is told of it."""

    recipe: str
    place: tuple[str, ...]
    changes: tuple[str, ...] = ()
    bar: float = 0.0


SETS = {
    "waimai": Set("sentiment", ("text", "waimai_10k.csv"), bar=0.900),
    "rt_polarity": Set("sentiment", ("text",), ('data.pattern="rt-polarity.{label}"',), bar=0.771),
    "banking77": Set("intent", ("text", "banking77_train.csv"), bar=0.893),
}
"""The bars are what TF-IDF with logistic regression was seen at on another split."""


def measure(name: str, seed: int) -> dict[str, float]:
    """Train once, and return both accuracies on the same test rows."""
    chosen = SETS[name]
    changes = [*chosen.changes, f"training.seed={seed}", f"split.seed={seed}"]
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        recipe = with_data(Recipe.read(chosen.recipe, changes), str(shared(*chosen.place)), "source")
        run = hornbook.train(recipe, run=folder, progress=Silent())
        seconds = time.perf_counter() - start
        (target,) = recipe.targets
        reader = run.recognizer
        prepared = prepare(read(recipe), reader.inputs, reader.targets, recipe.split)
        beside = tfidf(prepared, reader.inputs, target, "test")
        return {
            "network": run.evaluations[target].score,
            "tfidf": next(iter(beside.values())),
            "rows": float(run.evaluations[target].rows),
            "seconds": seconds,
        }


def main() -> None:
    """Measure every set, and print one line of JSON for each."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", choices=list(SETS))
    given = parser.parse_args()
    for name in [given.only] if given.only else SETS:
        found = [measure(name, seed) for seed in range(given.seeds)]
        network, tfidf_scores = ([f[key] for f in found] for key in ("network", "tfidf"))
        report(
            f"text/{name}",
            accuracy=round(statistics.mean(network), 4),
            tfidf=round(statistics.mean(tfidf_scores), 4),
            seen_at=SETS[name].bar,
            each=[round(v, 4) for v in network],
            tfidf_each=[round(v, 4) for v in tfidf_scores],
            rows=int(found[0]["rows"]),
            seconds=round(statistics.median(f["seconds"] for f in found), 1),
        )


if __name__ == "__main__":
    main()
