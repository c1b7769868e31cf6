"""Tables in files: text of any kind (CSV, TSV, UCI's ``.data``), Parquet, JSON, spreadsheets.

A column whose values end like picture files, or name files beside the table, is a picture column; it is
called ``image`` where the table has only one and no other column of that name. All other columns keep their
names and types.
"""

from __future__ import annotations

import io
from collections.abc import Container, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import polars as pl

from hornbook.columns.missing import MISSING
from hornbook.common.endings import ending
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, one_of
from hornbook.examples.examples import Examples
from hornbook.examples.stores import Note
from hornbook.examples.table_options import TableOptions
from hornbook.sources.encodings import decode, said_of
from hornbook.sources.folder.find import Files
from hornbook.sources.folder.listing import Listing
from hornbook.sources.folder.roles import path_split, split_of
from hornbook.sources.table.damaged import told_as_damaged
from hornbook.sources.table.excel import EXCEL, read_excel_table, sheet_as_text
from hornbook.sources.table.json_table import read_json_table
from hornbook.sources.table.odd_rows import without_totals
from hornbook.sources.table.paths import names_files, with_files
from hornbook.sources.table.text import TextTable, read_text_table
from hornbook.sources.table.types import amounts, plain, without_infinite

TYPED = frozenset(["parquet", "pq", "jsonl", "ndjson", "json"]) | EXCEL
"""Ends of the names of tables that say of a value what it is."""

TABLES = frozenset(["csv", "tsv", "tab", "data"]) | TYPED
"""Ends of the names of table files, in lower case."""


def read_table(
    listing: Listing,
    name: str,
    files: Files,
    image: str | None = None,
    options: TableOptions | None = None,
) -> Examples:
    """Return the examples of the table file ``name`` of a listing.

    Parameters
    ----------
    files
        The files that its cells may name.
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
    split = split_of(name.rpartition("/")[2]) or path_split(name)
    names = partial(names_files, files=files, prefix=prefix, image=image, split=split)
    if names(found.table):
        found = _as_text(found, listing.read(name), ending(name), origin, options)
    elif (units := [c for c, form in found.written.numbers.items() if any(form.unit)]) and files.near():
        text = _as_text(found, listing.read(name), ending(name), origin, options)
        found = text if names(text.table.select(units)) else found  # '12m' may be the name of 12m.png
    examples = with_files(found.table, files, origin=origin, prefix=prefix, image=image, split=split)
    return examples.replace(
        problems=(*found.problems, *examples.problems),
        notes=(*found.notes, *examples.notes),
        written=found.written,
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
    with told_as_damaged(origin):
        if kind in ("parquet", "pq"):
            found = replace(found, table=plain(pl.read_parquet(io.BytesIO(data)), missing, within))
        elif kind in EXCEL:
            found = replace(found, table=read_excel_table(data, missing, origin, within))
            text = sheet_as_text(data, found.table, origin)
            found = found if text is None else _read_sheet(text, found, options, origin)
        elif kind in ("jsonl", "ndjson", "json"):
            note = "" if options.encoding else said_of(data)
            table = read_json_table(decode(data, origin, options.encoding), missing, origin, within)
            found = replace(found, table=table, notes=(f"{origin}: {note}",) if note else ())
        else:
            found = read_text_table(data, kind, options, origin)
    if kind in TYPED and options.missing_in is None:  # of rows to be answered the columns read their cells
        typed = amounts(found.table, options, origin)
        notes = (*found.notes, *(note.of(origin) for note in typed.notes))
        written = options.replace(numbers={**options.numbers, **typed.numbers})
        found = replace(found, table=typed.table, notes=notes, written=written)
    table, said = (found.table, "") if options.odd_rows == "keep" else without_totals(found.table)
    table, problems = without_infinite(table)
    notes = (*found.notes, f"{origin}: {said}") if said else found.notes
    return TextTable(table, (*found.problems, *problems), notes, found.written)


def _read_sheet(text: bytes, sheet: TextTable, options: TableOptions, origin: str) -> TextTable:
    """Return a sheet that has more in it than a table, read as a text; as it was where it cannot be read so."""
    try:
        return read_text_table(text, "csv", options.replace(separator=",", encoding="utf-8"), origin)
    except DataError:
        return sheet


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


def is_table(path: Path | str) -> bool:
    """Return whether a file's name ends as tables do."""
    return ending(str(path)) in TABLES
