"""What is unlike the examples, which labels are wrong, and smaller files: of photographs and of digits.

    python -m bench.novelty [--seeds 3] [--only novelty labels files digits]

`novelty`: ants and bees learned from 30 photographs each; how well hand signs, and people's photographs of digits, are
told from its own test rows (AUROC). `labels`: 5 % of the labels of the hand signs changed; how many of these are in the
first tenth of the list. `files`: what float16 and int8 make of the first recognizer. `digits`: the `digits` recipe from
nothing, told from the photographs of ants and bees.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import os
import random
import statistics
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from bench.common import report, shared

RECIPE = """
[inputs]
image = {{ type = "image", size = [224, 224], channels = 3, fit = "crop" }}
[targets]
label = "category"
[network]
name = "pretrained"
weights = "{weights}"
[training]
epochs = 30
"""

PARTS = ("novelty", "labels", "files", "digits")


def hornbook(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command; SystemExit with what it said where it fails."""
    command = [sys.executable, "-m", "hornbook", *map(str, words)]
    done = subprocess.run(
        command, check=False, capture_output=True, text=True, env={**os.environ, "OMP_NUM_THREADS": "2"}
    )
    if done.returncode:
        raise SystemExit(done.stderr)
    return done


def auroc(run: Path, unknown: Path) -> float:
    """Return how well unknown pictures are told from a run's own."""
    return float(json.loads(hornbook("evaluate", run, unknown, "--unlike", "--json").stdout)["auroc"])


def few(source: Path, folder: Path, each: int, seed: int) -> Path:
    """Lay out so many training pictures of each class, and all test pictures, as links."""
    rng = random.Random(seed)
    for label in sorted((source / "train").iterdir()):
        files = sorted(label.iterdir())
        rng.shuffle(files)
        for split, some in (
            ("train", files[:each]),
            ("test", sorted((source / "test" / label.name).iterdir())),
        ):
            place = folder / split / label.name
            place.mkdir(parents=True)
            for file in some:
                (place / file.name).symlink_to(file)
    return folder


def changed(source: Path, folder: Path, seed: int) -> set[str]:
    """Lay out pictures with 5 % of the labels changed; return the names of those."""
    rng = random.Random(seed)
    files = sorted(source.glob("*/*"))
    labels = sorted({file.parent.name for file in files})
    wrong = set(rng.sample(range(len(files)), len(files) // 20))
    out = set()
    for i, file in enumerate(files):
        label = rng.choice([n for n in labels if n != file.parent.name]) if i in wrong else file.parent.name
        (folder / label).mkdir(parents=True, exist_ok=True)
        name = f"{file.parent.name}_{file.name}"
        (folder / label / name).symlink_to(file)
        out |= {name} if i in wrong else set()
    return out


def found_first(run: Path, folder: Path, wrong: set[str], out: Path) -> float:
    """Return which share of the changed labels is in the first tenth of the list."""
    hornbook("look", folder, "--run", run, "--out", out)
    rows = list(csv.DictReader(io.StringIO((out / "labels.csv").read_text("utf-8"))))
    first = {Path(row["name"]).name for row in rows[: len(rows) // 10]}
    return len(first & wrong) / len(wrong)


def measure(folder: Path, parts: list[str], seed: int) -> dict[str, Any]:
    """Return the figures of one seed."""
    recipe, out = folder / "photos.toml", dict[str, Any]()
    recipe.write_text(RECIPE.format(weights=shared("backbones")), "utf-8")
    here = folder / str(seed)
    if {"novelty", "files"} & set(parts):
        photos = few(folder / "ants_bees", here / "photos", 30, seed)
        hornbook("train", photos, "--recipe", recipe, "--run", here / "run", "--set", f"training.seed={seed}")
    if "novelty" in parts:
        out["hand signs"] = auroc(here / "run", folder / "hand_signs")
        out["digits"] = auroc(here / "run", shared("own_digits"))
    for precision in ("float16", "int8") if "files" in parts else ():
        path = here / f"{precision}.onnx"
        words = ("--precision", precision, "--accept", "--out", path)
        said = hornbook("export", here / "run", "--to", "onnx", *words).stderr
        out[precision] = said.partition(": ")[2].strip()
    if "labels" in parts:
        wrong = changed(folder / "hand_signs", here / "signs", seed)
        hornbook("train", here / "signs", "--recipe", recipe, "--run", here / "signs_run")
        out["wrong labels"] = found_first(here / "signs_run", here / "signs", wrong, here / "look")
    if "digits" in parts:
        hornbook("train", "digits", "--run", here / "digits_run", "--set", f"training.seed={seed}")
        out["photographs, of digits"] = auroc(here / "digits_run", folder / "ants_bees" / "test")
    return out


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--only", nargs="*", choices=PARTS, default=list(PARTS))
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for name in ("ants_bees", "hand_signs"):
            with tarfile.open(shared("pictures", f"{name}.tar")) as archive:
                archive.extractall(folder / name, filter="data")
        found = [measure(folder, given.only, seed) for seed in range(given.seeds)]
    figures: dict[str, Any] = {}
    for name, first in found[0].items():
        values = [one[name] for one in found]
        if isinstance(first, float):
            figures[name] = {
                "mean": round(statistics.fmean(values), 4),
                "seeds": [round(v, 4) for v in values],
            }
        else:
            figures[name] = first
    report("novelty", **figures)


if __name__ == "__main__":
    main()
