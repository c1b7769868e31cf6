"""``style``: photos painted at their size, alone and in folders; what cannot be is one sentence."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from hornbook.cli.main import main
from hornbook.errors import UsageError
from hornbook.recognizer import paint
from hornbook.recognizer.paint import Painter

RNG = np.random.default_rng(0)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    for name, size in (("photo", (120, 80)), ("style", (70, 70)), ("small", (200, 20))):
        y, x = np.mgrid[: size[1], : size[0]]
        waves = np.sin(x / 5)[..., None] * (60, 20, 90) + np.cos(y / 7)[..., None] * (20, 80, 30) + 128
        Image.fromarray(waves.astype(np.uint8)).save(tmp_path / f"{name}.png")
    Image.new("RGB", (50, 50), "red").save(tmp_path / "red.png")
    return tmp_path


def test_a_photo_is_painted_at_its_size_and_a_folder_into_another(pictures: Path) -> None:
    out = pictures / "out.jpg"
    options = ["--style", str(pictures / "style.png"), "--out"]
    assert main(["style", str(pictures / "photo.png"), *options, str(out), "--size", "64"]) == 0
    with Image.open(out) as found:
        assert found.size == (64, 44) and found.format == "JPEG"
    assert (
        main(
            ["style", str(pictures / "photo.png"), str(pictures / "red.png"), *options, str(pictures / "all")]
        )
        == 0
    )
    assert {p.name for p in (pictures / "all").iterdir()} == {"photo.painted.png", "red.painted.png"}


def test_strength_and_colours_do_what_they_say(pictures: Path) -> None:
    photo = np.asarray(Image.open(pictures / "photo.png"), float)
    full, none, kept = (
        np.asarray(Painter(pictures / "style.png", *how).paint(pictures / "photo.png"), float)
        for how in ((1.0, False), (0.0, False), (1.0, True))
    )
    own = np.asarray(Painter(pictures / "photo.png").paint(pictures / "photo.png"), float)
    assert np.abs(none - own).mean() < 2 < np.abs(full - photo).mean()

    def colours(p: object) -> np.ndarray:
        return np.asarray(Image.fromarray(np.asarray(p, np.uint8)).convert("YCbCr"), float)[..., 1:]

    assert np.abs(colours(kept) - colours(photo)).mean() < np.abs(colours(full) - colours(photo)).mean()


@pytest.mark.parametrize(
    ("options", "status", "said"),
    [
        (["photo.png", "--style", "red.png", "--out", "o.png"], 1, "the style is one colour"),
        (["small.png", "--style", "style.png", "--out", "o.png"], 1, "200 x 20 pixels, and at least 32"),
        (["photo.png", "--style", "style.png", "--out", "o.png", "--size", "9"], 2, "the size is 9"),
        (["photo.png", "--style", "style.png", "--out", "o.png", "--strength", "2"], 2, "strength is 2"),
        (["photo.png", "red.png", "--style", "style.png", "--out", "o.png"], 2, "for 2 photos name a folder"),
        (["photo.png", "--style", "none.png", "--out", "o.png"], 1, "none.png"),
    ],
)
def test_what_cannot_be_is_one_sentence(
    pictures: Path,
    options: list[str],
    status: int,
    said: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(pictures)
    assert main(["style", *options]) == status
    error = capsys.readouterr().err
    assert said in error and "Traceback" not in error


def test_another_net_is_refused(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(paint.FILES, "arbitrary_predict.onnx", "0" * 64)
    with pytest.raises(UsageError, match="is not the file that hornbook knows"):
        Painter(pictures / "style.png")
    monkeypatch.setattr(paint, "PACKAGE", "no_such_package")
    with pytest.raises(UsageError, match="needs a net for styles"):
        Painter(pictures / "style.png")
