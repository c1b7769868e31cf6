"""Pictures that are spoiled: a pure function of seed, epoch and row, and of the input alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

import hornbook
from hornbook.columns.image.augment import Augment
from hornbook.columns.image.augment_options import ImageAugment
from hornbook.columns.image.column import ImageColumn
from hornbook.columns.image.evaluation import PictureEvaluation
from hornbook.columns.spoiled import SPOILED, read_spoiled, spoiled_inputs, to_json
from hornbook.errors import RecipeError
from hornbook.sources import from_arrays

ALL = ImageAugment(noise=0.3, blots=0.5, lines=0.5, blur=1.5, jpeg=0.9)
PICTURES = np.random.default_rng(0).integers(0, 256, (6, 12, 9, 3), dtype=np.uint8)
ROWS = np.array([4, 0, 7, 2**40, 9, 1])


@pytest.mark.parametrize("channels", [1, 3])
def test_a_row_is_spoiled_the_same_way_in_whatever_batch(channels: int) -> None:
    pictures = PICTURES[..., :channels]
    found = ALL.spoiled(pictures, seed=3, epoch=2, rows=ROWS)
    assert found.dtype == np.uint8 and found.shape == pictures.shape
    backwards = ALL.spoiled(pictures[::-1], seed=3, epoch=2, rows=ROWS[::-1])
    assert np.array_equal(backwards[::-1], found)
    others = [
        ALL.spoiled(pictures, seed=4, epoch=2, rows=ROWS),
        ALL.spoiled(pictures, seed=3, epoch=1, rows=ROWS),
    ]
    assert not any(np.array_equal(other, found) for other in others)


@pytest.mark.parametrize("name", ["noise", "blots", "lines", "blur", "jpeg"])
def test_each_spoils_and_zero_leaves_a_picture_alone(name: str) -> None:
    grey = np.full((40, 16, 16, 1), 100, np.uint8)
    grey[:, 4:9, 5:8] = 220
    much: dict[str, Any] = {name: 0.9}
    changed = ImageAugment(**much).spoiled(grey, seed=0, epoch=0, rows=np.arange(40))
    assert (changed != grey).any((1, 2, 3)).mean() > 0.7
    assert np.array_equal(ImageAugment().spoiled(grey, seed=0, epoch=0, rows=np.arange(40)), grey)
    assert ImageAugment(**much).spoils and ImageAugment(**much).active
    assert not ImageAugment(brightness=0.1).spoils


def test_noise_is_of_up_to_so_much() -> None:
    grey = np.full((300, 20, 20, 1), 128, np.uint8)
    off = ImageAugment(noise=0.2).spoiled(grey, seed=0, epoch=0, rows=np.arange(300)) / 255 - 128 / 255
    sigma = off.std((1, 2, 3))
    assert 0.19 < sigma.max() < 0.22 and sigma.min() < 0.02 and sigma.mean() == pytest.approx(0.1, abs=0.01)


def test_training_sees_other_noise_than_judging() -> None:
    unit = torch.from_numpy(PICTURES).permute(0, 3, 1, 2).float() / 255
    augment = Augment(noise=0.3)
    found = augment(unit, seed=0, epoch=0, rows=torch.from_numpy(ROWS))
    judged = augment.spoiled(PICTURES, seed=0, epoch=0, rows=ROWS)
    assert found.shape == unit.shape and not np.array_equal(found.permute(0, 2, 3, 1) * 255, judged)


def test_only_the_input_whose_own_picture_is_the_target_is_spoiled_where_it_is_judged() -> None:
    photo, clean = ImageColumn(), ImageColumn(source="photo")
    augment: dict[str, Any] = {"photo": ALL}
    assert spoiled_inputs({"photo": photo}, {"clean": clean}, augment) == {"photo": ALL}
    assert spoiled_inputs({"photo": photo}, {"clean": ImageColumn()}, augment) == {}
    assert read_spoiled(to_json({"photo": ALL})) == {"photo": ALL}
    for damaged in (None, 3, {"photo": 1}, {"photo": {"type": "image", "noise": 99}}, {"x": {"type": "?"}}):
        assert read_spoiled({SPOILED: damaged}) == {}
    with pytest.raises(
        RecipeError, match=r"training\.augment\.photo\.flip moves the input, and the target 'clean'"
    ):
        spoiled_inputs({"photo": photo}, {"clean": clean}, {"photo": replace(ALL, flip=True)})


RECIPE = """
[inputs]
photo = { type = "image", size = [12, 11], channels = 1 }
[targets]
clean = { type = "image", from = "photo", size = [12, 11], channels = 1, residual = true }
[network]
name = "unet"
widths = [6, 6, 6]
[training]
epochs = 6
batch_size = 16
learning_rate = 0.01
[training.augment.photo]
noise = 0.5
"""


def test_a_net_that_cleans_is_judged_on_noise_and_is_better_than_leaving_it(tmp_path: Path) -> None:
    (tmp_path / "recipe.toml").write_text(RECIPE)
    rng = np.random.default_rng(0)
    pictures = np.zeros((300, 11, 12), np.uint8)
    for one, (y, x) in zip(pictures, rng.integers(0, 7, (300, 2)), strict=True):
        one[y : y + 4, x : x + 5] = 230
    run = hornbook.train(from_arrays(photo=pictures), recipe=tmp_path / "recipe.toml", run=tmp_path / "run")
    found = run.evaluations["clean"]
    assert isinstance(found, PictureEvaluation)
    assert found.score < 0.7 * found.guesses["the input itself"]["mse"]
    clean = hornbook.load(run.path).predict(pictures[0])  # what is asked is not spoiled
    assert np.abs(np.asarray(clean.value, int) - pictures[0]).mean() < 15
