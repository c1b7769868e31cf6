"""``fit = "face"``: the same face in training and in use, and the detector stands in the recognizer."""

from __future__ import annotations

import base64
import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hornbook.columns.image.column import ImageColumn
from hornbook.columns.kinds import column_from_json
from hornbook.errors import DataError, RecognizerError


def photo(path: Path) -> Image.Image:
    with Image.open(path) as opened:
        return opened.convert("RGB")


@pytest.fixture(scope="module")
def column(shared: Path) -> ImageColumn:
    new = ImageColumn(size=(64, 64), fit="face", weights=str(shared / "models"))
    return new.measure(iter([np.zeros((1, 64, 64, 3), np.uint8), np.full((1, 64, 64, 3), 9, np.uint8)]))


def test_what_is_needed_stands_in_the_column(column: ImageColumn, shared: Path) -> None:
    again = column_from_json(json.loads(json.dumps(column.to_json())))
    assert again == column
    assert column.weights == ""
    picture = shared / "faces" / "two_people.jpg"
    new = ImageColumn(size=(64, 64), fit="face", weights=str(shared / "models"))
    assert np.array_equal(again.encode(picture), new.encode(picture))
    assert len(repr(column)) < 500


def test_the_face_is_found_wherever_it_is(column: ImageColumn, shared: Path) -> None:
    portrait = photo(shared / "faces" / "biden.jpg").resize((485, 1102))
    first, facts = column.encode_with_facts(portrait)
    assert facts.things == 1
    page = Image.new("RGB", (1600, 1300), "grey")
    page.paste(portrait, (900, 100))
    second = column.encode(page.rotate(14, Image.Resampling.BICUBIC))
    whole = dataclasses.replace(column, fit="crop").encode(portrait)
    assert np.abs(first.astype(int) - second).mean() < np.abs(first.astype(int) - whole).mean() / 3


def test_a_picture_without_a_face_is_taken_whole_or_named(column: ImageColumn, shared: Path) -> None:
    dogs = shared / "faces" / "dogs.jpg"
    found, facts = column.encode_with_facts(dogs, "dogs.jpg")
    assert np.array_equal(found, dataclasses.replace(column, fit="crop").encode(np.asarray(photo(dogs))))
    assert column.remarks_on(facts) == ("no face was found, and the whole picture was read",)
    with pytest.raises(DataError, match=r"dogs\.jpg: no face was found in it"):
        dataclasses.replace(column, no_face="leave out").encode(dogs, "dogs.jpg")


def test_of_several_the_one_that_is_meant(column: ImageColumn, shared: Path) -> None:
    two = photo(shared / "faces" / "two_people.jpg")
    found, facts = column.encode_with_facts(two)
    assert facts.things == 2
    assert column.remarks_on(facts) == ("several faces were found (2), and one was read",)
    page = Image.new("RGB", (two.width * 2, two.height))
    page.paste(two, (0, 0))
    nearest = dataclasses.replace(column, face="middle").encode(page)
    assert not np.array_equal(found, nearest)


def test_another_detector_in_a_recognizer_is_refused(column: ImageColumn) -> None:
    said = column.to_json()
    for other in ("", "?", base64.b64encode(b"\x08\x07" * 1000).decode()):
        with pytest.raises(RecognizerError, match="face detector that is not the known one"):
            column_from_json({**said, "detector": other})


def test_grey_pictures_have_grey_faces(column: ImageColumn, shared: Path) -> None:
    grey = dataclasses.replace(column, channels=1, mean=(0.5,), std=(0.2,))
    picture = photo(shared / "faces" / "obama.jpg").convert("L")
    assert grey.encode(picture).shape == (64, 64, 1)
