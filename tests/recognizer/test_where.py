"""Where a recognizer looked: at the corner that the class hangs on, and not elsewhere."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import hornbook
from hornbook.columns.base import Array
from hornbook.common.progress import Silent
from hornbook.recognizer.where import heat_of, heated, side_by_side
from hornbook.training.run import Run
from tests.conftest import Ran

COLOURS = ((230, 40, 40), (40, 230, 40), (40, 40, 230))


def picture(number: int) -> Array:
    """Return noise with a square in the upper left corner that says the class, and one elsewhere that says nothing."""
    random = np.random.default_rng(number)
    out = random.integers(60, 140, (32, 32, 3)).astype(np.uint8)
    out[2:9, 2:9] = COLOURS[number % 3]
    x, y = random.integers(14, 24, 2)
    out[y : y + 6, x : x + 6] = random.integers(0, 255, 3)
    return out


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    """Return a run on such pictures; some have another label, and are mistakes."""
    folder = tmp_path_factory.mktemp("corner")
    for number in range(150):
        kind = folder / "mine" / ("red", "green", "blue")[(number + (number % 15 == 14)) % 3]
        kind.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture(number)).save(kind / f"{number:03d}.png")
    changes = ["network.name=cnn", "network.widths=[8,16]", "training.epochs=8", "training.precision=float32"]
    yield hornbook.train(folder / "mine", run=folder / "run", changes=changes, progress=Silent())


@pytest.mark.parametrize("number", [1000, 1001, 1002])
def test_the_corner_is_warm(run: Run, number: int) -> None:
    reader = run.recognizer
    heat = heat_of(reader, reader.encode(picture(number)), "image")
    assert heat.shape == (32, 32) and heat.max() == pytest.approx(1)
    y, x = np.unravel_index(heat.argmax(), heat.shape)
    assert y < 12 and x < 12
    assert heat[16:, 16:].mean() < 0.3 * heat[:10, :10].mean()


def test_where_nothing_matters_nothing_is_warm(run: Run) -> None:
    reader = run.recognizer
    flat = np.full((32, 32, 3), 100, np.uint8)
    assert not heat_of(reader, reader.encode(flat), "image").any()


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 40, 3), (7, 5, 1), (224, 100, 3)])
def test_a_picture_of_any_size_is_drawn(shape: tuple[int, int, int]) -> None:
    drawn = heated(np.full(shape, 200, np.uint8), np.ones((3, 2)))
    assert drawn.shape == (*shape[:2], 3) and drawn.dtype == np.uint8
    assert side_by_side(np.zeros(shape, np.uint8), np.zeros((2, 2))).shape[0] == shape[0]


def test_show_writes_it_beside_the_picture_and_the_report_beside_mistakes(
    run: Run, here: Path, ran: Ran
) -> None:
    Image.fromarray(picture(1000)).save("one.png")
    ran(["predict", str(run.path), "one.png", "--show", "seen"])
    with Image.open("seen/one.seen.png") as shown:
        assert shown.width > 600  # the picture, what was given, where it looked
        warm = np.asarray(shown.convert("RGB")).astype(int)[:, -292:-12]
    high, wide = np.nonzero((warm[..., 0] - warm[..., 2]) > 80)
    assert len(high) and high.mean() < 120 and wide.mean() < 120
    page = (run.path / "report.html").read_text("utf-8")
    assert "what the answer hangs on" in page
