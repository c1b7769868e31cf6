"""Windows of series: from a table with a row for each time to one with a row for each window.

Rows are sorted by time, each series by itself where a column tells many apart, and split by time: the last ones are
the test set, those before them the validation set. A window is of the split that all of its rows to come are in; what
it reads may be of an earlier one, as it is known by then. So no row is foretold in two splits, and nothing of a later
split is seen by an earlier one. No window crosses a gap or a missing value, but for short ones, which are bridged
(`hornbook.examples.bridges`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl

from hornbook.columns.base import Array, Column
from hornbook.columns.series.column import SeriesColumn
from hornbook.columns.summary import SPLITS
from hornbook.common.plaintext import number_of
from hornbook.errors import DataError, UsageError, one_of
from hornbook.examples.bridges import Line, line_of
from hornbook.examples.examples import Examples
from hornbook.examples.in_time.clock import without_changes
from hornbook.examples.in_time.following import following
from hornbook.examples.in_time.timeline import Times, read_times
from hornbook.examples.in_time.window_plan import Plan, plan_of
from hornbook.examples.split import Split, given_splits
from hornbook.examples.stores import Problem

__all__ = ["TIME", "Latest", "latest", "windowed"]

TIME = "time"
"""The column of the windows' table with the time of the first row to come."""

Columns = Mapping[str, Column]


def windowed(
    examples: Examples, inputs: Columns, targets: Columns, split: Split
) -> tuple[Examples, dict[str, Column], dict[str, Column]]:
    """Return a table of windows with a complete column ``split``, and the columns that read it.

    Where no column is a series all is returned as it is.

    Raises
    ------
    DataError
        A time that is none or occurs twice, a text among the numbers, a series shorter than a window.
    """
    plan = plan_of(inputs, targets)
    if plan is None:
        return examples, dict(inputs), dict(targets)
    plan = plan.named(examples.table, targets)
    _check_targets(examples, plan)
    _check_beside(plan, targets)
    table, times, order = _sorted(examples, plan)
    splits = _splits(given_splits(table, examples.origin), times.groups, split)
    names = list(
        dict.fromkeys(
            n for part in (plan.inputs, plan.targets) for k, c in part.items() for n in c.sources(k)
        )
    )
    values = {n: _numbers(examples, table, n) for n in names}
    plan = plan.with_seasons(values, times, splits).fitted(splits, times.groups)
    line = line_of(times, values, plan.most_bridged, plan.seasons, examples.origin, order)
    splits = splits[line.rows]
    starts, blocks = _starts(examples, plan, line, splits)
    problems = [*line.problems, *_too_fine(values, examples.origin)]
    made: dict[str, Any] = {}
    for other in table.columns:
        if other not in ("split", TIME):
            made[other] = table[other].gather(line.rows[starts + plan.length - 1])
    at, values = starts + plan.length, dict(line.values)
    for name, column in plan.inputs.items():
        rows = at[:, None] + np.arange(-column.window, 0)
        made[name] = _cells(np.stack([values[n][rows] for n in column.sources(name)], -1))
    for name, column in plan.targets.items():
        made[name] = _cells(_to_come(column, values[column.sources(name)[0]], at, blocks))
    made[TIME] = times.said(
        line.rows[at if plan.targets else at - 1]
    )  # what stands beside a window is of its last row
    made["split"] = pl.Series(splits[starts + plan.length + plan.horizon - 1], dtype=pl.Enum(SPLITS))
    windows = examples.replace(table=pl.DataFrame(made), problems=(*examples.problems, *problems))
    read = {n: _read(c, n) for n, c in plan.inputs.items()}
    foretold = {n: _read(c, n) for n, c in plan.targets.items()}
    return windows, {**inputs, **read}, {**targets, **foretold}


@dataclass(frozen=True)
class Latest:
    """The last window of a series, or the error that says why there is none, and the times of the rows to come.

    ``remarks`` say what of the window was made, or what the table has after it, a few words each.
    """

    name: str
    window: dict[str, Array] | DataError
    times: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()


def latest(examples: Examples, inputs: Columns, steps: int) -> list[Latest]:
    """Return the last window of each series of a table, with so many times to come.

    Raises
    ------
    DataError
        A column is missing, a time is none or occurs twice, or there is a text among the numbers.
    """
    plan = plan_of(inputs, {})
    if plan is None or len(plan.inputs) != len(inputs):
        raise UsageError("the last window is for recognizers whose inputs are all series")
    table, times, order = _sorted(examples, plan)
    numbers = {n: _numbers(examples, table, n) for k, c in plan.inputs.items() for n in c.sources(k)}
    line = line_of(times, numbers, plan.most_bridged, {}, examples.origin, order)
    groups = times.groups[line.rows]
    ends = np.flatnonzero(np.r_[np.diff(groups) != 0, True])
    begins = np.r_[0, ends[:-1] + 1]
    found: list[Latest] = []
    for begin, end in zip(begins.tolist(), ends.tolist(), strict=True):
        name = (
            examples.origin
            if plan.group is None
            else f"{examples.origin} {table[plan.group][line.rows[end]]}"
        )
        known = np.flatnonzero(~line.missing[begin : end + 1])
        last = begin + int(known[-1]) if len(known) else end  # rows without a value yet are to come
        first = last + 1 - plan.length
        if first < begin or line.breaks[first + 1 : last + 1].any() or line.missing[first : last + 1].any():
            gap = " without a gap" if first >= begin else ""
            said = number_of(len(known), "row")
            wrong = DataError(f"{name}: the last {plan.length} rows{gap} are wanted, and there are {said}")
            found.append(Latest(name, wrong))
            continue
        rows = {k: np.arange(last + 1 - c.window, last + 1) for k, c in plan.inputs.items()}
        window = {
            k: np.stack([line.values[n][rows[k]] for n in c.sources(k)], -1) for k, c in plan.inputs.items()
        }
        times_to_come = following(times.cells.gather(np.unique(line.rows[begin : last + 1])), steps)
        remarks = _remarks(int(line.bridged[first : last + 1].sum()), plan.length, end - last)
        found.append(Latest(name, window, tuple(times_to_come), remarks))
    return found


def _remarks(bridged: int, length: int, empty: int) -> tuple[str, ...]:
    """Return what was made of the last window, and how many rows after it have no value."""
    said = (
        [f"{bridged} of the last {length} rows {'is' if bridged == 1 else 'are'} bridged"] if bridged else []
    )
    if empty:
        said.append(
            f"the last {number_of(empty, 'row')} {'has' if empty == 1 else 'have'} no value and are to come"
        )
    return tuple(said)


def _check_targets(examples: Examples, plan: Plan) -> None:
    """Raise DataError where there is no column to foretell, with those that could be meant."""
    table = examples.table
    numbers = [c.name for c in table if c.dtype.is_numeric()]
    for name, column in plan.targets.items():
        source = column.sources(name)[0]
        if source not in table.columns and numbers:
            raise DataError(
                f"{examples.origin or 'the examples'}: there is no column {source!r} to foretell: say which with "
                f"--target, one of {one_of(numbers)}"
            )


def _check_beside(plan: Plan, targets: Columns) -> None:
    """Raise UsageError where a target that is no series is a number of the window itself."""
    inside = {source for name, column in plan.inputs.items() for source in column.sources(name)}
    for name, column in targets.items():
        if name not in plan.targets and inside & set(column.sources(name)):
            raise UsageError(
                f"targets.{name} is in the window that it is to be predicted from: to foretell the next, set "
                f'targets.{name} = {{type = "series", horizon = 1}}'
            )


def _read(column: SeriesColumn, name: str) -> SeriesColumn:
    """Return the column as it reads the table of windows, where its cells are under its own name."""
    return replace(column, columns=column.sources(name), source=None)


def _sorted(examples: Examples, plan: Plan) -> tuple[pl.DataFrame, Times, Array]:
    """Return the table in the order of time, series after series, its times, and which row each was."""
    table = examples.table
    groups = np.zeros(len(table), np.int64)
    if plan.group is not None:
        names = examples.column(plan.group).cast(pl.String).fill_null("")
        groups = names.rank("dense").to_numpy().astype(np.int64)
    read = {s for part in (plan.inputs, plan.targets) for n, c in part.items() for s in c.sources(n)}
    times = read_times(examples, plan.time, read if plan.group is None else set(table.columns))
    numbers = times.numbers.copy()
    for group in np.unique(groups) if times.local else ():
        numbers[groups == group] = without_changes(numbers[groups == group])
    times = replace(times, numbers=numbers)
    order = np.lexsort((np.arange(len(table)), times.numbers, groups))
    times = times.at(order, groups[order])
    table = table[order]
    for left, right in times.repeated():
        who = "" if plan.group is None else f" of {table[plan.group][int(right)]!r}"
        raise DataError(
            f"{examples.origin or 'the examples'}: the time {times.said(np.array([right]))[0]}{who} occurs twice "
            f"(rows {int(order[left]) + 1} and {int(order[right]) + 1}): leave one of them out, or name the column "
            "that tells the series apart with group"
        )
    return table, times, order


def _numbers(examples: Examples, table: pl.DataFrame, name: str) -> Array:
    """Return a column as float64, nan where a cell is empty; DataError names the row where it is a text."""
    examples.column(name)
    cells = table[name]
    if cells.dtype == pl.String:
        numbers = (
            cells.str.strip_chars().replace({"": None, "?": None, "NA": None}).cast(pl.Float64, strict=False)
        )
        wrong = np.flatnonzero(
            (numbers.is_null() & cells.is_not_null() & ~cells.is_in(["", "?", "NA"])).to_numpy()
        )
        if len(wrong):
            said = cells[int(wrong[0])]
            row = int(np.flatnonzero((examples.table[name] == said).to_numpy())[0]) + 1
            raise DataError(
                f"{examples.origin or 'the examples'} row {row}, column {name!r}: {said!r} is no number; mend it"
            )
        cells = numbers
    if not cells.dtype.is_numeric():
        raise DataError(
            f"{examples.origin or 'the examples'}: the column {name!r} holds {str(cells.dtype).lower()} values, and a "
            "series is of numbers"
        )
    return cells.cast(pl.Float64).fill_null(float("nan")).to_numpy()


def _splits(given: Array, groups: Array, split: Split) -> Array:
    """Return the split of each row: the one that the source gives, else by its place in the series."""
    out = given.copy()
    for group in np.unique(groups):
        rows = np.flatnonzero(groups == group)
        free = rows[given[rows] == ""]
        out[free] = "train"
        end = len(free)
        for name, count in (("test", len(rows) * split.test), ("validation", len(free) * split.validation)):
            if name not in given:
                first = end - round(count)
                out[free[first:end]] = name
                end = first
    return out


def _starts(examples: Examples, plan: Plan, line: Line, splits: Array) -> tuple[Array, Array]:
    """Return where each window begins, and where the stretch without a gap around each row begins."""
    missing, breaks = line.missing, line.breaks.copy()
    order = np.select([splits == name for name in SPLITS], range(len(SPLITS)))
    breaks[1:] |= order[1:] < order[:-1]  # what comes after a later split is never foretold from it
    breaks[1:] |= missing[1:] | missing[:-1]
    first = np.maximum.accumulate(np.where(breaks, np.arange(len(breaks)), 0))
    wanted = plan.length + plan.horizon
    ends = np.arange(wanted, len(breaks) + 1) - 1
    starts = ends - wanted + 1
    fits = (first[ends] <= starts) & ~missing[ends]
    last = max(plan.horizon - 1, 0)  # all rows to come are of one split
    fits &= order[ends] == order[ends - last]
    made = np.r_[0, np.cumsum(line.bridged)]
    first_made = (
        starts + plan.length - 1
    )  # what is bridged is read, and neither the last row that is nor to come
    fits &= (made[ends + 1] == made[first_made]) & (made[first_made] - made[starts] <= plan.most_bridged)
    starts, ends = starts[fits], ends[fits]
    for name in SPLITS:
        rows = int((splits == name).sum())
        if rows and not (splits[ends] == name).any() and (name == "train" or rows < len(splits)):
            raise DataError(
                f"{examples.origin or 'the examples'}: a window of {plan.length} rows and {plan.horizon} to come does "
                f"not fit into the {number_of(rows, 'row')} of the {name} split"
                f"{' without a gap' if rows >= wanted else ''}; use a smaller length or horizon, or a larger share in "
                "[split]"
            )
    if not len(starts):
        raise DataError(
            f"{examples.origin or 'the examples'}: a window of {plan.length} rows and {plan.horizon} to come is longer "
            f"than the series of {number_of(len(splits), 'row')}; use a smaller length or horizon"
        )
    return starts, first


def _to_come(column: SeriesColumn, values: Array, at: Array, first: Array) -> Array:
    """Return true, last and seasonal values of each step to come, ``(windows, 3, horizon)``."""
    steps = np.arange(column.horizon or 1)
    last = np.repeat(values[at - 1][:, None], len(steps), 1)
    seasonal = last
    if column.season:
        before = at[:, None] + steps - column.season * (steps // column.season + 1)
        seasonal = np.where(before >= first[at - 1][:, None], values[np.maximum(before, 0)], last)
    return np.stack([values[at[:, None] + steps], last, seasonal], 1)


def _too_fine(values: Mapping[str, Array], origin: str) -> Iterator[Problem]:
    """Yield a problem for each column whose steps are lost in the 32-bit numbers of a window."""
    for name, column in values.items():
        steps = np.abs(np.diff(column))
        steps = steps[np.isfinite(steps) & (steps > 0)]
        if not len(steps):
            continue
        largest = np.float32(np.nanmax(np.abs(column)))
        usual = float(np.median(steps))
        if np.isfinite(largest) and (kept := float(np.spacing(largest))) > 0.1 * usual:
            said = (
                f"the column {name!r} has values up to {largest:,.0f} and steps of {usual:.3g}, and numbers of 32 bits "
                f"are {kept:.3g} apart there; subtract a constant from it"
            )
            yield Problem(origin, said)


def _cells(values: Array) -> pl.Series:
    """Return an array as a Polars column with an array in each cell."""
    return pl.Series(np.ascontiguousarray(values, np.float32))
