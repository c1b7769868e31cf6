"""Numbers against each other as SVG: a scatter matrix, and a cloud in space for two inputs and a target."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hornbook.common.charts import Groups, Scatter
from hornbook.common.plaintext import clean, shorten
from hornbook.render.svg import Axis, binned, colour_of, legend, opened, said, text

Array = NDArray[np.float64]

MOST_DOTS = 400
"""Rows that are drawn, spread evenly: more hide each other."""

CELL, GAP, EDGE = 124, 8, 46

TURN, TILT = math.radians(-35), math.radians(24)
"""From where the cloud is looked at: turned to the right, and a little from above."""


def scatter(chart: Scatter) -> str:
    """Return each number against each other one, or three in space; rows with a missing value are left out."""
    values = np.asarray(chart.values, np.float64)
    keep = np.isfinite(values).all(axis=1)
    groups = (
        np.zeros(len(values), np.int64) if chart.groups is None else np.asarray(chart.groups.places, np.int64)
    )
    values, groups = values[keep], groups[keep]
    if len(values) < 2 or len(chart.names) < 2:
        return ""
    rows = np.unique(np.linspace(0, len(values) - 1, min(MOST_DOTS, len(values))).astype(np.int64))
    names = [clean(name) for name in chart.names]
    width, height = (520, 400) if chart.space else (EDGE + len(names) * (CELL + GAP),) * 2
    keys, below = legend(chart.groups, width, height)
    if not chart.space:  # a matrix has room above its diagonal
        left = EDGE + CELL + 2 * GAP
        beside, high = legend(chart.groups, min(width, left + 220), -8, left)
        keys, below = (beside, 0.0) if high < CELL else (keys, below)
    alt = f"{chart.title}: {', '.join(names)}"
    drawn = (_cloud if chart.space else _matrix)(names, values, rows, groups[rows], chart.groups)
    return "".join([opened(alt, width, height + below), *drawn, *keys, "</svg>"])


def _matrix(
    names: Sequence[str],
    values: Array,
    rows: NDArray[np.int64],
    places: NDArray[np.int64],
    groups: Groups | None,
) -> list[str]:
    """Return each number against each other one, below the diagonal; on it, how often each value occurs."""
    side = EDGE + len(names) * (CELL + GAP)
    out = []
    for i in range(len(names)):
        for j in range(i + 1):
            left, top = EDGE + j * (CELL + GAP), i * (CELL + GAP)
            out.append(f'<rect class="grid" x="{left}" y="{top}" width="{CELL}" height="{CELL}"/>')
            if i == j:
                out += _diagonal(values[:, i], left, top, names[i])
            else:
                x, y = (
                    _axis(values[:, j], left + 5, left + CELL - 5),
                    _axis(values[:, i], top + CELL - 5, top + 5),
                )
                out += dots(x[rows], y[rows], places, groups)
    for i, name in enumerate(names):
        middle = CELL / 2 + i * (CELL + GAP)
        out.append(text(EDGE + middle, side - 16, shorten(name, 16), "middle"))
        if i:
            turned = f'transform="rotate(-90 {EDGE - 12} {middle:.0f})"'
            out.append(f"<g {turned}>{text(EDGE - 12, middle, shorten(name, 16), 'middle')}</g>")
    return out


def _axis(values: Array, start: float, end: float) -> Array:
    low, high = float(values.min()), float(values.max())
    if high <= low:
        return np.full(len(values), (start + end) / 2)
    out: Array = start + (end - start) * (values - low) / (high - low)
    return out


def dots(
    x: Array, y: Array, places: NDArray[np.int64], groups: Groups | None, width: float = 4.5
) -> list[str]:
    """Return one path for each colour: a line of no length with round ends is a dot, in ten characters."""
    out = []
    for place in np.unique(places).tolist():
        mine = places == place
        path = "".join(f"M{a:.1f} {b:.1f}h0" for a, b in zip(x[mine].tolist(), y[mine].tolist(), strict=True))
        style = (
            f'fill="none" stroke="{colour_of(groups, place)}" stroke-width="{width:g}" stroke-linecap="round"'
        )
        out.append(f'<path {style} opacity=".65" d="{path}"/>')
    return out


def _diagonal(values: Array, left: float, top: float, name: str) -> list[str]:
    bins = binned(values, 20)
    most = max(count for count, _, _ in bins)
    wide = CELL / len(bins)
    out = []
    for i, (count, _, _) in enumerate(bins):
        high = (CELL - 26) * count / most
        box = f'x="{left + i * wide:.1f}" y="{top + CELL - high:.1f}" width="{wide - 0.6:.1f}" height="{high:.1f}"'
        out.append(f'<rect class="column" {box}/>')
    return [*out, text(left + CELL / 2, top + 14, shorten(name, 16), "middle", "name")]


def _cloud(
    names: Sequence[str],
    values: Array,
    rows: NDArray[np.int64],
    places: NDArray[np.int64],
    groups: Groups | None,
) -> list[str]:
    """Return two inputs and a target as dots in a box, each with a line down to the floor."""
    low, high = values.min(axis=0), values.max(axis=0)
    unit = (values[rows] - low) / np.where(high > low, high - low, 1) - 0.5
    floor = unit.copy()
    floor[:, 2] = -0.5
    at, under = _seen(unit), _seen(floor)
    out = _frame(names, low, high)
    if len(rows) <= 150:
        both = zip(at.tolist(), under.tolist(), strict=True)
        stems = "".join(f"M{a:.1f} {b:.1f}L{c:.1f} {d:.1f}" for (a, b, _), (c, d, _) in both)
        out.append(f'<path class="grid" d="{stems}"/>')
    for i in np.argsort(at[:, 2], kind="stable").tolist():  # what is near is drawn over what is far
        x, y, near = at[i].tolist()
        fill = f'opacity=".85" fill="{colour_of(groups, int(places[i]))}"'
        out.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{4.2 + 1.2 * near:.1f}" {fill}/>')
    return out


def _seen(points: Array) -> Array:
    """Return where points of the unit box are on the page, and how near they are; shape ``(rows, 3)``."""
    x = points[:, 0] * math.cos(TURN) - points[:, 1] * math.sin(TURN)
    y = points[:, 0] * math.sin(TURN) + points[:, 1] * math.cos(TURN)
    up = points[:, 2] * math.cos(TILT) + y * math.sin(TILT)
    return np.stack([262 + 262 * x, 192 - 230 * up, -y], axis=1)


def _frame(names: Sequence[str], low: Array, high: Array) -> list[str]:
    """Return the floor, the two walls behind, and the axes with their numbers and names."""

    def at(*point: float) -> tuple[float, float]:
        x, y, _ = _seen(np.array([point]))[0].tolist()
        return x, y

    lines, out = [], []
    # Of each axis: the corners of the two lines through a tick, where its number stands, and how far it is moved.
    axes: tuple[tuple[list[tuple[float, float, float]], float, float, str], ...] = (
        ([(0, -0.5, -0.5), (0, 0.5, -0.5), (0, 0.5, 0.5), (0, -0.58, -0.5)], 0, 12, "middle"),
        ([(0.5, 0, -0.5), (-0.5, 0, -0.5), (-0.5, 0, 0.5), (0.56, 0, -0.5)], 0, 8, "start"),
        ([(-0.5, -0.5, 0), (-0.5, 0.5, 0), (0.5, 0.5, 0), (-0.5, -0.5, 0)], -6, 4, "end"),
    )
    for axis, (corners, right, down, anchor) in enumerate(axes):
        unit = Axis(float(low[axis]), float(high[axis]), -0.5, 0.5)
        for value in unit.ticks(3):
            places = np.array(corners)
            places[:, axis] = unit(value)
            a, b, c, (x, y) = (at(*place) for place in places.tolist())
            lines.append("M{:.1f} {:.1f}L{:.1f} {:.1f}L{:.1f} {:.1f}".format(*a, *b, *c))
            out.append(text(x + right, y + down, said(value, "four"), anchor))
    x, y = at(-0.5, -0.5, 0.5)
    labels = (
        (*at(0, -0.78, -0.5), "middle"),
        (*at(0.74, 0, -0.5), "start"),
        (max(x - 40, 2), y - 28, "start"),
    )
    for (x, y, anchor), name in zip(labels, names, strict=True):
        out.append(text(x, y + 16, shorten(name, 18), anchor, "name"))
    return [f'<path class="grid" d="{"".join(lines)}"/>', *out]
