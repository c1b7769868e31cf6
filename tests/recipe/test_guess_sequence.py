"""Which tables are pairs of texts, of which one is written from the other."""

from __future__ import annotations

import polars as pl
import pytest

from hornbook.columns.sequence.column import SequenceColumn
from hornbook.columns.text.column import TextColumn
from hornbook.errors import UsageError
from hornbook.recipe import Recipe
from hornbook.recipe.networks_sequence import Gru
from hornbook.recipe.resolve import resolve

ANIMALS = ["cat", "dog", "bird", "fox", "hen", "cow", "pig"]


def pairs(rows: int = 49) -> pl.DataFrame:
    english = [f"the {ANIMALS[i % 7]} sees the {ANIMALS[i // 7]} now" for i in range(rows)]
    return pl.DataFrame({"english": english, "backwards": [" ".join(e.split()[::-1]) for e in english]})


def test_a_table_of_pairs_is_written_word_by_word_and_said() -> None:
    said: list[str] = []
    recipe, _ = resolve(pairs(), target="backwards", note=said.append)
    assert recipe.targets["backwards"] == SequenceColumn(tokenizer="words")
    assert isinstance(recipe.inputs["english"], TextColumn) and isinstance(recipe.network, Gru)
    assert any("is written, word by word" in one and "targets.backwards=category" in one for one in said)


def test_short_strings_are_written_character_by_character() -> None:
    table = pl.DataFrame(
        {"word": [f"w{i:03d}x" for i in range(60)], "code": [f"x{i:03d}w" for i in range(60)]}
    )
    recipe, _ = resolve(table, target="code")
    assert recipe.targets["code"] == SequenceColumn()
    assert recipe.inputs["word"] == TextColumn(tokenizer="characters")


def test_what_is_no_pair_is_as_before() -> None:
    classes = pairs().with_columns(pl.Series("backwards", ["a", "b", "c", "d", "e", "f", "g"] * 7))
    assert resolve(classes, target="backwards")[0].targets["backwards"].type == "category"
    with pytest.raises(UsageError, match="too many for classes"):
        resolve(pairs().with_columns(n=pl.Series(range(49)) * 1.5), target="backwards")


def test_it_may_be_asked_for_beside_other_inputs() -> None:
    table = pairs().with_columns(n=pl.Series(range(49)) * 1.5)
    recipe, _ = resolve(table, target="backwards", changes=["targets.backwards=sequence"])
    assert recipe.targets["backwards"].type == "sequence" and len(recipe.inputs) == 2
    assert recipe.network.members == 1


def test_a_text_of_other_values_than_the_input_is_an_answer() -> None:
    values = {"inputs": {"a": "text"}, "targets": {"b": {"type": "text", "length": 9, "from": "c"}}}
    recipe = Recipe.from_values(values, "x", "test")
    assert recipe.targets["b"] == SequenceColumn(tokenizer="words", length=9, source="c")
    again = Recipe.from_values(recipe.values(), "x", "test")
    assert again == recipe
    language = {
        "inputs": {"a": {"type": "text", "from": "c"}},
        "targets": {"b": {"type": "text", "from": "c"}},
    }
    assert Recipe.from_values(language, "x", "test").targets["b"].type == "text"
