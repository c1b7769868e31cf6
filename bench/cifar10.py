"""The ``cifar10`` recipe: test accuracy and pictures per second of training.

    python -m bench.cifar10 [RUN [DATA]]

Takes half an hour on two cores with bfloat16, an hour and a half without.
A run that was stopped goes on; of a finished one the figures are read. DATA is where the pictures are, such as
the official ``cifar-10-binary.tar.gz``; without it, those saved as JPEG in the shared folder.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from bench.common import report, shared


def main() -> None:
    run = Path(sys.argv[1] if len(sys.argv) > 1 else "runs/cifar10")
    if not (run / "metrics.json").exists():
        source = sys.argv[2] if len(sys.argv) > 2 else str(shared("cifar10.tar.gz"))
        command = [sys.executable, "-m", "hornbook", "train", "cifar10", "--data", source, "--run", str(run)]
        subprocess.run(command, check=True)
    metrics = json.loads((run / "metrics.json").read_text("utf-8"))
    (found,) = metrics["evaluations"].values()
    report(
        "cifar10",
        accuracy=found["metrics"]["accuracy"],
        interval=found["interval"],
        training_seconds=metrics["training_seconds"],
        pictures_per_second=round(metrics["rows"]["train"] * metrics["epochs"] / metrics["training_seconds"]),
        epochs=metrics["epochs"],
        parameters=metrics["parameters"],
        precision=metrics["precision"],
    )


if __name__ == "__main__":
    main()
