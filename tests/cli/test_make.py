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
    ],
)
def test_what_cannot_be_is_one_line(
    here: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    assert main(["make", *words]) in (1, 2)
    error = capsys.readouterr().err
    assert error.startswith("error: ") and error.count("\n") == 1 and said in error
    assert not (here / "new").exists()
