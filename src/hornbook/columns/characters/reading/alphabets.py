"""Alphabets by name or by their characters: what strings are made of, for the column, the makers and the commands.

One code point is one character, after normalization to NFC: ``é`` is one however it was typed, and an emoji
of several code points is several.
"""

from __future__ import annotations

import string
import unicodedata
from collections.abc import Iterable

from hornbook.common.plaintext import shorten
from hornbook.errors import UsageError, one_of

ALPHABETS = {
    "digits": string.digits,
    "lower": string.ascii_lowercase,
    "upper": string.ascii_uppercase,
    "letters": string.ascii_letters,
    "alphanumeric": string.digits + string.ascii_letters,
    "unambiguous": "23456789ABCDEFGHJKLMNPQRSTUVWXYZ",
}
"""The alphabets that have a name; ``unambiguous`` is without 0 and O, 1 and I, and without small letters."""

MOST_CHARACTERS = 65_535
"""The places of so many characters, and of the blank, fit into 16 bits."""


def alphabet(given: str) -> str:
    """Return the characters of an alphabet, given by its name or as the characters themselves.

    The characters keep the order in which they are given. The name goes first: the five letters of ``lower``
    are given in another order.

    Raises
    ------
    UsageError
        There is no character, one stands there twice, or one cannot be written down.

    Examples
    --------
    >>> alphabet("digits"), alphabet("abc")
    ('0123456789', 'abc')
    """
    if given in ALPHABETS:
        return ALPHABETS[given]
    characters = unicodedata.normalize("NFC", given)
    wrong = wrong_with(characters)
    if wrong:
        raise UsageError(
            f"the alphabet {shorten(repr(given), 60)} {wrong}: give each character once, or a name: {one_of(ALPHABETS)}"
        )
    return characters


def apart(characters: Iterable[str]) -> str:
    r"""Return characters as an alphabet: sorted, and where one would compose with the next (NFC), in another order.

    >>> apart("cab"), apart(["y", "\u0301", "b"]) == "\u0301by"
    ('abc', True)
    """
    found = "".join(sorted(characters))
    if unicodedata.normalize("NFC", found) == found:
        return found
    out = ""
    for c in sorted(found, key=lambda c: (not unicodedata.combining(c), unicodedata.combining(c), c)):
        tries = (out[:place] + c + out[place:] for place in range(len(out), -1, -1))
        out = next((tried for tried in tries if unicodedata.normalize("NFC", tried) == tried), out + c)
    return out


def wrong_with(characters: str) -> str:
    """Return what is wrong with characters as an alphabet, as the end of a sentence; empty where nothing is.

    >>> wrong_with("abca")
    "has the character 'a' twice"
    """
    if not characters:
        return "has no character"
    if len(characters) > MOST_CHARACTERS:
        return f"has {len(characters):,} characters, and {MOST_CHARACTERS:,} are possible"
    if len(set(characters)) < len(characters):
        twice = next(c for i, c in enumerate(characters) if c in characters[:i])
        return f"has the character {twice!r} twice"
    bad = next((c for c in characters if not writable(c)), None)
    return "" if bad is None else f"has {bad!r}, which is no character that can be read"


def writable(character: str) -> bool:
    """Return whether a character can be seen and written to a file: no control code and no half of a pair.

    >>> writable(" "), writable(chr(10)), writable(chr(0xD800))
    (True, False, False)
    """
    return unicodedata.category(character) not in ("Cc", "Cs", "Zl", "Zp")
