"""Guessing a recipe for pairs of texts: one is read, and the other is written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from hornbook.checks.infer import infer_kind
from hornbook.common.plaintext import clean, set_option
from hornbook.recipe.guesses.target import Said

__all__ = ["guess_pairs"]

FEWEST = 40
"""Pairs under which no writing is learned, and a label is rather an identifier."""

STEPS, BATCH = 4_000, 64
"""Steps of training in all, about, and rows of each."""

WORDS = 2.0
"""From so many words of a text on, on average, it is cut into these, and not into characters."""


def guess_pairs(table: pl.DataFrame, said: Said, note: Callable[[str], None]) -> dict[str, Any] | None:
    """Return the sections of a recipe that writes a text from another; None where the table is no such pairs.

    It has two columns of texts, and most of those to be written differ, or it is said that they are to be written.
    """
    if len(said) != 1 or table.width != 2:
        return None
    ((target, word),) = said.items()
    (other,) = (name for name in table.columns if name != target) if target in table.columns else ("",)
    if not other or word not in ("", "sequence") or table[other].dtype != pl.String:
        return None
    if not word and not _are_written(table[target]):
        return None
    if not word:
        note(
            f"{clean(target)} has a text of its own in most rows, so it is written, word by word or character by "
            f"character; where it is a class, say {set_option('targets', target, 'category')}"
        )
    by_words = [_cut(table[name]) == "words" for name in (other, target)]
    how = {"tokenizer": "words"} if by_words[1] else {}
    rows = max(table.height, 1)
    return {
        "inputs": {other: {"type": "text", **({} if by_words[0] else {"tokenizer": "characters"})}},
        "targets": {target: {"type": "sequence", **how} if how else "sequence"},
        "network": {"name": "gru", "bidirectional": True, "dropout": 0.1},
        "training": {
            "epochs": int(min(100, max(4, STEPS * BATCH // rows))),
            "batch_size": BATCH,
            "learning_rate": 0.003,
            "max_grad_norm": 1.0,
            "early_stopping": 10,
        },
    }


def _are_written(cells: pl.Series) -> bool:
    """Return whether most texts of a column are there once, and are no numbers or dates."""
    known = cells.drop_nulls()
    if cells.dtype != pl.String or len(known) < FEWEST:
        return False
    return 2 * known.n_unique() > len(known) and infer_kind(cells).kind in ("text", "identifier", "other")


def _cut(cells: pl.Series) -> str:
    """Return into what a column of texts is cut."""
    mean = cells.drop_nulls().head(2000).str.count_matches(r"[\p{L}\p{N}]+").mean()
    return "words" if float(mean or 0) >= WORDS else "characters"  # type: ignore[arg-type]
