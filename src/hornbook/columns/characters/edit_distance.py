"""How far two strings are apart: the fewest characters to be changed, put in or taken out (Levenshtein 1966)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hornbook.columns.base import Array

MOST_CELLS = 1 << 22
"""Characters that are held at once, so that one string of a hundred thousand does not count for all."""


def distances(ones: Sequence[str], others: Sequence[str]) -> Array:
    """Return the edit distance of each pair, ``int64`` of shape ``(pairs,)``.

    The table of Wagner and Fischer 1974, one for many pairs of about one length, a cell at a time.

    >>> distances(["1234", "", "abc"], ["1324", "ab", "abc"])
    array([2, 2, 0])
    """
    pairs = list(zip(ones, others, strict=True))
    out = np.zeros(len(pairs), np.int64)
    longest = {i: max(map(len, pair)) for i, pair in enumerate(pairs) if pair[0] != pair[1]}
    group: list[int] = []
    for i in sorted(longest, key=longest.__getitem__):
        much = (len(group) + 1) * longest[i] > MOST_CELLS
        if group and (much or longest[i] > 2 * longest[group[0]] + 8):
            out[group] = _distances([pairs[j] for j in group])
            group = []
        group.append(i)
    if group:
        out[group] = _distances([pairs[j] for j in group])
    return out


def _distances(pairs: Sequence[tuple[str, str]]) -> Array:
    ones, others = zip(*pairs, strict=True)
    (a, a_lengths), (b, b_lengths) = _codes(ones), _codes(others)
    row = np.broadcast_to(np.arange(b.shape[1] + 1), (len(a), b.shape[1] + 1)).copy()
    out = b_lengths.copy()
    for i in range(a.shape[1]):
        above, row = row, np.empty_like(row)
        row[:, 0] = i + 1
        for j in range(b.shape[1]):
            changed = above[:, j] + (a[:, i] != b[:, j])
            row[:, j + 1] = np.minimum(changed, np.minimum(above[:, j + 1], row[:, j]) + 1)
        ends = np.flatnonzero(a_lengths == i + 1)
        out[ends] = row[ends, b_lengths[ends]]
    return out


def _codes(texts: Sequence[str]) -> tuple[Array, Array]:
    """Return the code points of texts, padded with 0, and how many each has."""
    lengths = np.array([len(t) for t in texts], np.int64)
    out = np.zeros((len(texts), int(lengths.max(initial=0))), np.uint32)
    out[np.arange(out.shape[1]) < lengths[:, None]] = np.array([ord(c) for t in texts for c in t], np.uint32)
    return out, lengths


def align(one: str, other: str) -> list[tuple[str, str]]:
    """Return the characters of two strings side by side, with as few differences as can be.

    A character that only one of them has stands beside an empty text.

    >>> align("1234", "134")
    [('1', '1'), ('2', ''), ('3', '3'), ('4', '4')]
    """
    table = [list(range(len(other) + 1))]
    for i, c in enumerate(one):
        row = [i + 1]
        for j, d in enumerate(other):
            row.append(min(table[i][j] + (c != d), table[i][j + 1] + 1, row[j] + 1))
        table.append(row)
    out = []
    i, j = len(one), len(other)
    while i or j:
        if i and j and table[i][j] == table[i - 1][j - 1] + (one[i - 1] != other[j - 1]):
            i, j = i - 1, j - 1
            out.append((one[i], other[j]))
        elif i and table[i][j] == table[i - 1][j] + 1:
            i -= 1
            out.append((one[i], ""))
        else:
            j -= 1
            out.append(("", other[j]))
    return out[::-1]
