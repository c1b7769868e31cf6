"""Tables of many rows: rows a processor second against a bare Polars and ONNX Runtime loop, and what kills leave.

Both read the same Parquet file, give the same graph the same rows, and write a Parquet file with the answers beside
them. Seconds are of all threads. Starting Python and loading the recognizer are in neither.

python -m bench.bulk [--rows 1000000] [--kills 10]
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl

import hornbook
from bench.common import report
from hornbook.common.progress import Silent
from hornbook.recognizer import load
from hornbook.recognizer.bulk.parts_of import Asked, Part, answer

BATCH = 2048
"""Rows that the bare loop gives the graph at once: the fastest of 512 to 32,768."""


def made(rows: int, count: int, seed: int) -> pl.DataFrame:
    """Return rows of so many numbers."""
    x = np.random.default_rng(seed).normal(size=(rows, count))
    return pl.DataFrame({f"x{i}": x[:, i] for i in range(count)})


def trained(folder: Path, count: int) -> Path:
    """Train a small recognizer on so many numbers, and return its run."""
    table = made(5000, count, 1)
    answers = table["x0"] * 2 + table["x1"].sin() + table["x2"] * table["x3"]
    table.with_columns(y=answers).write_csv(folder / f"train{count}.csv")
    changes = ["training.epochs=2", "network.name=mlp"]
    run = folder / f"run{count}"
    hornbook.train(folder / f"train{count}.csv", run=run, target="y", changes=changes, progress=Silent())
    return run


def bare(run: Path, source: Path, out: Path) -> None:
    """Read, run and write with the libraries alone."""
    session = load(run, threads=1)._session
    table = pl.read_parquet(source)
    names = [given.name for given in session.get_inputs()]
    columns = {name: table[name].to_numpy().astype(np.float32) for name in names}
    parts = [
        session.run(["y"], {name: values[at : at + BATCH] for name, values in columns.items()})[0]
        for at in range(0, table.height, BATCH)
    ]
    table.with_columns(y=np.concatenate(parts).ravel()).write_parquet(out)


def seconds(what: Callable[[], object]) -> float:
    """Return the processor seconds of a call."""
    begun = time.process_time()
    what()
    return time.process_time() - begun


def speed(folder: Path, rows: int, count: int, rounds: int) -> dict[str, float]:
    """Return millions of rows a processor second, and the share of the bare loop's."""
    run = trained(folder, count)
    source = folder / f"rows{count}.parquet"
    made(rows, count, 2).write_parquet(source)
    part = Part((str(source),), str(folder / f"ours{count}.parquet"), 1)
    asked = Asked(str(load(run).path))
    ours, theirs = [], []
    for _ in range(rounds + 1):  # the first warms both
        ours.append(seconds(lambda: answer(asked, part)))
        theirs.append(seconds(lambda: bare(run, source, folder / f"bare{count}.parquet")))
    mine, other = statistics.median(ours[1:]), statistics.median(theirs[1:])
    found = pl.read_parquet(folder / f"ours{count}.parquet")
    wanted = pl.read_parquet(folder / f"bare{count}.parquet")
    assert float((found["y"] - wanted["y"]).abs().max() or 0) < 1e-4  # type: ignore[arg-type]
    return {"million_rows": rows / mine / 1e6, "bare": rows / other / 1e6, "share": other / mine}


def kills(folder: Path, times: int) -> int:
    """Kill the command so often at a random moment; return how many rows are not there once in the end."""
    run = folder / "run4"
    for i in range(12):
        made(100_000, 4, i).with_row_index("id").write_parquet(folder / f"in{i:02}.parquet")
    command = [sys.executable, "-m", "hornbook", "predict", str(run), str(folder / "in*.parquet")]
    command += ["--out", f"{folder}/out/"]
    draw = random.Random(0)
    for attempt in range(times):
        jobs = ["--jobs", "2"] if attempt % 2 else []
        process = subprocess.Popen([*command, *jobs], stderr=subprocess.DEVNULL, start_new_session=True)
        time.sleep(draw.uniform(0.3, 1.2))
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)
    wrong = 0
    for i in range(12):
        ids = pl.read_parquet(folder / "out" / f"in{i:02}.parquet")["id"].to_list()
        wrong += len(set(range(100_000)) ^ set(ids)) + len(ids) - len(set(ids))
    return wrong


def main() -> None:
    """Measure, and print a line of JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kills", type=int, default=10)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        found = {
            f"{count}_{k}": round(v, 3)
            for count in (20, 4)
            for k, v in speed(folder, given.rows, count, given.rounds).items()
        }
        report("bulk", rows=given.rows, **found, killed=given.kills, rows_wrong=kills(folder, given.kills))


if __name__ == "__main__":
    main()
