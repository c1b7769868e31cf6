"""The ``mnist`` recipe: test accuracy as the mean of several seeds, and how soon 99.4 % is reached by a whole process.

python -m bench.mnist --seeds 3                        the recipe's full length
python -m bench.mnist --quick                          with --set training.epochs=2: the whole process
python -m bench.mnist --recipe mnist_cnn --seeds 1     the textbook's net, trained by hornbook

Each run is a process of its own, timed from its start to its end.
"""

from __future__ import annotations

import argparse
import json
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.common import report, shared

QUICK = ("training.epochs=2",)


def run_once(
    recipe: str, seed: int, changes: tuple[str, ...], folder: Path, data: Path | None = None
) -> dict[str, Any]:
    """Train in a process of its own; return its metrics and the seconds of the whole process."""
    sets = [w for c in (*changes, f"training.seed={seed}") for w in ("--set", c)]
    run = folder / f"{recipe}-{seed}"
    command = [
        sys.executable,
        "-m",
        "hornbook",
        "train",
        recipe,
        "--data",
        str(data or shared("mnist")),
        "--run",
        str(run),
    ]
    start = time.perf_counter()
    subprocess.run([*command, *sets], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    metrics: dict[str, Any] = json.loads((run / "metrics.json").read_text("utf-8"))
    return {**metrics, "process_seconds": seconds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", default="mnist")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--set", action="append", default=[])
    chosen = parser.parse_args()
    changes = (*(QUICK if chosen.quick else ()), *chosen.set)
    with tempfile.TemporaryDirectory() as folder:
        runs = [run_once(chosen.recipe, seed, changes, Path(folder)) for seed in range(chosen.seeds)]
    scores = [r["evaluations"]["digit"]["metrics"]["accuracy"] for r in runs]
    report(
        "mnist_quick" if chosen.quick else chosen.recipe,
        accuracy_mean=round(statistics.mean(scores), 5),
        accuracy=scores,
        process_seconds=[round(r["process_seconds"], 1) for r in runs],
        training_seconds=[r["training_seconds"] for r in runs],
        parameters=runs[0]["parameters"],
        epochs=runs[0]["epochs"],
        precision=runs[0]["precision"],
    )


if __name__ == "__main__":
    main()
