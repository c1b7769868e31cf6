"""Charts as SVG: `draw` takes a chart block to its drawing. Lines, dots, histograms and planes are drawn here."""

from __future__ import annotations

import base64
import io
import math
from collections.abc import Sequence

import numpy as np

from hornbook.common.charts import (
    Band,
    Bars,
    Chart,
    Format,
    Groups,
    Heat,
    Histogram,
    Line,
    Lines,
    Map,
    Plane,
    Points,
    Scatter,
    Spread,
)
from hornbook.common.markup import escape
from hornbook.render.map import map_of
from hornbook.render.scatter import scatter
from hornbook.render.spread import bars, spread
from hornbook.render.svg import (
    BOTTOM,
    CLASSES,
    HEIGHT,
    LEFT,
    RIGHT,
    TOP,
    WIDTH,
    Axis,
    grid,
    legend,
    names_of_axes,
    opened,
    room,
    said,
    text,
    ticks,
)

ROOM_FOR_NAMES = 92
"""To the right of lines, for their names and last values."""

BUCKETS = 400
"""Places along a line; of more points the lowest and highest in each are drawn."""

MOST_BINS = 41

RED = (208, 69, 60)
SQUARE = 400

Point = tuple[float, float]
Shades = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


def draw(chart: Chart) -> str:
    """Return a chart as an ``svg`` element with its legend, empty where there is nothing to draw."""
    match chart:
        case Lines():
            return lines(chart)
        case Points():
            return points(chart)
        case Histogram():
            return histogram(chart)
        case Spread():
            return spread(chart)
        case Bars():
            return bars(chart)
        case Scatter():
            return scatter(chart)
        case Plane():
            return plane(chart)
        case Heat():
            return heat(chart)
        case Map():
            return map_of(chart)


def lines(chart: Lines) -> str:
    """Return lines over a common axis, named where they end or where they begin."""
    parts = [(line, found) for line in chart.lines if (found := _pieces(line))]
    bands = [piece for band in chart.bands for piece in _strips(band)]
    every = [p for _, pieces in parts for piece in pieces for p in piece]
    if not every:
        return ""
    every += [point for strip in bands for point in strip]
    xs, ys = [x for x, _ in every], [y for _, y in every]
    log = min(ys) > 0 and (max(ys) > 20 * min(ys) if chart.log is None else chart.log)
    right = WIDTH - (ROOM_FOR_NAMES if chart.named else RIGHT)
    across = Axis(min(xs), max(xs), LEFT, right)
    low, high = room(min(ys), max(ys), 0.08 if log else 0.06, log)
    if chart.ticks == "share" and min(ys) >= 0 and max(ys) <= 1:
        low, high = min(max(low, 0.0), 0.98), min(high, 1.0)  # there is nothing under 0 % and above 100 %
    up = Axis(low, high, HEIGHT - BOTTOM, TOP if chart.named else TOP + 14, log)
    # Where some lines have names, these are the ones that are looked for.
    called = [(line, pieces) for line, pieces in parts if line.name] or parts
    last = "; last: " + ", ".join(
        f"{line.name} {said(pieces[-1][-1][1], chart.ends)}" for line, pieces in called
    )
    span = f" from {said(across.low, chart.across_ticks)} to {said(across.high, chart.across_ticks)}"
    out = [opened(chart.title + (last if chart.named else span))]
    for y in up.ticks(6):
        out.append(f'<path class="grid" d="M{LEFT} {up(y):.1f}H{right}"/>')
        out.append(text(LEFT - 7, up(y) + 4, said(y, chart.ticks), "end"))
    out += _below(across, chart.across_ticks)
    out += names_of_axes(chart.across, "", right)
    out += _marks(chart, across, right)
    out += [
        f'<path class="band" d="M{"L".join(f"{across(x):.1f} {up(y):.1f}" for x, y in strip)}Z"/>'
        for strip in bands
    ]
    out += [_line(line, pieces, across, up, chart.named) for line, pieces in parts]
    if chart.named:
        ends = [(line, pieces[-1][-1]) for line, pieces in called]
        out += _names(ends, across, up, chart.ends)
    return "".join([*out, "</svg>"])


def _pieces(line: Line) -> list[list[Point]]:
    """Return the finite points of a line; of a broken one in pieces, without a line over what is not finite."""
    pieces: list[list[Point]] = [[]]
    for x, y in zip(line.x, line.y, strict=True):
        if math.isfinite(x) and math.isfinite(y):
            pieces[-1].append((float(x), float(y)))
        elif line.broken and pieces[-1]:
            pieces.append([])
    return [_thinned(piece) for piece in pieces if piece]


def _strips(band: Band) -> list[list[Point]]:
    """Return the outlines of a band's pieces: along its lower ends, and back along the upper ones."""
    edges = [_pieces(Line("", band.x, side, broken=True)) for side in (band.low, band.high)]
    return [[*low, *reversed(high)] for low, high in zip(*edges, strict=False)]


def _thinned(points: list[Point]) -> list[Point]:
    """Return the points of a line, of many only the lowest and the highest in each part of it, in their order."""
    if len(points) <= 2 * BUCKETS:
        return points
    values = np.array([y for _, y in points])
    places: list[int] = []
    for part in np.array_split(np.arange(len(values)), BUCKETS):
        places += sorted({int(part[values[part].argmin()]), int(part[values[part].argmax()])})
    return [points[i] for i in places]


def _below(across: Axis, form: Format) -> list[str]:
    """Return the ticks below; where the ends are whole numbers, as epochs are, they begin and end with these."""
    left, right = across.low, across.high
    if form in ("day", "minute"):
        found = [(left, "start"), ((left + right) / 2, "middle"), (right, "end")]
        return [text(across(x), HEIGHT - BOTTOM + 17, said(x, form), anchor) for x, anchor in found]
    places = ticks(left, right, 6)
    if left.is_integer() and right.is_integer():
        inside = [t for t in places if t.is_integer() and min(t - left, right - t) > 0.1 * (right - left)]
        places = [left, *inside, right] if right > left else [left]
    return [text(across(x), HEIGHT - BOTTOM + 17, said(x, form), "middle") for x in places]


def _marks(chart: Lines, across: Axis, right: float) -> list[str]:
    """Return what is marked along the axis; names that would touch stand over each other."""
    out: list[str] = []
    last, row = -math.inf, 0
    for place, name in chart.marks:
        x = across(place)
        if chart.named:
            out.append(f'<path class="mark" d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}"/>')
            beside = x > right - 20  # where the lines' names begin
            out.append(text(x, TOP - 5, name, "end" if beside else "middle", "axis"))
            continue
        ending = x > right - 70  # its name stands before it
        row = (row + 1) % 2 if x - last < (100 if ending else 70) else 0
        last, y = x, 11 + 14 * row
        out.append(f'<path class="mark" d="M{x:.1f} {y + 5}V{HEIGHT - BOTTOM}"/>')
        out.append(text(x - 3 if ending else x + 3, y, name, "end" if ending else "start"))
    return out


def _line(line: Line, pieces: list[list[Point]], across: Axis, up: Axis, dotted: bool) -> str:
    """Return the line; a single point is a dot, and up to forty are dots on it."""
    path = "".join("M" + "L".join(f"{across(x):.1f} {up(y):.1f}" for x, y in piece) for piece in pieces)
    drawn = f'<path class="line {line.colour}{"" if dotted else " thin"}" d="{path}"/>'
    every = [point for piece in pieces for point in piece]
    if not dotted and len(every) > 1:
        return drawn
    dots = every if len(every) <= 40 else every[-1:]
    places = "".join(f"M{across(x):.1f} {up(y):.1f}h0" for x, y in dots)
    return (
        f'{drawn}<path class="dot {line.colour}" stroke-width="{4.4 if len(dots) > 1 else 6}" d="{places}"/>'
    )


def _names(ends: Sequence[tuple[Line, Point]], across: Axis, up: Axis, form: Format) -> list[str]:
    """Return the names at the ends of the lines, each over its last value, moved apart where they touch."""
    places = sorted(ends, key=lambda end: up(end[1][1]))
    out = []
    last = -math.inf
    # From the top down, but never so far that the last one leaves the chart.
    lowest = HEIGHT - BOTTOM - 30 * (len(places) - 1)
    for i, (line, (x, value)) in enumerate(places):
        last = y = max(min(up(value), lowest + 30 * i - 8), last + 30)
        out.append(text(across(x) + 9, y, line.name, "start", f"name {line.colour}"))
        out.append(text(across(x) + 9, y + 14, said(value, form), "start", f"value {line.colour}"))
    return out


def points(chart: Points) -> str:
    """Return dots, their area as many as there are; with the line on which both numbers are the same."""
    kept = np.isfinite(np.asarray(chart.x, float)) & np.isfinite(np.asarray(chart.y, float))
    if not kept.any():
        return ""
    x, y = np.asarray(chart.x, float)[kept], np.asarray(chart.y, float)[kept]
    counts = np.asarray(chart.counts or np.ones(len(kept)), int)[kept].tolist()
    share = 0.2 if chart.log else 0.04
    (left, right), (low, high) = (room(float(v.min()), float(v.max()), share, chart.log) for v in (x, y))
    if chart.diagonal:
        every = np.concatenate([x, y])
        left, right = low, high = room(float(every.min()), float(every.max()), share)
    across = Axis(left, right, LEFT, WIDTH - RIGHT, chart.log)
    up = Axis(low, high, HEIGHT - BOTTOM, TOP, chart.log)
    out = [opened(f"{chart.title}, {len(x):,} dots")]
    out += grid(across, up, lines="xy" if chart.log else "y", form="number" if chart.log else "short")
    if chart.diagonal:
        ends = f"M{across(left):.1f} {up(low):.1f}L{across(right):.1f} {up(high):.1f}"
        out.append(f'<path class="mark" d="{ends}"/>')
    usual = 3.2 if len(x) <= 150 else 2.2
    for a, b, n in zip(x.tolist(), y.tolist(), counts, strict=True):
        radius = max(2.0, 14 * math.sqrt(n / max(counts))) if chart.counts else usual
        title = f"<title>{said(a)} x {said(b)}: {n:,}</title>" if chart.counts else ""
        spot = f'<circle class="spot" cx="{across(a):.1f}" cy="{up(b):.1f}" r="{radius:.1f}"'
        out.append(f"{spot}>{title}</circle>" if title else f"{spot}/>")
    return "".join([*out, *names_of_axes(chart.across, chart.up), "</svg>"])


def histogram(chart: Histogram) -> str:
    """Return how many values lie in each bin to both sides of a mark, which is in the middle."""
    kept = np.asarray(chart.values, np.float64)
    kept = kept[np.isfinite(kept)]
    if not len(kept):
        return ""
    edge = max(float(np.abs(kept - chart.mark).max()), 1e-12) * 1.02
    bins = int(min(MOST_BINS, max(7, 2 * round(math.sqrt(len(kept)) / 2) + 1)))
    counts, edges = np.histogram(kept, bins, (chart.mark - edge, chart.mark + edge))
    across = Axis(chart.mark - edge, chart.mark + edge, LEFT, WIDTH - RIGHT)
    up = Axis(0, float(counts.max()) * 1.06, HEIGHT - BOTTOM, TOP)
    out = [opened(f"{chart.title}, the middle one {said(float(np.median(kept)), 'four')}")]
    for t in ticks(0, float(counts.max()), 4):
        if t.is_integer():
            out.append(f'<path class="grid" d="M{LEFT} {up(t):.1f}H{WIDTH - RIGHT}"/>')
            out.append(text(LEFT - 7, up(t) + 4, f"{t:,.0f}", "end"))
    for n, start, end in zip(counts.tolist(), edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        if n:
            box = (
                f'x="{across(start) + 0.5:.1f}" y="{up(n):.1f}" width="{across(end) - across(start) - 1:.1f}"'
            )
            title = f"<title>{said(start, 'four')} to {said(end, 'four')}: {n:,}</title>"
            out.append(f'<rect class="column" {box} height="{HEIGHT - BOTTOM - up(n):.1f}">{title}</rect>')
    out.append(f'<path class="mark" d="M{across(chart.mark):.1f} {TOP}V{HEIGHT - BOTTOM}"/>')
    out += [text(across(t), HEIGHT - BOTTOM + 17, said(t, "short"), "middle") for t in across.ticks(5)]
    return "".join([*out, *names_of_axes(chart.across, chart.up), "</svg>"])


def plane(chart: Plane) -> str:
    """Return what is answered at every point of a plane, the stronger the colour the surer, and the examples."""
    left, right, low, high = chart.extent
    across, up = Axis(left, right, LEFT, WIDTH - RIGHT), Axis(low, high, HEIGHT - BOTTOM, TOP)
    keys, below = legend(Groups((), chart.classes[: len(CLASSES)]), WIDTH, HEIGHT)
    below = below if chart.sure is not None else 24.0
    out = [
        opened(f"{chart.title} over {chart.across} and {chart.up}", height=HEIGHT + below),
        _image(_shades(chart), LEFT, TOP, across.end - LEFT, up.start - TOP),
        *grid(across, up, lines="", form="short"),
    ]
    least, most = _range(chart)
    for x, y, value in chart.points.tolist():
        if chart.sure is None:
            style = f'fill="{CLASSES[0]}" fill-opacity="{0.1 + 0.9 * (value - least) / ((most - least) or 1.0):.2f}"'
            named = said(value, "four")
        else:
            style, named = f'fill="{CLASSES[int(value) % len(CLASSES)]}"', chart.classes[int(value)]
        title = escape(f"{said(x, 'four')}, {said(y, 'four')}: {named}")
        spot = f'cx="{across(x):.1f}" cy="{up(y):.1f}" r="{6 if len(chart.points) < 20 else 3.4}"'
        out.append(f'<circle class="example" {spot} {style}><title>{title}</title></circle>')
    if chart.sure is None:
        span = f"from {said(least, 'four')} (pale) to {said(most, 'four')} (strong)"
        keys = [text(LEFT, HEIGHT + 18, span, style="axis")]
    return "".join([*out, *keys, *names_of_axes(chart.across, chart.up), "</svg>"])


def _range(chart: Plane) -> tuple[float, float]:
    """Return the lowest and the highest number of the plane and the examples."""
    every = np.concatenate([chart.values.ravel(), chart.points[:, 2]])
    return float(every.min()), float(every.max())


def _shades(chart: Plane) -> Shades:
    """Return the plane as a picture, shape ``(side, side, 4)``, the first row at the top."""
    out = np.zeros((*chart.values.shape, 4), np.uint8)
    colours = np.array([list(bytes.fromhex(c[1:])) for c in CLASSES], np.uint8)
    if chart.sure is None:
        low, high = _range(chart)
        out[..., :3] = colours[0]
        out[..., 3] = 15 + 225 * np.clip((chart.values - low) / ((high - low) or 1.0), 0, 1)
    else:
        out[..., :3] = colours[chart.values.astype(int) % len(colours)]
        chance = 1 / max(len(chart.classes), 1)
        out[..., 3] = 20 + 180 * np.clip((chart.sure - chance) / (1 - chance or 1), 0, 1)
    return out[::-1]


def heat(chart: Heat) -> str:
    """Return a square of numbers as a picture."""
    side = len(chart.values)
    shades = np.zeros((side, side, 4), np.uint8)
    shades[..., :3] = RED
    shades[..., 3] = 255 * np.clip(chart.values, 0, 1)
    end = LEFT + SQUARE
    return "".join(
        [
            opened(f"{chart.title}: {chart.up} down, {chart.across} across", end + 8, SQUARE + 30),
            f'<rect class="grid" x="{LEFT}" y="8" width="{SQUARE}" height="{SQUARE}"/>',
            _image(shades, LEFT, 8, SQUARE, SQUARE, sharp=True),
            text(end, SQUARE + 26, chart.across, "end", "axis"),
            f'<g transform="rotate(-90 {LEFT - 8} 8)">{text(LEFT - 8, 8, chart.up, "end", "axis")}</g>',
            "</svg>",
        ]
    )


def _image(shades: Shades, x: float, y: float, wide: float, high: float, sharp: bool = False) -> str:
    """Return a picture at a place of a chart."""
    from PIL import Image

    memory = io.BytesIO()
    Image.fromarray(shades).save(memory, "PNG")
    data = base64.b64encode(memory.getvalue()).decode("ascii")
    box = f'x="{x:g}" y="{y:g}" width="{wide:g}" height="{high:g}" preserveAspectRatio="none"'
    style = ' style="image-rendering:pixelated"' if sharp else ""
    return f'<image {box}{style} href="data:image/png;base64,{data}"/>'
