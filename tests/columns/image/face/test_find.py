"""Faces are found, also small ones, and nothing else is; what detectors and files are wrong is said."""

from __future__ import annotations

import contextlib
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import hornbook
from hornbook.columns.image.face import weights as pinned
from hornbook.columns.image.face.faces import MOST, Face, best_of, boxes_of, overlaps
from hornbook.columns.image.face.find import finder
from hornbook.columns.image.face.loosened import loosened
from hornbook.columns.image.face.upright import MEAN, cut_out, points_of, similarity
from hornbook.columns.image.face.weights import FILES, fetch_detector, weights_of
from hornbook.errors import DataError

GROUPS = ("2007_007763.jpg", "2008_001009.jpg", "2008_001322.jpg", "2008_002079.jpg")


@pytest.fixture(scope="module")
def models(shared: Path) -> str:
    return str(shared / "models")


def test_the_marked_faces_of_group_photos_are_found_and_no_others(shared: Path, models: str) -> None:
    marks = ET.parse(shared / "faces" / "group_boxes.xml")
    marked = found = false = 0
    for image in marks.iter("image"):
        boxes = np.array(
            [[float(b.get(k, 0)) for k in ("left", "top", "width", "height")] for b in image.iter("box")]
        )
        faces = hornbook.find_faces(shared / "faces" / str(image.get("file")), weights=models)
        shares = overlaps(boxes, boxes_of(faces))
        marked += len(boxes)
        found += int((shares.max(1) > 0.5).sum())
        false += int((shares.max(0) < 0.3).sum())
    assert (marked, found, false) == (18, 18, 0)


@pytest.mark.parametrize(("name", "count"), [("dogs.jpg", 0), ("solvay_1927.jpg", 29), ("bald_guys.jpg", 24)])
def test_a_crowd_is_counted_and_dogs_are_none(shared: Path, models: str, name: str, count: int) -> None:
    assert len(hornbook.find_faces(shared / "faces" / name, weights=models)) == count


def test_boxes_and_points_stand_where_the_face_is(shared: Path, models: str) -> None:
    with Image.open(shared / "faces" / "obama.jpg") as opened:
        picture = opened.convert("RGB")
    (face,) = hornbook.find_faces(picture, weights=models)
    right_eye, left_eye, nose, *mouth = face.points
    assert right_eye[0] < nose[0] < left_eye[0]
    assert max(right_eye[1], left_eye[1]) < nose[1] < min(y for _, y in mouth)
    assert all(face.left < x < face.left + face.width for x, _ in face.points)
    small = picture.resize((picture.width // 4, picture.height // 4))
    (again,) = hornbook.find_faces(small, weights=models)
    assert overlaps(boxes_of([face]), boxes_of([again.scaled(4)]))[0, 0] > 0.8
    assert hornbook.find_faces(picture, weights=models, smallest=face.size * 2) == []


@pytest.mark.parametrize("detector", ["haar", "ssd"])
def test_the_other_detectors_find_a_portrait_too(shared: Path, models: str, detector: str) -> None:
    with Image.open(shared / "faces" / "biden.jpg") as portrait:
        picture = portrait.resize((portrait.width // 3, portrait.height // 3))
    other = hornbook.find_faces(picture, detector=detector, weights=models, score=0.5)  # type: ignore[arg-type]
    assert overlaps(boxes_of(hornbook.find_faces(picture, weights=models)), boxes_of(other)).max() > 0.4


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (3000, 2), (40, 40)])
def test_any_shape_can_be_looked_at(models: str, shape: tuple[int, int]) -> None:
    assert hornbook.find_faces(np.full(shape, 200, np.uint8), weights=models) == []


def test_ten_thousand_boxes_are_few() -> None:
    place = np.random.default_rng(0).uniform(0, 50, (10_000, 2))
    groups = best_of(np.c_[place, np.full((10_000, 2), 20.0)], np.linspace(1, 0.5, 10_000), overlap=0.99)
    assert len(groups) == MOST
    assert groups[0][0] == 0


def test_a_face_is_cut_out_upright() -> None:
    """A drawn face that is turned by 30 degrees has its points, cut out, where those of all faces are."""
    turn = np.exp(1j * np.radians(30))
    points = (MEAN[:, 0] + 1j * MEAN[:, 1]) * 80 * turn + (120 + 60j)
    face = Face(60, 60, 90, 90, 1.0, tuple((float(p.real), float(p.imag)) for p in points))
    picture = np.zeros((240, 240, 3), np.uint8)
    for p in points:
        picture[int(p.imag) - 3 : int(p.imag) + 4, int(p.real) - 3 : int(p.real) + 4] = 255
    cut = cut_out(picture, face, (90, 90), 0.25)
    assert cut.shape == (90, 90, 3)
    for x, y in (MEAN + 0.25) / 1.5 * 90:
        assert cut[round(y), round(x), 0] > 150
    move = similarity(points_of(face), (90, 90), 0.25)
    assert move[:, :2] @ move[:, :2].T == pytest.approx(np.eye(2) * np.linalg.det(move[:, :2]), abs=1e-9)


# ---- files of detectors ----------------------------------------------------------------------------


def test_a_file_of_another_kind_is_said(tmp_path: Path) -> None:
    other = tmp_path / "other.onnx"
    other.write_bytes(b"x" * FILES["yunet"][0].size)
    with pytest.raises(DataError, match=r"other\.onnx is not face_detection_yunet_2023mar\.onnx.*SHA-256"):
        weights_of("yunet", str(other))
    other.write_bytes(b"short")
    with pytest.raises(DataError, match="5 bytes and not 232,589"):
        weights_of("yunet", str(other))
    with pytest.raises(DataError, match=r"no face_detection_yunet_2023mar\.onnx in this folder"):
        weights_of("yunet", str(tmp_path))
    with pytest.raises(DataError, match="cannot be read"):
        weights_of("yunet", str(tmp_path / "none.onnx"))


def test_without_a_network_it_is_said_what_to_put_where(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared: Path
) -> None:
    monkeypatch.setenv("HORNBOOK_CACHE", str(tmp_path))
    with pytest.raises(DataError, match=r"put it into .*detectors: https://") as error:
        fetch_detector("yunet")
    folder = Path(str(error.value).partition("put it into ")[2].partition(": https")[0])
    folder.mkdir(parents=True)
    name = pinned.YUNET.name
    (folder / name).write_bytes((shared / "models" / name).read_bytes())
    assert fetch_detector("yunet") == folder
    assert finder("yunet").find(np.zeros((9, 9, 3), np.uint8)) == []


@pytest.mark.parametrize("damaged", [b"", b"\x3a\xff", b"\x3a\x05abc", b"\x07", b"\x80" * 20])
def test_a_damaged_network_is_no_crash(damaged: bytes) -> None:
    with contextlib.suppress(ValueError):
        assert loosened(damaged) == damaged
