"""Answers that are written token by token: whole ones right on fresh examples, seconds of training, answers a second.

python -m bench.sequences                            the recipe dates: 5,000 dates of days that none was trained on
python -m bench.sequences --recipe reverse
python -m bench.sequences --recipe captcha_attention --beside captcha    the same pictures, read with CTC
"""

from __future__ import annotations

import argparse
import dataclasses
import resource
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.common import report, run_once

BATCH = 2000


def rates(run: Path) -> dict[str, float]:
    """Return the answers a second, greedy and with the recipe's beam, and whole ones right of the same, in percent."""
    from hornbook import load
    from hornbook.columns.sequence.column import SequenceColumn
    from hornbook.make.source import MadeSource, read_made
    from hornbook.recipe import Recipe

    source = Recipe.read(run / "recipe.toml").data.source
    if not isinstance(source, MadeSource):
        return {}
    fresh = read_made(dataclasses.replace(source, seed=source.seed + 1000, count=1, validation=0, test=BATCH))
    rows = fresh.rows("test").tolist()
    out: dict[str, float] = {}
    for beam in (1, 4):
        reader = load(run, threads=1)
        ((name, column),) = SequenceColumn.among(reader.targets).items()
        reader.follow(beam)
        ((given, _),) = reader.inputs.items()
        if given not in fresh.table.columns or fresh.stores:
            return {}
        values = fresh.table[given].gather(rows).to_list()
        true = fresh.table[column.source or name].gather(rows).to_list()
        start = time.perf_counter()
        answers = reader.predict(values)
        out[f"answers_per_second_beam_{beam}"] = round(len(rows) / (time.perf_counter() - start))
        right = sum(a.value == t for a, t in zip(answers, true, strict=True))
        out[f"right_of_{BATCH}_beam_{beam}"] = right
    return out


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", default="dates")
    parser.add_argument("--beside", default="")
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--set", action="append", default=[])
    chosen = parser.parse_args()
    for recipe in filter(None, [chosen.recipe, chosen.beside]):
        runs: list[dict[str, Any]] = []
        with tempfile.TemporaryDirectory() as folder:
            for seed in range(chosen.seeds):
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                sets = (*chosen.set, f"training.seed={seed}", f"data.source.seed={seed}")
                runs.append(run_once(recipe, sets, Path(folder) / str(seed)))
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                runs[-1]["processor"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            speed = rates(Path(folder) / "0") if recipe == chosen.recipe else {}
        found = [next(iter(r["evaluations"].values())) for r in runs]
        report(
            f"sequences_{recipe}",
            rows=found[0]["rows"],
            accuracy_mean=round(statistics.mean(f["metrics"]["accuracy"] for f in found), 5),
            accuracy=[f["metrics"]["accuracy"] for f in found],
            characters=[round(f["metrics"]["characters"], 5) for f in found],
            training_seconds=[r["training_seconds"] for r in runs],
            processor_seconds_of_all=[round(r["processor"], 1) for r in runs],
            process_seconds=[round(r["process_seconds"], 1) for r in runs],
            parameters=runs[0]["parameters"],
            epochs=runs[0]["epochs"],
            precision=runs[0]["precision"],
            **speed,
        )


if __name__ == "__main__":
    main()
