"""Films: written and read again, broken ones as far as they go, and what is none is said."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from hornbook.errors import DataError, HornbookError
from hornbook.sources import read_examples
from hornbook.sources.film.open import open_camera, open_film
from hornbook.sources.film.write import FilmWriter
from tests.conftest import Ran
from tests.sources.film.make import film, frames, portrait

BRIGHT = [np.full((48, 64, 3), 20 * i, np.uint8) for i in range(12)]


@pytest.mark.parametrize("name", ["a.mp4", "a.avi"])
def test_what_is_written_is_read(tmp_path: Path, name: str) -> None:
    path = film(tmp_path / name, BRIGHT, 12.5)
    with open_film(path) as opened:
        again = list(opened.frames())
        assert (opened.size, opened.count, opened.rate) == ((64, 48), 12, 12.5)
    assert not opened.broke_off
    assert [abs(a.mean() - b.mean()) < 8 for a, b in zip(again, BRIGHT, strict=True)] == [True] * 12
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_colours_stay_in_their_order(tmp_path: Path) -> None:
    red = np.zeros((48, 64, 3), np.uint8)
    red[..., 0] = 200
    with open_film(film(tmp_path / "red.mp4", [red] * 3)) as opened:
        first = next(opened.frames()).mean((0, 1))
    assert first[0] > 150 > 60 > first[2]


def test_odd_sides_lose_a_line(tmp_path: Path) -> None:
    with open_film(film(tmp_path / "odd.mp4", [np.zeros((49, 65, 3), np.uint8)] * 2)) as opened:
        assert opened.size == (64, 48)


def test_a_cut_off_film_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 120, 160, 3), dtype=np.uint8)
    whole = film(tmp_path / "a.avi", list(noise))
    data = whole.read_bytes()
    whole.write_bytes(data[: len(data) // 2])
    with open_film(whole) as opened:
        read = sum(1 for _ in opened.frames())
        assert 5 < read < 36
        assert opened.broke_off or opened.count <= read + 5


@pytest.mark.parametrize(
    ("data", "said"),
    [(b"", "is empty"), (b"no film" * 99, "is no film that can be read"), (None, "no such film")],
)
def test_what_is_no_film_is_said(
    tmp_path: Path, data: bytes | None, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.mp4"
    if data is not None:
        path.write_bytes(data)
    with pytest.raises(DataError, match=said), open_film(path):
        pass
    assert capfd.readouterr().err == ""


def test_no_camera_is_said(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(DataError, match="camera 97 cannot be opened"), open_camera(97):
        pass
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(("name", "size"), [("a.gif", (64, 48)), ("a.mp4", (1, 1))])
def test_what_cannot_be_written_is_said(tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    with pytest.raises(HornbookError, match=name):
        FilmWriter(tmp_path / name, 25, size)
    assert not list(tmp_path.iterdir())


def test_a_film_without_a_frame_is_not_kept(tmp_path: Path) -> None:
    with FilmWriter(tmp_path / "a.mp4", 25, (64, 48)) as writer:
        pass
    assert not writer.close()
    assert not list(tmp_path.iterdir())


def test_frames_are_examples(tmp_path: Path) -> None:
    examples = read_examples(film(tmp_path / "a.avi", BRIGHT, 10))
    assert examples.table["seconds"].to_list()[:3] == [0.0, 0.1, 0.2]
    assert abs(np.asarray(examples.value("image", 7)).mean() - 140) < 8


def test_each_frame_is_answered(world: Path, ran: Ran) -> None:
    film(world / "clip.avi", frames(5))
    lines = ran(["predict", "runs/mine", "clip.avi"]).out.splitlines()
    assert [line.split("  ")[0].strip() for line in lines] == [f"clip.avi {i / 25:.2f} s" for i in range(5)]
    assert "one by one" in ran(["predict", "runs/mine", "clip.avi", "photo.jpg"], 2).err


# ---- faces in films --------------------------------------------------------------------------------


def test_a_face_is_one_track_through_a_film_and_two_after_a_cut(
    here: Path, shared: Path, finished: Path, ran: Ran
) -> None:
    one, two = (portrait(shared / "faces" / f"{n}.jpg") for n in ("obama", "biden"))
    gone = [np.zeros((180, 320, 3), np.uint8)] * 2
    there = frames(12, one)
    film(here / "clip.mp4", [*there[:7], *gone, *there[7:], *(f // 3 for f in frames(8, two))])
    (here / "models").symlink_to(shared / "models")
    words = ["faces", "clip.mp4", "--weights", "models", "--out", "found", "--with", str(finished)]
    said = ran(words)
    lines = said.out.splitlines()
    # The two black frames are a cut there and back.
    assert [line.split("  ")[1] for line in lines] == ["track 1", "track 2", "track 3"]
    assert "22 frames" in said.err
    assert "mp4v" in said.err or "H.264" in said.err
    with open_film(here / "found" / "clip.faces.mp4") as drawn:
        assert (drawn.size, drawn.count, drawn.rate) == ((320, 180), 22, 25.0)
    table = (here / "found" / "clip.tracks.csv").read_text().splitlines()
    assert table[0].endswith("score,seen,label,label confidence")
    tracks = [line.split(",")[2] for line in table[1:]]
    assert sorted(set(tracks)) == ["1", "2", "3"]


def test_a_face_that_is_hidden_for_a_moment_is_the_same_track(here: Path, shared: Path, ran: Ran) -> None:
    one = portrait(shared / "faces" / "obama.jpg")
    there, hidden = frames(14, one), frames(14)
    film(here / "clip.mp4", [*there[:5], *hidden[5:8], *there[8:]])
    (here / "models").symlink_to(shared / "models")
    out = ran(["faces", "clip.mp4", "--weights", "models"]).out
    assert out.count("\n") == 1
    assert "11 frames" in out


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (["x.mp4"], 1, "x.mp4 is no film that can be read"),
        (["x.mp4", "--every", "0"], 2, "--every is 0"),
        (["x.mp4", "--crops", "c"], 2, "--crops is for pictures"),
        (["--camera", "97"], 1, "camera 97 cannot be opened"),
    ],
)
def test_what_cannot_be_followed_is_one_sentence(
    here: Path, shared: Path, ran: Ran, words: list[str], status: int, said: str
) -> None:
    (here / "x.mp4").write_bytes(b"no film" * 99)
    told = ran(["faces", *words, "--weights", str(shared / "models")], status)
    assert said in told.err
    assert told.err.count("\n") == 1
