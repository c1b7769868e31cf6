"""``style``: photos painted at their size, alone and in folders; what cannot be is one sentence."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from hornbook.cli.main import main
from hornbook.cli.shown.painted_photo import paint_photo
from hornbook.errors import DataError, UsageError
from hornbook.recognizer import paint
from hornbook.recognizer.paint import Painter, Paints, Step
from hornbook.recognizer.paint_steady import Steady
from hornbook.sources.backbones import fetch_weights, find_weights
from hornbook.sources.film.open import open_film
from hornbook.sources.film.write import FilmWriter
from hornbook.training import paint as by_steps

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


def film(path: Path, frames: list[np.ndarray]) -> Path:
    with FilmWriter(path, 10.0, (frames[0].shape[1], frames[0].shape[0])) as writer:
        for frame in frames:
            writer.add(frame)
    return path


def read(path: Path) -> list[np.ndarray]:
    with open_film(path) as found:
        return list(found.frames())


def test_a_film_is_painted_frame_by_frame_at_its_rate(
    pictures: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    photo = np.asarray(Image.open(pictures / "photo.png"))
    clip = film(pictures / "clip.mp4", [np.roll(photo, i, 1) for i in range(5)])
    style = ["--style", str(pictures / "style.png")]
    assert main(["style", str(clip), *style, "--size", "64", "--out", str(pictures / "o.mp4")]) == 0
    assert [f.shape for f in read(pictures / "o.mp4")] == [(44, 64, 3)] * 5
    assert (
        main(
            [
                "style",
                str(clip),
                str(pictures / "photo.png"),
                *style,
                "--size",
                "64",
                "--out",
                str(pictures / "all"),
            ]
        )
        == 0
    )
    assert {p.name for p in (pictures / "all").iterdir()} == {"clip.painted.mp4", "photo.painted.png"}
    capsys.readouterr()
    assert main(["style", str(clip), *style, "--out", str(pictures / "o.png")]) == 2
    assert "for 1 film name a folder, for one a file that ends in .mp4" in capsys.readouterr().err
    (pictures / "none.mp4").write_bytes(b"no film at all")
    assert main(["style", str(pictures / "none.mp4"), *style, "--out", str(pictures / "p.mp4")]) == 1
    assert "is no film that can be read" in capsys.readouterr().err
    assert not (pictures / "p.mp4").exists()


def noisy(count: int, cut: int = 10**6) -> list[np.ndarray]:
    y, x = np.mgrid[:96, :128]
    one = np.stack([128 + 60 * np.sin(x / 9 + k) * np.cos(y / 7) for k in range(3)], -1)
    grain = np.random.default_rng(3)
    return [
        np.clip((one if i < cut else 255 - one[::-1]) + grain.normal(0, 2, one.shape), 0, 255).astype(
            np.uint8
        )
        for i in range(count)
    ]


def by_grain(frame: np.ndarray) -> np.ndarray:
    """A painter that answers grain with other strokes, as nets do."""
    strokes = np.random.default_rng(int(frame.astype(int).sum())).integers(-60, 60, frame.shape)
    return np.clip(frame + strokes, 0, 255).astype(np.uint8)


def flicker(frames: list[np.ndarray]) -> float:
    return float(np.mean([np.abs(a.astype(float) - b).mean() for a, b in pairwise(frames)]))


def test_what_stands_still_in_a_film_stands_still_in_the_painting() -> None:
    frames, steady = noisy(8), Steady(by_grain)
    bare = [by_grain(f) for f in frames]
    held = [steady.next(f) for f in frames]
    assert flicker(bare) > 30 and flicker(held) < flicker(frames)


def test_a_new_scene_is_painted_anew() -> None:
    frames, steady = noisy(6, cut=4), Steady(lambda frame: frame)
    held = [steady.next(f) for f in frames]
    assert (
        np.abs(held[4].astype(float) - frames[4]).mean()
        < 4
        < np.abs(frames[4].astype(float) - frames[3]).mean()
    )


def test_a_slow_change_of_light_comes_through() -> None:
    frames = [np.full((64, 64, 3), 40 + i, np.uint8) for i in range(60)]
    steady = Steady(lambda frame: frame)
    held = [steady.next(f) for f in frames]
    assert abs(float(held[-1].mean()) - 99) < 10


def test_by_optimization_the_strokes_come_and_the_content_stays(
    pictures: Path, shared: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    torch.set_num_threads(1)
    for name, value in (("STEPS", 12), ("LEAST_STEPS", 6), ("FIRST", 64)):
        monkeypatch.setattr(by_steps, name, value)
    weights = shared / "backbones"
    out = pictures / "out.png"
    words = ["style", str(pictures / "photo.png"), "--style", str(pictures / "style.png"), "--out", str(out)]
    words += ["--by", "optimization", "--weights", str(weights)]
    monkeypatch.setattr("hornbook.cli.shown.painted_photo.PREVIEW", 0.0)
    assert main(words) == 0
    with Image.open(out) as found:
        assert found.size == (120, 80)
    first = out.read_bytes()
    assert main(words) == 0
    assert out.read_bytes() == first
    path = find_weights("mobilenet_v2", str(weights))
    assert path is not None
    steps = list(by_steps.Optimized(pictures / "style.png", path).steps(pictures / "photo.png"))
    assert steps[11].loss < steps[0].loss / 2 and steps[-1].done == 1
    assert [s.painted.shape for s in (steps[0], steps[-1])] == [(40, 60, 3), (80, 120, 3)]
    weak = by_steps.Optimized(pictures / "style.png", path, 0.1).paint(pictures / "photo.png")
    photo = np.asarray(Image.open(pictures / "photo.png"), float)
    far = [np.abs(np.asarray(p, float) - photo).mean() for p in (weak, Image.open(out))]
    assert far[0] < far[1]
    for options, said in (
        (["clip.mp4", "--out", "x.mp4"], "--by optimization is for photos"),
        (["photo.png", "--weights", "none.pth", "--out", "x.png"], "none.pth"),
    ):
        monkeypatch.chdir(pictures)
        assert main(["style", *options, "--style", "style.png", "--by", "optimization"]) != 0
        assert said in capsys.readouterr().err


def test_weights_that_cannot_be_had_are_told_with_the_option_that_names_them(
    pictures: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HORNBOOK_CACHE", str(pictures / "cache"))
    monkeypatch.setenv("HORNBOOK_OFFLINE", "1")
    monkeypatch.chdir(pictures)
    assert main(["style", "photo.png", "--style", "style.png", "--by", "optimization", "--out", "o.png"]) == 1
    said = capsys.readouterr().err
    assert "--weights DIR" in said and "network." not in said
    with pytest.raises(DataError) as error:
        fetch_weights("mobilenet_v2", "")
    assert "put them into" in str(error.value) and "DIR" not in str(error.value)


def test_what_is_stopped_is_kept_as_far_as_it_is(
    pictures: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Stopped(Paints):
        def steps(self, photo: object, size: int = 1024) -> Iterator[Step]:
            yield Step(0.3, 1.0, np.full((4, 6, 3), 9, np.uint8))
            raise KeyboardInterrupt

    out = pictures / "out.png"
    with pytest.raises(KeyboardInterrupt):
        paint_photo(Stopped(pictures / "style.png"), pictures / "photo.png", 64, out)
    with Image.open(out) as found:
        assert found.size == (6, 4)
    assert "stopped at 30%; it holds what there was" in capsys.readouterr().err


def test_a_broken_photo_is_named_once_and_a_place_that_cannot_be_written_is_told_as_such(
    pictures: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(pictures)
    Path("broken.jpg").write_text("no picture")
    style = ["--style", "style.png", "--size", "32", "--out"]
    assert main(["style", "broken.jpg", *style, "o.png"]) == 1
    assert capsys.readouterr().err.count("broken.jpg") == 1
    Path("file").write_text("no folder")
    clip = film(pictures / "clip.mp4", [np.asarray(Image.open("photo.png"))] * 2)
    for words in (["photo.png", "style.png", *style, "file"], [str(clip), *style, "file/o.mp4"]):
        assert main(["style", *words]) != 0
        said = capsys.readouterr().err
        assert "cannot be written" in said and "codec" not in said, said
