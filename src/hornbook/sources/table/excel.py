"""The first sheet of an Excel file, read by whichever of Polars' engines is installed."""

from __future__ import annotations

import importlib
import importlib.util
import io
from collections.abc import Sequence
from zipfile import BadZipFile

import polars as pl

from hornbook.common.plaintext import first_line
from hornbook.errors import DataError
from hornbook.sources.table.types import plain

EXCEL = frozenset(["xlsx", "xls", "xlsb", "xlsm", "ods"])
"""Ends of the names of spreadsheets."""


def read_excel_table(
    data: bytes, missing: Sequence[str], origin: str, within: frozenset[str] | None = None
) -> pl.DataFrame:
    """Return the first sheet of a spreadsheet; its first row holds the names.

    Raises
    ------
    DataError
        No engine that reads it is installed, or it cannot be read.
    """
    engines = {"calamine": "fastexcel", "openpyxl": "openpyxl"}
    engine = next((name for name, package in engines.items() if importlib.util.find_spec(package)), None)
    if engine is None:
        raise DataError(
            f"{origin}: is a spreadsheet, and no package that reads one is installed: pip install fastexcel, or save "
            "it as CSV (UTF-8), and give that"
        )
    try:
        table: pl.DataFrame = pl.read_excel(io.BytesIO(data), engine=engine)  # type: ignore[call-overload]
    except _errors(engines[engine]) as error:
        raise DataError(
            f"{origin}: the spreadsheet cannot be read ({first_line(error)}): save it as CSV (UTF-8), and give that"
        ) from error
    return plain(table, missing, within)


def _errors(package: str) -> tuple[type[Exception], ...]:
    """Return what a package that reads spreadsheets raises: its own errors, and those of the archive it opens."""
    own = getattr(importlib.import_module(package), "FastExcelError", ValueError)
    return (own, pl.exceptions.PolarsError, BadZipFile, ValueError, KeyError, TypeError, OSError)
