"""Splitting rows into train, validation and test, or into folds, of which each is the test split once.

A test set that the source brings is kept. The rest is split within each class: every row has a number that is
a pure function of the seed and its name (a hash), and the lowest numbers of a class go to test, the next to
validation. So the same rows always fall the same way, and adding files moves only the few that stand at a
border.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Protocol, Self, TypeVar

import numpy as np
import polars as pl
from annotated_types import Ge, Lt

from hornbook.columns.base import Array
from hornbook.columns.summary import SPLITS
from hornbook.common.hashing import FIRST, GOLDEN, SECOND, mixed
from hornbook.errors import DataError, UsageError
from hornbook.examples.in_time.split import fold_places, hold_back, of_groups, places_in_time, said_of
from hornbook.examples.stores import Store

Fraction = Annotated[float, Ge(0), Lt(1)]


@dataclass(frozen=True, kw_only=True)
class Split:
    """What is held back, ``[split]`` in a recipe.

    Attributes
    ----------
    validation, test
        Fractions of the rows, together under 1. ``test`` counts only where the source has no test rows; where it
        has, ``validation`` is a fraction of the others, and validation rows that the source has are kept.
    seed
        The same seed and rows give the same split.
    group
        A column whose equal values stay together (all pictures by one writer, say).
    by
        A column of dates or numbers, or several with the first before the others (year, month, day): the last rows by
        it are the test rows, and those before them the validation rows. Where it is empty, as it is by default, rows
        are held back at random.
    """

    validation: Fraction = 0.1
    test: Fraction = 0.1
    seed: Annotated[int, Ge(0)] = 0
    group: str | None = None
    by: str | tuple[str, ...] | None = None

    @property
    def in_time(self) -> tuple[str, ...]:
        """The columns of ``by``."""
        return (self.by,) if isinstance(self.by, str) and self.by else tuple(self.by or ())


USUAL = Split()


class Splittable(Protocol):
    """What this file needs of `hornbook.examples.Examples`, which stands above it."""

    @property
    def table(self) -> pl.DataFrame:
        """One row an example."""

    @property
    def stores(self) -> Mapping[str, Store]:
        """Where the values of columns of names are."""

    @property
    def origin(self) -> str:
        """Where the examples are from."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What was found out about the data."""

    def column(self, name: str) -> pl.Series:
        """Return a column of the table; DataError where it is missing."""

    def training_only(self) -> Array:
        """Return for each row whether it must stay a training row."""

    def replace(self, **changes: Any) -> Self:
        """Return a copy with some attributes changed."""


Table = TypeVar("Table", bound=Splittable)


def split_rows(examples: Table, split: Split = USUAL, stratify: str | None = None) -> Table:
    """Return the examples with a complete column ``split``.

    Parameters
    ----------
    stratify
        A column whose values keep their proportions in every split; ``split.group`` goes before it.

    Raises
    ------
    DataError
        A column that does not exist, or a value in ``split`` that is not a split.
    UsageError
        Fractions that do not go together.
    """
    if not (split.validation >= 0 and split.test >= 0 and split.validation + split.test < 1):
        raise UsageError(
            f"split.validation = {split.validation} and split.test = {split.test} leave nothing to train on: "
            "both are fractions from 0, together under 1"
        )
    given = given_splits(examples.table, examples.origin)
    free = np.flatnonzero((given == "") & ~examples.training_only())
    out = given.copy()
    out[given == ""] = "train"
    shares = []
    if "test" not in given and split.test:
        shares.append(("test", split.test))
    if "validation" not in given and split.validation:
        shares.append(("validation", split.validation))
    notes = examples.notes
    if len(free) and shares and split.in_time:
        places = _in_time(examples, split)
        hold_back(out, free, places[free], shares)
        notes = (*notes, said_of([examples.column(n) for n in split.in_time], out, places))
    elif len(free) and shares:
        numbers = row_numbers(examples, split.seed)[free]
        if split.group is not None:
            _by_group(out, free, _members(examples, split.group)[free], shares, split.seed)
        else:
            strata = _strata(examples, None if stratify == "split" else stratify)
            _by_stratum(out, free, strata[free], numbers, shares)
    codes = np.zeros(len(out), np.uint8)
    for code, name in enumerate(SPLITS):
        codes[out == name] = code
    column = pl.Series("split", SPLITS, dtype=pl.Enum(SPLITS)).gather(codes)  # half the time of all the words
    return examples.replace(table=examples.table.with_columns(column), notes=notes)


def _in_time(examples: Splittable, split: Split) -> Array:
    """Return for each row its place in time, -1 where it has none; the rows of a group have one place."""
    places = places_in_time([examples.column(name) for name in split.in_time], examples.origin)
    return places if split.group is None else of_groups(places, _members(examples, split.group))


def split_codes(examples: Splittable) -> Array:
    """Return the place in `SPLITS` of each row's split, ``uint8``; the column ``split`` is complete."""
    return examples.table["split"].to_physical().to_numpy().astype(np.uint8)


def as_test(table: pl.DataFrame, rows: Array) -> pl.DataFrame:
    """Return a table with some rows, ``bool``, in the test split."""
    test = pl.lit("test", table["split"].dtype)
    return table.with_columns(split=pl.when(pl.Series(rows)).then(test).otherwise(pl.col("split")))


def given_splits(table: pl.DataFrame, origin: str) -> Array:
    """Return the split that the source gives each row; empty where it gives none.

    A source's own ``train`` rows are free: validation rows are taken from them.

    Raises
    ------
    DataError
        The column ``split`` has another word in it.
    """
    if "split" not in table.columns:
        return np.full(table.height, "", "<U10")
    others = {"val": "validation", "valid": "validation", "dev": "validation", "training": "train"}
    column = table["split"].cast(pl.String).fill_null("").str.to_lowercase().replace(others)
    wrong = column.filter(~column.is_in(["", *SPLITS]))
    if len(wrong):
        raise DataError(
            f"{origin}: the column 'split' has {wrong[0]!r}; it may be train, validation, test or empty"
        )
    given = column.to_numpy().astype("<U10")
    given[given == "train"] = ""
    return given


def row_numbers(examples: Splittable, seed: int) -> Array:
    """Return a number for each row, ``uint64``, a pure function of the seed and the row's name."""
    name, store = next(iter(examples.stores.items()), ("", None))
    if store is None or store.numbered:
        # Of rows of arrays too the number says it all, and hashing a million texts would take a second.
        return _mix(np.arange(examples.table.height, dtype=np.uint64), seed)
    return _hashes(examples.table[name].to_list(), seed)


def _hashes(names: Iterable[object], seed: int) -> Array:
    """Return the first 8 bytes of a hash of each name with the seed, ``uint64``."""
    # Two thirds of the time of a new one for each.
    begun = hashlib.blake2b(f"{seed}\0".encode(), digest_size=8).copy
    digests = []
    for name in names:
        hashed = begun()
        hashed.update(str(name).encode("utf-8", "surrogatepass"))
        digests.append(hashed.digest())
    return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)


def _mix(numbers: Array, seed: int) -> Array:
    """Return 64 well-mixed bits for each number, ``uint64``."""
    with np.errstate(over="ignore"):
        states = numbers * np.uint64(GOLDEN) + np.uint64(_hashes([""], seed)[0])
        return mixed(states, lambda x, places: x >> np.uint64(places), np.uint64(FIRST), np.uint64(SECOND))


def texts(examples: Splittable, name: str) -> pl.Series:
    """Return a column's cells as texts."""
    cells = examples.column(name)
    if cells.dtype.is_nested() or cells.dtype in (pl.Binary, pl.Object):
        raise DataError(
            f"{examples.origin or 'the examples'}: the column {name!r} holds {str(cells.dtype).lower()} values, and "
            "texts or numbers are wanted, one to a row"
        )
    return cells.cast(pl.String)


def _members(examples: Splittable, group: str) -> Array:
    """Return the group of each row; a row whose cell is empty is a group of its own."""
    cells = texts(examples, group)
    alone = pl.Series(np.arange(len(cells))).cast(pl.String)
    return cells.fill_null("\0" + alone).to_numpy()


def _strata(examples: Splittable, stratify: str | None) -> Array:
    """Return a number for each row, the same where the column has the same value."""
    if stratify is None:
        return np.zeros(examples.table.height, np.int64)
    return texts(examples, stratify).rank("dense").fill_null(0).to_numpy()


def _by_stratum(
    out: Array, free: Array, strata: Array, numbers: Array, shares: list[tuple[str, float]]
) -> None:
    order = np.lexsort((numbers, strata))
    starts = np.flatnonzero(np.r_[True, np.diff(strata[order]) != 0])
    for start, end in zip(starts, np.r_[starts[1:], len(order)], strict=True):
        rows = free[order[start:end]]
        at = 0
        for split, share in shares:
            take = round(len(rows) * share)
            if take == 0 and len(rows) > len(shares):
                take = 1  # a class of three still has a row in every split
            take = max(0, min(take, len(rows) - at - 1))  # and the last row of a class is learned from
            out[rows[at : at + take]] = split
            at += take


def _by_group(out: Array, free: Array, members: Array, shares: list[tuple[str, float]], seed: int) -> None:
    """Put whole groups into the splits, in the order of their hashes. At least one group is left for training.

    A group is passed by where it would overshoot the share by more than half of its own size. Where all would, the
    smallest is taken. So a writer of most of the pictures is learned from, never tested on.
    """
    names, place, counts = np.unique(members, return_inverse=True, return_counts=True)
    hashes = _hashes(names, seed)
    left = np.argsort(hashes, kind="stable").tolist()
    sizes = counts.tolist()
    into = np.full(len(names), "train", out.dtype)
    for split, share in shares:
        wanted = share * len(free)
        taken: list[int] = []
        rows = 0
        for group in left:
            if rows >= wanted or len(taken) == len(left) - 1:
                break
            if rows + sizes[group] / 2 <= wanted:
                taken.append(group)
                rows += sizes[group]
        if not taken and len(left) > 1:
            taken = [min(left, key=sizes.__getitem__)]
        into[taken] = split
        left = [group for group in left if into[group] == "train"]
    out[free] = into[place]


def folds(examples: Table, count: int, split: Split = USUAL, stratify: str | None = None) -> Iterator[Table]:
    """Yield the examples ``count`` times, each time with other rows as the test split.

    With ``split.by`` the folds follow each other in time: each learns from all rows before those it tests, and later
    ones are not in it. The first rows, about as many as a fold has, are never tested.

    Without it the rows are dealt out one by one in an order that is a pure function of the seed, class by class, so
    that every fold has its share of each; the rows of a group stay together.

    A split that the source brings is not looked at.

    Parameters
    ----------
    count
        From 2 up to as many as there are rows.
    split
        Its seed and its group.
    stratify
        A column whose values keep their proportions in every fold; ``split.group`` goes before it.

    Raises
    ------
    DataError
        There are fewer rows or groups than folds.
    """
    if split.in_time:
        yield from _later(examples, count, split)
        return
    fold = fold_of(examples, count, split, stratify)
    for i in range(count):
        words = ["test" if test else None for test in (fold == i).tolist()]
        table = examples.table.with_columns(pl.Series("split", words, dtype=pl.Enum(SPLITS)))
        yield examples.replace(table=table)


def _later(examples: Table, count: int, split: Split) -> Iterator[Table]:
    """Yield the folds that follow each other in time."""
    block = fold_places(_in_time(examples, split), count)
    if len(np.unique(block)) <= count:
        raise _too_few(
            examples,
            count,
            f"the times of {', '.join(split.in_time)}, which are too few or the same in many rows",
        )
    for i in range(1, count + 1):
        rows = np.flatnonzero(block <= i)
        words = ["test" if test else None for test in (block[rows] == i).tolist()]
        table = examples.table[rows].with_columns(pl.Series("split", words, dtype=pl.Enum(SPLITS)))
        yield examples.replace(table=table)


def fold_of(examples: Splittable, count: int, split: Split = USUAL, stratify: str | None = None) -> Array:
    """Return the fold of each row, 0 to ``count`` - 1."""
    if count < 2:
        raise UsageError(f"--folds is {count}, and at least 2 are needed: one to learn from, one to test")
    numbers = row_numbers(examples, split.seed)
    rows = examples.table.height
    if split.group is not None:
        names = texts(examples, split.group).fill_null("\0").to_numpy()
        _, place = np.unique(names, return_inverse=True)
        # Each group as a whole, in the order of the smallest number among its rows.
        first = np.full(place.max() + 1, np.iinfo(np.uint64).max, np.uint64)
        np.minimum.at(first, place, numbers)
        dealt = np.empty(len(first), np.int64)
        dealt[np.argsort(first, kind="stable")] = np.arange(len(first)) % count
        if len(first) < count:
            raise _too_few(examples, count, f"{len(first)} groups of {split.group}")
        return np.asarray(dealt[place])
    if rows < count:
        raise _too_few(examples, count, f"{rows} rows")
    out = np.empty(rows, np.int64)
    out[np.lexsort((numbers, _strata(examples, stratify)))] = np.arange(rows) % count
    return out


def _too_few(examples: Splittable, count: int, what: str) -> DataError:
    return DataError(
        f"{examples.origin or 'the examples'}: {count} folds cannot be made of {what}; use fewer folds"
    )
