"""Training on several processes: the same file for 1, 2 and 4 ranks, what it costs, and what a killed rank loses.

    python -m bench.ranks [--kills 10] [--only same|cost|kill]

Each line is of JSON. ``same`` trains the recipes `digits`, `mpg` and `captcha`, shortened, with four shards. ``cost``
compares the processor time of two ranks with that of one on the same two shards: of the steps and the validation alone,
and of the whole command, in which each process also loads PyTorch and reads the examples. ``kill`` kills a rank at a
random moment, again and again, and lets torchrun start all of them anew.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import random
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.common import report, shared

TIMED = """
import os, sys, time
from hornbook.training.loop import Loop
from hornbook.cli.main import main
spent, epoch, validate = [0.0], Loop.run_epoch, Loop.validate
def timed(step):
    def run(*given):
        before = time.process_time()
        found = step(*given)
        spent[0] += time.process_time() - before
        return found
    return run
Loop.run_epoch, Loop.validate = timed(epoch), timed(validate)
from hornbook.training import job
if os.environ.get("SAVE_ALWAYS"):
    job.SAVE_EVERY = 0.0
status = main(sys.argv[2:])
with open(sys.argv[1] + os.environ.get("RANK", "0"), "w") as file:
    file.write(str(spent[0]))
sys.exit(status)
"""


def recipes() -> dict[str, list[str]]:
    """Return the words after ``hornbook train`` for each recipe."""
    made = [
        "--set",
        'data.source={make = "captcha", length = 4, alphabet = "digits", count = 800, reuse = 20}',
    ]
    return {
        "digits": ["digits", "--set", "training.epochs=3"],
        "mpg": ["mpg", "--data", str(shared("tables")), "--set", "training.epochs=20"],
        "captcha": ["captcha", *made, "--set", "training.epochs=1"],
    }


def start(
    place: Path, ranks: int, words: Sequence[str], run: Path, restarts: int = 0, **more: str
) -> subprocess.Popen[bytes]:
    """Start training under torchrun, in a process group of its own."""
    script = place / "timed.py"
    script.write_text(TIMED)
    launch = [sys.executable, "-m", "torch.distributed.run", f"--nproc-per-node={ranks}"]
    launch += [f"--max-restarts={restarts}", "--monitor-interval=0.1"]
    told = {**os.environ, "OMP_NUM_THREADS": "1", **more}
    return subprocess.Popen(
        [*launch, "--", str(script), str(place / "spent"), "train", *words, "--run", str(run)],
        env=told,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def train(place: Path, ranks: int, words: Sequence[str], run: Path) -> tuple[float, float]:
    """Train to the end; return the seconds of processors of the loops, and of all processes."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert start(place, ranks, words, run).wait() == 0
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    whole = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return sum(float((place / f"spent{r}").read_text()) for r in range(ranks)), whole


def digest(run: Path) -> str:
    """Return a hash of the recognizer."""
    return hashlib.sha256((run / "recognizer.onnx").read_bytes()).hexdigest()[:16]


def same(place: Path) -> None:
    for name, words in recipes().items():
        found = {}
        for ranks in (1, 2, 4):
            run = place / f"{name}{ranks}"
            train(place, ranks, [*words, "--set", "training.shards=4"], run)
            found[ranks] = digest(run)
        report("ranks", what="same", recipe=name, same=len(set(found.values())) == 1, sha256=found)


def cost(place: Path, times: int) -> None:
    for name, words in recipes().items():
        loops: dict[int, list[float]] = {1: [], 2: []}
        wholes: dict[int, list[float]] = {1: [], 2: []}
        for turn in range(times):
            for ranks in (1, 2):
                loop, whole = train(
                    place, ranks, [*words, "--set", "training.shards=2"], place / f"{name}{turn}{ranks}"
                )
                loops[ranks].append(loop)
                wholes[ranks].append(whole)
        ratios = [two / one for one, two in zip(loops[1], loops[2], strict=True)]
        figures: dict[str, Any] = {
            "loop_seconds": {r: round(statistics.median(v), 2) for r, v in loops.items()},
            "two_against_one": round(statistics.median(ratios), 3),
            "spread": [round(min(ratios), 3), round(max(ratios), 3)],
            "whole_seconds": {r: round(statistics.median(v), 2) for r, v in wholes.items()},
        }
        report("ranks", what="cost", recipe=name, times=times, **figures)


def workers(group: int) -> list[int]:
    """Return the processes of the ranks below a torchrun."""
    children = Path(f"/proc/{group}/task/{group}/children").read_text().split()
    return [int(child) for child in children]


def kill(place: Path, kills: int, seed: int) -> None:
    """Kill a rank again and again; each time all of them are started anew, and go on."""
    rng = random.Random(seed)
    words = [*recipes()["digits"][:2], "training.epochs=20", "--set", "training.shards=2"]
    begun = time.monotonic()
    train(place, 2, words, place / "whole")
    seconds = time.monotonic() - begun
    process = start(place, 2, words, place / "broken", restarts=kills, SAVE_ALWAYS="1")
    done = 0
    while done < kills and process.poll() is None:
        time.sleep(rng.uniform(0.3, 1.3) * seconds / 2)  # mostly in training, now and then while it starts
        try:
            ranks = workers(process.pid)
        except OSError:
            break
        if len(ranks) == 2:
            os.kill(rng.choice(ranks), signal.SIGKILL)
            done += 1
    status = process.wait()
    report(
        "ranks",
        what="kill",
        kills=done,
        status=status,
        same=status == 0 and digest(place / "whole") == digest(place / "broken"),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--times", type=int, default=3)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", choices=("same", "cost", "kill"))
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        if chosen.only in (None, "same"):
            same(place)
        if chosen.only in (None, "cost"):
            cost(place, chosen.times)
        if chosen.only in (None, "kill"):
            kill(place, chosen.kills, chosen.seed)


if __name__ == "__main__":
    main()
