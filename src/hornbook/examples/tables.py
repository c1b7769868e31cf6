"""Tables in files: CSV, TSV, Parquet and JSON lines, with or without a column of paths.

A column whose values end like picture files, or name files beside the table, is a picture column; it is
called ``image`` where the table has only one and no other column of that name. All other columns keep their
names and types.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from hornbook.errors import DataError, did_you_mean, one_of
from hornbook.examples.arrays import binary_store, first_line
from hornbook.examples.listing import Listing
from hornbook.examples.media import COLUMNS, ending, is_picture
from hornbook.examples.names import shown, to_table
from hornbook.examples.table import Examples, Problem, Store
from hornbook.examples.text import decode

TABLES = frozenset(["csv", "tsv", "tab", "parquet", "pq", "jsonl", "ndjson", "json"])
"""Ends of the names of table files, in lower case."""

LOOKED_AT = 200
SEPARATORS = ",\t;|"

_A_NAME = r"^\s*[+-]?(0\d|\d{39})"
"""Cells of digits that are names, not numbers: they would change as numbers, or have more digits than one holds."""

_SUSPECT = re.compile(r"(?<![\d.])0\d|\d{39}")
"""What a text has somewhere that has such a cell."""


def read_table(
    listing: Listing, name: str, exists: Callable[[str], bool], image: str | None = None
) -> Examples:
    """Return the examples of one table file of a listing.

    Parameters
    ----------
    name
        The table's file.
    exists
        Says whether there is a file of that name in the listing's store.
    image
        The column of paths, where it is not to be found by looking.

    Raises
    ------
    DataError
        The table cannot be read, the column is missing, or none of its files is there.
    """
    origin = listing.origin if listing.origin.endswith(name) else f"{listing.origin}/{name}"
    table = parse_table(listing.read(name), ending(name), origin)
    if table.height == 0 or table.width == 0:
        raise DataError(
            f"{origin}: the table has no rows: give one with a header line and a line for each example"
        )
    folder = name.rpartition("/")[0]
    return with_files(
        table, listing.store, exists, origin=origin, prefix=f"{folder}/" if folder else "", image=image
    )


def parse_table(data: bytes, kind: str, origin: str) -> pl.DataFrame:
    """Return the table in a file's bytes; ``kind`` is the ending of its name.

    Raises
    ------
    DataError
        The sentence says in which row what is wrong.
    """
    if not data.strip():
        raise DataError(
            f"{origin}: the file is empty: give a table with a header line and a line for each example"
        )
    try:
        if kind in ("parquet", "pq"):
            return pl.read_parquet(io.BytesIO(data))
        if kind in ("jsonl", "ndjson", "json"):
            return _json(decode(data, origin), origin)
        return _separated(decode(data, origin), kind, origin)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise DataError(
            f"{origin}: the table cannot be read ({first_line(error)}): write it again"
        ) from error


def with_files(
    table: pl.DataFrame,
    store: Store,
    exists: Callable[[str], bool],
    *,
    origin: str,
    prefix: str = "",
    image: str | None = None,
) -> Examples:
    """Find the columns of paths and give them their store; rows whose file is not there are problems."""
    if image is not None and image not in table.columns:
        raise DataError(
            f"{origin}: there is no column {image!r}; the columns are {one_of(table.columns)}"
            f"{did_you_mean(image, table.columns)}"
        )
    stores: dict[str, Store] = {}
    for column in table:
        found = binary_store(column)
        if found is not None:
            table = table.with_columns(found[0])
            stores[column.name] = found[1]
    paths = [image] if image else [c.name for c in table if _is_paths(c, exists, prefix)]
    paths = [name for name in paths if name not in stores]
    problems: list[Problem] = []
    keep = pl.Series([True]).new_from_index(0, table.height)
    for name in paths:
        column = pl.Series(name, [_place(v, prefix, exists) for v in table[name].cast(pl.String)], pl.String)
        there = [value is not None and exists(value) for value in column]
        for row, right in enumerate(there):
            if not right:
                problems.append(_missing(f"row {row + 1}", name, table[name][row]))
        if not any(there):
            raise DataError(
                f"{origin}: none of the files in the column {name!r} is there (the first is "
                f"{shown(table[name][0])!r}): "
                "paths are relative to the table's own folder"
            )
        table = table.with_columns(column)
        keep &= pl.Series(there)
        stores[name] = store
    table = table.filter(keep)
    names = list(stores)
    if len(names) == 1 and not set(COLUMNS) & set(table.columns):
        to = "audio" if names[0] in paths and ending(table[names[0]][0]) in COLUMNS["audio"] else "image"
        table = table.rename({names[0]: to})
        stores = {to: stores[names[0]]}
    return Examples(table, stores, origin, tuple(problems))


def _missing(where: str, name: str, value: object) -> Problem:
    if value is None:
        return Problem(
            where, f"the column {name!r} is empty; write the path of a file there, or remove the row"
        )
    if str(value).startswith(("http://", "https://")):
        return Problem(where, f"{shown(value)!r} is an address on the web; fetch the file and write its path")
    return Problem(where, f"there is no file {shown(value)!r}; paths are relative to the table's folder")


def _place(value: str | None, prefix: str, exists: Callable[[str], bool]) -> str | None:
    if value is None:
        return None
    name = prefix + to_table(value.strip())
    if "\\" in name and not exists(name):
        return name.replace("\\", "/")
    return name


def _is_paths(column: pl.Series, exists: Callable[[str], bool], prefix: str) -> bool:
    if column.dtype != pl.String:
        return False
    values = column.drop_nulls().head(LOOKED_AT).to_list()
    if not values:
        return False
    ends = sum(is_picture(v) or ending(v) in COLUMNS["audio"] for v in values)
    if ends * 2 >= len(values):
        return True
    return all(0 < len(v) < 1000 and exists(prefix + v) for v in values[:20])


# CSV and its kin.


def _separated(text: str, kind: str, origin: str) -> pl.DataFrame:
    separator = "\t" if kind in ("tsv", "tab") else _separator(text)
    first = next(iter(_rows([text.partition("\n")[0]], separator)), [])
    header = not any(is_picture(v) or _is_number(v) for v in first)
    names = [name.strip() for name in first] if header else _made_up_names(first)
    twice = {name for name in names if names.count(name) > 1}
    if header and twice:
        raise DataError(
            f"{origin}: the column {sorted(twice)[0]!r} stands twice in the header: give each its own name"
        )
    body = text.partition("\n")[2] if header else text
    if not body.strip():
        raise DataError(f"{origin}: there is a header and no row below it: give a line for each example")
    try:
        table = _typed(body, names, separator)
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise ragged_row(text, separator, origin, len(names)) or DataError(
            f"{origin}: the table cannot be read ({first_line(error)}): check its quotes and separators"
        ) from error
    # Polars fills a row that is too short with nulls, so only then it is worth going through the text again.
    if table.width != len(names) or table[names[-1]].null_count():
        ragged = ragged_row(text, separator, origin, len(names))
        if ragged:
            raise ragged
    return table


def _typed(body: str, names: list[str], separator: str) -> pl.DataFrame:
    """Return the rows below the header; a column with a cell like ``007`` stays text, for it is not ``7``."""

    def read(length: int | None, texts: Sequence[str] = ()) -> pl.DataFrame:
        return pl.read_csv(
            body.encode(),
            has_header=False,
            new_columns=names,
            separator=separator,
            infer_schema_length=length,
            schema_overrides=dict.fromkeys(texts, pl.String),
            ignore_errors=False,
        )

    if not _SUSPECT.search(body):
        return read(None)
    cells = read(0)  # a second reading, only of the few tables that have such cells
    return read(None, [column.name for column in cells if column.str.contains(_A_NAME).any()])


def ragged_row(text: str, separator: str, origin: str, width: int) -> DataError | None:
    """Return the error for the first row that has not got ``width`` values, None where all have."""
    reader = csv.reader(io.StringIO(text), delimiter=separator)
    try:
        for row in reader:
            if row and len(row) != width:
                return DataError(
                    f"{origin} line {reader.line_num}: has {len(row)} values where the first line has "
                    f"{width}: quote values "
                    "with separators in them, and leave no value out"
                )
    except csv.Error as error:
        if "field larger" in str(error):
            return None  # a long text is no fault
        return DataError(f"{origin} line {reader.line_num}: {error}: check its quotes")
    return None


def _separator(text: str) -> str:
    """Return the separator that cuts the first lines into equally many parts, and the most."""
    lines = [line for line in text.split("\n", 20)[:20] if line.strip()]
    best, most = ",", 1
    for separator in SEPARATORS:
        widths = {len(row) for row in _rows(lines, separator)}
        if len(widths) == 1 and (width := widths.pop()) > most:
            best, most = separator, width
    if most > 1:
        return best
    return max(SEPARATORS, key=lines[0].count)


def _rows(lines: list[str], separator: str) -> list[list[str]]:
    try:
        return list(csv.reader(lines, delimiter=separator))
    except csv.Error:
        return []


def _made_up_names(first: Sequence[str]) -> list[str]:
    pictures = [i for i, value in enumerate(first) if is_picture(value)]
    if len(first) == 2 and len(pictures) == 1:
        return ["image" if i in pictures else "label" for i in range(2)]
    return [f"column_{i + 1}" for i in range(len(first))]


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


# JSON.


def _json(text: str, origin: str) -> pl.DataFrame:
    if text.lstrip().startswith("["):
        try:
            rows: Any = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise DataError(f"{origin}: is no JSON ({error}): mend it") from error
    else:
        rows = []
        for number, line in enumerate(text.split("\n"), start=1):
            if line.strip():
                try:
                    rows.append(json.loads(line))
                except (ValueError, RecursionError) as error:
                    raise DataError(f"{origin} line {number}: is no JSON ({error}): mend it") from error
    for number, row in enumerate(rows, start=1):
        if not isinstance(row, dict):
            raise DataError(
                f'{origin} row {number}: must be an object like {{"image": "a.png", "label": "cat"}}'
            )
    try:
        return pl.from_dicts(rows, infer_schema_length=None) if rows else pl.DataFrame()
    except (pl.exceptions.PolarsError, TypeError, OverflowError, ValueError) as error:
        raise DataError(
            f"{origin}: the values of a column are of different types ({first_line(error)})"
        ) from error


def is_table(path: Path | str) -> bool:
    """Return whether a file's name ends as tables do."""
    return ending(str(path)) in TABLES
