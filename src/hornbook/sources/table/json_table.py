"""Tables in JSON: a list of objects, or an object on each line.

A list of texts in a cell (the lines of a poem) becomes one text with a line break between them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import polars as pl

from hornbook.common.endings import is_media
from hornbook.common.plaintext import first_line
from hornbook.common.safe_names import shown
from hornbook.errors import DataError
from hornbook.sources.table.types import plain


def read_json_table(
    text: str, missing: Sequence[str], origin: str, within: frozenset[str] | None = None
) -> pl.DataFrame:
    r"""Return the table in a text of JSON.

    Raises
    ------
    DataError
        It is no JSON, no list of objects, or a column has values of several types; the line or row is named.

    Examples
    --------
    >>> read_json_table('[{"poem": ["a", "b"]}]', (), "x")["poem"][0]
    'a\nb'
    """
    rows = _labelled(text) or _rows(text, origin)
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise DataError(
                f'{origin} row {number}: must be an object like {{"image": "a.png", "label": "cat"}}'
            )
    try:
        table = pl.from_dicts(rows, infer_schema_length=None) if rows else pl.DataFrame()
    except (pl.exceptions.PolarsError, TypeError, OverflowError, ValueError) as error:
        raise DataError(f"{origin}{_mixed(rows) or f': cannot be a table ({first_line(error)})'}") from error
    said = _mixed(rows) if any(cells.dtype == pl.String for cells in table) else ""
    if said:
        raise DataError(f"{origin}{said}")
    return plain(table, missing, within)


def _labelled(text: str) -> list[dict[str, Any]]:
    """Return a row for each file of one object of files and labels, ``{"a.png": "cat"}``; none for other texts."""
    if not text.lstrip().startswith("{"):
        return []
    try:
        found = json.loads(text)  # of a row on each line it ends at the second
    except (ValueError, RecursionError):
        return []
    named = len(found) > 0 and all(map(is_media, found))
    return [{"file": name, "label": label} for name, label in found.items()] if named else []


def _rows(text: str, origin: str) -> list[Any]:
    if text.lstrip().startswith("["):
        try:
            found: list[Any] = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise DataError(f"{origin}: is no JSON ({error}): mend it") from error
        return found
    rows = []
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip():
            try:
                rows.append(json.loads(line))
            except (ValueError, RecursionError) as error:
                raise DataError(
                    f"{origin} line {number}: is no JSON ({error}): mend it, or give a list of objects"
                ) from error
    return rows


def _mixed(rows: list[dict[str, Any]]) -> str:
    """Say where a column has a value of another type than before; empty where none has."""
    first: dict[str, tuple[str, int]] = {}
    for number, row in enumerate(rows, start=1):
        for name, value in row.items():
            if value is None:
                continue
            kind = _kind(value)
            was, where = first.setdefault(name, (kind, number))
            if was != kind:
                return (
                    f" row {number}: the column {shown(name)!r} has {kind} where row {where} has {was}: make all "
                    "values of a column of one kind"
                )
    return ""


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, (int, float)):
        return "a number"
    if isinstance(value, str):
        return "a text"
    return "a list" if isinstance(value, list) else "an object"
