"""Texts: how long they are, and of which words."""

from __future__ import annotations

from typing import Any

from hornbook.common.charts import Bars, Chart, Spread

MOST_ROWS = 50_000
"""Texts whose words are counted."""

MOST_TOKENS = 20

_CJK = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"


def charts(cells: Any) -> list[Chart]:
    """Return the lengths of texts, and their commonest tokens; ``cells`` is a Polars series of strings."""
    known = cells.drop_nulls()
    if not len(known):
        return []
    lengths = known.str.len_chars().cast(float).to_numpy()
    name = cells.name
    return [Spread(f"{name}, characters", lengths), Bars(f"{name}, its commonest tokens", tokens(known))]


def tokens(cells: Any, most: int = MOST_TOKENS) -> list[tuple[str, int]]:
    """Return the commonest words of texts, or characters where there are no blanks between words.

    >>> import polars as pl
    >>> tokens(pl.Series(["the cat", "The dog"]), 1), tokens(pl.Series(["小猫", "小狗"]), 1)
    ([('the', 2)], [('小', 2)])
    """
    some = cells.head(MOST_ROWS).str.to_lowercase()
    letters = some.str.count_matches(r"\p{L}").sum()
    chinese = some.str.count_matches(_CJK).sum() * 2 > letters
    found = (
        some.str.extract_all(_CJK if chinese else r"[\p{L}\p{N}]+(?:['’][\p{L}]+)?").explode().drop_nulls()
    )
    counts = found.alias("token").value_counts(sort=True, name="rows")
    counts = counts.sort(["rows", "token"], descending=[True, False]).head(most)
    return [(str(token), int(rows)) for token, rows in counts.rows()]
