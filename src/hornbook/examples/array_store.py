"""Stores of what lies in memory or in one large file: arrays, and lists of bytes, of pictures, of arrays."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from hornbook.columns.base import Array
from hornbook.examples.rows import RowsFile
from hornbook.examples.stores import Store


@dataclass(frozen=True)
class ArrayStore(Store):
    """Rows of arrays; a name is ``stem[row]``.

    Parameters
    ----------
    arrays
        The arrays by stem, each of shape ``(rows, ...)``; those in files are read a row at a time.
    key
        What tells these arrays from others (a hash of the file, or its path, size and time).
    """

    numbered = True

    arrays: Mapping[str, Array | RowsFile]
    key: str = ""

    def load(self, name: str) -> Array:
        """Return one row."""
        stem, row = self.locate(name)
        return np.asarray(self.arrays[stem][row])

    def locate(self, name: str) -> tuple[str, int]:
        """Return the stem and the row that a name stands for."""
        stem, _, rest = name.rpartition("[")
        return stem, int(rest[:-1])

    def chunk(self, names: Sequence[str]) -> Array | None:
        """Return the rows of all names in one array when they are of one stem and follow each other, else None."""
        if not len(names):
            return None
        first, start = self.locate(names[0])
        last, end = self.locate(names[-1])
        if first != last or end - start != len(names) - 1:
            return None
        if names[len(names) // 2] != f"{first}[{start + len(names) // 2}]":
            return None
        return np.asarray(self.arrays[first][start : end + 1])

    def fingerprint(self, names: Collection[str]) -> str:
        """Return the key, or a hash of the arrays where there is none."""
        if self.key:
            return self.key
        digest = hashlib.blake2b(digest_size=16)
        for stem, rows in self.arrays.items():
            digest.update(f"{stem}{rows.shape}{rows.dtype}".encode())
            for start in range(0, len(rows), 4096):
                digest.update(np.ascontiguousarray(rows[start : start + 4096]).data)
        return digest.hexdigest()


def array_names(stem: str, rows: int) -> pl.Series:
    """Return the names ``stem[0]``, ``stem[1]``, ... of an array's rows.

    >>> array_names("pictures", 2).to_list()
    ['pictures[0]', 'pictures[1]']
    """
    numbers = pl.Series(np.arange(rows)).cast(pl.String)
    return pl.Series([stem + "["], dtype=pl.String) + numbers + "]"


@dataclass(frozen=True)
class ListStore(Store):
    """Values of a list, bytes of files, Pillow pictures or arrays; a name is ``stem[row]``."""

    items: Sequence[Any] | pl.Series

    def load(self, name: str) -> Any:
        """Return one value."""
        return self.items[int(name.rpartition("[")[2][:-1])]

    def fingerprint(self, names: Collection[str]) -> str:
        """Hash the values behind the names."""
        digest = hashlib.blake2b(digest_size=16)
        for name in names:
            item = self.load(name)
            if isinstance(item, (bytes, bytearray, memoryview)):
                digest.update(hashlib.blake2b(item, digest_size=16).digest())
            elif item is not None:
                array = np.ascontiguousarray(item)
                digest.update(f"{array.shape}{array.dtype}".encode())
                digest.update(array.tobytes() if array.dtype == object else array.data)
        return digest.hexdigest()
