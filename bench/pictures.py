"""Pictures as answers: how close autoencoders come, how clean, how sure drawn digits are, and what is odd.

    python -m bench.pictures --only autoencoder [--keras PYTHON]
    python -m bench.pictures --only denoise --run runs/denoise
    python -m bench.pictures --only vae --run runs/vae --reader runs/mnist
    python -m bench.pictures --only odd [--digits 0 1 2 3 4 5 6 7 8 9]
    python -m bench.pictures --only encode --run runs/autoencoder

`autoencoder`: the recipe, 5 epochs, beside PCA of 32 parts and, where a Python with Keras is named, the same network
in Keras in the same run. `denoise`: MNIST with noise of sigma 0.3, beside OpenCV's non-local means with the strength
that is best on training pictures. `vae`: of 1,000 drawn digits, of how many a reader is sure. `odd`: one digit as good,
all others as bad: AUROC by reconstruction and by what the recognizer calls unlike its examples. `encode`: rows a second
of one array beside the bare session, and of files beside Pillow, which opens them.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

import hornbook
from bench.common import interleaved, report, shared
from hornbook.columns.base import Array
from hornbook.columns.image.compare import compared, psnr_of
from hornbook.sources import from_arrays, read_examples

KERAS = """
import os, sys, time
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
import numpy as np, keras
data = np.load(sys.argv[1])
x, test = data["train"].reshape(-1, 784) / np.float32(255), data["test"].reshape(-1, 784) / np.float32(255)
net = keras.Sequential([keras.Input((784,)), keras.layers.Dense(32, "relu"), keras.layers.Dense(784, "sigmoid")])
net.compile("adam", "mse")
start = time.perf_counter()
net.fit(x, x, epochs=5, batch_size=256, verbose=0)
print(time.perf_counter() - start, net.evaluate(test, test, verbose=0))
"""


def digits() -> tuple[Array, Array, Array, Array]:
    """Return MNIST: training pictures and classes, test pictures and classes."""
    examples = read_examples(str(shared("mnist")))
    table = examples.table
    name = next(n for n in table.columns if n not in ("image", "split"))
    split, label = table["split"].to_numpy(), table[name].cast(int).to_numpy()
    every = np.stack([np.asarray(value) for value in examples.values("image")])
    train, test = split == "train", split == "test"
    return every[train], label[train], every[test], label[test]


def autoencoder(keras: str | None, seed: int) -> None:
    """Print the error of the recipe, of PCA and of Keras."""
    train, _, test, _ = digits()
    with tempfile.TemporaryDirectory() as folder:
        run = hornbook.train(
            "autoencoder",
            data=str(shared("mnist")),
            run=Path(folder) / "run",
            changes=[f"training.seed={seed}"],
        )
        found = run.evaluations["drawn"]
        report("autoencoder", seed=seed, mse=found.score, seconds=run.metrics["training_seconds"])
        x, t = (p.reshape(-1, 784).astype(np.float32) / 255 for p in (train, test))
        mean = x.mean(0)
        _, parts = np.linalg.eigh(np.cov((x - mean).T))
        parts = parts[:, -32:]
        report("pca 32", mse=float((((t - mean) @ parts @ parts.T + mean - t) ** 2).mean()))
        if keras:
            np.savez(Path(folder) / "d.npz", train=train, test=test)
            script = Path(folder) / "k.py"
            script.write_text(KERAS)
            done = subprocess.run(
                [keras, script, Path(folder) / "d.npz"], check=True, capture_output=True, text=True
            )
            seconds, mse = map(float, done.stdout.split()[-2:])
            report("keras", mse=mse, seconds=seconds)


def denoise(run: str, rows: int, seed: int) -> None:
    """Print PSNR of a run and of non-local means on digits with noise."""
    import cv2

    train, _, test, _ = digits()
    some, random = test[:rows], np.random.default_rng(seed)

    def noisy(pictures: Array) -> Array:
        return np.clip(np.rint(pictures + random.normal(0, 0.3 * 255, pictures.shape)), 0, 255).astype(
            np.uint8
        )

    def psnr(ours: Array, truth: Array) -> float:
        return float(psnr_of(compared(ours[..., None], truth[..., None], structure=False)["mse"]).mean())

    given, others = noisy(some), train[:200]
    tried = noisy(others)
    strengths = {
        h: psnr(np.stack([cv2.fastNlMeansDenoising(p, None, h, 7, 21) for p in tried]), others)
        for h in range(20, 140, 10)
    }
    best = max(strengths, key=lambda h: strengths[h])
    classic = np.stack([cv2.fastNlMeansDenoising(p, None, best, 7, 21) for p in given])
    ours = np.stack([np.asarray(a.value) for a in hornbook.load(run).predict(given)])
    figures = {
        "noisy": psnr(given, some),
        "non_local_means": psnr(classic, some),
        "hornbook": psnr(ours, some),
    }
    report("denoise", rows=rows, sigma=0.3, strength=best, **figures)


def vae(run: str, reader: str, seed: int) -> None:
    """Print of how many of 1,000 drawn digits a reader is sure."""
    from hornbook.recognizer.codes.invent import drawn

    pictures = np.stack([np.asarray(p) for p in drawn(hornbook.load(run), 1000, seed)])
    sure = [a for a in hornbook.load(reader).predict(pictures) if a.confidence > 0.9]
    report("vae", seed=seed, sure=len(sure) / 1000, digits=len({a.value for a in sure}))


RECIPE = """
[inputs]
image = { type = "image", size = [28, 28], channels = 1 }
[targets]
drawn = { type = "image", from = "image", size = [28, 28], channels = 1, code = 16, dense = [128] }
[network]
name = "mlp"
hidden = [256]
[training]
epochs = 20
batch_size = 128
learning_rate = 0.003
"""


def odd(which: list[int], seed: int) -> None:
    """Print how well other digits are told from one that was learned."""
    train, labels, test, truth = digits()
    for digit in which:
        with tempfile.TemporaryDirectory() as folder:
            recipe = Path(folder) / "odd.toml"
            recipe.write_text(RECIPE)
            good = from_arrays(image=train[labels == digit])
            run = hornbook.train(
                good, recipe=recipe, run=Path(folder) / "run", changes=[f"training.seed={seed}"]
            )
            answers = hornbook.load(run.path).predict(test)
            ours = np.stack([np.asarray(a.value) for a in answers])[..., None]
            error = compared(ours, test[..., None], structure=False)["mse"]
            novelty = np.array([a.novelty for a in answers])
        bad = truth != digit
        report("odd", digit=digit, reconstruction=auroc(error, bad), unlike=auroc(novelty, bad))


def auroc(scores: Array, bad: Array) -> float:
    """Return how often a bad one has a higher score than a good one."""
    ordered = np.sort(scores[~bad])
    below = np.searchsorted(ordered, scores[bad], "left") + np.searchsorted(ordered, scores[bad], "right")
    return float(below.mean() / 2 / len(ordered))


def encode(run: str) -> None:
    """Print rows a second that are encoded from one array and from files, beside the bare session."""
    from hornbook.recognizer.codes.encode import codes_of, coding
    from hornbook.recognizer.signature import CODE

    _, _, test, _ = digits()
    reader = hornbook.load(run, threads=1)
    # The same session for all.
    coder, name = coding(reader), next(iter(reader.inputs))
    given = reader.inputs[name].encode_many(list(test))

    def timed(work: Any) -> float:
        start = time.process_time()
        work()
        return len(given) / (time.process_time() - start)

    def bare() -> float:
        return timed(
            lambda: [coder.run_graph({name: given[a : a + 512]}, [CODE]) for a in range(0, len(given), 512)]
        )

    def ours() -> float:
        return timed(lambda: codes_of(reader, test))

    bare(), ours()
    found = interleaved(15, bare=bare, hornbook=ours)
    with tempfile.TemporaryDirectory() as folder:
        files = [str(Path(folder) / f"{i}.png") for i in range(2000)]
        for path, pixels in zip(files, test, strict=False):
            Image.fromarray(pixels).save(path)

        def opened() -> None:
            for path in files:
                with Image.open(path) as picture:
                    np.asarray(picture)

        start = time.process_time()
        codes_of(reader, files)
        middle = time.process_time()
        opened()
        pillow = time.process_time() - middle
    figures = {f"{key}_a_second": round(value) for key, value in found.items()}
    report(
        "encode",
        rows=len(given),
        **figures,
        ratio=round(found["hornbook"] / found["bare"], 3),
        files_a_second=round(len(files) / (middle - start)),
        files_opened_by_pillow_a_second=round(len(files) / pillow),
    )


def main() -> None:
    """Run what is asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", choices=("autoencoder", "denoise", "vae", "odd", "encode"), required=True)
    parser.add_argument("--run", default="")
    parser.add_argument("--reader", default="runs/mnist")
    parser.add_argument("--keras", help="a Python that has Keras")
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--digits", type=int, nargs="+", default=list(range(10)))
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    match asked.only:
        case "autoencoder":
            autoencoder(asked.keras, asked.seed)
        case "denoise":
            denoise(asked.run, asked.rows, asked.seed)
        case "vae":
            vae(asked.run, asked.reader, asked.seed)
        case "odd":
            odd(asked.digits, asked.seed)
        case _:
            encode(asked.run)
    sys.stdout.flush()


if __name__ == "__main__":
    main()
