"""Splitting rows into train, validation and test.

A test set that the source brings is kept. The rest is split within each class: every row has a number that is
a pure function of the seed and its name (a hash), and the lowest numbers of a class go to test, the next to
validation. So the same rows always fall the same way, and adding files moves only the few that stand at a
border.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import polars as pl

from hornbook.columns.base import Array
from hornbook.errors import DataError, UsageError
from hornbook.examples.examples import SPLITS, Examples


def split_rows(
    examples: Examples,
    *,
    validation: float = 0.1,
    test: float = 0.1,
    seed: int = 0,
    stratify: str | None = None,
    group: str | None = None,
) -> Examples:
    """Return the examples with a complete column ``split``.

    Parameters
    ----------
    validation, test
        Fractions of the rows, 0 to 0.9, together under 1. ``test`` counts only where the source has no test
        rows; where it has, ``validation`` is a fraction of the others, and validation rows that the source
        has are kept.
    seed
        The same seed and rows give the same split.
    stratify
        A column whose values keep their proportions in every split.
    group
        A column whose equal values stay together (all pictures by one writer, say); it goes before
        ``stratify``.

    Raises
    ------
    DataError
        A column that does not exist, or a value in ``split`` that is not a split.
    UsageError
        Fractions that do not go together.
    """
    if not (0 <= validation < 1 and 0 <= test < 1 and validation + test < 1):
        raise UsageError(
            f"split.validation = {validation} and split.test = {test} leave nothing to train on: "
            "both are fractions from 0, together under 1"
        )
    given = given_splits(examples.table, examples.origin)
    open_rows = given == ""
    if examples.mixture is not None:
        open_rows &= ~examples.mixture.kept(examples)
    free = np.flatnonzero(open_rows)
    out = given.copy()
    out[given == ""] = "train"
    shares = []
    if "test" not in given and test:
        shares.append(("test", test))
    if "validation" not in given and validation:
        shares.append(("validation", validation))
    if len(free) and shares:
        numbers = row_numbers(examples, seed)[free]
        if group is not None:
            _by_group(out, free, _members(examples, group)[free], shares, seed)
        else:
            strata = np.zeros(len(free), np.int64)
            if stratify is not None and stratify != "split":
                strata = texts(examples, stratify).rank("dense").fill_null(0).to_numpy()[free]
            _by_stratum(out, free, strata, numbers, shares)
    codes = np.zeros(len(out), np.uint8)
    for code, split in enumerate(SPLITS):
        codes[out == split] = code
    column = pl.Series("split", SPLITS, dtype=pl.Enum(SPLITS)).gather(codes)  # half the time of all the words
    return examples.replace(table=examples.table.with_columns(column))


def split_codes(examples: Examples) -> Array:
    """Return the place in `SPLITS` of each row's split, ``uint8``; the column ``split`` is complete."""
    return examples.table["split"].to_physical().to_numpy().astype(np.uint8)


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
    column = table["split"].cast(pl.String).fill_null("").str.to_lowercase()
    column = column.replace(
        {"val": "validation", "valid": "validation", "dev": "validation", "training": "train"}
    )
    wrong = column.filter(~column.is_in(["", *SPLITS]))
    if len(wrong):
        raise DataError(
            f"{origin}: the column 'split' has {wrong[0]!r}; it may be train, validation, test or empty"
        )
    given = column.to_numpy().astype("<U10")
    given[given == "train"] = ""
    return given


def row_numbers(examples: Examples, seed: int) -> Array:
    """Return a number for each row, ``uint64``, a pure function of the seed and the row's name."""
    names = next((examples.table[c] for c in examples.stores), None)
    if names is None:
        return _mix(np.arange(len(examples), dtype=np.uint64), seed)
    stored = next(iter(examples.stores.values()))
    if hasattr(stored, "locate"):
        # Rows of arrays: the number of the row says it all, and hashing a million texts would take a second.
        return _mix(np.arange(len(examples), dtype=np.uint64), seed)
    return _hashes(names.to_list(), seed)


def _hashes(names: Iterable[object], seed: int) -> Array:
    """Return the first 8 bytes of a hash of each name with the seed, ``uint64``."""
    begun = hashlib.blake2b(
        f"{seed}\0".encode(), digest_size=8
    ).copy  # two thirds of the time of a new one for each
    digests = []
    for name in names:
        hashed = begun()
        hashed.update(str(name).encode("utf-8", "surrogatepass"))
        digests.append(hashed.digest())
    return np.frombuffer(b"".join(digests), "<u8").astype(np.uint64)


def _mix(numbers: Array, seed: int) -> Array:
    """Mix integers with splitmix64 (Steele, Lea and Flood 2014, p. 462)."""
    start = np.uint64(_hashes([""], seed)[0])
    with np.errstate(over="ignore"):
        z = numbers * np.uint64(0x9E3779B97F4A7C15) + start
        z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return z ^ (z >> np.uint64(31))


def texts(examples: Examples, name: str) -> pl.Series:
    """Return a column's cells as texts."""
    cells = examples.column(name)
    if cells.dtype.is_nested() or cells.dtype in (pl.Binary, pl.Object):
        raise DataError(
            f"{examples.origin or 'the examples'}: the column {name!r} holds {str(cells.dtype).lower()} values, and "
            "texts or numbers are wanted, one to a row"
        )
    return cells.cast(pl.String)


def _members(examples: Examples, group: str) -> Array:
    """Return the group of each row; a row whose cell is empty is a group of its own."""
    cells = texts(examples, group)
    alone = pl.Series(np.arange(len(cells))).cast(pl.String)
    return cells.fill_null("\0" + alone).to_numpy()


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
    """Put whole groups into the splits, in the order of their hashes, one at least always left for training.

    A group that would overshoot the share by more than half of its own size is passed by; where all would, the
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
