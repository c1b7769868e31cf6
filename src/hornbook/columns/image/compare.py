"""How unlike two pictures are: the mean squared and absolute error, PSNR and SSIM, of each pair of a batch."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hornbook.columns.summary import Array

__all__ = ["MOST_PSNR", "WINDOW", "compared", "gaussian", "psnr_of", "ssim_of"]

WINDOW, SIGMA = 11, 1.5
"""Of the Gaussian window of SSIM (Wang et al. 2004, section III-B); a smaller picture has a smaller one."""

LUMINANCE, CONTRAST = 0.01**2, 0.03**2
"""What keeps its quotients from dividing by nothing, for values from 0 to 1."""

MOST_PSNR = 100.0
"""Decibels of two pictures that are the same: the logarithm of nothing is no number."""

AT_ONCE = 1 << 22
"""Numbers of pictures that are compared at once."""


def psnr_of(mse: Array) -> Array:
    """Return the peak signal-to-noise ratio, in decibels, of mean squared errors of values from 0 to 1.

    >>> psnr_of(np.array([0.01, 0.0])).round(3).tolist()
    [20.0, 100.0]
    """
    found: Array = -10 * np.log10(np.maximum(mse, 10 ** (-MOST_PSNR / 10)))
    return found


def gaussian(side: int) -> Array:
    """Return the weights of a window, at most as many as a picture's shorter side has pixels: an odd number."""
    count = min(WINDOW, side - 1 + side % 2)
    places = np.arange(count) - (count - 1) / 2
    weights = np.exp(-(places**2) / (2 * SIGMA**2))
    found: Array = (weights / weights.sum()).astype(np.float32)
    return found


def ssim_of(ours: Array, theirs: Array) -> Array:
    """Return how alike in structure two batches of pictures are, -1 to 1, a number for each pair.

    Pictures are ``(rows, H, W, C)`` with values from 0 to 1. The mean over all places where the whole window lies
    within the picture, and over channels (Wang et al. 2004, equation 13).
    """
    weights = gaussian(min(ours.shape[1:3]))

    def smooth(values: Array) -> Array:
        for axis in (1, 2):
            length = values.shape[axis] - len(weights) + 1
            total = np.take(values, range(length), axis) * weights[0]
            for i in range(1, len(weights)):
                total += np.take(values, range(i, i + length), axis) * weights[i]
            values = total
        return values

    a, b = ours.astype(np.float32), theirs.astype(np.float32)
    mean_a, mean_b = smooth(a), smooth(b)
    var_a, var_b = smooth(a * a) - mean_a**2, smooth(b * b) - mean_b**2
    both = smooth(a * b) - mean_a * mean_b
    alike = (2 * mean_a * mean_b + LUMINANCE) * (2 * both + CONTRAST)
    alike /= (mean_a**2 + mean_b**2 + LUMINANCE) * (var_a + var_b + CONTRAST)
    found: Array = alike.mean((1, 2, 3), dtype=np.float64)
    return found


def compared(ours: Array, truth: Array, structure: bool = True) -> dict[str, Array]:
    """Return ``mse``, ``mae`` and, where wanted, ``ssim`` of each pair.

    Parameters
    ----------
    ours
        Floats from 0 to 1, or bytes, ``(rows, H, W, C)``.
    truth
        Of the same shape, or of one row that stands for all.
    """
    found: dict[str, list[Array]] = {name: [] for name in ("mse", "mae", *(["ssim"] if structure else []))}
    for a, b in _chunks(ours, truth):
        off = a - b
        found["mse"].append((off**2).mean((1, 2, 3), dtype=np.float64))
        found["mae"].append(np.abs(off).mean((1, 2, 3), dtype=np.float64))
        if structure:
            found["ssim"].append(ssim_of(a, b))
    return {name: np.concatenate(parts) if parts else np.zeros(0) for name, parts in found.items()}


def _chunks(ours: Array, truth: Array) -> Iterator[tuple[Array, Array]]:
    """Yield pairs, some at a time, as floats from 0 to 1."""
    step = max(1, AT_ONCE // max(int(np.prod(truth.shape[1:])), 1))
    rows = max(len(ours), len(truth))
    for start in range(0, rows, step):
        some = slice(start, min(start + step, rows))
        yield _unit(ours, some, rows), _unit(truth, some, rows)


def _unit(pictures: Array, some: slice, rows: int) -> Array:
    part = pictures[some] if len(pictures) == rows else np.repeat(pictures, some.stop - some.start, 0)
    found: Array = part.astype(np.float32) / np.float32(255 if pictures.dtype == np.uint8 else 1)
    return found
