"""Rows of an array that stay in their file.

A memory-mapped array counts as memory of the process for every page that was touched, so that reading through
a set ten times larger would need ten times the memory. A `RowsFile` reads the rows that are asked for and
keeps nothing. The file is opened for each request (20 microseconds), so it may be used by several threads and
is never left open.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from hornbook.columns.base import Array
from hornbook.errors import DataError


class RowsFile:
    """An array of shape ``(rows, ...)`` in a file.

    Parameters
    ----------
    path
        The file.
    offset
        Bytes before the first row.
    shape, dtype
        Of the whole array, in C order.
    """

    def __init__(self, path: Path, offset: int, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self.path = path
        self.offset = offset
        self.shape = shape
        self.dtype = dtype
        self._row = math.prod(shape[1:]) * dtype.itemsize

    @classmethod
    def open(cls, path: Path) -> RowsFile:
        """Return the rows of a ``.npy`` file in C order."""
        with path.open("rb") as file:
            version = np.lib.format.read_magic(file)
            read = (
                np.lib.format.read_array_header_1_0
                if version == (1, 0)
                else np.lib.format.read_array_header_2_0
            )
            shape, _, dtype = read(file)
            return cls(path, file.tell(), shape, dtype)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, rows: int | slice) -> Array:
        """Read one row, or a slice of rows with step 1."""
        if isinstance(rows, slice):
            start, stop, step = rows.indices(len(self))
            if step != 1:
                raise IndexError("rows of a file are read one after the other: the step is 1")
            return self._read(start, max(stop - start, 0)).reshape(-1, *self.shape[1:])
        row = range(len(self))[rows]
        return self._read(row, 1).reshape(self.shape[1:])

    def __iter__(self) -> Iterator[Array]:
        """Yield the rows one by one."""
        return (self[row] for row in range(len(self)))

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.asarray(self[:], dtype)

    def _read(self, start: int, count: int) -> Array:
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset + start * self._row)
                out = np.empty(count * self._row, np.uint8)
                got = file.readinto(out.data)
        except OSError as error:
            raise DataError(
                f"{self.path}: cannot be read any more ({error.strerror}): read the data again"
            ) from error
        if got != out.nbytes:
            raise DataError(f"{self.path}: became shorter while it was read: read the data again")
        return out.view(self.dtype)
