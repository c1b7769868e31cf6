"""How many tokens of a text are kept."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

QUANTILE = 0.995
"""The share of training texts that are not cut, where no length is given."""

LONGEST = 512
"""The longest length that is learned; a longer one must be given."""


def long_enough(lengths: Sequence[int]) -> int:
    """Return a length that holds most texts; it depends on no order."""
    if not lengths:
        return 1
    quantile = int(np.ceil(np.quantile(lengths, QUANTILE)))
    return max(1, min(quantile, LONGEST))
