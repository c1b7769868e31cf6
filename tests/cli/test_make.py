"""``hornbook make`` as a user types it."""

from __future__ import annotations

from pathlib import Path

import pytest

from hornbook.cli.main import main


def test_pictures_and_sounds_are_made(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["make", "captcha", "mine", "--count", "5", "--size", "60x30", "--format", "gif"]) == 0
    assert len(list((here / "mine").glob("*.gif"))) == 5
    assert "made 5 pictures in mine" in capsys.readouterr().err
    assert main(["make", "audio-captcha", "said", "--count", "2", "--length", "1-2"]) == 0
    assert len(list((here / "said").glob("*.wav"))) == 2


def test_texts_are_a_table(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["make", "reverse", "a.csv", "--count", "3", "--length", "2-5", "--alphabet", "xyz"]) == 0
    head, *rows = (here / "a.csv").read_text("utf-8").splitlines()
    assert head == "text,reversed" and len(rows) == 3
    assert all(row.split(",")[0] == row.split(",")[1][::-1] for row in rows)
    assert main(["make", "dates", "a.csv"]) in (1, 2)
    assert "is there already" in capsys.readouterr().err
    assert main(["make", "dates", "a.csv", "--force", "--count", "2", "--seed", "3"]) == 0
    assert (here / "a.csv").read_text("utf-8").startswith("said,date\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["captcha", "new", "--length", "6-4"], "runs backwards"),
        (["captcha", "new", "--length", "four"], "write 4, or 4-6"),
        (["captcha", "new", "--alphabet", "aa"], "'a' twice"),
        (["captcha", "new", "--size", "160"], "write them like 160x60"),
        (["captcha", "new", "--voices", "v"], "no meaning for captcha"),
        (["audio-captcha", "new", "--font", "f"], "no meaning for audio-captcha"),
        (["captcha", "new", "--font", "none.ttf"], "none.ttf is no font"),
        (["captchas", "new"], "invalid choice"),
        (["captcha", "new", "--count", "-3"], "at least one"),
        (["dates", "new"], "ends in .csv"),
        (["dates", "new.csv", "--length", "4"], "no meaning for dates"),
        (["reverse", "new.csv", "--length", "6-4"], "runs backwards"),
        (["reverse", "new.csv", "--jobs", "2"], "no meaning for reverse"),
    ],
)
def test_what_cannot_be_is_one_line(
    here: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["make", *words]) in (1, 2)
    error = capsys.readouterr().err
    assert error.startswith("error: ") and error.count("\n") == 1 and said in error
    assert not (here / "new").exists()
