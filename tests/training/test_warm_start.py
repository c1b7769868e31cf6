"""Starting from another run: what fits is taken, what is new is named, and a run goes on to the bit without it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
import torch

from hornbook.columns import CategoryColumn, ImageColumn
from hornbook.common.progress import Silent
from hornbook.errors import RecipeError
from hornbook.learning import train
from hornbook.networks.model import Network
from hornbook.recipe import Recipe
from hornbook.training import Run
from hornbook.training.warm_start import start_from
from tests.training.make import examples, recipe, state_of

CNN = {"name": "cnn", "widths": [4], "convs": 1}


class Notes(Silent):
    """Keeps what is told."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, text: str) -> None:
        self.said.append(text)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Run:
    folder = tmp_path_factory.mktemp("before") / "r"
    return train(examples(), run=folder, progress=Silent(), recipe=recipe(CNN, epochs=1))


def network(classes: str = "012", target: str = "label", **options: Any) -> tuple[Network, dict[str, Any]]:
    column = CategoryColumn(classes=tuple(f"c{c}" for c in classes))
    inputs = {"image": ImageColumn(size=(12, 12), channels=1)}
    net = Network(inputs, {target: column}, recipe({**CNN, **options}).network, seed=9)
    return net, {"inputs": inputs, "targets": {target: column}}


def theirs(run: Run) -> dict[str, torch.Tensor]:
    weights: dict[str, torch.Tensor] = state_of(run.path)["best"]
    return weights


def test_everything_fits_a_network_of_the_same_kind(before: Run) -> None:
    for place in (before.path, before.path / "recognizer.onnx"):
        net, columns = network()
        found = start_from(net, **columns, path=place)
        assert not found.new
        assert not found.partly
        assert found.share == 1
        for name, tensor in theirs(before).items():
            if "num_batches" not in name and "temperature" not in name:
                assert torch.equal(net.state_dict()[name], tensor), name


def test_rows_of_classes_both_know_are_copied_one_by_one(before: Run) -> None:
    net, columns = network("x20", "kind")
    fresh, _ = network("x20", "kind")
    found = start_from(net, **columns, path=before.path)
    assert found.partly == {"heads.kind.dense.weight": (2, 3), "heads.kind.dense.bias": (2, 3)}
    mine, old = net.state_dict(), theirs(before)
    for part in ("weight", "bias"):
        now, was = mine[f"heads.kind.dense.{part}"], old[f"heads.label.dense.{part}"]
        assert torch.equal(now[1], was[2])
        assert torch.equal(now[2], was[0])
        assert torch.equal(now[0], fresh.state_dict()[f"heads.kind.dense.{part}"][0])
    assert "in part heads.kind.dense.weight (2 of 3 rows)" in found.text()


def test_what_does_not_fit_keeps_its_seeded_start(before: Run) -> None:
    net, columns = network(widths=[4, 6])
    fresh, _ = network(widths=[4, 6])
    found = start_from(net, **columns, path=before.path)
    assert {n.split(".")[2] for n in found.new if n.startswith("body")} == {"stage2"}
    assert "heads.label.dense.weight" in found.new
    assert "body.stages.stage1.conv1.weight" in found.taken
    assert 0 < found.share < 1
    for name in found.new:
        assert torch.equal(net.state_dict()[name], fresh.state_dict()[name])


def test_filters_that_were_taken_are_not_whitened_anew(tmp_path: Path) -> None:
    whiten: dict[str, Any] = {**CNN, "whiten": True, "stem_kernel": 2}
    run = train(examples(), run=tmp_path / "r", progress=Silent(), recipe=recipe(whiten, epochs=1))
    net, columns = network(**whiten)
    assert net.starts_from_data
    start_from(net, **columns, path=run.path)
    assert not net.starts_from_data


def test_it_is_said_and_part_of_the_recipe_and_not_read_again(before: Run, tmp_path: Path) -> None:
    place = shutil.copytree(before.path, tmp_path / "before")
    made = recipe({**CNN, "start_from": str(place)}, epochs=1)
    assert Recipe.from_values(made.values(), "again", "test").start_from == str(place)
    assert made.differences(recipe(CNN, epochs=1)) == [f"network.start_from: {str(place)!r}, was 'not set'"]
    notes = Notes()
    train(examples(), run=tmp_path / "r", progress=notes, recipe=made)
    assert any(
        said.startswith("starting from ") and "took 5 of 5 weights, 100 %" in said for said in notes.said
    )
    shutil.rmtree(place)
    notes = Notes()
    longer = recipe({**CNN, "start_from": str(place)}, epochs=2)
    assert len(train(examples(), run=tmp_path / "r", progress=notes, recipe=longer).history) == 2
    assert not any(said.startswith("starting from ") for said in notes.said)


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("nowhere", r"network\.start_from: nowhere does not exist; name the folder of a run or a"),
        (".", r"network\.start_from: \. holds no recognizer\.onnx: train there first"),
        ("pyproject.toml", r"network\.start_from: pyproject\.toml is not a recognizer"),
    ],
)
def test_what_is_no_run_is_one_sentence(
    value: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pyproject.toml").write_text("[project]\n")
    with pytest.raises(RecipeError, match=message):
        train(examples(), run="r", progress=Silent(), recipe=recipe({**CNN, "start_from": value}))
    assert not (tmp_path / "r").exists()


@pytest.mark.parametrize("value", [3, "", ["a"]])
def test_a_name_that_is_none_is_refused(value: Any) -> None:
    with pytest.raises(
        RecipeError, match=r"network\.start_from is .* must be the folder of a run or a \.onnx file"
    ):
        recipe({**CNN, "start_from": value})


def test_a_run_of_which_nothing_fits_is_one_sentence(before: Run) -> None:
    net, columns = network("xyz", widths=[5])
    with pytest.raises(RecipeError, match=r"no weight of .*recognizer\.onnx fits this network"):
        start_from(net, **columns, path=before.path)
