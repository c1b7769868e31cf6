"""The recipes for strings: their sizes, their shapes, and that a step of each exports what answers as the module."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from hornbook.columns.characters.column import CharactersColumn
from hornbook.columns.image.column import ImageColumn
from hornbook.common.progress import Silent
from hornbook.examples import Examples
from hornbook.learning import train
from hornbook.networks.model import Network
from hornbook.recipe import Recipe
from hornbook.sources import from_arrays, read_examples
from tests.recipe.test_recipes import stepped
from tests.training.make import prepared

SIZES = {
    "captcha": (117_915, (20, 11)),
    "captcha_alphanumeric": (479_967, (40, 63)),
    "captcha_cnn": (1_292_744, (4, 10)),  # 31,616 values to four heads of ten, as the textbook has it
    "captcha_alexnet": (9_787_240, (4, 10)),
}


@pytest.mark.parametrize("name", SIZES)
def test_the_network_is_the_one_that_is_meant(name: str) -> None:
    recipe = Recipe.read(name)
    network = Network(recipe.inputs, recipe.targets, recipe.network).eval()
    parameters, shape = SIZES[name]
    assert network.parameters_count() == parameters
    column = recipe.inputs["image"]
    with torch.inference_mode():
        raw = network(network.unit({"image": torch.zeros((2, *column.shape), dtype=torch.uint8)}))["text"]
    assert tuple(raw.shape) == (2, *shape)
    assert Recipe.from_values(tomllib.loads(recipe.to_toml()), name, f"{name}.toml") == recipe


@pytest.mark.parametrize("name", ["captcha", "captcha_alphanumeric", "captcha_cnn"])
def test_takes_a_step_and_exports_what_answers_as_the_module(name: str, tmp_path: Path) -> None:
    recipe = Recipe.read(name, ["training.batch_size=8", "training.precision=float32", "split.test=0.2"])
    stepped(recipe, prepared(recipe, made(20)), tmp_path / "recognizer.onnx")


def made(rows: int) -> Examples:
    rng = np.random.default_rng(0)
    pictures = rng.integers(0, 256, (rows, 60, 160), dtype=np.uint8)
    return from_arrays(image=pictures, text=[f"{i:04}" for i in range(rows)])


def test_real_ones_are_read_out_of_a_folder_of_any_pictures(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    (tmp_path / "mine").mkdir()
    names = [f"{i:05}Xy.png" for i in range(30)] + ["aB3_2.jpg", "aB3.jpeg", "ö.gif"]
    for name in names:
        Image.fromarray(rng.integers(0, 256, (21, 64, 3), dtype=np.uint8)).save(tmp_path / "mine" / name)
    recipe = Recipe.read("captcha_real", ["training.epochs=1"])
    examples = read_examples(str(tmp_path / "mine"), pattern=recipe.data.pattern)
    assert sorted(examples.table["text"]) == sorted(re.split(r"[._]", name)[0] for name in names)
    run = train(examples, run=tmp_path / "r", recipe=recipe, progress=Silent())
    text, image = run.recognizer.targets["text"], run.recognizer.inputs["image"]
    assert isinstance(text, CharactersColumn)
    assert isinstance(image, ImageColumn)
    assert text.span[1] == 7
    assert set("Xy012") <= set(text.characters)
    assert isinstance(run.recognizer.predict(tmp_path / "mine" / names[0]).value, str)


def test_strings_of_one_length_are_read_step_by_step_too(tmp_path: Path) -> None:
    recipe = Recipe.read("captcha_real", ["training.epochs=1", "network.widths=[4]", "network.units=4"])
    run = train(made(30), run=tmp_path / "r", recipe=recipe, progress=Silent())
    text = run.recognizer.targets["text"]
    assert isinstance(text, CharactersColumn)
    assert text.length == (4, 4)
