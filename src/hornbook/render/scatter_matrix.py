"""Numbers against each other as inline SVG: a scatter matrix, and a cloud in space for two inputs and a target."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from hornbook.checks.describe import number
from hornbook.columns.base import Array
from hornbook.common.markup import escape
from hornbook.common.plaintext import clean, shorten
from hornbook.render.old_svg import ticks
from hornbook.render.small_charts import scale

MOST_DOTS = 400
"""Rows that are drawn, spread evenly: more hide each other."""

CELL, GAP, EDGE = 124, 8, 46


def scatter_matrix(names: Sequence[str], values: Array, groups: Array, colours: Sequence[str]) -> str:
    """Return each number against each other one, below the diagonal; on it, how often each value occurs.

    Parameters
    ----------
    names
        Of the columns.
    values
        Shape ``(rows, columns)``; rows with a missing value are left out.
    groups
        For each row the place of its colour.
    colours
        As many as there are groups.
    """
    keep = np.isfinite(values).all(axis=1)
    values, groups = values[keep], groups[keep]
    if len(values) < 2 or len(names) < 2:
        return ""
    rows = np.unique(np.linspace(0, len(values) - 1, min(MOST_DOTS, len(values))).astype(np.int64))
    k = len(names)
    side = EDGE + k * (CELL + GAP)
    said = escape("each against each other: " + ", ".join(clean(name) for name in names))
    out = [f'<svg class="chart" viewBox="0 0 {side} {side - 10}" role="img" aria-label="{said}">']
    for i in range(k):
        for j in range(i + 1):
            left, top = EDGE + j * (CELL + GAP), i * (CELL + GAP)
            out.append(f'<rect class="grid" x="{left}" y="{top}" width="{CELL}" height="{CELL}"/>')
            if i == j:
                out += _diagonal(values[:, i], left, top, clean(names[i]))
            else:
                x = _axis(values[:, j], left + 5, left + CELL - 5)
                y = _axis(values[:, i], top + CELL - 5, top + 5)
                out += _dots(x[rows], y[rows], groups[rows], colours)
    for i, name in enumerate(names):
        middle = CELL / 2 + i * (CELL + GAP)
        short = escape(shorten(clean(name), 16))
        out.append(f'<text x="{EDGE + middle:.0f}" y="{side - 16}" text-anchor="middle">{short}</text>')
        if i:
            turned = f'transform="rotate(-90 {EDGE - 12} {middle:.0f})"'
            out.append(f'<text x="{EDGE - 12}" y="{middle:.0f}" text-anchor="middle" {turned}>{short}</text>')
    return "".join([*out, "</svg>"])


def _axis(values: Array, start: float, end: float) -> Array:
    low, high = float(values.min()), float(values.max())
    if high <= low:
        return np.full(len(values), (start + end) / 2)
    out: Array = start + (end - start) * (values - low) / (high - low)
    return out


def _dots(x: Array, y: Array, groups: Array, colours: Sequence[str]) -> list[str]:
    """Return one path for each colour: a line of no length with round ends is a dot, in ten characters."""
    out = []
    for place, colour in enumerate(colours):
        mine = groups == place
        path = "".join(f"M{a:.1f} {b:.1f}h0" for a, b in zip(x[mine].tolist(), y[mine].tolist(), strict=True))
        if path:
            out.append(
                f'<path fill="none" stroke="{colour}" stroke-width="4.5" stroke-linecap="round" opacity=".65" '
                f'd="{path}"/>'
            )
    return out


def _diagonal(values: Array, left: float, top: float, name: str) -> list[str]:
    counts, _ = np.histogram(values, 20)
    most = max(int(counts.max()), 1)
    wide = CELL / 20
    out = []
    for i, count in enumerate(counts.tolist()):
        high = (CELL - 26) * count / most
        out.append(
            f'<rect class="column" x="{left + i * wide:.1f}" y="{top + CELL - high:.1f}" width="{wide - 0.6:.1f}" '
            f'height="{high:.1f}"/>'
        )
    text = escape(shorten(name, 16))
    out.append(
        f'<text class="name" x="{left + CELL / 2:.0f}" y="{top + 14}" text-anchor="middle">{text}</text>'
    )
    return out


TURN, TILT = math.radians(-35), math.radians(24)
"""From where the cloud is looked at: turned to the right, and a little from above."""


def cloud(names: tuple[str, str, str], values: Array, groups: Array, colours: Sequence[str]) -> str:
    """Return two inputs and a target as dots in a box, each with a line down to the floor.

    Parameters
    ----------
    names
        Of the inputs and the target, which goes up.
    values
        Shape ``(rows, 3)``.
    groups
        For each row the place of its colour.
    """
    keep = np.isfinite(values).all(axis=1)
    values, groups = values[keep], groups[keep]
    if len(values) < 2:
        return ""
    rows = np.unique(np.linspace(0, len(values) - 1, min(MOST_DOTS, len(values))).astype(np.int64))
    low, high = values.min(axis=0), values.max(axis=0)
    unit = (values[rows] - low) / np.where(high > low, high - low, 1) - 0.5
    groups = groups[rows]
    floor = unit.copy()
    floor[:, 2] = -0.5
    at, under = _seen(unit), _seen(floor)
    wide, tall = 520, 400
    said = escape(f"{clean(names[2])} over {clean(names[0])} and {clean(names[1])}, as dots in space")
    out = [f'<svg class="chart" viewBox="0 0 {wide} {tall}" role="img" aria-label="{said}">']
    out += _frame(names, low, high)
    if len(rows) <= 150:
        stems = "".join(
            f"M{a:.1f} {b:.1f}L{c:.1f} {d:.1f}"
            for (a, b, _), (c, d, _) in zip(at.tolist(), under.tolist(), strict=True)
        )
        out.append(f'<path class="grid" d="{stems}"/>')
    order = np.argsort(at[:, 2], kind="stable")  # what is near is drawn over what is far
    for i in order.tolist():
        x, y, near = at[i].tolist()
        out.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{4.2 + 1.2 * near:.1f}" opacity=".85" '
            f'fill="{colours[int(groups[i])]}"/>'
        )
    return "".join([*out, "</svg>"])


def _seen(points: Array) -> Array:
    """Return where points of the unit box are on the page, and how near they are; shape ``(rows, 3)``."""
    x = points[:, 0] * math.cos(TURN) - points[:, 1] * math.sin(TURN)
    y = points[:, 0] * math.sin(TURN) + points[:, 1] * math.cos(TURN)
    up = points[:, 2] * math.cos(TILT) + y * math.sin(TILT)
    return np.stack([262 + 262 * x, 192 - 230 * up, -y], axis=1)


def _frame(names: tuple[str, str, str], low: Array, high: Array) -> list[str]:
    """Return the floor, the two walls behind, and the axes with their numbers and names."""

    def at(*point: float) -> tuple[float, float]:
        x, y, _ = _seen(np.array([point]))[0].tolist()
        return x, y

    def line(a: tuple[float, float, float], b: tuple[float, float, float]) -> str:
        return "M{:.1f} {:.1f}L{:.1f} {:.1f}".format(*at(*a), *at(*b))

    lines, out = [], []
    scales = [scale(float(a), float(b), -0.5, 0.5) for a, b in zip(low, high, strict=True)]
    marks = [ticks(float(a), float(b), 3) for a, b in zip(low, high, strict=True)]
    for value in marks[0]:
        u = scales[0](value)
        lines += [line((u, -0.5, -0.5), (u, 0.5, -0.5)), line((u, 0.5, -0.5), (u, 0.5, 0.5))]
        x, y = at(u, -0.58, -0.5)
        out.append(f'<text x="{x:.0f}" y="{y + 12:.0f}" text-anchor="middle">{number(value)}</text>')
    for value in marks[1]:
        u = scales[1](value)
        lines += [line((-0.5, u, -0.5), (0.5, u, -0.5)), line((-0.5, u, -0.5), (-0.5, u, 0.5))]
        x, y = at(0.56, u, -0.5)
        out.append(f'<text x="{x:.0f}" y="{y + 8:.0f}" text-anchor="start">{number(value)}</text>')
    for value in marks[2]:
        u = scales[2](value)
        lines += [line((-0.5, -0.5, u), (-0.5, 0.5, u)), line((-0.5, 0.5, u), (0.5, 0.5, u))]
        x, y = at(-0.5, -0.5, u)
        out.append(f'<text x="{x - 6:.0f}" y="{y + 4:.0f}" text-anchor="end">{number(value)}</text>')
    labels = ((at(0, -0.78, -0.5), "middle", names[0]), (at(0.74, 0, -0.5), "start", names[1]))
    for (x, y), anchor, name in labels:
        short = escape(shorten(clean(name), 18))
        out.append(f'<text class="name" x="{x:.0f}" y="{y + 16:.0f}" text-anchor="{anchor}">{short}</text>')
    x, y = at(-0.5, -0.5, 0.5)
    short = escape(shorten(clean(names[2]), 18))
    out.append(
        f'<text class="name" x="{max(x - 40, 2):.0f}" y="{y - 12:.0f}" text-anchor="start">{short}</text>'
    )
    return [f'<path class="grid" d="{"".join(lines)}"/>', *out]
