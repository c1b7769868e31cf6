"""A language model of Tang poems beside Kneser-Ney counts of three characters, on the same held-back poems.

    python -m bench.poems [--seeds 3]

The poems are those of the recipe's own split; a seed is that of the weights and of the split.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path

import hornbook
from bench.common import report, shared
from hornbook.columns.text.evaluation import TextEvaluation
from hornbook.common.progress import Silent
from hornbook.recipe import Recipe
from hornbook.recipe.resolve import with_data
from hornbook.recognizer.writing.generate import generate


def main() -> None:
    """Train, and print one line of JSON."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    source = shared("text") / "poet.tang.*.json"
    found: list[TextEvaluation] = []
    seconds, speeds = [], []
    for seed in range(given.seeds):
        recipe = with_data(
            Recipe.read("poems", [f"training.seed={seed}", f"split.seed={seed}"]), source, "source"
        )
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            run = hornbook.train(recipe, run=Path(folder), progress=Silent())
            seconds.append(time.perf_counter() - start)
            evaluation = run.evaluations["next"]
            assert isinstance(evaluation, TextEvaluation)
            found.append(evaluation)
            start = time.perf_counter()
            text = "".join(generate(run.recognizer, "春", length=48, seed=3))
            speeds.append(len(text) / (time.perf_counter() - start))
    counted = [e.others["Kneser-Ney counts of three"] for e in found]
    report(
        "poems",
        perplexity=round(statistics.mean(e.score for e in found), 1),
        kneser_ney=round(statistics.mean(counted), 1),
        each=[round(e.score, 1) for e in found],
        kneser_ney_each=[round(c, 1) for c in counted],
        bits_a_character=round(statistics.mean(e.metrics["bits_a_token"] for e in found), 3),
        unknown=round(statistics.mean(e.unknown for e in found), 4),
        characters=found[0].tokens,
        characters_a_second=round(statistics.median(speeds)),
        seconds=round(statistics.median(seconds), 1),
    )


if __name__ == "__main__":
    main()
