"""What the series columns of a recipe want together: their times, the length of windows, seasons, rows to come."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from hornbook.columns.base import Array, Column
from hornbook.columns.series.column import SeriesColumn
from hornbook.columns.series.linear.season import find_season
from hornbook.columns.summary import SPLITS
from hornbook.errors import UsageError
from hornbook.examples.in_time.frequency import frequency
from hornbook.examples.in_time.timeline import Times

__all__ = ["Plan", "plan_of"]

Columns = Mapping[str, Column]


@dataclass(frozen=True)
class Plan:
    """What the series columns of a recipe want together."""

    inputs: dict[str, SeriesColumn]
    targets: dict[str, SeriesColumn]
    time: str | None
    group: str | None

    @property
    def length(self) -> int:
        """Rows of the longest window."""
        return max((c.window for c in self.inputs.values()), default=1)

    @property
    def most_bridged(self) -> int:
        """Rows of a blank that is bridged: a quarter of a window, and one at least."""
        return max(1, self.length // 4)

    @property
    def seasons(self) -> dict[str, int]:
        """The season of each column that has one."""
        return {c.sources(n)[0]: c.season for n, c in self.targets.items() if c.season}

    @property
    def horizon(self) -> int:
        """Rows to come, at most."""
        return max((c.horizon or 0 for c in self.targets.values()), default=0)

    def fitted(self, splits: Array, groups: Array) -> Plan:
        """Return the plan with a length for each window that has none: the usual one, or what fits into each split.

        It holds a season of what is foretold, where that fits.
        """
        longest = np.bincount(groups).argmax()
        counts = [int((splits[groups == longest] == name).sum()) for name in SPLITS]
        room = next((count for count in counts if count), 0) // 2 - self.horizon  # of the training rows
        season = max(self.seasons.values(), default=0) + 1
        inputs = {
            n: c if c.length else replace(c, length=max(2, min(max(c.window, season), room)))
            for n, c in self.inputs.items()
        }
        return replace(self, inputs=inputs)

    def with_seasons(self, values: Mapping[str, Array], times: Times, splits: Array) -> Plan:
        """Return the plan with the season of each target that says none, where there is one in the training rows."""
        often = frequency(times)
        longest = np.bincount(times.groups).argmax()
        rows = np.flatnonzero((times.groups == longest) & (splits == "train"))
        found = {
            n: replace(c, season=find_season(values[c.sources(n)[0]][rows], often.seasons))
            for n, c in self.targets.items()
            if c.season is None and not c.learned
        }
        return replace(self, targets={**self.targets, **found})

    def named(self, table: pl.DataFrame, targets: Columns) -> Plan:
        """Return the plan with the columns of each window that names none, and is called as none: what is foretold.

        Beside a target that is no series these are all other numbers.
        """
        foretold = [source for n, c in self.targets.items() for source in c.sources(n)]
        taken = {self.time, self.group, *(s for n, c in targets.items() for s in c.sources(n))}
        numbers = [c.name for c in table if c.dtype.is_numeric() and c.name not in taken]
        meant = tuple(dict.fromkeys(foretold)) or tuple(numbers)
        inputs = {}
        for name, column in self.inputs.items():
            nameless = not column.columns and not {*column.sources(name)} & {*table.columns}
            if nameless and not meant and (target := next(iter(targets), None)):
                raise UsageError(
                    f"inputs.{name} says no columns, and there is no number but {target!r}, which is to be predicted: "
                    f'to foretell its next value, set targets.{target} = {{type = "series", horizon = 1}}'
                )
            inputs[name] = replace(column, columns=meant) if nameless and meant else column
        return replace(self, inputs=inputs)


def plan_of(inputs: Columns, targets: Columns) -> Plan | None:
    """Return what the series columns want; None where there is none, UsageError where they do not go together."""
    windows, foretold = SeriesColumn.among(inputs), SeriesColumn.among(targets)
    if not windows and not foretold:
        return None
    for name, column in windows.items():
        if column.horizon:
            raise UsageError(f"inputs.{name} has a horizon, which is for a target: give it a length")
    for name, column in foretold.items():
        if not column.horizon:
            raise UsageError(f"targets.{name} has no horizon: say how many rows to come are to be foretold")
    every = [*windows.values(), *foretold.values()]
    said: dict[str, str | None] = {}
    for option in ("time", "group"):
        given = sorted({str(getattr(c, option)) for c in every if getattr(c, option) is not None})
        if len(given) > 1:
            raise UsageError(f"the series name several columns for {option}: {', '.join(given)}; name one")
        said[option] = given[0] if given else None
    return Plan(windows, foretold, said["time"], said["group"])
