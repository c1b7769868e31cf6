"""Few photographs: what the guess reaches with thirty, twenty or ten a class, the whole command from cold.

    python -m bench.few [--seeds 3] [--only ants_bees-30 ...] [--nothing] [--set KEY=VALUE ...]

For each set and each seed other pictures are drawn to learn from, with an empty cache in which only the weights lie.
Beside it: logistic regression of scikit-learn on the features of the frozen net, of the same rows; and, with
``--nothing``, what is guessed with no pretrained net.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.common import report, shared

WEIGHTS = "mobilenet_v2-b0353104.pth"

SETS = {
    "ants_bees-30": ("ants_bees", 30),
    "ants_bees-10": ("ants_bees", 10),
    "hand_signs-20": ("hand_signs", 20),
    "hand_signs-10": ("hand_signs", 10),
}

OTHERS = 40
"""Pictures a class that are tested, where the set has no test rows of its own."""


def deal(source: Path, folder: Path, each: int, seed: int) -> None:
    """Write class folders of so many training pictures, and the test pictures, as links."""
    own = (source / "train").is_dir()
    rng = random.Random(seed)
    for label in sorted((source / "train" if own else source).iterdir()):
        files = sorted(label.iterdir())
        rng.shuffle(files)
        tested = sorted((source / "test" / label.name).iterdir()) if own else files[each : each + OTHERS]
        for split, some in (("train", files[:each]), ("test", tested)):
            place = folder / split / label.name
            place.mkdir(parents=True)
            for file in some:
                (place / file.name).symlink_to(file)


def train(folder: Path, run: Path, cache: Path, changes: list[str]) -> tuple[dict[str, Any], float]:
    """Train in a process of its own; return its metrics and the seconds of the whole command."""
    place = cache / "backbones" / "mobilenet_v2"
    place.mkdir(parents=True, exist_ok=True)
    if not (place / WEIGHTS).exists():
        (place / WEIGHTS).symlink_to(shared("backbones", WEIGHTS))
    sets = [word for change in changes for word in ("--set", change)]
    command = [sys.executable, "-m", "hornbook", "train", str(folder), "--run", str(run), *sets]
    start = time.perf_counter()
    subprocess.run(
        command,
        check=True,
        env={**os.environ, "HORNBOOK_CACHE": str(cache)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    seconds = time.perf_counter() - start
    return json.loads((run / "metrics.json").read_text("utf-8")), seconds


def regression(folder: Path) -> float:
    """Return the accuracy of scikit-learn's logistic regression on the features of the frozen net."""
    from sklearn.linear_model import LogisticRegression

    import hornbook
    from hornbook.examples.prepare import prepare
    from hornbook.recipe.guess import guess
    from hornbook.training.novelty import features_of
    from hornbook.training.started import begin

    examples = hornbook.read_examples(folder)
    changes = ["network.fine_tune=head", "network.folds=0", "network.views=0"]
    recipe = guess(examples, folder, changes=[*changes, f"network.weights={shared('backbones')}"])
    prepared = prepare(examples, recipe.inputs, recipe.targets, recipe.split)
    network = begin(recipe, prepared).network
    (target,) = prepared.targets
    learn, asked = (prepared.splits[s] for s in ("train", "test"))
    x, y = (features_of(network, prepared, rows).numpy() for rows in (learn, asked))
    truth = prepared.arrays[target]
    model = LogisticRegression(max_iter=1000).fit(x, truth.take(learn))
    return float(np.mean(model.predict(y) == truth.take(asked)))


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=SETS, default=list(SETS))
    parser.add_argument("--nothing", action="store_true", help="what starts from nothing beside it")
    parser.add_argument("--set", dest="changes", action="append", default=[])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        place = Path(temporary)
        for name in {SETS[n][0] for n in options.only}:
            with tarfile.open(shared("pictures", f"{name}.tar")) as archive:
                archive.extractall(place / name, filter="data")
        for name in options.only:
            source, each = SETS[name]
            found: dict[str, list[float]] = {}
            tuned = []
            for seed in range(options.seeds):
                here = place / f"{name}-{seed}"
                deal(place / source, here / "photos", each, seed)
                metrics, seconds = train(here / "photos", here / "run", here / "cache", options.changes)
                scores = metrics["evaluations"]["label"]["metrics"]
                found.setdefault("accuracy", []).append(scores["accuracy"])
                found.setdefault("seconds", []).append(round(seconds, 1))
                found.setdefault("by_folds", []).append(metrics.get("folds", {}).get("mean", float("nan")))
                found.setdefault("logistic_regression", []).append(regression(here / "photos"))
                tuned.append(metrics["parameters"] > 100_000)
                if options.nothing:
                    changes = ['network.name="cnn"']
                    metrics, _ = train(here / "photos", here / "nothing", here / "cache", changes)
                    scores = metrics["evaluations"]["label"]["metrics"]
                    found.setdefault("from_nothing", []).append(scores["accuracy"])
            means = {k: round(statistics.fmean(v), 4) for k, v in found.items()}
            report("few", set=name, seeds=options.seeds, **means, each=found, fine_tuned=tuned)
            sys.stdout.flush()


if __name__ == "__main__":
    main()
