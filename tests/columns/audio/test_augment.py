"""Augmentation of sounds: a pure function of (seed, epoch, row), and each part does what it says."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from hornbook.columns.audio.augment import AudioAugment
from hornbook.columns.audio.column import AudioAugment as Options
from hornbook.columns.audio.signal.mel import FLOOR
from hornbook.networks.inputs import make_augment

ROWS = torch.tensor([3, 17, 1000])
SILENCE = math.log(FLOOR)


def logs(bands: int = 20, frames: int = 64) -> Tensor:
    """Return three sounds of features, the second half as long."""
    found = torch.rand(3, 1, bands, frames, generator=torch.Generator().manual_seed(0)) * 4 - 9
    found[1, ..., frames // 2 :] = 0
    return found


def changed(
    options: AudioAugment, given: Tensor | None = None, epoch: int = 0, rows: Tensor = ROWS
) -> Tensor:
    return options(logs() if given is None else given, seed=7, epoch=epoch, rows=rows)


EACH = [
    AudioAugment(shift=0.3),
    AudioAugment(gain=10),
    AudioAugment(noise=0.5),
    AudioAugment(time_mask=0.4),
    AudioAugment(band_mask=0.4),
    AudioAugment(shift=0.1, gain=3, noise=0.1, time_mask=0.2, band_mask=0.2),
]


@pytest.mark.parametrize("options", EACH, ids=str)
def test_is_a_function_of_seed_epoch_and_row_alone(options: AudioAugment) -> None:
    given = logs()
    before = given.clone()
    whole = changed(options, given)
    assert torch.equal(given, before)
    assert not whole[1, ..., 32:].any() and torch.isfinite(whole).all() and whole.shape == given.shape
    assert torch.equal(whole, changed(options))
    turned = changed(options, logs().flip(0), rows=ROWS.flip(0)).flip(0)
    assert torch.allclose(whole, turned, atol=1e-5)
    longer = torch.nn.functional.pad(logs(), (0, 32))
    assert torch.allclose(changed(options, longer)[..., :64], whole, atol=1e-5)
    assert not torch.equal(whole, changed(options, epoch=1))
    assert not torch.equal(whole, changed(options, rows=ROWS + 1))


def test_does_nothing_unless_asked() -> None:
    assert not AudioAugment().active
    assert torch.equal(changed(AudioAugment()), logs())
    assert isinstance(make_augment(Options(noise=0.1)), AudioAugment)


def test_shifts_by_up_to_its_share_and_fills_with_silence() -> None:
    ramp = torch.arange(1.0, 65).repeat(1, 1, 20, 1).neg()
    offsets = set()
    for epoch in range(30):
        out = changed(AudioAugment(shift=0.25), ramp, epoch, ROWS[:1])[0, 0, 0]
        kept = out != SILENCE
        offset = int((torch.arange(1, 65) + out)[kept][0])
        assert abs(offset) <= 16
        assert int((~kept).sum()) == abs(offset)
        offsets.add(offset)
    assert min(offsets) < -8
    assert max(offsets) > 8


def test_is_louder_or_softer_by_up_to_its_decibels() -> None:
    by = [(changed(AudioAugment(gain=6), epoch=e) - logs())[0].mean() for e in range(40)]
    most = 0.6 * math.log(10)
    assert max(by) <= most + 1e-3
    assert max(by) > 0.8 * most
    assert min(by) < -0.8 * most


def test_noise_has_the_share_of_the_loudness_that_is_asked_for() -> None:
    loud = torch.full((1, 1, 20, 64), -4.0)
    powers = torch.stack([changed(AudioAugment(noise=1.0), loud, e, ROWS[:1]).exp() for e in range(200)])
    share = (powers - math.exp(-4.0)).mean() / math.exp(-4.0)
    assert abs(float(share) - 1 / 3) < 0.05  # the mean of a square of numbers from 0 to 1
    assert (powers >= math.exp(-4.0) * 0.999).all()


@pytest.mark.parametrize(
    ("options", "axis", "side"), [(AudioAugment(time_mask=0.5), 1, 64), (AudioAugment(band_mask=0.5), 0, 20)]
)
def test_takes_out_a_stretch_and_puts_the_mean_of_each_band_there(
    options: AudioAugment, axis: int, side: int
) -> None:
    widths = set()
    for epoch in range(40):
        out, given = changed(options, epoch=epoch)[0, 0], logs()[0, 0]
        means = given.mean(1, keepdim=True).expand_as(given)
        gone = (out != given).any(1 - axis).nonzero().flatten()
        widths.add(len(gone))
        if len(gone):
            assert int(gone[-1] - gone[0]) == len(gone) - 1
            hidden = out.index_select(axis, gone)
            assert torch.allclose(hidden, means.index_select(axis, gone), atol=1e-5)
    assert max(widths) <= side // 2
    assert max(widths) > side // 3
