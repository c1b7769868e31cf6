r"""Names of files as text: in the table, on the screen, and back to the file.

A table holds UTF-8, and a file's name on Linux may be any bytes. Python stands in for bytes that are not
UTF-8 with lone surrogates (U+DC80 to U+DCFF), which neither a table nor a terminal takes. In the table each
stands 0x100000 higher, in the private plane (U+10DC80 to U+10DCFF), from where the way back is exact; on the
screen it is ``\xe9``.
"""

from __future__ import annotations

import re
import unicodedata

_LONE = re.compile("[\udc80-\udcff]")
_PRIVATE = re.compile("[\U0010dc80-\U0010dcff]")
_CONTROL = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\U000e0001-\U000e007f]"
)
_FORBIDDEN = re.compile(r'[<>:"/\\|?*\x00-\x1f]+')
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{name}{i}" for name in ("com", "lpt") for i in range(10))]
)
_UP = 0x100000

LONGEST_STEM = 200
"""Bytes of a name that are kept: file systems allow 255, and a number and an ending come after it."""


def to_table(name: str) -> str:
    r"""Return a file's name as it stands in the table.

    >>> to_table("caf\udce9.png") == "caf\U0010dce9.png"
    True
    """
    return _LONE.sub(lambda m: chr(ord(m[0]) + _UP), name)


def to_file(name: str) -> str:
    r"""Return the name that the operating system knows, the way back from ``to_table``.

    >>> to_file("caf\U0010dce9.png") == "caf\udce9.png"
    True
    """
    return _PRIVATE.sub(lambda m: chr(ord(m[0]) - _UP), name) if not name.isascii() else name


def shown(name: object) -> str:
    r"""Return a text that can be printed on one line, whatever it holds.

    What moves the cursor, reverses the writing or cannot be seen stands there as an escape; what joins letters and
    emoji stays.

    >>> print(shown("caf\udce9\n.png"))
    caf\xe9\n.png
    """
    text = str(name)
    if text.isascii() and text.isprintable():
        return text
    text = _LONE.sub(lambda m: f"\\x{ord(m[0]) - 0xDC00:02x}", to_file(text))
    text = _CONTROL.sub(lambda m: repr(m[0])[1:-1], text)
    return text.encode("utf-8", "backslashreplace").decode()


def file_stem(text: str, otherwise: str = "unnamed") -> str:
    r"""Return a text as the beginning of a file's name that every system takes, and that leads to no other folder.

    >>> file_stem("../km/h"), file_stem("my pictures_"), file_stem("*"), file_stem("nul.x")
    ('_km_h', 'my pictures_', 'unnamed', 'nul_.x')
    """
    name = _FORBIDDEN.sub("_", text).strip(" .")
    if not name.strip("_"):
        return otherwise
    while len(name.encode("utf-8", "surrogatepass")) > LONGEST_STEM:
        name = name[:-1]
    first, dot, rest = name.partition(".")
    return f"{first}_{dot}{rest}" if first.lower() in _DEVICES else name


def label_in(name: str) -> str:
    r"""Return a label that stands in the name of a folder or file; on a Mac accents stand apart from their letters.

    >>> label_in("cafe\u0301") == "caf\u00e9"
    True
    """
    if name.isascii() and name.isprintable():
        return name
    # Where no accent stands apart nothing is composed: of old forms of a character each is another one.
    return unicodedata.normalize("NFC", shown(name)) if any(map(unicodedata.combining, name)) else shown(name)
