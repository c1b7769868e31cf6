"""Rows of arrays, in memory or in their file: as encoded, as given, or joined of several parts.

A memory-mapped array counts as memory of the process for every page that was touched, so reading through a set ten
times larger would need ten times the memory. The rows of a large file are therefore read when they are asked for, and
nothing of them is kept.
"""

from __future__ import annotations

import math
import weakref
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from hornbook.columns.base import Array
from hornbook.common.files import reason
from hornbook.errors import DataError

ROWS = "rows.npy"

IN_MEMORY = 64 << 20
"""Bytes of a file that are read whole."""


class Rows:
    """Encoded rows of one column, in memory or in a ``.npy`` file.

    A file of up to `IN_MEMORY` bytes is read whole. Rows of a larger one are read one by one where they are
    needed: the system keeps what it can of the file, and the process does not grow. (Mapping the file instead
    makes every row that is touched count as the process's own memory, and costs a page fault a row: 4 % of an
    epoch of MNIST.)

    Parameters
    ----------
    source
        An array of shape ``(rows, ...)`` or the path of a ``.npy`` file that holds one.
    most
        Bytes of a file that is read whole; None is `IN_MEMORY`.
    """

    def __init__(self, source: Array | Path, most: int | None = None) -> None:
        self._array: Array | None = None
        if isinstance(source, Path):
            mapped = np.lib.format.open_memmap(source, mode="r")
            self.shape, self.dtype = mapped.shape, mapped.dtype
            if mapped.nbytes <= (IN_MEMORY if most is None else most):
                self._array = read_npy(source)
            else:
                self._file = source.open("rb", buffering=0)
                weakref.finalize(self, self._file.close)
                self._start = mapped.offset
        else:
            self._array, self.shape, self.dtype = source, source.shape, source.dtype

    def __len__(self) -> int:
        return int(self.shape[0])

    def take(self, rows: Array) -> Array:
        """Return a copy of the rows with these numbers; as numpy has it, -1 is the last one."""
        if self._array is not None:
            return np.asarray(self._array[rows])
        rows = np.asarray(rows)
        if rows.dtype == bool or not (rows.min(initial=0) >= 0 and rows.max(initial=0) < len(self)):
            rows = np.arange(len(self))[rows]
        out = np.empty((len(rows), *self.shape[1:]), self.dtype)
        if out.size:
            self._read(rows.astype(np.int64, copy=False), out)
        return out

    def _read(self, rows: Array, out: Array) -> None:
        """Read rows from the file, those that follow each other at once."""
        flat = out.reshape(-1).view(np.uint8).data
        size = out.nbytes // len(rows)
        breaks = np.flatnonzero(np.diff(rows) != 1) + 1
        starts = np.r_[0, breaks]
        firsts = (rows[starts] * size + self._start).tolist()
        edges = (np.r_[starts, len(rows)] * size).tolist()
        file = self._file
        for first, begin, end in zip(firsts, edges[:-1], edges[1:], strict=True):
            file.seek(first)
            if file.readinto(flat[begin:end]) != end - begin:
                raise DataError(
                    f"{file.name} is shorter than it was: it was changed while it was in use; start again"
                )

    def chunks(self, rows: Array, size: int = 1024) -> Iterator[Array]:
        """Yield copies of the rows, ``size`` at a time, or as many as fit into `IN_MEMORY` bytes."""
        size = max(1, min(size, IN_MEMORY // max(self.dtype.itemsize * math.prod(self.shape[1:]), 1)))
        for start in range(0, len(rows), size):
            yield self.take(rows[start : start + size])


def read_npy(path: Path) -> Array:
    """Read a ``.npy`` file and nothing else: `np.load` also takes pickles, and leaves a damaged file open."""
    with path.open("rb") as file:
        return np.lib.format.read_array(file, allow_pickle=False)


def write_header(out: BinaryIO, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
    """Write the beginning of a ``.npy`` file in C order."""
    said = {"descr": np.lib.format.dtype_to_descr(dtype), "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(out, said)


class JoinedRows(Rows):
    """Rows of several parts as one array: ``which`` is for each row the part it is in, ``place`` its number there."""

    def __init__(self, parts: Sequence[Rows], which: Array, place: Array) -> None:
        self.parts, self.which, self.place = list(parts), which, place
        self.shape, self.dtype = (len(which), *parts[0].shape[1:]), parts[0].dtype

    def take(self, rows: Array) -> Array:
        """Return a copy of the rows with these numbers."""
        rows = np.arange(len(self))[rows]
        which = self.which[rows]
        present = np.unique(which)
        if len(present) == 1:
            return self.parts[int(present[0])].take(self.place[rows])
        out = np.empty((len(rows), *self.shape[1:]), self.dtype)
        for part in present.tolist():
            here = np.flatnonzero(which == part)
            out[here] = self.parts[part].take(self.place[rows[here]])
        return out


@dataclass(frozen=True)
class RowsFile:
    """An array of shape ``(rows, ...)`` in C order in a file, with ``offset`` bytes before its first row."""

    path: Path
    offset: int
    shape: tuple[int, ...]
    dtype: np.dtype[Any]

    @classmethod
    def open(cls, path: Path) -> RowsFile:
        """Return the rows of a ``.npy`` file in C order."""
        mapped = np.lib.format.open_memmap(path, mode="r")
        return cls(path, mapped.offset, mapped.shape, mapped.dtype)

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

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Array:
        return np.asarray(self[:], dtype)

    def _read(self, start: int, count: int) -> Array:
        size = math.prod(self.shape[1:]) * self.dtype.itemsize
        out = np.empty(count * size, np.uint8)
        try:
            with self.path.open("rb") as file:
                file.seek(self.offset + start * size)
                got = file.readinto(out.data)
        except OSError as error:
            raise DataError(
                f"{self.path}: cannot be read any more ({reason(error)}): read the data again"
            ) from error
        if got != out.nbytes:
            raise DataError(f"{self.path}: became shorter while it was read: read the data again")
        return out.view(self.dtype)
