"""Reading a recipe from its name, a file or a mapping, changing it, and writing it as TOML."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hornbook.errors import DataError, RecipeError
from hornbook.recipe import Recipe
from hornbook.recipe.resolve import resolve, with_data
from hornbook.recipe.toml import write_toml

MINE = """
[inputs]
image = "image"

[targets]
digit = "category"

[training]
epochs = 4
"""


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    path = tmp_path / "mine.toml"
    path.write_text(MINE, "utf-8")
    return path


def test_reads_a_file_and_says_where_each_value_is_from(mine: Path) -> None:
    recipe = Recipe.read(mine, ["training.batch_size=64", "targets.digit.from=label"])
    assert (recipe.name, recipe.training.epochs, recipe.training.batch_size) == ("mine", 4, 64)
    lines = {
        line.partition(" =")[0]: line.partition("# ")[2] for line in recipe.to_toml(origins=True).split("\n")
    }
    assert lines["epochs"] == "mine.toml"
    assert lines["batch_size"] == "--set"
    assert lines["learning_rate"] == "default"
    assert lines["from"] == "--set"
    assert lines["size"] == "mine.toml" or lines["size"] == "default"


def test_a_change_keeps_where_the_others_are_from(mine: Path) -> None:
    recipe = Recipe.read(mine).change(["training.seed=7"]).change(["training.max_grad_norm=1"])
    assert recipe.training.max_grad_norm == 1
    assert recipe.origins["training.seed"] == "--set"
    assert recipe.origins["training.max_grad_norm"] == "--set"
    assert recipe.origins["training.epochs"] == "mine.toml"
    assert recipe.change([]) == recipe


@pytest.mark.parametrize(
    ("change", "key", "value"),
    [
        ("training.epochs=3", "training.epochs", 3),
        (" training.epochs = 3 ", "training.epochs", 3),
        ("training.batch_size=all", "training.batch_size", "all"),
        ('training.batch_size="all"', "training.batch_size", "all"),
        ("data.source=C:\\pictures\\mine", "data.source", "C:\\pictures\\mine"),
        ("data.pattern={digit}_{}.png", "data.pattern", "{digit}_{}.png"),
        ("inputs.image.size=[28, 28]", "inputs.image.size", [28, 28]),
        ("targets.digit.classes=['a', 'b']", "targets.digit.classes", ["a", "b"]),
        ("training.augment.image.shift=0.1", "training.augment.image.shift", 0.1),
        ("network.layers=['dense 8']", "network.layers", ["dense 8"]),
        ("network.name=mlp", "network.name", "mlp"),
    ],
)
def test_changes(mine: Path, change: str, key: str, value: Any) -> None:
    at: Any = Recipe.read(mine, [change]).values()
    for part in key.split("."):
        at = at[part]
    assert at == value


def test_a_later_change_of_the_network_takes_the_place_of_the_other_kind(mine: Path) -> None:
    recipe = Recipe.read(mine, ["network.layers=['dense 8']", "network.name=mlp", "network.hidden=[4]"])
    assert recipe.values()["network"]["hidden"] == [4]
    assert Recipe.read(mine, ["network.name=mlp", "network.layers=['dense 8']"]).values()["network"] == {
        "layers": ["dense 8"]
    }


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("epochs=3", "write section.key=value"),
        ("training.epochs", "write section.key=value"),
        ("training.epochs.x=3", "epochs is a value, not a section"),
        ("training.epoch=3", r"unknown key training\.epoch \(did you mean 'epochs'"),
        ("training.epochs=" + "[" * 9000, r"training\.epochs is '\[\["),
        ("training.=3", r"unknown key training\."),
    ],
)
def test_changes_that_cannot_be(mine: Path, change: str, said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        Recipe.read(mine, [change])


def test_changes_of_a_recipe_whose_sections_are_wrong_are_refused_too() -> None:
    wrong: list[dict[str, Any]] = [{"inputs": 3}, {"network": "cnn"}, {"training": []}]
    for values in wrong:
        for change in ("inputs.image.size=3", "network.name=mlp", "network.layers=[]", "training.epochs=3"):
            with pytest.raises(RecipeError):
                Recipe.from_values(values, "x", "x.toml", [change])


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"training = ", "mine.toml is not a TOML file"),
        (b"a = 1\na = 2", "mine.toml is not a TOML file"),
        (b"x = " + b"[" * 20_000, "nested too deeply"),
        (b"x = " + b"9" * 5000, "mine.toml is not a TOML file"),
        (b"\xff\xfea", "cannot be read"),
        (b"\xff", "cannot be read"),
    ],
)
def test_a_file_that_is_no_recipe_is_one_sentence(mine: Path, raw: bytes, said: str) -> None:
    mine.write_bytes(raw)
    with pytest.raises(RecipeError, match=said) as error:
        Recipe.read(mine)
    assert "\n" not in str(error.value)


def test_files_that_are_not_there_and_names_that_are_none(tmp_path: Path) -> None:
    for name in ("mist", "", "mnist.tml", str(tmp_path)):
        with pytest.raises(RecipeError, match="there is no recipe"):
            Recipe.read(name)
    with pytest.raises(RecipeError, match="did you mean 'mnist'"):
        Recipe.read("mnst")
    for name in (str(tmp_path / "no.toml"), "a\0.toml"):
        with pytest.raises(RecipeError, match="cannot be read"):
            Recipe.read(name)
    (tmp_path / "folder.toml").mkdir()
    with pytest.raises(RecipeError, match="cannot be read"):
        Recipe.read(tmp_path / "folder.toml")


def test_a_mark_at_the_start_of_the_file_is_no_key(mine: Path) -> None:
    mine.write_bytes(b"\xef\xbb\xbf" + MINE.encode())
    assert Recipe.read(mine).training.epochs == 4


# Writing TOML.

TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
LEAVES = (
    st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | TEXTS
    | st.lists(st.integers() | TEXTS | st.lists(st.floats(allow_nan=False), max_size=2), max_size=3)
)
TREES = st.dictionaries(
    TEXTS,
    st.recursive(LEAVES, lambda inner: st.dictionaries(TEXTS, inner, max_size=3), max_leaves=8),
    max_size=4,
)


@settings(max_examples=50)
@given(TREES)
def test_what_is_written_is_read_again(tree: dict[str, Any]) -> None:
    assert tomllib.loads(write_toml(tree)) == tree
    assert tomllib.loads(write_toml(tree, {})) == tree


@given(st.text(), TEXTS)
def test_any_text_can_be_written_to_a_file(text: str, key: str) -> None:
    raw = write_toml({key: {key: text}}).encode("utf-8")
    read = tomllib.loads(raw.decode("utf-8"))[key][key]
    assert read == text or any("\ud800" <= c <= "\udfff" for c in text)


def test_trees_have_bounds() -> None:
    with pytest.raises(RecipeError, match=r"network.min_samples_leaf is 10+, but it must be at most"):
        Recipe.read("iris", ["network.name=boosting", "network.min_samples_leaf=100000000000000000000"])


def test_a_word_that_is_nearly_a_recipe_is_answered_with_it() -> None:
    with pytest.raises(DataError, match=r"no such recipe \(did you mean 'houses'\?\)"):
        resolve("housess")


def test_the_names_of_files_need_not_say_what_a_labels_file_says(tmp_path: Path) -> None:
    (tmp_path / "labels.csv").write_text("filename,label\nimg0.png,2bg4\n", "utf-8")
    real = Recipe.read("captcha_real")
    names = real.data.pattern
    for data, pattern in ((tmp_path, names), (tmp_path / "labels.csv", None), (tmp_path / "*.csv", None)):
        placed = with_data(real, data)
        assert placed.data.pattern == pattern
        assert placed.given["data"].get("pattern") == pattern
    told = real.change(["data.pattern={text}_{}.png"])
    assert with_data(told, tmp_path / "labels.csv").data.pattern == "{text}_{}.png"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("network.hidden=[16]", "network.hidden is of other networks (mlp"),
        ("network.widths=[16]", "network.widths is of other networks (cnn"),
        ("network.hiden=[16]", "[network] may have 'name', 'start_from'"),
        ("training.augment={x={shift=1}}", "[training.augment] has none here"),
        ("network.name=[1]", "network.name is [1]"),
        ("network.name={a=1}", "network.name is {'a': 1}"),
    ],
)
def test_keys_of_other_networks_are_told(change: str, said: str) -> None:
    with pytest.raises(RecipeError, match=re.escape(said)):
        Recipe.read("iris", [change])


@pytest.mark.parametrize("depth", [21, 500, 3000])
@pytest.mark.parametrize("start", ["", "training.", "inputs.image."])
def test_a_key_of_many_dots_is_one_sentence(tmp_path: Path, depth: int, start: str) -> None:
    key = start + ".".join("a" * depth)
    (tmp_path / "mine.toml").write_text(f"{key} = 1\n", "utf-8")
    with pytest.raises(RecipeError, match="nested too deeply"):
        Recipe.read(tmp_path / "mine.toml")
    with pytest.raises(RecipeError, match=r"nested too deeply|is a value"):
        Recipe.read("digits", [f"{key}=1"])
