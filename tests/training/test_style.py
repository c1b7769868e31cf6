"""A net that learns to paint in the style of one picture."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import hornbook
from hornbook.columns.image.column import ImageColumn
from hornbook.common.progress import Silent
from hornbook.errors import DataError
from hornbook.sources import from_arrays
from hornbook.sources.backbones import find_weights

RECIPE = """
[inputs]
image = { type = "image", size = [32, 32], channels = 3 }
[targets.painted]
type = "image"
from = "image"
size = [32, 32]
channels = 3
residual = true
own_size = true
loss = "style"
style = "STYLE"
[network]
name = "unet"
widths = [8, 16]
[training]
epochs = 4
batch_size = 8
learning_rate = 0.01
keep = "last"
"""


def photos(count: int = 48) -> np.ndarray:
    coarse = np.random.default_rng(0).integers(60, 200, (count, 4, 4, 3)).astype(np.uint8)
    return np.repeat(np.repeat(coarse, 8, 1), 8, 2)


@pytest.fixture
def place(tmp_path: Path, shared: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with a style of stripes; the weights lie in a cache of its own."""
    cache = tmp_path / "cache"
    path = find_weights("mobilenet_v2", str(shared / "backbones"))
    assert path is not None
    (cache / "backbones" / "mobilenet_v2").mkdir(parents=True)
    shutil.copy(path, cache / "backbones" / "mobilenet_v2")
    monkeypatch.setenv("HORNBOOK_CACHE", str(cache))
    y, x = np.mgrid[:64, :64]
    stripes = np.where(((x + y) // 4 % 2)[..., None], (250, 240, 200), (20, 30, 90)).astype(np.uint8)
    Image.fromarray(stripes).save(tmp_path / "stripes.png")
    return tmp_path


def train(place: Path, style: Path) -> hornbook.Run:
    recipe = place / "recipe.toml"
    recipe.write_text(RECIPE.replace("STYLE", style.as_posix()))
    return hornbook.train(from_arrays(image=photos()), recipe=recipe, run=place / "run", progress=Silent())


def test_it_comes_nearer_to_the_style_and_the_file_holds_no_path(place: Path) -> None:
    run = train(place, place / "stripes.png")
    losses = [float(line["validation_loss"]) for line in run.history]
    assert losses[-1] < 0.8 * losses[0]
    reader = hornbook.load(run.path)
    assert b"stripes" not in reader.path.read_bytes()
    wide = Image.fromarray(np.tile(photos(1)[0], (1, 3, 1)))
    assert reader.predict(wide).value.size == (96, 32)


def test_what_cannot_be_is_one_sentence(place: Path) -> None:
    with pytest.raises(DataError, match=r"none\.png"):
        train(place, place / "none.png")
    Image.new("RGB", (40, 40), "red").save(place / "red.png")
    with pytest.raises(DataError, match="the style is one colour"):
        train(place, place / "red.png")
    for wrong in (ImageColumn(loss="style"), ImageColumn(style="a.png")):
        assert 'one of loss = "style" and of style' in wrong.objection()
