"""How far two strings are apart: the fewest characters to be changed, put in or taken out (Levenshtein 1966)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest

import numpy as np

from hornbook.columns.base import Array


def distances(ones: Sequence[str], others: Sequence[str]) -> Array:
    """Return the edit distance of each pair, ``int64`` of shape ``(pairs,)``.

    >>> distances(["1234", "", "abc"], ["1324", "ab", "abc"])
    array([2, 2, 0])
    """
    from rapidfuzz.distance.Levenshtein import distance

    return np.array([distance(one, other) for one, other in zip(ones, others, strict=True)], np.int64)


def align(one: str, other: str) -> list[tuple[str, str]]:
    """Return the characters of two strings side by side, with as few differences as can be.

    A character that only one of them has stands beside an empty text. Of two ways that are as good, characters at the
    same place stand side by side: 7201 read as 2121 has three wrong ones, and none missed.

    >>> align("1234", "134"), align("7201", "2121")
    ([('1', '1'), ('2', ''), ('3', '3'), ('4', '4')], [('7', '2'), ('2', '1'), ('0', '2'), ('1', '1')])
    """
    from rapidfuzz.distance.Levenshtein import distance, opcodes

    places = list(zip(one, other, strict=False))
    if len(one) == len(other) and sum(a != b for a, b in places) == distance(one, other):
        return places
    return [
        pair
        for edit in opcodes(one, other)
        for pair in zip_longest(
            one[edit.src_start : edit.src_end], other[edit.dest_start : edit.dest_end], fillvalue=""
        )
    ]
