"""What there is in each column of a table, in numbers: the describe table of ``look``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from hornbook.checks.infer import Kind, infer_kind, numbers_in
from hornbook.columns.base import Column
from hornbook.columns.number.written.parse import NumberForm
from hornbook.common.plaintext import clean, say_number, shorten, table, years
from hornbook.examples.examples import Examples
from hornbook.examples.in_time.timeline import as_times

MOST_VALUES = 12
"""So many of the commonest values of a column of classes are kept."""

SHOWN = 3
"""So many of them stand in the table for a terminal."""


@dataclass(frozen=True)
class Described:
    """What there is in one column.

    Attributes
    ----------
    name
        What it is called.
    kind
        What it is, see `hornbook.checks.infer`.
    count, missing, different
        How many values there are, are missing, and are different.
    numbers
        Mean, sample standard deviation, smallest, lower quartile, median, upper quartile, largest; of texts,
        those of their lengths in characters.
    common
        Of classes, the commonest and how often they occur; of times, the first and the last.
    used
        The word for the column that a recipe makes of it, where it is a target.
    """

    name: str
    kind: Kind
    count: int
    missing: int
    different: int
    numbers: tuple[float, ...] = ()
    common: tuple[tuple[str, int], ...] = ()
    used: str = ""

    @property
    def taken(self) -> str:
        """What it is taken for."""
        return TAKEN.get(self.used, self.used) or TAKEN[self.kind]

    def said(self) -> list[str]:
        """Return the numbers as people read them."""
        plain = bool(self.numbers) and years(self.numbers[2], self.numbers[-1])
        return [f"{v:.0f}" if plain and v >= 1000 else say_number(v) for v in self.numbers]


def describe(examples: Examples, targets: Mapping[str, Column] | None = None) -> tuple[Described, ...]:
    """Return what there is in each column, without pictures and ``split``; ``targets`` are those of a recipe.

    >>> from hornbook.sources import from_arrays
    >>> described = describe(from_arrays(size=[1.0, 2.0, 3.0], kind=["a", "b", "a"]))
    >>> described[0].numbers[:3], described[1].common
    ((2.0, 1.0, 1.0), (('a', 2), ('b', 1)))
    """
    skipped = {"split", *examples.stores}
    used = {source: c.type for n, c in (targets or {}).items() for source in c.sources(n)}
    forms = examples.written.numbers
    every = (_column(c, forms.get(c.name)) for c in examples.table if c.name not in skipped)
    return tuple(replace(found, used=used.get(found.name, "")) for found in every)


def _column(cells: pl.Series, form: NumberForm | None) -> Described:
    looked = infer_kind(cells)
    mostly = numbers_in(cells, form) if looked.kind == "number" else None
    cells = cells if mostly is None else mostly
    known = cells.drop_nulls()
    numbers: tuple[float, ...] = ()
    common: tuple[tuple[str, int], ...] = ()
    if cells.dtype.is_numeric():
        numbers = _numbers(known)
    elif looked.kind in ("date", "time"):
        times = as_times(cells)
        if times is not None:
            first, last = times.arg_min() or 0, times.arg_max() or 0
            common = ((str(cells[first]), 1), (str(cells[last]), 1))
    elif cells.dtype == pl.String:
        numbers = _numbers(known.str.len_chars()) if looked.kind == "text" else ()
        common = _common(known) if looked.kind in ("category", "constant", "other") else ()
    elif looked.kind in ("category", "constant"):
        common = _common(known.cast(pl.String))
    return Described(
        cells.name, looked.kind, len(known), len(cells) - len(known), looked.different, numbers, common
    )


def _numbers(known: pl.Series) -> tuple[float, ...]:
    if not len(known):
        return ()
    values = known.cast(pl.Float64)
    spread: Any = values.std() if len(values) > 1 else 0.0
    ordered = values.sort()
    quartiles = [ordered.quantile(q, "linear") for q in (0.25, 0.5, 0.75)]
    found: list[Any] = [values.mean(), spread, ordered[0], *quartiles, ordered[-1]]
    return tuple(float(value) for value in found)


def _common(known: pl.Series) -> tuple[tuple[str, int], ...]:
    counts = known.value_counts(sort=True, name="rows")
    counts = counts.sort(["rows", known.name], descending=[True, False]).head(MOST_VALUES)
    return tuple((str(value), int(rows)) for value, rows in counts.rows())


HEAD = ("count", "missing", "mean", "std", "min", "25 %", "50 %", "75 %", "max")


TAKEN: dict[str, str] = {
    "number": "a number",
    "category": "classes",
    "text": "text",
    "date": "a date",
    "time": "a time",
    "identifier": "names of rows",
    "constant": "nothing to learn",
    "missing": "nothing to learn",
    "other": "other texts",
}
"""What a column without numbers is taken for, by its kind."""


def values_of(column: Described) -> str:
    """Return what stands where a column has no numbers."""
    if column.kind in ("date", "time"):
        return " to ".join(clean(value) for value, _ in column.common)
    if column.kind == "identifier":
        return "another in every row"
    if column.kind == "missing":
        return "no value at all"
    shown = ", ".join(f"{shorten(clean(v), 24)} {n:,}" for v, n in column.common[:SHOWN])
    more = column.different - SHOWN
    return shown + (f" and {more:,} more" if more > 0 and shown else "")


def text(columns: tuple[Described, ...]) -> str:
    """Return the describe table for a terminal."""

    def start(c: Described) -> list[str]:
        said = f"  {shorten(clean(c.name), 24)}" + (" (characters)" if c.numbers and c.kind == "text" else "")
        return [said, f"{c.count:,}", f"{c.missing:,}" if c.missing else ""]

    lines: list[str] = []
    if numbers := [[*start(c), *map(say_number, c.numbers)] for c in columns if c.numbers]:
        lines += table([["  numbers", *HEAD], *numbers], "<>")
    if others := [[*start(c), f"{c.different:,}", c.taken, values_of(c)] for c in columns if not c.numbers]:
        lines += table(
            [["  others", "count", "missing", "different", "taken for", "values"], *others], "<>>><<"
        )
    return "\n".join(lines)
