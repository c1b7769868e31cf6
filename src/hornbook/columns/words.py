"""Cutting a text into tokens: words or characters, also where a language puts no blanks between its words.

A word is a run of letters, digits and marks, with an apostrophe inside (``don't``); a sign of punctuation is a
token of its own, and so is each Chinese or Japanese character that nobody has joined to a word. Chinese is cut
into words by jieba, where it is installed.
"""

from __future__ import annotations

import importlib.util
import itertools
import re
import unicodedata
import warnings
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any, Literal

from hornbook.errors import MissingExtra

Cut = Literal["words", "jieba", "characters"]
"""How a text is cut; ``jieba`` is into Chinese words."""

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
OTHER = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff"
"""Thai, Lao, Burmese, Khmer and Japanese syllables: no blanks between words either, and jieba does not know them."""

_TOKEN = re.compile(rf"[{HAN}{OTHER}]|[^\W{HAN}{OTHER}]+(?:['’][^\W{HAN}{OTHER}]+)*|[^\w\s]")
_HAN, _OTHER = re.compile(f"[{HAN}]"), re.compile(f"[{OTHER}]")
_LETTER = re.compile(r"[^\W\d_]")

JIEBA_CHARACTERS = 8
"""Characters that are given to jieba for each token that is wanted: Chinese words are shorter."""


def plain(text: str, lowercase: bool) -> str:
    r"""Return a text in one form of Unicode (NFC) and of line ends, in small letters if wanted.

    >>> plain("Cafe\u0301\r\n", True)
    'café\n'
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return text.lower() if lowercase else text


def tokens_of(text: str, cut: Cut, most: int | None = None) -> list[str]:
    """Return the tokens of a text, at most ``most``: of a text of a million characters only the first are looked at.

    >>> tokens_of("Isn't it 5 o'clock? 很好", "words")
    ["Isn't", 'it', '5', "o'clock", '?', '很', '好']
    """
    if cut == "characters":
        return list(text if most is None else text[:most])
    if cut == "words":
        if most is None:
            return _TOKEN.findall(text)
        return [m[0] for m in itertools.islice(_TOKEN.finditer(text), most)]
    part = text if most is None else text[: JIEBA_CHARACTERS * most]
    found = [word for word in jieba_cut()(part) if not word.isspace()]
    return found if most is None else found[:most]


def find_cut(texts: Iterable[str], wanted: Literal["auto", "words", "characters"]) -> Cut:
    """Return how texts are best cut: their letters say whether they put blanks between words.

    Raises
    ------
    MissingExtra
        Chinese words are asked for, and jieba is not installed.
    """
    if wanted == "characters":
        return "characters"
    letters = han = other = 0
    for text in texts:
        letters += len(_LETTER.findall(text))
        if not text.isascii():
            han += len(_HAN.findall(text))
            other += len(_OTHER.findall(text))
    if wanted == "auto" and other > 0.2 * letters:
        return "characters"
    if han > 0.3 * letters:
        if wanted == "auto" and importlib.util.find_spec("jieba") is None:
            return "characters"
        jieba_cut()
        return "jieba"
    return "words"


@cache
def jieba_cut() -> Callable[[str], Iterator[str]]:
    """Return jieba's cut, with its dictionary read.

    Raises
    ------
    MissingExtra
        It is not installed.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it is written for older Pythons
            import jieba
    except ModuleNotFoundError:
        raise MissingExtra("cutting Chinese into words", "chinese") from None
    jieba.setLogLevel(60)  # it tells where its dictionary is
    tokenizer: Any = jieba.Tokenizer()
    tokenizer.initialize()
    found: Callable[[str], Iterator[str]] = tokenizer.cut
    return found
