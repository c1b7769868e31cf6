"""The ``Examples`` class: everything that is read becomes one table of examples.

The table is a Polars frame. A cell of a picture column is the *name* of the picture (a path below the folder,
a member of an archive, ``train-images[17]`` of an array), and a `Store` turns names into what a column can
encode. So a table of sixty thousand pictures is small, can be filtered and joined like any other, and every
message can name what it is about.

An optional column ``split`` says ``train``, ``validation`` or ``test`` where the source says so itself.
"""

from __future__ import annotations

import dataclasses
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl

from hornbook.common.safe_names import shown
from hornbook.errors import DataError, did_you_mean, one_of
from hornbook.examples.stores import Problem, Store

if TYPE_CHECKING:
    from hornbook.checks.check import Findings
    from hornbook.columns.base import Array
    from hornbook.examples.rows_file import RowsFile
    from hornbook.make.source import Renewal
    from hornbook.sources.mixture import Mixture

SPLITS = ("train", "validation", "test")
"""The values of the column ``split``."""


@dataclass(frozen=True)
class ArrayStore:
    """Rows of arrays; a name is ``stem[row]``.

    Parameters
    ----------
    arrays
        The arrays by stem, each of shape ``(rows, ...)``; those in files are read a row at a time.
    key
        What tells these arrays from others (a hash of the file, or its path, size and time).
    """

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

    def fingerprint(self, names: Sequence[str]) -> str:
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
class Examples:
    """A table of examples.

    Attributes
    ----------
    table
        A Polars frame, one row an example. An optional column ``split`` holds ``train``, ``validation`` or
        ``test``.
    stores
        For each column whose cells are names (pictures, sounds), where the values are.
    origin
        Where the examples are from, for people: a path or a built-in name.
    problems
        What could not be read, by name.
    notes
        What was found out about how the data is written and is worth a word, a sentence each.
    renewals
        Training rows that others take the places of as epochs go by.
    mixture
        The sources that the rows are of, where there are several.

    Examples
    --------
    >>> import numpy as np
    >>> from hornbook.examples import from_arrays
    >>> examples = from_arrays(image=np.zeros((2, 8, 8), np.uint8), digit=["0", "1"])
    >>> len(examples), examples.table.columns
    (2, ['image', 'digit'])
    """

    table: pl.DataFrame
    stores: Mapping[str, Store] = field(default_factory=dict)
    origin: str = ""
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    renewals: tuple[Renewal, ...] = ()
    mixture: Mixture | None = None

    def __len__(self) -> int:
        return self.table.height

    def column(self, name: str) -> pl.Series:
        """Return a column of the table; DataError names what there is where it is missing."""
        if name not in self.table.columns:
            raise DataError(
                f"{self.origin or 'the examples'}: there is no column {name!r}; the columns are "
                f"{one_of(self.table.columns)}{did_you_mean(name, self.table.columns)}"
            )
        return self.table[name]

    def values(self, name: str, rows: Sequence[int] | None = None) -> Iterator[Any]:
        """Yield what a column can encode, for all rows or those given; names are looked up in their store."""
        series = self.column(name)
        if rows is not None:
            series = series.gather(list(rows))
        store = self.stores.get(name)
        for value in series:
            yield value if store is None or value is None else store.load(value)

    def value(self, name: str, row: int) -> Any:
        """Return one value, as ``values`` does."""
        cell = self.column(name)[row]
        store = self.stores.get(name)
        return cell if store is None or cell is None else store.load(cell)

    def name(self, row: int) -> str:
        """Return what a message should call a row: its picture's name, else its number."""
        for column in self.stores:
            return shown(self.table[column][row])
        return f"row {row + 1}"

    def fingerprint(self) -> str:
        """Return a hash of the table and of what is behind its names (sizes and times, not all content)."""
        digest = hashlib.blake2b(digest_size=16)
        for name in self.table.columns:
            series = self.table[name]
            store = self.stores.get(name)
            digest.update(name.encode())
            if store is not None:
                digest.update(store.fingerprint(series).encode())  # type: ignore[arg-type]
            for chunk in _chunks(series):
                digest.update(chunk)
        return digest.hexdigest()

    def rows(self, split: str) -> Array:
        """Return the row numbers of a split; all are ``train`` where the table has no column ``split``."""
        if "split" not in self.table.columns:
            return np.arange(len(self) if split == "train" else 0)
        return np.flatnonzero((self.table["split"] == split).to_numpy())

    def split(
        self,
        *,
        validation: float = 0.1,
        test: float = 0.1,
        seed: int = 0,
        stratify: str | None = None,
        group: str | None = None,
    ) -> Examples:
        """Return the examples with every row in a split; see `hornbook.examples.split.split_rows`.

        Unless told otherwise, each ``label`` keeps its proportions.
        """
        from hornbook.examples.split import split_rows

        if stratify is None and "label" in self.table.columns:
            stratify = "label"
        return split_rows(self, validation=validation, test=test, seed=seed, stratify=stratify, group=group)

    def check(self) -> Findings:
        """Look for what is wrong with the data; see `hornbook.checks.check`."""
        from hornbook.checks.check import check

        return check(self)

    def replace(self, **changes: Any) -> Examples:
        """Return a copy with some attributes changed."""
        return dataclasses.replace(self, **changes)

    def _repr_html_(self) -> str:
        from hornbook.examples.notebook import html

        return html(self)


def _chunks(series: pl.Series) -> Iterator[bytes]:
    """Yield a column's values as bytes, some thousand at a time, so that a long one is never copied whole."""
    for start in range(0, len(series), 65536):
        part = series.slice(start, 65536).cast(pl.String).fill_null("\1")
        yield "\0".join(part).encode("utf-8", "surrogatepass")
