"""Tables in text files: CSV, TSV and their kin, ``.data`` and ``.txt`` with blanks between the values.

The first million characters say how it is written (`hornbook.sources.table.dialect`) and which columns are
numbers; then Polars reads the file at once with these types: 1,000,000 rows of 20 numbers in about half a
second. Where a later cell does not fit its type, all is read again as text and typed column by column.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from hornbook.errors import DataError
from hornbook.examples.stores import Problem
from hornbook.sources.array.python import first_line
from hornbook.sources.encodings import decode, encoding_of, said_of
from hornbook.sources.table.dialect import HEAD, Dialect, cut, find_dialect
from hornbook.sources.table.options import TableOptions
from hornbook.sources.table.types import as_numbers, typed, without_missing

LOOKED_AT = 1000
"""Rows from which the types are guessed."""


@dataclass(frozen=True)
class TextTable:
    """What was read: the typed table, the rows left out, and what is worth a word."""

    table: pl.DataFrame
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()


def read_text_table(data: bytes, kind: str, options: TableOptions, origin: str) -> TextTable:
    """Return the table in the bytes of a text file.

    Raises
    ------
    DataError
        The sentence says on which line, or in which row and column, what is wrong.
    """
    encoded = _as_utf8(data, options, origin)
    head = encoded[: 4 * HEAD].decode("utf-8", "ignore")
    dialect = find_dialect(head, kind, options, origin)
    notes = () if options.encoding is not None or data.isascii() else (said_of(data),)
    body = _body(encoded, dialect)
    if not body.strip():
        raise DataError(f"{origin}: there is a header and no row below it: give a line for each example")
    table = _fast(body, dialect, options.missing_words)
    problems: tuple[Problem, ...] = ()
    more: tuple[str, ...] = ()
    if table is None:
        texts = _texts(body, dialect, encoded, origin)
        texts, problems = _without_headers(texts)
        if dialect.padded:
            texts = texts.with_columns(pl.all().str.strip_chars())
        found = typed(texts, options.missing_words, origin)
        table, more = found.table, found.notes
    elif _ends_empty(table):
        _refuse_ragged(encoded, dialect, origin)
    if b"\n\n" in body:  # Polars makes a row of empty cells of a blank line
        table = table.filter(~pl.all_horizontal(pl.all().is_null()))
    said = [note for note in (*notes, *dialect.notes, *more) if note]
    return TextTable(table, problems, tuple(f"{origin}: {note}" for note in said))


def _as_utf8(data: bytes, options: TableOptions, origin: str) -> bytes:
    r"""Return a text's bytes in UTF-8, without a mark at its start and with ``\n`` at the end of lines."""
    if options.encoding is None and data.isascii() and b"\0" not in data and encoding_of(data):
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data
    return decode(data, origin, options.encoding).encode("utf-8", "surrogatepass")


def _body(encoded: bytes, dialect: Dialect) -> bytes:
    """Return the rows below the header, with tabs where there were runs of blanks."""
    at = 0
    for _ in range(dialect.skip):
        at = encoded.find(b"\n", at) + 1
    if dialect.header:
        at = _end_of_row(encoded, at, dialect)
    body = encoded[at:] if at else encoded
    return _tabbed(body, dialect.quote) if dialect.separator == " " else body


def _end_of_row(encoded: bytes, at: int, dialect: Dialect) -> int:
    """Return where the row that begins at a place ends; a quoted name may have line breaks in it."""
    end = encoded.find(b"\n", at) + 1 or len(encoded)
    while dialect.quote and encoded.count(b'"', at, end) % 2 and end < len(encoded):
        end = encoded.find(b"\n", end) + 1 or len(encoded)
    return end


def _tabbed(body: bytes, quote: str) -> bytes:
    """Return lines with one tab between their values."""
    if b'"' in body and quote:
        out = io.StringIO()
        lines = (line + "\n" for line in body.decode().split("\n"))
        csv.writer(out, delimiter="\t", lineterminator="\n").writerows(cut(lines, " ", quote))
        return out.getvalue().encode()
    cells = pl.Series([body.decode()]).str.split("\n").explode().str.strip_chars()
    return "\n".join(cells.str.replace_all(r"[ \t]+", "\t").to_list()).encode()


def _separator(dialect: Dialect) -> str:
    return "\t" if dialect.separator == " " else dialect.separator


def _fast(body: bytes, dialect: Dialect, missing: Sequence[str]) -> pl.DataFrame | None:
    """Return the table read with the types of its first rows; None where these are not those of all rows."""
    if dialect.padded:
        return None
    how: dict[str, Any] = {
        "has_header": False,
        "separator": _separator(dialect),
        "quote_char": dialect.quote or None,
        "comment_prefix": dialect.comment or None,
    }
    try:
        first = pl.read_csv(_first_rows(body), infer_schema=False, n_rows=LOOKED_AT, **how)
        if first.width != len(dialect.names):
            return None
        first.columns = list(dialect.names)
        types: dict[str, type[pl.DataType]] = {}
        for cells in first:
            numbers = as_numbers(without_missing(cells, missing))
            types[cells.name] = pl.String if numbers is None else type(numbers.dtype)
        if set(types.values()) == {pl.String} or _has_names(body, types):
            return None
        table = pl.read_csv(body, schema=types, null_values=list(missing), **how)
    except (pl.exceptions.PolarsError, ValueError):
        return None
    texts = [name for name, kind in types.items() if kind == pl.String]
    if any(_may_be_numbers(table[name]) for name in texts):
        return None
    return table.with_columns([without_missing(table[name], missing) for name in texts])


def _first_rows(body: bytes) -> bytes:
    end = body.rfind(b"\n", 0, 4 * HEAD)
    return body if len(body) <= 4 * HEAD or end < 0 else body[: end + 1]


def _may_be_numbers(cells: pl.Series) -> bool:
    """Return whether a column of texts wants a closer look, since some of its first cells begin like numbers."""
    known = cells.drop_nulls().head(100)
    return bool(known.str.contains(r"^\s*[+-]?[.,]?\d[\d.,]*\s*$").any())


def _has_names(body: bytes, types: dict[str, type[pl.DataType]]) -> bool:
    """Return whether a whole number may begin with a zero, as ``007`` does: a name, not a number."""
    if pl.Int64 not in types.values():
        return False
    step = 1 << 24
    for at in range(0, len(body), step):
        block = np.frombuffer(body, np.uint8, min(step + 2, len(body) - at), at)
        zeros = np.flatnonzero(block[1:-1] == ord("0")) + 1
        digit = block[zeros + 1] - 48 < 10
        before = block[zeros - 1]
        if (digit & (before - 48 >= 10) & (before != ord("."))).any():
            return True
    return body[:1] == b"0" and body[1:2].isdigit()


def _texts(body: bytes, dialect: Dialect, encoded: bytes, origin: str) -> pl.DataFrame:
    """Return all cells as texts; raise DataError with the line where a row is too short or too long."""
    try:
        table = pl.read_csv(
            body,
            has_header=False,
            separator=_separator(dialect),
            quote_char=dialect.quote or None,
            comment_prefix=dialect.comment or None,
            infer_schema=False,
        )
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError):
        table = _by_python(body, dialect, encoded, origin)
    if table.width != len(dialect.names) or _ends_empty(table):
        _refuse_ragged(encoded, dialect, origin)
    if table.width != len(dialect.names):
        raise DataError(
            f"{origin}: has rows of {table.width} values and {len(dialect.names)} names: check its separators"
        )
    table.columns = list(dialect.names)
    return table


def _by_python(body: bytes, dialect: Dialect, encoded: bytes, origin: str) -> pl.DataFrame:
    """Return all cells as texts, read by Python's own reader, which takes quotes in the middle of a cell."""
    _refuse_ragged(encoded, dialect, origin)
    lines = (line + "\n" for line in body.decode("utf-8", "surrogatepass").split("\n"))
    rows = list(cut(lines, _separator(dialect), dialect.quote, dialect.comment))
    try:
        columns = [pl.Series(f"{i}", cells, pl.String) for i, cells in enumerate(zip(*rows, strict=True))]
        return pl.DataFrame(columns)
    except (pl.exceptions.PolarsError, ValueError) as error:
        raise DataError(
            f"{origin}: the table cannot be read ({first_line(error)}): check its quotes and separators"
        ) from error


def _ends_empty(table: pl.DataFrame) -> bool:
    """Return whether a row may be too short: Polars fills such a one with empty cells."""
    return table.width > 0 and table[:, -1].null_count() > 0


def _refuse_ragged(encoded: bytes, dialect: Dialect, origin: str) -> None:
    """Raise DataError for the first row that has not got a value for each column, if there is one."""
    if (not dialect.quote or b'"' not in encoded) and _all_have(encoded, dialect):
        return
    error = ragged_row(encoded.decode("utf-8", "surrogatepass"), dialect, origin)
    if error is not None:
        raise error


def _all_have(encoded: bytes, dialect: Dialect) -> bool:
    """Return whether each line of a text without quotes has as many separators; quick, and False where unsure."""
    if dialect.separator == " " or dialect.comment or dialect.skip:
        return False
    data = np.frombuffer(encoded, np.uint8)
    ends = np.flatnonzero(data == 10)
    cuts = np.flatnonzero(data == ord(dialect.separator)) if dialect.separator.isascii() else ends[:0]
    counts = np.diff(np.searchsorted(cuts, np.append(ends, len(data))), prepend=0)
    counts = counts[:-1] if encoded.endswith(b"\n") else counts
    return bool((counts == len(dialect.names) - 1).all())


def ragged_row(text: str, dialect: Dialect, origin: str) -> DataError | None:
    """Return the error for the first row that has not got a value for each column, None where all have."""
    width = len(dialect.names)
    number, begins = 0, dialect.skip + 1

    def counted() -> Iterator[str]:
        nonlocal number, begins
        for number, line in enumerate(text.split("\n"), start=1):
            if number > dialect.skip:
                if not line and begins == number:
                    begins += 1  # a blank line between rows
                yield line + "\n"

    try:
        for row in cut(counted(), dialect.separator, dialect.quote, dialect.comment):
            if len(row) != width:
                mend = "quote values with separators in them, and leave no value out"
                if number > begins + 20:
                    mend = "a quote that is opened there may never be closed"
                return DataError(
                    f"{origin} line {begins}: has {len(row)} values where the first line has {width}: {mend}"
                )
            begins = number + 1
    except csv.Error as error:
        return DataError(f"{origin} line {begins}: {error}: check its quotes")
    return None


def _without_headers(table: pl.DataFrame) -> tuple[pl.DataFrame, tuple[Problem, ...]]:
    """Return the table without rows that are its header again, as where files were put one after the other."""
    again = pl.Series([True]).new_from_index(0, table.height)
    for cells in table:
        again &= (cells.str.strip_chars() == cells.name).fill_null(False)
    if not again.any():
        return table, ()
    problems = tuple(
        Problem(f"row {row + 1}", f"row {row + 1}: is the header again; it is left out")
        for row in again.arg_true()
    )
    return table.filter(~again), problems
