"""Text files from anywhere: which encoding they are in, told apart by what is in them.

UTF-8 with or without a mark, UTF-16 with or without one, GBK (as Chinese Windows writes) and Windows-1252 (as
western Windows writes). A file that is in none of them is no text. What is not UTF-8 is a guess, and said.
"""

from __future__ import annotations

import codecs
import re

from hornbook.errors import DataError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = bytes(set(range(32)) - {9, 10, 11, 12, 13, 27})
_FOUR = re.compile(rb"[\x81-\xfe][0-9][\x81-\xfe][0-9]").match
LOOKED_AT = 1 << 16

SAID = {"gb18030": "GBK", "cp1252": "Windows-1252", "utf-16": "UTF-16", "utf-32": "UTF-32"}
"""What people call the encodings that are found out and worth a word."""


def encoding_of(data: bytes) -> str | None:
    """Return the name of the encoding of a file's bytes, None where it is no text.

    >>> encoding_of("小狗 dog".encode("gbk")), encoding_of("café".encode("utf-16"))
    ('gb18030', 'utf-16')
    >>> encoding_of("né à Orléans".encode("cp1252"))
    'cp1252'
    """
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name if _decodes(data, name) else None
    head = data[:LOOKED_AT]
    if b"\0" in head:
        return _utf16_without_mark(data)
    if len(head.translate(None, _CONTROL)) < len(head):
        return None
    if data.isascii() or _decodes(data, "utf-8"):
        return "utf-8"
    if _broken_utf8(data) is not None:
        return None
    if _looks_like_gbk(head) and _decodes(data, "gb18030"):
        return "gb18030"
    return "cp1252" if _decodes(data, "cp1252") else None


def decode(data: bytes, origin: str, encoding: str | None = None) -> str:
    r"""Return the text of a file's bytes, without a mark at its start and with ``\n`` at the end of lines.

    Parameters
    ----------
    encoding
        What it is in, where it is not to be found out.

    Raises
    ------
    DataError
        It is no text, or the encoding is not known or another one.
    """
    text = _told(data, origin, encoding)
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def said_of(data: bytes) -> str:
    """Return a note on the encoding of a file's bytes; empty where it is UTF-8.

    >>> said_of("小狗 dog".encode("gbk"))
    'is not in UTF-8 and was read as GBK; where that is wrong, set data.encoding'
    """
    name = "utf-8" if data.isascii() else encoding_of(data) or ""
    known = SAID.get(name) or SAID.get(name.removesuffix("-le").removesuffix("-be"), "")
    return f"is not in UTF-8 and was read as {known}; where that is wrong, set data.encoding" if known else ""


def _told(data: bytes, origin: str, encoding: str | None) -> str:
    name = encoding or encoding_of(data)
    if name is None:
        raise DataError(f"{origin}: {_why_no_text(data)}")
    try:
        text = data.decode("utf-8-sig" if name.lower() in ("utf-8", "utf8") else name)
    except LookupError:
        raise DataError(
            f"{origin}: {encoding!r} is no encoding that is known; say one such as 'utf-8', 'gb18030' or 'cp1252'"
        ) from None
    except UnicodeError as error:
        at: int = getattr(error, "start", 0)
        raise DataError(
            f"{origin} line {_line(data, at)}: is not in the encoding {encoding!r}: leave "
            "data.encoding out to have it found"
        ) from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise DataError(f"{origin} line {line}: has a NUL character in it, which no text has: remove it")
    return text.removeprefix("\ufeff")


def _line(data: bytes, at: int) -> int:
    return data.count(b"\n", 0, at) + 1


def _why_no_text(data: bytes) -> str:
    """Say why bytes are no text: a few odd ones in a text are told by their line."""
    head = data[:LOOKED_AT]
    odd = len(head) - len(head.translate(None, _CONTROL))
    if odd * 50 < len(head):
        at = next((i for i, byte in enumerate(data) if byte in _CONTROL), None)
        if at is not None:
            line = _line(data, at)
            said = "a NUL byte" if data[at] == 0 else f"the byte {data[at]:#04x}"
            return f"is not a text file, for line {line} has {said} in it: remove it, or save it as UTF-8"
        broken = _broken_utf8(data)
        if broken is not None:
            line = _line(data, broken)
            return f"is in UTF-8, but not on line {line}: mend that line, or set data.encoding"
    return "is not a text file, or in an unknown encoding: save it as UTF-8"


def _broken_utf8(data: bytes) -> int | None:
    """Return the place of the first byte that is not UTF-8, where nearly all else over 127 is; else None."""
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        text = data.decode("utf-8", "surrogateescape")
        bad = sum("\udc80" <= c <= "\udcff" for c in text)
        right = sum(c > "\x7f" for c in text) - bad
        return error.start if right >= 10 * bad else None
    return None


def _decodes(data: bytes, name: str) -> bool:
    try:
        data.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _utf16_without_mark(data: bytes) -> str | None:
    """Text in UTF-16 has zeros (line ends, digits) at the even or at the odd bytes only."""
    even, odd = data[0:LOOKED_AT:2].count(0), data[1:LOOKED_AT:2].count(0)
    head = data[:LOOKED_AT]
    if head.replace(b"\0", b"").isascii() and (even + odd) * 3 < len(head):
        return None  # every second byte of ASCII in UTF-16 is zero; a few are damage
    name = "utf-16-le" if odd > even else "utf-16-be"
    if min(even, odd) * 3 > max(even, odd) or not _decodes(data, name):
        return None
    text = data.decode(name)
    return name if "\0" not in text and sum(c < " " and c not in "\t\n\r\f\v" for c in text) == 0 else None


def _looks_like_gbk(data: bytes) -> bool:
    """Return whether the bytes over 127 come in pairs that are characters of GB 2312, or in fours of GB 18030.

    Western letters with accents stand alone between ASCII letters, so nearly none of them does. The yen sign has four
    bytes, every second of which is a digit.
    """
    pairs = common = 0
    at = 0
    while at < len(data) - 1:
        if data[at] < 0x80:
            at += 1
            continue
        pairs += 1
        if _FOUR(data, at):
            common += 1
            at += 4
            continue
        common += 0xA1 <= data[at] <= 0xF7 and data[at + 1] >= 0xA1
        at += 2
    return pairs > 0 and common >= 0.9 * pairs
