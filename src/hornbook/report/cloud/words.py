"""The words of texts: cut, without stop words, counted.

Chinese is cut by jieba; of other languages a word is what `hornbook.columns.text.tokens` takes for one. Words of one
character say little, and are left out.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

from hornbook.columns.text.tokens import find_tokenizer, jieba_cut, plain, tokens_of
from hornbook.errors import DataError, MissingExtra

__all__ = ["Words", "need_wordcloud", "stop_words", "words_of"]

LOOKED_AT = 200_000
"""Characters by which it is found how a text is cut."""

_WORD = re.compile(r"(?=.*[^\W\d_]).{2,}", re.DOTALL)
"""Two characters and more, one of them a letter."""


@dataclass(frozen=True)
class Words:
    """The words of texts.

    Attributes
    ----------
    counts
        How often each is there, the commonest first; two that differ only in capitals are one, as it is written most.
    order
        All of them, as they follow each other, those of each text by themselves.
    left_out
        How many different words were stop words.
    """

    counts: dict[str, int]
    order: tuple[list[str], ...]
    left_out: int = 0


def words_of(texts: Sequence[str], stop: frozenset[str] = frozenset()) -> Words:
    """Return the words of texts without the stop words.

    Raises
    ------
    DataError
        No word is left.
    MissingExtra
        The texts are Chinese, and jieba is not installed.

    Examples
    --------
    >>> words_of(["The cat sees cats.", "THE DOG, the dog; a Dog"], frozenset(["the"])).counts
    {'dog': 3, 'cat': 2, 'sees': 1}
    """
    tokens = [_cut(text) for text in texts]
    every = Counter(token for some in tokens for token in some)
    spelled: dict[str, Counter[str]] = {}
    plurals: dict[str, str] = {}
    added: Counter[str] = Counter()
    for token, count in every.items():
        if _WORD.fullmatch(token):
            spelled.setdefault(token.casefold(), Counter())[token] += count
    for key in [k for k in spelled if len(k) > 3 and k.endswith("s") and not k.endswith("ss")]:
        if key[:-1] in spelled:  # the plural of a word that is there: as the library that draws counts
            many = spelled.pop(key)
            plurals |= dict.fromkeys(many, key[:-1])
            added[key[:-1]] += many.total()
    stopped = {key for key in spelled if key in stop}
    # Of two spellings that are as common the one in small letters.
    shown = {k: min(s.items(), key=lambda one: (-one[1], one[0] != k, one[0]))[0] for k, s in spelled.items()}
    known = {t: shown[k] for k, s in spelled.items() if k not in stopped for t in s}
    known |= {t: shown[k] for t, k in plurals.items() if k not in stopped}
    counts = {shown[k]: s.total() + added[k] for k, s in spelled.items() if k not in stopped}
    if not counts:
        why = (
            "all of them are stop words: give --all-words"
            if stopped
            else "there are none of two letters or more"
        )
        raise DataError(f"no word is left to be drawn: {why}")
    order = tuple([known[t] for t in some if t in known] for some in tokens)
    return Words(dict(sorted(counts.items(), key=lambda one: (-one[1], one[0]))), order, len(stopped))


def _cut(text: str) -> list[str]:
    """Return the tokens of a text, its blanks and signs among them."""
    text = plain(text, lowercase=False)
    if find_tokenizer([text[:LOOKED_AT]], "words") == "jieba":
        return list(jieba_cut()(text))
    return tokens_of(text, "words")


def need_wordcloud() -> None:
    """Raise MissingExtra where the library that draws is not installed."""
    try:
        import wordcloud  # noqa: F401
    except ModuleNotFoundError:
        raise MissingExtra("drawing word clouds", "cloud") from None


@cache
def stop_words() -> frozenset[str]:
    """Return the stop words of English, as the library that draws has them, and of Chinese."""
    need_wordcloud()
    from wordcloud import STOPWORDS

    chinese = (resources.files("hornbook") / "report" / "cloud" / "stop_words_zh.txt").read_text("utf-8")
    return frozenset(word.casefold() for word in (*STOPWORDS, *chinese.split()))


def read_stop_words(lines: Iterable[str]) -> frozenset[str]:
    """Return the stop words of a file: one a line.

    >>> sorted(read_stop_words(["The", "", " of "]))
    ['of', 'the']
    """
    return frozenset(line.strip().casefold() for line in lines if line.strip())
