from __future__ import annotations

import base64
import io
import json
import os
import sys
import textwrap
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from hornbook.cli.main import main
from hornbook.recognizer import inputs
from tests.conftest import Ran

Captured = pytest.CaptureFixture[str]


def give(monkeypatch: pytest.MonkeyPatch, data: bytes) -> None:
    """Put bytes on standard input."""
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(data)))


def test_a_line_for_each_picture_of_a_folder_aligned(world: Path, ran: Ran) -> None:
    said = ran(["predict", "runs/mine", "photo.jpg", "my_pictures"])
    lines = said.out.splitlines()
    assert len(lines) == 37
    assert said.err == ""
    assert lines[0].startswith("photo.jpg               ")
    assert lines[1].startswith(str(Path("my_pictures", "bar", "00.png")))
    assert {line.index(" %") for line in lines} == {lines[0].index(" %")}


def test_json_is_the_same_as_from_python(world: Path, ran: Ran) -> None:
    import hornbook

    line = ran(["predict", "runs/mine", "photo.jpg", "--json"]).out
    assert line.count("\n") == 1
    assert json.loads(line) == hornbook.load("runs/mine").predict("photo.jpg").to_json()
    found = json.loads(line)
    assert found["input"] == "photo.jpg"
    assert list(found["label"]) == ["value", "confidence", "top"]
    assert len(found["label"]["top"]) == 3


def test_top_and_abstain(world: Path, ran: Ran) -> None:
    words = ["predict", "runs/mine", "photo.jpg"]
    said = ran([*words, "--top", "2", "--abstain", "1"]).out
    assert said.startswith("photo.jpg  unsure  ")
    assert said.count("%") == 3
    assert ran([*words, "--top", "2"]).out.count("%") == 2
    found = json.loads(ran([*words, "--json", "--abstain", "1", "--top", "1"]).out)["label"]
    assert found["value"] is None
    assert len(found["top"]) == 1
    for wrong in (["--top", "0"], ["--abstain", "2"], ["--abstain", "-1"]):
        assert wrong[0] in ran([*words, *wrong], 2).err


def test_what_cannot_be_read_is_named_and_the_rest_predicted(world: Path, ran: Ran) -> None:
    folder = world / "mixed"
    folder.mkdir()
    (folder / "a.png").write_bytes((world / "photo.jpg").read_bytes())
    for name, data in (("b.png", b""), ("c.jpg", b"\xff\xd8\xff\xe0 cut"), ("d.png", b"<html>")):
        (folder / name).write_bytes(data)
    (folder / "notes.txt").write_text("not a picture by its name, so not looked at")
    (folder / ".hidden.png").write_bytes(b"")
    (world / "empty").mkdir()
    said = ran(["predict", "runs/mine", "mixed", "nowhere.png", "empty", "a" * 300 + ".png", "photo.jpg"], 1)
    assert "there is no picture in this folder" in said.err
    assert [line.split()[0] for line in said.out.splitlines()] == [str(Path("mixed", "a.png")), "photo.jpg"]
    bad = ["b.png", "c.jpg", "d.png", "nowhere.png", "empty", "aaa"]
    for error, name in zip(said.err.splitlines(), bad, strict=True):
        assert error.startswith("error: ")
        assert name in error


@pytest.mark.skipif(os.name == "nt", reason="names that Windows does not allow")
def test_a_hostile_name_does_not_reach_the_terminal(world: Path, capsys: Captured, ran: Ran) -> None:
    folder = world / "odd"
    folder.mkdir()
    picture = (world / "photo.jpg").read_bytes()
    (folder / "\x1b[2Ja\n.png").write_bytes(picture)
    (folder / "\u202egnp.png").write_bytes(b"nothing")
    with open(os.fsencode(folder) + b"/\xe9.png", "wb") as file:  # noqa: PTH123
        file.write(picture)
    said = ran(["predict", "runs/mine", "odd"], 1)
    assert "\x1b" not in said.out
    assert "\\x1b[2Ja\\n.png" in said.out
    assert "\\xe9.png" in said.out
    assert "\u202e" not in said.err
    assert main(["predict", "runs/mine", os.fsdecode(b"odd/\xe9.png"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["input"] == "odd/\udce9.png"


def test_patterns_are_expanded_where_the_shell_has_not(world: Path, ran: Ran) -> None:
    assert len(ran(["predict", "runs/mine", "my_pictures/*/00.png", "*.jpg"]).out.splitlines()) == 4
    assert "nothing*.png" in ran(["predict", "runs/mine", "nothing*.png"], 1).err
    (world / "[1].png").write_bytes((world / "photo.jpg").read_bytes())
    assert main(["predict", "runs/mine", "[1].png"]) == 0


def test_standard_input_is_a_picture_or_paths(world: Path, ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    give(monkeypatch, (world / "photo.jpg").read_bytes())
    from_input = json.loads(ran(["predict", "runs/mine", "-", "--json"]).out)
    named = json.loads(ran(["predict", "runs/mine", "photo.jpg", "--json"]).out)
    assert from_input == {**named, "input": "-"}
    for ends in (b"\n", b"\r\n", b"\0"):
        give(monkeypatch, ends.join([b"photo.jpg", b"my_pictures/bar", b""]))
        assert len(ran(["predict", "runs/mine", "-"]).out.splitlines()) == 13
    give(monkeypatch, b" \n")
    assert "neither a picture nor a path" in ran(["predict", "runs/mine", "-"], 2).err


def test_show_writes_what_the_network_was_given(world: Path, capsys: Captured) -> None:
    import hornbook

    (world / "sub").mkdir()
    (world / "sub" / "photo.png").write_bytes((world / "photo.jpg").read_bytes())
    assert main(["predict", "runs/mine", "photo.jpg", "sub", "--show", "seen/here"]) == 0
    assert "2 pictures in seen/here" in capsys.readouterr().err
    assert sorted(p.name for p in (world / "seen" / "here").iterdir()) == [
        "photo-2.seen.png",
        "photo.seen.png",
    ]
    page = np.asarray(Image.open(world / "seen" / "here" / "photo.seen.png").convert("L"))
    encoded = hornbook.load("runs/mine").encode("photo.jpg")["image"][..., 0]
    height, width = encoded.shape
    scale = 280 // max(height, width)
    # The right half holds every pixel of what was given as a square.
    square = page[12 : 12 + 280, -12 - width * scale : -12][scale // 2 :: scale, scale // 2 :: scale]
    assert np.array_equal(square[:height, :width], encoded)


def test_no_recognizer(world: Path, ran: Ran) -> None:
    for name in ("my_pictures", "nowhere", "photo.jpg"):
        assert ran(["predict", name, "photo.jpg"], 1).err.count("\n") == 1


def test_standard_input_that_is_no_list_of_paths_is_told_for_what_it_is(
    world: Path, ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = b"%PDF-1.7\n" + bytes(range(256)) * 40
    give(monkeypatch, page)
    said = ran(["predict", "runs/mine", "-"], 1).err.splitlines()
    assert len(said) == 1 and "is a PDF" in said[0]
    # Names may begin as files do.
    for name in ("BMW.png", "ID3.png", "GIF8.png"):
        (world / name).write_bytes((world / "photo.jpg").read_bytes())
    give(monkeypatch, b"BMW.png\nID3.png\nGIF8.png\n")
    assert main(["predict", "runs/mine", "-"]) == 0
    give(monkeypatch, b"ID3.png\nBMW.png\n")
    assert [line.split()[0] for line in ran(["predict", "runs/mine", "-"]).out.splitlines()] == [
        *("BMW.png", "ID3.png", "GIF8.png"),
        *("ID3.png", "BMW.png"),
    ]
    bitmap = io.BytesIO()
    Image.open("photo.jpg").save(bitmap, "BMP")
    give(monkeypatch, bitmap.getvalue())
    assert main(["predict", "runs/mine", "-"]) == 0


def test_a_folder_is_read_as_in_training(world: Path, ran: Ran) -> None:
    folder = world / "mixed"
    folder.mkdir()
    photo = (world / "photo.jpg").read_bytes()
    (folder / "a.png").write_bytes(photo)
    (folder / "no_ending").write_bytes(photo)
    for i in range(4):  # more sounds than pictures, and the recognizer is one of pictures
        (folder / f"{i}.wav").write_bytes(b"RIFF")
    (world / "elsewhere").mkdir()
    (world / "elsewhere" / "b.png").write_bytes(photo)
    linked = "link"
    try:
        (folder / linked).symlink_to(world / "elsewhere", target_is_directory=True)
    except OSError:
        (folder / linked).mkdir()
        (folder / linked / "b.png").write_bytes(photo)
    said = [line.split()[0] for line in ran(["predict", "runs/mine", "mixed"]).out.splitlines()]
    assert said == [str(Path("mixed", name)) for name in ("a.png", "link/b.png", "no_ending")]
    for pattern in ("elsewhere*/**", "./elsewhere*/**"):
        assert len(ran(["predict", "runs/mine", pattern]).out.splitlines()) == 1


@pytest.mark.skipif(os.name == "nt", reason="links need rights on Windows")
def test_what_is_no_picture_and_cannot_be_read_is_no_failure(world: Path, ran: Ran) -> None:
    (world / "my_pictures" / "again").symlink_to(world / "my_pictures" / "bar", target_is_directory=True)
    (world / "my_pictures" / "notes").symlink_to(world / "gone")
    assert len(ran(["predict", "runs/mine", "my_pictures"]).out.splitlines()) == 36
    (world / "my_pictures" / "lost.png").symlink_to(world / "gone.png")
    assert "lost.png" in ran(["predict", "runs/mine", "my_pictures"], 1).err


def test_a_picture_that_cannot_be_shown_does_not_stop_the_rest(
    world: Path, ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    from hornbook.errors import DataError
    from hornbook.render import gallery as seen

    long = "b" * 240 + ".jpg"
    (world / long).write_bytes((world / "photo.jpg").read_bytes())
    assert main(["predict", "runs/mine", long, "photo.jpg", "--show", "seen"]) == 0
    assert sorted(len(path.name) for path in (world / "seen").iterdir()) == [len("photo.seen.png"), 209]

    def broken(*_: object) -> Image.Image:
        raise DataError("photo.jpg is odd")

    monkeypatch.setattr(seen, "beside", broken)
    said = ran(["predict", "runs/mine", "photo.jpg", "my_pictures/bar/00.png", "--show", "seen"], 1)
    assert "00.png" in said.out and said.err.count("photo.jpg is odd") == 2


def test_a_folder_that_cannot_be_read_is_a_failure(
    world: Path, ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    scandir = os.scandir

    def refused(path: str) -> object:
        if str(path).endswith("ring"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refused)
    said = ran(["predict", "runs/mine", "my_pictures"], 1)
    assert len(said.out.splitlines()) == 24
    assert "ring: the folder cannot be read (permission denied)" in said.err


def test_names_from_a_pipe_of_another_encoding_are_no_traceback(
    world: Path, ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    def strict(name: bytes) -> str:
        return name.decode("utf-8")  # as on Windows

    monkeypatch.setattr(os, "fsdecode", strict)
    monkeypatch.setattr(inputs, "CONSOLE", "cp437")
    (world / "grün.png").write_bytes((world / "my_pictures" / "bar" / "00.png").read_bytes())
    give(monkeypatch, "grün.png\n".encode("cp437"))
    assert ran(["predict", "runs/mine", "-"]).out.startswith("grün.png")


def test_a_table_of_paths_and_answers_in_a_table(world: Path, ran: Ran) -> None:
    (world / "new.csv").write_text(
        "id,file,note\n007,photo.jpg,a\n8,my_pictures/bar/00.png,\n9,gone.png,c\n", "utf-8"
    )
    said = ran(["predict", "runs/mine", "new.csv"], 1)
    alone = ran(["predict", "runs/mine", "photo.jpg", "my_pictures/bar/00.png"])
    assert said.out == alone.out
    assert "new.csv row 3: there is no file 'gone.png'" in said.err
    ran(["predict", "runs/mine", "new.csv", "--out", "out.csv"], 1)
    rows = (world / "out.csv").read_text("utf-8").splitlines()
    assert rows[0] == "id,file,note,label,label_confidence,remarks"
    assert rows[1].startswith("007,photo.jpg,a,") and len(rows) == 3
    said = ran(["predict", "runs/mine", "my_pictures", "photo.jpg", "--out", "out.csv"])
    assert said.out == "" and "37 answers: out.csv" in said.err
    rows = (world / "out.csv").read_text("utf-8").splitlines()
    assert rows[0] == "image,label,label_confidence,remarks" and len(rows) == 38
    (world / "names.csv").write_text("id\n00\ngone\n01\n", "utf-8")
    for name in ("00", "01"):
        (world / f"{name}.png").write_bytes(Path(f"my_pictures/bar/{name}.png").read_bytes())
    ran(["predict", "runs/mine", "names.csv", "--out", "out.csv"], 1)
    rows = (world / "out.csv").read_text("utf-8").splitlines()
    assert [row.split(",")[0] for row in rows] == ["id", "00", "01"]  # as they are in the table
    (world / "no.csv").write_text("a,b\n1,2\n", "utf-8")
    assert "no column names pictures or holds their pixels" in ran(["predict", "runs/mine", "no.csv"], 1).err


def test_a_table_of_pixels_is_answered_as_its_pictures(world: Path, ran: Ran) -> None:
    pixels = np.asarray(Image.open("my_pictures/bar/00.png").convert("RGB"))
    side = min(pixels.shape[:2])
    Image.fromarray(pixels[:side, :side]).save("one.png")
    names = ",".join(f"pixel{i}" for i in range(side * side * 3))
    flat = ",".join(map(str, pixels[:side, :side].reshape(-1).tolist()))
    (world / "pixels.csv").write_text(f"{names}\n{flat}\n", "utf-8")
    table, alone = (
        json.loads(ran(["predict", "runs/mine", n, "--json"]).out) for n in ("pixels.csv", "one.png")
    )
    assert table["input"] == "pixels.csv row 1"
    assert table["label"] == alone["label"]
    ran(["predict", "runs/mine", "pixels.csv", "--out", "out.csv"])
    assert (world / "out.csv").read_text("utf-8").startswith("row,label,label_confidence,remarks\n1,")


@pytest.mark.parametrize("form", ["{}", "data:image/jpeg;base64,{}", "wrapped"])
def test_a_picture_in_base64(form: str, world: Path, ran: Ran, monkeypatch: pytest.MonkeyPatch) -> None:
    import hornbook

    text = base64.b64encode(Path("photo.jpg").read_bytes()).decode()
    wanted = json.loads(ran(["predict", "runs/mine", "photo.jpg", "--json"]).out)["label"]
    said = "\n".join(textwrap.wrap(text, 76)) if form == "wrapped" else form.format(text)
    give(monkeypatch, said.encode())
    found = json.loads(ran(["predict", "runs/mine", "-", "--json"]).out)
    assert (found["input"], found["label"]) == ("-", wanted)
    answer = hornbook.load("runs/mine").predict(said)
    assert (answer.input, answer.to_json()["label"]) == ("[0]", wanted)
    if form != "wrapped":
        give(monkeypatch, f"{said}\nphoto.jpg\n".encode())
        lines = ran(["predict", "runs/mine", "-"]).out.splitlines()
        assert [line.split("  ")[0] for line in lines] == ["line 1", "photo.jpg"]
    give(monkeypatch, ("A" * 300).encode())
    assert len(ran(["predict", "runs/mine", "-"], 1).err) < 400
