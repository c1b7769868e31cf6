"""What a confidence is worth: intervals of a score, calibration, and the temperature that mends it.

Numpy only. The temperature is found on validation rows after training and becomes a division inside the
recognizer's graph.
"""

from __future__ import annotations

import math

import numpy as np

from hornbook.columns.base import Array


def wilson(right: float, rows: float, z: float = 1.959964) -> tuple[float, float]:
    """Return the 95 % interval of a share (Wilson 1927): right near 0 and 1 and for few rows, unlike p ± 2 s.

    >>> low, high = wilson(99, 100)
    >>> round(low, 4), round(high, 4)
    (0.9455, 0.9982)
    """
    share = right / rows
    middle = share + z * z / (2 * rows)
    half = z * math.sqrt(share * (1 - share) / rows + z * z / (4 * rows * rows))
    scale = 1 + z * z / rows
    low = 0.0 if right <= 0 else (middle - half) / scale
    return low, 1.0 if right >= rows else (middle + half) / scale


INSIDE = 0.95
"""Share of the true numbers that lie in an interval."""

FEWEST = 3
"""Residuals below which nothing is said of a range."""


def conformal(residuals: Array) -> float | None:
    """Return how far the true number is from the one foretold in 95 of 100 cases, by residuals of rows never seen.

    It is split conformal prediction (Lei et al. 2018, theorem 2): the ⌈(n + 1) · 0.95⌉-th smallest of them. Of fewer
    than 19 rows there is none.
    """
    sizes = np.sort(np.abs(np.asarray(residuals, np.float64)))
    place = math.ceil((len(sizes) + 1) * INSIDE)
    return float(sizes[place - 1]) if place <= len(sizes) else None


def margin_of(residuals: Array) -> float | None:
    """Return what `conformal` does; of fewer rows, as if residuals were normal (Student 1908), and of under three None.

    >>> round(margin_of(np.linspace(-1, 1, 201)), 2), round(margin_of(np.array([-1.0, 1.0, 0.5, -0.5])), 2)
    (0.96, 2.41)
    """
    n = len(residuals)
    if n < FEWEST or (found := conformal(residuals)) is not None:
        return found if n >= FEWEST else None
    return student(residuals, n)


def student(residuals: Array, rows: float) -> float:
    """Return what `conformal` does as if residuals were normal and worth so many rows (Student 1908)."""
    # Student's quantile at 97.5 %, after Cornish and Fisher (1960); within 4 % from three degrees of freedom on.
    z, z3, z5, n = 1.959964, 1.959964**3, 1.959964**5, rows
    t = z + (z3 + z) / (4 * n) + (5 * z5 + 16 * z3 + 3 * z) / (96 * n * n)
    return float(t * math.sqrt((np.asarray(residuals, np.float64) ** 2).mean() * (1 + 1 / n)))


def calibration_error(confidence: Array, right: Array, bins: int = 15) -> float:
    """Return the expected calibration error, of so many bins of equal width.

    ``confidence`` is the probability of each answer and ``right`` whether it was right, both of shape ``(rows,)``.
    """
    place = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    gap = np.bincount(place, right, bins) - np.bincount(place, confidence, bins)
    return float(np.abs(gap).sum() / len(right))


def temperature(logits: Array, truth: Array) -> float:
    """Return what logits are divided by so that a confidence means what it says (Guo et al. 2017).

    It is the temperature with the least log loss on validation rows, between 0.05 and 20. The loss is convex
    in 1/T, so Newton steps kept inside a bracket find it in a few passes. One imagined row of unknown class
    is counted in (as Laplace did for counts): without it a validation set that is read without a mistake
    would make every answer 100 % sure.

    ``logits`` have the shape ``(rows, classes)``; ``truth`` are the encoded true classes, shape ``(rows,)``.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> z = rng.normal(size=(4000, 5))
    >>> y = (z + rng.gumbel(size=z.shape)).argmax(axis=1)     # drawn from softmax(z)
    >>> round(temperature(3 * z, y), 1)
    3.0
    """
    kept = np.isfinite(logits).all(axis=1)
    if not kept.any() or logits.shape[1] < 2:
        return 1.0
    z = np.asarray(logits[kept], np.float32)
    z = z - z.max(axis=1, keepdims=True)
    unknown = 1.0 / (len(z) + 1)
    wanted = (1 - unknown) * z[np.arange(len(z)), truth[kept].astype(np.int64)] + unknown * z.mean(axis=1)
    low, high = 1 / 20, 20.0
    sharpness = 1.0
    for _ in range(60):
        p = np.exp(sharpness * z)
        p /= p.sum(axis=1, keepdims=True)
        expected = (p * z).sum(axis=1)
        slope = float((expected - wanted).mean(dtype=np.float64))
        bend = float(((p * z * z).sum(axis=1) - expected**2).mean(dtype=np.float64))
        low, high = (low, sharpness) if slope > 0 else (sharpness, high)
        following = sharpness - slope / bend if bend > 0 else -1.0
        if not low < following < high:
            following = math.sqrt(low * high)
        if abs(following - sharpness) < 1e-5 * sharpness:
            break
        sharpness = following
    return float(min(max(1 / sharpness, 0.05), 20.0))
