"""The search: is the winner better than the recipe, what does a trial cost, and what does a killed search lose.

    python -m bench.search [--only winners|overhead|kill] [--recipes mpg,waimai,captcha_real] [--seeds 3] [--trials 12]

``winners`` splits anew for each seed: the search sees training and validation rows, and the winner and the recipe
itself are judged once on test rows that no trial has seen. Twelve trials, some of which end early, and the finals cost
as much as twenty trainings. ``overhead`` trains next to nothing, so that what is left is the cost of a trial. ``kill``
kills the search, and so its trial, at random moments, and gives the command again.
"""

from __future__ import annotations

import argparse
import csv
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.common import report, shared
from hornbook.common.progress import Silent
from hornbook.recipe import Recipe
from hornbook.recipe.guesses.space import guess_space
from hornbook.search.folder import Plan, Search
from hornbook.search.result import Result, conclude
from hornbook.search.work import Goal, work

TINY = """
[data]
source = "{data}"
[inputs]
a = "number"
b = "number"
[targets]
y = "number"
[network]
name = "mlp"
hidden = [8]
[training]
epochs = {epochs}
batch_size = 16
[search]
"training.learning_rate" = {{ from = 0.0001, to = 0.1, scale = "log" }}
"network.hidden" = {{ one_of = [[4], [8], [16, 16]] }}
"""


def recipes() -> dict[str, tuple[str, list[str]]]:
    """Return for each name a recipe and what is changed in it."""
    return {
        "mpg": ("mpg", [f'data.source="{shared("tables", "auto-mpg.data")}"', "split.validation=0.25"]),
        "waimai": ("sentiment", [f'data.source="{shared("text", "waimai_10k.csv")}"']),
        "captcha_real": ("captcha_real", [f'data.source="{shared("captchas")}"', "split.validation=0.2"]),
    }


def winners(place: Path, names: Sequence[str], seeds: int, trials: int, more: Sequence[str]) -> None:
    for name in names:
        recipe, changes = recipes()[name]
        found: list[dict[str, Any]] = []
        for seed in range(seeds):
            split = ["split.test=0.2", f"split.seed={seed}", f"training.seed={seed}"]
            chosen = Recipe.read(recipe, [*changes, *split, *more])
            search = Search(place / f"{name}{seed}")
            values = {**chosen.given, "search": {k: p.to_values() for k, p in guess_space(chosen).items()}}
            plan = search.begin(Plan(Recipe.from_values(values, name, "bench"), "tpe", seed, 4))
            begun = time.process_time()
            work(str(search.path), Goal(trials), 1)
            result = conclude(search, plan, Silent())
            winner, default = result.winner[result.target], result.default[result.target]
            found.append(
                {
                    "seed": seed,
                    "winner": round(winner.score, 4),
                    "recipe": round(default.score, 4),
                    "trial": result.chosen.number,
                    "best_trial": result.best.number,
                    "share": result.share,
                    "finals": None if result.finals is None else result.finals.scores,
                    "trainings": round(worth(plan, result), 1),
                    "test_rows": winner.rows,
                    "ended_early": sum(t.state == "early" for t in result.trials),
                    "cpu_seconds": round(time.process_time() - begun, 1),
                }
            )
            print(found[-1], file=sys.stderr, flush=True)
        means = {k: round(statistics.fmean(f[k] for f in found), 4) for k in ("winner", "recipe")}
        report(
            "search",
            what="winners",
            trained=name,
            changes=list(more),
            trials=trials,
            metric=plan.target.metric,
            **means,
            seeds=found,
        )


def worth(plan: Plan, result: Result) -> float:
    """Return how many trainings of the recipe the search has cost, by epochs."""
    epochs = sum(len(trial.history) for trial in result.trials) / max(len(result.trials[0].history), 1)
    return epochs + (0 if result.finals is None else result.finals.count * len(result.finals.scores))


def tiny(place: Path, epochs: int) -> Path:
    """Write a table and a recipe for it, which trains in no time."""
    rng = random.Random(0)
    rows = [(rng.gauss(0, 1), rng.gauss(0, 1)) for _ in range(200)]
    with (place / "t.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("a", "b", "y"), *((a, b, 2 * a - b) for a, b in rows)])
    path = place / f"tiny{epochs}.toml"
    path.write_text(TINY.format(data=(place / "t.csv").as_posix(), epochs=epochs))
    return path


def overhead(place: Path, trials: int) -> None:
    search = Search(place / "overhead")
    search.begin(Plan(Recipe.read(tiny(place, 1))))
    work(str(search.path), Goal(1), 1, lambda text: None)  # what is imported and read once
    wall, cpu = time.perf_counter(), time.process_time()
    work(str(search.path), Goal(1 + trials), 1, lambda text: None)
    seconds, spent = time.perf_counter() - wall, time.process_time() - cpu
    trained = sum(r["seconds"] for t in search.trials()[1:] for r in t.history)
    each = {"seconds": (seconds - trained) / trials, "cpu_seconds": (spent - trained) / trials}
    report("search", what="overhead", trials=trials, **{k: round(v, 3) for k, v in each.items()})


def table(folder: Path) -> list[Any]:
    """Return what must be the same however often the search was killed."""
    trials = Search(folder).trials()
    curves = [[{k: v for k, v in r.items() if "second" not in k} for r in t.history] for t in trials]
    return [(t.number, t.settings, t.state, t.score, curve) for t, curve in zip(trials, curves, strict=True)]


def kill(place: Path, kills: int, seed: int) -> None:
    rng, recipe = random.Random(seed), tiny(place, 40)
    told = {**os.environ, "OMP_NUM_THREADS": "1"}

    def start(out: Path) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-m", "hornbook", "search", str(recipe), "--trials", "14", "--out", str(out)]
        return subprocess.Popen(words, env=told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    begun = time.monotonic()
    assert start(place / "whole").wait() == 0
    seconds = time.monotonic() - begun
    done = 0
    for _ in range(kills):
        process = start(place / "broken")
        before = _state(place / "broken")
        while process.poll() is None and _state(place / "broken") == before:
            time.sleep(0.05)  # until it works
        time.sleep(rng.uniform(0.0, seconds / 20))
        done += process.poll() is None
        process.kill()
        process.wait()
    status = start(place / "broken").wait()
    same = table(place / "whole") == table(place / "broken")
    early = sum(t.state == "early" for t in Search(place / "whole").trials())
    report("search", what="kill", kills=done, status=status, same_table=same, trials=14, ended_early=early)


def _state(folder: Path) -> list[tuple[str, int]]:
    files = sorted(folder.glob("*/history.csv")) if folder.is_dir() else []
    return [(str(f), f.stat().st_mtime_ns) for f in files if f.exists()]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("winners", "overhead", "kill"))
    parser.add_argument("--recipes", default="mpg,waimai,captcha_real")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--trials", type=int, default=12)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument(
        "--set", dest="changes", action="append", default=[], help="shorten both: training.epochs=40"
    )
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        if chosen.only in (None, "overhead"):
            overhead(place, chosen.trials)
        if chosen.only in (None, "kill"):
            kill(place, chosen.kills, 0)
        if chosen.only in (None, "winners"):
            winners(place, chosen.recipes.split(","), chosen.seeds, chosen.trials, chosen.changes)


if __name__ == "__main__":
    main()
