"""Scores by the values of a column: for whom, or for what, a recognizer is wrong more often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.category.column import natural_order
from hornbook.columns.evaluation import Evaluation
from hornbook.columns.metric_names import name_of
from hornbook.common.blocks import Block, Cell, Table
from hornbook.common.plaintext import clean, shorten, table
from hornbook.errors import DataError, UsageError, did_you_mean, one_of

if TYPE_CHECKING:
    from hornbook.examples.prepare import Prepared
    from hornbook.recognizer.recognizer import Recognizer

__all__ = ["ByGroup", "by_groups"]

MOST = 60
"""Values that a column may have."""

FEW, PARTS = 12, 4
"""A column of more different numbers than so many is cut into so many parts with as many rows each."""

MORE = 2
"""Metrics that stand beside the first one."""

FEW_ROWS = 30
"""Of fewer rows a score says little."""


@dataclass(frozen=True)
class ByGroup:
    """The evaluations of one target on the rows of each value of a column.

    Attributes
    ----------
    target, column
        Their names.
    groups
        Each value with its evaluation, in their order.
    """

    target: str
    column: str
    groups: tuple[tuple[str, Evaluation], ...]

    @property
    def metrics(self) -> list[str]:
        """The metrics that are shown: those that all groups have, the first one first."""
        shared = [m for m in self.groups[0][1].metrics if all(m in found.metrics for _, found in self.groups)]
        preferred = [m for m in ("within_one", "mean_error") if m in shared]
        others = [m for m in shared[1:] if m not in preferred]
        return [shared[0], *[*preferred, *others][:MORE]]

    def _rows(self) -> list[list[str]]:
        out = []
        for value, found in self.groups:
            low, high = (found.say(v) for v in found.interval)
            first, *more = ((m, found.metrics[m]) for m in self.metrics)
            out.append(
                [shorten(clean(value), 40), f"{found.rows:,}", found.say_metric(*first), f"{low} to {high}"]
            )
            out[-1] += [found.say_metric(*one) for one in more]
        return out

    def _head(self) -> list[str]:
        first, *more = map(name_of, self.metrics)
        return [clean(self.column), "rows", first, "95 % interval", *more]

    def text(self) -> str:
        """Return a table for a terminal."""
        lines = table([self._head(), *self._rows()], "<>>>" + ">" * (len(self.metrics) - 1))
        few = sum(found.rows < FEW_ROWS for _, found in self.groups)
        note = [f"  of fewer than {FEW_ROWS} rows a score says little"] if few else []
        return "\n".join(
            [f"{clean(self.target)} by {clean(self.column)}", *(f"  {line}" for line in lines), *note]
        )

    def to_json(self) -> dict[str, Any]:
        """Return the scores by value, as JSON types."""
        return {
            value: {
                "rows": found.rows,
                "metrics": {m: round(v, 6) for m, v in found.metrics.items()},
                "interval": [round(v, 6) for v in found.interval],
            }
            for value, found in self.groups
        }

    def block(self) -> Block:
        """Return the table for a page."""
        rows: list[Sequence[Cell]] = [*self._rows()]
        return Table(
            f"{self.target} by {self.column}", self._head(), rows, numbers=list(range(1, len(self._head())))
        )


def by_groups(reader: Recognizer, prepared: Prepared, split: str, columns: Sequence[str]) -> list[ByGroup]:
    """Return the evaluations of a recognizer's targets by the values of some columns of the examples.

    Parameters
    ----------
    split
        Whose rows are judged.
    columns
        Any columns of the table, also targets, and such as nothing was learned from.

    Raises
    ------
    UsageError
        There is no such column, or it has too many values that are no numbers.
    DataError
        It has no value in these rows.
    """
    out = []
    for name in columns:
        groups = _groups(prepared, split, name)
        found: dict[str, list[tuple[str, Evaluation]]] = {}
        for value, rows in groups.items():
            part = replace(prepared, splits={**prepared.splits, split: rows}, unanswerable={})
            for target, one in reader.evaluate(part, split, 0).items():
                found.setdefault(target, []).append((value, one))
        out += [ByGroup(target, name, tuple(every)) for target, every in found.items()]
    return out


def _groups(prepared: Prepared, split: str, name: str) -> Mapping[str, Array]:
    """Return the rows of a split by the value that they have in a column."""
    examples = prepared.examples.table
    if name not in examples.columns:
        raise UsageError(
            f"--by {name}: there is no such column{did_you_mean(name, examples.columns)}; there are "
            f"{one_of(examples.columns)}"
        )
    rows = prepared.splits[split]
    cells = examples[name].gather(rows)
    known = np.flatnonzero(cells.is_not_null().to_numpy())
    if not len(known):
        raise DataError(f"--by {name}: it has no value in the rows that are judged")
    rows, cells = rows[known], cells.gather(known)
    if cells.dtype.is_numeric() and cells.n_unique() > FEW:
        return _parts(rows, cells.cast(float).to_numpy())
    values = cells.cast(str).to_list()
    different = sorted(set(values), key=natural_order)
    if len(different) > MOST:
        raise UsageError(
            f"--by {name}: it has {len(different):,} different values, and {MOST} are shown at most: give a column of "
            "fewer, or of numbers"
        )
    each = np.array(values, object)
    return {value: rows[each == value] for value in different}


def _parts(rows: Array, numbers: Array) -> dict[str, Array]:
    """Return rows by the part of the range that their number lies in."""
    ends = np.unique(np.quantile(numbers, np.linspace(0, 1, PARTS + 1)))
    place = np.clip(np.searchsorted(ends, numbers, side="right") - 1, 0, len(ends) - 2)
    return {
        f"{ends[i]:.6g} to {ends[i + 1]:.6g}": rows[place == i]
        for i in range(len(ends) - 1)
        if (place == i).any()
    }
