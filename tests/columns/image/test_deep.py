"""Pictures of more than 8 bits and of floats are scaled by the range that the training rows use."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from hornbook.checks.check import check_prepared
from hornbook.columns import ImageColumn
from hornbook.columns.base import Array
from hornbook.columns.category.column import CategoryColumn
from hornbook.columns.image.files.deep import common_range, used_range
from hornbook.columns.kinds import column_from_json
from hornbook.examples.prepare import Prepared, prepare
from hornbook.examples.split import Split
from hornbook.sources import from_arrays, read_examples

FORMS = ["uint16", "int32", "float32", "png16", "tif32", "tif float", "png16 colour", "tif16 colour"]


def stored(values: Array, form: str) -> Any:
    """Return values, shape (H, W), as somebody may have them."""
    out = io.BytesIO()
    if form in ("uint16", "int32", "float32"):
        return values.astype(form)
    if form.endswith("colour"):
        colours = np.repeat(values.astype(np.uint16)[..., None], 3, axis=2)
        return cv2.imencode(".png" if form.startswith("png") else ".tif", colours)[1].tobytes()
    if form == "png16":
        Image.fromarray(values.astype(np.uint16)).save(out, "PNG")
    else:
        Image.fromarray(values.astype(np.float32 if form == "tif float" else np.int32)).save(out, "TIFF")
    return out.getvalue()


def ready(values: list[Array], form: str, **options: Any) -> Prepared:
    labels = [str(i % 2) for i in range(len(values))]
    examples = from_arrays(image=[stored(v, form) for v in values], label=labels)
    column = ImageColumn(size=(8, 8), channels=1, **options)
    return prepare(examples, {"image": column}, {"label": CategoryColumn()}, Split(validation=0, test=0))


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("low", "high"), [(900, 1300), (200, 1000), (10, 4000), (0, 255), (3000, 60_000)])
def test_the_range_of_the_training_rows_is_black_to_white(form: str, low: int, high: int) -> None:
    random = np.random.default_rng(0)
    values = [random.integers(low, high + 1, (8, 8)) for _ in range(12)]
    for one in values:
        one[0, 0], one[0, 1] = low, high
    prepared = ready(values, form)
    column = prepared.inputs["image"]
    assert isinstance(column, ImageColumn)
    assert column.span is not None
    shades = np.unique(prepared.arrays["image"].take(np.arange(12)))
    assert len(shades) > 120 or high - low < 250
    # In use, by itself and after its file was written and read, a picture is what it was in training.
    again = column_from_json(json.loads(json.dumps(column.to_json())))
    for i, one in enumerate(values):
        row = prepared.arrays["image"].take(np.array([i]))[0]
        assert np.array_equal(again.encode(stored(one, form)), row)


def test_ordinary_pictures_stay_as_they_are(tmp_path: Path) -> None:
    values = [np.random.default_rng(i).integers(0, 256, (8, 8), np.uint8) for i in range(8)]
    examples = from_arrays(image=np.stack(values), label=list("abababab"))
    prepared = prepare(examples, {"image": ImageColumn(size=(8, 8), channels=1)}, {"label": CategoryColumn()})
    column = prepared.inputs["image"]
    assert isinstance(column, ImageColumn)
    assert column.learned_range is None
    assert column.learned
    assert np.array_equal(column.encode(values[0])[..., 0], values[0])


def test_it_is_said_what_deep_pictures_use(tmp_path: Path) -> None:
    for i in range(20):
        (tmp_path / "ab"[i % 2]).mkdir(exist_ok=True)
        picture = np.random.default_rng(i).integers(900, 1301, (16, 16)).astype(np.uint16)
        Image.fromarray(picture).save(tmp_path / "ab"[i % 2] / f"{i}.png")
    examples = read_examples(tmp_path)
    columns = {"image": ImageColumn(size=(16, 16), channels=1)}, {"label": CategoryColumn()}
    findings = check_prepared(prepare(examples, *columns))
    (deep,) = (f for f in findings if f.code == "deep")
    assert deep.message.startswith(
        "20 pictures have 16 bits and use 900 to 1,300 of 65,535; black is 900 and white 1,300"
    )
    assert not any(f.code == "blank" for f in findings)
    told = {"image": ImageColumn(size=(16, 16), channels=1, value_range=(0, 2000))}
    prepared = prepare(examples, told, columns[1])
    assert prepared.arrays["image"].take(np.arange(20)).max() == 1300 * 255 // 2000


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 60_000), st.integers(20, 5000), st.integers(0, 3))
def test_a_few_dead_pixels_do_not_change_the_range(low: int, width: int, dead: int) -> None:
    values = np.random.default_rng(low).integers(low, low + width + 1, 10_000).astype(np.uint16)
    values[:2] = low, low + width
    hurt = values.copy()
    hurt[100 : 100 + dead] = 65_535
    found = used_range(hurt)
    assert abs(found[0] - low) <= 0.01 * width
    assert (
        (found[1] == 65_535 and dead)
        or abs(found[1] - low - width) <= 0.01 * width
        or 8 * width > 65_535 - low
    )
    lows, highs = np.full(500, found[0]), np.full(500, found[1])
    assert common_range(lows, highs)[1] > common_range(lows, highs)[0]


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (np.full((8, 8), 200, np.uint16), "taken for 0 to 255"),
        (np.arange(64, dtype=np.uint16).reshape(8, 8) * 60, "taken for 0 to 4,095"),
        (np.arange(64, dtype=np.uint16).reshape(8, 8) * 1040, ""),
        (np.arange(64, dtype=np.uint8).reshape(8, 8), ""),
    ],
)
def test_where_no_deep_picture_was_learned_from_it_is_said_how_it_was_taken(value: Array, said: str) -> None:
    column = ImageColumn(size=(8, 8), channels=1, mean=(0.5,), std=(0.2,))
    encoded, facts = column.encode_with_facts(value)
    assert encoded.max() > 180 or value.dtype == np.uint8
    assert said in "".join(column.remarks_on(facts))
    assert bool(said) == bool(column.remarks_on(facts))


def test_values_outside_of_what_was_learned_are_said() -> None:
    column = ImageColumn(size=(8, 8), channels=1, mean=(0.5,), std=(0.2,), learned_range=(900.0, 1300.0))
    _, facts = column.encode_with_facts(np.arange(64, dtype=np.uint16).reshape(8, 8))
    assert column.remarks_on(facts) == (
        "its values from 0 to 63 are outside of 900 to 1,300, which were learned from",
    )
