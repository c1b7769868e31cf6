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
from typing import Any, Protocol

import numpy as np
import polars as pl

import hornbook
from hornbook.columns.base import Array, Column
from hornbook.columns.summary import SPLITS
from hornbook.common.progress import Reading
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, did_you_mean, one_of
from hornbook.examples.notebook import blocks
from hornbook.examples.rows import Rows
from hornbook.examples.split import Split, split_rows
from hornbook.examples.stores import CellStore, Problem, Store
from hornbook.examples.table_options import TableOptions

NUMBER = "source_number"
"""The column that says which source a row is of, where there are several."""


@dataclass(frozen=True)
class Mixture:
    """What there is to know of the sources of a table, in their order.

    Attributes
    ----------
    weights
        How often each training row of a source is seen in an epoch.
    held_out
        Whether rows of a source are held back for validation and test.
    """

    weights: tuple[float, ...]
    held_out: tuple[bool, ...]

    def row_weights(self, table: pl.DataFrame) -> Array:
        """Return the weight of each row, ``float64``."""
        return np.array(self.weights)[self._sources(table)]

    def kept(self, table: pl.DataFrame) -> Array:
        """Return for each row whether it must stay a training row, ``bool``."""
        return ~np.array(self.held_out)[self._sources(table)]

    @staticmethod
    def _sources(table: pl.DataFrame) -> Array:
        return table[NUMBER].to_numpy().astype(np.int64) - 1


class RefreshedRows(Protocol):
    """The training rows of one `Refresh` as they are in an epoch."""

    def count(self, epoch: int) -> int:
        """Return how many rows are new in an epoch."""

    def move(self, epoch: int, progress: Reading) -> None:
        """Have the rows of an epoch, and begin to make those of the next in the background."""

    def joined(self, name: str, first: Rows) -> Rows:
        """Return the rows of a column now: ``first`` has those of the first epoch, and later ones replace some."""

    def end(self) -> None:
        """End what is made in the background; it begins again where it is needed."""


class Refresh(Protocol):
    """Training rows whose places others take as epochs go by; see `hornbook.make.refresh`."""

    def under(self, key: str) -> Refresh:
        """Return it for a table in which ``key`` stands before the names of its rows."""

    def lasting(self, epochs: int) -> Refresh:
        """Return it for a training of so many epochs: nothing is made for later ones."""

    def start(
        self, examples: Examples, inputs: Mapping[str, Column], targets: Mapping[str, Column], rows: Array
    ) -> RefreshedRows:
        """Return its training rows of a table; ``rows`` are the numbers of all training rows."""


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
    refreshes
        Training rows whose places others take as epochs go by.
    mixture
        The sources that the rows are of, where there are several.
    written
        How the table was written, as far as it helps to read others.

    Examples
    --------
    >>> import numpy as np
    >>> from hornbook.sources import from_arrays
    >>> examples = from_arrays(image=np.zeros((2, 8, 8), np.uint8), digit=["0", "1"])
    >>> len(examples), examples.table.columns
    (2, ['image', 'digit'])
    """

    table: pl.DataFrame
    stores: Mapping[str, Store] = field(default_factory=dict)
    origin: str = ""
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()
    refreshes: tuple[Refresh, ...] = ()
    mixture: Mixture | None = None
    written: TableOptions = field(default_factory=TableOptions)

    def __len__(self) -> int:
        return self.table.height

    def column(self, name: str) -> pl.Series:
        """Return a column of the table; DataError names what there is where it is missing."""
        # A list of the names of ten thousand columns takes a millisecond, so it is made for the message alone.
        cells: pl.Series | None = self.table.get_column(name, default=None)
        if cells is None:
            raise DataError(
                f"{self.origin or 'the examples'}: there is no column {name!r}; the columns are "
                f"{one_of(self.table.columns)}{did_you_mean(name, self.table.columns)}"
            )
        return cells

    def store(self, name: str) -> Store:
        """Return where the values of a column are: its store, or the cells themselves."""
        return self.stores.get(name) or CellStore()

    def values(self, name: str, rows: Sequence[int] | None = None) -> Iterator[Any]:
        """Yield what a column can encode, for all rows or those given; names are looked up in their store."""
        series = self.column(name)
        if rows is not None:
            series = series.gather(list(rows))
        store = self.store(name)
        for value in series:
            yield None if value is None else store.load(value)

    def value(self, name: str, row: int) -> Any:
        """Return one value, as ``values`` does."""
        cell = self.column(name)[row]
        return None if cell is None else self.store(name).load(cell)

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
            digest.update(name.encode())
            digest.update(self.store(name).fingerprint(series).encode())
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
        if stratify is None and "label" in self.table.columns:
            stratify = "label"
        return split_rows(self, Split(validation=validation, test=test, seed=seed, group=group), stratify)

    def training_only(self) -> Array:
        """Return for each row whether its source is never held out, so that it stays a training row; ``bool``."""
        return np.zeros(len(self), bool) if self.mixture is None else self.mixture.kept(self.table)

    def check(self) -> hornbook.Findings:
        """Look for what is wrong with the data: the same as ``hornbook.check(examples)``."""
        return hornbook.check(self)

    def replace(self, **changes: Any) -> Examples:
        """Return a copy with some attributes changed."""
        return dataclasses.replace(self, **changes)

    def _repr_html_(self) -> str:
        from hornbook.common.notebook import notebook

        rows: dict[str, int] = {s: len(self.rows(s)) for s in SPLITS if "split" in self.table.columns}
        media = [*self.stores]
        return notebook(blocks(self.origin, self.table, rows, media, self.value, self.problems))


def _chunks(series: pl.Series) -> Iterator[bytes]:
    """Yield a column's values as bytes, some thousand at a time: a long column is never copied whole."""
    for start in range(0, len(series), 65536):
        part = series.slice(start, 65536).cast(pl.String).fill_null("\1")
        yield "\0".join(part).encode("utf-8", "surrogatepass")
