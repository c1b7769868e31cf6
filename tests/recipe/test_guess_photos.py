"""What is guessed for photographs: a net that others have trained, where its weights are to be had."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

import hornbook
from hornbook.recipe.guess import guess
from hornbook.recipe.guesses.photos import COLOURS, colours_of
from hornbook.recipe.networks_pretrained import Pretrained
from hornbook.sources import backbones


def photograph(seed: int, side: int = 120) -> Image.Image:
    """Return what has the colours of a photograph: soft patches of light."""
    rng = np.random.default_rng(seed)
    small = rng.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((side, side), Image.Resampling.BICUBIC)


def drawing(seed: int, side: int = 120) -> Image.Image:
    picture = Image.new("RGB", (side, side), "white")
    ImageDraw.Draw(picture).ellipse((20, 20, 60 + seed, 70), fill="red", outline="blue")
    return picture


def folder(place: Path, kind: object, rows: int = 6, side: int = 120) -> Path:
    for label in ("cats", "dogs"):
        (place / label).mkdir(parents=True)
        for i in range(rows):
            made = kind(i, side)  # type: ignore[operator]
            made.save(place / label / f"{i}.png")
    return place


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Let the weights be there."""
    file = tmp_path / "weights.pth"
    file.touch()
    monkeypatch.setattr("hornbook.recipe.guesses.photos.find_weights", lambda *_: file)
    return file


def network_of(place: Path, *changes: str) -> object:
    return guess(hornbook.read_examples(place), place, changes=changes).network


@pytest.mark.usefixtures("there")
def test_photographs_start_from_what_others_have_learned(tmp_path: Path) -> None:
    said: list[str] = []
    place = folder(tmp_path / "photos", photograph)
    found = guess(hornbook.read_examples(place), place, note=said.append)
    assert isinstance(found.network, Pretrained)
    assert (found.network.fine_tune, found.network.folds, found.split.test) == ("auto", 5, 0.0)
    assert found.inputs["image"].shape == (224, 224, 3)
    assert 'network.name="cnn"' in said[0]
    # What it says to do works.
    assert not isinstance(network_of(place, 'network.name="cnn"'), Pretrained)


@pytest.mark.usefixtures("there")
def test_what_is_no_photograph_stays_as_it_is(tmp_path: Path) -> None:
    for name, kind, side in [("drawn", drawing, 120), ("small", photograph, 60)]:
        assert not isinstance(network_of(folder(tmp_path / name, kind, side=side)), Pretrained)
    grey = folder(tmp_path / "grey", lambda i, side: photograph(i, side).convert("L"))
    assert not isinstance(network_of(grey), Pretrained)


def test_without_weights_it_starts_from_nothing_and_says_which_file_is_missing(tmp_path: Path) -> None:
    said: list[str] = []
    place = folder(tmp_path / "photos", photograph)
    found = guess(hornbook.read_examples(place), place, note=said.append, fetch=True)
    assert not isinstance(found.network, Pretrained)
    assert backbones.BACKBONES["mobilenet_v2"].file in said[-1]


def test_colours_are_counted_at_one_size() -> None:
    assert colours_of(drawing(3)) < COLOURS < colours_of(photograph(3))
    assert colours_of(photograph(3, 1000)) == pytest.approx(colours_of(photograph(3, 200)), rel=0.1)
