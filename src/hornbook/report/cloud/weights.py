"""How much each word weighs: how often it is there, or how much it says (TF-IDF, TextRank)."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from importlib import resources

import numpy as np

from hornbook.errors import UsageError, did_you_mean, one_of
from hornbook.report.cloud.words import Words

__all__ = ["WEIGHTS", "check_way", "weigh"]

PART = 400
"""Words of a part of a long text; what is in few parts says more."""

RANKED = 1_500
"""Words that are ranked by TextRank, the commonest."""

WINDOW = 5
"""Words side by side that speak for each other (jieba has the same)."""

DAMPING, ROUNDS = 0.85, 40
"""Of the ranks (Brin and Page 1998), and how often they are passed on."""


def counts(words: Words) -> dict[str, float]:
    """Return how often each word is there."""
    return {word: float(count) for word, count in words.counts.items()}


def tfidf(words: Words) -> dict[str, float]:
    """Return counts times the logarithm of how few of the texts have the word (Spärck Jones 1972).

    Each text is a part, a long one several. Of Chinese words jieba knows how rare they are in the language: where most
    are of these, its figures are taken.
    """
    idf = _of_the_language(words.counts) or _of_the_parts(words)
    return {word: count * idf[word] for word, count in words.counts.items()}


def _of_the_parts(words: Words) -> dict[str, float]:
    parts = [set(some[at : at + PART]) for some in words.order for at in range(0, len(some), PART)]
    found = Counter(word for part in parts for word in part)
    return {word: math.log((1 + len(parts)) / (1 + n)) + 1 for word, n in found.items()}


def _of_the_language(known: Mapping[str, int]) -> dict[str, float]:
    """Return jieba's figures; nothing where few of the words are Chinese."""
    if sum("\u4e00" <= word[0] <= "\u9fff" for word in known) * 2 < len(known):
        return {}
    # Read here, for jieba leaves the file open.
    lines = (resources.files("jieba") / "analyse" / "idf.txt").read_text("utf-8").splitlines()
    figures = {word: float(figure) for word, _, figure in (line.rpartition(" ") for line in lines) if word}
    middle = sorted(figures.values())[len(figures) // 2]
    return {word: figures.get(word, middle) for word in known}


def textrank(words: Words) -> dict[str, float]:
    """Return the rank of each word among those that it stands near to (Mihalcea and Tarau 2004)."""
    place = {word: i for i, word in enumerate(list(words.counts)[:RANKED])}
    pairs: defaultdict[tuple[int, int], int] = defaultdict(int)
    for some in words.order:
        known = [place.get(word, -1) for word in some]
        for at, one in enumerate(known):
            if one >= 0:
                for other in known[at + 1 : at + WINDOW]:
                    if other >= 0 and other != one:
                        pairs[(one, other) if one < other else (other, one)] += 1
    near = np.zeros((len(place), len(place)))
    for (one, other), count in pairs.items():
        near[one, other] = near[other, one] = count
    share = near / np.maximum(near.sum(axis=0), 1)
    rank = np.full(len(place), 1 / len(place))
    for _ in range(ROUNDS):
        rank = (1 - DAMPING) / len(place) + DAMPING * share @ rank
    return {word: float(rank[i]) for word, i in place.items()}


WEIGHTS: dict[str, Callable[[Words], dict[str, float]]] = {
    "counts": counts,
    "tfidf": tfidf,
    "textrank": textrank,
}
"""What a word may be weighed by."""


def check_way(by: str) -> None:
    """Raise UsageError where there is no such way to weigh words."""
    if by not in WEIGHTS:
        raise UsageError(
            f"words are weighed by {one_of(WEIGHTS)}, and not by {by!r}{did_you_mean(by, WEIGHTS)}"
        )


def weigh(words: Words, by: str) -> dict[str, float]:
    """Return the weight of each word, the weightiest first.

    Raises
    ------
    UsageError
        There is no such way.

    Examples
    --------
    >>> from hornbook.report.cloud.words import words_of
    >>> list(weigh(words_of(["red fox and red hen"]), "textrank"))[0]
    'red'
    """
    check_way(by)
    found = WEIGHTS[by](words)
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))
