"""A map of examples as SVG: each a dot in the colour of its group, and of some the picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from hornbook.common.charts import MOST_SIDE, WIDE, Map, Mark
from hornbook.common.markup import data_uri, escape
from hornbook.render.scatter import dots
from hornbook.render.svg import colour_of, legend, opened

WIDTH, HEIGHT = 460, 380

EDGE = 18
"""Around the points, so that a picture at the edge is whole."""

SIDE, WIDER = 25, 42
"""Of a picture on the map, and of one that is much wider than high; on a wide page half as much again."""

SHARP = 32
"""Up to this side a picture in colour is a PNG, and a larger one a JPEG, which is smaller; grey ones are all PNGs."""


def map_of(chart: Map) -> str:
    """Return points of a plane, empty where there are fewer than two."""
    points = np.asarray(chart.points, np.float64)
    if len(points) < 2 or not np.isfinite(points).all():
        return ""
    places = np.zeros(len(points), np.int64) if chart.groups is None else np.asarray(chart.groups.places)
    x = _along(points[:, 0], EDGE, WIDTH - EDGE)
    y = _along(points[:, 1], HEIGHT - EDGE, EDGE)
    keys, below = legend(chart.groups, WIDTH, HEIGHT)
    alt = f"{chart.title}, {len(points):,} dots"
    out = [opened(alt, WIDTH, HEIGHT + below)]
    out.append(f'<rect class="grid" x=".5" y=".5" width="{WIDTH - 1}" height="{HEIGHT - 1}"/>')
    out += dots(x, y, places, chart.groups, 3.6)
    for mark in chart.marks:
        colour = colour_of(chart.groups, int(places[mark.place]))
        out.append(_marked(mark, float(x[mark.place]), float(y[mark.place]), colour))
    return "".join([*out, *keys, "</svg>"])


def _along(values: NDArray[np.float64], start: float, end: float) -> NDArray[np.float64]:
    """Return where numbers are between two ends; in the middle where all are the same."""
    low, high = float(values.min()), float(values.max())
    if high <= low:
        return np.full(len(values), (start + end) / 2)
    found: NDArray[np.float64] = start + (end - start) * (values - low) / (high - low)
    return found


def _marked(mark: Mark, x: float, y: float, colour: str) -> str:
    """Return a picture in a frame of its colour, or a ring."""
    title = f"<title>{escape(mark.said)}</title>"
    if mark.pixels is None:
        ring = f'cx="{x:.1f}" cy="{y:.1f}" r="4.5" fill="{colour}" stroke="var(--ground)"'
        return f"<circle {ring}>{title}</circle>"
    high, wide = mark.pixels.shape[:2]
    grey = mark.pixels.ndim == 2 or mark.pixels.shape[2] == 1
    address = data_uri(mark.pixels, sharp=MOST_SIDE if grey else SHARP)
    scale = (WIDER if wide > WIDE * high else SIDE) / max(high, wide)
    wide, high = max(wide * scale, 4), max(high * scale, 4)
    box = f'x="{x - wide / 2:.1f}" y="{y - high / 2:.1f}" width="{wide:.1f}" height="{high:.1f}"'
    return (
        f'<g>{title}<image {box} preserveAspectRatio="none" href="{address}"/>'
        f'<rect {box} fill="none" stroke="{colour}" stroke-width="1.6"/></g>'
    )
