"""Classes that are groups of a number, in their order: ages 3-9, 10-19, more than 70."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

import numpy as np

from hornbook.columns.base import Array

__all__ = ["in_order", "middles", "said_of"]

_NUMBER = re.compile(r"(?<![\d.])\d{1,9}(?:\.\d{1,9})?")


def middles(classes: Sequence[str]) -> Array | None:
    """Return the middle of each group; None where one has no numbers, or they are not in their order.

    Of whole numbers both ends belong to a group; the last one, where it is open, is as wide as the one before it.

    >>> middles(["0-2", "3-9", "10-19", "more than 70"])
    array([ 1.5,  6.5, 15. , 75. ])
    >>> middles(["cat", "dog"]) is None
    True
    """
    ends = [_NUMBER.findall(name) for name in classes]
    if any(len(found) not in (1, 2) for found in ends):
        return None
    out: list[float] = []
    width = 0.0
    for name, found in zip(classes, ends, strict=True):
        low = float(found[0])
        whole = "." not in "".join(found)
        if len(found) == 2:
            width = float(found[1]) - low + whole
            out.append(low + width / 2)
        else:
            is_open = name.strip() != found[0]
            out.append(low + width / 2 if is_open else low)
    return np.array(out) if all(a < b for a, b in itertools.pairwise(out)) else None


def said_of(group: object, mean: float) -> str:
    """Return a group with the mean of all, as people read it."""
    return f"{group} (about {mean:.3g})"


def in_order(middle: Array | None, outputs: Array, truth: Array) -> dict[str, float]:
    """Return how many answers are within one group, and how wrong their mean is; nothing where there is no order."""
    if middle is None:
        return {}
    true = truth.astype(np.int64)
    apart = np.abs(outputs.argmax(axis=1) - true)
    error = np.abs(np.asarray(outputs, np.float64) @ middle - middle[true])
    return {"within_one": float((apart <= 1).mean()), "mean_error": float(error.mean())}
