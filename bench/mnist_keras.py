"""The ``mnist`` recipe against the textbook's convolutional net in Keras on TensorFlow, in one run on one machine.

    python -m bench.mnist_keras --python OTHER_ENVIRONMENT/bin/python

Keras and TensorFlow are no part of this project: they are in an environment of their own (``pip install
tensorflow-cpu``), whose Python is named with ``--python`` or in the variable ``HORNBOOK_KERAS_PYTHON``. The net is that
of Keras' first example: conv 32 3, conv 64 3, maxpool, dropout, dense 128, dropout, dense 10, 1,199,882 parameters, in
batches of 128. Then hornbook trains ``mnist`` on the same files. Times are those of whole processes, from the start to
the accuracy on the 10,000 test pictures, and those of the training alone.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import struct
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from bench.common import report, shared
from bench.mnist import run_once

KERAS = """
import time
start = time.perf_counter()
import gzip, json, pathlib, sys
import keras, numpy as np, tensorflow
folder, epochs, optimizer, precision = pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3], sys.argv[4]
keras.utils.set_random_seed(0)
keras.config.set_dtype_policy(precision)

def read(name):
    raw = gzip.decompress((folder / name).read_bytes())
    return np.frombuffer(raw, np.uint8, offset=4 + 4 * raw[3])

parts = ("train", "t10k")
pictures = [read(f"{p}-images-idx3-ubyte.gz").reshape(-1, 28, 28, 1).astype("float32") / 255 for p in parts]
digits = [read(f"{p}-labels-idx1-ubyte.gz").astype("int64") for p in parts]
layers = keras.layers
model = keras.Sequential([
    keras.Input((28, 28, 1)),
    layers.Conv2D(32, 3, activation="relu"),
    layers.Conv2D(64, 3, activation="relu"),
    layers.MaxPooling2D(2),
    layers.Dropout(0.25),
    layers.Flatten(),
    layers.Dense(128, activation="relu"),
    layers.Dropout(0.5),
    layers.Dense(10, activation="softmax", dtype="float32"),
])
model.compile(loss="sparse_categorical_crossentropy", optimizer=optimizer, metrics=["accuracy"])
begin = time.perf_counter()
model.fit(pictures[0], digits[0], batch_size=128, epochs=epochs, verbose=2)
training = time.perf_counter() - begin
accuracy = model.evaluate(pictures[1], digits[1], verbose=0)[1]
print(json.dumps({"accuracy": round(float(accuracy), 4), "training_seconds": round(training, 1),
    "process_seconds": round(time.perf_counter() - start, 1), "parameters": model.count_params(), "epochs": epochs,
    "optimizer": optimizer, "precision": precision, "keras": keras.__version__, "tensorflow": tensorflow.__version__}))
"""


def first_rows(folder: Path, rows: int) -> Path:
    """Write the first rows of each of MNIST's files into a folder."""
    for file in shared("mnist").glob("*-ubyte.gz"):
        raw = gzip.decompress(file.read_bytes())
        header = 4 + 4 * raw[3]
        size = 784 if "images" in file.name else 1
        count = min(rows, (len(raw) - header) // size)
        part = raw[:4] + struct.pack(">I", count) + raw[8 : header + count * size]
        (folder / file.name).write_bytes(gzip.compress(part))
    return folder


def train_keras(python: str, data: Path, epochs: int, optimizer: str, precision: str) -> dict[str, Any]:
    """Train the textbook's net with the other environment's Python; return what it measured."""
    done = subprocess.run(
        [python, "-c", KERAS, str(data), str(epochs), optimizer, precision],
        env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "2", "CUDA_VISIBLE_DEVICES": ""},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(f"{python} could not train with Keras: {done.stderr.strip().splitlines()[-1:]}")
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--python", default=os.environ.get("HORNBOOK_KERAS_PYTHON"))
    parser.add_argument("--epochs", type=int, default=5, help="of Keras")
    parser.add_argument("--optimizer", default="adam", choices=["adam", "adadelta"])
    parser.add_argument("--precision", default="float32", choices=["float32", "mixed_bfloat16"])
    parser.add_argument("--our-epochs", type=int, nargs="+", default=[1, 2], help="a run for each")
    parser.add_argument("--rows", type=int, help="of each split, to try the script; all by default")
    chosen = parser.parse_args()
    if not chosen.python:
        raise SystemExit("say with --python where a Python with keras and tensorflow is")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        data = first_rows(folder, chosen.rows) if chosen.rows else shared("mnist")
        theirs = train_keras(chosen.python, data, chosen.epochs, chosen.optimizer, chosen.precision)
        runs = []
        for number, epochs in enumerate(chosen.our_epochs):
            own = folder / str(number)
            own.mkdir()
            runs.append(run_once("mnist", 0, (f"training.epochs={epochs}",), own, data))
    report("mnist_keras", keras=theirs, hornbook=[beside(ours, theirs) for ours in runs])


def beside(ours: dict[str, Any], theirs: dict[str, Any]) -> dict[str, Any]:
    """Return what is said of a run, and how much sooner it was done."""
    return {
        "accuracy": ours["evaluations"]["digit"]["metrics"]["accuracy"],
        "training_seconds": ours["training_seconds"],
        "process_seconds": round(ours["process_seconds"], 1),
        "parameters": ours["parameters"],
        "epochs": ours["epochs"],
        "precision": ours["precision"],
        "times_as_soon": round(theirs["process_seconds"] / ours["process_seconds"], 1),
        "training_times_as_soon": round(theirs["training_seconds"] / ours["training_seconds"], 1),
    }


if __name__ == "__main__":
    main()
