"""How a table is written: what a recipe says of it, what was found by looking, and what a recognizer keeps."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Annotated, Any, Literal, Self, TypedDict

from annotated_types import Ge

from hornbook.columns.base import Column
from hornbook.columns.constraints import fits
from hornbook.columns.missing import MISSING
from hornbook.columns.number.written.parse import NumberForm


@dataclass(frozen=True, kw_only=True)
class Writing:
    """What can be said of how a table is written, where it is not to be found by looking.

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
    decimal
        What stands before decimals where a column leaves it open, since all its commas have three digits behind them.
    skip
        Lines above the header (or the first row) that are left out.
    odd_rows
        Whether rows that are no examples (totals and averages at the end, units below the header, notes below the
        table) are kept like any other; by default they are left out.
    """

    names: tuple[str, ...] | None = None
    separator: str | None = None
    encoding: str | None = None
    missing: tuple[str, ...] | None = None
    comment: str | None = None
    decimal: Literal[".", ","] | None = None
    skip: Annotated[int, Ge(0)] | None = None
    odd_rows: Literal["leave out", "keep"] | None = None


@dataclass(frozen=True, kw_only=True)
class TableOptions(Writing):
    """How a table is written, and what is known of it from another one.

    Attributes
    ----------
    usual_separator
        The separator of the training table, which is taken unless another one plainly fits better.
    numbers
        How the numbers of the training table's columns are written, where not with a point alone.
    missing_in
        The columns in which words stand for a missing value, by default all.
    as_text
        The columns whose cells stay as they are written, also where they are numbers or words for what is missing.
    header_has
        Names that are in the header if the table has one; empty where they are not known before it is read.
    """

    usual_separator: str | None = None
    numbers: Mapping[str, NumberForm] = field(default_factory=dict)
    missing_in: frozenset[str] | None = None
    as_text: frozenset[str] = frozenset()
    header_has: frozenset[str] = frozenset()

    @property
    def missing_words(self) -> tuple[str, ...]:
        """The cells that stand for a missing value."""
        return MISSING if self.missing is None else ("", *self.missing)

    @property
    def told(self) -> bool:
        """Whether something was said that only a table has."""
        said = (self.names, self.separator, self.comment, self.skip)
        return any(one is not None for one in said)

    @classmethod
    def of(cls, said: Writing) -> Self:
        """Return the options that somebody has said."""
        return cls(**{option.name: getattr(said, option.name) for option in fields(Writing)})

    def replace(self, **changes: Any) -> TableOptions:
        """Return the options with some changed."""
        return replace(self, **changes)

    def to_json(self, used: Container[str]) -> dict[str, Any]:
        """Return what a recognizer that uses some columns keeps, as JSON types: what is not known is left out."""
        kept = {name: getattr(self, name) for name in _KEPT} | {"missing": self.missing_words}
        out = {name: list(v) if isinstance(v, tuple) else v for name, v in kept.items() if v is not None}
        return out | {
            "numbers": {name: form.to_json() for name, form in self.numbers.items() if name in used}
        }


_KEPT = {
    "names": tuple[str, ...],
    "missing": tuple[str, ...],
    "decimal": Literal[".", ","],
    **dict.fromkeys(["encoding", "comment", "usual_separator"], str),
}


def kept_options(given: Mapping[str, Any]) -> TableOptions:
    """Return the options that a recognizer has kept, without what cannot be: a file may be anybody's."""
    found = {n: tuple(v) if isinstance(v, list) else v for n, v in given.items()}
    kept: dict[str, Any] = {n: found[n] for n, kind in _KEPT.items() if n in found and fits(found[n], kind)}
    numbers = given.get("numbers")
    if isinstance(numbers, dict):
        forms = {n: NumberForm.from_json(form) for n, form in numbers.items()}
        kept["numbers"] = {n: form for n, form in forms.items() if form is not None}
    return TableOptions(**kept)


def texts_of(columns: Mapping[str, Column]) -> frozenset[str]:
    """Return the columns of a table whose cells stay as they are written, for these columns of a recipe."""
    return frozenset(source for n, c in columns.items() if c.keeps_text for source in c.sources(n))


class TableKeys(TypedDict, total=False):
    """`Writing` as keywords, and a table that it is like."""

    names: Sequence[str] | None
    separator: str | None
    encoding: str | None
    missing: Sequence[str] | None
    comment: str | None
    decimal: Literal[".", ","] | None
    skip: int | None
    odd_rows: Literal["leave out", "keep"] | None
    like: TableOptions | None


def table_options(keys: TableKeys) -> TableOptions:
    """Return the options that keywords say, and where they say nothing those of a table that it is like."""
    given = {
        n: tuple(v) if isinstance(v, list) else v for n, v in keys.items() if v is not None and n != "like"
    }
    return (keys.get("like") or TableOptions()).replace(**given)
