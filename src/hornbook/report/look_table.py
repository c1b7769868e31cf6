"""What is in a table, for the page of ``look``: every column in numbers and as a small chart, and how they go together.

All is drawn from the training rows, so that nobody gets to know the test rows by looking; only the numbers of the
table at the top, and lines over time, are of all rows.
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from hornbook.checks.describe import HEAD, Described, number, values_of
from hornbook.checks.kinds import numbers_in
from hornbook.columns.base import Array
from hornbook.common.markup import escape
from hornbook.common.markup import table as html_table
from hornbook.common.plaintext import clean, shorten
from hornbook.examples.examples import Examples
from hornbook.examples.prepare import Prepared
from hornbook.examples.timeline import as_times
from hornbook.render.html_parts import folded, scrolling, section
from hornbook.render.scatter_matrix import cloud, scatter_matrix
from hornbook.render.small_charts import Part, bars, over_time, spread
from hornbook.report import colours

FIRST = 12
"""Columns that are drawn at once; the others are behind a fold."""

MOST_COLUMNS = 60
IN_MATRIX = 5
MOST_GROUPS = 6
"""Classes that get a box plot each."""

MOST_ROWS = 50_000
"""Rows that charts are made of, spread evenly."""

MOST_TOKENS = 20
MOST_LINES = 4

_CJK = r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]"
SPLIT_COLOURS = {"train": "var(--grey)", "validation": "var(--validation)", "test": "var(--blue)"}


@dataclass(frozen=True)
class Target:
    """What is to be predicted, as far as it gives rows their colour.

    Attributes
    ----------
    name
        Of the column; empty where there is none.
    groups
        For each row the place of its colour.
    names, colours
        Of the groups.
    numbers
        Whether the groups are steps of a number, not classes.
    """

    name: str
    groups: Array
    names: tuple[str, ...]
    colours: tuple[str, ...]
    numbers: bool = False


def table_sections(examples: Examples, prepared: Prepared, columns: Sequence[Described]) -> str:
    """Return the sections about a table.

    Parameters
    ----------
    examples
        The table as it was read; of a series `prepared` has windows instead.
    columns
        Its columns, described.
    """
    table = examples.table
    train = prepared.splits["train"]
    if len(prepared.examples) == len(examples) and len(train):
        table = table[train]
    if table.height > MOST_ROWS:
        table = table[np.linspace(0, table.height - 1, MOST_ROWS).astype(np.int64)]
    mostly = [found for cells in table if (found := numbers_in(cells)) is not None]
    table = table.with_columns(mostly) if mostly else table
    column = next(iter(prepared.targets.items()), None)
    name = "" if column is None else column[1].source or column[0]
    target = _target(table[name] if name in table.columns else None)
    ordered = sorted(columns, key=lambda c: (c.name != name, -_related(table, c, target)))
    return "\n".join(
        [
            section("columns", "The columns in numbers", _described(columns)),
            section("charts", "Each column", _charts(table, ordered, target)),
            _together(table, ordered, target),
            section("time", "Over time", _lines(examples, prepared, ordered)),
        ]
    )


def _described(columns: Sequence[Described]) -> str:
    """Return the describe tables: of numbers (and lengths of texts), and of all else."""
    out = ""
    numbers = [c for c in columns if c.numbers]
    if numbers:
        rows = [
            (
                escape(shorten(clean(c.name), 40))
                + (" <small>characters</small>" if c.kind == "text" else ""),
                f"{c.count:,}",
                f"{c.missing:,}" if c.missing else "",
                *map(number, c.numbers),
            )
            for c in numbers
        ]
        made = html_table(["", *HEAD], rows, numbers=tuple(range(1, 10)))
        out += scrolling(made, "the columns of numbers")
    others = [c for c in columns if not c.numbers]
    if others:
        rows = [
            (
                escape(shorten(clean(c.name), 40)),
                f"{c.count:,}",
                f"{c.missing:,}" if c.missing else "",
                f"{c.different:,}",
                escape(values_of(c)),
            )
            for c in others
        ]
        made = html_table(["", "count", "missing", "different", "values"], rows, numbers=(1, 2, 3))
        out += scrolling(made, "the other columns")
    return out


def _target(cells: pl.Series | None) -> Target:
    """Return the colours of the rows by what is to be predicted."""
    if cells is None or cells.dtype.is_nested() or not len(cells):
        return Target("", np.zeros(0 if cells is None else len(cells), np.int64), ("",), ("var(--blue)",))
    different = cells.n_unique()
    if cells.dtype.is_numeric() and different > len(colours.CLASSES):
        values = cells.cast(pl.Float64).fill_null(float("nan")).to_numpy()
        edges = np.nanquantile(values, [0.2, 0.4, 0.6, 0.8])
        ends = [np.nanmin(values), *edges, np.nanmax(values)]
        names = tuple(f"{number(float(a))} to {number(float(b))}" for a, b in itertools.pairwise(ends))
        return Target(cells.name, np.searchsorted(edges, values), names, colours.STEPS, numbers=True)
    texts = cells.cast(pl.String).fill_null("(missing)")
    counts = texts.value_counts(sort=True, name="rows")
    names = tuple(str(v) for v in counts.head(len(colours.CLASSES))[cells.name])
    names = tuple(sorted(names))
    places = {name: i for i, name in enumerate(names)}
    groups = np.array([places.get(v, len(names)) for v in texts.to_list()], np.int64)
    shades = tuple(colours.of_class(i) for i in range(len(names)))
    if len(names) < different:
        names, shades = (*names, f"{different - len(names):,} others"), (*shades, "var(--faint)")
    return Target(cells.name, groups, names, shades)


def _numbers(cells: pl.Series) -> Array:
    values: Array = cells.cast(pl.Float64).fill_null(float("nan")).to_numpy()
    return values


def _related(table: pl.DataFrame, column: Described, target: Target) -> float:
    """Return how much of a column's variance goes with the target, 0 to 1."""
    if not target.name or column.name not in table.columns or not table[column.name].dtype.is_numeric():
        return 0.0
    values = _numbers(table[column.name])
    fine = np.isfinite(values)
    if fine.sum() < 3:
        return 0.0
    values, groups = values[fine], target.groups[fine]
    counts = np.bincount(groups)
    means = np.bincount(groups, values) / np.maximum(counts, 1)
    whole = float(((values - values.mean()) ** 2).sum())
    return float((counts * (means - values.mean()) ** 2).sum() / whole) if whole > 0 else 0.0


def _charts(table: pl.DataFrame, columns: Sequence[Described], target: Target) -> str:
    """Return a chart for each column; those that go most with the target come first."""
    figures = []
    for column in columns[:MOST_COLUMNS]:
        drawn = _chart(table[column.name], column, target) if column.name in table.columns else ""
        if drawn:
            mark = " · target" if column.name == target.name else ""
            caption = f"<figcaption>{escape(shorten(clean(column.name), 40))}{mark}</figcaption>"
            figures.append(f"<figure>{caption}{drawn}</figure>")
    shown = f'<div class="charts columns">{"".join(figures[:FIRST])}</div>' if figures else ""
    if len(figures) > FIRST:
        rest = f'<div class="charts columns">{"".join(figures[FIRST:])}</div>'
        shown += folded(f"{len(figures) - FIRST:,} more columns", rest)
    if len(columns) > MOST_COLUMNS:
        shown += f'<p class="small">{len(columns) - MOST_COLUMNS:,} more columns are not drawn.</p>'
    return shown


def _chart(cells: pl.Series, column: Described, target: Target) -> str:
    coded = column.name == target.name and not target.numbers
    if cells.dtype.is_numeric() and not coded:
        values = _numbers(cells)
        classes = (
            not target.numbers and target.name not in ("", column.name) and len(target.names) <= MOST_GROUPS
        )
        parts = [Part("", values)]
        if classes:
            parts = [
                Part(name, values[target.groups == i], target.colours[i])
                for i, name in enumerate(target.names)
            ]
        return spread(column.name, parts)
    if column.kind == "text":
        known = cells.drop_nulls()
        lengths = spread(f"{column.name}, characters", [Part("", _numbers(known.str.len_chars()))])
        return f"{lengths}<figcaption>its commonest tokens</figcaption>{bars(column.name, tokens(known))}"
    if coded or (column.common and column.kind in ("category", "other", "constant")):
        counts = cells.drop_nulls().cast(pl.String).value_counts(sort=True, name="rows").head(8).rows()
        more = column.different - len(counts)
        return bars(column.name, counts, f"and {more:,} more" if more > 0 else "")
    return ""


def tokens(cells: pl.Series, most: int = MOST_TOKENS) -> list[tuple[str, int]]:
    """Return the commonest words of texts, or characters where there are no blanks between words.

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


def _together(table: pl.DataFrame, columns: Sequence[Described], target: Target) -> str:
    """Return the numbers against each other: in space where two go to a number, and as a matrix."""
    names = [
        c.name
        for c in columns
        if c.name in table.columns and table[c.name].dtype.is_numeric() and c.different > 1
    ]
    inputs = [name for name in names if name != target.name]
    parts = []
    legend = (
        colours.legend([escape(shorten(clean(n), 24)) for n in target.names], target.colours)
        if target.name
        else ""
    )
    said = f'<p class="small">The colour is {escape(clean(target.name))}.</p>{legend}' if legend else ""
    if target.numbers and len(inputs) == 2 and target.name in names:
        values = np.stack([_numbers(table[n]) for n in (*inputs, target.name)], axis=1)
        drawn = cloud((inputs[0], inputs[1], target.name), values, target.groups, target.colours)
        parts.append(f'<figure class="space">{drawn}</figure>')
    chosen = ([target.name] if target.numbers and target.name in names else []) + inputs
    chosen = chosen[:IN_MATRIX]
    if len(chosen) >= 2:
        values = np.stack([_numbers(table[n]) for n in chosen], axis=1)
        drawn = scatter_matrix(
            chosen, values, target.groups if target.name else np.zeros(table.height, int), target.colours
        )
        wide = 60 + 165 * len(chosen)  # of few, the letters would grow with the chart
        parts.append(
            scrolling(f'<figure class="matrix" style="max-width: {wide}px">{drawn}</figure>', "the matrix")
        )
        if len(inputs) > len(chosen):
            which = "that go most with the target" if target.name else "first ones"
            parts.append(f'<p class="small">The {len(chosen)} {which}, of {len(names)}.</p>')
    return section("together", "How they go together", said, *parts) if parts else ""


def _lines(examples: Examples, prepared: Prepared, columns: Sequence[Described]) -> str:
    """Return the numbers over time, where a column is a time, with where the splits begin."""
    table = examples.table
    found = ((c.name, as_times(table[c.name])) for c in columns if c.kind == "time")
    name, times = next(((n, t) for n, t in found if t is not None), ("", None))
    if times is None or times.drop_nulls().n_unique() * 2 < table.height:
        return ""
    figures: list[str] = []
    order = times.arg_sort()
    known = times.gather(order).drop_nulls()
    table = table[order[times.null_count() :]]
    seconds = known.dt.timestamp("ms").to_numpy() / 1000
    marks = _marks(prepared, name, float(seconds[0]))
    short = seconds[-1] - seconds[0] < 5 * 86_400
    for column in columns:
        if (
            column.name in table.columns
            and table[column.name].dtype.is_numeric()
            and len(figures) < MOST_LINES
        ):
            drawn = over_time(
                column.name, seconds, _numbers(table[column.name]), marks, _minute if short else _day
            )
            caption = f"<figcaption>{escape(shorten(clean(column.name), 40))}</figcaption>"
            figures.append(f"<figure>{caption}{drawn}</figure>")
    return f'<div class="charts lines">{"".join(figures)}</div>' if figures else ""


def _marks(prepared: Prepared, name: str, start: float) -> list[tuple[float, str, str]]:
    """Return where each split begins, where the splits follow each other in time; else one mark for all."""
    table = prepared.examples.table
    column = "time" if "time" in table.columns else name
    begins = []
    if column in table.columns and (times := as_times(table[column])) is not None:
        seconds = times.dt.timestamp("ms").to_numpy() / 1000
        parts = [(s, seconds[rows]) for s, rows in prepared.splits.items() if len(rows)]
        begins = sorted((float(t.min()), float(t.max()), s) for s, t in parts)
    if len(begins) < 2 or any(a[1] >= b[0] for a, b in itertools.pairwise(begins)):
        return [(start, "", "var(--blue)")]
    return [(start if i == 0 else b, s, SPLIT_COLOURS[s]) for i, (b, _, s) in enumerate(begins)]


def _day(seconds: float) -> str:
    return (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)).strftime("%Y-%m-%d")


def _minute(seconds: float) -> str:
    return (datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)).strftime("%m-%d %H:%M")
