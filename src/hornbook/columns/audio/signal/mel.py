"""Log-mel features of sound: what of it the ear can tell apart, as a picture of bands over time.

A sound is cut into frames that overlap, and of each the power in bands is taken that are as far apart as the ear
hears them (the mel scale, in the formula of D. O'Shaughnessy, Speech Communication, 1987, p. 150; the features
are those of S. Davis and P. Mermelstein, IEEE Trans. ASSP 28, 1980, p. 357, before their cosine transform).
The tables made here are used twice: in numpy, to measure and to draw, and as fixed weights of the recognizer's
graph.
"""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

BLOCK = 32
"""Frames that a sound is padded to a multiple of: halved up to five times, its end still falls on a frame."""

FLOOR = 1e-8
"""Added to a power before its logarithm: 80 dB below full scale, what 8 and 16 bits have of noise."""

LOWEST = 20.0
"""Hz where the lowest band begins: what is below cannot be heard."""

FULL = 32768.0
"""What the loudest sample of 16 bits stands for."""


@dataclass(frozen=True)
class Mel:
    """How frames are cut and bands are laid.

    ``window`` and ``hop`` are samples: of a frame, and from the beginning of one to that of the next.
    """

    rate: int
    window: int
    hop: int
    bands: int

    @functools.cached_property
    def size(self) -> int:
        """Points of the Fourier transform: a power of two, large enough that no band lies between two of its lines."""
        size = 1 << max(4, (self.window - 1).bit_length())
        while size < 1 << 16 and not _triangles(self.rate, size, self.bands).any(axis=0).all():
            size *= 2
        return size

    @functools.cached_property
    def matrix(self) -> Floats:
        """From powers of lines to powers of bands: ``(size / 2 + 1, bands)``, triangles of height 1."""
        return _triangles(self.rate, self.size, self.bands)

    @functools.cached_property
    def taper(self) -> Floats:
        """What a frame is multiplied with: a Hann window, scaled so that white noise keeps its power in each line."""
        hann = 0.5 - 0.5 * np.cos(2 * np.pi * (np.arange(self.window) + 0.5) / self.window)
        return np.asarray(hann / math.sqrt(float((hann**2).sum())), np.float32)

    @functools.cached_property
    def basis(self) -> Floats:
        """The Fourier transform of a tapered frame as a matrix: ``(2 * lines, window)``, cosines and then sines."""
        angle = 2 * np.pi * np.outer(np.arange(self.size // 2 + 1), np.arange(self.window)) / self.size
        return np.asarray(np.concatenate([np.cos(angle), np.sin(angle)]) * self.taper, np.float32)

    def frames(self, samples: int) -> int:
        """Return how many frames a sound of so many samples is padded to: a multiple of `BLOCK`, at least one.

        >>> Mel(8000, 200, 80, 40).frames(8000), Mel(8000, 200, 80, 40).frames(0)
        (128, 32)
        """
        return max(1, -(-samples // (self.hop * BLOCK))) * BLOCK

    def logs(self, sound: NDArray[np.int16]) -> Floats:
        """Return the features of one sound.

        Parameters
        ----------
        sound
            ``int16`` of shape ``(samples,)``, with silence (zeros) at its end or without.

        Returns
        -------
        ``float32`` of shape ``(frames, bands)``: natural logarithms of power, where 0 is about full scale and
        silence is -18.4.
        """
        end = int(np.flatnonzero(sound)[-1]) + 1 if sound.any() else 0
        frames = self.frames(end)
        padded = np.zeros((frames - 1) * self.hop + self.window, np.float32)
        kept = min(end, len(padded))
        padded[:kept] = sound[:kept] / np.float32(FULL)
        cut = np.lib.stride_tricks.sliding_window_view(padded, self.window)[:: self.hop]
        lines = np.fft.rfft(cut * self.taper, self.size)
        powers = (lines.real**2 + lines.imag**2).astype(np.float32) @ self.matrix
        found: Floats = np.log(powers + np.float32(FLOOR))
        return found


def _triangles(rate: int, size: int, bands: int) -> Floats:
    """Return bands that overlap by half, equally wide in mel; band ``i`` rises from edge ``i`` to ``i + 1``."""
    mel = np.linspace(_to_mel(LOWEST), _to_mel(rate / 2), bands + 2)
    edges = 700 * (10 ** (mel / 2595) - 1)
    lines = np.arange(size // 2 + 1)[:, None] * (rate / size)
    rise = (lines - edges[:-2]) / np.diff(edges)[:-1]
    fall = (edges[2:] - lines) / np.diff(edges)[1:]
    return np.maximum(0, np.minimum(rise, fall)).astype(np.float32)


def _to_mel(hertz: float) -> float:
    return 2595 * math.log10(1 + hertz / 700)
