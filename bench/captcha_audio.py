"""The ``captcha_audio`` recipe: whole strings right on 1,000 fresh audio captchas of four digits, read as files.

python -m bench.captcha_audio [RUN] [--set KEY=VALUE]

Without the folder of a run, it trains one first. The captchas come from a seed of their own, as files of
``hornbook make audio-captcha`` would.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.common import report, run_once
from hornbook import load
from hornbook.errors import DataError
from hornbook.make.audio import AudioCaptchas

FRESH = 1000
SEED = 20_261_121


def read(run: Path) -> dict[str, Any]:
    """Return how many fresh captchas a run reads, how fast, and what it reads wrongly."""
    maker = AudioCaptchas(seed=SEED).maker()
    files = [(maker.text(i), maker.file(i)) for i in range(FRESH)]
    reader = load(run)
    right, wrong = 0, []
    start = time.perf_counter()
    for (text, _), answer in zip(files, reader.predict_each(files), strict=True):
        if isinstance(answer, DataError):
            raise answer
        right += answer.value == text
        if answer.value != text:
            wrong.append(f"{text} as {answer.value} {answer.confidence:.2f}")
    seconds = time.perf_counter() - start
    print("\n".join(wrong), file=sys.stderr)
    return {"rows": FRESH, "accuracy": right / FRESH, "reads_per_second": round(FRESH / seconds)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", nargs="?", type=Path)
    parser.add_argument("--set", action="append", default=[])
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        run = chosen.run or Path(folder) / "run"
        if chosen.run is None:
            run_once("captcha_audio", tuple(chosen.set), run)
        found = read(run)
        metrics = json.loads((run / "metrics.json").read_text("utf-8"))
    report(
        "captcha_audio",
        **found,
        test_rows_accuracy=metrics["evaluations"]["text"]["metrics"]["accuracy"],
        training_seconds=metrics["training_seconds"],
        parameters=metrics["parameters"],
        epochs=metrics["epochs"],
        precision=metrics["precision"],
    )


if __name__ == "__main__":
    main()
