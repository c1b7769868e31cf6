"""Small charts of one column as inline SVG: a histogram over box plots, bars of counts, a line over time."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from hornbook.checks.describe import number
from hornbook.columns.base import Array
from hornbook.common.markup import escape
from hornbook.common.plaintext import clean, shorten
from hornbook.render.old_svg import ticks

WIDTH = 320
HIGH = 96
"""Height of the bars of a histogram."""

BOX = 20
"""Height of a box plot."""

MOST_BINS = 30
BUCKETS = 400
"""Places along a line; of more points the lowest and highest in each are drawn."""


@dataclass(frozen=True)
class Part:
    """Some of the values, drawn in one colour: those of one class, or all."""

    name: str
    values: Array
    colour: str = "var(--blue)"


def scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    """Return what takes a number to its place in a chart."""
    if high <= low:
        return lambda value: (start + end) / 2
    return lambda value: start + (end - start) * (value - low) / (high - low)


def spread(title: str, parts: Sequence[Part]) -> str:
    """Return a histogram of all values, and under it a box plot of each part.

    A box reaches from the lower to the upper quartile, its line is the median, and its whiskers end at the last
    value within one and a half times that length (Tukey 1977); what lies beyond is dots.
    """
    values = np.concatenate([part.values for part in parts])
    values = values[np.isfinite(values)]
    if not len(values):
        return ""
    low, high = float(values.min()), float(values.max())
    wide = max((len(shorten(clean(part.name), 10)) for part in parts), default=0) if len(parts) > 1 else 0
    left = 8 + 6.6 * wide
    x = scale(low, high, left, WIDTH - 8)
    height = HIGH + BOX * len(parts) + 24
    said = escape(f"{title}: from {number(low)} to {number(high)}, median {number(float(np.median(values)))}")
    out = [f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{said}">']
    out += _bars(values, x)
    for i, part in enumerate(parts):
        y = HIGH + 6 + BOX * i + BOX / 2
        out += _box(part, x, y)
        if wide:
            out.append(_text(left - 8, y + 4, shorten(clean(part.name), 10), "end"))
    bottom = height - 4
    places = ticks(low, high, 4) if high > low else [low]
    if (values == values.round()).all() and high > low:
        places = [tick for tick in places if tick == round(tick)]
    for tick in places:
        out.append(_text(min(max(x(tick), left), WIDTH - 14), bottom, number(tick), "middle"))
    return "".join([*out, "</svg>"])


def _bars(values: Array, x: Callable[[float], float]) -> list[str]:
    if not math.isfinite(float(values.max()) - float(values.min())):
        return []  # wider than numbers go
    different = np.unique(values[:: max(1, len(values) // 5000)])
    if len(different) <= MOST_BINS // 2 and len(different) > 1 and (different == different.round()).all():
        gap = float(np.diff(different).min())
        few = (float(values.max()) - float(values.min())) / gap < 2 * MOST_BINS
        edges = (
            np.arange(values.min() - gap / 2, values.max() + gap, gap)
            if few
            else np.histogram_bin_edges(values, MOST_BINS)
        )
    else:
        edges = np.histogram_bin_edges(values, int(np.clip(np.sqrt(len(values)), 5, MOST_BINS)))
    counts, edges = np.histogram(values, edges)
    most = max(int(counts.max()), 1)
    out = []
    for count, a, b in zip(counts.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if count:
            high = max(HIGH * count / most, 1.0)
            begin, end = max(x(a), 1.0), min(x(b), WIDTH - 1.0)
            title = f"<title>{number(a)} to {number(b)}: {count:,}</title>"
            box = f'x="{begin:.1f}" y="{HIGH - high:.1f}" width="{max(end - begin - 1, 1):.1f}" height="{high:.1f}"'
            out.append(f'<rect class="column" {box}>{title}</rect>')
    return out


def _box(part: Part, x: Callable[[float], float], y: float) -> list[str]:
    values = part.values[np.isfinite(part.values)]
    if not len(values):
        return []
    first, middle, third = np.quantile(values, [0.25, 0.5, 0.75]).tolist()
    reach = 1.5 * (third - first)
    inside = values[(values >= first - reach) & (values <= third + reach)]
    low, high = float(inside.min()), float(inside.max())
    out = values[(values < low) | (values > high)]
    places = np.unique(np.round([x(v) for v in np.unique(out)[:: max(1, len(np.unique(out)) // 200)]]))
    dots = "".join(f"M{p:.0f} {y:.1f}h0" for p in places.tolist())
    style = f'stroke="{part.colour}" fill="none"'
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


def bars(title: str, counts: Sequence[tuple[str, int]], more: str = "") -> str:
    """Return a bar for each name, the longest for the most; ``more`` is a line under them."""
    if not counts:
        return ""
    most = max(n for _, n in counts)
    names = [shorten(clean(name), 18) or "(empty)" for name, _ in counts]
    left = 14 + 7.0 * max(_cells(name) for name in names)
    height = 20 * len(counts) + (18 if more else 2)
    said = escape(f"{title}: " + ", ".join(f"{clean(name)} {n:,}" for name, n in counts[:5]))
    out = [f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{said}">']
    for i, (name, (whole, n)) in enumerate(zip(names, counts, strict=True)):
        y = 20 * i
        long = max((WIDTH - left - 58) * n / most, 1.0)
        out.append(_text(left - 8, y + 14, name, "end"))
        out.append(
            f'<rect class="column" x="{left:.1f}" y="{y + 3}" width="{long:.1f}" height="14">'
            f"<title>{escape(clean(whole))}: {n:,}</title></rect>"
        )
        out.append(_text(left + long + 6, y + 14, f"{n:,}", "start"))
    if more:
        out.append(_text(left, height - 4, more, "start", "axis"))
    return "".join([*out, "</svg>"])


def _cells(text: str) -> int:
    return sum(2 if ord(c) > 0x2E7F else 1 for c in text)


def over_time(
    title: str,
    times: Array,
    values: Array,
    marks: Sequence[tuple[float, str, str]],
    say: Callable[[float], str],
) -> str:
    """Return a line of a number over time, its parts in the colours of the splits.

    Parameters
    ----------
    times, values
        Numbers, the times ascending.
    marks
        Where each split begins, what it is called, and its colour; the first begins with the line.
    say
        How a time is written.
    """
    keep = np.isfinite(values)
    times, values = times[keep], values[keep]
    if len(values) < 2:
        return ""
    wide, high, left = 480, 230, 52
    low, top = float(values.min()), float(values.max())
    x = scale(float(times[0]), float(times[-1]), left, wide - 10)
    y = scale(low, top, high - 26, 30)
    said = escape(f"{title} from {say(float(times[0]))} to {say(float(times[-1]))}")
    out = [f'<svg class="chart" viewBox="0 0 {wide} {high}" role="img" aria-label="{said}">']
    for tick in ticks(low, top, 4):
        out.append(f'<path class="grid" d="M{left} {y(tick):.1f}H{wide - 10}"/>')
        out.append(_text(left - 6, y(tick) + 4, number(tick), "end"))
    ends = [mark[0] for mark in marks[1:]] + [float("inf")]
    last, row = -100.0, 0
    for (begin, name, colour), end in zip(marks, ends, strict=True):
        part = (times >= begin) & (times < end)
        if not part.any():
            continue
        path = "L".join(f"{x(t):.1f} {y(v):.1f}" for t, v in _thinned(times[part], values[part]))
        out.append(
            f'<path fill="none" stroke="{colour}" stroke-width="1.5" stroke-linejoin="round" d="M{path}"/>'
        )
        if len(marks) > 1:
            at = x(float(times[part][0]))
            ending = at > wide - 70  # its name stands before it
            touching = at - last < (100 if ending else 70)
            row = (row + 1) % 2 if touching else 0  # names that would touch stand over each other
            last = at
            out.append(f'<path class="mark" d="M{at:.1f} {30 - 14 * (1 - row)}V{high - 26}"/>')
            out.append(
                _text(at - 3 if ending else at + 3, 25 - 14 * (1 - row), name, "end" if ending else "start")
            )
    for time, anchor in ((times[0], "start"), ((times[0] + times[-1]) / 2, "middle"), (times[-1], "end")):
        out.append(_text(x(float(time)), high - 8, say(float(time)), anchor))
    return "".join([*out, "</svg>"])


def _thinned(times: Array, values: Array) -> list[tuple[float, float]]:
    """Return the points of a line, of many only the lowest and the highest in each part of it, in their order."""
    if len(times) <= 2 * BUCKETS:
        return list(zip(times.tolist(), values.tolist(), strict=True))
    places: list[int] = []
    for part in np.array_split(np.arange(len(times)), BUCKETS):
        places += sorted({int(part[values[part].argmin()]), int(part[values[part].argmax()])})
    return [(float(times[i]), float(values[i])) for i in places]


def _text(x: float, y: float, said: str, anchor: str, style: str = "") -> str:
    kind = f' class="{style}"' if style else ""
    return f'<text{kind} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(said)}</text>'
