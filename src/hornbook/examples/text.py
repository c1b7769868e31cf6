"""Text files from anywhere: which encoding they are in, told apart by what is in them.

UTF-8 with or without a mark, UTF-16 with or without one, GBK (as Chinese Windows writes) and Windows-1252 (as
western Windows writes). A file that is in none of them is no text.
"""

from __future__ import annotations

import codecs

from hornbook.errors import DataError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROL = bytes(set(range(32)) - {9, 10, 11, 12, 13, 27})
LOOKED_AT = 1 << 16


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
    if _decodes(data, "utf-8"):
        return "utf-8"
    if _looks_like_gbk(head) and _decodes(data, "gb18030"):
        return "gb18030"
    return "cp1252" if _decodes(data, "cp1252") else None


def decode(data: bytes, origin: str) -> str:
    r"""Return the text of a file's bytes, without a mark at its start and with ``\n`` at the end of lines.

    Raises
    ------
    DataError
        It is no text.
    """
    name = encoding_of(data)
    if name is None:
        raise DataError(f"{origin}: is not a text file, or in an unknown encoding: save it as UTF-8")
    return data.decode(name).replace("\r\n", "\n").replace("\r", "\n")


def _decodes(data: bytes, name: str) -> bool:
    try:
        data.decode(name)
    except UnicodeDecodeError:
        return False
    return True


def _utf16_without_mark(data: bytes) -> str | None:
    """Text in UTF-16 has zeros (line ends, digits) at the even or at the odd bytes only."""
    even, odd = data[0:LOOKED_AT:2].count(0), data[1:LOOKED_AT:2].count(0)
    name = "utf-16-le" if odd > even else "utf-16-be"
    if min(even, odd) * 3 > max(even, odd) or not _decodes(data, name):
        return None
    text = data.decode(name)
    return name if "\0" not in text and sum(c < " " and c not in "\t\n\r\f\v" for c in text) == 0 else None


def _looks_like_gbk(data: bytes) -> bool:
    """Return whether the bytes over 127 come in pairs that are characters of GB 2312.

    Western letters with accents stand alone between ASCII letters, so nearly none of them does.
    """
    pairs = common = 0
    at = 0
    while at < len(data) - 1:
        if data[at] < 0x80:
            at += 1
            continue
        pairs += 1
        common += 0xA1 <= data[at] <= 0xF7 and data[at + 1] >= 0xA1
        at += 2
    return pairs > 0 and common >= 0.9 * pairs
