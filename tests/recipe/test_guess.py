"""A recipe guessed from examples, and which recipe and examples are meant."""

from __future__ import annotations

import os
import shlex
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from hornbook.checks.check import check_prepared
from hornbook.columns import ImageColumn
from hornbook.columns.audio.files.open import wav
from hornbook.errors import DataError, RecipeError, UsageError
from hornbook.examples.prepare import prepare
from hornbook.networks.model import Network
from hornbook.recipe import Recipe
from hornbook.recipe.guess import guess
from hornbook.recipe.networks import Crnn
from hornbook.recipe.resolve import is_recipe, read, resolve
from hornbook.sources import from_arrays, read_examples
from tests.sources.make import picture, pictures, tree


def image(recipe: Recipe, name: str = "image") -> ImageColumn:
    column = recipe.inputs[name]
    assert isinstance(column, ImageColumn)
    return column


def arrays(shape: tuple[int, ...], **columns: Any) -> Any:
    pixels = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    return from_arrays(image=pixels, **(columns or {"label": ["a", "b"] * (shape[0] // 2)}))


@pytest.mark.parametrize(
    ("shape", "size", "channels"),
    [
        ((4, 8, 8), (28, 28), 1),
        ((4, 30, 33), (32, 32), 1),
        ((4, 300, 300, 3), (128, 128), 3),
        ((4, 20, 60), (64, 21), 1),
        ((4, 60, 20), (21, 64), 1),
    ],
)
def test_the_size_is_like_the_pictures(shape: tuple[int, ...], size: tuple[int, int], channels: int) -> None:
    column = image(guess(arrays(shape)))
    assert (column.size, column.channels) == (size, channels)
    grey = np.repeat(np.random.default_rng(0).integers(0, 256, (4, 30, 30, 1), dtype=np.uint8), 3, axis=3)
    assert image(guess(from_arrays(image=grey, label=list("abab")))).channels == 1


def test_the_target_is_the_label_or_the_only_column_or_what_is_said() -> None:
    assert list(guess(arrays((2, 8, 8), label=["a", "b"], other=[1, 2])).targets) == ["label"]
    assert list(guess(arrays((2, 8, 8), digit=["a", "b"], split=["train", "test"])).targets) == ["digit"]
    two = arrays((2, 8, 8), digit=["a", "b"], writer=["x", "y"])
    assert list(guess(two, target="writer").targets) == ["writer"]
    with pytest.raises(UsageError, match="with --target, one of 'digit', 'writer'"):
        guess(two)
    with pytest.raises(UsageError, match="did you mean 'digit'"):
        guess(two, target="digt")
    with pytest.raises(UsageError, match="the pictures have no labels"):
        guess(from_arrays(image=np.zeros((2, 8, 8), np.uint8)))
    assert list(guess(from_arrays(x=[1, 2], label=["a", "b"])).inputs) == ["x"]


def test_more_rows_need_fewer_epochs_and_few_rows_smaller_batches() -> None:
    assert [guess(arrays((n, 2, 2))).training.batch_size for n in (90, 1_500)] == [16, 128]
    assert guess(arrays((10, 8, 8))).training.epochs == 60
    assert guess(arrays((6000, 2, 2))).training.epochs == 10


def test_unreadable_pictures_are_passed_over_unless_there_is_no_other(tmp_path: Path) -> None:
    root = tree(tmp_path / "p", {"a/1.png": b"x", "b/1.png": picture(side=40)})
    assert image(guess(read_examples(root))).size in ((48, 48), (32, 32))
    (root / "b" / "1.png").write_bytes(b"x")
    with pytest.raises(DataError, match="none of the 2 pictures"):
        guess(read_examples(root))


def test_the_recipe_is_named_after_its_source(tmp_path: Path) -> None:
    root = tree(tmp_path / "my.pictures", pictures(["a/1.png", "b/1.png"]))
    recipe, examples = resolve(root, changes=["training.epochs=3"])
    assert examples is not None
    assert (recipe.name, recipe.data.source, recipe.training.epochs) == ("my", str(root), 3)
    assert len(read(recipe)) == 2
    assert guess(arrays((4, 8, 8)), "tables/*.csv").name == "mine"  # which every system takes
    assert guess(arrays((4, 8, 8)), "my pictures").name == "my pictures"


@pytest.mark.skipif(sys.platform != "linux", reason="names of any bytes exist on Linux")
def test_a_folder_whose_name_is_not_utf8_can_be_written_down(tmp_path: Path) -> None:
    root = tmp_path / os.fsdecode(b"caf\xe9")
    tree(root, pictures(["a/1.png", "b/1.png"]))
    for recipe in (resolve(root)[0], resolve("digits", data=root)[0], resolve(root, recipe="digits")[0]):
        again = Recipe.from_values(recipe.values(), recipe.name, "x")
        recipe.to_toml().encode("utf-8")
        assert again.data == recipe.data
    assert len(read(resolve(root)[0])) == 2


def test_what_is_meant(tmp_path: Path) -> None:
    assert is_recipe("digits")
    assert is_recipe(tmp_path / "x.toml")
    assert not is_recipe(tmp_path)
    recipe, examples = resolve("digits", data=tmp_path, changes=["training.epochs=2"])
    assert examples is None
    assert recipe.data.folder == str(tmp_path)
    assert resolve(recipe)[0] == recipe
    assert resolve(tmp_path, recipe=recipe)[0].data.source == str(tmp_path)
    data = arrays((4, 8, 8))
    assert resolve(data, recipe=recipe) == (recipe, data)
    told: list[str] = []
    resolve(data, note=told.append)
    assert "[network]" in told[0]


def test_a_recipe_without_a_source_says_so() -> None:
    with pytest.raises(RecipeError, match=r"names no \[data\] source"):
        read(Recipe.from_values({"inputs": {"a": "image"}, "targets": {"b": "category"}}, "x", "x"))


def test_labels_that_come_once_are_strings_to_be_read() -> None:
    pictures = arrays((24, 20, 50), label=[f"{i:04d}" for i in range(24)])
    said: list[str] = []
    recipe = guess(pictures, note=said.append)
    assert recipe.targets["label"].type == "characters"
    assert recipe.network == Recipe.read("captcha_real").network
    assert list(recipe.training.augment) == ["image"]
    assert all(f"--set targets.label={w}" in said[0] for w in ("category", "number"))
    assert guess(pictures, changes=["targets.label=category"]).targets["label"].type == "category"
    for labels in (["a", "b"] * 12, [f"a dog {i}" for i in range(24)], [f"{i:020d}" for i in range(24)]):
        assert guess(arrays((24, 20, 50), label=labels)).targets["label"].type == "category"


def test_of_several_columns_the_one_called_as_labels_are_is_predicted_and_said() -> None:
    said: list[str] = []
    data = arrays((8, 9, 9), fold=["1", "2"] * 4, **{"class": ["a", "b"] * 4})
    assert list(guess(data, note=said.append).targets) == ["class"]
    assert "class is what is to be predicted" in said[0]
    assert list(guess(data, target="fold").targets) == ["fold"]
    with pytest.raises(UsageError, match="say which column to predict"):
        guess(arrays((8, 9, 9), species=["1", "2"] * 4, **{"class": ["a", "b"] * 4}))


@pytest.mark.parametrize(
    ("size", "length", "wanted", "stride"),
    [((200, 50), 5, (192, 60), 8), ((480, 40), 13, (320, 40), 8), ((1600, 48), 44, (1056, 48), 8),
     ((160, 60), 12, (192, 60), 4), ((60, 20), 100, (416, 32), 2)],
)  # fmt: skip
@pytest.mark.parametrize("said", [[], ["targets.label=characters"]])
def test_pictures_of_long_strings_are_wide_enough_to_be_read(
    size: tuple[int, int], length: int, wanted: tuple[int, int], stride: int, said: list[str]
) -> None:
    labels = [f"{i:02d}" * (length // 2) + "x" * (length % 2) for i in range(24)]
    data = arrays((24, size[1], size[0]), label=labels)
    if length > 16:
        assert guess(data).targets["label"].type == "category"
        told: list[str] = []
        guess(data, note=told.append)
        assert "--set targets.label=characters" in told[0]
        said = ["targets.label=characters"]
    recipe = guess(data, changes=said)
    assert isinstance(recipe.inputs["image"], ImageColumn) and recipe.inputs["image"].size == wanted
    assert isinstance(recipe.network, Crnn) and recipe.network.width_stride == stride
    prepared = prepare(data, recipe.inputs, recipe.targets, recipe.split)
    Network(prepared.inputs, prepared.targets, recipe.network)  # which refuses too few steps
    codes = {finding.code for finding in check_prepared(prepared)}
    assert ("narrow" in codes) == (wanted[0] < 6 * length)


def test_sounds_whose_labels_come_once_say_strings(tmp_path: Path) -> None:
    lines = []
    for number in range(24):
        (tmp_path / f"{number}.wav").write_bytes(wav(np.zeros(800, np.int16), 8000, 800, 9))
        lines.append(f"{number}.wav {number:04}")
    (tmp_path / "labels.txt").write_text("\n".join(lines), "utf-8")
    said: list[str] = []
    recipe = guess(read_examples(tmp_path), note=said.append)
    assert (recipe.inputs["audio"].type, recipe.targets["label"].type) == ("audio", "characters")
    assert "is said in the sound" in said[0]
    assert recipe.training.epochs == 100


NUMBERS = np.random.default_rng(0).permutation(900)[:24]
PRINTED = {
    "fractions": ([f"{n / 1000}" for n in NUMBERS], "number"),
    "numbers": ([n / 1000 for n in NUMBERS.tolist()], "number"),
    "whole": ([str(n) for n in NUMBERS], "number"),
    "decimal comma": ([f"{n / 1000}".replace(".", ",") for n in NUMBERS], "number"),
    "units": ([f"{n / 1000} kg" for n in NUMBERS], "number"),
    "a missing one": ([f"{n / 1000}" if n != NUMBERS[3] else "?" for n in NUMBERS], "number"),
    "degrees": ([f"{n}°" for n in NUMBERS], "number"),
    "printed to the last digit": ([f"{n / 10:05.2f}" for n in NUMBERS], "characters"),
    "leading zeros": ([f"{n:04d}" for n in NUMBERS], "characters"),
    "as many digits": ([str(n + 1000) for n in NUMBERS], "characters"),
    "thousands": ([f"{n + 1000:,}" for n in NUMBERS], "characters"),
    "signs": ([f"+{n}" for n in NUMBERS], "characters"),
    "exponents": ([f"{n % 10}e{n // 10:02d}" for n in NUMBERS], "characters"),
}


@pytest.mark.parametrize("kind", PRINTED)
def test_a_quantity_is_a_number_and_a_string_stays_one(kind: str) -> None:
    cells, word = PRINTED[kind]
    said: list[str] = []
    recipe = guess(arrays((24, 20, 20), shown=cells), note=said.append)
    assert recipe.targets["shown"].type == word
    for other in {"characters", "number", "category"} - {word}:
        assert f"--set targets.shown={other}" in said[0]
        assert (
            guess(arrays((24, 20, 20), shown=cells), changes=[f"targets.shown={other}"]).targets["shown"].type
            == other
        )


@pytest.mark.parametrize(
    ("name", "values", "word"),
    [
        ("age", [20, 31, 47, 18, 70, 55, 62, 33, 29, 41, 58, 90], "number"),
        ("age", [20, 31], "category"),
        ("weight", [f"{i / 10} kg" for i in range(4, 16)], "number"),
        ("place", list(range(12)), "category"),
        ("ClassId", [20, 31, 47, 18, 70, 55, 62, 33, 29, 41, 58, 90], "category"),
        ("coin", ["0.10", "1.00"], "category"),
    ],
)
def test_numbers_that_repeat_are_quantities_where_they_are_no_codes(
    name: str, values: list[Any], word: str
) -> None:
    said: list[str] = []
    recipe = guess(arrays((4 * len(values), 4, 4), **{name: values * 4}), note=said.append)
    assert recipe.targets[name].type == word
    assert bool(said) == (word == "number")


def test_several_targets_beside_pictures() -> None:
    examples = arrays((24, 20, 20), word=["a", "b"] * 12, size=(NUMBERS / 1000).tolist())
    both = guess(examples, target=["word", "size"])
    assert {n: c.type for n, c in both.targets.items()} == {"word": "category", "size": "number"}
    assert guess(examples, target="word", changes=["targets.size=number"]).targets == both.targets


def test_the_network_fits_what_is_said_of_the_target() -> None:
    cells = [f"{n:04d}" for n in NUMBERS]
    assert image(guess(arrays((24, 20, 20), label=cells), changes=["targets.label=number"])).size == (28, 28)


def test_where_no_picture_can_be_read_the_first_reason_is_said_and_what_helps_works(tmp_path: Path) -> None:
    for label in "ab":
        (tmp_path / label).mkdir()
        Image.new("L", (3000, 20_000), 9).save(tmp_path / label / "1.png")
    examples = read_examples(tmp_path)
    with pytest.raises(
        DataError, match=r"none of the 2 pictures looked at can be read; the first: a/1\.png has"
    ) as error:
        guess(examples)
    told = str(error.value).partition("--set ")[2]
    assert told == "inputs.image.max_pixels=60000000"
    assert image(guess(examples, changes=[told])).max_pixels == 60_000_000
    (tmp_path / "a" / "1.png").write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    with pytest.raises(DataError, match=r"the first: a/1\.png is a pointer to a Git LFS file"):
        guess(read_examples(tmp_path))


def test_what_is_said_of_a_name_with_a_blank_can_be_done() -> None:
    said: list[str] = []
    examples = arrays((24, 20, 20), **{"Adj. Age": (NUMBERS / 1000).tolist()})
    guess(examples, note=said.append)
    words = shlex.split(said[0])
    told = [word.rstrip(";") for before, word in pairwise(words) if before == "--set"]
    assert len(told) == 2
    for change in told:
        assert guess(examples, changes=[change]).targets["Adj. Age"].type == change.partition("=")[2]
