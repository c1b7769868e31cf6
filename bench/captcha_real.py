"""The ``captcha_real`` recipe on a folder of real captchas, with nothing changed: whole strings right, in five folds.

    python -m bench.captcha_real [FOLDER] [--folds 5] [--set KEY=VALUE]

Each fifth of the pictures is read by a run that was trained on the other four, out of which it also takes what it
validates on.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from bench.common import report, shared
from hornbook import Recipe, read_examples, train
from hornbook.common.progress import Silent

FOLDS = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path)
    parser.add_argument("--folds", type=int, default=FOLDS)
    parser.add_argument("--set", action="append", default=[])
    chosen = parser.parse_args()
    recipe = Recipe.read("captcha_real", chosen.set)
    folder = chosen.folder or shared("captchas")
    examples = read_examples(str(folder), pattern=recipe.data.pattern)
    pictures = list(examples.values("image"))
    place = np.random.default_rng(0).permutation(len(examples)) % FOLDS
    scores, characters, seconds, wrong = [], [], [], []
    for fold in range(chosen.folds):
        split = pl.Series("split", np.where(place == fold, "test", "train"))
        with tempfile.TemporaryDirectory() as temporary:
            table = examples.replace(table=examples.table.with_columns(split))
            run = train(table, run=Path(temporary) / "run", recipe=recipe, progress=Silent())
            found = run.evaluations["text"]
            scores.append(found.metrics["accuracy"])
            characters.append(found.metrics["characters"])
            seconds.append(run.metrics["training_seconds"])
            rows = np.flatnonzero(place == fold)
            answers = run.recognizer.predict([pictures[row] for row in rows])
            for text, answer in zip(examples.table["text"].gather(rows), answers, strict=True):
                if answer.value != text:
                    wrong.append(f"{text} as {answer.value} {answer.confidence:.2f}")
            parameters, precision = run.metrics["parameters"], run.metrics["precision"]
        print(f"fold {fold + 1}: {scores[-1]:.4f}, {seconds[-1]:.0f} s", file=sys.stderr)
    print("\n".join(wrong), file=sys.stderr)
    report(
        "captcha_real",
        pictures=len(examples),
        accuracy_mean=round(statistics.mean(scores), 4),
        accuracy=[round(s, 4) for s in scores],
        characters_mean=round(statistics.mean(characters), 4),
        training_seconds=seconds,
        parameters=parameters,
        precision=precision,
    )


if __name__ == "__main__":
    main()
