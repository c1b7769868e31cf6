"""A second table with the test rows, as many public data sets have one."""

from __future__ import annotations

import polars as pl

from hornbook.columns.summary import SPLITS
from hornbook.common.plaintext import first_line
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, UsageError
from hornbook.examples.examples import Examples
from hornbook.examples.split import given_splits
from hornbook.examples.stores import Problem


def with_test(examples: Examples, held: Examples) -> Examples:
    """Return the examples with the rows of a second table, which are the test rows.

    Raises
    ------
    DataError
        The second table lacks a column, or has texts in one where the first has numbers; or the first has test rows.
    UsageError
        The tables name files.
    """
    if examples.stores or held.stores:
        raise UsageError(
            f"{held.origin}: data.test is for tables without files; put a column 'split' in one table"
        )
    names = [name for name in examples.table.columns if name != "split"]
    for name in names:
        held.column(name)  # the error, where it is missing
    one, other = examples.table.drop("split", strict=False), held.table.select(names)
    for name in names:
        a, b = one[name], other[name]
        if a.null_count() == len(a) or b.null_count() == len(b):
            kind = b.dtype if a.null_count() == len(a) else a.dtype
            one, other = one.with_columns(a.cast(kind)), other.with_columns(b.cast(kind))
        elif a.dtype.is_numeric() != b.dtype.is_numeric():
            raise DataError(_unlike(a, b, examples.origin, held.origin))
    try:
        both = pl.concat([one, other], how="vertical_relaxed")
    except pl.exceptions.PolarsError as error:
        raise DataError(
            f"{held.origin}: its columns hold other kinds of values than those of {examples.origin} "
            f"({first_line(error)}); make them the same"
        ) from None
    mine = given_splits(examples.table, examples.origin)
    if (mine == "test").any():
        raise DataError(
            f"{examples.origin}: its column 'split' has test rows, and data.test names others: leave one of them out"
        )
    splits = [split or "train" for split in mine.tolist()] + ["test"] * other.height
    problems = [Problem(f"{held.origin} {p.name}", p.message) for p in held.problems]
    return examples.replace(
        table=both.with_columns(pl.Series("split", splits, pl.Enum(SPLITS))),
        problems=(*examples.problems, *problems),
        notes=(*examples.notes, *held.notes),
    )


def _unlike(one: pl.Series, other: pl.Series, first: str, second: str) -> str:
    """Say where one table has a text in a column, and the other has numbers."""
    where, texts = (second, other) if one.dtype.is_numeric() else (first, one)
    texts = texts.cast(pl.String)
    none = texts.str.strip_chars().cast(pl.Float64, strict=False).is_null() & texts.is_not_null()
    row = none.arg_true()[0] if none.any() else 0
    return (
        f"{where} row {row + 1}: the column {one.name!r} has {shown(texts[row])!r}, where the other table has numbers: "
        "make both the same"
    )
