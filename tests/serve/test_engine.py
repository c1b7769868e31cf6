"""The engine of the page, in JavaScript, against ONNX Runtime; skipped where there is no node to run it."""

from __future__ import annotations

import json
import shutil
import subprocess
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn

from hornbook.columns.base import Array
from hornbook.recognizer import load

NODE = shutil.which("node")

pytestmark = pytest.mark.skipif(NODE is None, reason="node, which runs the engine here, is not installed")

WITHIN = 1e-5

OLD = Path(__file__).parents[1] / "recognizer" / "old"

TYPES = {"float32": 1, "uint8": 2, "int8": 3, "uint16": 4, "int16": 5, "int32": 6, "int64": 7}
"""The numbers that ONNX gives to types."""

RUN = """
const job = JSON.parse(require("fs").readFileSync(0, "utf8"));
const model = readModel(new Uint8Array(require("fs").readFileSync(job.file)));
const given = Object.fromEntries(Object.entries(job.given).map(([name, v]) => [name, tensor(v.dims, v.data, v.type)]));
try {
  const out = run(model, given);
  console.log(JSON.stringify(Object.values(out).map(({ dims, data }) => ({ dims, data: [...data] }))));
} catch (error) {
  console.log(JSON.stringify({ error: error.message }));
}
"""


class Last(nn.Module):
    """The last step of an LSTM, with a softmax over it."""

    def __init__(self) -> None:
        super().__init__()
        self.lstm = nn.LSTM(3, 5, batch_first=True)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        found: torch.Tensor = self.lstm(x)[0][:, -1].softmax(1)
        return found


def conv(*more: nn.Module) -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 6, 3, padding=1), nn.BatchNorm2d(6), nn.ReLU(), *more)


NETWORKS: dict[str, tuple[nn.Module, tuple[int, ...]]] = {
    "dense": (nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3), nn.Softmax(1)), (4,)),
    "maxpool": (conv(nn.MaxPool2d(2), nn.Flatten(), nn.Linear(6 * 16, 4)), (3, 8, 9)),
    "ceil": (conv(nn.MaxPool2d(3, 2, 1, ceil_mode=True)), (3, 8, 9)),
    "strided": (nn.Conv2d(4, 6, 3, stride=2, padding=2, dilation=2, groups=2), (4, 9, 11)),
    "series": (nn.Sequential(nn.Conv1d(3, 4, 3), nn.Sigmoid(), nn.AdaptiveAvgPool1d(1)), (3, 12)),
    "margins": (nn.ZeroPad2d((1, 2, 0, 3)), (2, 3, 4)),
    "lstm": (Last(), (7, 3)),
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


def engine(path: Path, given: dict[str, Array]) -> Any:
    """Return what the engine says to an array: its outputs, or what is wrong."""
    folder = files("hornbook.serve") / "engine"
    script = "".join((folder / f"{name}.js").read_text("utf-8") for name in ("model", "operators", "more"))
    rows = {
        n: {"dims": x.shape, "data": x.ravel().tolist(), "type": TYPES[x.dtype.name]}
        for n, x in given.items()
    }
    job = {"file": str(path), "given": rows}
    done = subprocess.run(
        [NODE or "node", "-e", script + RUN],
        input=json.dumps(job),
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return json.loads(done.stdout)


@pytest.mark.parametrize("path", sorted(OLD.glob("*.onnx")), ids=lambda path: path.stem)
def test_the_engine_answers_as_a_recognizer_does(path: Path) -> None:
    reader = load(path)
    given = {n: np.ones((2, *c.shape), c.dtype) for n, c in reader.inputs.items()}
    theirs, ours = reader.run(given), engine(path, given)
    for (name, values), found in zip(theirs.items(), ours, strict=False):
        gap = np.abs(np.array(found["data"]).reshape(values.shape) - values)
        assert (gap <= WITHIN * np.maximum(1, np.abs(values))).all(), name


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
    exported(nn.Hardswish(), x, tmp_path / "net.onnx")
    assert engine(tmp_path / "net.onnx", {"x": x.numpy()}) == {
        "error": "the operator HardSwish is not computed here"
    }
