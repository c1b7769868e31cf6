"""The rows of a table a few thousand at a time, so that a file of any size is predicted in little memory.

Cells of text files stay texts: the columns of a recognizer read them as they read those of training.
"""

from __future__ import annotations

import codecs
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import polars as pl

from hornbook.columns.missing import without_missing
from hornbook.common.endings import ending
from hornbook.common.safe_names import shown
from hornbook.errors import DataError
from hornbook.examples.table_options import TableOptions
from hornbook.sources.encodings import decode, encoding_of
from hornbook.sources.folder.disk import LARGEST_TABLE, read_bytes
from hornbook.sources.table.damaged import told_as_damaged
from hornbook.sources.table.dialect import HEAD, Dialect, find_dialect
from hornbook.sources.table.excel import EXCEL
from hornbook.sources.table.json_table import read_json_table
from hornbook.sources.table.odd_rows import unit_row
from hornbook.sources.table.text import below_header, read_rows
from hornbook.sources.table.types import plain

BLOCK = 8 << 20
"""Bytes of a text file that are read at once."""

ROWS = 20_000
"""Rows of a Parquet file that a block has."""

CELLS = 4_000_000
"""Cells of a Parquet file that are read at once: each time all before them in their row group is unpacked again."""

MOST_OF_A_ROW = 1 << 28
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
        from hornbook.sources.table.read import parse  # which knows pictures in cells, and more

        yield Block(parse(read_bytes(path, LARGEST_TABLE), kind, shown(path), options).table, 1)
    else:
        yield from _text(path, kind, options, targets)


def _parquet(path: Path, options: TableOptions) -> Iterator[Block]:
    with told_as_damaged(shown(path)):
        lazy = pl.scan_parquet(path)
        rows = max(ROWS, CELLS // max(1, len(lazy.collect_schema())) // ROWS * ROWS)
    at = 0
    while True:
        with told_as_damaged(shown(path)):
            part = lazy.slice(at, rows).collect()
        if not part.height:
            return
        for table in part.iter_slices(ROWS):
            yield Block(plain(table, options.missing_words, options.missing_in), at + 1)
            at += table.height


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
        body = _as_utf8(part, encoding)
        if dialect is None:
            dialect = _dialect(body.decode("utf-8", "surrogatepass"), kind, options, targets, shown(path))
            body = below_header(body, dialect)
        rows = read_rows(body, dialect)
        units = unit_row(rows.table) if first == 1 and options.odd_rows != "keep" else ""
        wrong = {**rows.wrong, 0: f"has units or a second header in it ({units})"} if units else rows.wrong
        if rows.table.height:
            read = [c for c in rows.table if options.missing_in is None or c.name in options.missing_in]
            table = rows.table.with_columns([without_missing(cells, options.missing_words) for cells in read])
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
            elif len(rest) > MOST_OF_A_ROW:
                raise DataError(
                    f"{shown(path)}: has a row of more than {MOST_OF_A_ROW >> 20} MB; is a quote never closed?"
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


def _as_utf8(part: bytes, encoding: str) -> bytes:
    r"""Return a part of a text in UTF-8, with ``\n`` at the end of lines and escapes for what is no text."""
    if encoding != "utf-8" or not part.isascii():
        text = part.decode(encoding, "backslashreplace" if encoding == "utf-8" else "replace")
        part = text.encode("utf-8", "surrogatepass")
    return part.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in part else part


def _dialect(text: str, kind: str, options: TableOptions, targets: tuple[str, ...], origin: str) -> Dialect:
    """Return how a table is written; without a header, the columns that are to be predicted may be lacking."""
    names = options.names
    try:
        return find_dialect(text, kind, options, origin)
    except DataError:
        if names is None or not set(targets) & set(names):
            raise
        fewer = replace(options, names=tuple(name for name in names if name not in targets))
        try:
            return find_dialect(text, kind, fewer, origin)
        except DataError:
            # A header, and more or fewer columns than in training: it says which.
            return find_dialect(text, kind, replace(options, names=None), origin)


def may_be_in(path: Path, encoding: str) -> bool:
    """Return whether a text file is in an encoding that its own bytes do not contradict, as a mark or UTF-8 does."""
    if ending(path.name) in ("json", "jsonl", "ndjson"):
        return False  # JSON is in UTF-8
    try:
        if codecs.lookup(encoding).name.startswith("utf-8"):
            return False  # which is found out
        head = head_of(path)
        with path.open("rb") as file:
            file.seek(len(head))
            part = head
            while part.isascii() and (more := file.read(1 << 20)):
                part = more
        if head.isascii() and head.decode(encoding) != head.decode("ascii"):
            return False
        if part is not head:  # whole lines of it
            part = part[part.find(b"\n") + 1 : part.rfind(b"\n") + 1] or part
        part.decode(encoding)
    except (OSError, ValueError, LookupError):
        return False
    return part.isascii() or not (encoding_of(part) or "").startswith("utf")
