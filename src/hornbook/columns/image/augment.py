"""Augmentation: each epoch sees each training picture a little differently.

It works on a whole batch on the device, and every random number is a hash of (seed, epoch, row, what for). A
row is thus changed the same way in whatever batch, on whatever machine and after whatever interruption it
comes. All that moves pixels is composed into one map from each new pixel to where it comes from; where that
map is only shifts and flips, whole pixels are copied and nothing is blurred.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from hornbook.columns.image.augment_options import ImageAugment as Options
from hornbook.columns.randomness import bits, uniform

__all__ = ["Augment"]


@dataclass(frozen=True)
class Augment(Options):
    """How pictures are changed while training; all off by default.

    Each number is the most that is done: a picture is turned by up to `rotation` degrees to either side,
    evenly distributed.

    Parameters
    ----------
    shift
        Fraction of the height and of the width, 0 to 0.5. In whole pixels unless the picture is also turned,
        zoomed or sheared.
    rotation
        Degrees, 0 to 180.
    zoom
        0.1 is from 1 / 1.1 to 1.1 times the size.
    shear
        Degrees that upright lines lean, 0 to 60.
    flip
        Left to right, every other epoch, beginning with a random half of the rows: each picture is seen both
        ways equally often (K. Jordan 2024, arXiv:2404.00498, section 3.6).
    brightness
        Added to every value, which are 0 to 1.
    contrast
        0.2 is from 0.8 to 1.2 times the distance from middle grey.
    erase
        Side of a square that is painted over, as a fraction of the shorter side (DeVries and Taylor 2017,
        arXiv:1708.04552).
    wave
        Pixels are moved across and down by up to this fraction of the height, in waves of any direction that are one to
        three times as long as the picture is high: handwriting and captchas are bent as well as turned.
    noise
        Standard deviation of a normal distribution that is added to every value, which are 0 to 1. This and the four
        below make of a picture one that a network can learn to clean (`hornbook.columns.image.spoil`): a target that
        is the same picture stays clean, and rows that are judged are spoiled too.
    blots, lines
        How often there are some, 0 to 1: up to five blots on it, or four lines across it, of any grey or colour.
    blur
        Standard deviation of a Gaussian in pixels.
    jpeg
        Share of the quality of a JPEG that is lost, 0 to 1: 0.8 is down to 19 of 95.
    fill
        What comes in from outside the picture: its outermost pixels again (``edge``), its mirror image
        (``reflect``), or black (``zero``).

    Examples
    --------
    >>> pictures, rows = torch.rand(2, 1, 28, 28), torch.tensor([7, 0])
    >>> Augment(shift=0.07, rotation=10)(pictures, seed=0, epoch=3, rows=rows).shape
    torch.Size([2, 1, 28, 28])
    """

    def __call__(self, pictures: Tensor, *, seed: int, epoch: int, rows: Tensor) -> Tensor:
        """Return changed pictures: floats of shape (batch, channels, height, width), values 0 to 1."""
        draw = _Draw(seed, epoch, rows)
        if self.rotation or self.zoom or self.shear or self.wave:
            pictures = self._warped(pictures, draw)
        elif self.shift or self.flip:
            pictures = self._moved(pictures, draw)
        if self.brightness or self.contrast:
            factor = 1 + self.contrast * draw.signed("contrast")
            offset = self.brightness * draw.signed("brightness") + 0.5 - 0.5 * factor
            pictures = (pictures * _column(factor) + _column(offset)).clamp_(0, 1)
        if self.erase:
            pictures = self._erased(pictures, draw)
        if self.spoils:
            pictures = self._spoiled(pictures, seed, epoch, rows)
        return pictures

    def _spoiled(self, pictures: Tensor, seed: int, epoch: int, rows: Tensor) -> Tensor:
        encoded = (pictures.permute(0, 2, 3, 1) * 255).round().byte().cpu().numpy()
        found = self.spoiled(encoded, seed=seed, epoch=epoch + 1, rows=rows.cpu().numpy())
        return torch.from_numpy(found).to(pictures.device).permute(0, 3, 1, 2).float() / 255

    def _flips(self, draw: _Draw) -> Tensor:
        """Return which rows are mirrored in this epoch."""
        return ((draw.bits("flip", epoch=0) + draw.epoch) & 1).bool()

    def _moved(self, pictures: Tensor, draw: _Draw) -> Tensor:
        """Copy whole pixels from the row and the column where each comes from."""
        batch, channels, height, width = pictures.shape
        down = torch.arange(height, device=pictures.device) - self._pixels(draw, "down", height)
        across = torch.arange(width, device=pictures.device) - self._pixels(draw, "across", width)
        if self.flip:
            across = torch.where(self._flips(draw)[:, None], width - 1 - across, across)
        down_in, across_in = _inside(down, height, self.fill), _inside(across, width, self.fill)
        source = down_in[:, :, None] * width + across_in[:, None]
        flat = pictures.flatten(2)
        if self.fill == "zero":  # one more pixel, black, for all that lies outside
            source.masked_fill_(
                (down != down_in)[:, :, None] | (across != across_in)[:, None], height * width
            )
            flat = F.pad(flat, (0, 1))
        return flat.gather(2, source.view(batch, 1, -1).expand(-1, channels, -1)).view_as(pictures)

    def _pixels(self, draw: _Draw, what: str, side: int) -> Tensor:
        """Return a whole shift for each row, shape (batch, 1)."""
        most = round(self.shift * side)
        return (draw.unsigned(what) * (2 * most + 1)).long()[:, None] - most

    def _warped(self, pictures: Tensor, draw: _Draw) -> Tensor:
        """Look each new pixel up between four old ones, by one affine map for each picture.

        The map goes from new to old pixels, counted from the middle: back by the shift, then zoomed,
        sheared, turned. It is written out, not multiplied as matrices, so that a row's result does not
        depend on its batch.
        """
        _, _, height, width = pictures.shape
        angle = math.radians(self.rotation) * draw.signed("rotation")
        lean = (math.radians(self.shear) * draw.signed("shear")).tan()
        scale = torch.exp(-math.log1p(self.zoom) * draw.signed("zoom"))
        cos, sin = angle.cos() * scale, angle.sin() * scale
        mirror = 1 - 2 * self._flips(draw).double() if self.flip else torch.ones_like(angle)
        # old_x = mirror * (cos * (x + lean * y) - sin * y),  old_y = sin * (x + lean * y) + cos * y
        x = torch.arange(width, device=pictures.device) - (width - 1) / 2
        y = torch.arange(height, device=pictures.device) - (height - 1) / 2
        x = x - self.shift * width * draw.signed("across")[:, None]
        y = y - self.shift * height * draw.signed("down")[:, None]
        grid = pictures.new_empty(
            len(pictures), height, width, 2
        )  # as parts of half the side, from the middle
        for axis, from_x, from_y, side in (
            (0, mirror * cos, mirror * (cos * lean - sin), width),
            (1, sin, sin * lean + cos, height),
        ):
            along, down = (from_x * (2 / side))[:, None] * x, (from_y * (2 / side))[:, None] * y
            torch.add(along.float()[:, None, :], down.float()[:, :, None], out=grid[..., axis])
        if self.wave:
            for axis, side in ((0, width), (1, height)):
                grid[..., axis] += self._wave(draw, ("wave x", "wave y")[axis], x, y, height) * (2 / side)
        padding = {"edge": "border", "reflect": "reflection", "zero": "zeros"}[self.fill]
        return F.grid_sample(pictures, grid, mode="bilinear", padding_mode=padding, align_corners=False)

    def _wave(self, draw: _Draw, what: str, x: Tensor, y: Tensor, height: int) -> Tensor:
        """Return by how many pixels each is moved, (batch, height, width): a wave of any direction, length and phase.

        The sine of a sum is written out as products, so that sines are taken of a line of pixels only.
        """
        turn = 2 * math.pi
        direction = turn * draw.unsigned(f"{what} direction")[:, None]
        often = turn / (height * (1 + 2 * draw.unsigned(f"{what} length")[:, None]))
        most = (self.wave * height * draw.signed(f"{what} height"))[:, None]
        across = often * direction.cos() * x + turn * draw.unsigned(f"{what} phase")[:, None]
        down = often * direction.sin() * y
        first = (most * across.sin()).float()[:, None, :] * down.cos().float()[:, :, None]
        return first + (most * across.cos()).float()[:, None, :] * down.sin().float()[:, :, None]

    def _erased(self, pictures: Tensor, draw: _Draw) -> Tensor:
        """Paint over a square, grey or (with fill = "zero") black; it may reach over the edge."""
        height, width = pictures.shape[2:]
        side = max(1, round(self.erase * min(height, width)))
        top = (draw.unsigned("top") * (height + side - 1)).long()[:, None] - side + 1
        left = (draw.unsigned("left") * (width + side - 1)).long()[:, None] - side + 1
        y, x = (torch.arange(n, device=pictures.device) for n in (height, width))
        down, across = (y >= top) & (y < top + side), (x >= left) & (x < left + side)
        square = (down[:, :, None] & across[:, None, :])[:, None]
        return pictures.masked_fill(square, 0.0 if self.fill == "zero" else 0.5)


def _column(values: Tensor) -> Tensor:
    """Shape one number for each picture so that it spreads over the picture."""
    return values.float()[:, None, None, None]


def _inside(places: Tensor, side: int, fill: str) -> Tensor:
    """Bring places outside of 0 .. side - 1 inside, to the edge or as in a mirror on the edge."""
    if fill == "reflect" and side > 1:
        places = (places.abs() - (side - 1)).abs().neg() + (side - 1)
    return places.clamp(0, side - 1)


# ---- random numbers --------------------------------------------------------------------------------


class _Draw:
    """The random numbers of one batch, by what they are for."""

    STREAMS = (
        *("down", "across", "rotation", "zoom", "shear", "flip", "brightness", "contrast", "top", "left"),
        *(f"wave {axis} {part}" for axis in "xy" for part in ("direction", "length", "height", "phase")),
    )

    def __init__(self, seed: int, epoch: int, rows: Tensor) -> None:
        self.seed, self.epoch, self.rows = seed, epoch, rows

    def bits(self, what: str, epoch: int) -> Tensor:
        """Return 64 bits for each row."""
        return bits(self.seed, epoch, self.rows, self.STREAMS.index(what))

    def unsigned(self, what: str) -> Tensor:
        """Return numbers from 0 up to 1."""
        return uniform(self.seed, self.epoch, self.rows, self.STREAMS.index(what))

    def signed(self, what: str) -> Tensor:
        """Return numbers from -1 to 1."""
        return self.unsigned(what) * 2 - 1
