"""Several sources in one table: whose rows are held back, and how often each is seen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
import torch

from hornbook.columns import ImageColumn
from hornbook.columns.base import Array
from hornbook.errors import DataError, RecipeError
from hornbook.examples import Examples
from hornbook.examples.examples import NUMBER
from hornbook.examples.split import split_rows
from hornbook.examples.stores import FolderStore
from hornbook.make.captcha import Captchas
from hornbook.make.folder import make_folder
from hornbook.recipe import Recipe
from hornbook.recipe.resolve import read, with_data
from hornbook.sources import from_arrays, read_examples
from hornbook.sources.mixture import Part, mix_sources
from hornbook.training.sampler import rows_in_epoch, shuffle

GENERATED = {"make": "captcha", "count": 12, "size": [40, 20], "length": 2}


def recipe(mine: str, **changes: object) -> Recipe:
    second = {**GENERATED, "weight": 0.5, **changes}
    values = {
        "data": {"sources": [{"source": mine, "weight": 3}, second]},
        "inputs": {"image": {"type": "image", "size": [20, 10], "channels": 1}},
        "targets": {"label": {"type": "characters", "length": 2}},
        "training": {"epochs": 2},
    }
    return Recipe.from_values(values, "mixed", "test")


@pytest.fixture
def mine(tmp_path: Path) -> str:
    make_folder(Captchas(length=2, size=(40, 20), seed=5), tmp_path / "mine", 20)
    return str(tmp_path / "mine")


def test_only_the_first_is_held_back_unless_said(mine: str) -> None:
    examples = split_rows(read(recipe(mine)))
    held = examples.table.filter(pl.col("split").cast(pl.String) != "train")
    assert set(held[NUMBER]) == {1} and len(held) > 1
    assert examples.table.filter(pl.col(NUMBER) == 2)["split"].unique().to_list() == ["train"]
    both = read(recipe(mine, held_out=True, validation=3, test=4))
    assert len(both.rows("test")) == 4 and set(both.table.filter(pl.col("split") == "test")[NUMBER]) == {2}


def test_a_pattern_holds_for_each_folder_and_labels_have_one_name_in_all(mine: str) -> None:
    Path(mine, "labels.txt").unlink()
    values = {
        "data": {"pattern": r"(?P<text>[^._]+)(_\d+)?\.png", "sources": [{"source": mine}, GENERATED]},
        "inputs": {"picture": {"type": "image", "size": [20, 10], "channels": 1}},
        "targets": {"text": {"type": "characters", "length": 2}},
    }
    examples = read(Recipe.from_values(values, "mixed", "test"))
    assert set(examples.table.columns) >= {"picture", "text"} and "label" not in examples.table.columns
    assert set(examples.table["text"].str.len_chars()) == {2}
    assert sorted(set(examples.table[NUMBER])) == [1, 2]


def test_values_come_from_their_own_source(mine: str) -> None:
    examples = read(recipe(mine))
    made = read_examples(GENERATED)
    last = examples.table.with_row_index().filter(pl.col(NUMBER) == 2).row(0, named=True)
    assert last["image"] == "captcha/train/0"
    assert (examples.value("image", last["index"]) == made.value("image", 0)).all()
    assert examples.table["image"][0].startswith("mine/") and Path(examples.value("image", 0)).is_file()
    from hornbook.examples.encode import encode_heavy

    column = ImageColumn(size=(20, 10), channels=1)
    joined = encode_heavy(examples, column, "image")
    rows = joined.rows.take(np.arange(len(examples)))
    for i in (0, 19, 20, 31):
        assert (rows[i] == column.encode(examples.value("image", i))).all()
    assert not joined.problems and len(joined.facts) == 32


def test_a_recipe_with_sources_comes_back_and_data_replaces_them(mine: str) -> None:
    import tomllib

    made = recipe(mine)
    again = Recipe.from_values(tomllib.loads(made.to_toml()), "mixed", "recipe.toml")
    assert again == made and again.values() == made.values()
    assert again.data.sources[0].held_out and not again.data.sources[1].held_out
    other = with_data(made, "elsewhere")
    assert other.data.source == "elsewhere" and not other.data.sources
    assert "sources" not in other.to_toml()


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ({"source": "a", "sources": [{"source": "b"}]}, "both there"),
        ({"sources": ["a"]}, "must be a list such as"),
        ({"sources": [{"weight": 1}]}, "neither source nor make"),
        ({"sources": [{"source": "a", "weight": 0}]}, r"weight is 0, but it must be more than 0"),
        ({"sources": [{"source": "a", "held_out": False}]}, "held_out = true"),
        ({"sources": [{"make": "captcha", "length": [6, 4]}]}, "runs backwards"),
        ({"source": {"make": "capcha"}}, "did you mean 'captcha'"),
        ({"source": {"make": "captcha", "cont": 1}}, "unknown key data.source.cont"),
        ({"source": 3}, "must be a text"),
    ],
)
def test_what_cannot_be_is_one_sentence(data: dict[str, object], said: str) -> None:
    values = {"data": data, "inputs": {"image": "image"}, "targets": {"label": "category"}}
    with pytest.raises(RecipeError, match=said):
        Recipe.from_values(values, "mixed", "test")


def test_sources_of_different_kinds_are_refused() -> None:
    frame = pl.DataFrame({"audio": ["a.wav"], "label": ["a"]})
    sounds = Examples(frame, {"audio": FolderStore(Path())}, "sounds")
    pictures = from_arrays(image=np.zeros((2, 8, 8), np.uint8), label=["a", "b"])
    with pytest.raises(DataError, match="mix pictures with pictures"):
        mix_sources([Part(pictures), Part(sounds)])


def test_weights_say_how_often_a_row_is_seen() -> None:
    weights = np.array([2.5] * 4 + [1.0] * 3 + [0.5] * 8)
    assert rows_in_epoch(15, weights) == 10 + 3 + 4

    def taken(epoch: int) -> Array:
        generator = torch.Generator().manual_seed(epoch)
        return shuffle(15, weights, 3, epoch, generator).numpy()

    counts = [np.bincount(taken(epoch), minlength=15) for epoch in range(4)]
    assert all(count[4:7].tolist() == [1, 1, 1] for count in counts)
    assert all(set(count[:4]) <= {2, 3} for count in counts)
    assert (counts[0] + counts[1])[:4].tolist() == [5] * 4
    assert (counts[0] + counts[1])[7:].tolist() == [1] * 8
    assert (taken(2) == taken(2)).all() and (taken(2) != taken(3)).any()
    plain = torch.randperm(15, generator=torch.Generator().manual_seed(7))
    assert (shuffle(15, None, 3, 0, torch.Generator().manual_seed(7)) == plain).all()
