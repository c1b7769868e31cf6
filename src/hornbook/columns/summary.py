"""What a column says of its examples before anything is learned: what there is in it, and what may be wrong.

A kind of value answers both (`hornbook.columns.base.Column.inspect`); `hornbook.checks` asks each column and knows no
kind.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from hornbook.common.plaintext import clean, listed
from hornbook.common.safe_names import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from hornbook.common.blocks import Block

Array = NDArray[Any]

SPLITS: tuple[Literal["train", "validation", "test"], ...] = ("train", "validation", "test")

FIRST = 10
"""How many names a finding keeps."""

Level = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    """One thing that may be wrong.

    Attributes
    ----------
    level
        ``error``: nothing good can come of it; ``warning``: the score will be worse, or not to be believed;
        ``note``: good to know.
    code
        A short word for programs.
    message
        One sentence: what, where, and what to do.
    names
        The first few files, rows or classes it is about.
    count
        How many there are.
    """

    level: Level
    code: str
    message: str
    names: tuple[str, ...] = ()
    count: int = 0


class Encoded(Protocol):
    """The encoded rows of a column, in memory or on disk."""

    @property
    def shape(self) -> tuple[int, ...]:
        """Rows, and the shape of each."""

    def take(self, rows: Array) -> Array:
        """Return some rows."""

    def chunks(self, rows: Array, step: int = ...) -> Iterator[Array]:
        """Yield some rows, ``step`` at a time."""


@dataclass(frozen=True)
class Values:
    """One column of the examples.

    Attributes
    ----------
    name
        What it is called.
    encoded
        Its encoded rows.
    splits
        The row numbers of train, validation and test, without rows that cannot be used.
    row_name
        Returns what a message should call a row.
    facts
        Of a heavy column what is known of each row as it was stored: ``width``, ``height``, ``mode``, ``content``.
    inputs
        Where the column is a target, the inputs with their columns; None where it is an input.
    """

    name: str
    encoded: Encoded
    splits: Mapping[str, Array]
    row_name: Callable[[int], str]
    facts: Array | None = None
    inputs: Sequence[tuple[Any, Values]] | None = None

    @cached_property
    def rows(self) -> Array:
        """The rows in use, ascending."""
        return np.sort(np.concatenate([self.splits[split] for split in SPLITS]))

    @cached_property
    def sides(self) -> Array:
        """For each of `rows` the place of its split."""
        rows, sides = self.by_split()
        found: Array = sides[np.argsort(rows, kind="stable")]
        return found

    def by_split(self) -> tuple[Array, Array]:
        """Return the rows in use, one split after the other, and for each the place of its split."""
        sizes = [len(self.splits[split]) for split in SPLITS]
        return np.concatenate([self.splits[split] for split in SPLITS]), np.repeat(np.arange(3), sizes)

    def counted(self, places: Array, sides: Array, most: int) -> Array:
        """Return how often each place below ``most`` is there in each split, shape ``(most, 3)``."""
        found = np.bincount(places.astype(np.int64) * 3 + sides, minlength=3 * most)
        return found.reshape(most, 3)

    def named(self, rows: Array) -> tuple[str, ...]:
        """Return what the first of some rows are called."""
        return tuple(shown(self.row_name(int(row))) for row in rows[:FIRST])

    def finding(self, level: Level, code: str, rows: Array, message: str) -> Finding:
        """Return a finding about some rows; their names come in place of ``{}`` in its message."""
        names = self.named(rows)
        return Finding(level, code, message.replace("{}", listed(names, len(rows))), names, len(rows))


def spread(rows: Array, most: int) -> Array:
    """Return so many of some rows, at even distances.

    >>> spread(np.arange(100, 111), 3).tolist()
    [100, 105, 110]
    """
    found: Array = rows[np.unique(np.linspace(0, len(rows) - 1, min(most, len(rows))).astype(np.int64))]
    return found


class Summary(ABC):
    """What there is in one column."""

    def lines(self) -> list[str]:
        """Return it for a terminal, without what only pictures can say."""
        return []

    @abstractmethod
    def blocks(self, pictured: bool) -> list[Block]:
        """Return it for a page; ``pictured`` says whether the examples have pictures or sounds to be shown."""


@dataclass(frozen=True)
class OneLine(Summary):
    """What can be said in one line of a ``column``."""

    column: str

    @abstractmethod
    def text(self) -> str:
        """Return the line, without the name of the column."""

    def lines(self) -> list[str]:
        """Return the line, with the name of the column."""
        return [f"{clean(self.column)}: {self.text()}"]

    def blocks(self, pictured: bool) -> list[Block]:
        """Return the same line."""
        from hornbook.common.blocks import Text

        return [Text(f"{self.column}: {self.text()}.", "small")]


def each(counts: Mapping[str, int], form: str = "{} ({:,})") -> str:
    """Return what there is of each word; the word alone where there is only one."""
    return next(iter(counts)) if len(counts) == 1 else ", ".join(form.format(*one) for one in counts.items())


@dataclass(frozen=True)
class Samples(Summary):
    """Training rows with their values, to be shown in this order."""

    target: str
    samples: tuple[tuple[int, str], ...]

    def blocks(self, pictured: bool) -> list[Block]:
        """Return the pictures, each with its value."""
        from hornbook.common.blocks import Gallery, Item, Text

        if not pictured:
            return []
        items = [Item(row, f"{text}, an example", text) for row, text in self.samples]
        return [Text(self.target, "heading"), Gallery(items)]


@dataclass(frozen=True)
class Inspection:
    """What a column says of its examples."""

    summary: Summary | None = None
    findings: tuple[Finding, ...] = ()
