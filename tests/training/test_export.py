"""Nothing is exported unchecked: the file answers as the module, and a file that does not is caught."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from hornbook.columns import CategoryColumn, ImageColumn
from hornbook.columns.base import Array
from hornbook.errors import RunError
from hornbook.networks.model import Graph, Network
from hornbook.recognizer import FORMAT, KEY, Recognizer
from hornbook.training.export import graph as export_module
from hornbook.training.export.graph import check_export, export
from tests.recognizer.unsealed import unsealed
from tests.training.make import prepared, recipe

NETS: list[dict[str, Any]] = [
    {"name": "linear"},
    {"name": "mlp", "hidden": [8], "batchnorm": True, "dropout": 0.5},
    {"name": "cnn", "widths": [4, 4], "dropout": 0.5, "mirror": True, "shifted": 1},
    {"name": "cnn", "widths": [4], "whiten": True, "stem_kernel": 2, "global_pool": "none"},
    {"name": "cnn", "widths": [4], "convs": 3, "shortcut": True},
    {"name": "resnet", "widths": [4, 6], "blocks": 1},
    {"layers": ["conv 4 3 same relu", "avgpool 2", "batchnorm", "dropout 0.3", "conv 3 2 gelu"]},
]


def made(network: dict[str, Any], **targets: CategoryColumn) -> tuple[Network, Any]:
    ready = prepared(recipe(network))
    net = Network(ready.inputs, targets or ready.targets, recipe(network).network, seed=1)
    with torch.no_grad():
        for module in net.modules():
            if isinstance(module, torch.nn.modules.batchnorm._BatchNorm):
                assert module.running_mean is not None
                module.running_mean.normal_(generator=torch.Generator().manual_seed(1))
    return net, ready


def write(path: Path, net: Network, ready: Any, **targets: Any) -> Recognizer:
    path.write_bytes(export(net, ready.inputs, targets or ready.targets, {"epoch": 3}))
    return Recognizer(path, threads=1)


@pytest.mark.parametrize("network", NETS, ids=str)
def test_the_file_answers_as_the_module_which_stays_as_it_was(
    network: dict[str, Any], tmp_path: Path
) -> None:
    net, ready = made(network)
    before = {k: v.clone() for k, v in net.state_dict().items()}
    reader = write(tmp_path / "r.onnx", net, ready)
    assert net.training and all(torch.equal(v, before[k]) for k, v in net.state_dict().items())
    pictures = np.random.default_rng(1).integers(0, 256, (11, 12, 12, 1), dtype=np.uint8)
    net.eval()
    with torch.no_grad():
        wanted = Graph(net)(torch.from_numpy(pictures))[0].numpy()
    for rows in (1, 2, 11):
        found = reader.run({"image": pictures[:rows]})["label"]
        assert np.allclose(found, wanted[:rows], atol=1e-5)
    assert np.allclose(wanted.sum(axis=1), 1, atol=1e-5)
    check_export(reader, net, {"image": pictures}, "here")


def test_the_temperature_and_the_statistics_are_in_the_graph(tmp_path: Path) -> None:
    net, ready = made(NETS[0])
    head = net.heads["label"]
    picture = np.random.default_rng(1).integers(0, 256, (1, 12, 12, 1), dtype=np.uint8)
    plain = write(tmp_path / "1.onnx", net, ready).run({"image": picture})["label"]
    head.temperature.fill_(4.0)  # type: ignore[operator]
    hot = write(tmp_path / "2.onnx", net, ready).run({"image": picture})["label"]
    logits = np.log(plain) / 4
    assert np.allclose(hot, np.exp(logits) / np.exp(logits).sum(), atol=1e-5)


@pytest.mark.parametrize(
    "name", ["type", "values", "sepal.length", "0", "größe", "a b\n", "training", "rows"]
)
def test_columns_may_be_called_anything(name: str, tmp_path: Path) -> None:
    column = CategoryColumn(classes=("a", "b"))
    net = Network(
        {"1": ImageColumn(size=(4, 4))}, {name: column, "other.one": column}, recipe(NETS[0]).network
    )
    net.load_state_dict(net.state_dict())
    raw = export(net, {"1": ImageColumn(size=(4, 4))}, {name: column, "other.one": column}, {})
    (tmp_path / "r.onnx").write_bytes(raw)
    reader = Recognizer(tmp_path / "r.onnx")
    answer = reader.predict(np.zeros((4, 4), np.uint8))
    assert list(answer.predictions) == [name, "other.one"]
    check_export(reader, net.eval(), {"1": np.zeros((3, 4, 4, 3), np.uint8)}, "here")


def altered(raw: bytes, change: float) -> bytes:
    """Return the file with one weight changed a little."""
    model = unsealed(raw)
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor).copy()
        if values.ndim == 2 and values.size > 10:
            values.flat[:] += change * np.sign(values.flat[:])
            tensor.CopyFrom(numpy_helper.from_array(values, tensor.name))
            changed: bytes = model.SerializeToString()
            return changed
    raise AssertionError("no weight was found")


def test_a_file_that_was_altered_is_caught(tmp_path: Path) -> None:
    net, ready = made(NETS[0])
    raw = export(net, ready.inputs, ready.targets, {})
    pictures = {"image": ready.arrays["image"].take(np.arange(20))}
    (tmp_path / "r.onnx").write_bytes(altered(raw, 0.0))
    check_export(Recognizer(tmp_path / "r.onnx"), net.eval(), pictures, "here")
    (tmp_path / "r.onnx").write_bytes(altered(raw, 0.02))
    with pytest.raises(RunError, match=r"^runs/x: the exported file does not answer as the trained network"):
        check_export(Recognizer(tmp_path / "r.onnx"), net.eval(), pictures, "runs/x")


class Altered:
    """Answers as a recognizer does, but for a change of what it gives."""

    def __init__(self, whole: Recognizer, change: Callable[[Array], Array]) -> None:
        self.whole, self.change = whole, change
        self.inputs, self.targets, self.block = whole.inputs, whole.targets, whole.block

    def run(self, encoded: dict[str, Any]) -> dict[str, Any]:
        return {n: self.change(v) for n, v in self.whole.run(encoded).items()}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        # What a batch size that leaked in would do.
        (lambda v: np.roll(v, 1, axis=1) if len(v) == 1 else v, "does not answer"),
        (lambda v: np.roll(v, 1, axis=1) if len(v) > 1 else v, "does not answer"),
        (lambda v: 0.95 * v + 0.05 / v.shape[1], "0 of 4 answers differ"),
        (lambda v: np.full_like(v, np.nan), "does not answer"),
    ],
    ids=["one", "many", "unsure", "no numbers"],
)
def test_other_answers_are_caught(change: Callable[[Array], Array], said: str, tmp_path: Path) -> None:
    net, ready = made(NETS[0])
    reader = write(tmp_path / "r.onnx", net, ready)
    with pytest.raises(RunError, match=said):
        pictures = {"image": ready.arrays["image"].take(np.arange(4))}
        check_export(Altered(reader, change), net.eval(), pictures, "here")


def test_the_description_is_one_json_of_the_columns_and_the_bytes_are_the_same(tmp_path: Path) -> None:
    net, ready = made(NETS[2])
    raw = export(net, ready.inputs, ready.targets, {})
    assert raw == export(net, ready.inputs, ready.targets, {})
    model = onnx.load_from_string(raw)
    onnx.checker.check_model(model)
    (entry,) = [p for p in model.metadata_props if p.key == KEY]
    assert set(json.loads(entry.value)) == {"format", "hornbook", "inputs", "targets", "code"}
    assert model.opset_import[0].version == export_module.OPSET
    reader = write(tmp_path / "r.onnx", net, ready)
    assert (reader.about["format"], reader.about["epoch"]) == (FORMAT, 3)
    assert (reader.inputs, reader.targets) == (ready.inputs, ready.targets)
