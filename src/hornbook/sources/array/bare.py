"""Files that hold nothing but arrays, read without labels: ``.npy``, ``.npz``, IDX."""

from __future__ import annotations

import math
from pathlib import Path

from hornbook.common.endings import ending
from hornbook.common.files import reason
from hornbook.common.safe_names import shown
from hornbook.errors import DataError
from hornbook.examples.rows import RowsFile
from hornbook.sources.array.idx import is_idx_name, read_idx
from hornbook.sources.array.npz import arrays_of, read_header

__all__ = ["bare_arrays"]

LEAST_AXES = 3
"""An array of pictures has so many; of labels it has one."""


def bare_arrays(path: Path) -> dict[str, RowsFile] | None:
    """Return the arrays of pictures in a file, by what they are called; None where its name is of no such file.

    Raises
    ------
    DataError
        It is damaged, or holds no array with at least three axes.
    """
    kind = ending(path.name)
    if kind not in ("npy", "npz") and not is_idx_name(path.name):
        return None
    stem = path.name.removesuffix(".gz").partition(".")[0]
    every = arrays_of(path) if kind == "npz" else {stem: _npy(path) if kind == "npy" else read_idx(path)}
    found = {name: array for name, array in every.items() if array.ndim >= LEAST_AXES}
    if not found:
        has = ", ".join(f"{name} {array.shape}" for name, array in every.items()) or "none"
        raise DataError(
            f"{shown(path)}: holds no array of pictures, which has the shape (pictures, height, width) or "
            f"(pictures, height, width, channels); it has {has}"
        )
    return found


def _npy(path: Path) -> RowsFile:
    try:
        with path.open("rb") as file:
            shape, fortran, dtype = read_header(file, shown(path))
            begin = file.tell()
        there = path.stat().st_size
    except OSError as error:
        raise DataError(f"{shown(path)}: cannot be read ({reason(error)})") from error
    if fortran and len(shape) > 1:
        raise DataError(f"{shown(path)}: is in Fortran order: save numpy.ascontiguousarray of it")
    if there != begin + math.prod(shape) * dtype.itemsize:
        raise DataError(f"{shown(path)}: has not got the size that its header promises: save it again")
    return RowsFile(path, begin, shape, dtype)
