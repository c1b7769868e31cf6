"""Generated captchas: whole strings right on 4,000 fresh ones, and the seconds of training that it took.

python -m bench.captcha                                   the captcha recipe's full length
python -m bench.captcha --quick                           the same, cut to what two cores do in two minutes
python -m bench.captcha --recipe captcha_alphanumeric     62 characters, four to six of them
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

from bench.common import report, run_once

QUICK = ("training.epochs=5",)
ROWS = 4000


def reading(run: Path, batch: int) -> float:
    """Return the pictures a second that the recognizer reads out of an array, the median of five times."""
    from hornbook import load

    reader = load(run)
    column = next(iter(reader.inputs.values()))
    pictures = np.random.default_rng(0).integers(0, 256, (batch, *column.shape), dtype=np.uint8)
    seconds = []
    for _ in range(6):
        start = time.perf_counter()
        reader.predict(pictures)
        seconds.append(time.perf_counter() - start)
    return batch / statistics.median(seconds[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", default="captcha")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--set", action="append", default=[])
    chosen = parser.parse_args()
    changes = (*(QUICK if chosen.quick else ()), *chosen.set)
    runs: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(chosen.seeds):
            runs.append(
                run_once(chosen.recipe, (*changes, f"training.seed={seed}"), Path(folder) / str(seed))
            )
        speed = reading(Path(folder) / "0", 2048)
    found = [r["evaluations"]["text"] for r in runs]
    report(
        f"{chosen.recipe}_quick" if chosen.quick else chosen.recipe,
        rows=found[0]["rows"],
        accuracy_mean=round(statistics.mean(f["metrics"]["accuracy"] for f in found), 5),
        accuracy=[f["metrics"]["accuracy"] for f in found],
        characters=[round(f["metrics"]["characters"], 5) for f in found],
        training_seconds=[r["training_seconds"] for r in runs],
        process_seconds=[round(r["process_seconds"], 1) for r in runs],
        reads_per_second=round(speed),
        parameters=runs[0]["parameters"],
        epochs=runs[0]["epochs"],
        precision=runs[0]["precision"],
    )


if __name__ == "__main__":
    main()
