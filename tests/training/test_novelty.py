"""A recognizer of pictures says what is unlike its examples, in its file and everywhere it answers."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from PIL import Image

import hornbook
from hornbook.columns.base import Array
from hornbook.common.progress import Silent
from hornbook.recognizer.answer import UNLIKE, UNLIKE_WORDS
from hornbook.recognizer.signature import NOVELTY
from hornbook.recognizer.unlike import told_apart
from hornbook.training.run import Run
from tests.conftest import Ran
from tests.training.make import examples, recipe

CNN: dict[str, Any] = {"name": "cnn", "widths": [8, 16], "dropout": 0.1}


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Return a run on small pictures in folders, with a folder of others beside it."""
    folder = tmp_path_factory.mktemp("novel")
    data = examples(150)
    for i in range(150):
        label = data.table["label"][i]
        (folder / "mine" / label).mkdir(parents=True, exist_ok=True)
        Image.fromarray(np.asarray(data.value("image", i))).save(folder / "mine" / label / f"{i}.png")
    (folder / "others").mkdir()
    for i, picture in enumerate(strange(30)):
        Image.fromarray(picture).save(folder / "others" / f"{i}.png")
    made = recipe(CNN, epochs=6, learning_rate=0.01)
    yield hornbook.train(folder / "mine", run=folder / "run", recipe=made, progress=Silent())


def strange(count: int) -> Array:
    """Return pictures of stripes."""
    rows = np.arange(12) // 2 % 2 * 220
    return np.stack([np.roll(np.tile(rows[:, None], (1, 12)), i, 0) for i in range(count)]).astype(np.uint8)


def test_other_pictures_are_marked_wherever_answers_are_given(run: Run) -> None:
    reader = run.recognizer
    assert reader.novel
    others, own = reader.predict(strange(30)), reader.predict(run_pictures())
    assert np.mean([a.novelty >= UNLIKE for a in others]) > 0.9
    assert np.mean([a.novelty >= UNLIKE for a in own]) < 0.2  # known from 15 validation rows
    one = reader.predict(strange(1)[0])
    assert one.novelty == pytest.approx(others[0].novelty, abs=1e-4)
    assert one.remarks == (UNLIKE_WORDS,) and one.to_json()["novelty"] == round(one.novelty, 4)
    assert one.to_json()["remarks"] == [UNLIKE_WORDS]
    assert one.value is not None and one.predictions["label"].value == one.value
    assert reader.predict(strange(1)[0], abstain=0.01).value is None


def run_pictures() -> Array:
    data = examples(60, seed=7)
    return np.stack([np.asarray(data.value("image", i)) for i in range(60)])


def test_it_is_in_the_file_which_stays_small(run: Run, tmp_path: Path) -> None:
    outputs = [o.name for o in onnx.load(run.path / "recognizer.onnx").graph.output]
    assert outputs == ["label", NOVELTY]
    shutil.copy(run.path / "recognizer.onnx", tmp_path / "alone.onnx")
    alone = hornbook.load(tmp_path / "alone.onnx")
    assert alone.predict(strange(1)[0]).novelty == run.recognizer.predict(strange(1)[0]).novelty


def test_it_can_be_left_out_and_the_answers_are_the_same(run: Run, tmp_path: Path) -> None:
    made = recipe(CNN, epochs=6, learning_rate=0.01, novelty=False)
    plain = hornbook.train(run.path.parent / "mine", run=tmp_path / "run", recipe=made, progress=Silent())
    assert not plain.recognizer.novel
    answers = plain.predict(run_pictures())
    assert all(a.novelty is None and "novelty" not in a.to_json() for a in answers)
    assert [a.predictions for a in answers] == [a.predictions for a in run.predict(run_pictures())]


def test_a_run_that_was_stopped_ends_with_the_same_file(run: Run, tmp_path: Path) -> None:
    data, folder = run.path.parent / "mine", tmp_path / "run"
    hornbook.train(data, run=folder, recipe=recipe(CNN, epochs=6, learning_rate=0.01), progress=Silent())
    (folder / "metrics.json").unlink()
    (folder / "recognizer.onnx").unlink()
    hornbook.train(data, run=folder, recipe=recipe(CNN, epochs=6, learning_rate=0.01), progress=Silent())
    assert (folder / "recognizer.onnx").read_bytes() == (run.path / "recognizer.onnx").read_bytes()


def test_evaluate_says_how_well_others_are_told_apart(run: Run, ran: Ran, tmp_path: Path) -> None:
    others = str(run.path.parent / "others")
    found = ran(["evaluate", str(run.path), others, "--unlike"])
    assert found.out.startswith("unlike the examples: 30 inputs of others beside 15 test rows\n  AUROC  ")
    said = json.loads(ran(["evaluate", str(run.path), others, "--unlike", "--json"]).out)
    assert said["auroc"] > 0.95 and said["rows"] == 30 and len(said["nearest"]) == 5
    assert said["interval"][0] <= said["auroc"] <= said["interval"][1]
    shutil.copy(run.path / "recognizer.onnx", tmp_path / "alone.onnx")
    alone = ran(["evaluate", str(tmp_path / "alone.onnx"), others, "--unlike"])
    assert "beside what it knows of its own" in alone.out and "its own examples are not there" in alone.err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--unlike"], "name a folder"),
        (["{others}", "--unlike", "--split", "test"], "leave --split out"),
        (["{others}", "--unlike", "--folds", "3"], "leave --folds out"),
        (["nowhere", "--unlike"], "nowhere"),
    ],
)
def test_what_cannot_be_asked_is_one_sentence(run: Run, ran: Ran, arguments: list[str], said: str) -> None:
    others = str(run.path.parent / "others")
    found = ran(
        ["evaluate", str(run.path), *(a.format(others=others) for a in arguments)],
        status=1 if "nowhere" in arguments else 2,
    )
    assert said in found.err and "Traceback" not in found.err


@pytest.mark.parametrize("seed", range(5))
def test_the_area_is_that_of_all_pairs_and_lies_in_its_interval(seed: int) -> None:
    random = np.random.default_rng(seed)
    own, others = random.integers(0, 20, 50) / 20, random.integers(5, 25, 40) / 25
    found = told_apart(own, others, "own", "others")
    pairs = (own < others[:, None]).mean() + (own == others[:, None]).mean() / 2
    assert found.auroc == pytest.approx(pairs)
    assert 0 <= found.interval[0] <= found.auroc <= found.interval[1] <= 1


def test_grad_cam_of_a_net_that_ends_in_a_picture() -> None:
    from hornbook.networks.body import Body
    from hornbook.networks.model import Network
    from hornbook.training.looked import grad_cam
    from tests.training.make import prepared

    class Ends(Body):
        """Two channels: one is the picture, the other what it is not; the mean of each is a feature."""

        @property
        def ends_in_picture(self) -> bool:
            return True

        def last_picture(self, given: Any) -> torch.Tensor:
            return torch.cat([given.clamp(min=0), (-given).clamp(min=0)], 1)

        def from_picture(self, picture: torch.Tensor) -> torch.Tensor:
            return picture.mean((2, 3))

        def forward(self, given: Any) -> torch.Tensor:
            return self.from_picture(self.last_picture(given))

    ready = prepared(recipe({"name": "cnn", "widths": [2]}))
    network = Network(ready.inputs, ready.targets, recipe({"name": "cnn", "widths": [2]}).network)
    network.body = body = Ends()
    linear = network.heads["label"].linear()
    assert linear is not None
    with torch.no_grad():
        linear.weight.zero_()
        linear.bias.zero_()
        linear.weight[0, 0] = 5.0  # the first class hangs on what is bright
    picture = np.zeros((12, 12, 1), np.uint8)
    picture[8:, 8:] = 255
    heat = grad_cam(network, body, picture)
    assert heat.shape == (12, 12) and heat.max() == 1
    assert heat[8:, 8:].min() > 0.9 and heat[:8, :8].max() < 0.1


def test_features_of_a_run_are_kept_of_all_rows_test_rows_too(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hornbook.training import kept_features
    from tests.training.make import prepared

    asked: list[Any] = []
    monkeypatch.setattr(kept_features, "keep", lambda _, some, *__: asked.append(some.splits))
    ready = prepared(recipe(CNN), examples(150))
    rows = np.sort(np.concatenate(list(ready.splits.values())))
    found = kept_features.features_of_run(run, ready, rows)
    assert asked[0]["train"].tolist() == rows.tolist()
    assert found.shape == (150, 16) and (found != 0).any(1).all()
