"""``hornbook faces``: what is printed and written, what several recognizers say, and what cannot be."""

from __future__ import annotations

import contextlib
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hornbook.cli.shown.faces_film import FilmOptions, _Kept
from hornbook.columns.base import Array
from hornbook.columns.image.face.faces import Face
from hornbook.columns.prediction import Prediction
from hornbook.recognizer.faces.answers import Read
from hornbook.recognizer.writing.follow import Seen, Track
from hornbook.render.boxes import Marked, draw_boxes, lacking
from hornbook.sources.film.open import open_film
from hornbook.sources.film.write import FilmWriter
from tests.conftest import Ran


def pixels(path: Path) -> Array:
    with Image.open(path) as picture:
        return np.asarray(picture)


@pytest.fixture
def photos(here: Path, shared: Path) -> Path:
    """Return the current folder with three photos; the detectors' files are in ``models``."""
    (here / "models").symlink_to(shared / "models")
    with Image.open(shared / "faces" / "two_people.jpg") as two:
        two.resize((563, 330)).save(here / "two.jpg")
    shutil.copy(shared / "faces" / "dogs.jpg", here / "dogs.jpg")
    return here


def test_a_line_for_each_face_and_one_for_none(photos: Path, ran: Ran) -> None:
    lines = ran(["faces", "two.jpg", "dogs.jpg", "--weights", "models"]).out.splitlines()
    assert [line.split("  ")[0] for line in lines] == ["two.jpg", "two.jpg", "dogs.jpg"]
    assert lines[2] == "dogs.jpg  no face"


def test_json_pictures_and_crops(photos: Path, ran: Ran) -> None:
    words = [
        "faces",
        "two.jpg",
        "--weights",
        "models",
        "--json",
        "--eyes",
        "--out",
        "found",
        "--crops",
        "cut",
    ]
    said = ran(words)
    one = json.loads(said.out)
    assert one["size"] == [563, 330]
    assert len(one["faces"]) == 2
    for face in one["faces"]:
        left, top, width, height = face["box"]
        assert all(left < x < left + width and top < y < top + height for x, y in face["points"].values())
        assert len(face["eyes"]) == 2
    assert said.err == "2 faces in 1 picture: drawn into found, cut out into cut\n"
    drawn = pixels(photos / "found" / "two.faces.jpg").astype(int)
    changed = np.abs(drawn - pixels(photos / "two.jpg")).max(2) > 60
    left, top, width, height = (round(v) for v in one["faces"][0]["box"])
    assert changed[top : top + height, left - 3 : left + 4].any(1).mean() > 0.9
    assert [pixels(photos / "cut" / f"two.{i}.png").shape for i in (1, 2)] == [(224, 224, 3)] * 2


@pytest.mark.parametrize(
    "both", [["--with", "runs/one", "runs/two"], ["--with", "runs/one", "--with", "runs/two"]]
)
def test_several_recognizers_in_one_pass(both: list[str], photos: Path, finished: Path, ran: Ran) -> None:
    for name in ("one", "two"):
        shutil.copytree(finished, photos / "runs" / name)
    words = ["faces", "two.jpg", "--weights", "models", *both, "--json"]
    for face in json.loads(ran(words).out)["faces"]:
        assert list(face["answers"]) == ["one/label", "two/label"]
        assert face["answers"]["one/label"] == face["answers"]["two/label"]
        assert face["answers"]["one/label"]["value"] in ("bar", "box", "ring")


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        ([], 2, "there is nothing to look at"),
        (["two.jpg", "--smallest", "0"], 2, "--smallest is 0, but it is a number of pixels"),
        (["two.jpg", "--score", "2"], 2, "--score is 2, but it is a probability"),
        (["two.jpg", "--detector", "yolo"], 2, "invalid choice"),
        (["two.jpg", "--weights", "two.jpg"], 1, "two.jpg is not face_detection_yunet_2023mar.onnx"),
        (["two.jpg", "--with", "none"], 1, "none does not exist"),
        (["none.jpg"], 1, "none.jpg"),
        (["models/age_deploy.prototxt"], 1, "is no picture"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    photos: Path, ran: Ran, words: list[str], status: int, said: str
) -> None:
    weights = [] if "--weights" in words else ["--weights", "models"]
    told = ran(["faces", *words, *weights], status)
    assert said in told.err
    assert told.err.count("\n") == 1


def test_a_writing_that_no_font_has_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hornbook.render.gallery.FONTS", ())
    assert lacking(["woman", "女"]) == "女"
    picture = draw_boxes(np.zeros((60, 80, 3), np.uint8), [Marked((10, 10, 30, 30), ["女 98 %"])])
    assert np.asarray(picture).max() > 200


@pytest.mark.parametrize(("value", "times"), [("女", 1), ("woman", 0)])
def test_of_a_film_it_is_said_once(
    here: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    value: str,
    times: int,
) -> None:
    monkeypatch.setattr("hornbook.render.gallery.FONTS", ())
    frame = np.zeros((96, 128, 3), np.uint8)
    with FilmWriter(Path("a.mp4"), 10.0, (128, 96)) as writer:
        for _ in range(3):
            writer.add(frame)
    face = Face(20, 20, 40, 40, 0.9)
    track = Track(1, face, 0, 0, read=Read({"gender": Prediction(value, 0.98)}))
    asked = FilmOptions("found", False, 24.0, 1, 0.0, None, "")
    with open_film(Path("a.mp4")) as film, contextlib.ExitStack() as files:
        kept = _Kept(film, "a", asked, files)
        for number in range(3):
            kept.add(number, frame, [Seen(track, face, True)])
    assert capsys.readouterr().err.count("no installed font has the characters of") == times
