"""The sections about a number target: predicted against true, residuals, the rows that were missed by most."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.evaluation import Evaluation
from hornbook.columns.number.column import say
from hornbook.columns.number.evaluation import NAMES, NumberEvaluation
from hornbook.common.markup import escape, percent, picture, table
from hornbook.common.plaintext import number_of
from hornbook.render.html_parts import folded, scrolling, section, tail
from hornbook.render.old_svg import BOTTOM, HEIGHT, LEFT, TOP, WIDTH, ticks
from hornbook.report.html import Report

FIRST_MISTAKES = 12
"""Rows that are shown at once."""

MOST_DOTS = 600
"""Of more points a page would be slow; they are spread evenly over the rows."""

RIGHT = 18


def sections(report: Report, found: Evaluation, key: str, several: str) -> str:
    """Everything about one number."""
    assert isinstance(found, NumberEvaluation)
    parts = (
        section(f"{key}-fit", f"How close it comes{several}", _scores(found), _drawn(found)),
        section(f"{key}-mistakes", f"Its worst mistakes{several}", _mistakes(report, found)),
    )
    return "\n".join(part for part in parts if part)


def _scores(found: NumberEvaluation) -> str:
    rows = [
        (escape(NAMES.get(name, name)), say(value), f"{say(low)} to {say(high)}")
        for name, value in found.metrics.items()
        for low, high in (found.intervals[name],)
    ]
    rows.append((escape(found.baseline[0]), say(found.baseline[1]), ""))
    said = ""
    if found.inside is not None:
        share, half = found.inside
        said = (
            f'<p class="lead">Of the true numbers {percent(share)} lie in the 95 % interval of their prediction, '
            f"which is mostly ± {say(half)}.</p>"
        )
    return scrolling(table(["", "score", "95 % interval"], rows, numbers=(1, 2)), "scores") + said


def _drawn(found: NumberEvaluation) -> str:
    true, predicted = found.points[:, 0], found.points[:, 1]
    spread = np.unique(np.linspace(0, len(true) - 1, min(MOST_DOTS, len(true))).astype(np.int64))
    figures = [
        ("predicted against true", against(true[spread], predicted[spread])),
        ("predicted less true", histogram(predicted - true)),
    ]
    drawn = "".join(
        f"<figure><figcaption>{name}</figcaption>{chart}</figure>" for name, chart in figures if chart
    )
    return f'<div class="charts" style="margin-top:24px">{drawn}</div>'


def _mistakes(report: Report, found: NumberEvaluation) -> str:
    head = ["", "true", "predicted", "off by"]
    pictured = report.picture is not None and any(
        report.pixels(m.row) is not None for m in found.mistakes[:1]
    )

    def rows(some: Sequence[int]) -> str:
        cells = []
        for i in some:
            mistake = found.mistakes[i]
            shown = picture(report.pixels(mistake.row), mistake.name, side=56) + " " if pictured else ""
            name = f'<span title="{escape(mistake.name)}">{escape(tail(mistake.name, 30))}</span>'
            off = ("+" if mistake.off > 0 else "") + say(mistake.off)
            cells.append((shown + name, say(mistake.truth), say(mistake.predicted), off))
        return scrolling(table(head, cells, numbers=(1, 2, 3)), "rows missed by most")

    first = range(min(FIRST_MISTAKES, len(found.mistakes)))
    rest = range(len(first), len(found.mistakes))
    lead = '<p class="lead">The rows that were missed by most. Some may be mistakes of the table.</p>'
    return lead + rows(first) + (folded(f"{len(rest)} more", rows(rest)) if rest else "")


def against(true: Array, predicted: Array) -> str:
    """Return predicted against true as an ``svg`` element, with the line on which both are the same."""
    every = [float(v) for v in (*true, *predicted) if math.isfinite(v)]
    if not every:
        return ""
    low, high = min(every), max(every)
    gap = (high - low) * 0.04 or abs(high) * 0.05 or 1.0
    low, high = low - gap, high + gap
    across, up = _line(low, high, LEFT, WIDTH - RIGHT), _line(low, high, HEIGHT - BOTTOM, TOP)
    said = f"predicted against true, {number_of(len(true), 'row')}"
    parts = [_open(said)]
    for t in ticks(low, high, 5):
        parts.append(f'<path class="grid" d="M{LEFT} {up(t):.1f}H{WIDTH - RIGHT}"/>')
        parts.append(_text(LEFT - 7, up(t) + 4, short(t), "end"))
        parts.append(_text(across(t), HEIGHT - BOTTOM + 17, short(t), "middle"))
    parts.append(
        f'<path class="mark" d="M{across(low):.1f} {up(low):.1f}L{across(high):.1f} {up(high):.1f}"/>'
    )
    radius = 3.2 if len(true) <= 150 else 2.2
    parts += [
        f'<circle class="spot" cx="{across(t):.1f}" cy="{up(p):.1f}" r="{radius}"/>'
        for t, p in zip(true, predicted, strict=True)
    ]
    parts.append(_text(WIDTH - RIGHT, HEIGHT - 2, "true", "end", "axis"))
    parts.append(_text(LEFT - 38, TOP - 5, "predicted", "start", "axis"))
    return "".join([*parts, "</svg>"])


def histogram(values: Array) -> str:
    """Return a histogram as an ``svg`` element, with a mark at zero."""
    kept = np.asarray(values, np.float64)
    kept = kept[np.isfinite(kept)]
    if not len(kept):
        return ""
    edge = max(float(np.abs(kept).max()), 1e-12) * 1.02
    bins = int(min(41, max(7, 2 * round(math.sqrt(len(kept)) / 2) + 1)))
    counts, edges = np.histogram(kept, bins, (-edge, edge))
    across, up = _line(-edge, edge, LEFT, WIDTH - RIGHT), _line(0, counts.max() * 1.06, HEIGHT - BOTTOM, TOP)
    middle = float(np.median(kept))
    parts = [_open(f"predicted less true, the middle one {say(middle)}")]
    for t in ticks(0, float(counts.max()), 4):
        if float(t).is_integer():
            parts.append(f'<path class="grid" d="M{LEFT} {up(t):.1f}H{WIDTH - RIGHT}"/>')
            parts.append(_text(LEFT - 7, up(t) + 4, f"{t:,.0f}", "end"))
    for count, start, end in zip(counts.tolist(), edges[:-1], edges[1:], strict=True):
        if count:
            x, y = across(start) + 0.5, up(count)
            parts.append(
                f'<rect class="column" x="{x:.1f}" y="{y:.1f}" width="{across(end) - across(start) - 1:.1f}" '
                f'height="{HEIGHT - BOTTOM - y:.1f}"><title>{say(start)} to {say(end)}: {count:,}</title></rect>'
            )
    parts.append(f'<path class="mark" d="M{across(0):.1f} {TOP}V{HEIGHT - BOTTOM}"/>')
    for t in ticks(-edge, edge, 5):
        parts.append(_text(across(t), HEIGHT - BOTTOM + 17, short(t), "middle"))
    parts.append(_text(WIDTH - RIGHT, HEIGHT - 2, "too low / too high", "end", "axis"))
    parts.append(_text(LEFT - 38, TOP - 5, "rows", "start", "axis"))
    return "".join([*parts, "</svg>"])


def short(value: float) -> str:
    """Return a tick in few characters.

    >>> short(350000), short(2.5), short(-1200)
    ('350k', '2.5', '-1.2k')
    """
    for size, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.4g}{sign}"
    return f"{value:.4g}"


def _line(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    return lambda value: start + (end - start) * (value - low) / (high - low)


def _open(said: str) -> str:
    return f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(said)}">'


def _text(x: float, y: float, said: str, anchor: str, style: str = "") -> str:
    kind = f' class="{style}"' if style else ""
    return f'<text{kind} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(said)}</text>'
