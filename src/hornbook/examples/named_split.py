"""A column of a table that says which rows are for training and which to test, whatever it is called."""

from __future__ import annotations

import re

import polars as pl

from hornbook.columns.summary import SPLITS
from hornbook.examples.examples import Examples
from hornbook.examples.stores import Note

NAMES = frozenset(
    [
        "split",
        "usage",
        "set",
        "subset",
        "partition",
        "phase",
        "dataset",
        "datasplit",
        "traintest",
        "traintestsplit",
    ]
)
"""What such a column is called, in lower case and without what is no letter."""

WORDS = {
    **dict.fromkeys(["train", "training", "trn"], "train"),
    **dict.fromkeys(["test", "testing", "tst", "privatetest", "holdout", "heldout"], "test"),
    **dict.fromkeys(["val", "valid", "validation", "dev", "development"], "validation"),
}

PUBLIC = "publictest"
"""Kaggle's word: validation where there is a private test, else the test."""


def with_named_split(examples: Examples) -> Examples:
    """Return the examples with a column ``split`` where one says it in words of its own; else as they are."""
    table = examples.table
    for cells in table:
        if cells.dtype != pl.String or re.sub(r"[\W_]+", "", cells.name).lower() not in NAMES:
            continue
        if cells.name != "split" and "split" in table.columns:
            continue
        words = cells.str.to_lowercase().str.replace_all(r"[\W_]+", "")
        there = set(words.drop_nulls().unique()) - {""}
        meant = {**WORDS, PUBLIC: "validation" if "privatetest" in there else "test"}
        roles = {meant[word] for word in there if word in meant}
        if not there <= meant.keys() or "train" not in roles or len(roles) < 2:
            continue
        given = words.replace_strict(meant, default=None, return_dtype=pl.Enum(SPLITS)).alias("split")
        place = table.columns.index(cells.name)
        counts = ", ".join(f"{int((given == s).sum()):,} {s}" for s in SPLITS if (given == s).any())
        said = f"the column {cells.name!r} says which rows are for what: {counts}"
        notes = examples.notes if cells.name == "split" else (*examples.notes, Note(said))
        return examples.replace(table=table.drop(cells.name).insert_column(place, given), notes=notes)
    return examples
