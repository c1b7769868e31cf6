"""Augmentation: the same for a row in any batch, within its limits, and doing what its name says."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from hornbook.columns.image.augment import Augment
from hornbook.columns.randomness import uniform

EVERYTHING = Augment(
    shift=0.1, rotation=15, zoom=0.1, shear=10, flip=True, brightness=0.1, contrast=0.2, erase=0.2, wave=0.05,
    fill="reflect",
)  # fmt: skip
EACH = [
    Augment(shift=0.2),
    Augment(shift=0.2, flip=True, fill="reflect"),
    Augment(shift=0.2, fill="zero"),
    Augment(rotation=30),
    Augment(zoom=0.5, fill="zero"),
    Augment(shear=20, shift=0.1),
    Augment(flip=True),
    Augment(rotation=10, flip=True),
    Augment(brightness=0.3),
    Augment(contrast=0.5),
    Augment(erase=0.3),
    Augment(wave=0.1),
    EVERYTHING,
]


def changed(augment: Augment, given: Tensor) -> Tensor:
    """Return pictures as they are seen in the first epoch."""
    return augment(given, seed=0, epoch=0, rows=torch.arange(len(given)))


def pictures(count: int, channels: int = 1, height: int = 12, width: int = 14) -> Tensor:
    return torch.rand(count, channels, height, width, generator=torch.Generator().manual_seed(1))


def splitmix64(state: int) -> int:
    """The published algorithm on Python's own integers, to check the vectors against."""
    word = (1 << 64) - 1
    z = state & word
    z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & word
    z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & word
    return z ^ (z >> 31)


@pytest.mark.parametrize(("seed", "epoch", "stream"), [(0, 0, 0), (-3, 7, 2), (1 << 70, 1, 9)])
def test_random_numbers_are_splitmix64(seed: int, epoch: int, stream: int) -> None:
    golden = 0x9E3779B97F4A7C15
    key = 0
    for part in (seed, epoch, stream):
        key = splitmix64((key ^ part) + golden)
    rows = torch.tensor([0, 1, 59_999, 1 << 40])
    expected = [(splitmix64(int(row) * golden + key) >> 11) * 2.0**-53 for row in rows]
    assert uniform(seed, epoch, rows, stream).tolist() == expected


def test_random_numbers_are_even_and_independent() -> None:
    rows = torch.arange(40_000)
    draws = torch.stack(
        [uniform(s, e, rows, k) for s, e, k in [(0, 0, 0), (1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1)]]
    )
    assert (draws >= 0).all() and (draws < 1).all()
    for row in draws:
        share = torch.histc(row.float(), 10, 0, 1) / len(rows)
        assert (share - 0.1).abs().max() < 0.01
    off_diagonal = torch.corrcoef(draws) - torch.eye(len(draws))
    assert off_diagonal.abs().max() < 0.03
    shifted = torch.corrcoef(torch.stack((draws[0][:-1], draws[0][1:])))[0, 1]
    assert shifted.abs() < 0.03


@pytest.mark.parametrize("augment", EACH, ids=str)
@pytest.mark.parametrize("channels", [1, 3])
def test_a_row_is_changed_the_same_way_in_any_batch(augment: Augment, channels: int) -> None:
    given = pictures(37, channels)
    rows = torch.arange(100, 137)
    whole = augment(given, seed=5, epoch=2, rows=rows)
    for part in ([3], [36, 0, 12], list(range(36, 3, -1))):
        alone = augment(given[part], seed=5, epoch=2, rows=rows[part])
        assert torch.equal(alone, whole[part])
    assert whole.shape == given.shape and whole.dtype == given.dtype
    last = augment(given.contiguous(memory_format=torch.channels_last), seed=5, epoch=2, rows=rows)
    assert torch.equal(last, whole)


@pytest.mark.parametrize("augment", EACH, ids=str)
def test_another_seed_and_another_epoch_are_another_picture(augment: Augment) -> None:
    given, rows = pictures(8), torch.arange(8)
    before = given.clone()
    first = augment(given, seed=1, epoch=0, rows=rows)
    assert torch.equal(given, before)
    assert augment.active
    assert not torch.equal(first, augment(given, seed=1, epoch=1, rows=rows))
    assert not torch.equal(first, augment(given, seed=2, epoch=0, rows=rows))
    assert first.min() >= 0 and first.max() <= 1


def test_nothing_is_done_unless_asked() -> None:
    given = pictures(3)
    assert not Augment().active
    assert Augment()(given, seed=0, epoch=0, rows=torch.arange(3)) is given


def test_a_picture_is_seen_both_ways_in_turn() -> None:
    given, rows = pictures(400), torch.arange(400)
    even, odd, next_even = (Augment(flip=True)(given, seed=3, epoch=e, rows=rows) for e in (0, 1, 2))
    assert torch.equal(even, odd.flip(-1)) and torch.equal(even, next_even)
    flipped = (even == given.flip(-1)).flatten(1).all(1)
    assert torch.equal(even[~flipped], given[~flipped])
    assert 140 < int(flipped.sum()) < 260


def spot(height: int = 21, width: int = 21, right: int = 0, side: int = 1, rows: int = 300) -> Tensor:
    """Return black pictures with a white square so far to the right of the middle."""
    given = torch.zeros(rows, 1, height, width)
    top, left = (height - side) // 2, (width - side) // 2 + right
    given[:, :, top : top + side, left : left + side] = 1
    return given


def centres(given: Tensor) -> Tensor:
    """Centre of mass of each picture, (batch, 2) as (down, across) from the middle."""
    height, width = given.shape[2:]
    mass = given.sum((1, 2, 3))
    down = (given.sum((1, 3)) * (torch.arange(height) - height // 2)).sum(1) / mass
    across = (given.sum((1, 2)) * (torch.arange(width) - width // 2)).sum(1) / mass
    return torch.stack((down, across), 1)


@pytest.mark.parametrize(
    "extra", [Augment(shift=0.2), Augment(shift=0.2, rotation=1e-6)], ids=["copied", "looked up"]
)
def test_shift_moves_within_its_limits_to_every_side(extra: Augment) -> None:
    moved = changed(extra, spot(rows=200))
    places = centres(moved)
    limit = round(0.2 * 21) if not extra.rotation else 0.2 * 21
    assert places.abs().max() <= limit + 1e-3
    assert (places.amax(0) > 0.8 * limit).all() and (places.amin(0) < -0.8 * limit).all()
    assert torch.allclose(moved.sum((1, 2, 3)), torch.ones(200), atol=1e-4)
    if not extra.rotation:
        assert torch.equal(places, places.round())


@pytest.mark.parametrize(
    ("fill", "row"),
    [("edge", [1, 1, 1, 2, 3]), ("reflect", [3, 2, 1, 2, 3]), ("zero", [0, 0, 1, 2, 3])],
)
def test_what_comes_in_from_outside(fill: str, row: list[int]) -> None:
    given = (torch.arange(1, 6) / 10).expand(300, 1, 1, 5).contiguous()
    moved = changed(Augment(shift=0.4, fill=fill), given)  # type: ignore[arg-type]
    seen = {tuple((picture.flatten() * 10).round().int().tolist()) for picture in moved}
    assert tuple(row) in seen
    assert len(seen) == 5


@pytest.mark.parametrize(("height", "width", "right", "most"), [(41, 41, 16, 30), (21, 61, 8, 60)])
def test_rotation_is_round_and_turns_by_up_to_its_degrees(
    height: int, width: int, right: int, most: int
) -> None:
    places = centres(changed(Augment(rotation=most), spot(height, width, right)))
    degrees = torch.rad2deg(torch.atan2(places[:, 0], places[:, 1]))
    assert degrees.abs().max() < most + 2 and degrees.max() > 0.9 * most and degrees.min() < -0.9 * most
    assert torch.allclose(places.norm(dim=1), torch.tensor(float(right)), atol=0.6)


def test_zoom_makes_smaller_and_larger() -> None:
    sides = changed(Augment(zoom=0.5, fill="zero"), spot(41, 41, side=21)).sum((1, 2, 3)).sqrt()
    assert 13 < sides.min() < 15.5 and 29 < sides.max() < 32.5


def test_shear_leans_upright_lines_only() -> None:
    given = torch.zeros(300, 1, 41, 41)
    given[:, :, :, 20] = 1
    leaned = changed(Augment(shear=20), given)
    top = (leaned[:, 0, 10] * (torch.arange(41) - 20)).sum(1) / leaned[:, 0, 10].sum(1)
    middle = (leaned[:, 0, 20] * (torch.arange(41) - 20)).sum(1)
    limit = 10 * math.tan(math.radians(20))
    assert top.abs().max() < limit + 0.1 and top.max() > 0.9 * limit and top.min() < -0.9 * limit
    assert torch.allclose(middle, torch.zeros(300), atol=1e-4)


def test_turning_and_leaning_together_keep_the_area() -> None:
    found = changed(Augment(rotation=90, shear=40, flip=True, fill="zero"), spot(61, 61, side=21))
    assert torch.allclose(found.sum((1, 2, 3)), torch.tensor(441.0), rtol=0.03)


def test_brightness_adds_and_contrast_spreads() -> None:
    given = torch.full((300, 1, 2, 2), 0.4)
    bright = changed(Augment(brightness=0.2), given)
    assert 0.199 < bright.min() < 0.22 and 0.58 < bright.max() < 0.601
    spread = changed(Augment(contrast=0.5), given)
    assert 0.349 < spread.min() < 0.36 and 0.44 < spread.max() < 0.451


def test_erase_paints_one_square() -> None:
    painted = changed(Augment(erase=0.25), torch.ones(300, 1, 20, 20))
    gone = (painted == 0.5).sum((1, 2, 3))
    assert gone.max() == 25 and gone.min() >= 1
    assert ((painted == 0.5) | (painted == 1)).all()
    assert (painted == 0.5).any(0).all()


@pytest.mark.parametrize("axis", [2, 3])
def test_a_wave_moves_pixels_both_ways_within_its_limits(axis: int) -> None:
    count, height, width = 300, 20, 60
    shape = [1, 1, 1, 1]
    shape[axis] = (height, width)[axis - 2]
    ramp = torch.arange(shape[axis]).view(shape).expand(count, 1, height, width) / width
    waved = changed(Augment(wave=0.1), ramp)
    moved = ((waved - ramp) * width)[:, :, 2:-2, 2:-2]  # in pixels, away from the edges
    assert 1.9 < moved.max() < 2.001 and -2.001 < moved.min() < -1.9
    assert abs(float(moved.mean())) < 0.1
    # It is smooth: neighbours stay within what the steepest wave moves them apart.
    assert moved.diff(dim=2).abs().max() < 2 * 2 * math.pi / height + 0.02
    assert moved.diff(dim=3).abs().max() < 2 * 2 * math.pi / height + 0.02
    bent = moved.amax((1, 2, 3)) - moved.amin((1, 2, 3))
    assert (bent > 1).float().mean() > 0.5
