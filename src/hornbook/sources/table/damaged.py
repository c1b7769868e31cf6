"""What Polars says of a damaged table, in our own words."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import polars as pl

from hornbook.common.quiet import quiet
from hornbook.errors import DataError

DAMAGED = "the table is damaged or cut off: copy it again, or write it again"
"""What is said of a file of tables that its library refuses: its own words are of its code."""


@contextlib.contextmanager
def told_as_damaged(origin: str) -> Iterator[None]:
    """Raise DataError for what Polars cannot read, also where it panics, which prints lines of its own first.

    >>> with told_as_damaged("sales.parquet"):
    ...     _ = pl.read_parquet(b"PAR1 and no more")
    Traceback (most recent call last):
    ...
    hornbook.errors.DataError: sales.parquet: the table is damaged or cut off: copy it again, or write it again
    """
    try:
        with quiet():
            yield
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise DataError(f"{origin}: {DAMAGED}") from error
