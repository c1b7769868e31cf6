"""Codes in files: a table with a column for each number (``.csv``, ``.parquet``), or arrays (``.npz``)."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hornbook.columns.base import Array
from hornbook.common.endings import ending
from hornbook.common.files import write_file
from hornbook.common.plaintext import first_line
from hornbook.common.quiet import quiet
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, UsageError

__all__ = ["ENDINGS", "check_path", "read_codes", "write_codes"]

ENDINGS = ("csv", "parquet", "npz")

PREFIX = "code_"

LARGEST = 1 << 31
"""Bytes of a file that is read."""


def check_path(path: Path, option: str) -> None:
    """Raise UsageError where a file's name does not say in which of the forms it is."""
    if ending(path.name) not in ENDINGS:
        raise UsageError(f"{option} {shown(path)}: the name must end in .csv, .parquet or .npz")


def write_codes(path: Path, names: Sequence[str], codes: Array) -> None:
    """Write codes ``(rows, K)`` and what each row is called."""
    memory = io.BytesIO()
    if ending(path.name) == "npz":
        np.savez(memory, names=np.array(list(names), dtype=str), codes=codes.astype(np.float32))
    else:
        import polars as pl

        columns = {f"{PREFIX}{i}": codes[:, i] for i in range(codes.shape[1])}
        table = pl.DataFrame({"input": list(names), **columns})
        table.write_csv(memory) if ending(path.name) == "csv" else table.write_parquet(memory)
    write_file(path, memory.getvalue(), do="name another file with --out")


def read_codes(path: Path) -> tuple[list[str], Array]:
    """Return what rows are called, and their codes ``(rows, K)``.

    Raises
    ------
    DataError
        The file cannot be read, or has no codes.
    """
    try:
        if path.stat().st_size > LARGEST:
            raise DataError(f"{shown(path)} has more than {LARGEST >> 30} GB: read it in parts")
        return _of_arrays(path) if ending(path.name) == "npz" else _of_table(path)
    except FileNotFoundError:
        raise DataError(f"{shown(path)} is not there") from None
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise DataError(
            f"{shown(path)} holds no codes as hornbook encode writes them ({first_line(error)})"
        ) from None


def _of_arrays(path: Path) -> tuple[list[str], Array]:
    memory = io.BytesIO(path.read_bytes())
    with zipfile.ZipFile(memory) as archive:
        if sum(member.file_size for member in archive.infolist()) > LARGEST:
            raise DataError(f"{shown(path)} unpacks to more than {LARGEST >> 30} GB: read it in parts")
    memory.seek(0)
    with np.load(memory, allow_pickle=False) as found:
        codes = np.asarray(found["codes"])
        names = [str(name) for name in found["names"]] if "names" in found else []
    if codes.dtype.kind not in "fiu":
        raise ValueError("codes are no numbers")
    return _named(names, codes), codes


def _of_table(path: Path) -> tuple[list[str], Array]:
    import polars as pl

    read = pl.read_csv if ending(path.name) == "csv" else pl.read_parquet
    try:
        with quiet():
            table = read(path)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise ValueError(first_line(error)) from None
    wanted = [name for name in table.columns if name.startswith(PREFIX)]
    if not wanted or not all(table[name].dtype.is_numeric() for name in wanted):
        raise ValueError(f"there are no columns {PREFIX}0, {PREFIX}1, ... of numbers")
    codes = table.select(wanted).to_numpy()
    return _named(table["input"].cast(pl.String).to_list() if "input" in table.columns else [], codes), codes


def _named(names: Sequence[str | None], codes: Array) -> list[str]:
    if len(names) != len(codes):
        return [f"{i + 1:04d}" for i in range(len(codes))]
    return [name or f"{i + 1:04d}" for i, name in enumerate(names)]
