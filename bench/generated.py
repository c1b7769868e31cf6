"""The loop on generated pictures, made anew in the background, against the same loop on the same pictures in memory.

    python -m bench.generated [REUSE]

Both loops train the same network for as many steps as a block of 20,000 serves with the default ``reuse``, in turns of
`STEPS`. The background makes the next block from the first step of the generated loop on; what the loop then takes
longer is what generating costs, and the bar is 95 %. While the loop in memory has its turn, the background is stopped.
"""

from __future__ import annotations

import os
import signal
import statistics
import sys
import time
from pathlib import Path

from bench.common import report
from hornbook.examples.generated import REUSE
from hornbook.examples.prepared import Prepared, prepare
from hornbook.networks.model import Network
from hornbook.recipe import Recipe
from hornbook.recipe.resolve import read
from hornbook.training.loop import Loop

COUNT, STEPS, TURNS = 20_000, 10, 7


def main() -> None:
    reuse = int(sys.argv[1]) if len(sys.argv) > 1 else REUSE
    recipe = Recipe.from_values(
        {
            "data": {
                "source": {
                    "generate": "captcha",
                    "count": COUNT,
                    "validation": 100,
                    "test": 100,
                    "reuse": reuse,
                }
            },
            "inputs": {"image": {"type": "image", "size": [160, 60], "channels": 1}},
            "targets": {"text": {"type": "characters", "length": 4}},
            "network": {"name": "cnn", "widths": [32, 64, 96, 128]},
            "training": {"epochs": 1000, "batch_size": 128, "precision": "float32"},
        },
        "bench",
        "bench",
    )
    prepared = prepare(read(recipe), recipe.inputs, recipe.targets)
    in_memory = loop(recipe, prepared, generated=False)
    steps(in_memory)
    generated = loop(recipe, prepared, generated=True)
    steps(generated)  # begins with the next block
    found: dict[str, list[float]] = {"generated": [], "memory": []}
    started = made = 0.0
    for _ in range(TURNS):
        ready = not workers()
        before = time.perf_counter()
        found["generated"].append(steps(generated))
        started += time.perf_counter() - before
        made = made or (started if ready else 0.0)
        pause(signal.SIGSTOP)
        try:
            found["memory"].append(steps(in_memory))
        finally:
            pause(signal.SIGCONT)
    rates = {name: statistics.median(values) for name, values in found.items()}
    epoch = COUNT / rates["memory"]
    report(
        "generated",
        memory_per_second=round(rates["memory"]),
        generated_per_second=round(rates["generated"]),
        ratio=round(rates["generated"] / rates["memory"], 3),
        reuse=reuse,
        epoch_seconds=round(epoch, 1),
        still_making=bool(workers()),
        share_made=round(progress(prepared), 3),
        seconds_of_making=round(started, 1),
        load=round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
    )


def loop(recipe: Recipe, prepared: Prepared, generated: bool) -> Loop:
    from dataclasses import replace

    ready = prepared if generated else replace(prepared, blocks=None)
    return Loop(Network(ready.inputs, ready.targets, recipe.network), ready, recipe.training)


def steps(one: Loop) -> float:
    """Take some steps, and return rows a second."""
    stop = one.state.step + STEPS
    start = time.perf_counter()
    one.run_epoch(lambda now: now.state.step < stop)
    return STEPS * one.batch / (time.perf_counter() - start)


def workers() -> list[int]:
    """Return the processes that make examples for this one."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if (
                entry.name.isdigit()
                and f" {os.getpid()} " in (entry / "stat").read_text().rpartition(")")[2][:20]
            ):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def pause(number: int) -> None:
    for pid in workers():
        os.kill(pid, number)


def progress(prepared: Prepared) -> float:
    """Return how much of the next block is made."""
    blocks = prepared.blocks
    if blocks is None or not blocks._lines or blocks._lines[0]._coming is None:
        return 0.0
    return blocks._lines[0]._coming.done / COUNT


if __name__ == "__main__":
    main()
