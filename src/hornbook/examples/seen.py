"""Which rows were there already when a recognizer was trained, and which of their values are spelled otherwise."""

from __future__ import annotations

import numpy as np
import polars as pl

from hornbook.columns.base import Array
from hornbook.columns.summary import SPLITS
from hornbook.common.plaintext import clean, listed
from hornbook.examples.prepare import Prepared
from hornbook.examples.split import split_codes

CHANCE = 0.05
"""By so much more than of its own test rows must rows be the same as training rows, to be these."""


DIGITS = 7
"""Of numbers that are compared: a table that was written again may have fewer than were in memory."""


def splits_of(given: Prepared, trained: Prepared, same: bool) -> Array:
    """Return for each row of some examples the place in `SPLITS` of the split that it was in, -1 where it was in none.

    Pictures and sounds are the same where their content is, rows of a table where all columns are that both have. Of
    a table whose rows are often the same by chance, as its own test rows show, nothing is said.

    Parameters
    ----------
    given, trained
        Examples, and those of the run, both prepared with the columns of the recognizer.
    same
        Whether those of the run are as they were: else they may be dealt out otherwise now, and count as training rows.
    """
    heavy = [name for name, column in trained.inputs.items() if column.heavy]
    if heavy:
        rows, others = (_contents([of.facts[name] for name in heavy]) for of in (given, trained))
    else:
        rows, others = _hashes(given.examples.table, trained.examples.table)
    codes = split_codes(trained.examples)
    codes = codes if same else np.zeros_like(codes)
    learned = others[codes == 0]
    by_chance = np.isin(others[codes == 2], learned).mean() if (codes == 2).any() else 0.0
    if np.isin(rows, learned).mean() < by_chance + CHANCE:
        return np.full(len(rows), -1)
    out = np.full(len(rows), -1)
    for code in reversed(range(len(SPLITS))):
        out[np.isin(rows, others[codes == code])] = code
    return out


def _contents(facts: list[Array]) -> Array:
    """Return a number for the content of each row, ``uint64``."""
    halves = [np.ascontiguousarray(f["content"]).view("<u8").reshape(len(f), 2)[:, 0] for f in facts]
    found: Array = np.bitwise_xor.reduce(
        [half * np.uint64(2 * i + 1) for i, half in enumerate(halves)], axis=0
    )
    return found


def _hashes(table: pl.DataFrame, other: pl.DataFrame) -> tuple[Array, Array]:
    """Return a number for each row of two tables, of the columns that both have, ``uint64``."""
    both = set(other.columns) - {"split"}
    names = [c.name for c in table if c.name in both and not c.dtype.is_nested()]
    numbers = [n for n in names if table[n].dtype.is_numeric() and other[n].dtype.is_numeric()]
    plain = [pl.col(numbers).cast(pl.Float64).round_sig_figs(DIGITS)] if numbers else []
    if texts := [n for n in names if n not in numbers]:
        plain.append(pl.col(texts).cast(pl.String, strict=False).str.strip_chars())
    one, two = (t.select(plain).hash_rows(seed=0).to_numpy() for t in (table, other))
    return one, two


def respelled(prepared: Prepared) -> list[str]:
    """Return what values in the table are read as something spelled otherwise, a sentence for each column."""
    out = []
    new = np.concatenate(
        [prepared.splits[split] for split in SPLITS[1:]]
    )  # training rows have the spellings learned
    for name, column in {**prepared.inputs, **prepared.targets}.items():
        cells = prepared.examples.table.get_column(column.source or name, default=None)
        if cells is None or column.class_names() is None:
            continue
        if found := column.respelled(cells.gather(new)):
            said = listed([f"{clean(a)!r} for {clean(b)!r}" for a, b in found.items()], limit=3)
            out.append(
                f"values of {clean(name)} are spelled otherwise than in training, and taken as these: {said}"
            )
    return out
