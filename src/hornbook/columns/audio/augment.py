"""Augmentation of sounds: each epoch hears each training sound a little differently.

It works on log-mel features, before they are standardized: there a sound can be made later, louder, noisier and full
of holes (D. Park et al. 2019, SpecAugment, arXiv:1904.08779) at a small part of the cost of doing so to its samples.
Every random number is a hash of (seed, epoch, row, what for), see `hornbook.columns.randomness`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from hornbook.columns.audio.column import AudioAugment as Options
from hornbook.columns.audio.signal.mel import FLOOR
from hornbook.columns.randomness import uniform

__all__ = ["AudioAugment"]

SILENCE = math.log(FLOOR)

_STREAMS = ("shift", "gain", "loudness", "noise", "time", "from time", "band", "from band")

_CELLS = 1 << 22
"""More than a picture of features has: each cell of each row has a number of its own."""


@dataclass(frozen=True)
class AudioAugment(Options):
    """How sounds are changed while training; all off by default. Each number is the most that is done.

    Parameters
    ----------
    shift
        Later or earlier by this share of a sound's length; what is pushed out is lost, and silence comes in.
    gain
        Louder or softer by so many decibels.
    noise
        Noise, equally loud in all bands, of this share of the sound's own loudness: 0.1 is 20 dB below it.
    time_mask
        A stretch of this share of the length is taken out.
    band_mask
        A stretch of this share of the bands is taken out. In place of what is taken out stands the mean of each band.

    Examples
    --------
    >>> logs, rows = torch.rand(2, 1, 40, 64) - 9, torch.tensor([7, 0])
    >>> AudioAugment(shift=0.1, noise=0.05)(logs, seed=0, epoch=3, rows=rows).shape
    torch.Size([2, 1, 40, 64])
    """

    def __call__(self, logs: Tensor, *, seed: int, epoch: int, rows: Tensor) -> Tensor:
        """Return changed features, (batch, 1, bands, frames): logarithms of power, zeros behind the end of a sound."""

        def draw(what: str, at: Tensor = rows) -> Tensor:
            return uniform(seed, epoch, at, _STREAMS.index(what))

        inside = (logs != 0).any(2, keepdim=True)
        lengths = inside.sum((1, 2, 3))
        if self.shift:
            logs = self._shifted(logs, lengths, draw("shift") * 2 - 1)
        if self.gain or self.noise:
            powers = (logs.exp() - FLOOR).clamp(min=0) * inside
            if self.gain:
                powers = powers * _spread(10 ** ((draw("gain") * 2 - 1) * self.gain / 10))
            if self.noise:
                _, _, bands, frames = logs.shape
                cells = torch.arange(frames, device=rows.device) * bands
                cells = cells + torch.arange(bands, device=rows.device)[:, None]
                own = draw("noise", rows[:, None, None, None] * _CELLS + cells)
                mean = powers.sum((1, 2, 3)) / (lengths * bands)
                share = (draw("loudness") * self.noise) ** 2
                # The power of noise in a band is a random number of its own, exponentially distributed.
                powers = powers - torch.log1p(-own).float() * _spread(mean * share)
            logs = (powers + FLOOR).log()
        if self.time_mask or self.band_mask:
            logs = self._masked(logs * inside, lengths, [draw(what) for what in _STREAMS[4:]])
        return logs * inside

    def _shifted(self, logs: Tensor, lengths: Tensor, by: Tensor) -> Tensor:
        """Take each frame from another one, or from the silence around the sound."""
        frames = torch.arange(logs.shape[3], device=logs.device)
        source = frames - (by * self.shift * lengths).round().long()[:, None]
        inside = (source >= 0) & (source < lengths[:, None])
        place = source.clamp(0, logs.shape[3] - 1)[:, None, None, :].expand_as(logs)
        return logs.gather(3, place).masked_fill(~inside[:, None, None, :], SILENCE)

    def _masked(self, logs: Tensor, lengths: Tensor, draws: list[Tensor]) -> Tensor:
        """Put the mean of each band in place of a stretch of frames and of a stretch of bands."""
        means = logs.sum(3, keepdim=True) / lengths[:, None, None, None]
        whole = torch.full_like(lengths, logs.shape[2])
        hidden = torch.zeros_like(logs, dtype=torch.bool)
        for axis, share, side, (wide, first) in (
            (3, self.time_mask, lengths, draws[:2]),
            (2, self.band_mask, whole, draws[2:]),
        ):
            width = (wide * (share * side + 1)).long()
            start = (first * (side - width + 1)).long()
            places = torch.arange(logs.shape[axis], device=logs.device)
            stretch = (places >= start[:, None]) & (places < (start + width)[:, None])
            hidden = hidden | (stretch[:, None, None, :] if axis == 3 else stretch[:, None, :, None])
        return torch.where(hidden, means, logs)


def _spread(values: Tensor) -> Tensor:
    """Shape one number for each sound so that it spreads over its features."""
    return values.float()[:, None, None, None]
