"""The loop of a recipe on generated pictures against the same loop on pictures already in memory.

    python -m bench.generated [--recipe captcha] [--count 20000] [--epochs 4]

In every epoch a part of the pictures is new. It is made meanwhile by processes of the lowest priority, and the loop
waits for what is not there in time: all of that is counted. Both loops take turns of `STEPS` steps, for so many epochs
and the first step of the next; while the loop in memory has its turn, what works in the background is stopped.
"""

from __future__ import annotations

import argparse
import os
import signal
import time
from dataclasses import replace
from pathlib import Path

from bench.common import report
from hornbook.examples.prepare import Prepared, prepare
from hornbook.make.source import MadeSource
from hornbook.networks.model import Network
from hornbook.recipe import Recipe
from hornbook.recipe.resolve import read
from hornbook.training.loop import Loop

STEPS = 20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", default="captcha")
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--epochs", type=int, default=4)
    chosen = parser.parse_args()
    counts = [f"data.source.count={chosen.count}", "data.source.validation=100", "data.source.test=100"]
    recipe = Recipe.read(chosen.recipe, [*counts, "training.precision=float32"])
    examples = read(recipe)
    assert isinstance(recipe.data.source, MadeSource)
    reuse = recipe.data.source.reuse
    prepared = prepare(examples, recipe.inputs, recipe.targets)
    in_memory = loop(recipe, replace(prepared, refreshed=None))
    generated = loop(recipe, prepared)
    seconds = {"generated": 0.0, "memory": 0.0}
    steps(in_memory, 10)  # the first steps are slower
    total, done = chosen.epochs * generated.steps + 1, 0
    while done < total:
        some = min(STEPS, total - done)
        done += some
        seconds["generated"] += steps(generated, some)
        pause(signal.SIGSTOP)
        try:
            seconds["memory"] += steps(in_memory, some)
        finally:
            pause(signal.SIGCONT)
    report(
        "generated",
        recipe=chosen.recipe,
        memory_per_second=round(total * in_memory.sampler.batch_size / seconds["memory"]),
        generated_per_second=round(total * generated.sampler.batch_size / seconds["generated"]),
        ratio=round(seconds["memory"] / seconds["generated"], 3),
        count=chosen.count,
        epochs=chosen.epochs,
        reuse=reuse,
        load=round(os.getloadavg()[0], 1) if hasattr(os, "getloadavg") else None,
    )


def loop(recipe: Recipe, prepared: Prepared) -> Loop:
    return Loop(Network(prepared.inputs, prepared.targets, recipe.network), prepared, recipe.training)


def steps(one: Loop, count: int) -> float:
    """Take some steps, across the ends of epochs, and return the seconds that they took."""
    start = time.perf_counter()
    while count:
        stop = min(one.state.step + count, one.steps)
        count -= stop - one.state.step
        one.run_epoch(lambda now, stop=stop: now.state.step < stop)  # type: ignore[misc]
        if one.state.step == one.steps:
            one.state.epoch, one.state.step = one.state.epoch + 1, 0
    return time.perf_counter() - start


def workers() -> list[int]:
    """Return the processes that make examples for this one."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            if entry.name.isdigit():
                parent = (entry / "stat").read_text().rpartition(")")[2].split()[1]
                found += [int(entry.name)] if int(parent) == os.getpid() else []
        except OSError:
            continue
    return found


def pause(number: int) -> None:
    for pid in workers():
        os.kill(pid, number)


if __name__ == "__main__":
    main()
