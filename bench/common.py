"""What the benchmarks share: where the real data is, the machine, and one JSON line at the end."""

from __future__ import annotations

import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any


def shared(*parts: str) -> Path:
    """Return a path below the folder of real data, ``HORNBOOK_SHARED/data`` or ``../shared/data``.

    It holds ``mnist/`` (the four IDX files), ``cifar10.tar.gz`` (class folders below train/ and test/) and
    ``own_digits/SOURCE/DIGIT/`` (people's own pictures).
    """
    root = Path(os.environ.get("HORNBOOK_SHARED") or Path(__file__).resolve().parents[2] / "shared")
    path = root.joinpath("data", *parts)
    if not path.exists():
        raise SystemExit(f"{path} is not there: name the folder above data/ in HORNBOOK_SHARED")
    return path


def machine() -> str:
    """Return the processor's name and how many cores there are."""
    name = platform.processor()
    try:
        for line in Path("/proc/cpuinfo").read_text("utf-8").splitlines():
            if line.startswith("model name"):
                name = line.partition(":")[2].strip()
    except OSError:
        pass
    flags = _flags()
    known = {"amx_bf16": "AMX", "avx512_bf16": "AVX-512 bf16"}
    return ", ".join(
        [name, f"{os.cpu_count()} cores", *(said for flag, said in known.items() if flag in flags)]
    )


def _flags() -> set[str]:
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8")
    except OSError:
        return set()
    return set(next((line for line in text.splitlines() if line.startswith("flags")), "").split())


def report(name: str, **figures: Any) -> None:
    """Print the result as one JSON line."""
    print(json.dumps({"bench": name, **figures, "machine": machine()}))


def run_once(recipe: str, changes: Iterable[str], run: Path) -> dict[str, Any]:
    """Train a recipe in a process of its own; return its metrics and the seconds of the whole process."""
    sets = [word for change in changes for word in ("--set", change)]
    command = [sys.executable, "-m", "hornbook", "train", recipe, "--run", str(run), *sets]
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    seconds = time.perf_counter() - start
    metrics: dict[str, Any] = json.loads((run / "metrics.json").read_text("utf-8"))
    return {**metrics, "process_seconds": seconds}


def interleaved(runs: int, **ways: Callable[[], float]) -> dict[str, float]:
    """Run each way in turn, several times, and return the median of what each gives."""
    found: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(runs):
        for name, way in ways.items():
            found[name].append(way())
    return {name: statistics.median(values) for name, values in found.items()}
