"""A recipe's columns and a table's: which is meant where they are called otherwise."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from hornbook.columns.base import Column
from hornbook.examples.examples import Examples
from hornbook.examples.pixels import with_pixels


def with_sources(examples: Examples, inputs: Mapping[str, Column], targets: Mapping[str, Column]) -> Examples:
    """Return the examples with their columns called as the recipe calls them, where it is plain which is which.

    So the only picture column becomes the recipe's only picture input, the only column of texts its only text, and
    ``label``, the name that class folders give, or what is said of pictures beside nothing else, its only target.
    """
    if any(
        c.medium == "picture" and (c.source or n) not in examples.table.columns for n, c in inputs.items()
    ):
        examples = with_pixels(examples)
    table = _with_text(examples.table, inputs, targets)
    stores = dict(examples.stores)
    if len(inputs) == len(stores) == 1:
        ((name, column),) = inputs.items()
        wanted, old = column.source or name, next(iter(stores))
        if wanted not in table.columns and column.heavy:
            table = table.rename({old: wanted})
            stores = {wanted: stores[old]}
    sought = [c.source or n for n, c in targets.items()]
    missing = [name for name in sought if name not in table.columns]
    others = [name for name in table.columns if name not in (*stores, "split")]
    given = "label" if "label" in others else others[0] if stores and len(others) == 1 else ""
    if len(missing) == 1 and given and given not in sought:
        table = table.rename({given: missing[0]})
    return examples.replace(table=table, stores=stores)


def _with_text(
    table: pl.DataFrame, inputs: Mapping[str, Column], targets: Mapping[str, Column]
) -> pl.DataFrame:
    """Return the table with its only column of texts called as the inputs call it."""
    wanted = {c.source or n for n, c in inputs.items() if c.is_text} - set(table.columns)
    if len(wanted) != 1:
        return table
    named = {c.source or n for n, c in {**inputs, **targets}.items()} | {"label", "split"}
    texts = [n for n, kind in table.schema.items() if kind == pl.String and n not in named]
    return table.rename({texts[0]: wanted.pop()}) if len(texts) == 1 else table
