"""The checks: each finds what it is for, names it, and says nothing about good data."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image

from hornbook.checks.check import check, check_prepared, same_content
from hornbook.checks.findings import Finding, Findings
from hornbook.columns.base import Column
from hornbook.columns.category.column import CategoryColumn
from hornbook.columns.image.checks import Sizes
from hornbook.columns.image.column import ImageColumn
from hornbook.columns.image.duplicates.find import alikeness, look_the_same, near_pairs, perceptual_hashes
from hornbook.columns.kinds import column_types
from hornbook.errors import DataError
from hornbook.examples import Examples
from hornbook.examples.prepare import prepare
from hornbook.examples.rows import Rows
from hornbook.examples.split import Split
from hornbook.sources import from_arrays, read_examples

Pixels = np.ndarray[Any, Any]


def photos(count: int, seed: int = 0, size: int = 32) -> Pixels:
    """Return pictures as smooth as photos are, ``(count, size, size, 3)``."""
    random = np.random.default_rng(seed)
    small = random.integers(0, 256, (count, 6, 6, 3), np.uint8)
    return np.stack(
        [np.asarray(Image.fromarray(p).resize((size, size), Image.Resampling.BICUBIC)) for p in small]
    )


def jpeg(pixels: Pixels, quality: int = 80) -> Pixels:
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=quality)
    return np.asarray(Image.open(out))


def found(examples: Examples, size: tuple[int, int] = (32, 32), **split: Any) -> Findings:
    return checked(examples, ImageColumn(size=size, channels=3), CategoryColumn(), **split)


def checked(examples: Examples, image: Column, label: Column, **split: Any) -> Findings:
    return check_prepared(prepare(examples, {"image": image}, {"label": label}, Split(**split)))


def one(findings: Findings, code: str) -> Finding:
    return next(finding for finding in findings if finding.code == code)


def codes(findings: Findings) -> list[str]:
    return [finding.code for finding in findings]


def labelled(pictures: Pixels, labels: list[str] | None = None, split: list[str] | None = None) -> Examples:
    labels = labels or ["even" if i % 2 else "odd" for i in range(len(pictures))]
    examples = from_arrays(image=pictures, label=labels)
    return (
        examples
        if split is None
        else examples.replace(table=examples.table.with_columns(split=pl.Series(split)))
    )


def three_way(train: int, validation: int, test: int) -> list[str]:
    return ["train"] * train + ["validation"] * validation + ["test"] * test


def test_nothing_is_found_in_good_data() -> None:
    findings = found(labelled(photos(60)))
    assert codes(findings) == []
    assert "nothing wrong was found" in findings.text()
    assert findings.rows == 60


def test_files_that_cannot_be_read_are_named(tmp_path: Path) -> None:
    for kind in ("cat", "dog"):
        (tmp_path / kind).mkdir()
        for i, pixels in enumerate(photos(8, seed=len(kind) + ord(kind[0]))):
            Image.fromarray(pixels).save(tmp_path / kind / f"{i}.png")
    whole = (tmp_path / "cat" / "0.png").read_bytes()
    (tmp_path / "cat" / "cut.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "dog" / "empty.png").write_bytes(b"")
    findings = found(read_examples(tmp_path))
    left = one(findings, "left-out")
    assert left.count == 2 and left.level == "warning"
    assert {Path(name).name for name in left.names} == {"cut.png", "empty.png"}
    text = findings.text()
    assert "cut.png" in text and "empty.png" in text
    assert findings.rows == 16


def test_few_examples_none_missing_from_a_split_and_unbalanced() -> None:
    labels = ["many"] * 60 + ["few"] * 3 + ["some"] * 20
    split = ["train"] * 50 + ["test"] * 10 + ["train"] * 3 + ["train"] * 15 + ["test"] * 5
    findings = found(labelled(photos(83), labels, split))
    by_code = {f.code: f for f in findings}
    assert by_code["few-examples"].names == ("few",)
    assert "few (3)" in by_code["few-examples"].message
    missing = [f for f in findings if f.code == "missing-from-split"]
    assert [f.names for f in missing] == [("few",)] and "test split" in missing[0].message
    assert by_code["unbalanced"].names == ("many", "few")
    assert 'class_weights = "balanced"' in by_code["unbalanced"].message
    label = CategoryColumn(classes=("even", "odd", "never"))
    first = checked(labelled(photos(40)), ImageColumn(size=(32, 32)), label).findings[0]
    assert (first.level, first.code, first.names) == ("error", "no-training-example", ("never",))


def test_exact_duplicates_within_and_across_splits_and_under_two_labels() -> None:
    pictures = photos(40)
    pictures[1] = pictures[3]  # both train, both even
    pictures[35] = pictures[5]  # test and train, both even
    pictures[10] = pictures[13]  # both train, odd and even
    findings = found(labelled(pictures, split=three_way(25, 5, 10)))
    by_code = {f.code: f for f in findings}
    assert by_code["duplicates-across"].count == 1
    assert by_code["duplicates-across"].names == ("image[5] = image[35]",)
    assert by_code["duplicates-across"].level == "warning"
    assert by_code["two-labels"].names == ("image[10] (odd) = image[13] (even)",)
    assert by_code["duplicates"].count == 2
    assert by_code["duplicates"].level == "note"
    assert "near-duplicates" not in by_code


def test_a_picture_saved_again_or_scaled_is_found_across_splits() -> None:
    pictures = photos(400, size=64)
    pictures[390] = jpeg(pictures[7])
    small = Image.fromarray(pictures[8]).resize((40, 40), Image.Resampling.BICUBIC)
    pictures[391] = np.asarray(small.resize((64, 64), Image.Resampling.BICUBIC))
    pictures[20] = jpeg(pictures[9])  # in the same split
    near = one(found(labelled(pictures, split=three_way(300, 50, 50)), size=(64, 64)), "near-duplicates")
    assert set(near.names) == {"image[7] = image[390]", "image[8] = image[391]"}
    assert near.count == 2


def test_look_alikes_of_different_hands_are_not_reported(shared: Path) -> None:
    examples = read_examples(shared / "mnist")
    rows = np.concatenate([np.arange(12_000), np.arange(60_000, 64_000)])
    part = examples.replace(table=examples.table[rows.tolist()])
    findings = checked(part, ImageColumn(size=(28, 28), channels=1), CategoryColumn())
    assert codes(findings) == []
    assert "image: 28 x 28 pixels, L" in findings.text()


@pytest.mark.parametrize(
    "change", [lambda p: jpeg(p, 75), lambda p: np.clip(0.8 * p.astype(float) + 20, 0, 255).astype(np.uint8)]
)
def test_strokes_saved_again_or_brightened_are_told_from_look_alikes(
    shared: Path, change: Callable[[Pixels], Pixels]
) -> None:
    examples = read_examples(shared / "mnist")
    pictures = np.stack([examples.value("image", row) for row in range(3000)])
    copies = np.stack([change(p) for p in pictures[:100]])
    rows = Rows(np.concatenate([pictures, copies])[..., None])
    hashes, _ = perceptual_hashes(rows, np.arange(3100))
    pairs = near_pairs(hashes, np.arange(3100) >= 3000)
    same = pairs[look_the_same(rows, pairs, alikeness(rows, np.arange(3100), hashes))]
    right = {(i, 3000 + i) for i in range(100)}
    assert {(a, b) for a, b in same.tolist()} <= right
    assert len(same) >= 95


def test_pictures_without_ink_are_called_so() -> None:
    pictures = np.full((40, 60, 60), 250, np.uint8)
    random = np.random.default_rng(0)
    for picture in pictures[2:]:
        x, y = random.integers(5, 40, 2)
        picture[y : y + 15, x : x + 4] = 30
    image = ImageColumn(size=(28, 28), channels=1, fit="ink", ink="auto")
    blank = one(checked(labelled(pictures), image, CategoryColumn()), "blank")
    assert blank.message.startswith("no ink was found in 2 pictures: image[0], image[1];")


def test_sizes_and_modes_are_those_of_the_files(tmp_path: Path) -> None:
    for kind in ("cat", "dog"):
        (tmp_path / kind).mkdir()
        for i in range(6):
            side = 20 if i < 4 else 30
            picture = Image.fromarray(photos(1, seed=10 * len(kind) + i + ord(kind[0]), size=side)[0])
            (picture.convert("L") if i == 0 else picture).save(tmp_path / kind / f"{i}.png")
    (sizes,) = found(read_examples(tmp_path)).inputs
    assert isinstance(sizes, Sizes)
    assert sizes.common == ((20, 20, 8), (30, 30, 4))
    assert (sizes.different, sizes.smallest, sizes.middle, sizes.largest) == (2, (20, 20), (20, 20), (30, 30))
    assert sizes.modes == {"RGB": 10, "L": 2}


def test_without_a_test_or_a_validation_split_it_is_said() -> None:
    for validation, said in ((0.2, "rows that chose the best epoch"), (0.0, "rows that it learned from")):
        assert said in one(found(labelled(photos(40)), test=0.0, validation=validation), "no-test").message
    assert "no-validation" not in codes(found(labelled(photos(40))))
    assert "no-validation" in codes(found(labelled(photos(40)), validation=0.0))
    two = labelled(photos(40))
    writers = pl.Series("writer", ["a"] * 30 + ["b"] * 10)
    two = two.replace(table=two.table.with_columns(writers))
    assert "no-validation" in codes(found(two, group="writer"))


def test_the_text_of_many_classes_shows_the_first_and_the_last() -> None:
    labels = [f"kind {i % 30}" for i in range(300)]
    text = found(labelled(photos(300), labels)).text()
    assert "kind 0 " in text and "kind 29 " in text and "kind 15 " not in text
    assert "... 14 more" in text
    assert len(text.splitlines()) < 30


def test_hostile_names_do_no_harm() -> None:
    labels = ["{0}\x1b[31m", "{}{x}"]
    pictures = photos(40)
    pictures[0] = pictures[1]
    findings = found(labelled(pictures, [labels[i % 2] for i in range(40)]))
    assert "two-labels" in codes(findings)
    assert "\x1b" not in findings.text()
    json.dumps(findings.to_json(), allow_nan=False)


def test_check_guesses_the_columns_and_counts_pictures_of_one_colour() -> None:
    pictures = photos(40)
    pictures[4] = 128
    pictures[9] = 0
    for findings in (check(labelled(pictures)), labelled(pictures).check(), found(labelled(pictures))):
        (blank,) = findings
        assert blank.code == "blank"
        assert blank.count == 2 and set(blank.names) == {"image[4]", "image[9]"}
        assert "2 pictures of a single colour" in blank.message
    other = from_arrays(image=pictures, a=["x", "y"] * 20, b=["x", "y"] * 20)
    with pytest.raises(DataError, match="rename one of 'a', 'b' to 'label'"):
        check(other)


def test_same_content_needs_all_bits() -> None:
    content = np.zeros(5, "V16")
    raw = content.view("<u8").reshape(-1, 2)
    raw[:] = [[1, 1], [1, 2], [1, 1], [2, 1], [1, 2]]
    groups = same_content(content, np.arange(5))
    assert [group.tolist() for group in groups] == [[0, 2], [1, 4]]
    assert same_content(content, np.array([0, 1, 3])) == []


@settings(max_examples=40, deadline=None)
@given(
    st.tuples(st.integers(1, 300), st.integers(1, 300), st.sampled_from([1, 3])),
    st.sampled_from([7, 240, 255]),
)
@example((200, 50, 1), 240)
@example((1, 1, 1), 7)
def test_hashes_and_blank_pictures_of_any_size(shape: tuple[int, int, int], value: int) -> None:
    pictures = np.random.default_rng(0).integers(0, 256, (5, *shape), np.uint8)
    pictures[3] = value
    hashes, blank = perceptual_hashes(Rows(pictures), np.arange(5))
    assert hashes.shape == (5,)
    assert blank[3]
    assert blank.sum() == 1 or shape[:2] == (1, 1)
    again, _ = perceptual_hashes(Rows(pictures), np.arange(5))
    assert (hashes == again).all()


@pytest.mark.parametrize("drawn", [False, True])
@pytest.mark.parametrize("side", [32, 96, 200])
@pytest.mark.parametrize("noise", [0.4, 2.5, 12.0])
def test_pictures_that_differ_by_noise_alone_are_not_the_same(drawn: bool, side: int, noise: float) -> None:
    if drawn and noise < 1:
        pytest.skip("that is one drawing, saved twice")
    random = np.random.default_rng(0)
    clean = np.full((2, side, side, 1), 190.0)
    if drawn:
        clean[:, side // 4 : side // 2, side // 4 : side * 3 // 4] = 40
    noisy = Rows(np.clip(clean + random.normal(0, noise, clean.shape), 0, 255).astype(np.uint8))
    assert not look_the_same(noisy, np.array([[0, 1]]), 1.0)[0]
    saved = jpeg(noisy.take(np.array([0]))[0, ..., 0])
    again = Rows(np.stack([noisy.take(np.array([0]))[0], saved[..., None]]))
    assert look_the_same(again, np.array([[0, 1]]), 1.0)[0] or not drawn


def test_near_pairs_are_bounded_where_all_are_alike() -> None:
    pairs = near_pairs(np.zeros(5000, np.uint64), np.arange(5000) % 2)
    assert 0 < len(pairs) <= 200_000


@pytest.mark.parametrize(("kind", "values"), [("characters", ["23n8x", "23n88"]), ("number", [20.0, 50.0])])
def test_the_same_picture_with_two_strings_or_numbers_has_two_labels(kind: str, values: list[Any]) -> None:
    pictures = photos(20)
    pictures[19] = pictures[3]
    said = [values[0]] * 19 + [values[1]]
    examples = from_arrays(image=pictures, label=said)
    findings = checked(examples, ImageColumn(size=(32, 32), channels=3), column_types()[kind]())
    first, other = (str(value).removesuffix(".0") for value in values)
    assert f"image[3] ({first}) = image[19] ({other})" in one(findings, "two-labels").message


def test_pictures_that_are_all_one_colour_but_for_a_dot_are_looked_at_without_a_warning() -> None:
    images = np.full((40, 40, 40, 3), 200, np.uint8)
    images[20:, :, :, 0] = 30
    images[np.arange(40), 5, np.arange(40)] = 0
    assert from_arrays(image=images, label=["a"] * 20 + ["b"] * 20).check().text()
