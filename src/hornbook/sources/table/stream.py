"""The rows of a table a few thousand at a time, so that a file of any size is predicted in little memory.

Cells of text files stay texts: the columns of a recognizer read them as they read those of training.
"""

from __future__ import annotations

import csv
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import polars as pl

from hornbook.common.endings import ending
from hornbook.common.safe_names import shown
from hornbook.errors import DataError
from hornbook.sources.array.python import first_line
from hornbook.sources.encodings import decode, encoding_of
from hornbook.sources.folder.disk import LARGEST_TABLE, read_bytes
from hornbook.sources.table.dialect import HEAD, Dialect, find_dialect
from hornbook.sources.table.excel import EXCEL
from hornbook.sources.table.json_table import read_json_table
from hornbook.sources.table.options import TableOptions
from hornbook.sources.table.read import parse_table
from hornbook.sources.table.types import plain, without_missing

BLOCK = 8 << 20
"""Bytes of a text file that are read at once."""

ROWS = 20_000
"""Rows of a Parquet file that are read at once."""

LONGEST = 1 << 28
"""Bytes that one row may have."""


@dataclass(frozen=True)
class Block:
    """Some rows of a table.

    Attributes
    ----------
    table
        The rows, missing values empty.
    first
        The number of its first row in the file, from 1.
    wrong
        Rows that cannot be used, by their place in the block, and why.
    """

    table: pl.DataFrame
    first: int
    wrong: Mapping[int, str] = field(default_factory=dict)


def blocks(path: Path, options: TableOptions, targets: tuple[str, ...] = ()) -> Iterator[Block]:
    """Yield the rows of a table.

    Parameters
    ----------
    options
        How it is written; ``names`` are for a table without a header.
    targets
        Names that the table may lack, because they are to be predicted.

    Raises
    ------
    DataError
        The file is not there, or no table.
    """
    kind = ending(path.name)
    if not os.path.isfile(path):  # noqa: PTH113 (which raises where a name is too long)
        raise DataError(f"{shown(path)}: there is no such file; check the name")
    if kind in ("parquet", "pq"):
        yield from _parquet(path, options)
    elif kind in ("jsonl", "ndjson"):
        yield from _json_lines(path, options)
    elif kind == "json" or kind in EXCEL:
        yield Block(parse_table(read_bytes(path, LARGEST_TABLE), kind, shown(path), options), 1)
    else:
        yield from _text(path, kind, options, targets)


def _parquet(path: Path, options: TableOptions) -> Iterator[Block]:
    try:
        lazy = pl.scan_parquet(path)
        at = 0
        while (part := lazy.slice(at, ROWS).collect()).height:
            yield Block(plain(part, options.missing_words, options.missing_in), at + 1)
            at += part.height
    except pl.exceptions.PolarsError as error:
        raise DataError(f"{shown(path)}: cannot be read as Parquet ({first_line(error)})") from error


def _json_lines(path: Path, options: TableOptions) -> Iterator[Block]:
    first = 1
    for part in _parts(path, quoted=False):
        text = decode(part, shown(path), options.encoding)
        if text.strip():
            table = read_json_table(
                text, options.missing_words, f"{shown(path)} after row {first - 1}", options.missing_in
            )
            yield Block(table, first)
            first += table.height


def _text(path: Path, kind: str, options: TableOptions, targets: tuple[str, ...]) -> Iterator[Block]:
    encoding, mark = _encoding(path, options)
    dialect: Dialect | None = None
    first = 1
    for part in _parts(path, quoted=True, encoding=encoding, skip=mark):
        text = _decoded(part, encoding)
        if dialect is None:
            dialect = _dialect(text, kind, options, targets, shown(path))
            text = _below(text, dialect)
        table, wrong = _cells(text, dialect)
        if table.height:
            read = [c for c in table if options.missing_in is None or c.name in options.missing_in]
            table = table.with_columns([without_missing(cells, options.missing_words) for cells in read])
            yield Block(table, first, wrong)
            first += table.height
    if dialect is None:
        raise DataError(
            f"{shown(path)}: the file is empty: give a table with a header line and a line for each row"
        )


def _encoding(path: Path, options: TableOptions) -> tuple[str, int]:
    """Return the encoding of a file, and how many bytes its mark has; found from its first million bytes."""
    head = head_of(path)
    found = options.encoding or encoding_of(head)
    if found is None:
        decode(head, shown(path))  # says what is wrong
        raise DataError(f"{shown(path)}: is not a text file, or in an unknown encoding: save it as UTF-8")
    if found == "utf-16" or found.startswith("utf-32"):
        little = head[:1] == b"\xff"
        size = 4 if found.startswith("utf-32") else 2
        return f"{found}-{'le' if little else 'be'}", size
    return (
        ("utf-8", 3 if head.startswith(b"\xef\xbb\xbf") else 0) if found.startswith("utf-8") else (found, 0)
    )


def head_of(path: Path) -> bytes:
    """Return the first million bytes of a text file, to the end of a line where it has more."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    if len(head) < HEAD:
        return head
    wide = (b"\n\0\0\0", b"\0\0\0\n", b"\n\0", b"\0\n")  # of UTF-32 and UTF-16
    marked = head.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff"))
    for end in wide if marked or b"\0" in head[:1000] else (b"\n",):
        at = head.rfind(end)
        while at > 0 and at % len(end):  # in the middle of two characters
            at = head.rfind(end, 0, at + len(end) - 1)
        if at >= 0:
            return head[: at + len(end)]
    return head


def _parts(path: Path, quoted: bool, encoding: str = "utf-8", skip: int = 0) -> Iterator[bytes]:
    """Yield a file's bytes in parts that end where a row does; a line break between quotes ends none."""
    unit = {"utf-16-le": "<u2", "utf-16-be": ">u2", "utf-32-le": "<u4", "utf-32-be": ">u4"}.get(
        encoding, "u1"
    )
    with path.open("rb") as file:
        file.seek(skip)
        rest = b""
        while data := file.read(BLOCK):
            rest += data
            end = _last_end(rest, quoted, unit)
            if end:
                yield rest[:end]
                rest = rest[end:]
            elif len(rest) > LONGEST:
                raise DataError(
                    f"{shown(path)}: has a row of more than {LONGEST >> 20} MB; look for a quote that is never closed"
                )
    if rest:
        yield rest


def _last_end(data: bytes, quoted: bool, unit: str) -> int:
    """Return where the last whole row ends, 0 where there is none; ``unit`` is numpy's word for a character."""
    if unit == "u1" and not (quoted and b'"' in data):
        return data.rfind(b"\n") + 1
    size = np.dtype(unit).itemsize
    array = np.frombuffer(data, unit, len(data) // size)
    ends = np.flatnonzero(array == ord("\n"))
    if quoted:
        quotes = np.cumsum(array == ord('"'), dtype=np.int64)
        ends = ends[quotes[ends] % 2 == 0]
    return (int(ends[-1]) + 1) * size if len(ends) else 0


def _decoded(part: bytes, encoding: str) -> str:
    text = part.decode(encoding, "backslashreplace" if encoding == "utf-8" else "replace")
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _dialect(text: str, kind: str, options: TableOptions, targets: tuple[str, ...], origin: str) -> Dialect:
    """Return how a table is written; without a header, the columns that are to be predicted may be lacking."""
    names = options.names
    try:
        return find_dialect(text, kind, options, origin)
    except DataError:
        if names is None or not set(targets) & set(names):
            raise
        fewer = TableOptions(
            names=tuple(name for name in names if name not in targets),
            separator=options.separator,
            encoding=options.encoding,
            missing=options.missing,
            comment=options.comment,
        )
        try:
            return find_dialect(text, kind, fewer, origin)
        except DataError:
            # A header, and more or fewer columns than in training: it says which.
            return find_dialect(
                text, kind, TableOptions(separator=options.separator, comment=options.comment), origin
            )


def _below(text: str, dialect: Dialect) -> str:
    """Return what stands below the header."""
    for _ in range(dialect.skip):
        text = text.partition("\n")[2]
    if not dialect.header:
        return text
    head, _, rest = text.partition("\n")
    while dialect.quote and head.count('"') % 2 and rest:
        line, _, rest = rest.partition("\n")
        head += line
    return rest


def _cells(text: str, dialect: Dialect) -> tuple[pl.DataFrame, dict[int, str]]:
    """Return rows of texts; those with too few or too many cells are empty, and named with why."""
    width = len(dialect.names)
    table = _quickly(text, dialect)
    if table is not None:
        return table, {}
    rows: list[list[str | None]] = []
    wrong: dict[int, str] = {}
    try:
        for row in dialect.rows(line + "\n" for line in text.split("\n")):
            if len(row) != width:
                wrong[len(rows)] = (
                    f"has {len(row)} values and not {width}; quote values with separators in them"
                )
            rows.append([*row, *[None] * width][:width])
    except csv.Error as error:
        wrong[len(rows)] = f"cannot be read ({error}); check its quotes"
        rows.append([None] * width)
    columns = list(zip(*rows, strict=True)) if rows else [()] * width
    cells = [pl.Series(n, c, pl.String) for n, c in zip(dialect.names, columns, strict=True)]
    table = pl.DataFrame(cells)
    return (table.with_columns(pl.all().str.strip_chars()) if dialect.padded else table), wrong


def _quickly(text: str, dialect: Dialect) -> pl.DataFrame | None:
    """Return rows of texts read by Polars; None where a row may be too short or too long."""
    if dialect.separator == " " or "\n\n" in text or not text.strip():
        return None
    try:
        table = pl.read_csv(
            text.encode("utf-8", "surrogatepass"),
            has_header=False,
            separator=dialect.separator,
            quote_char=dialect.quote or None,
            comment_prefix=dialect.comment or None,
            infer_schema=False,
        )
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, ValueError):
        return None
    if table.width != len(dialect.names) or table[:, -1].null_count():
        return None
    table.columns = list(dialect.names)
    return table.with_columns(pl.all().str.strip_chars()) if dialect.padded else table


__all__ = ["Block", "blocks"]
