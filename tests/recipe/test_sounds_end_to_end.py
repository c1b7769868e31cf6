"""Sounds the whole way: read from wherever pictures are read, guessed, trained, killed, continued, predicted, shown."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np
import pytest

import hornbook
from hornbook.checks.check import check_prepared
from hornbook.cli.main import main
from hornbook.columns.audio.checks import Lengths
from hornbook.columns.audio.column import AudioColumn
from hornbook.columns.audio.files.open import wav
from hornbook.columns.category.column import CategoryColumn
from hornbook.common.progress import Silent
from hornbook.errors import DataError
from hornbook.examples import Examples
from hornbook.examples.prepare import prepare
from hornbook.recipe import Recipe
from hornbook.recipe.guess import guess
from hornbook.recipe.networks import Crnn
from tests.conftest import TINY
from tests.sources.make import tree, zipped
from tests.training.test_resume import KillAt, Killed, assert_same


def tone(hertz: float, seed: int, seconds: float | None = None, rate: int = 8000) -> bytes:
    """Return a WAV file of a tone with a little noise, half a second to a second and a half long."""
    rng = np.random.default_rng(seed)
    samples = int(rate * (rng.uniform(0.5, 1.5) if seconds is None else seconds))
    sound = 9000 * np.sin(2 * np.pi * hertz * np.arange(samples) / rate) + rng.normal(0, 300, samples)
    return wav(sound.astype(np.int16), rate, rate, 60)


HERTZ = {"low": 300, "mid": 900, "high": 2500}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return class folders of sounds, for reading only."""
    root = tmp_path_factory.mktemp("sounds") / "tones"
    for word, hertz in HERTZ.items():
        (root / word).mkdir(parents=True)
        for i in range(12):
            (root / word / f"{i:02d}.wav").write_bytes(tone(hertz, i))
    return root


def labels(examples: Examples) -> dict[str, str]:
    return dict(zip(examples.table["audio"], examples.table["label"], strict=True))


def test_sounds_are_read_and_shown_wherever_pictures_are(folder: Path, tmp_path: Path) -> None:
    examples = hornbook.read_examples(folder)
    assert labels(examples)["low/03.wav"] == "low"
    shown = examples._repr_html_()
    assert shown.count("data:image/png;base64,") + shown.count("data:image/jpeg;base64,") == 8
    files = {f"{word}/{i}.wav": tone(hertz, i) for word, hertz in HERTZ.items() for i in range(2)}
    inside = hornbook.read_examples(zipped(tmp_path / "tones.zip", files))
    assert labels(inside) == {name: name.partition("/")[0] for name in files}
    assert AudioColumn(sample_rate=8000).encode(inside.value("audio", 0)).any()
    flat = tree(tmp_path / "flat", {f"{word}_1.wav": tone(hertz, 0) for word, hertz in HERTZ.items()})
    wanted = {f"{word}_1.wav": word for word in HERTZ}
    assert labels(hornbook.read_examples(flat, pattern="{label}_{}.wav")) == wanted
    for name, between in (("labels.txt", " "), ("sounds.csv", ",")):
        lines = [f"{file}{between}{word}\n" for file, word in [("audio", "label"), *wanted.items()]]
        (flat / name).write_text("".join(lines))
        assert labels(hornbook.read_examples(flat / name)) == wanted
    with pytest.raises(DataError, match="is one sound"):
        hornbook.read_examples(flat / "low_1.wav")


def test_of_a_folder_that_mixes_both_the_kind_there_is_more_of_is_taken(folder: Path, tmp_path: Path) -> None:
    for i in range(3):
        (tmp_path / f"c{i % 2}").mkdir(exist_ok=True)
        (tmp_path / f"c{i % 2}" / f"{i}.wav").write_bytes(tone(500, i))
    (tmp_path / "c0" / "noise").write_bytes(tone(500, 9))
    (tmp_path / "c0" / "cover.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (tmp_path / "c1" / "notes.txt").write_text("hello")
    (tmp_path / "c2").mkdir()
    examples = hornbook.read_examples(tmp_path)
    assert sorted(examples.table["audio"]) == ["c0/0.wav", "c0/2.wav", "c0/noise", "c1/1.wav"]
    said = {p.name: p.message for p in examples.problems}
    assert "is a picture among more sounds" in said["c0/cover.png"]
    assert "not the ending of a sound" in said["c1/notes.txt"]
    assert "no sound in it" in said["c2"]
    for i in range(4):
        (tmp_path / "c1" / f"{i}.jpg").write_bytes(b"\xff\xd8\xff")
    assert "image" in hornbook.read_examples(tmp_path).table.columns


def test_the_checks_tell_lengths_silence_and_what_is_cut_off(tmp_path: Path) -> None:
    for i in range(8):
        (tmp_path / f"c{i % 2}").mkdir(exist_ok=True)
        (tmp_path / f"c{i % 2}" / f"{i}.wav").write_bytes(tone(500, i, seconds=0.2 + 0.1 * i))
    (tmp_path / "c0" / "silent.wav").write_bytes(wav(np.zeros(8000, np.int16), 8000, 8000, 9))
    with wave.open(str(tmp_path / "c1" / "both.wav"), "wb") as file:
        file.setparams((2, 2, 8000, 0, "NONE", ""))
        file.writeframes(np.random.default_rng(0).integers(-999, 999, 3200, np.int16).tobytes())
    examples = hornbook.read_examples(tmp_path)
    inputs = {"audio": AudioColumn(sample_rate=8000, seconds=0.75)}
    found = check_prepared(prepare(examples, inputs, {"label": CategoryColumn()}))
    (lengths,) = found.inputs
    assert isinstance(lengths, Lengths)
    assert (lengths.shortest, lengths.longest) == (0.2, 1.0)
    assert "0.2 s to 1 s, in the middle 0.6 s; 8,000 samples a second; 8 bits mono" in found.text()
    codes = {f.code: f for f in found}
    assert codes["blank"].names == ("c0/silent.wav",)
    assert codes["channels"].names == ("c1/both.wav",)
    assert "1 sound has several channels, of which the mean is heard" in found.text()
    assert codes["cut"].count == 3
    assert "inputs.audio.seconds" in codes["cut"].message


def test_a_guessed_recipe_trains_survives_a_kill_and_tells_the_sounds_apart(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from hornbook.training import job

    monkeypatch.setattr(job, "SAVE_EVERY", 0.0)
    examples = hornbook.read_examples(folder)
    changes = ["training.epochs=6", "training.batch_size=8", *TINY[1:2], "network.widths=[8,16]"]
    recipe = guess(examples, folder, changes=changes)
    assert (recipe.inputs["audio"], type(recipe.network)) == (AudioColumn(sample_rate=8000), Crnn)
    assert recipe.training.augment
    assert Recipe.from_values(recipe.values(), "again", "test").inputs == recipe.inputs
    killed = tmp_path / "killed"
    whole = hornbook.train(recipe, run=tmp_path / "whole", progress=Silent())
    with pytest.raises(Killed):
        hornbook.train(recipe, run=killed, progress=KillAt(7))
    assert_same(whole, hornbook.train(recipe, run=killed, progress=Silent()))

    reader = hornbook.load(killed)
    for word, hertz in HERTZ.items():
        fresh = tone(hertz, 77, seconds=0.8, rate=11_025)
        assert reader.predict(fresh).value == word
    sound = (np.sin(2 * np.pi * 900 * np.arange(16_000) / 16_000) * 9000).astype(np.int16)
    assert reader.predict((sound, 16_000)).value == "mid"
    assert [a.value for a in reader.predict([(sound, 16_000), (sound, 16_000)])] == ["mid", "mid"]
    assert main(["predict", str(killed), str(folder / "high")]) == 0
    out = capsys.readouterr().out.splitlines()
    assert len(out) == 12
    assert sum("high" in line.split() for line in out) >= 11
    assert main(["export", str(killed), "--to", "onnx", "--out", str(tmp_path / "tones.onnx")]) == 0
    said = (tmp_path / "tones.onnx.txt").read_text("utf-8")
    assert "any multiple of 2,560 samples" in " ".join(said.split())


def test_mistakes_and_what_is_augmented_can_be_seen_and_heard(folder: Path, tmp_path: Path) -> None:
    recipe = guess(
        hornbook.read_examples(folder), folder, changes=["training.epochs=1", "network.widths=[4]"]
    )
    hornbook.train(recipe, run=tmp_path / "run", progress=Silent())
    page = (tmp_path / "run" / "report.html").read_text("utf-8")
    assert "0.5" in page.split("samples a second")[0]
    assert page.count('<audio controls preload="none"') >= 1
    assert "data:audio/wav;base64,UklGR" in page
    assert page.count("data:image/png;base64,") + page.count("data:image/jpeg;base64,") > 3
    assert main(["look", str(folder), "--augment", "--out", str(tmp_path / "seen")]) == 0
    page = (tmp_path / "seen" / "look.html").read_text("utf-8")
    assert page.partition("As it is trained on")[2].count("<img") == 10 * (1 + 8)
