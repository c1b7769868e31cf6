"""Reading the files that a cloud is drawn of: texts in any encoding, and tables of words with their weights."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path

from hornbook.common.files import reason
from hornbook.common.plaintext import clean, shorten
from hornbook.common.safe_names import shown
from hornbook.errors import DataError
from hornbook.sources.encodings import decode

__all__ = ["read_text", "read_weights"]

MOST_BYTES = 256 << 20
"""Of a text: a library of books."""

LONGEST = 100
"""Characters of a word of a table."""


def read_text(name: str) -> str:
    """Return a text; DataError where there is none."""
    path = Path(name)
    try:
        if path.stat().st_size > MOST_BYTES:
            raise DataError(f"{shown(path)} has more than {MOST_BYTES >> 20} MiB: give a part of it")
        data = path.read_bytes()
    except (OSError, ValueError) as error:
        raise DataError(f"{shown(path)} cannot be read: {reason(error)}") from None
    return decode(data, clean(name))


def read_weights(name: str) -> dict[str, float]:
    """Return the words of a table with their weights, the weightiest first.

    Each line has a word and a number over 0; a first line that has none is taken for names of columns.

    Raises
    ------
    DataError
        A line has no such number, a word is there twice, or there is none.
    """
    found: dict[str, float] = {}
    for place, row in enumerate(csv.reader(io.StringIO(read_text(name).lstrip("\ufeff"))), start=1):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        where = f"{clean(name)}, line {place}"
        word, *others = cells
        weight = _number(others[0]) if others else math.nan
        if math.isnan(weight) and place == 1 and len(cells) > 1:
            continue
        if not 0 < weight < math.inf:
            said = shorten(clean(",".join(row)), 40)
            raise DataError(f"{where}: {said!r} is no word and a number over 0: write them like hornbook,12")
        if not word or len(word) > LONGEST:
            raise DataError(f"{where}: there is no word, or one of more than {LONGEST} characters")
        if word in found:
            raise DataError(f"{where}: {shorten(clean(word), 40)!r} is there a second time: write it once")
        found[word] = weight
    if not found:
        raise DataError(f"{clean(name)}: there is no word in it")
    return dict(sorted(found.items(), key=lambda one: (-one[1], one[0])))


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
