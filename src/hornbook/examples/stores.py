"""Where the values of a table are: the base class `Store`, files below a folder, and what is wrong with one.

Nothing here needs a table, so that ``predict`` finds the pictures of a folder without loading one.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import time
from abc import ABC, abstractmethod
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Self

from hornbook.common.safe_names import to_file
from hornbook.errors import DataError

if TYPE_CHECKING:
    from hornbook.columns.base import Array, Column
    from hornbook.common.progress import Reading

THREADS = 4
"""That look at files on a network, which is waiting."""

AT_ONCE = 500
"""Files that a thread looks at; by the first ones it is found out whether several threads are faster."""


@dataclass(frozen=True)
class Problem:
    """One example that cannot be used, and why.

    Attributes
    ----------
    name
        The file, member or row.
    message
        One sentence: what is wrong and what to do.
    """

    name: str
    message: str

    def __str__(self) -> str:
        return self.message if self.name in self.message else f"{self.name}: {self.message}"


class Note(str):
    """What was found out about how the data is written, a sentence.

    Attributes
    ----------
    column
        The column whose numbers it is about: it is said where that is read as numbers. Empty where it is about all.
    doubt
        Whether what was taken may be wrong: it is shown as a warning, and names the key that says otherwise.
    """

    column: str
    doubt: bool

    def __new__(cls, text: str, column: str = "", doubt: bool = False) -> Self:
        """Make a note of a text."""
        note = super().__new__(cls, text)
        note.column, note.doubt = column, doubt
        return note

    def of(self, origin: str) -> Note:
        """Return the note with what it is about before it."""
        return Note(f"{origin}: {self}", self.column, self.doubt)


class Store(ABC):
    """Where the values of one column are, when the table holds only their names.

    A new store says how a value is had (`load`) and what it is known by (`fingerprint`). What the other methods
    return by default is right for every store, and some can do better.
    """

    numbered: ClassVar[bool] = False
    """Whether names only number the rows, as those of an array do. Splits then go by the number of a row."""

    @abstractmethod
    def load(self, name: str) -> Any:
        """Return what a column can encode: a path, the bytes of a file, an array or a Pillow picture.

        Raises DataError where it cannot be had.
        """

    @abstractmethod
    def fingerprint(self, names: Collection[str]) -> str:
        """Return a short text that changes when what is behind the names changes, without reading it all."""

    def chunk(self, names: Sequence[str]) -> Array | None:
        """Return the values of all names as one array, where that is one read; else None."""
        return None

    def longest(self, names: Collection[str]) -> Iterator[Any]:
        """Yield values among which is one as long as the longest of all names; what cannot be had is left out."""
        for name in names:
            with contextlib.suppress(DataError):  # it is named when it is encoded
                yield self.load(name)

    def parts(self) -> Sequence[tuple[str, Store]]:
        """Return the stores that it consists of, each with the key that its names begin with; none by default."""
        return ()

    def folder(self) -> Path | None:
        """Return the folder that names are relative to; None where the values are no files below one."""
        return None

    def write_rows(
        self, column: Column, names: Sequence[str], file: Path, offset: int, progress: Reading
    ) -> tuple[Array, list[Problem]] | None:
        """Encode all values into a file from ``offset`` on, in a way of its own; None where there is none.

        Returns
        -------
        facts
            `hornbook.examples.facts.FACTS` of each row.
        problems
            What cannot be encoded.
        """
        return None


class CellStore(Store):
    """Values that are the cells of the table themselves."""

    def load(self, name: Any) -> Any:
        """Return the cell."""
        return name

    def fingerprint(self, names: Collection[str]) -> str:
        """Return nothing: the cells are hashed as they are."""
        return ""


@dataclass(frozen=True)
class FolderStore(Store):
    """Files below a folder; a name is the path relative to it, with ``/`` between its parts."""

    root: Path

    def folder(self) -> Path:
        """Return the folder."""
        return self.root

    def load(self, name: str) -> str:
        """Return the path of the file."""
        return os.path.join(self.root, to_file(name))  # noqa: PTH118 (ten times as fast as pathlib)

    def fingerprint(self, names: Collection[str]) -> str:
        """Hash place, names, sizes and times of change; a file that is gone counts as such.

        One system call for each file: 60,000 take 0.2 s.
        """
        place = os.path.abspath(self.root)  # noqa: PTH100 (the same relative one may be another tomorrow)
        digest = hashlib.blake2b(place.encode("utf-8", "surrogateescape"), digest_size=16)
        together = "\n".join(names)
        digest.update(together.encode("utf-8", "surrogatepass"))
        if together.isascii() and os.sep == "/" and "\n/" not in f"\n{together}":
            root = f"{self.root}/"  # no name needs a second look: as `load`, in a tenth of the time
            paths = [root + name for name in names]
        else:
            paths = [self.load(name) for name in names]
        parts = [paths[start : start + AT_ONCE] for start in range(0, len(paths), AT_ONCE)]
        found = _each_part(parts)
        for which in (0, 1):
            for part in found:
                digest.update(part[which].tobytes())
        return digest.hexdigest()


def _each_part(parts: list[list[str]]) -> list[tuple[array[int], array[int]]]:
    """Return what `_sizes_and_times` does of each part, by one thread or by four.

    On a network four are much faster; of files that the system knows already one is, on some machines by half, so
    four must be twice as fast to be taken.
    """
    begin = time.perf_counter()
    found = [_sizes_and_times(part) for part in parts[:1]]
    middle = time.perf_counter()
    with ThreadPoolExecutor(THREADS) as pool:
        found += pool.map(_sizes_and_times, parts[1 : 1 + THREADS])
        several = 2 * (time.perf_counter() - middle) < THREADS * (middle - begin)
        rest = parts[1 + THREADS :]
        return found + list((pool.map if several else map)(_sizes_and_times, rest))


def _sizes_and_times(paths: Iterable[str]) -> tuple[array[int], array[int]]:
    """Return the size and the two times of change of each file, -1 for those that are gone."""
    sizes, times = array("q"), array("q")
    stat, size, changed = os.stat, sizes.append, times.append
    for path in paths:
        try:
            status = stat(path)
        except (OSError, ValueError):
            size(-1)
            changed(-1)
            changed(-1)
        else:
            size(status.st_size)
            # Archives give their files a time of change; when a file was put in its place nobody sets.
            changed(status.st_mtime_ns)
            changed(status.st_ctime_ns)
    return sizes, times
