"""The engine of the page, in JavaScript, against ONNX Runtime; skipped where there is no node to run it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn

import hornbook
from hornbook.columns.base import Array
from hornbook.common.progress import Silent
from hornbook.networks.layers import ACTIVATIONS
from hornbook.recipe import recipe_names
from hornbook.recognizer import Recognizer, load
from hornbook.sources import from_arrays
from tests.conftest import Maker
from tests.serve.node import engine, needs_node

pytestmark = needs_node

WITHIN = 1e-5

APART = {"captcha_attention", "dates", "reverse", "people"}
"""Recipes whose answers are written token by token, which no page does; and there is no face in made pictures."""

OLD = Path(__file__).parents[1] / "recognizer" / "old"


class Last(nn.Module):
    """The last step of a recurrent layer, with a softmax over it."""

    def __init__(self, layer: nn.RNNBase) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.layer(x)[0][:, -1].softmax(1)
        return found


class Atan(nn.Module):
    """What no network of ours has."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return torch.atan(x)


def conv(*more: nn.Module) -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(), *more)


NETWORKS: dict[str, tuple[nn.Module, tuple[int, ...]]] = {
    "dense": (nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3), nn.Softmax(1)), (4,)),
    "maxpool": (conv(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(6 * 16, 4)), (3, 8, 9)),
    "ceil": (conv(nn.MaxPool2d(3, 2, 1, ceil_mode=True)), (3, 8, 9)),
    "strided": (nn.Conv2d(4, 6, 3, stride=2, padding=2, dilation=2, groups=2), (4, 9, 11)),
    "series": (nn.Sequential(nn.Conv1d(3, 4, 3), nn.Sigmoid(), nn.AdaptiveAvgPool1d(1)), (3, 12)),
    "margins": (nn.ZeroPad2d((1, 2, 0, 3)), (2, 3, 4)),
    "averages": (nn.AvgPool2d(3, 2, 1), (2, 7, 8)),
    "activations": (nn.Sequential(*(kind() for kind in ACTIVATIONS.values())), (4, 5)),
    "larger": (nn.Sequential(nn.Upsample((7, 9)), nn.Upsample(scale_factor=2.0)), (2, 4, 5)),
    "mirror": (nn.ReflectionPad2d((1, 2, 0, 3)), (2, 4, 5)),
    "edge": (nn.ReplicationPad2d((1, 2, 0, 3)), (2, 4, 5)),
    "lstm": (Last(nn.LSTM(3, 5, batch_first=True)), (7, 3)),
    "both": (Last(nn.LSTM(3, 5, 2, batch_first=True, bidirectional=True)), (7, 3)),
    "gru": (Last(nn.GRU(3, 5, batch_first=True, bidirectional=True)), (7, 3)),
    "rnn": (Last(nn.RNN(3, 5, batch_first=True)), (7, 3)),
}


def exported(module: nn.Module, x: torch.Tensor, path: Path) -> None:
    torch.onnx.export(
        module.eval(),
        (x,),
        path,
        input_names=["x"],
        opset_version=18,
        do_constant_folding=False,
        dynamo=False,
    )


@pytest.mark.parametrize("path", sorted(OLD.glob("*.onnx")), ids=lambda path: path.stem)
def test_the_engine_answers_as_a_recognizer_does(path: Path) -> None:
    reader = load(path)
    agree(reader, path, {n: np.ones((2, *c.shape), c.dtype) for n, c in reader.inputs.items()})


def agree(reader: Recognizer, path: Path, given: dict[str, Array]) -> None:
    """Check that the engine answers as ONNX Runtime does: numbers to `WITHIN`, and the same when they are decoded."""
    theirs, found = reader.run(given), engine(path, given)
    assert isinstance(found, list), found
    ours = {}
    for (name, values), one in zip(theirs.items(), found, strict=False):
        ours[name] = np.array(one["data"], np.float32).reshape(values.shape)
        gap = np.abs(ours[name] - values)
        assert (gap <= WITHIN * np.maximum(1, np.abs(values))).all(), f"{name}: {gap.max()}"
    for name, column in reader.targets.items():
        assert column.differences(ours[name], theirs[name])[1] == 0


@pytest.mark.parametrize("name", sorted(set(recipe_names()) - APART))
def test_the_engine_answers_as_a_recognizer_of_each_recipe_does(name: str, made: Maker) -> None:
    path, examples = made(name)
    reader = load(path)
    row = {c.source or n: examples.value(c.source or n, 0) for n, c in reader.inputs.items()}
    given = reader.encode(row)
    agree(reader, path, {n: c.trim(given[n][None]) for n, c in reader.inputs.items()})


@pytest.mark.filterwarnings("ignore")  # that this exporter is not the newest one
@pytest.mark.parametrize("name", NETWORKS)
def test_the_engine_computes_as_onnx_runtime_does(name: str, tmp_path: Path) -> None:
    torch.manual_seed(5)
    module, shape = NETWORKS[name]
    x = torch.randn((2, *shape))
    exported(module, x, tmp_path / "net.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "net.onnx", providers=["CPUExecutionProvider"])
    theirs = session.run(None, {"x": x.numpy()})[0]
    (ours,) = engine(tmp_path / "net.onnx", {"x": x.numpy()})
    assert tuple(ours["dims"]) == theirs.shape
    assert np.abs(np.array(ours["data"]).reshape(theirs.shape) - theirs).max() < WITHIN


@pytest.mark.filterwarnings("ignore")
def test_another_operator_is_refused_by_name(tmp_path: Path) -> None:
    x = torch.randn(2, 3)
    exported(Atan(), x, tmp_path / "net.onnx")
    assert engine(tmp_path / "net.onnx", {"x": x.numpy()}) == {
        "error": "the operator Atan is not computed here"
    }


def test_the_engine_answers_as_trees_and_nets_together_do(tmp_path: Path) -> None:
    draw = np.random.default_rng(3)
    x = draw.normal(size=120)
    size = [None if i % 17 == 0 else float(v) for i, v in enumerate(x)]
    words = ["good fine" if v > 0 else "bad poor" for v in x]
    examples = from_arrays(size=size, kind=["u", "v"] * 60, note=words, y=x * 10)
    short = [
        "training.epochs=2",
        "training.precision=float32",
        "network.hidden=[16]",
        "network.iterations=10",
    ]
    run = hornbook.train(examples, run=tmp_path / "run", target="y", changes=short, progress=Silent())
    rows = examples.table.drop("y").head(5).to_dicts()
    encoded = [run.recognizer.encode(row) for row in rows]
    given = {n: np.stack([e[n] for e in encoded]) for n in run.recognizer.inputs}
    agree(run.recognizer, tmp_path / "run" / "recognizer.onnx", given)


def test_the_engine_says_how_unlike_the_examples_a_row_is(finished: Path) -> None:
    reader = load(finished)
    picture = np.random.default_rng(4).integers(0, 255, (2, *reader.inputs["image"].shape), np.uint8)
    theirs = reader.run({"image": picture})["hornbook.novelty"]
    ours = engine(reader.path, {"image": picture})[-1]
    assert reader.novel
    assert np.abs(np.array(ours["data"]).reshape(theirs.shape) - theirs).max() < 1e-3
