"""Killing a run again and again: 20 times SIGKILL at random moments, also while it saves, then going on to the end.

    python -m bench.kill [--kills 20]

The run saves after every step, so that many of the moments fall into a save. Its final weights and history are compared
with those of a run that was never stopped, bit for bit.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import torch

from bench.common import report
from hornbook.training.checkpoint import load_checkpoint

TRAIN = """
import sys
import hornbook
from hornbook.training import job
from hornbook.common.progress import Lines
job.SAVE_EVERY = 0.0
hornbook.train("digits", run=sys.argv[1], changes=["training.epochs=20", "training.ema=0.9", "network.dropout=0.1"],
          progress=Lines())
"""


def start(folder: Path) -> subprocess.Popen[str]:
    """Start training in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", TRAIN, str(folder)],
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
    )


def wait_until_training(process: subprocess.Popen[str]) -> str:
    """Read what it says until it trains; return that line, empty where it ended before."""
    assert process.stderr is not None
    for line in process.stderr:
        if line.startswith(("training ", "going on with ")):
            return line
    return ""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    chosen = parser.parse_args()
    rng = random.Random(chosen.seed)
    # One thread, so that nothing else decides about the order of sums.
    os.environ["OMP_NUM_THREADS"] = "1"
    with tempfile.TemporaryDirectory() as place:
        whole, broken = Path(place) / "whole", Path(place) / "broken"
        process = start(whole)
        wait_until_training(process)
        begun = time.monotonic()
        _, said = process.communicate()
        assert process.returncode == 0, said
        seconds = time.monotonic() - begun
        went_on, finished = 0, 0
        for kill in range(chosen.kills):
            process = start(broken)
            if kill % 5 == 4:
                time.sleep(rng.uniform(0.0, 5.0))  # while it starts, reads, or checks
            else:
                went_on += wait_until_training(process).startswith("going on")
                time.sleep(rng.uniform(0.0, 1.6 * seconds / chosen.kills))
            finished += process.poll() is not None
            process.kill()
            process.communicate()
        process = start(broken)
        _, said = process.communicate()
        assert process.returncode == 0 or "is finished" in said, said
        one, other = load_checkpoint(whole), load_checkpoint(broken)
        assert one is not None
        assert other is not None
        same = all(
            torch.equal(one["loop"][part][name], other["loop"][part][name])
            for part in ("network", "averaged")
            for name in one["loop"][part]
        ) and all(torch.equal(one["best"][name], other["best"][name]) for name in one["best"])
        timings = ("seconds", "examples_per_second")
        rows = [
            [{k: v for k, v in row.items() if k not in timings} for row in state["loop"]["state"]["history"]]
            for state in (one, other)
        ]
    report(
        "kill",
        kills=chosen.kills,
        went_on=went_on,
        after_its_end=finished,
        same_weights=same,
        same_history=rows[0] == rows[1],
    )


if __name__ == "__main__":
    main()
