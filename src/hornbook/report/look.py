"""What stands on the page of ``look``: what was found, and of a table every column and how they go together.

Charts are drawn from the training rows, so that nobody gets to know the test rows by looking; only the numbers of the
table at the top, and lines over time, are of all rows.
"""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from hornbook.checks.describe import HEAD, Described, values_of
from hornbook.checks.findings import Findings
from hornbook.checks.infer import numbers_in
from hornbook.columns.base import Array, Column
from hornbook.columns.kinds import column_types
from hornbook.columns.shown import bars
from hornbook.columns.summary import SPLITS, spread
from hornbook.common.blocks import Block, Cell, Charts, Section, Span, Table, Text, short
from hornbook.common.blocks_html import Media
from hornbook.common.charts import Chart, Colour, Format, Groups, Line, Lines, Scatter
from hornbook.common.plaintext import say_number
from hornbook.examples.examples import Examples
from hornbook.examples.in_time.timeline import as_times
from hornbook.examples.prepare import Prepared
from hornbook.recipe.guesses.dates import time_of_rows
from hornbook.report.cloud.look import clouds

FIRST = 12
"""Columns that are drawn at once; the others are behind a fold."""

MOST_COLUMNS = 60
IN_MATRIX = 5
MOST_GROUPS = 6
"""Classes that get a box plot each."""

MOST_CLASSES = 8
"""Classes that have a colour each; the others share one."""

MOST_ROWS = 50_000
"""Rows that charts are made of, spread evenly."""

MOST_LINES = 4


def blocks(examples: Examples, prepared: Prepared, findings: Findings) -> list[Block]:
    """Return what there is to see of examples.

    Parameters
    ----------
    examples
        As they were read; of a series `prepared` has windows instead.
    findings
        What was found; of a table with its columns described.
    """
    data = Section("data", "The examples", findings.blocks())
    return [data, *_table(examples, prepared, findings.columns)] if findings.columns else [data]


def media(prepared: Prepared) -> Media:
    """Return what fetches the picture and the sound of a row, as the network is given it."""
    name, column = next(((n, c) for n, c in prepared.inputs.items() if c.shows), ("", None))
    if column is None:
        return Media()

    def encoded(row: int) -> Array:
        one: Array = prepared.arrays[name].take(np.array([row]))[0]
        return one

    return Media(lambda row: column.picture(encoded(row)), lambda row: column.heard(encoded(row)))


def _table(examples: Examples, prepared: Prepared, columns: Sequence[Described]) -> list[Block]:
    """Return the sections about a table."""
    table = examples.table
    train = prepared.splits["train"]
    if len(prepared.examples) == len(examples) and len(train):
        table = table[train]
    if table.height > MOST_ROWS:
        table = table[spread(np.arange(table.height), MOST_ROWS)]
    forms = examples.written.numbers
    mostly = [found for cells in table if (found := numbers_in(cells, forms.get(cells.name))) is not None]
    table = table.with_columns(mostly) if mostly else table
    column = next(iter(prepared.targets.items()), None)
    name = "" if column is None else column[1].source or column[0]
    name = name if name in table.columns else ""
    grouped = column is not None and name and (column[1].is_label or table[name].dtype.is_numeric())
    groups = groups_of(table[name]) if grouped else None
    ordered = sorted(columns, key=lambda c: (c.name != name, -_related(table, c, groups)))
    known = {c.source or n: c for n, c in (*prepared.inputs.items(), *prepared.targets.items())}
    return [
        Section("columns", "The columns in numbers", _described(columns)),
        Section("charts", "Each column", _charts(table, ordered, known, name, groups)),
        clouds(table, prepared.inputs, None if groups is None or groups.steps else groups),
        Section("together", "How they go together", _together(table, ordered, name, groups)),
        Section("time", "Over time", _lines(examples, prepared, ordered)),
    ]


def _described(columns: Sequence[Described]) -> list[Block]:
    """Return the describe tables: of numbers (and lengths of texts), and of all else."""
    numbers: list[list[Cell]] = []
    others: list[list[Cell]] = []
    for c in columns:
        counts = [f"{c.count:,}", f"{c.missing:,}" if c.missing else ""]
        name = short(c.name, 40)
        if c.numbers:
            head: Cell = (name, Span(" characters", "faint")) if c.kind == "text" else name
            numbers.append([head, *counts, *c.said()])
        else:
            others.append([name, *counts, f"{c.different:,}", values_of(c)])
    return [
        Table("the columns of numbers", ["", *HEAD], numbers, numbers=range(1, 10)),
        Table(
            "the other columns", ["", "count", "missing", "different", "values"], others, numbers=(1, 2, 3)
        ),
    ]


def groups_of(cells: pl.Series, most: int = MOST_CLASSES) -> Groups | None:
    """Return the groups of the rows by what is to be predicted: its classes, or the fifths of a number.

    Of more than ``most`` classes the commonest have a group each, and the others share one.
    """
    if cells.dtype.is_nested() or not len(cells):
        return None
    different = cells.n_unique()
    if cells.dtype.is_numeric() and different > most:
        values = _numbers(cells)
        edges = np.nanquantile(values, [0.2, 0.4, 0.6, 0.8])
        ends = [np.nanmin(values), *edges, np.nanmax(values)]
        names = [f"{say_number(float(a))} to {say_number(float(b))}" for a, b in itertools.pairwise(ends)]
        return Groups(np.searchsorted(edges, values).tolist(), names, steps=True)
    texts = cells.cast(pl.String).fill_null("(missing)")
    counts = texts.value_counts(sort=True, name="rows").head(most)
    names = sorted(str(value) for value in counts[cells.name])
    places = {name: i for i, name in enumerate(names)}
    others = different - len(names)
    which = [places.get(value, len(names)) for value in texts.to_list()]
    return Groups(which, [*names, f"{others:,} others"] if others else names, others=others > 0)


def _numbers(cells: pl.Series) -> Array:
    values: Array = cells.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return values


def _related(table: pl.DataFrame, column: Described, groups: Groups | None) -> float:
    """Return how much of a column's variance goes with the target, 0 to 1."""
    cells = table.get_column(column.name, default=None)
    if groups is None or cells is None or not cells.dtype.is_numeric():
        return 0.0
    values = _numbers(cells)
    fine = np.isfinite(values)
    if fine.sum() < 3:
        return 0.0
    values, places = values[fine], np.asarray(groups.places)[fine]
    counts = np.bincount(places)
    means = np.bincount(places, values) / np.maximum(counts, 1)
    whole = float(((values - values.mean()) ** 2).sum())
    return float((counts * (means - values.mean()) ** 2).sum() / whole) if whole > 0 else 0.0


def _charts(
    table: pl.DataFrame,
    columns: Sequence[Described],
    known: Mapping[str, Column],
    target: str,
    groups: Groups | None,
) -> list[Block]:
    """Return a chart for each column; those that go most with the target come first."""
    types = column_types()
    few = groups if groups is not None and not groups.steps and len(groups.names) <= MOST_GROUPS else None
    charts: list[Chart] = []
    for column in columns[:MOST_COLUMNS]:
        if column.name not in table.columns:
            continue
        cells = table[column.name]
        if column.kind in ("identifier", "missing", "time") and not cells.dtype.is_numeric():
            continue
        kind = column.kind if column.kind in types else "category"
        if column.name == target:
            coded = groups is not None and not groups.steps
            found = bars(cells) if coded else types[kind]().charts(cells)
            charts += [dataclasses.replace(chart, title=f"{chart.title} · target") for chart in found]
        else:
            charts += known.get(column.name, types[kind]()).charts(cells, few)
    more = len(columns) - MOST_COLUMNS
    said = [Text(f"{more:,} more columns are not drawn.", "small")] if more > 0 else []
    return [Charts(charts, first=FIRST, size="small"), *said]


def _together(
    table: pl.DataFrame, columns: Sequence[Described], target: str, groups: Groups | None
) -> list[Block]:
    """Return the numbers against each other: in space where two go to a number, and as a matrix."""
    numeric = {name for name, kind in table.schema.items() if kind.is_numeric()}
    names = [c.name for c in columns if c.name in numeric and c.different > 1]
    inputs = [name for name in names if name != target]
    steps = groups is not None and groups.steps and target in names
    out: list[Block] = []

    def scatter(chosen: list[str], title: str, space: bool = False) -> Scatter:
        values = np.stack([_numbers(table[name]) for name in chosen], axis=1)
        return Scatter(title, chosen, values, groups, space)

    if steps and len(inputs) == 2:
        out.append(scatter([*inputs, target], f"{target} over {inputs[0]} and {inputs[1]}", space=True))
    chosen = (([target] if steps else []) + inputs)[:IN_MATRIX]
    if len(chosen) >= 2:
        out.append(scatter(chosen, "each against each other"))
        if len(inputs) > len(chosen):
            which = "that go most with the target" if target else "first ones"
            out.append(Text(f"The {len(chosen)} {which}, of {len(names)}.", "small"))
    return [Text(f"The colour is {target}.", "small"), *out] if out and groups is not None else out


def _lines(examples: Examples, prepared: Prepared, columns: Sequence[Described]) -> list[Block]:
    """Return the numbers over time, where the rows follow a date, with where the splits begin."""
    table = examples.table
    names = time_of_rows(table, [c.name for c in columns if c.kind == "date" and c.name in table.columns], {})
    name = names[0] if len(names) == 1 else ""
    times = as_times(table[name]) if name else None
    if times is None or times.drop_nulls().n_unique() * 2 < table.height:
        return []
    order = times.arg_sort()
    table = table[order[times.null_count() :]]
    seconds = times.gather(order).drop_nulls().dt.timestamp("ms").to_numpy() / 1000
    _, first = (begins := _begins(prepared, name))[0]
    begins = [
        (float(seconds[0]), first),
        *begins[1:],
    ]  # before it, rows are there that only windows look back at
    sides = np.searchsorted([begin for begin, _ in begins[1:]], seconds, side="right")
    ticks: Format = "minute" if seconds[-1] - seconds[0] < 5 * 86_400 else "day"
    charts: list[Chart] = []
    for column in columns:
        if column.name not in table.columns or not table[column.name].dtype.is_numeric():
            continue
        values = _numbers(table[column.name])
        lines = [
            Line(split, seconds[sides == i].tolist(), values[sides == i].tolist(), split)
            for i, (_, split) in enumerate(begins)
        ]
        marks = begins if len(begins) > 1 else []
        charts.append(
            Lines(column.name, lines, ticks="four", across_ticks=ticks, log=False, marks=marks, named=False)
        )
    return [Charts(charts[:MOST_LINES], size="wide")]


def _begins(prepared: Prepared, name: str) -> list[tuple[float, Colour]]:
    """Return when each split begins, where the splits follow each other in time; else one for all."""
    table = prepared.examples.table
    column = "time" if "time" in table.columns else name
    spans: list[tuple[float, float, Colour]] = []
    if column in table.columns and (times := as_times(table[column])) is not None:
        seconds = times.dt.timestamp("ms").to_numpy() / 1000
        parts = [(s, seconds[prepared.splits[s]]) for s in SPLITS if len(prepared.splits[s])]
        spans = sorted((float(t.min()), float(t.max()), s) for s, t in parts)
    if len(spans) < 2 or any(a[1] >= b[0] for a, b in itertools.pairwise(spans)):
        return [(-np.inf, "test")]
    return [(begin, split) for begin, _, split in spans]
