"""How long a whole process takes: ``hornbook predict`` of one picture, cold, and ``hornbook --help``.

python -m bench.start RUN PICTURE
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from bench.common import report

TIMES = 15


def seconds(*words: str) -> float:
    """Return how long a command takes."""
    start = time.perf_counter()
    subprocess.run(["hornbook", *words], check=True, capture_output=True)
    return time.perf_counter() - start


def main() -> None:
    run, picture = sys.argv[1:3]
    seconds("--help"), seconds("predict", run, picture)
    helps = [seconds("--help") for _ in range(TIMES)]
    predictions = [seconds("predict", run, picture) for _ in range(TIMES)]
    report(
        "start",
        help_seconds=round(statistics.median(helps), 3),
        predict_seconds=round(statistics.median(predictions), 3),
        best=[round(min(helps), 3), round(min(predictions), 3)],
        worst=[round(max(helps), 3), round(max(predictions), 3)],
    )


if __name__ == "__main__":
    main()
