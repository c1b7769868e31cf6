"""Files that are written as text: base64, and addresses that begin with ``data:`` (RFC 2397)."""

from __future__ import annotations

import base64
import binascii
import re

from hornbook.common.endings import begins_like_a_picture, begins_like_a_sound

SHORTEST = 80
"""Letters that a picture in base64 has at least: the smallest PNG has 67 bytes, and a shorter text is a name."""

_DATA = re.compile(r"\s*data:[^,;]{0,100}(;[^,;]{0,100}){0,5};base64,")
_BASE64 = re.compile(r"[A-Za-z0-9+/_\s-]+={0,2}\s*")


def inline(text: str) -> bytes | None:
    """Return the bytes of a picture or a sound that is written in a text; None where the text is something else.

    >>> inline("a.png"), inline("data:text/plain;base64,aGVsbG8=")
    (None, b'hello')
    """
    said = _DATA.match(text[:1000])
    if said is None and (len(text) < SHORTEST or not _BASE64.fullmatch(text)):
        return None
    letters = re.sub(r"\s+", "", text[said.end() if said else 0 :]).replace("-", "+").replace("_", "/")
    try:
        data = base64.b64decode(letters.rstrip("=") + "=" * (-len(letters.rstrip("=")) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
    known = said is not None or begins_like_a_picture(data[:16]) or begins_like_a_sound(data[:16])
    return data if known else None
