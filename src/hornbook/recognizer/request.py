"""What another program asks of a recognizer: the bytes of a picture, a sound or a text, or rows as JSON.

A value that is a file stands in JSON as base64 or as a ``data:`` address. It is never a path: who asks over a network
must not have this machine's files opened.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import numpy as np

from hornbook.columns.base import Column
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, UsageError, one_of
from hornbook.recognizer.answer import Answer
from hornbook.recognizer.arguments import key_of
from hornbook.recognizer.recognizer import Recognizer

__all__ = [
    "MOST_ROWS",
    "TooMany",
    "answers_to",
    "asked_of_bytes",
    "asked_of_json",
    "asked_of_rows",
    "parse_json",
]

MOST_ROWS = 1000
"""Rows that may be asked at once; of more a table and `Recognizer.predict_table` are the way."""

MOST_DIGITS = 18
"""Digits of a whole number that is kept whole; a longer one is a number with a fraction to every column."""


class TooMany(DataError):
    """More rows are asked at once than are answered."""


def parse_json(body: bytes) -> Any:
    """Return what JSON says, with numbers that are finite; DataError where it is none, or is nested too deeply.

    >>> parse_json(b'{"size": 1.5}')
    {'size': 1.5}
    """
    try:
        return json.loads(
            body.decode("utf-8"), parse_constant=_not_finite, parse_float=_finite, parse_int=_whole
        )
    except RecursionError:
        raise DataError("the JSON is nested too deeply: send an object, or a list of objects") from None
    except UnicodeDecodeError:
        raise DataError("the JSON is not in UTF-8: send it in UTF-8") from None
    except ValueError as error:
        at = f" at character {error.pos + 1:,}" if isinstance(error, json.JSONDecodeError) else ""
        raise DataError(f"the body is no JSON{at}: send an object, or a list of objects") from None


def asked_of_json(reader: Recognizer, body: bytes) -> tuple[list[Any], bool]:
    """Return the values that JSON asks for, and whether they are many; an object is a row, a list rows.

    Where the recognizer has one input, its value may stand without its name.

    Raises
    ------
    DataError
        It is no JSON, a row lacks an input, or a value cannot be one.
    TooMany
        There are more than 1,000 rows.
    """
    asked = parse_json(body)
    many = isinstance(asked, list) and not (reader.reads_series and _numbers(asked))
    rows = asked if many else [asked]
    if len(rows) > MOST_ROWS:
        raise TooMany(
            f"there are {len(rows):,} rows, and {MOST_ROWS:,} are answered at once: send them in parts"
        )
    if not rows:
        raise DataError("there is not one row: send an object, or a list of objects")
    return asked_of_rows(reader, rows, many), many


def asked_of_rows(reader: Recognizer, rows: Sequence[Any], many: bool = True) -> list[Any]:
    """Return rows of JSON as `Recognizer.predict` takes them; DataError where a value cannot be one."""
    return [_row(reader, row, f"row {i}" if many else "the row") for i, row in enumerate(rows, 1)]


def asked_of_bytes(reader: Recognizer, body: bytes) -> Any:
    """Return the value that plain bytes are: a picture or a sound as it is, a text in UTF-8.

    Raises
    ------
    DataError
        There is nothing in it, or a text is not in UTF-8.
    UsageError
        The recognizer has several inputs, or one that is no file and no text.
    """
    columns = list(reader.inputs.values())
    if not body:
        raise DataError("the body is empty: send a picture, a sound, a text or JSON")
    if len({c.source or n for n, c in reader.inputs.items()}) > 1 or not (
        columns[0].medium or columns[0].is_text
    ):
        raise UsageError(
            f"this recognizer is asked with JSON, an object with {one_of(reader.inputs)}: "
            "send it with Content-Type: application/json"
        )
    if columns[0].medium:
        return body
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError:
        raise DataError("the text is not in UTF-8: send it in UTF-8") from None


def answers_to(
    reader: Recognizer, values: Sequence[Any], many: bool, top: int, abstain: float
) -> list[Answer]:
    """Return the answers to values of `asked_of_json` or `asked_of_bytes`; DataError for the first that has none."""
    names = [f"row {i}" for i in range(1, len(values) + 1)] if many else [_called(reader)]
    if reader.reads_cells and all(isinstance(value, Mapping) for value in values):
        found = reader.predict(list(values), top=top, abstain=abstain)
        return [
            Answer(n, a.predictions, a.picture, a.remarks, a.novelty)
            for n, a in zip(names, found, strict=True)
        ]
    out = []
    for answer in reader.predict_each(zip(names, values, strict=True), top, abstain):
        if isinstance(answer, DataError):
            raise answer
        out.append(answer)
    return out


def _called(reader: Recognizer) -> str:
    media = {c.medium for c in reader.inputs.values() if c.medium}
    return f"the {media.pop()}" if len(media) == 1 else "the row"


def _row(reader: Recognizer, row: Any, name: str) -> Any:
    """Return one value as `Recognizer.predict` takes it."""
    if not isinstance(row, Mapping):
        if len(reader.inputs) > 1:
            raise DataError(f"{name} is no object: give one with {one_of(reader.inputs)}")
        ((key, column),) = reader.inputs.items()
        return _value(column, row, f"{name}, {key!r}")
    out = dict(row)
    for key, column in reader.inputs.items():
        if (source := key_of(key, column, row)) not in row:
            raise DataError(f"{name}: has no {source!r}")
        for source in {key_of(key, column, row)} & set(row):
            out[source] = _value(column, row[source], f"{name}, {shown(source)!r}")
    return out


def _value(column: Column, value: Any, name: str) -> Any:
    if column.medium:
        return _file(value, column.medium, name)
    if column.is_window and isinstance(value, list):
        return _window(value, name)
    if isinstance(value, Mapping) or (
        isinstance(value, list) and any(isinstance(v, (list, dict)) for v in value)
    ):
        raise DataError(
            f"{name}: is a {'list' if isinstance(value, list) else 'object'}, and a value is expected"
        )
    return value


def _window(value: list[Any], name: str) -> np.ndarray[Any, Any]:
    try:
        return np.asarray(value, np.float64)
    except (ValueError, TypeError):
        raise DataError(f"{name}: is no list of numbers, nor of rows of numbers of one length") from None


def _file(value: Any, medium: str, name: str) -> bytes:
    """Return the bytes of a file that stands in JSON."""
    wanted = f"a {medium} is sent as base64 or as a data: address, never as a path"
    if not isinstance(value, str):
        raise DataError(f"{name}: is no text, and {wanted}")
    head, comma, rest = value.partition(",")
    if head.startswith("data:"):
        if not comma or not head.endswith(";base64"):
            raise DataError(f"{name}: is a data: address without base64, and {wanted}")
        value = rest
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        raise DataError(f"{name}: is no base64, and {wanted}") from None


def _numbers(values: list[Any]) -> bool:
    """Return whether a list is one window: numbers, or rows of numbers."""
    return all(isinstance(v, (int, float)) or (isinstance(v, list) and _numbers(v)) for v in values)


def _not_finite(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError("a number is too large")
    return number


def _whole(digits: str) -> int | float:
    return int(digits) if len(digits) <= MOST_DIGITS else _finite(digits)
