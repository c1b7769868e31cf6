"""Tables in text files: CSV, TSV and their kin, ``.data`` and ``.txt`` with blanks between the values.

The first million characters say how a table is written (`hornbook.sources.table.dialect`); `read_rows` then cuts any
part of it into cells, for training all of it at once, for prediction a few thousand rows at a time. In training the
first rows also say which columns are numbers, and Polars reads all with these types: 1,000,000 rows of 20 numbers in
about half a second. Where a later cell does not fit its type, all is read again as text and typed column by column.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import numpy as np
import polars as pl

from hornbook.columns.missing import all_without_missing
from hornbook.columns.number.written.parse import PLAIN
from hornbook.columns.number.written.units import MOSTLY, find_unit
from hornbook.common.plaintext import number_of
from hornbook.common.safe_names import shown
from hornbook.errors import DataError
from hornbook.examples.stores import Note, Problem
from hornbook.examples.table_options import TableOptions
from hornbook.sources.encodings import decode, encoding_of, said_of
from hornbook.sources.table.dialect import HEAD, Dialect, cut, find_dialect
from hornbook.sources.table.odd_rows import KEEP, is_a_note, unit_row, without_notes, without_totals
from hornbook.sources.table.types import Typed, may_be_german, numbers_in, typed

LOOKED_AT = 1000
"""Rows from which the types are guessed."""

AROUND = r"^\s*(?:[A-Z]{1,3}|[RKFk][sprt])?[^0-9A-Za-z]{0,4}[0-9][0-9.,'’\s]*(?:[eE][+-]?[0-9]+)?[^0-9]{0,17}[23]?$"
"""Numbers with something around them, perhaps: few texts that are none are of this form."""

LIKE_NUMBERS = r"^\s*[+-]?[.,]?\d[\d.,]*\s*$"

THREE_DIGITS = r"^\s*[+-]?([1-9]\d{0,2}(\.\d{3})?|0)\s*$"
"""Numbers whose points may as well stand between thousands."""

AGAIN = "is the header again; it is left out"


@dataclass(frozen=True)
class TextTable:
    """What was read: the typed table, the rows left out, what is worth a word, and how the table is written."""

    table: pl.DataFrame
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    written: TableOptions = field(default_factory=TableOptions)


@dataclass(frozen=True)
class TextRows:
    """Some rows of a table: their cells, and by their places those that cannot be used, with why."""

    table: pl.DataFrame
    wrong: Mapping[int, str] = field(default_factory=dict)


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
    body = below_header(encoded, dialect)
    if not body.strip():
        raise DataError(f"{origin}: there is a header and no row below it: give a line for each example")
    keep = options.odd_rows == "keep"
    body, below = (body, "") if keep else without_notes(body, dialect)
    table = _with_types(body, dialect, options)
    odd: tuple[str, ...] = (below,)
    problems: tuple[Problem, ...] = ()
    found = Typed(pl.DataFrame())
    if table is None:
        rows = read_rows(body, dialect)
        if set(rows.wrong.values()) - {AGAIN}:
            raise _ragged_row(encoded.decode("utf-8", "surrogatepass"), dialect, origin)
        problems = tuple(Problem(f"row {i + 1}", f"row {i + 1}: {said}") for i, said in rows.wrong.items())
        kept = np.delete(np.arange(rows.table.height), list(rows.wrong))
        texts = rows.table[kept] if problems else rows.table
        if not keep:
            texts, *more = _without_odd(texts)
            odd += tuple(more)
        found = typed(texts, options, dialect.separator, origin)
        table = found.table
    if b'"' in body:
        _check_quotes(table, dialect, origin)
    if b"\n\n" in body:  # a row of empty cells may be a blank line
        table = table.filter(~pl.all_horizontal(pl.all().is_null()))
    elif empty := _empty_below(table):
        table, one = table.head(table.height - empty), empty == 1
        odd += (
            f"{number_of(empty, 'row')} with nothing in {'it is' if one else 'them are'} left out at the end",
        )
    said = [note for note in (*notes, *dialect.notes, *odd, *found.notes) if note]
    return TextTable(
        table,
        problems,
        tuple((note if isinstance(note, Note) else Note(note)).of(origin) for note in said),
        _written(table, dialect, options, data, found.numbers),
    )


def _check_quotes(table: pl.DataFrame, dialect: Dialect, origin: str) -> None:
    """Raise DataError where a cell holds whole lines of the table, after a quote that was never meant to open one."""
    inside = len(dialect.names) - 1
    if inside < 2:
        return
    for cells in table:
        if cells.dtype != pl.String:
            continue
        broken = cells.str.contains("\n", literal=True).fill_null(value=False)
        for row in broken.arg_true().head(LOOKED_AT).to_list():
            lines = cells[row].split("\n")[1:-1]
            if lines and sum(line.count(dialect.separator) == inside for line in lines) > 0.9 * len(lines):
                held = number_of(len(lines), "line")
                raise DataError(
                    f"{origin} row {row + 1}: {shown(cells.name)!r} holds {held} of the table: a quote that is opened "
                    "there may never be closed; take it out, or write it twice"
                )


def _empty_below(table: pl.DataFrame) -> int:
    """Return how many rows at the end have nothing in any cell."""
    if not table.width or not all(cells.null_count() for cells in table):
        return 0
    filled = table.select(pl.any_horizontal(pl.all().is_not_null())).to_series().reverse()
    return filled.arg_max() or 0


def _without_odd(texts: pl.DataFrame) -> tuple[pl.DataFrame, str, str]:
    """Return rows of texts without one of units and without totals, and what was left out, in words."""
    units = unit_row(texts)
    said = f"row 1 is left out: it has units or a second header in it ({units}); {KEEP}" if units else ""
    return *without_totals(texts[1:] if units else texts), said


def _written(
    table: pl.DataFrame, dialect: Dialect, options: TableOptions, data: bytes, numbers: Mapping[str, Any]
) -> TableOptions:
    """Return how a table is written, as far as it helps to read others."""
    encoding = options.encoding or ("utf-8" if data.isascii() else encoding_of(data))
    return replace(
        options,
        separator=None,
        usual_separator=dialect.separator if len(dialect.names) > 1 else None,
        # Windows-1252 is what a text is taken for that is in nothing else.
        encoding=None if options.encoding is None and encoding == "cp1252" else encoding,
        comment=options.comment if options.comment is not None else dialect.comment or None,
        numbers={cells.name: PLAIN for cells in table if cells.dtype.is_numeric()} | {**numbers},
    )


def _as_utf8(data: bytes, options: TableOptions, origin: str) -> bytes:
    r"""Return a text's bytes in UTF-8, without a mark at its start and with ``\n`` at the end of lines."""
    if options.encoding is None and data.isascii() and b"\0" not in data and encoding_of(data):
        return data.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in data else data
    return decode(data, origin, options.encoding).encode("utf-8", "surrogatepass")


def below_header(encoded: bytes, dialect: Dialect) -> bytes:
    """Return the rows below the header."""
    at = 0
    for _ in range(dialect.skip):
        at = encoded.find(b"\n", at) + 1
    if dialect.header:
        begin, at = at, encoded.find(b"\n", at) + 1 or len(encoded)
        # A quoted name may have line breaks in it.
        while dialect.quote and encoded.count(b'"', begin, at) % 2 and at < len(encoded):
            at = encoded.find(b"\n", at) + 1 or len(encoded)
    return encoded[at:] if at else encoded


def read_rows(body: bytes, dialect: Dialect) -> TextRows:
    """Return rows in UTF-8 as texts; those with too few or too many cells are empty, and named with why."""
    table = _by_polars(body, dialect)
    wrong: dict[int, str] = {}
    if table is None:
        table, wrong = _by_python(body, dialect)
    again = pl.Series([True]).new_from_index(0, table.height)
    for cells in table:
        again &= (cells.str.strip_chars() == cells.name).fill_null(False)
        if not again.any():
            return TextRows(table, wrong)
    return TextRows(table, wrong | dict.fromkeys(again.arg_true().to_list(), AGAIN))


def _by_polars(body: bytes, dialect: Dialect, **types: Any) -> pl.DataFrame | None:
    """Return rows read by Polars, as texts unless ``types`` say otherwise; None where it may have cut them wrongly."""
    if not body.strip():
        return None
    blanks = dialect.separator == " "
    body = _tabbed(body, dialect) if blanks else body
    try:
        table = pl.read_csv(
            body,
            has_header=False,
            separator="\t" if blanks else dialect.separator,
            quote_char=dialect.quote or None,
            comment_prefix=dialect.comment or None,
            **(types or {"infer_schema": False}),
        )
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError):
        return None
    # It fills a row that is too short with empty cells.
    if table.width != len(dialect.names) or (table[:, -1].null_count() and not _all_have(body, dialect)):
        return None
    table.columns = list(dialect.names)
    if not types:
        if b"\n\n" in body:  # it makes a row of empty cells of a blank line
            table = table.filter(~pl.all_horizontal(pl.all().is_null()))
        table = table.with_columns(pl.all().str.strip_chars()) if dialect.padded else table
    return table


def _by_python(body: bytes, dialect: Dialect) -> tuple[pl.DataFrame, dict[int, str]]:
    """Return rows read by Python's own reader, which takes quotes in the middle of a cell, and those that are wrong."""
    width = len(dialect.names)
    rows: list[list[str | None]] = []
    wrong: dict[int, str] = {}
    try:
        for row in dialect.rows(_lines(body)):
            if len(row) != width:
                wrong[len(rows)] = (
                    "is a note and no row of the table"
                    if is_a_note(row)
                    else f"has {number_of(len(row), 'value')} and not {width}; quote values with separators in them"
                )
            rows.append([*row, *[None] * width][:width] if len(row) != width else [v or None for v in row])
    except csv.Error as error:
        wrong[len(rows)] = f"cannot be read ({error}); check its quotes"
        rows.append([None] * width)
    columns = list(zip(*rows, strict=True)) if rows else [()] * width
    cells = [pl.Series(n, c, pl.String) for n, c in zip(dialect.names, columns, strict=True)]
    table = pl.DataFrame(cells)
    return (table.with_columns(pl.all().str.strip_chars()) if dialect.padded else table), wrong


def _lines(body: bytes) -> Iterator[str]:
    return (line + "\n" for line in body.decode("utf-8", "surrogatepass").split("\n"))


def _tabbed(body: bytes, dialect: Dialect) -> bytes:
    """Return lines with one tab between their values, where there were runs of blanks."""
    if b'"' in body and dialect.quote:
        out = io.StringIO()
        csv.writer(out, delimiter="\t", lineterminator="\n").writerows(
            cut(_lines(body), " ", dialect.quote, dialect.comment)
        )
        return out.getvalue().encode()
    cells = pl.Series([body.decode("utf-8", "surrogatepass")]).str.split("\n").explode().str.strip_chars()
    return "\n".join(cells.str.replace_all(r"[ \t]+", "\t").to_list()).encode()


def _all_have(body: bytes, dialect: Dialect) -> bool:
    """Return whether each line has a value for each column; quick for a text without quotes and comments."""
    width = len(dialect.names)
    separator = "\t" if dialect.separator == " " else dialect.separator
    if dialect.comment or not separator.isascii() or (dialect.quote and b'"' in body) or b"\n\n" in body:
        try:
            return all(
                len(row) == width for row in cut(_lines(body), separator, dialect.quote, dialect.comment)
            )
        except csv.Error:
            return False
    data = np.frombuffer(body, np.uint8)
    ends, cuts = np.flatnonzero(data == 10), np.flatnonzero(data == ord(separator))
    counts = np.diff(np.searchsorted(cuts, np.append(ends, len(data))), prepend=0)
    counts = counts[:-1] if body.endswith(b"\n") else counts
    return bool((counts == width - 1).all())


def _with_types(body: bytes, dialect: Dialect, options: TableOptions) -> pl.DataFrame | None:
    """Return the table read with the types of its first rows; None where these are not those of all rows."""
    if options.as_text or dialect.padded or any(form.groups == "." for form in options.numbers.values()):
        return None
    first = _by_polars(_first_rows(body), dialect, infer_schema=False, n_rows=LOOKED_AT)
    if first is None:
        return None
    missing = options.missing_words
    numbers = numbers_in(all_without_missing(first, missing))
    types: dict[str, type[pl.DataType]] = dict.fromkeys(first.columns, pl.String)
    types.update({name: type(cells.dtype) for name, cells in numbers.items()})
    if set(types.values()) == {pl.String} or _has_names(body, types):
        return None
    if may_be_german(dialect.separator, options) and any(
        first[name].drop_nulls().str.contains(THREE_DIGITS).all()
        for name, kind in types.items()
        if kind == pl.Float64
    ):
        return None
    table = _by_polars(body, dialect, schema=types, null_values=list(missing))
    if table is None:
        return None
    texts = table.select(name for name, kind in types.items() if kind == pl.String)
    # Some of their first cells begin like numbers: they want a closer look.
    head = pl.all().drop_nulls().head(100).str
    if texts.width and any(texts.select(head.contains(LIKE_NUMBERS).any()).row(0)):
        return None
    around = texts.select(head.contains(AROUND).mean()).row(0) if texts.width else ()
    for cells, share in zip(texts, around, strict=True):
        if share and share > MOSTLY and find_unit(cells.drop_nulls().head(100).str.strip_chars()) is not None:
            return None
    return table.with_columns(all_without_missing(texts, missing))


def _first_rows(body: bytes) -> bytes:
    end = body.rfind(b"\n", 0, 4 * HEAD)
    return body if len(body) <= 4 * HEAD or end < 0 else body[: end + 1]


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


def _ragged_row(text: str, dialect: Dialect, origin: str) -> DataError:
    """Return the error for the first row that has not got a value for each column."""
    width = len(dialect.names)
    number, begins = 0, dialect.skip + 1

    def counted() -> Iterator[str]:
        nonlocal number, begins
        for number, line in enumerate(text.split("\n"), start=1):
            if number > dialect.skip:
                if not line and begins == number:
                    begins += 1  # a blank line between rows
                yield line + "\n"

    rows = cut(counted(), dialect.separator, dialect.quote, dialect.comment)
    try:
        for row in rows:
            if len(row) != width:
                more = len(row) > width
                mend = (
                    "quote values with separators in them"
                    if more
                    else "where a value is missing, leave its separator"
                )
                if number > begins + 20:
                    mend = "a quote that is opened there may never be closed"
                line, below = begins, [len(other) for other in islice(rows, LOOKED_AT)]
                if below.count(len(row)) > 0.8 * len(below):
                    mend = f"where it is the header, set data.skip = {line - 1}"
                values = number_of(len(row), "value")
                return DataError(
                    f"{origin} line {line}: has {values} where the first line has {width}: {mend}"
                )
            begins = number + 1
    except csv.Error as error:
        return DataError(f"{origin} line {begins}: {error}: check its quotes")
    return DataError(f"{origin}: the table cannot be read: check its quotes and separators")
