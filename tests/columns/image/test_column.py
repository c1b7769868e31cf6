"""Pictures brought to one size, and what is measured of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from PIL import Image, ImageDraw

from hornbook.columns import ImageColumn
from hornbook.columns.base import Array
from tests.columns.image.test_open import as_bytes

WIDE = np.repeat(np.repeat(np.array([[0, 255]], np.uint8), 10, 0), 10, 1)
"""20 wide, 10 high: left black, right white."""


def grey(**options: Any) -> ImageColumn:
    return ImageColumn(**{"size": (10, 10), "channels": 1, **options})


def test_a_picture_is_the_same_as_a_path_as_bytes_as_an_array_or_from_pillow(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(as_bytes(Image.fromarray(WIDE)))
    path, opened = tmp_path / "a.png", Image.fromarray(WIDE)
    ways = [WIDE, WIDE[..., None], as_bytes(Image.fromarray(WIDE)), opened, path, str(path)]
    arrays = [grey().encode(way) for way in ways]
    assert all(np.array_equal(arrays[0], a) for a in arrays)
    assert grey().encode_with_facts(as_bytes(Image.fromarray(WIDE)))[1][:3] == (20, 10, "L")


@pytest.mark.parametrize(
    ("fit", "columns", "rows"),
    [("stretch", [0, 255], [0, 0]), ("crop", [0, 255], [0, 0]), ("pad", [0, 255], [127, 127])],
)
def test_fits(fit: str, columns: list[int], rows: list[int]) -> None:
    out = grey(fit=fit).encode(WIDE)[..., 0].astype(int)
    assert [out[5, 0], out[5, -1]] == columns
    assert np.abs(np.array([out[0, 0], out[-1, 0]]) - rows).max() <= 1


def test_pad_fills_with_the_colour_of_the_border() -> None:
    picture = np.zeros((4, 8, 3), np.uint8)
    picture[:] = (10, 200, 30)
    picture[1:3, 2:6] = 255
    out = ImageColumn(size=(8, 8), fit="pad").encode(picture)
    assert np.abs(out[0, 0].astype(int) - (10, 200, 30)).max() <= 1
    assert out[4, 4].min() == 255


@pytest.mark.parametrize("fit", ["stretch", "pad", "crop"])
@pytest.mark.parametrize("shape", [(1, 1), (1, 50), (50, 1), (7, 3, 3)])
def test_any_shape_fits_any_size(fit: Any, shape: tuple[int, ...]) -> None:
    for size in [(1, 1), (3, 40), (10, 10)]:
        for channels in (1, 3):
            out = ImageColumn(size=size, channels=channels, fit=fit).encode(np.full(shape, 9, np.uint8))
            assert out.shape == (size[1], size[0], channels)
            assert (out == 9).all()


@pytest.mark.parametrize(("ink", "wanted"), [("dark", 235), ("auto", 235), ("light", 20), ("keep", 20)])
def test_dark_ink_is_turned_light(ink: str, wanted: int) -> None:
    paper = np.full((10, 10), 240, np.uint8)
    paper[4:6, 4:6] = 20
    assert grey(ink=ink).encode(paper)[5, 5, 0] == wanted
    assert ink != "auto" or grey(ink=ink).encode(255 - paper)[5, 5, 0] == wanted


@settings(max_examples=30, deadline=None)
@given(
    hnp.arrays(np.uint8, st.tuples(st.integers(1, 9), st.just(3), st.just(4), st.just(3))), st.integers(1, 9)
)
def test_mean_and_deviation_are_numpys_whatever_the_chunks(pictures: Array, chunk: int) -> None:
    column = ImageColumn(size=(4, 3))
    measured = column.measure(iter(pictures[at : at + chunk] for at in range(0, len(pictures), chunk)))
    flat = pictures.reshape(-1, 3) / 255
    assert measured.mean == pytest.approx(flat.mean(axis=0), abs=1e-6)
    assert measured.std == pytest.approx(np.maximum(flat.std(axis=0), 1e-3), abs=1e-5)


def test_pictures_that_are_normal_already_are_the_same_in_a_block_and_alone() -> None:
    column = ImageColumn(size=(28, 28), channels=1, fit="ink", ink="auto")
    drawn = []
    for i in range(6):
        picture = Image.new("L", (90, 90), 240)
        ImageDraw.Draw(picture).ellipse((20 + i, 15, 50 + 3 * i, 70), outline=20, width=6 + i)
        drawn.append(column.encode(picture))
    normal = np.stack(drawn)
    foreign = np.roll(normal, 4, axis=2)
    block = np.concatenate([normal, foreign])
    found = column.encode_block(block)
    assert found is not None
    assert np.array_equal(found, column.encode_many(list(block)))
    assert np.array_equal(found[: len(normal)], normal)


def test_cropping_a_strip_takes_no_more_memory_than_the_strip(monkeypatch: pytest.MonkeyPatch) -> None:
    """Enlarged whole, a strip of 50 million pixels by 1 would be of 51 GB."""
    sizes: list[tuple[int, int]] = []
    resize = Image.Image.resize

    def noted(self: Image.Image, size: tuple[int, int], *more: Any, **options: Any) -> Image.Image:
        sizes.append(size)
        return resize(self, size, *more, **options)

    monkeypatch.setattr(Image.Image, "resize", noted)
    strip = Image.new("L", (40_000, 1), 200)
    assert (ImageColumn(size=(32, 32), channels=1, fit="crop").encode(strip) == 200).all()
    assert sizes == [(32, 32)]


def test_cropping_takes_the_middle() -> None:
    pixels = np.zeros((30, 90), np.uint8)
    pixels[:, 30:60] = 255
    column = ImageColumn(size=(10, 10), channels=1, fit="crop")
    for picture in (pixels, pixels.T):
        found = column.encode(Image.fromarray(picture))
        assert (found[1:-1, 1:-1] == 255).all()
        # What is beside it shines in a little, as in a picture that is cut afterwards.
        assert (found > 200).all()
