"""Pixels in a table are pictures, and a column of train and test words is the split."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from hornbook.columns import ImageColumn
from hornbook.columns.base import Array
from hornbook.columns.category.column import CategoryColumn
from hornbook.examples.examples import Examples
from hornbook.examples.pixels import with_pixels
from hornbook.examples.prepare import prepare
from hornbook.recipe.guess import guess
from hornbook.sources import from_arrays, from_frame, read_examples

RANDOM = np.random.default_rng(0)
GREY = RANDOM.integers(0, 256, (12, 8, 8), np.uint8)
COLOUR = RANDOM.integers(0, 256, (12, 8, 8, 3), np.uint8)
LABELS = ["cat", "dog"] * 6


def named(pictures: Array, name: str) -> dict[str, Any]:
    """Return a column for each pixel, called by a pattern."""
    side = pictures.shape[2]
    flat = pictures.reshape(len(pictures), -1).T.tolist()
    return {name.format(i=i, row=i // side, column=i % side): numbers for i, numbers in enumerate(flat)}


def cells(pictures: Array, begin: str = "", between: str = " ", end: str = "") -> list[str]:
    return [begin + between.join(map(str, one.reshape(-1).tolist())) + end for one in pictures]


TABLES: dict[str, tuple[dict[str, Any], Array]] = {
    "kaggle": (named(GREY, "pixel{i}"), GREY),
    "from one": ({f"Pixel_{i + 1}": v for i, v in enumerate(named(GREY, "{i}").values())}, GREY),
    "rows and columns": (named(GREY, "pixel_{row}_{column}"), GREY),
    "numbers": (named(GREY, "{i}"), GREY),
    "1x1": ({f"{i // 8 + 1}x{i % 8 + 1}": v for i, v in enumerate(named(GREY, "{i}").values())}, GREY),
    "colours": (named(COLOUR, "pixel{i:04d}"), COLOUR),
    "fer2013": ({"pixels": cells(GREY)}, GREY),
    "commas": ({"pixels": cells(GREY, "[", ", ", "]")}, GREY),
    "lists": ({"pixels": [p.reshape(-1).tolist() for p in GREY]}, GREY),
}


def read(columns: dict[str, Any], kind: str, folder: Path) -> Examples:
    table = pl.DataFrame({"label": LABELS, **columns})
    if kind == "frame":
        return from_frame(table)
    nested = any(c.dtype.is_nested() for c in table)
    path = folder / f"t.{'parquet' if nested or kind == 'parquet' else 'csv'}"
    table.write_parquet(path) if path.suffix == ".parquet" else table.write_csv(path)
    return read_examples(path)


@pytest.mark.parametrize("kind", ["csv", "parquet", "frame"])
@pytest.mark.parametrize("name", TABLES)
def test_pixels_are_pictures(name: str, kind: str, tmp_path: Path) -> None:
    columns, pictures = TABLES[name]
    examples = read(columns, kind, tmp_path)
    found = with_pixels(examples)
    assert set(found.table.columns) == {"label", "image"}
    recipe = guess(examples)
    column = recipe.inputs["image"]
    assert isinstance(column, ImageColumn)
    assert column.channels == (3 if pictures.ndim == 4 else 1)
    exact = ImageColumn(size=(8, 8), channels=column.channels)
    prepared = prepare(examples, {"image": exact}, {"label": CategoryColumn()})
    rows = prepared.arrays["image"].take(np.arange(12))
    assert np.array_equal(rows.reshape(pictures.shape), pictures)
    assert any("taken for pictures of 8 x 8 pixels" in note for note in prepared.examples.notes)


@pytest.mark.parametrize("last", [False, True])
def test_pixels_without_a_header(last: bool, tmp_path: Path) -> None:
    digits = np.arange(12)[:, None] % 2
    flat = GREY.reshape(12, -1)
    np.savetxt(tmp_path / "a.csv", np.hstack([flat, digits] if last else [digits, flat]), "%d", ",")
    found = with_pixels(read_examples(tmp_path / "a.csv"))
    assert set(found.table.columns) == {"x65" if last else "x1", "image"}
    assert np.array_equal(found.value("image", 5), GREY[5])


def test_pixels_from_0_to_16_are_not_all_black(tmp_path: Path) -> None:
    examples = read(named(GREY // 16, "pixel_{row}_{column}"), "csv", tmp_path)
    prepared = prepare(examples, {"image": ImageColumn(size=(8, 8), channels=1)}, {"label": CategoryColumn()})
    assert prepared.arrays["image"].take(np.arange(12)).max() == 255
    column = prepared.inputs["image"]
    assert isinstance(column, ImageColumn)
    assert column.learned_range == (0.0, 15.0)


@pytest.mark.parametrize(
    "columns",
    [
        named(GREY[:, :7], "pixel{i}"),  # 56 of them are no square
        {"pixel0": [1] * 12, "pixel1": [2] * 12},
        named(GREY.astype(int) * 9, "pixel{i}"),
        {"text": ["a " * 80] * 12},
        {"numbers": ["1 2 3"] * 12},
        {f"feature{i}": [i] * 12 for i in range(64)},
    ],
)
def test_other_tables_stay_as_they_are(columns: dict[str, Any]) -> None:
    examples = from_arrays(label=LABELS, **columns)
    assert with_pixels(examples) is examples


def test_a_cell_with_other_numbers_is_left_out_by_name() -> None:
    texts = [*cells(GREY), *cells(GREY), cells(GREY)[0] + " 7", "x"]
    examples = from_arrays(label=[*LABELS, *LABELS, "cat", "dog"], pixels=texts)
    prepared = prepare(examples, {"image": ImageColumn(size=(8, 8), channels=1)}, {"label": CategoryColumn()})
    said = " ".join(map(str, prepared.problems))
    assert "image[24]: has 65 numbers, and 64 from 0 to 255 are wanted" in said
    assert "image[25]: something in it is no whole number" in said


@pytest.mark.parametrize(
    ("name", "words", "wanted"),
    [
        ("Usage", ["Training", "PublicTest", "PrivateTest"], ["train", "validation", "test"]),
        ("Usage", ["Training", "PublicTest", "PublicTest"], ["train", "test", "test"]),
        ("set", ["train", "val", "test"], ["train", "validation", "test"]),
        ("data_split", ["TRAIN", "TEST", ""], ["train", "test", None]),
        ("Split", ["train", "dev", "hold-out"], ["train", "validation", "test"]),
        ("split", ["Training", "Testing", "Testing"], ["train", "test", "test"]),
        ("set", ["train", "tea", "test"], None),
        ("words", ["train", "test", "test"], None),
        ("subset", ["train", "train", "train"], None),
    ],
)
def test_a_column_of_train_and_test_words_is_the_split(
    name: str, words: list[str], wanted: list[str | None] | None, tmp_path: Path
) -> None:
    table = pl.DataFrame({"x": range(30), name: words * 10, "y": [1.5, 2, 3] * 10})
    table.write_csv(tmp_path / "t.csv")
    for examples in (read_examples(tmp_path / "t.csv"), read_examples(table)):
        if wanted is None:
            assert examples.table[name].to_list() == words * 10
            assert name == "split" or "split" not in examples.table.columns
            continue
        assert examples.table["split"].cast(pl.String).to_list() == wanted * 10
        assert name == "split" or name not in examples.table.columns
        assert name == "split" or any(repr(name) in note for note in examples.notes)
