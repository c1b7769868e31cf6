"""Guessing a recipe for a series: numbers over time, from which the next ones are foretold."""

from __future__ import annotations

from typing import Any

import polars as pl


def guess_series(table: pl.DataFrame, targets: list[str], time: str) -> dict[str, Any]:
    """Return the sections for columns of numbers over time: what comes next, from a window of those before."""
    length = max(2, min(24, table.height // 12))
    past = "past" if "past" not in targets else "before"
    return {
        "split": {"validation": 0.2, "test": 0.2},
        "inputs": {past: {"type": "series", "columns": targets, "length": length, "time": time}},
        "targets": {target: {"type": "series", "horizon": 1, "time": time} for target in targets},
        "network": {"name": "lstm", "units": 16},
        "training": {"epochs": 30, "batch_size": 16, "learning_rate": 0.01},
    }
