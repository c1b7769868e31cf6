"""Other people's photos of digits, read by a run of the ``mnist`` recipe that never saw one of them.

    python -m bench.own_digits RUN [RUN ...]

294 real pictures from six sources (photographs of paper, drawings): how many each run reads, by
source and in all.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

from bench.common import report, shared
from hornbook import load
from hornbook.errors import DataError


def read(run: str, files: list[Path]) -> tuple[dict[str, tuple[int, int]], list[str], float]:
    """Return right answers and pictures by source, what was read wrongly, and the milliseconds a picture took."""
    reader = load(run)
    found: dict[str, tuple[int, int]] = {}
    wrong = []
    start = time.perf_counter()
    for file, answer in zip(files, reader.predict_each((str(f), str(f)) for f in files), strict=True):
        if isinstance(answer, DataError):
            raise answer
        source, truth = file.parts[-3], file.parts[-2]
        right, count = found.get(source, (0, 0))
        found[source] = (right + (answer.value == truth), count + 1)
        if answer.value != truth:
            wrong.append(f"{source}/{truth}/{file.name} as {answer.value} {answer.confidence:.2f}")
    return found, wrong, 1000 * (time.perf_counter() - start) / len(files)


def main() -> None:
    files = sorted(f for f in shared("own_digits").glob("*/*/*") if f.suffix in (".jpg", ".png"))
    scores = []
    for run in sys.argv[1:]:
        found, wrong, milliseconds = read(run, files)
        right = sum(r for r, _ in found.values())
        scores.append(right / len(files))
        print(f"{run}: {right} of {len(files)}, {milliseconds:.1f} ms a picture", file=sys.stderr)
        print("\n".join(f"  {line}" for line in wrong), file=sys.stderr)
    report(
        "own_digits",
        pictures=len(files),
        accuracy_mean=round(statistics.mean(scores), 4),
        accuracy=[round(s, 4) for s in scores],
        by_source={s: f"{r}/{n}" for s, (r, n) in found.items()},
    )


if __name__ == "__main__":
    main()
