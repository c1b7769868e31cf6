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

Tokenizer = Literal["words", "jieba", "characters", "blanks"]
"""How a text is cut; ``jieba`` is into Chinese words, ``blanks`` at every blank."""

HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
OTHER = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u31f0-\u31ff"
"""Thai, Lao, Burmese, Khmer and Japanese syllables: no blanks between words either, and jieba does not know them."""

MARKS = (
    "\u0300-\u036f\u0483-\u0489\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670"
    "\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u0711\u0730-\u074a\u07a6-\u07b0\u0898-\u08e1\u08e3-\u0903"
    "\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09d7\u09e2\u09e3\u0a01-\u0a03\u0a3c-\u0a51\u0a70\u0a71"
    "\u0a75\u0a81-\u0a83\u0abc-\u0acd\u0ae2\u0ae3\u0afa-\u0aff\u0b01-\u0b03\u0b3c-\u0b57\u0b62\u0b63\u0b82"
    "\u0bbe-\u0bcd\u0bd7\u0c00-\u0c04\u0c3c-\u0c56\u0c62\u0c63\u0c81-\u0c83\u0cbc-\u0cd6\u0ce2\u0ce3\u0d00-\u0d03"
    "\u0d3b-\u0d4d\u0d57\u0d62\u0d63\u0d81-\u0d83\u0dca-\u0ddf\u0df2\u0df3\u0f18-\u0f19\u0f35\u0f37\u0f39\u0f71-\u0f84"
    "\u0f86\u0f87\u0f8d-\u0fbc\u135d-\u135f\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d\u20d0-\u20f0\ufe20-\ufe2f"
)
"""What stands at a letter and is part of its word: vowel signs of Indian scripts, Arabic and Hebrew points, accents."""

_LETTER_CLASS = rf"[^\W{HAN}{OTHER}]"
_WORD = rf"{_LETTER_CLASS}+(?:[{MARKS}]+{_LETTER_CLASS}*)*"
WORDS = rf"(?=\w[\w{MARKS}]){_WORD}"
"""A regular expression for words of two characters and more, for who counts them."""

_TOKEN = re.compile(rf"[{HAN}{OTHER}]|{_WORD}(?:['’]{_WORD})*|[^\w\s]")
_PIECE = re.compile(rf"\s?(?:{_TOKEN.pattern})")
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


def tokens_of(text: str, tokenizer: Tokenizer, most: int | None = None) -> list[str]:
    """Return the tokens of a text, at most ``most``: of a text of a million characters only the first are looked at.

    >>> tokens_of("Isn't it 5 o'clock? 很好", "words")
    ["Isn't", 'it', '5', "o'clock", '?', '很', '好']
    """
    if tokenizer == "characters":
        return list(text if most is None else text[:most])
    if tokenizer == "blanks":
        return text.split() if most is None else text.split(maxsplit=most)[:most]
    if tokenizer == "words":
        if most is None:
            return _TOKEN.findall(text)
        return [m[0] for m in itertools.islice(_TOKEN.finditer(text), most)]
    part = text if most is None else text[: JIEBA_CHARACTERS * most]
    found = [word for word in jieba_cut()(part) if not word.isspace()]
    return found if most is None else found[:most]


def pieces_of(text: str) -> list[str]:
    """Return the words and signs of a text, each with the blank before it: side by side they are the text again.

    >>> pieces_of("It is so, isn't it?")
    ['It', ' is', ' so', ',', " isn't", ' it', '?']
    """
    return _PIECE.findall(text)


def about_tokens(tokenizer: Tokenizer, lowercase: bool, most: int) -> list[str]:
    """Return how a text is cut, lines for who writes a program around a recognizer."""
    cut = {
        "characters": "into characters",
        "jieba": "into Chinese words, by jieba; blanks are left out",
        "blanks": "at every blank",
        "words": "into the matches of this expression of Python's module re, one after the other:",
    }
    folded = ", lower case" if lowercase else ""
    said = (
        f"the numbers of its tokens, at most {most}: in one form (NFC, line ends \\n){folded}, blanks at its beginning "
        f"left out, then cut {cut[tokenizer]}"
    )
    # With escapes: accents that stand alone are drawn over what is before them.
    plainly = _TOKEN.pattern.encode("ascii", "backslashreplace").decode()
    return [said, *([plainly] if tokenizer == "words" else [])]


def find_tokenizer(
    texts: Iterable[str], wanted: Literal["auto", "words", "characters", "blanks"]
) -> Tokenizer:
    """Return how texts are best cut: their letters say whether they put blanks between words.

    Raises
    ------
    MissingExtra
        Chinese words are asked for, and jieba is not installed.
    """
    if wanted in ("characters", "blanks"):
        return wanted
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
    """Return jieba's cut, with its dictionary read; MissingExtra where it is not installed."""
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
