"""A table of a million rows and twenty columns: read, checked and encoded; epochs beside the bare PyTorch loop.

    python -m bench.table_speed [ROWS]

The bare loop has its standardized numbers in memory as one tensor, indexes a batch, and steps; hornbook's does
everything that it does in a run. Both in one process, in turn, a fifth of an epoch at a time; the medians are
compared. The same for an LSTM over windows of a series.
"""

from __future__ import annotations

import copy
import os
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import numpy as np
import polars as pl
import torch
import torch.nn.functional as F
from torch import nn

from bench.common import interleaved, report
from hornbook.checks.check import check_prepared
from hornbook.examples.prepare import Prepared, prepare
from hornbook.networks.by_column import NUMBERS
from hornbook.networks.model import Network
from hornbook.recipe import Recipe
from hornbook.sources import read_examples
from hornbook.training.loop import Loop

COLUMNS = 19
PART = 0.2
BATCHES = (128, 1024)
STEPS = 30
"""Rows in a window of the series."""


def write(path: Path, rows: int) -> None:
    """Write a table of numbers with four digits, and a number that is to be learned."""
    rng = np.random.default_rng(0)
    x = rng.normal(50, 15, (rows, COLUMNS)).round(4)
    y = (x[:, 0] * 0.5 + np.sin(x[:, 1] / 10) * 20 + rng.normal(0, 2, rows)).round(3)
    table = pl.DataFrame({**{f"x{i}": x[:, i] for i in range(COLUMNS)}, "y": y})
    table.write_csv(path)


def recipe(batch: int) -> Recipe:
    return Recipe.from_values(
        {
            "inputs": {f"x{i}": "number" for i in range(COLUMNS)},
            "targets": {"y": "number"},
            "network": {"name": "mlp", "hidden": [128, 64]},
            "training": {"epochs": 1000, "batch_size": batch},
        },
        "table",
        "bench",
    )


def read(path: Path) -> tuple[Prepared, dict[str, float]]:
    """Read, encode and check, and return how long each took."""
    made = recipe(128)
    busy = time.process_time()
    start = time.perf_counter()
    examples = read_examples(path)
    done = time.perf_counter()
    prepared = prepare(examples, made.inputs, made.targets)
    encoded = time.perf_counter()
    check_prepared(prepared)
    checked = time.perf_counter()
    seconds = {"read": done - start, "encoded": encoded - done, "checked": checked - encoded}
    return prepared, {**seconds, "all": checked - start, "cpu": time.process_time() - busy}


def speeds(prepared: Prepared, batch: int) -> dict[str, float]:
    """Return the rows a second of the bare loop and of hornbook's."""
    made = recipe(batch)
    network = Network(prepared.inputs, prepared.targets, made.network)
    loop = Loop(network, prepared, made.training)
    bare = copy.deepcopy(network)
    train = prepared.splits["train"]
    with torch.inference_mode():
        block = torch.stack([torch.from_numpy(v) for v in prepared.take(train, prepared.inputs).values()], 1)
        x = bare.inputs[NUMBERS](block).clone()
    column = prepared.targets["y"]
    y = torch.from_numpy(column.standardized(prepared.arrays["y"].take(train)).astype(np.float32))[:, None]  # type: ignore[attr-defined]
    body = torch.nn.Sequential(bare.body, bare.heads["y"].dense)  # type: ignore[arg-type]
    return compared(loop, body, x, y, int(len(x) / batch * PART))


def compared(loop: Loop, body: nn.Module, x: torch.Tensor, y: torch.Tensor, steps: int) -> dict[str, float]:
    """Return the rows a second of the bare loop over these tensors and of hornbook's, some steps of each in turn."""
    batch = loop.sampler.batch_size
    optimizer = torch.optim.AdamW(body.parameters(), lr=0.001, fused=True)

    def bare_steps() -> float:
        body.train()
        order = torch.randperm(len(x))
        total = 0.0
        start = time.perf_counter()
        for step in range(steps):
            rows = order[step * batch : (step + 1) * batch]
            loss = F.mse_loss(body(x[rows]), y[rows])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()  # type: ignore[no-untyped-call]
            optimizer.step()
            total += loss.item()  # as a textbook's loop does, to say how it goes
        return steps * batch / (time.perf_counter() - start)

    def our_steps() -> float:
        stop = loop.state.step + steps
        if stop >= loop.steps:
            loop.state.epoch += 1
            loop.state.step, stop = 0, steps
        start = time.perf_counter()
        loop.run_epoch(lambda now: now.state.step < stop)
        return steps * batch / (time.perf_counter() - start)

    return interleaved(5, bare=bare_steps, hornbook=our_steps)


class Textbook(nn.Module):
    """An LSTM, and a linear layer on what it says last."""

    def __init__(self, columns: int, units: int) -> None:
        super().__init__()
        self.lstm, self.dense = nn.LSTM(columns, units, batch_first=True), nn.Linear(units, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return a number for each window."""
        said: torch.Tensor = self.dense(self.lstm(x)[0][:, -1])
        return said


def lstm_speeds(rows: int) -> dict[str, float]:
    """Return the same for an LSTM of 64 units over windows of a series with two columns."""
    rng = np.random.default_rng(0)
    table = pl.DataFrame(
        {"y": np.sin(np.arange(rows) / 10) + rng.normal(0, 0.1, rows), "z": rng.normal(size=rows)}
    )
    made = Recipe.from_values(
        {
            "inputs": {"past": {"type": "series", "columns": ["y", "z"], "length": STEPS}},
            "targets": {"y": {"type": "series", "horizon": 1}},
            "network": {"name": "lstm", "units": 64},
            "training": {"epochs": 1000, "batch_size": 128},
        },
        "series",
        "bench",
    )
    prepared = prepare(read_examples(table), made.inputs, made.targets)
    network = Network(prepared.inputs, prepared.targets, made.network)
    loop = Loop(network, prepared, made.training)
    given = prepared.take(prepared.splits["train"], prepared.inputs)["past"]
    x = torch.from_numpy(given).float()
    x = ((x - x.mean((0, 1))) / x.std((0, 1))).contiguous()
    y = x[:, -1:, 0].clone()
    return compared(loop, Textbook(x.shape[2], 64), x, y, max(1, int(len(x) / 128 * PART)))


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table.csv"
        write(path, rows)
        megabytes = path.stat().st_size / 1e6
        prepared, seconds = read(path)
    ways = {f"batch_{batch}": partial(speeds, prepared, batch) for batch in BATCHES}
    ways["lstm"] = partial(lstm_speeds, rows // 20)
    ratios = {}
    for name, way in ways.items():
        found = way()
        ratios[name] = {
            "bare_per_second": round(found["bare"]),
            "hornbook_per_second": round(found["hornbook"]),
            "ratio": round(found["hornbook"] / found["bare"], 3),
        }
    report(
        "table_speed",
        rows=rows,
        megabytes=round(megabytes, 1),
        seconds={k: round(v, 2) for k, v in seconds.items()},
        **ratios,
        load=round(os.getloadavg()[0], 1),
    )


if __name__ == "__main__":
    main()
