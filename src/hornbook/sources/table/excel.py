"""The first sheet of an Excel file, read by whichever of Polars' engines is installed."""

from __future__ import annotations

import importlib
import importlib.util
import io
import re
import struct
import zipfile
import zlib
from collections.abc import Sequence
from typing import IO

import polars as pl

from hornbook.errors import DataError
from hornbook.sources.table.types import plain

EXCEL = frozenset(["xlsx", "xls", "xlsb", "xlsm", "ods"])
"""Ends of the names of spreadsheets."""

MOST_CELLS, MOST_EMPTY = 5_000_000, 50
"""A larger sheet in which only one of so many cells has something in it is not read: engines make room for all."""

LARGEST = 4 << 30
"""Bytes of a spreadsheet, unpacked."""

LOOKED_AT, MIXED = 1_000, 0.8
"""Rows that are looked at, and the share of numbers from which on a column with texts in it wants a closer look."""

_UNNAMED = re.compile(r"__UNNAMED__|column_\d+$|$")
_FAR = re.compile(rb"""r=["'](?:[A-Z]{2,3}\d|[A-Z]+\d{6})""")
_CELL = re.compile(rb"""r=["']([A-Z]{1,3})(\d{1,7})["']""")
_SHEET = re.compile(rb"""<(?:\w+:)?sheet\s[^>]*?\bid=["'](\w+)["']""")
_RELATION = re.compile(rb"""<(?:\w+:)?Relationship\s[^>]*>""")


def read_excel_table(
    data: bytes, missing: Sequence[str], origin: str, within: frozenset[str] | None = None
) -> pl.DataFrame:
    """Return the first sheet of a spreadsheet; its first row holds the names.

    Raises
    ------
    DataError
        No engine that reads it is installed, it cannot be read, or it is a few cells in a huge sheet.
    """
    return plain(_read(data, origin, has_header=True), missing, within)


def sheet_as_text(data: bytes, table: pl.DataFrame, origin: str) -> bytes | None:
    """Return a sheet as a text with commas, where its first row is not its header, or there is more than a table in it.

    Then it has columns without a name, a column of numbers with a text in it, or a last row with one cell; else None.

    Parameters
    ----------
    table
        What was read with the first row as the header.
    """
    numbers = table.select(
        pl.col(pl.String).head(LOOKED_AT).cast(pl.Float64, strict=False).is_not_null().mean()
    )
    mixed = any((share or 0) >= MIXED for share in (numbers.row(0) if numbers.height else ()))
    last = table.tail(1).null_count().row(0) if table.height else ()
    alone = table.width > 2 and sum(last) == table.width - 1
    if table.width > 1 and not mixed and not alone and not any(map(_UNNAMED.match, table.columns)):
        return None
    cells = _read(data, origin, has_header=False, drop_empty_rows=False)
    if cells.width < 2:
        return None
    text = cells.cast(pl.String, strict=False).write_csv(include_header=False)
    return "\n".join("" if not line.strip(",") else line for line in text.split("\n")).encode()


def _read(data: bytes, origin: str, **options: bool) -> pl.DataFrame:
    engines = {"calamine": "fastexcel", "openpyxl": "openpyxl"}
    engine = next((name for name, package in engines.items() if importlib.util.find_spec(package)), None)
    if engine is None:
        raise DataError(
            f"{origin}: is a spreadsheet, and no package that reads one is installed: pip install fastexcel, or save "
            "it as CSV (UTF-8), and give that"
        )
    try:
        if zipfile.is_zipfile(io.BytesIO(data)):
            with zipfile.ZipFile(io.BytesIO(data)) as archive:
                _check_size(archive, origin)
        table: pl.DataFrame = pl.read_excel(io.BytesIO(data), engine=engine, **options)  # type: ignore[call-overload]
    except _errors(engines[engine]) as error:
        raise DataError(
            f"{origin}: is a spreadsheet that cannot be read: it has no sheet with cells, or is cut off or damaged: "
            "save it again, or save it as CSV (UTF-8), and give that"
        ) from error
    return table


def _check_size(archive: zipfile.ZipFile, origin: str) -> None:
    """Raise DataError where reading the first sheet would take memory for far more cells than there are."""
    if sum(info.file_size for info in archive.infolist()) > LARGEST:
        raise DataError(
            f"{origin}: it has more than {LARGEST >> 30} GB unpacked: save it as CSV (UTF-8), and give that"
        )
    if any(
        b"<!DOCTYPE" in archive.open(name).read(1000) for name in archive.namelist() if name.endswith(".xml")
    ):
        raise zipfile.BadZipFile("entities in a spreadsheet")
    if "xl/workbook.xml" not in archive.namelist():
        return
    first = _SHEET.search(archive.read("xl/workbook.xml"))
    for relation in _RELATION.findall(archive.read("xl/_rels/workbook.xml.rels")) if first else ():
        own = dict(re.findall(rb"""(\w+)=["']([^"']*)["']""", relation))
        name = own.get(b"Target", b"").decode("utf-8", "replace")
        if first and own.get(b"Id") == first[1]:
            with archive.open(name.lstrip("/") if name.startswith("/") else f"xl/{name}") as sheet:
                rows, columns, cells = _extent(sheet)
            if rows * columns > max(MOST_CELLS, MOST_EMPTY * cells):
                raise DataError(
                    f"{origin}: the sheet has {cells:,} cells with something in them, and goes down to row {rows:,} "
                    f"and across to column {columns:,}: delete what stands far away, and save it again"
                )


def _extent(sheet: IO[bytes]) -> tuple[int, int, int]:
    """Return the last row and column of a sheet, and how many cells there are; zeros where it is no large one."""
    rows = columns = cells = 0
    rest, far = b"", False
    while block := sheet.read(1 << 24):
        part = rest + block
        far = far or _FAR.search(part) is not None
        if far:
            found = _CELL.findall(part)
            cells += len(found)
            rows = max([rows, *(int(row) for _, row in found)])
            columns = max([columns, *map(_number, {letters for letters, _ in found})])
        rest = part[-20:]
    return rows, columns, cells


def _number(letters: bytes) -> int:
    """Return the number of a column: 1 of A, 28 of AB."""
    number = 0
    for letter in letters:
        number = 26 * number + letter - 64
    return number


def _errors(package: str) -> tuple[type[Exception], ...]:
    """Return what a package that reads spreadsheets raises: its own errors, those of the archive and of XML."""
    own = getattr(importlib.import_module(package), "FastExcelError", ValueError)
    lookups = (IndexError, KeyError, TypeError, AttributeError)
    archives = (zipfile.BadZipFile, zlib.error, struct.error, EOFError, OSError, RuntimeError)
    return (own, pl.exceptions.PolarsError, SyntaxError, ValueError, *lookups, *archives)
