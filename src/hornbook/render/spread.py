"""Small charts of one column as SVG: a histogram over box plots, and bars of counts."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hornbook.common.charts import Bars, Format, Spread
from hornbook.common.markup import escape
from hornbook.common.plaintext import clean, shorten, width, years
from hornbook.render.svg import Axis, binned, colour_of, opened, said, text, ticks

Array = NDArray[np.float64]

WIDTH = 320
HIGH = 96
"""Height of the bars of a histogram."""

BOX = 20
"""Height of a box plot."""

MOST_BINS = 30


def spread(chart: Spread) -> str:
    """Return a histogram of all values, and under it a box plot of each group.

    A box reaches from the lower to the upper quartile, its line is the median, and its whiskers end at the last
    value within one and a half times that length (Tukey 1977); what lies beyond is dots.
    """
    every = np.asarray(chart.values, np.float64)
    values = every[np.isfinite(every)]
    if not len(values):
        return ""
    parts = [("", every)]
    if chart.groups is not None:
        places = np.asarray(chart.groups.places)
        parts = [(name, every[places == i]) for i, name in enumerate(chart.groups.names)]
    low, high = float(values.min()), float(values.max())
    wide = max((len(shorten(clean(name), 10)) for name, _ in parts), default=0) if len(parts) > 1 else 0
    left = 8 + 6.6 * wide
    most = int(np.clip(np.sqrt(len(values)), 5, MOST_BINS))
    bins = binned(values, most) if math.isfinite(high - low) else []  # wider than numbers go
    x = Axis(*(bins[0][1], bins[-1][2]) if bins else (low, high), left, WIDTH - 8)
    height = HIGH + BOX * len(parts) + 24
    middle = said(float(np.median(values)), "four")
    out = [
        opened(
            f"{chart.title}: from {said(low, 'four')} to {said(high, 'four')}, median {middle}", WIDTH, height
        )
    ]
    out += _columns(bins, x)
    for i, (name, part) in enumerate(parts):
        y = HIGH + 6 + BOX * i + BOX / 2
        out += _box(part[np.isfinite(part)], colour_of(chart.groups, i), x, y)
        if wide:
            out.append(text(left - 8, y + 4, shorten(clean(name), 10), "end"))
    places_of_ticks = ticks(low, high, 4)
    if (values == values.round()).all() and high > low:
        places_of_ticks = [tick for tick in places_of_ticks if tick == round(tick)]
    for tick in places_of_ticks:
        form: Format = "number" if years(low, high) else "four"
        out.append(text(min(max(x(tick), left), WIDTH - 14), height - 4, said(tick, form), "middle"))
    return "".join([*out, "</svg>"])


def _columns(bins: list[tuple[int, float, float]], x: Axis) -> list[str]:
    if not bins:
        return []
    most = max(count for count, _, _ in bins)
    out = []
    for count, a, b in bins:
        if count:
            high = max(HIGH * count / most, 1.0)
            begin, end = x(a), x(b)
            title = f"<title>{said(a, 'four')} to {said(b, 'four')}: {count:,}</title>"
            box = f'x="{begin:.1f}" y="{HIGH - high:.1f}" width="{max(end - begin - 1, 1):.1f}" height="{high:.1f}"'
            out.append(f'<rect class="column" {box}>{title}</rect>')
    return out


def _box(values: Array, colour: str, x: Axis, y: float) -> list[str]:
    if not len(values):
        return []
    first, middle, third = np.quantile(values, [0.25, 0.5, 0.75]).tolist()
    reach = 1.5 * (third - first)
    inside = values[(values >= first - reach) & (values <= third + reach)]
    low, high = float(inside.min()), float(inside.max())
    out = np.unique(values[(values < low) | (values > high)])
    places = np.unique(np.round([x(v) for v in out[:: max(1, len(out) // 200)]]))
    dots = "".join(f"M{p:.0f} {y:.1f}h0" for p in places.tolist())
    style = f'stroke="{colour}" fill="none"'
    found = [
        f'<path {style} stroke-width="1.2" '
        f'd="M{x(low):.1f} {y:.1f}H{x(first):.1f}M{x(third):.1f} {y:.1f}H{x(high):.1f}"/>',
        f'<rect {style} stroke-width="1.5" x="{x(first):.1f}" y="{y - 6:.1f}" '
        f'width="{max(x(third) - x(first), 1):.1f}" height="12"/>',
        f'<path {style} stroke-width="3" d="M{x(middle):.1f} {y - 6:.1f}v12"/>',
    ]
    if dots:
        found.append(f'<path {style} stroke-width="3" stroke-linecap="round" opacity=".6" d="{dots}"/>')
    return found


def bars(chart: Bars) -> str:
    """Return a bar for each name, the longest for the most."""
    if not chart.counts:
        return ""
    most = max(n for _, n in chart.counts)
    names = [shorten(clean(name), 18) or "(empty)" for name, _ in chart.counts]
    left = 14 + 7.0 * max(map(width, names))
    height = 20 * len(names) + (18 if chart.more else 2)
    first = ", ".join(f"{clean(name)} {n:,}" for name, n in chart.counts[:5])
    out = [opened(f"{chart.title}: {first}", WIDTH, height)]
    for i, (name, (whole, n)) in enumerate(zip(names, chart.counts, strict=True)):
        y = 20 * i
        long = max((WIDTH - left - 58) * n / most, 1.0)
        out.append(text(left - 8, y + 14, name, "end"))
        out.append(
            f'<rect class="column" x="{left:.1f}" y="{y + 3}" width="{long:.1f}" height="14">'
            f"<title>{escape(clean(whole))}: {n:,}</title></rect>"
        )
        out.append(text(left + long + 6, y + 14, f"{n:,}"))
    if chart.more:
        out.append(text(left, height - 4, chart.more, style="axis"))
    return "".join([*out, "</svg>"])
