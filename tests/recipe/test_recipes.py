"""Every recipe that is shipped: it says only what differs, builds, takes a step, exports, and answers as the module."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from hornbook.columns import CategoryColumn, ImageColumn, NumberColumn
from hornbook.columns.base import Column
from hornbook.columns.image.augment_options import ImageAugment
from hornbook.columns.kinds import column_types
from hornbook.common.cache_folder import cache_dir
from hornbook.examples import Examples
from hornbook.examples.prepare import Prepared, prepare
from hornbook.examples.split import Split
from hornbook.networks.model import Network
from hornbook.recipe import Recipe, recipe_names
from hornbook.recipe.nested import flatten
from hornbook.recipe.networks import FAMILIES
from hornbook.recipe.recipe import Training
from hornbook.recognizer import Recognizer
from hornbook.sources import from_arrays
from hornbook.sources.builtin import BUILTIN
from hornbook.training.export.graph import check_export, export
from hornbook.training.loop import Loop
from tests.training.conftest import one_thread

NAMES = recipe_names()
PARAMETERS = {"mnist_mlp": 669_706, "mnist_cnn": 1_199_882, "inspection": 81, "houses": 3}
PARAMETERS |= dict.fromkeys(("gates_and", "gates_nand", "gates_or"), 3)
"""What the textbooks say."""

CLASSES = {"gates": 2, "inspection": 2, "iris": 3, "wine": 3, "wine_unscaled": 3}
"""Of the recipes that have not got ten."""


def plain(name: str) -> bool:
    recipe = Recipe.read(name)
    every = [*recipe.inputs.values(), *recipe.targets.values()]
    return all(isinstance(c, (ImageColumn, NumberColumn, CategoryColumn)) for c in every)


PLAIN = [name for name in NAMES if plain(name) and name != "odd_one_out"]
"""Those of pictures, numbers and categories alone; what learns nothing is in tests/training/test_remember.py."""


__all__ = ["one_thread"]


def text(name: str) -> str:
    return (resources.files("hornbook") / "recipes" / f"{name}.toml").read_text("utf-8")


def examples(recipe: Recipe, rows: int) -> Examples:
    """Return pictures, numbers and values as the recipe wants them."""
    rng = np.random.default_rng(0)
    columns: dict[str, Any] = {}
    classes = CLASSES.get(name_without_gate(recipe.name), 10)
    for name, column in {**recipe.inputs, **recipe.targets}.items():
        if column.source in columns:
            continue
        if isinstance(column, ImageColumn):
            height, width, channels = column.shape
            pictures = rng.integers(0, 60, (rows, height, width, channels), dtype=np.uint8)
            pictures[:, height // 4 : -height // 4, width // 3 : -width // 3] += 150
            columns[name] = pictures[..., 0] if channels == 1 else pictures
        elif isinstance(column, NumberColumn):
            columns[name] = rng.normal(20, 5, rows)
        else:
            columns[name] = [str(i % (3 if name in recipe.inputs else classes)) for i in range(rows)]
    return from_arrays(**columns)


def name_without_gate(name: str) -> str:
    return "gates" if name.startswith("gates_") else name


def small(recipe: Recipe, rows: int = 40) -> Prepared:
    faces = [c for c in recipe.inputs.values() if isinstance(c, ImageColumn) and c.fit == "face"]
    if any(c.no_face == "leave out" for c in faces):
        pytest.skip("there is no face in made pictures: tests/training/test_people.py trains it")
    if faces and not (cache_dir() / "detectors").exists():
        pytest.skip("the face detector is not here")
    return prepare(examples(recipe, rows), recipe.inputs, recipe.targets, Split(validation=0.2, test=0.2))


@cache
def defaults(cls: Any) -> dict[str, Any]:
    return {f.name: f.default for f in dataclasses.fields(cls) if f.default is not dataclasses.MISSING}


@pytest.mark.parametrize("name", NAMES)
def test_only_what_differs_from_the_defaults_is_written(name: str) -> None:
    values = tomllib.loads(text(name))
    network = values.get("network", {})
    sections: list[tuple[str, Mapping[str, Any], Any]] = [
        ("split", values.get("split", {}), Split),
        ("training", values.get("training", {}), Training),
    ]
    sections += [
        (f"{part}.{n}", v, column_types()[v["type"]])
        for part in ("inputs", "targets")
        for n, v in values[part].items()
        if isinstance(v, dict)
    ]
    sections += [
        (f"training.augment.{n}", v, ImageAugment)
        for n, v in values.get("training", {}).get("augment", {}).items()
    ]
    if "layers" not in network:
        sections.append(("network", network, FAMILIES[network.get("name", "cnn")]))
    # The size of pictures, the epochs and the like are what a reader looks for: they may stand there all the same.
    said = {"epochs", "batch_size", "size", "channels", "learning_rate", "name", "type"}
    said |= {"optimizer", "schedule", "hidden", "widths"}
    for section, given, cls in sections:
        for key, value in given.items():
            default = defaults(cls).get(key, ...)
            default = list(default) if isinstance(default, tuple) else default
            assert value != default or key in said, f"{name}: {section}.{key} is the default"


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_is_short_and_says_what_it_is(name: str) -> None:
    lines = text(name).splitlines()
    assert lines[0].startswith("# ")
    assert lines[0].endswith((".", "%.", ")."))
    assert 10 <= len([line for line in lines if line.strip()]) <= 35
    assert all(len(line) <= 120 for line in lines)


@pytest.mark.parametrize("name", NAMES)
def test_a_recipe_comes_back_from_its_full_toml(name: str) -> None:
    recipe = Recipe.read(name)
    again = Recipe.from_values(tomllib.loads(recipe.to_toml()), name, f"{name}.toml")
    assert again == recipe
    assert again.to_toml() == recipe.to_toml()
    assert set(flatten(tomllib.loads(text(name)))) <= set(recipe.origins)
    source = recipe.data.source
    assert source in BUILTIN or not isinstance(source, str) or "." in source


def drawn_code(column: Column) -> int:
    """Return how many numbers say where a code lies that is drawn: a mean and a variance of each."""
    return 2 * column.code if isinstance(column, ImageColumn) and column.beta else 0


@pytest.mark.parametrize("name", PLAIN)
def test_the_network_fits_its_examples(name: str) -> None:
    recipe = Recipe.read(name)
    ready = small(recipe)
    network = Network(ready.inputs, ready.targets, recipe.network).eval()
    encoded = ready.take(np.arange(2), ready.inputs)
    with torch.inference_mode():
        raw = network(network.unit({n: torch.from_numpy(v) for n, v in encoded.items()}))
    assert {n: (len(v), v[0].numel()) for n, v in raw.items()} == {
        n: (2, c.outputs + drawn_code(c)) for n, c in ready.targets.items()
    }
    if name in PARAMETERS:
        assert network.parameters_count() == PARAMETERS[name]


def stepped(recipe: Recipe, ready: Prepared, path: Path) -> Recognizer:
    """Take a step, and return what answers as the module does then."""
    with torch.random.fork_rng(devices=[]):
        loop = Loop(Network(ready.inputs, ready.targets, recipe.network, 1), ready, recipe.training)
        before = {k: v.clone() for k, v in loop.network.named_parameters() if v.requires_grad}
        loop.run_epoch(lambda _: False)
    assert loop.state.step == 1
    assert np.isfinite(loop.state.loss_sum)
    after = dict(loop.network.named_parameters())
    moved = [not torch.equal(v, after[k]) for k, v in before.items()]
    assert any(moved)
    assert all(torch.isfinite(p).all() for p in after.values())
    network = loop.averaged.eval()
    path.write_bytes(export(network, ready.inputs, ready.targets, {}))
    reader = Recognizer(path, threads=1)
    check_export(reader, network, ready.take(np.arange(6), ready.inputs), recipe.name)
    return reader


@pytest.mark.parametrize("name", PLAIN)
def test_takes_a_step_and_exports_what_answers_as_the_module(name: str, tmp_path: Path) -> None:
    recipe = Recipe.read(name, ["training.batch_size=8", "training.precision=float32"])
    ready = small(recipe, rows=30)
    reader = stepped(recipe, ready, tmp_path / "recognizer.onnx")
    name_of, column = next(iter(ready.targets.items()))
    row = {n: next(iter(ready.examples.values(n))) for n in ready.inputs}
    value = reader.predict(row)[name_of].value
    if isinstance(column, CategoryColumn):
        assert value in (column.classes or ())
    else:
        assert isinstance(value, float) or np.asarray(value).reshape(column.shape).any()
