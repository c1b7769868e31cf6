"""How far the truth is from a forecast in 95 of 100 cases, by residuals of windows that overlap."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.calibration import FEWEST, conformal, student

CHOSEN = 4.0
"""What foretells was chosen by the same windows, and misses others by more: as if so many of them were too good."""


def ranges(residuals: Iterable[Array]) -> tuple[float, ...]:
    """Return a range for each step to come, from its residuals, of which some may be nan; ends where there are too few.

    It is that of split conformal prediction. The windows of a forecast of many steps overlap, so that its residuals are
    no more worth than those of one in so many; by so few it is at least what they give as if they were normal. No range
    is less than that of the step before.

    >>> [round(r, 1) for r in ranges(np.random.default_rng(0).normal(size=(3, 4000)))]
    [2.0, 2.0, 2.0]
    """
    out: list[float] = []
    for step, off in enumerate(residuals, 1):
        off = off[np.isfinite(off)]
        if len(off) < FEWEST:
            break
        by_few = student(off, max(len(off) / step, FEWEST))
        out.append(max((1 + CHOSEN / len(off)) * max(conformal(off) or 0.0, by_few), 0.0, *out[-1:]))
    return tuple(out)
