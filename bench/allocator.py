"""Steps of training with the memory of one step kept for the next, and given back as the C library usually does.

    python -m bench.allocator [RECIPE] [--data PATH] [--steps 40]

Each measurement is a process of its own, for what the library has once learned of sizes it keeps; the two ways take
turns, and the medians are compared. On a machine that others keep busy the milliseconds differ more from one turn to
the next than the two ways do; the system's share, which is what is saved, is steadier.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from contextlib import nullcontext
from pathlib import Path

from bench.common import interleaved, report, shared
from hornbook.examples.prepare import prepare
from hornbook.networks.model import Network
from hornbook.recipe import Recipe
from hornbook.recipe.resolve import read, with_data
from hornbook.training.allocator import kept
from hornbook.training.loop import Loop

WARM = 3


def steps(recipe: str, data: str, count: int, way: str) -> dict[str, float]:
    """Return the milliseconds and the page faults of a step."""
    made = with_data(Recipe.read(recipe), data)
    prepared = prepare(read(made), made.inputs, made.targets)
    loop = Loop(Network(prepared.inputs, prepared.targets, made.network), prepared, made.training)

    def run(number: int) -> None:
        stop = loop.state.step + number
        loop.run_epoch(lambda now: now.state.step < stop)

    with kept() if way == "kept" else nullcontext():
        run(WARM)
        before = resource.getrusage(resource.RUSAGE_SELF)
        start = time.perf_counter()
        run(count)
        seconds = time.perf_counter() - start
        used = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "milliseconds": seconds / count * 1e3,
        "faults": (used.ru_minflt - before.ru_minflt) / count,
        "system": (used.ru_stime - before.ru_stime) / count * 1e3,
        "peak_mib": used.ru_maxrss / 1024,
    }


def median(rows: list[dict[str, float]], key: str) -> float:
    return round(statistics.median(row[key] for row in rows), 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("recipe", nargs="?", default="mnist")
    parser.add_argument("--data", default=str(shared("mnist")))
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--way", choices=["kept", "usual"])
    chosen = parser.parse_args()
    if chosen.way:
        print(json.dumps(steps(chosen.recipe, chosen.data, chosen.steps, chosen.way)))
        return
    found: dict[str, list[dict[str, float]]] = {"kept": [], "usual": []}

    def measured(way: str) -> float:
        command = [sys.executable, "-m", "bench.allocator", chosen.recipe, "--data", chosen.data]
        command += ["--steps", str(chosen.steps), "--way", way]
        said = subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout
        found[way].append(json.loads(said.splitlines()[-1]))
        return found[way][-1]["milliseconds"]

    took = interleaved(5, kept=lambda: measured("kept"), usual=lambda: measured("usual"))
    report(
        "allocator",
        recipe=chosen.recipe,
        data=Path(chosen.data).name,
        milliseconds_a_step={way: round(value, 2) for way, value in took.items()},
        ratio=round(took["usual"] / took["kept"], 3),
        system_milliseconds_a_step={way: median(rows, "system") for way, rows in found.items()},
        faults_a_step={way: median(rows, "faults") for way, rows in found.items()},
        peak_mib={way: round(max(row["peak_mib"] for row in rows)) for way, rows in found.items()},
    )


if __name__ == "__main__":
    main()
