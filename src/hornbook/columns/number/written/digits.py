"""Arithmetic of numbers that minds their digits: statistics that hang on no order, and rounding to float32's digits."""

from __future__ import annotations

import math

import numpy as np

from hornbook.columns.base import Array


def statistics(numbers: Array) -> tuple[float, float]:
    """Return mean and sample standard deviation; of a small table they do not hang on the order of its rows."""
    n = len(numbers)
    if not n:
        return 0.0, 0.0
    if n == 1 or numbers.min() == numbers.max():
        return float(numbers[0]), 0.0
    if n > 10_000:
        return float(numbers.mean()), float(numbers.std(ddof=1))
    try:
        mean = math.fsum(numbers) / n
        return mean, math.sqrt(math.fsum((numbers - mean) ** 2) / (n - 1))
    except OverflowError:
        return math.inf, math.inf


def rounded(numbers: Array) -> Array:
    """Return numbers with the seven digits that float32 has, so that 0.1 is shown as 0.1."""
    with np.errstate(divide="ignore", invalid="ignore"):
        power = np.floor(np.log10(np.abs(numbers)))
    scale = 10.0 ** (6 - np.where(np.isfinite(power), power, 0.0))
    with np.errstate(over="ignore", invalid="ignore"):
        out = np.round(numbers * scale) / scale
    # Powers of ten over 10^22 are not exact in float64.
    far = np.flatnonzero(np.isfinite(power) & (np.abs(6 - power) > 22))
    out[far] = [float(f"{number:.7g}") for number in numbers[far].tolist()]
    return out
