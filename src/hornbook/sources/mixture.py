"""Examples of several sources in one table: a few hundred real captchas among generated ones, say.

Each row says in ``source_number`` which source it is of (1 is the first). A source's ``weight`` is how often each
of its training rows is seen in an epoch: 1 is once, 10 ten times, 0.5 in every second epoch. What is held back to
judge by, validation and test rows, comes from the first source alone unless others say ``held_out = true``: a
recognizer is judged by what it is for, not by what it practises on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

import polars as pl

from hornbook.common.safe_names import shown
from hornbook.errors import DataError
from hornbook.examples.examples import NUMBER, Examples, Mixture
from hornbook.examples.parts_store import PartsStore
from hornbook.examples.stores import Problem


@dataclass(frozen=True)
class Part:
    """Examples of one source before they are mixed, with what `Mixture` says of it."""

    examples: Examples
    weight: float = 1.0
    held_out: bool = True


def mix_sources(parts: Sequence[Part]) -> Examples:
    """Return the examples of several sources as one table.

    The names of a source's files get the source's own name in front. Columns that a source lacks are empty in its
    rows. Rows of a source that is not held out are training rows; the ones that it has for validation and test itself
    are left out.

    Raises
    ------
    DataError
        The sources have no column of files in common.
    """
    columns = {column for part in parts for column in part.examples.stores}
    shared = [c for c in sorted(columns) if all(c in part.examples.stores for part in parts)]
    if len(columns) != 1 or not shared:
        said = "; ".join(
            f"{p.examples.origin}: {', '.join(sorted(p.examples.stores)) or 'none'}" for p in parts
        )
        raise DataError(
            f"data.sources have different columns of files ({said}): mix pictures with pictures, sounds with sounds"
        )
    column = shared[0]
    keys = _keys([part.examples.origin for part in parts])
    tables, stores, problems, refreshes = [], [], [], []
    for number, (part, key) in enumerate(zip(parts, keys, strict=True), start=1):
        table = _training(part) if not part.held_out else part.examples.table
        tables.append(
            table.with_columns(
                (pl.lit(key) + pl.col(column)).alias(column), pl.lit(number, dtype=pl.Int32).alias(NUMBER)
            )
        )
        store = part.examples.stores[column]
        stores += [(key + inner, one) for inner, one in store.parts() or (("", store),)]
        problems += [Problem(key + p.name, p.message) for p in part.examples.problems]
        refreshes += [refresh.under(key) for refresh in part.examples.refreshes]
    weights, held_out = tuple(p.weight for p in parts), tuple(p.held_out for p in parts)
    return Examples(
        pl.concat(tables, how="diagonal_relaxed"),
        {column: PartsStore(tuple(stores))},
        " and ".join(part.examples.origin for part in parts),
        tuple(problems),
        tuple(note for part in parts for note in part.examples.notes),
        tuple(refreshes),
        Mixture(weights, held_out),
    )


def _training(part: Part) -> pl.DataFrame:
    """Return the training rows of a source that nothing is held back of."""
    table = part.examples.table
    if "split" in table.columns:
        table = table.filter(
            pl.col("split").cast(pl.String).fill_null("train").is_in(["train", "training", ""])
        )
    return table


def _keys(origins: Sequence[str]) -> list[str]:
    """Return a key for each source, the last part of its origin. No key begins with another.

    >>> _keys(["data/mine", "other/mine", "generated captcha"])
    ['mine/', 'mine 2/', 'captcha/']
    """
    out: list[str] = []
    for origin in origins:
        word = shown(PurePath(origin.removeprefix("generated ")).name or "source").replace("/", "_")
        key, times = f"{word}/", 1
        while key in out:
            times += 1
            key = f"{word} {times}/"
        out.append(key)
    return out
