"""From a table to arrays: what is learned, from which rows, and what is left out and named."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from hornbook.columns import CategoryColumn, ImageColumn
from hornbook.columns.base import Column
from hornbook.errors import DataError
from hornbook.examples import Examples
from hornbook.examples.align import with_sources
from hornbook.examples.prepare import Prepared, prepare
from hornbook.examples.split import Split
from hornbook.sources import from_arrays, read_examples
from tests.sources.make import picture, tree

INPUTS: dict[str, Column] = {"image": ImageColumn(size=(6, 6), channels=1)}
TARGETS: dict[str, Column] = {"label": CategoryColumn()}
NO_SPLIT = Split(validation=0, test=0)


def examples(rows: int = 30, seed: int = 0, **columns: Any) -> Examples:
    images = np.random.default_rng(seed).integers(0, 256, (rows, 6, 6), dtype=np.uint8)
    return from_arrays(**{"image": images, "label": [f"c{i % 3}" for i in range(rows)], **columns})


def classes(prepared: Prepared, target: str = "label") -> tuple[str, ...] | None:
    column = prepared.targets[target]
    assert isinstance(column, CategoryColumn)
    return column.classes


def test_every_value_is_encoded_in_the_order_of_the_table() -> None:
    data = examples(colour=["red", "blue"] * 15)
    prepared = prepare(data, INPUTS, {**TARGETS, "colour": CategoryColumn()})
    assert classes(prepared, "colour") == ("blue", "red")
    assert prepared.arrays["colour"].take(np.array([0, 1])).tolist() == [1, 0]
    everything = np.arange(len(data))
    taken = prepared.take(everything, {**prepared.inputs, **prepared.targets})
    assert np.array_equal(taken["image"], INPUTS["image"].encode_many(list(data.values("image"))))
    assert taken["label"].tolist() == [i % 3 for i in range(30)]
    assert sorted(np.concatenate(list(prepared.splits.values())).tolist()) == everything.tolist()
    assert classes(prepared) == ("c0", "c1", "c2")


def test_mean_deviation_and_classes_come_from_the_training_rows_alone() -> None:
    data = examples()
    before = prepare(data, INPUTS, TARGETS)
    images = np.stack(list(data.values("image")))
    labels = data.table["label"].to_list()
    held = np.concatenate([before.splits["test"], before.splits["validation"]])
    assert len(held)
    # The same splits, with other pictures and other classes in what is held back.
    images[held] = 255 - images[held] // 2
    for row in held:
        labels[row] = "new"
    split = before.examples.table["split"].cast(pl.String).to_list()
    after = prepare(from_arrays(image=images, label=labels, split=split), INPUTS, TARGETS)
    assert after.inputs == before.inputs
    assert after.targets == before.targets
    train = np.stack(list(data.values("image")))[before.splits["train"]] / 255
    column = before.inputs["image"]
    assert isinstance(column, ImageColumn)
    assert column.mean == pytest.approx((train.mean(),), abs=1e-6)
    assert column.std == pytest.approx((train.std(),), abs=1e-6)
    images[before.splits["train"][0]] ^= 128
    assert (
        prepare(from_arrays(image=images, label=labels, split=split), INPUTS, TARGETS).inputs != before.inputs
    )
    # A class that was never trained on is left out, and each of its rows is named.
    assert not len(after.splits["test"])
    assert {p.name for p in after.problems} == {f"image[{row}]" for row in held}
    assert all("no training example has the label 'new'" in str(p) for p in after.problems)


def test_a_row_without_a_label_is_left_out_and_named() -> None:
    labels: list[Any] = [f"c{i % 3}" for i in range(30)]
    labels[4] = labels[17] = None
    prepared = prepare(examples(label=labels), INPUTS, TARGETS)
    assert [str(p) for p in prepared.problems] == [
        f"image[{i}]: has no label; it is left out" for i in (4, 17)
    ]
    assert sum(len(s) for s in prepared.splits.values()) == 28
    assert classes(prepared) == ("c0", "c1", "c2")
    numbers = prepare(examples(6, label=[1.5, 2.5, float("nan")] * 2), INPUTS, TARGETS, NO_SPLIT)
    assert classes(numbers) == ("1.5", "2.5") and len(numbers.problems) == 2


def test_a_picture_that_cannot_be_read_is_left_out_and_a_class_of_such_alone(tmp_path: Path) -> None:
    root = tree(tmp_path / "p", {f"train/{c}/{i}.png": picture(i) for c in "abc" for i in range(2)})
    tree(root, {f"test/{c}/{i}.png": picture(i) for c in "abc" for i in range(2)})
    for i in range(2):
        (root / "train" / "c" / f"{i}.png").write_bytes(b"")
    prepared = prepare(read_examples(root), INPUTS, TARGETS, NO_SPLIT)
    assert classes(prepared) == ("a", "b")
    assert len(prepared.splits["test"]) == 4
    assert [p.name for p in prepared.problems][:2] == ["train/c/0.png", "train/c/1.png"]
    assert len(prepared.problems) == 4
    assert sum(prepared.facts["image"]["bad"]) == 2


def test_a_recognizers_columns_are_used_as_they_are() -> None:
    learned = prepare(examples(), INPUTS, TARGETS)
    other = examples(seed=9, label=["c2"] * 30)
    prepared = prepare(other, learned.inputs, learned.targets, NO_SPLIT)
    assert prepared.inputs == learned.inputs
    assert prepared.targets == learned.targets
    # All of one class, or all of them test rows: nothing is to be learned here.
    prepared = prepare(
        examples(label=["c2"] * 30, split=["test"] * 30), learned.inputs, learned.targets, NO_SPLIT
    )
    assert len(prepared.splits["test"]) == 30


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({}, True),
        ({"seed": 1}, False),
        ({"label": ["c0", "c1", "c3"] * 10}, False),
        ({"label": ["c1", "c0", "c2"] * 10}, False),
    ],
)
def test_the_fingerprint_tells_other_data(change: dict[str, Any], same: bool) -> None:
    one = prepare(examples(), INPUTS, TARGETS)
    assert (prepare(examples(**change), INPUTS, TARGETS).fingerprint == one.fingerprint) == same


def test_the_fingerprint_tells_another_split_and_not_another_place(tmp_path: Path) -> None:
    files = {f"{c}/{i}.png": picture(10 * i + ord(c)) for c in "ab" for i in range(8)}
    one, other = (read_examples(tree(tmp_path / name, files)) for name in "12")
    first = prepare(one, INPUTS, TARGETS)
    assert prepare(other, INPUTS, TARGETS).fingerprint == first.fingerprint
    assert prepare(one, INPUTS, TARGETS, Split(seed=5)).fingerprint != first.fingerprint


def test_columns_are_found_by_what_is_plain() -> None:
    data = examples()
    found = with_sources(data, {"photo": ImageColumn()}, {"digit": CategoryColumn()})
    assert found.table.columns == ["photo", "digit"]
    assert list(found.stores) == ["photo"]
    found = with_sources(data, {"x": ImageColumn(source="photo")}, {"d": CategoryColumn(source="number")})
    assert found.table.columns == ["photo", "number"]
    assert with_sources(data, INPUTS, TARGETS).table.columns == ["image", "label"]


def labels(*words: str | None) -> Examples:
    return examples(len(words), label=list(words))


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (labels("a", "a", "a"), "every training example has the label 'a'"),
        (labels(None, None), "of 2 examples none can be trained on; the first: "),
        (examples(4, split=["test"] * 4), "none can be trained on"),
        (labels("a", "b").replace(table=labels("a", "b").table.clear()), "not a single example"),
        (examples(4, label=[["a"]] * 4), "holds list"),
    ],
)
def test_what_nothing_can_be_learned_from_is_one_sentence(data: Examples, said: str) -> None:
    with pytest.raises(DataError, match=said) as error:
        prepare(data, INPUTS, TARGETS)
    assert "\n" not in str(error.value)


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(DataError, match=r"no column 'digt'.*\(did you mean 'digit'\?\)"):
        prepare(examples(digit=["a"] * 30), INPUTS, {"digt": CategoryColumn(), "label": CategoryColumn()})
    with pytest.raises(DataError, match="no column 'writer'"):
        prepare(examples(), INPUTS, TARGETS, Split(group="writer"))
