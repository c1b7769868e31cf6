"""Training on what another net has learned: features are computed once, and all that holds of training holds here."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import hornbook
from hornbook.common.progress import Silent
from hornbook.examples import Examples
from hornbook.examples.rows import Rows
from hornbook.networks.families import build_network
from hornbook.networks.pretrained import PretrainedBody
from hornbook.recipe import Recipe
from hornbook.recipe.networks_pretrained import Pretrained
from hornbook.sources import backbones
from hornbook.sources.array.python import from_arrays
from hornbook.training.few import kept

VALUES: dict[str, Any] = {
    "inputs": {"image": {"type": "image", "size": [32, 32], "channels": 3}},
    "targets": {"label": "category"},
    "network": {"name": "pretrained", "views": 2, "tune_epochs": 2, "tune_rate": 0.0001},
    "training": {
        "epochs": 30,
        "batch_size": 8,
        "learning_rate": 0.01,
        "novelty": False,
        "augment": {"image": {"shift": 0.1}},
    },
    "split": {"validation": 0.2, "test": 0.2},
}


@pytest.fixture
def weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return a file of random weights that is taken for those of mobilenet_v2."""
    torch.manual_seed(0)
    body, _ = build_network(Pretrained(), (3, 32, 32))
    assert isinstance(body, PretrainedBody)
    file = tmp_path / "weights" / "net.pth"
    file.parent.mkdir()
    state = {f"features.{k}": v for k, v in body.blocks.state_dict().items()}
    classes = {"classifier.1.weight": torch.randn(1000, 1280), "classifier.1.bias": torch.zeros(1000)}
    torch.save({**state, **classes}, file)
    content = file.read_bytes()
    one = replace(
        backbones.BACKBONES["mobilenet_v2"],
        file="net.pth",
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
    )
    monkeypatch.setitem(backbones.BACKBONES, "mobilenet_v2", one)
    monkeypatch.setenv("HORNBOOK_CACHE", str(tmp_path / "cache"))
    return file


def examples(rows: int = 40) -> Examples:
    """Return red pictures and blue ones."""
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 120, (rows, 32, 32, 3), dtype=np.uint8)
    for i in range(rows):
        pictures[i, ..., 0 if i % 2 else 2] += 130
    return from_arrays(image=pictures, label=[("blue", "red")[i % 2] for i in range(rows)])


def recipe(weights: Path, **network: Any) -> Recipe:
    values = {**VALUES, "network": {**VALUES["network"], "weights": str(weights), **network}}
    return Recipe.from_values(values, "few", "test")


def train(run: Path, made: Recipe, **options: Any) -> hornbook.Run:
    return hornbook.train(examples(), recipe=made, run=run, progress=Silent(), **options)


@pytest.mark.parametrize("classes", [0, 8])
@pytest.mark.parametrize("tune", ["head", "last", "all"])
def test_it_learns_and_is_written(weights: Path, tmp_path: Path, tune: str, classes: int) -> None:
    run = train(tmp_path / "run", recipe(weights, fine_tune=tune, classes=classes))
    assert len(run.history) == (1 if tune == "head" else 2)  # heads alone are fitted at once
    if tune == "head":  # a few steps further the random weights of this net are spoilt
        assert run.evaluations["label"].score == 1.0
        assert run.recognizer.predict(np.full((32, 32, 3), (250, 60, 60), np.uint8))["label"].value == "red"


def test_features_are_computed_once(weights: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = train(tmp_path / "one", recipe(weights))

    def never(*_: Any) -> None:
        raise AssertionError("computed again")

    monkeypatch.setattr(kept._First, "_write", never)
    again = train(tmp_path / "two", recipe(weights))
    assert first.history[-1]["train_loss"] == again.history[-1]["train_loss"]
    with pytest.raises(AssertionError, match="computed again"):  # another view of them
        train(tmp_path / "three", recipe(weights).change(["training.augment.image.shift=0.2"]))


@pytest.mark.parametrize("tune", ["head", "last"])
def test_what_was_stopped_ends_with_the_same_bits(weights: Path, tmp_path: Path, tune: str) -> None:
    made = recipe(weights, fine_tune=tune)
    whole = train(tmp_path / "whole", made)

    class Stop(Silent):
        """Ask to stop at the second step."""

        steps = 0

        def step(self, now: Any) -> None:
            Stop.steps += 1
            if Stop.steps == 2:
                raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        hornbook.train(examples(), recipe=made, run=tmp_path / "parts", progress=Stop())
    parts = train(tmp_path / "parts", made)
    ours, theirs = (torch.load(r.path / "checkpoint.pt", weights_only=True)["best"] for r in (whole, parts))
    assert all(torch.equal(ours[k], theirs[k]) for k in ours)


def test_a_changed_view_is_of_the_epoch_and_the_row() -> None:
    plain = Rows(np.arange(6, dtype=np.float32)[:, None])
    changed = [Rows(10.0 * v + np.arange(4, dtype=np.float32)[:, None]) for v in (1, 2)]
    place = np.array([0, 0, 0, 1, 2, 3])
    held = kept.Kept(plain, changed, place)
    rows = torch.tensor([2, 3, 4, 5])
    seen = torch.stack([held.take(rows, epoch)[:, 0] for epoch in range(3)])
    assert held.take(rows)[:, 0].tolist() == [2, 3, 4, 5]
    for column, row in enumerate(rows.tolist()):  # in three epochs each view once
        assert sorted(seen[:, column].tolist()) == [row, 10 + place[row], 20 + place[row]]
    one = held.take(torch.tensor([4]), 1)
    assert torch.equal(one, held.take(rows, 1)[2:3])


def test_few_rows_are_judged_by_folds_and_all_are_learned(weights: Path, tmp_path: Path) -> None:
    made = recipe(weights, folds=4, fine_tune="auto", classes=8).change(
        ["split.validation=0", "split.test=0"]
    )
    run = train(tmp_path / "run", made)
    judged = run.evaluations["label"]
    assert (judged.split, judged.rows, run.metrics["rows"]["train"]) == ("out-of-fold", 40, 40)
    assert judged.score >= 0.95
    folds = run.metrics["folds"]
    assert len(folds["scores"]) == 4
    assert list(folds["curve"]) == ["5", "10", "15"]
    assert "by 4 folds of the 40 training rows" in folds["said"]
    page = (run.path / "report.html").read_text("utf-8")
    assert "each judged by what has not learned from it" in page
    assert "by examples a class" in page
    assert "no test split" not in page


def test_the_same_is_judged_the_same_again(weights: Path, tmp_path: Path) -> None:
    made = recipe(weights, folds=3).change(["split.validation=0", "split.test=0"])
    one, two = (train(tmp_path / name, made) for name in ("one", "two"))
    assert one.metrics["folds"] == two.metrics["folds"]
    assert (one.path / "recognizer.onnx").read_bytes() == (two.path / "recognizer.onnx").read_bytes()
