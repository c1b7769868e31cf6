"""Tables in files: text of any kind (CSV, TSV, UCI's ``.data``), Parquet, JSON, spreadsheets.

A column whose values end like picture files, or name files beside the table, is a picture column; it is
called ``image`` where the table has only one and no other column of that name. All other columns keep their
names and types.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Container, Iterator
from dataclasses import replace
from pathlib import Path

import polars as pl

from hornbook.columns.missing import MISSING
from hornbook.common.endings import COLUMNS, ending, is_picture
from hornbook.common.plaintext import first_line
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, did_you_mean, one_of
from hornbook.examples.examples import Examples
from hornbook.examples.stores import Note, Problem, Store
from hornbook.examples.table_options import TableOptions
from hornbook.sources.array.python import binary_store
from hornbook.sources.encodings import decode, said_of
from hornbook.sources.folder.listing import Listing, find_file
from hornbook.sources.table.excel import EXCEL, read_excel_table
from hornbook.sources.table.json_table import read_json_table
from hornbook.sources.table.odd_rows import without_totals
from hornbook.sources.table.text import TextTable, read_text_table
from hornbook.sources.table.types import plain, without_infinite

TABLES = frozenset(["csv", "tsv", "tab", "data", "parquet", "pq", "jsonl", "ndjson", "json"]) | EXCEL
"""Ends of the names of table files, in lower case."""

LOOKED_AT = 200


def read_table(
    listing: Listing,
    name: str,
    exists: Callable[[str], bool],
    image: str | None = None,
    options: TableOptions | None = None,
) -> Examples:
    """Return the examples of the table file ``name`` of a listing.

    Parameters
    ----------
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
    found = parse(listing.read(name), ending(name), origin, options)
    if found.table.height == 0 or found.table.width == 0:
        raise DataError(
            f"{origin}: the table has no rows: give one with a header line and a line for each example"
        )
    prefix = name[: name.rfind("/") + 1]
    if names_files(found.table, exists, prefix, image):
        found = _as_text(found, listing.read(name), ending(name), origin, options)
    examples = with_files(found.table, listing.store, exists, origin=origin, prefix=prefix, image=image)
    return examples.replace(
        problems=(*found.problems, *examples.problems), notes=found.notes, written=found.written
    )


def parse(data: bytes, kind: str, origin: str, options: TableOptions | None = None) -> TextTable:
    """Return the table in a file's bytes, the rows left out, and what is worth a word.

    Parameters
    ----------
    kind
        The ending of the file's name.

    Raises
    ------
    DataError
        The sentence says on which line, or in which row and column, what is wrong.
    """
    options = options or TableOptions()
    if not data.strip():
        raise DataError(
            f"{origin}: the file is empty: give a table with a header line and a line for each example"
        )
    missing, within = options.missing_words, options.missing_in
    found = TextTable(pl.DataFrame(), written=options)
    try:
        if kind in ("parquet", "pq"):
            found = replace(found, table=plain(pl.read_parquet(io.BytesIO(data)), missing, within))
        elif kind in EXCEL:
            found = replace(found, table=read_excel_table(data, missing, origin, within))
        elif kind in ("jsonl", "ndjson", "json"):
            note = "" if options.encoding else said_of(data)
            table = read_json_table(decode(data, origin, options.encoding), missing, origin, within)
            found = replace(found, table=table, notes=(f"{origin}: {note}",) if note else ())
        else:
            found = read_text_table(data, kind, options, origin)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise DataError(
            f"{origin}: the table cannot be read ({first_line(error)}): write it again"
        ) from error
    table, said = (found.table, "") if options.odd_rows == "keep" else without_totals(found.table)
    table, problems = without_infinite(table)
    notes = (*found.notes, f"{origin}: {said}") if said else found.notes
    return TextTable(table, (*found.problems, *problems), notes, found.written)


def names_files(
    table: pl.DataFrame, exists: Callable[[str], bool], prefix: str = "", image: str | None = None
) -> bool:
    """Return whether a table names pictures or sounds, so that its other columns say what is in them."""
    return image in table.columns or any(
        binary_store(c) is not None or _end_like_files(c) or _are_there(c, exists, prefix) for c in table
    )


def _as_text(
    typed: TextTable, data: bytes, kind: str, origin: str, options: TableOptions | None
) -> TextTable:
    """Return a table again whose cells stay as they are written, to the last digit: ``07.25`` stands in a picture.

    How the numbers are written is kept, for the columns that are to be numbers.
    """
    options = (options or TableOptions()).replace(as_text=frozenset(typed.table.columns))
    found = parse(data, kind, origin, options.replace(missing=options.missing or ()))
    written = found.written.replace(numbers=typed.written.numbers)
    notes = (*typed.notes, *_words_for_missing(found.table, origin, options, typed.written.numbers))
    return replace(found, notes=notes, written=written)


def _words_for_missing(
    table: pl.DataFrame, origin: str, options: TableOptions, numbers: Container[str]
) -> Iterator[Note]:
    """Say which texts are taken as they are that elsewhere stand for a missing value."""
    for cells in table if options.missing is None else ():
        if cells.dtype == pl.String and cells.name not in numbers:
            words = (
                cells.filter(cells.str.strip_chars().is_in(list(MISSING)).fill_null(False))
                .unique()
                .sort()
                .to_list()
            )
            if words:
                said = (
                    f"{one_of(words)} in the column {shown(cells.name)!r} is taken for a text, beside files"
                )
                missing = f"data.missing = {list(map(str.strip, words))}"
                yield Note(f"{origin}: {said}; where it stands for a missing value, set {missing}")


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
    paths = [image] if image else [c.name for c in table if _end_like_files(c)]
    if not paths and not stores:  # names without an ending; beside a column of files they are labels
        paths = [c.name for c in table if _are_there(c, exists, prefix)]
    paths = [name for name in paths if name not in stores]
    problems: list[Problem] = []
    keep = pl.Series([True]).new_from_index(0, table.height)
    for name in paths:
        files = [
            None if v is None else find_file(v, prefix, exists, store) for v in table[name].cast(pl.String)
        ]
        column = pl.Series(name, files, pl.String)
        there = [file is not None for file in files]
        for row, right in enumerate(there):
            if not right:
                problems.append(_missing(f"row {row + 1}", name, table[name][row]))
        if not any(there):
            raise DataError(
                f"{origin}: none of the files in the column {name!r} is there (the first is "
                f"{shown(table[name][0])!r}): paths are relative to the table's own folder"
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


def _first_texts(column: pl.Series) -> list[str]:
    if column.dtype != pl.String:
        return []
    known = (
        column.drop_nulls() if column.null_count() else column
    )  # which is slow for a table of many columns
    return known.head(LOOKED_AT).to_list()


def _end_like_files(column: pl.Series) -> bool:
    values = _first_texts(column)
    ends = sum(is_picture(v) or ending(v) in COLUMNS["audio"] for v in values)
    return bool(values) and ends * 2 >= len(values)


def _are_there(column: pl.Series, exists: Callable[[str], bool], prefix: str) -> bool:
    values = _first_texts(column)[:20]
    return bool(values) and all(0 < len(v) < 1000 and exists(prefix + v) for v in values)


def is_table(path: Path | str) -> bool:
    """Return whether a file's name ends as tables do."""
    return ending(str(path)) in TABLES
