"""Another number of samples a second, by a windowed sinc (J. O. Smith, Digital Audio Resampling, CCRMA, 2002).

Each new sample is a weighted sum of the old ones around it. The weights repeat after as many new samples as the
ratio has in its numerator, so a group of them is one product with a small matrix. In pure numpy, because
prediction needs it, and reading piece by piece, so that memory does not grow with the length of the sound.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Read = Callable[[int, int], Floats]
"""Returns the samples of a sound from one place up to another, both inside of it."""

CROSSINGS = 16
"""Zeros of the sinc to either side that are kept."""

ROLLOFF = 0.94
"""Where the passed band ends, as a share of the lower one of the two highest frequencies."""

BETA = 9.0
"""Of the Kaiser window: what is not to pass is damped by 90 dB (Kaiser and Schafer, IEEE Trans. ASSP 28, 1980)."""

LARGEST = 1000
"""Denominators over it are rounded: 44,101 Hz is taken for 44,101.1."""

MOST_WEIGHTS = 4_000_000
"""Of a matrix: a rate that has nothing in common with the other is rounded further, to a millionth or so."""

PIECE = 1 << 18
"""Old samples that are worked on at once."""


def resampled(read: Read, samples: int, rate: int, to: int, most: int) -> Floats:
    """Return a sound of so many ``samples`` at another rate, ``float32`` of shape ``(new samples,)``.

    No more than ``most`` new samples are made, and what lies behind them is not read.

    Examples
    --------
    >>> tone, wanted = (np.sin(2 * np.pi * 440 * np.arange(n) / n).astype(np.float32) for n in (44100, 16000))
    >>> new = resampled(lambda start, end: tone[start:end], 44100, 44100, 16000, most=10**6)
    >>> len(new), bool(abs(new - wanted)[1000:-1000].max() < 1e-3)
    (16000, True)
    """
    if rate == to:
        wanted = min(samples, most)
        out = np.empty(wanted, np.float32)
        for start in range(0, wanted, PIECE):
            out[start : start + PIECE] = read(start, min(start + PIECE, wanted))
        return out
    largest = LARGEST
    while (
        ratio := Fraction(to, rate).limit_denominator(largest)
    ).numerator * ratio.denominator > MOST_WEIGHTS:
        largest //= 2
    # Short groups are joined, for one product of two large matrices is faster than many of small ones.
    times = -(-128 // ratio.denominator)
    new, old = ratio.numerator * times, ratio.denominator * times
    weights = _weights(new, old, times)
    half = (weights.shape[1] - old) // 2
    wanted = min(-(-samples * to // rate), most)
    groups = -(-wanted // new)
    at_once = max(1, PIECE // old)
    parts = []
    for first in range(0, groups, at_once):
        last = min(first + at_once, groups)
        start, end = first * old - half, last * old + half
        piece = np.zeros(end - start, np.float32)
        inside = slice(max(start, 0), min(end, samples))
        if inside.stop > inside.start:
            piece[inside.start - start : inside.stop - start] = read(inside.start, inside.stop)
        cut = np.lib.stride_tricks.sliding_window_view(piece, weights.shape[1])[::old]
        parts.append((cut @ weights.T).reshape(-1))
    return np.concatenate(parts)[:wanted] if parts else np.zeros(0, np.float32)


@functools.lru_cache(maxsize=4)
def _weights(new: int, old: int, times: int) -> Floats:
    """Return the matrix from ``old`` samples, with some before and behind them, to ``new`` ones."""
    cut = ROLLOFF * min(1.0, new / old)
    half = int(np.ceil(CROSSINGS / cut)) + 1
    distance = np.arange(new)[:, None] * (old / new) - np.arange(-half, old + half)
    inside = np.clip(1 - (distance * cut / CROSSINGS) ** 2, 0, None)
    window = np.i0(BETA * np.sqrt(inside)) / np.i0(BETA) * (inside > 0)
    return np.asarray(cut * np.sinc(distance * cut) * window, np.float32)
