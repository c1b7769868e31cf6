"""How tags stand in cells: names with a separator between them, lists, columns of 0 and 1."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hornbook.errors import DataError

if TYPE_CHECKING:
    import polars as pl

MOST_TAGS = 10_000

SURE = ("\n", "|", ";")
"""Separators that hardly stand in a name; lists of JSON are lines."""

PERHAPS = (",", "/", " ")
"""Those that do: it takes more to see that they are separators."""

MOST_CHARACTERS = 100_000
"""Of a list in a cell."""

LOOKED_AT = 5_000
"""Cells that are enough to see how tags are written."""

FEWEST = 3
"""Cells with a separator from which on it may be one."""

LONGEST = 60
"""Characters of a name."""

_QUOTED = re.compile(r"""'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*\"""")
_LIST = re.compile(rf"[\[({{]\s*(?:(?:{_QUOTED.pattern})\s*(?:,\s*|(?=[\])}}])))*[\])}}]")
_NUMBERS = re.compile(r"\[\s*\d+(?:\s*,\s*\d+)*\s*\]")

OFF = ("", "0", "0.0", "false", "no", "n", "f", "-")


def words_of(value: Any, separator: str | None) -> list[str] | None:
    r"""Return the names in a cell, each once; None where it is empty. A separator alone says that there are none.

    >>> words_of("web | sql", "|"), words_of(["a", 1], ""), words_of({"a": 1, "b": 0}, None)
    (['web', 'sql'], ['a', '1'], ['a'])
    >>> words_of("|", "|"), words_of("\n", ""), words_of(" ", "|")
    ([], [], None)
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    if isinstance(value, str):
        text = value.strip()
        if text[:1] in ("[", "{", "(") and (listed := _list_in(text)) is not None:
            return list(dict.fromkeys(name.strip() for name in listed if name.strip()))
        words = _parts(value, separator)
        return words if words or (separator or "\n") in value or "\n" in value else None
    if isinstance(value, Mapping):
        return [
            str(name) for name, on in value.items() if str(on).strip().lower() not in OFF and on is not None
        ]
    if isinstance(value, (int, float, np.number)):
        return [_word(value)]
    if isinstance(value, Iterable) and not isinstance(value, (bytes, bytearray)):
        return list(dict.fromkeys(_word(part) for part in value if part is not None))
    raise DataError(f"{value!r:.40} is no text, list or number of tags")


def _list_in(text: str) -> list[str] | None:
    """Return the names in a list that Python or JSON wrote into a cell; None where it is none.

    >>> _list_in("['web', 'big data']"), _list_in('["a"]'), _list_in("[]"), _list_in("[draft"), _list_in("['a', ['b']]")
    (['web', 'big data'], ['a'], [], None, None)
    """
    if text[:1] not in ("[", "(", "{") or len(text) > MOST_CHARACTERS:
        return None
    if _NUMBERS.fullmatch(text):
        return re.findall(r"\d+", text)
    if not _LIST.fullmatch(text):
        return None
    return list(map(_unquoted, _QUOTED.findall(text)))


def _unquoted(text: str) -> str:
    """Return the name that Python or JSON wrote in quotes."""
    if text[0] == '"':
        try:
            return str(json.loads(text))
        except ValueError:  # as Python writes it, where there is a ' in it
            pass
    return re.sub(r"\\(.)", r"\1", text[1:-1])


def _parts(text: str, separator: str | None) -> list[str]:
    parts = text.split(separator) if separator else [text]
    return list(dict.fromkeys(stripped for part in parts if (stripped := part.strip())))


def _word(part: object) -> str:
    """Return a name in a list; a number without the fraction that it has not got."""
    if isinstance(part, (float, np.floating)) and float(part).is_integer():
        part = int(part)
    if not isinstance(part, (str, int, float, np.number)):
        raise DataError(f"a list of tags holds {part!r:.40}, which is no name")
    return str(part).strip()


def is_on(cells: pl.Series) -> pl.Series:
    """Return in which cells of a column of 0 and 1 there is no 0: also ``true``, ``yes`` and ``x``."""
    import polars as pl

    texts = cells.cast(pl.String).str.strip_chars().str.to_lowercase()
    return texts.is_in(OFF).not_().fill_null(False)


def is_zero_or_one(cells: pl.Series) -> bool:
    """Return whether a column has nothing but 0 and 1 in it, or one of them."""
    import polars as pl

    if cells.dtype.is_nested():
        return False
    found = set(cells.drop_nulls().cast(pl.String).str.strip_chars().unique().to_list())
    return bool(found) and any(found <= both for both in ({"0", "1"}, {"0.0", "1.0"}, {"true", "false"}))


def separator_of(texts: Sequence[str]) -> str:
    """Return what stands between names; where none of it is sure, the first mark that is there at all; else "".

    >>> separator_of(["a;b", "b"]), separator_of(["one name", "another"])
    (';', '')
    """
    found = joined_by(texts)
    return found or next((mark for mark in (*SURE, ",") if any(mark in text for text in texts)), "")


def joined_by(texts: Sequence[str]) -> str:
    """Return what stands between names that repeat, of which many cells have several; "" where nothing does.

    A comma, a slash or a blank also stands in names and addresses (``Austin, TX``, ``New York``). So cells must have
    more and fewer of the names; one beside a comma or slash must stand in several places, one beside a blank also in a
    cell of its own. Lists that were written as texts (``['web', 'sql']``) are of lines.

    >>> joined_by(["web|sql", "web", "sql|python", "python|web"] * 9)
    '|'
    >>> joined_by(["Austin, TX", "Dallas, TX", "Reno, NV"] * 9), joined_by(["New York", "New Jersey", "Ohio"] * 9)
    ('', '')
    """
    some = [text for text in texts[:: max(1, len(texts) // LOOKED_AT)] if text.strip()]
    written = [words for text in some if (words := _list_in(text)) is not None]
    if written and 2 * len(written) > len(some):
        some = ["\n".join(words) for words in written]
    return next((mark for mark in (*SURE, *PERHAPS) if _joins(mark, some)), "")


def _joins(mark: str, texts: Sequence[str]) -> bool:
    cells = [_parts(text, mark) for text in texts if mark in text.strip()]
    if len(cells) < max(FEWEST, 0.05 * len(texts)):
        return False
    alone = Counter(text.strip() for text in texts if mark not in text.strip())
    parts = Counter(part for cell in cells for part in cell)
    if (
        not parts
        or len({*parts, *alone}) * 3 > parts.total() + alone.total()
        or max(map(len, parts)) > LONGEST
    ):
        return False
    if len(parts) < 2 or max(map(len, cells)) < 2:
        return False
    if mark not in PERHAPS:
        return True
    if sum(n for part, n in parts.items() if part[0].isdigit()) > 0.1 * parts.total():
        return False  # dates and times
    varies = len({len(cell) for cell in cells}) > 1 or bool(alone)
    if mark == " ":
        return varies and sum(n for part, n in parts.items() if part in alone) >= 0.95 * parts.total()
    places: dict[str, set[int]] = {}
    for cell in cells:
        for i, part in enumerate(cell):
            places.setdefault(part, {0} if part in alone else set()).add(i)
    return varies and sum(n for part, n in parts.items() if len(places[part]) > 1) >= 0.5 * parts.total()
