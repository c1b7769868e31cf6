"""What stands beside an exported file is enough: another program follows it and gives the answers of `predict`."""

from __future__ import annotations

import wave
from pathlib import Path
from typing import Any, Literal

import cv2
import numpy as np
import pytest
from PIL import Image

from hornbook.columns.audio.column import AudioColumn
from hornbook.columns.base import Column
from hornbook.columns.characters.column import CharactersColumn
from hornbook.columns.image.column import ImageColumn
from hornbook.columns.tags.column import TagsColumn
from hornbook.examples import Examples
from hornbook.recipe import recipe_names
from hornbook.recognizer import Recognizer
from hornbook.recognizer.describe import describe
from tests.conftest import Maker
from tests.recognizer.follow import Follower, answer_of, picture, probability

RNG = np.random.default_rng(0)
WRITES = {"captcha_attention", "dates", "reverse"}
"""Recipes whose answers are written token by token."""

GOES_ON = {"poems"}
"""A recipe that goes on with a text by drawing, which has no one answer."""

FACES = {"age", "gender", "gender_age", "people"}
"""Recipes that look for a face first, by a network of its own that a description cannot hold."""


def pictures(column: ImageColumn, folder: Path) -> list[Path]:
    """Write pictures as people have them: of this size, large and noisy, on its side, transparent, deep."""
    height, width = column.shape[:2]
    strokes = np.full((5 * height, 4 * width), 235, np.uint8)
    cv2.line(strokes, (width, height), (3 * width, 4 * height), 20, max(3, width // 3))
    noisy = np.clip(strokes + RNG.normal(0, 20, strokes.shape), 0, 255).astype(np.uint8)
    colour = np.stack([noisy, noisy[::-1], 255 - noisy], 2)
    same = np.zeros((height, width), np.uint8)
    same[4:-4, width // 3 : -width // 3] = 255
    opacity = np.where(strokes < 128, 255, 0).astype(np.uint8)
    made = {
        "same.png": Image.fromarray(same),
        "noisy.png": Image.fromarray(noisy),
        "colour.png": Image.fromarray(colour),
        "drawn.png": Image.fromarray(np.dstack([255 - colour, opacity])),
        "deep.png": Image.fromarray(noisy.astype(np.uint16) * 16),
    }
    for name, one in made.items():
        one.save(folder / name)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(colour).save(folder / "turned.jpg", exif=exif, quality=95)
    return [*(folder / name for name in made), folder / "turned.jpg"]


def rows_of(reader: Recognizer, examples: Examples, folder: Path) -> list[dict[str, Any]]:
    """Return rows as `predict` takes them."""
    ((name, column), *rest) = reader.inputs.items()
    if isinstance(column, ImageColumn):
        return [{name: path} for path in pictures(column, folder)]
    if rest or not isinstance(column, AudioColumn):
        return [
            {n: _plain(examples.value(c.source or n, i)) for n, c in reader.inputs.items()} for i in range(6)
        ]
    sounds = [RNG.integers(-9000, 9000, n).astype(np.int16) for n in (6000, 9000, 20_000)]
    return [{name: sound} for sound in sounds]


def _plain(value: Any) -> Any:
    return np.asarray(value) if hasattr(value, "to_numpy") else value


@pytest.mark.parametrize("name", sorted(set(recipe_names()) - GOES_ON - FACES))
def test_another_program_follows_it(name: str, made: Maker, tmp_path: Path) -> None:
    path, examples = made(name)
    reader = Recognizer(path, threads=1)
    path.with_name(path.name + ".txt").write_text(describe(reader, path.name), "utf-8")
    follower = Follower(path)
    for row in rows_of(reader, examples, tmp_path):
        theirs = follower(row)
        given = {n: str(v) if isinstance(v, Path) else v for n, v in row.items()}
        encoded = reader.encode(given, "row")
        for n, lines in ((n, lines) for n, lines in follower.inputs.items() if n in row):
            apart = np.abs(follower.encode(n, lines, row[n]).astype(float) - encoded[n].astype(float))
            assert apart.mean() < 4, f"{n} {row[n]}"
        ours = reader.predict(given, top=1000)
        if name in WRITES:
            ((target, (answer, chance)),) = theirs.items()
            assert chance == pytest.approx(ours[target].confidence, rel=0.02)
            assert answer == ours[target].value
            continue
        outputs = reader.run({n: v[None] for n, v in encoded.items()})
        for target, column in reader.targets.items():
            agree(column, ours[target], theirs[target], outputs[target][0])


def agree(column: Column, ours: Any, theirs: Any, outputs: Any) -> None:
    """Check that answers are the same, where they are no ties of a network that has learned next to nothing."""
    if isinstance(column, CharactersColumn):
        assert column.span[0] <= len(theirs) <= column.span[1]
        if ours.value != theirs and column.ctc:
            places = [tuple(column._places[c] for c in s) for s in (ours.value, theirs)]
            best, other = (probability(outputs.astype(float), string) for string in places)
            assert other >= 0.97 * best
    elif column.class_names():
        # The pictures that are read are a few grey levels apart, and three classes that are not learned yet nearly tie.
        assert dict(ours.top)[theirs] >= ours.confidence - 0.03
    elif isinstance(column, TagsColumn):
        assert ours.value == theirs
    elif ours.pictured:
        apart = np.asarray(ours.value, float) - 255 * np.squeeze(np.asarray(theirs))
        assert np.abs(apart).mean() < 4  # as the pictures that were read are apart
    else:
        assert np.allclose(theirs, ours.value, rtol=1e-4)


@pytest.mark.parametrize("length", [4, (4, 4), (3, 5)])
@pytest.mark.parametrize("sure", [0.35, 0.6, 0.95])
def test_strings_are_read_as_it_says(length: Any, sure: float) -> None:
    column = CharactersColumn(length=length, alphabet="0123456789ab", case="lower")
    said = "\n".join(column.about_outputs())
    steps = 4 if isinstance(length, int) else 14
    random = np.random.default_rng(int(100 * sure))
    for _ in range(40):
        noise = random.dirichlet(np.full(column.outputs, 0.3), steps)
        likely = np.eye(column.outputs)[
            random.integers(0, column.outputs, steps) * (random.uniform(size=steps) < 0.6)
        ]
        y = (sure * likely + (1 - sure) * noise).astype(np.float32)
        ours = column.decode(y[None])[0].value
        theirs = answer_of(["", *said.split("\n")], y)
        if ours != theirs:
            assert column.ctc
            best, other = (
                probability(y.astype(float), tuple(column._places[c] for c in s)) for s in (ours, theirs)
            )
            assert best < 1e-3 or other > 0.99 * best


FITS: list[dict[str, Any]] = [
    {"fit": "stretch"},
    {"fit": "stretch", "ink": "dark"},
    {"fit": "pad", "channels": 1},
    {"fit": "pad", "ink": "dark"},
    {"fit": "crop"},
    {"fit": "ink", "ink": "auto", "channels": 1, "size": (28, 28)},
    {"fit": "ink", "ink": "dark", "channels": 1, "size": (28, 28)},
    {"fit": "stretch", "learned_range": (500.0, 3000.0)},
    {"fit": "stretch", "channels": 1, "value_range": (0.0, 4095.0)},
]


@pytest.mark.parametrize("options", FITS, ids=str)
def test_pictures_are_made_as_it_says(options: dict[str, Any], tmp_path: Path) -> None:
    column = ImageColumn(**{"size": (40, 32), **options})
    said = "\n".join(column.about_encoded())
    for path in pictures(column, tmp_path):
        ours, theirs = column.encode(str(path)).astype(float), picture(said, path).astype(float)
        assert np.abs(ours - theirs).mean() < 5, path.name


def test_it_names_what_another_program_has_to_know(tmp_path: Path) -> None:
    said = "\n".join(ImageColumn(size=(28, 28), channels=1, fit="ink", ink="auto").about_encoded())
    for word in (
        "EXIF",
        "opacity",
        "20 of 28",
        "centre of mass",
        "2.4",
        "4.2",
        "INTER_AREA",
        "65535",
        "find_ink",
    ):
        assert word in said
    said = "\n".join(ImageColumn(size=(64, 48), learned_range=(100.0, 4095.0)).about_encoded())
    assert "(value - 100) * 255 / 3995" in said and "48 x 64 pixels" in said
    fits: tuple[Literal["stretch", "pad", "crop"], ...] = ("stretch", "pad", "crop")
    for fit in fits:
        assert "INTER_AREA" in "\n".join(ImageColumn(fit=fit).about_encoded())
    assert "exactly 4" in "\n".join(
        CharactersColumn(length=(4, 4), alphabet="01", case="upper").about_outputs()
    )


def test_a_sound_that_is_written_is_the_one_that_is_described(tmp_path: Path) -> None:
    sound = RNG.integers(-9000, 9000, 4000).astype(np.int16)
    with wave.open(str(tmp_path / "a.wav"), "wb") as file:
        file.setparams((1, 2, 8000, 0, "NONE", ""))
        file.writeframes(sound.tobytes())
    column = AudioColumn(sample_rate=8000).learn([str(tmp_path / "a.wav")])
    assert np.array_equal(column.encode(str(tmp_path / "a.wav"))[:4000], sound)


@pytest.mark.parametrize("name", sorted(WRITES))
def test_the_program_in_it_writes_an_answer(name: str, made: Maker, monkeypatch: pytest.MonkeyPatch) -> None:
    path, _ = made(name)
    reader = Recognizer(path, threads=1)
    said = describe(reader, path.name)
    program = "\n".join(line[2:] for line in said.partition("each time:\n")[2].split("\n"))
    monkeypatch.chdir(path.parent)
    names: dict[str, Any] = {}
    exec(compile(program, "description", "exec"), names)
    reader.follow(1)
    nothing = {n: names["given"][n] for n in reader.inputs}
    ((column, outputs),) = zip(reader.targets.values(), reader.run(nothing).values(), strict=True)
    written = [t for t in outputs[0, 0, :, 0].astype(int).tolist() if t > 1]
    assert names["answer"] == written
    assert column.outputs == names["p"].shape[1]
