"""Old names of keys: they still work, and say the new one."""

from __future__ import annotations

from pathlib import Path

import pytest

from hornbook.columns.kinds import column_from_json, column_types
from hornbook.errors import RecipeError
from hornbook.recipe import Recipe
from hornbook.recipe.renamed import RENAMED, rename_keys
from hornbook.recipe.resolve import resolve
from hornbook.sources import read_examples

OLD = """
[data]
source = "poems"

[inputs]
poem = { type = "text", tokens = "characters", least = 2 }

[targets]
next = { type = "text", from = "poem" }

[network]
name = "gru"
both_ways = false

[training]
clip = 1.0
start = "random"
"""


def test_a_recipe_with_old_names_is_read_and_says_the_new_ones_once(tmp_path: Path) -> None:
    (tmp_path / "old.toml").write_text(OLD, "utf-8")
    said: list[str] = []
    changes = ["training.clip=2", "targets.next.least=3"]
    recipe, _ = resolve(tmp_path / "old.toml", changes=changes, note=said.append)
    assert (recipe.training.max_grad_norm, recipe.training.initialization) == (2, "random")
    assert recipe.inputs["poem"].options()["tokenizer"] == "characters"
    assert recipe.given["targets"]["next"]["min_count"] == 3
    assert said == [
        "old.toml: training.clip is now called training.max_grad_norm",
        "old.toml: training.start is now called training.initialization",
        "old.toml: network.both_ways is now called network.bidirectional",
        "old.toml: inputs.poem.tokens is now called inputs.poem.tokenizer",
        "old.toml: inputs.poem.least is now called inputs.poem.min_count",
        "--set training.clip: it is now called training.max_grad_norm",
        "--set targets.next.least: it is now called targets.next.min_count",
    ]
    again = Recipe.from_values(recipe.values(), "again", "recipe.toml")
    assert (again.training, again.inputs, again.remarks) == (recipe.training, recipe.inputs, ())


@pytest.mark.parametrize("old", list(RENAMED["network"]))
def test_a_key_of_a_network_is_called_otherwise_in_its_place(old: str) -> None:
    tree = {"network": {"name": "x", old: 1, "layers": 2}}
    assert rename_keys(tree, "r.toml")
    assert list(tree["network"]) == ["name", RENAMED["network"][old], "layers"]


def test_both_names_at_once_are_refused() -> None:
    with pytest.raises(
        RecipeError, match=r"r\.toml: network\.rate is now called network\.learning_rate, and both"
    ):
        rename_keys({"network": {"rate": 0.1, "learning_rate": 0.2}}, "r.toml")


@pytest.mark.parametrize("word", list(column_types()))
def test_old_names_are_of_no_other_field_and_a_file_with_them_opens(word: str) -> None:
    column = column_types()[word]()
    said = column.to_json()
    assert not set(column.renamed) & set(said)
    assert set(column.renamed.values()) <= set(said)
    old = {new: old for old, new in column.renamed.items()}
    assert column_from_json({old.get(name, name): value for name, value in said.items()}) == column


def test_what_makes_examples_was_once_called_generate() -> None:
    source = {"generate": "captcha", "count": 3}
    for data in ({"source": source}, {"sources": [source, {"make": "captcha"}]}):
        recipe = Recipe.from_values(
            {"data": data, "inputs": {"image": "image"}, "targets": {"label": "number"}}, "x", "x.toml"
        )
        assert len(recipe.remarks) == 1 and "generate is now called" in recipe.remarks[0]
        again = Recipe.from_values(recipe.values(), "x", "x.toml")
        assert again.data == recipe.data and not again.remarks
    assert source == {"generate": "captcha", "count": 3}
    assert len(read_examples({**source, "validation": 1, "test": 1})) == 5
