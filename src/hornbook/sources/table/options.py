"""What a recipe may say of the files its tables are in; what it leaves out is found by looking."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypedDict

MISSING = ("", "?", "NA", "N/A", "n/a", "#N/A", "null", "NULL", "NaN", "nan", "-NaN", "-nan")
"""Cells that stand for a missing value; in a column of numbers, a lone dash does too."""

DASHES = ("-", "--", "–", "—")


@dataclass(frozen=True, kw_only=True)
class TableOptions:
    """How a table is written.

    Attributes
    ----------
    names
        The names of the columns, for a table without a header.
    separator
        What stands between two values: one character, or ``" "`` for any number of blanks and tabs.
    encoding
        As Python knows it: ``utf-8``, ``gb18030``, ``cp1252``.
    missing
        The cells that stand for a missing value, in place of `MISSING`; an empty cell always does.
    comment
        What a line that is to be left out begins with.
    missing_in
        The columns in which these cells stand for one, by default all.
    """

    names: tuple[str, ...] | None = None
    separator: str | None = None
    encoding: str | None = None
    missing: tuple[str, ...] | None = None
    comment: str | None = None
    missing_in: frozenset[str] | None = None

    @property
    def missing_words(self) -> tuple[str, ...]:
        """The cells that stand for a missing value."""
        return MISSING if self.missing is None else ("", *self.missing)

    @property
    def told(self) -> bool:
        """Whether something was said that only a table has."""
        return self.names is not None or self.separator is not None or self.comment is not None


class TableKeys(TypedDict, total=False):
    """The same as keywords, see `TableOptions`."""

    names: tuple[str, ...] | list[str] | None
    separator: str | None
    encoding: str | None
    missing: tuple[str, ...] | list[str] | None
    comment: str | None


def table_options(keys: TableKeys) -> TableOptions:
    """Return the options that keywords say."""
    names, missing = keys.get("names"), keys.get("missing")
    return TableOptions(
        names=None if names is None else tuple(names),
        separator=keys.get("separator"),
        encoding=keys.get("encoding"),
        missing=None if missing is None else tuple(missing),
        comment=keys.get("comment"),
    )
