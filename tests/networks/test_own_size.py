"""Pictures that are answered in their own size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import hornbook
from hornbook.cli.main import main
from hornbook.columns.image import own_size
from hornbook.common.progress import Silent
from hornbook.errors import RecipeError, UsageError
from hornbook.recognizer.recognizer import Recognizer
from hornbook.serve.alone import alone_page
from hornbook.sources import from_arrays

RECIPE = """
[inputs]
image = { type = "image", size = [16, 16], channels = 3 }
[targets]
clean = { type = "image", from = "image", size = [16, 16], channels = 3, residual = RESIDUAL, own_size = true }
[network]
name = "unet"
widths = [8, 16]
[training]
epochs = 2
batch_size = 16
[training.augment.image]
noise = 0.2
"""


def pictures(count: int = 40) -> np.ndarray:
    random = np.random.default_rng(0)
    coarse = random.integers(0, 256, (count, 4, 4, 3)).astype(np.uint8)
    return np.repeat(np.repeat(coarse, 4, 1), 4, 2)


@pytest.fixture(scope="module", params=["true", "false"])
def reader(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Recognizer:
    place = tmp_path_factory.mktemp("own")
    (place / "recipe.toml").write_text(RECIPE.replace("RESIDUAL", request.param))
    run = hornbook.train(
        from_arrays(image=pictures()), recipe=place / "recipe.toml", run=place / "run", progress=Silent()
    )
    return hornbook.load(run.path)


def test_each_picture_is_answered_in_its_own_size(reader: Recognizer) -> None:
    random = np.random.default_rng(1)
    given = [random.integers(0, 256, (*s, 3)).astype(np.uint8) for s in ((16, 16), (31, 50), (120, 7))]
    for picture, answer in zip(given, reader.predict(given), strict=True):
        assert answer.value.size == (picture.shape[1], picture.shape[0])
        assert answer.picture is not None and np.array_equal(answer.picture, picture)
    many = reader.predict(np.stack([given[1]] * 2))
    assert [a.value.size for a in many] == [(50, 31)] * 2
    assert np.array_equal(many[0].value, reader.predict(given[1]).value)


def test_what_a_place_shows_hangs_on_what_is_near_it(reader: Recognizer) -> None:
    wide = np.random.default_rng(2).integers(0, 256, (64, 200, 3)).astype(np.uint8)
    part = wide[:, :100]
    whole, alone = (np.asarray(reader.predict(p).value, int) for p in (wide, part))
    assert np.abs(whole[:, :60] - alone[:, :60]).max() <= 1


def test_a_large_one_is_made_smaller(reader: Recognizer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_size, "MOST", 5_000)
    answer = reader.predict(np.zeros((100, 200, 3), np.uint8))
    wide, high = answer.value.size
    assert f"made smaller, {wide} x {high} of 200 x 100 pixels" in answer.remarks
    assert wide * high <= 5_000 and abs(wide / high - 2) < 0.1


def test_what_is_known_of_a_file_is_said_of_it(reader: Recognizer, tmp_path: Path) -> None:
    frames = [Image.new("RGB", (20, 30), c) for c in ("red", "blue")]
    frames[0].save(tmp_path / "two.gif", save_all=True, append_images=frames[1:])
    assert "of its 2 frames the first was read" in reader.predict(tmp_path / "two.gif").remarks


def test_files_are_written_in_their_sizes(reader: Recognizer, tmp_path: Path) -> None:
    for name, size in (("a", (40, 30)), ("b", (17, 60))):
        Image.new("RGB", size, "orange").save(tmp_path / f"{name}.png")
    words = ["predict", str(reader.path), str(tmp_path / "a.png"), str(tmp_path / "b.png")]
    assert main([*words, "--out", str(tmp_path / "out")]) == 0
    sizes = []
    for path in (tmp_path / "out").rglob("*.png"):
        with Image.open(path) as found:
            sizes.append(found.size)
    assert sorted(sizes) == [(17, 60), (40, 30)]


def test_it_is_judged_in_the_size_that_was_learned(reader: Recognizer) -> None:
    ((_, column),) = reader.targets.items()
    assert column.shape == (16, 16, 3) and column.output_shape == (None, None, 3)


def test_the_page_without_a_server_refuses_it(reader: Recognizer) -> None:
    with pytest.raises(UsageError, match="own_size is for pictures of any size"):
        alone_page(reader, "clean")


def test_it_is_for_one_picture_alone(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    other = 'other = { type = "image", from = "image", size = [16, 16], channels = 3 }\n[network]'
    recipe.write_text(RECIPE.replace("RESIDUAL", "false").replace("[network]", other))
    with pytest.raises(RecipeError, match="own_size of a target is for one picture"):
        hornbook.train(from_arrays(image=pictures()), recipe=recipe, run=tmp_path / "run", progress=Silent())


def test_a_network_without_pixels_refuses_it(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(RECIPE.replace("RESIDUAL", "false").replace('name = "unet"', 'name = "cnn"'))
    with pytest.raises(RecipeError, match=r'own_size = true is for networks .* use network\.name = "unet"'):
        hornbook.train(from_arrays(image=pictures()), recipe=recipe, run=tmp_path / "run", progress=Silent())
