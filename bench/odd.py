"""What is odd, told from good examples alone: each digit of MNIST, and each hand sign, as the good one.

    python -m bench.odd [--only mnist|hand_signs] [--classes 0 1 2 ...] [--set KEY=VALUE ...]

The area under the ROC curve over the test rows: of MNIST its own ten thousand, of hand signs a fifth of the good ones
and all others. A line of JSON for each set.
"""

from __future__ import annotations

import argparse
import statistics
import tarfile
import tempfile
import time
from pathlib import Path

import hornbook
from bench.common import report, shared
from hornbook.columns.category.evaluation import CategoryEvaluation
from hornbook.common.progress import Silent

PIXELS = ("inputs.image.size=[28,28]", "inputs.image.channels=1", 'network.backbone=""')


def main() -> None:
    """Measure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--only", choices=("mnist", "hand_signs"))
    parser.add_argument("--classes", nargs="*", default=[str(i) for i in range(10)])
    parser.add_argument("--set", dest="changes", action="append", default=[])
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if options.only in (None, "hand_signs"):
            with tarfile.open(shared("pictures", "hand_signs.tar")) as archive:
                archive.extractall(Path(folder) / "signs", filter="data")
            weights = f'network.weights="{shared("backbones")}"'
            measure(
                Path(folder),
                "signs",
                options.classes,
                ["split.validation=0.05", "split.test=0.2", weights, *options.changes],
            )
        if options.only in (None, "mnist"):
            measure(Path(folder), str(shared("mnist")), options.classes, [*PIXELS, *options.changes])


def measure(place: Path, data: str, classes: list[str], changes: list[str]) -> None:
    """Train with each class as the good one, and print the areas."""
    areas, seconds, alarms = [], [], []
    for name in classes:
        start = time.perf_counter()
        run = hornbook.train(
            "odd_one_out",
            data=place / data,
            run=place / "run",
            fresh=True,
            changes=[f'targets.label.only="{name}"', *changes],
            progress=Silent(),
        )
        seconds.append(time.perf_counter() - start)
        found = run.evaluations["label"]
        areas.append(found.metrics["auroc"])
        assert isinstance(found, CategoryEvaluation)
        alarms.append(1 - found.per_class[0].recall)
    mean, least = round(statistics.fmean(areas), 4), round(min(areas), 4)
    each = [round(a, 4) for a in areas]
    alarm = round(statistics.fmean(alarms), 4)
    report(
        "odd",
        set=data,
        auroc=mean,
        least=least,
        each=each,
        false_alarms=alarm,
        seconds=round(max(seconds), 1),
    )


if __name__ == "__main__":
    main()
