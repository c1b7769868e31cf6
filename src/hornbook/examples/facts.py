"""Encoding one value of a heavy column, with what is known of it: for threads and for processes alike.

It imports no table, since a process that makes examples needs none and should start at once.
"""

from __future__ import annotations

import hashlib
from typing import Any

import numpy as np

from hornbook.columns.base import Array, Column

FACTS = np.dtype(
    [
        *(("width", "<u4"), ("height", "<u4"), ("mode", "S8"), ("low", "<f4"), ("high", "<f4")),
        *(("frames", "<u2"), ("things", "u1"), ("content", "V16"), ("bad", "?")),
    ]
)
"""What is known of each row of a heavy column: `hornbook.columns.facts.Facts`, 128-bit hash of the content, unreadable
or not."""


def content_of(value: Any) -> Any:
    """Return the bytes that a value is known by."""
    if isinstance(value, np.ndarray):
        return np.ascontiguousarray(value).data
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value)
    if hasattr(value, "tobytes") and hasattr(value, "mode"):
        # A Pillow picture, whose text is its place in memory.
        return f"{value.mode} {value.size} ".encode() + value.tobytes()
    return str(value).encode("utf-8", "surrogatepass")


def encode_value(column: Column, value: Any, name: str, facts: Array, at: int, block: Array) -> None:
    """Encode one value into its place of ``block``, and note its facts in the same place of ``facts``.

    Raises
    ------
    DataError
        It cannot be encoded.
    """
    content = hashlib.blake2b(content_of(value), digest_size=16).digest()
    facts["content"][at] = content  # also of a value that cannot be encoded
    block[at], (width, height, mode, low, high, frames, things) = column.encode_with_facts(value, name)
    word = mode.encode("ascii", "replace")[:8]
    # All fields at once: field by field takes as long as a tenth of the picture.
    facts[at] = (width, height, word, low, high, min(frames, 65535), min(things, 255), content, False)
