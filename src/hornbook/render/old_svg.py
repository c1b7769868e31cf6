"""Charts as inline SVG, drawn by hand: they take their colours from the page's style, in light and in dark.

A chart is 460 units wide and grows or shrinks with its column; its lines are named where they end, not in a
legend.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hornbook.common.markup import escape

WIDTH, HEIGHT = 460, 250
LEFT, RIGHT, TOP, BOTTOM = 46, 92, 16, 34


@dataclass(frozen=True)
class Line:
    """One line of a chart; points that are not finite are left out.

    Attributes
    ----------
    name
        Written at the end of the line.
    style
        The class of the style sheet: ``train``, ``validation`` or ``plain``.
    broken
        Whether there is no line over points that are no numbers.
    """

    name: str
    style: str
    x: Sequence[float]
    y: Sequence[float]
    broken: bool = False

    def points(self) -> list[tuple[float, float]]:
        """Return the finite points."""
        return [(x, y) for x, y in zip(self.x, self.y, strict=True) if math.isfinite(x) and math.isfinite(y)]


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Return round numbers within a range, at most ``most`` + 1 of them.

    >>> ticks(0, 10)
    [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]
    """
    if high <= low:
        return [low]
    raw = (high - low) / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(power * f for f in (1, 2, 2.5, 5, 10) if power * f >= raw * 0.999)
    first = math.ceil(low / step - 1e-9)
    return [float(f"{i * step:.12g}") for i in range(first, math.floor(high / step + 1e-9) + 1)]


def log_ticks(low: float, high: float) -> list[float]:
    """Return 1, 2 and 5 times powers of ten within a range, only powers of ten where these are many.

    Of a range with fewer than two of these in it, round numbers.

    >>> log_ticks(0.03, 0.6)
    [0.05, 0.1, 0.2, 0.5]
    >>> log_ticks(538, 760)
    [550.0, 600.0, 650.0, 700.0, 750.0]
    """
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    for factors in ((1, 2, 5), (1, 3), (1,)):
        found = [f * 10.0**p for p in powers for f in factors if low * 0.999 <= f * 10.0**p <= high * 1.001]
        if len(found) <= 7:
            break
    if len(found) < 2 and high > low:
        return ticks(low, high)
    return [float(f"{t:.12g}") for t in found]


def number(value: float) -> str:
    """Return a number in few characters.

    >>> number(0.25), number(1e-05), number(1200)
    ('0.25', '1e-05', '1200')
    """
    return f"{value:.10g}" if abs(value) >= 1e-4 or value == 0 else f"{value:.0e}"


def shares(value: float) -> str:
    """Return a share as a percentage.

    >>> shares(0.985)
    '98.5 %'
    """
    return f"{100 * value:.10g} %"


def three_digits(value: float) -> str:
    """Return a number with three digits that count.

    >>> three_digits(0.0123456)
    '0.0123'
    """
    return f"{value:.3g}"


def chart(
    title: str,
    lines: Sequence[Line],
    *,
    below: str = "",
    say: Callable[[float], str] = number,
    say_last: Callable[[float], str] = three_digits,
    say_x: Callable[[float], str] = number,
    log: bool | None = None,
    mark: tuple[float, str] | None = None,
) -> str:
    """Return a line chart as an ``svg`` element, empty where there is no point.

    Parameters
    ----------
    title
        What is drawn; it is also read out by screen readers, with the last value of each line.
    below
        What the horizontal axis is.
    say, say_last, say_x
        How a value of the vertical axis, at the end of a line, and of the horizontal axis is written.
    log
        Whether the vertical axis is logarithmic; where it is not given, it is from a ratio of 20 on.
    mark
        A place on the horizontal axis to be marked, and what it is.
    """
    points = {line.name: line.points() for line in lines}
    every = [p for line in points.values() for p in line]
    if not every:
        return ""
    xs, ys = [x for x, _ in every], [y for _, y in every]
    log = min(ys) > 0 and max(ys) > 20 * min(ys) if log is None else log and min(ys) > 0
    left, right = min(xs), max(xs)
    across = _scale(left, right, LEFT, WIDTH - RIGHT)
    low, high = _room(min(ys), max(ys), log)
    if say is shares and min(ys) >= 0 and max(ys) <= 1:
        low, high = min(max(low, 0.0), 0.98), min(high, 1.0)  # there is nothing under 0 % and above 100 %
    up = _scale(low, high, HEIGHT - BOTTOM, TOP, log)
    ends = ", ".join(f"{name} {say_last(line[-1][1])}" for name, line in points.items() if line)
    said = escape(f"{title}; last: {ends}")
    parts = [f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{said}">']
    for y in log_ticks(low, high) if log else ticks(low, high, 6):
        parts.append(f'<path class="grid" d="M{LEFT} {up(y):.1f}H{WIDTH - RIGHT}"/>')
        parts.append(_text(LEFT - 7, up(y) + 4, say(y), "end"))
    for x in _x_ticks(left, right):
        parts.append(_text(across(x), HEIGHT - BOTTOM + 17, say_x(x), "middle"))
    if below:
        parts.append(_text(WIDTH - RIGHT, HEIGHT - 2, below, "end", "axis"))
    if mark is not None:
        x = across(mark[0])
        parts.append(f'<path class="mark" d="M{x:.1f} {TOP}V{HEIGHT - BOTTOM}"/>')
        beside = x > WIDTH - RIGHT - 20  # where the lines' names begin
        parts.append(_text(x, TOP - 5, mark[1], "end" if beside else "middle", "axis"))
    parts += [_line(line, points[line.name], across, up) for line in lines if points[line.name]]
    parts += _names([line for line in lines if points[line.name]], points, across, up, say_last)
    return "".join([*parts, "</svg>"])


def _x_ticks(left: float, right: float) -> list[float]:
    """Return ticks that begin and end with the data where these are whole numbers, as epochs are."""
    found = ticks(left, right, 6)
    if float(left).is_integer() and float(right).is_integer():
        found = [
            t for t in found if float(t).is_integer() and min(t - left, right - t) > 0.1 * (right - left)
        ]
        found = [left, *found, right] if right > left else [left]
    return found


def _room(low: float, high: float, log: bool) -> tuple[float, float]:
    if log:
        return low / 1.08, high * 1.08
    gap = (high - low) * 0.06 or abs(high) * 0.05 or 1.0
    return low - gap, high + gap


def _scale(low: float, high: float, start: float, end: float, log: bool = False) -> Callable[[float], float]:
    if high <= low:
        return lambda value: (start + end) / 2
    if log:
        return lambda value: start + (end - start) * math.log(value / low) / math.log(high / low)
    return lambda value: start + (end - start) * (value - low) / (high - low)


def _parts(line: Line) -> list[list[tuple[float, float]]]:
    """Return the points of a line in pieces, without those that are no numbers between them."""
    parts: list[list[tuple[float, float]]] = [[]]
    for x, y in zip(line.x, line.y, strict=True):
        if math.isfinite(y):
            parts[-1].append((x, y))
        elif parts[-1]:
            parts.append([])
    return [part for part in parts if part]


def _line(
    line: Line,
    points: list[tuple[float, float]],
    across: Callable[[float], float],
    up: Callable[[float], float],
) -> str:
    """Return the line; a single point is a dot, and up to forty are dots on it."""
    parts = [points] if not line.broken else _parts(line)
    path = "".join("M" + "L".join(f"{across(x):.1f} {up(y):.1f}" for x, y in part) for part in parts)
    dots = points if len(points) <= 40 else points[-1:]
    radius = 2.2 if len(dots) > 1 else 3
    return f'<path class="line {line.style}" d="{path}"/>' + "".join(
        f'<circle class="dot {line.style}" cx="{across(x):.1f}" cy="{up(y):.1f}" r="{radius}"/>'
        for x, y in dots
    )


def _names(
    lines: list[Line],
    points: dict[str, list[tuple[float, float]]],
    across: Callable[[float], float],
    up: Callable[[float], float],
    say: Callable[[float], str],
) -> list[str]:
    """Return the names at the ends of the lines, each over its last value, moved apart where they touch."""
    places = sorted(((up(points[line.name][-1][1]), line) for line in lines), key=lambda place: place[0])
    out = []
    last = -math.inf
    # From the top down, but never so far that the last one leaves the chart.
    room = HEIGHT - BOTTOM - 30 * (len(places) - 1)
    for i, (wanted, line) in enumerate(places):
        y = max(min(wanted, room + 30 * i - 8), last + 30)
        last = y
        x = across(points[line.name][-1][0]) + 9
        out.append(_text(x, y, line.name, "start", f"name {line.style}"))
        out.append(_text(x, y + 14, say(points[line.name][-1][1]), "start", f"value {line.style}"))
    return out


def scatter(title: str, points: Sequence[tuple[float, float, int]], *, across: str, up: str) -> str:
    """Return dots as an ``svg`` element, their area as many as there are, on logarithmic axes.

    Parameters
    ----------
    title
        What is drawn, for screen readers.
    points
        Two numbers above 0 for the place, and how many are there.
    across, up
        What the axes are.
    """
    if not points:
        return ""
    (left, right), (low, high) = (
        _room(min(v) / 1.1, max(v) * 1.1, True) for v in list(zip(*points, strict=True))[:2]
    )
    x_of, y_of = _scale(left, right, LEFT, WIDTH - 20, True), _scale(low, high, HEIGHT - BOTTOM, TOP, True)
    most = max(n for _, _, n in points)
    parts = [f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">']
    for y in log_ticks(low, high):
        parts.append(f'<path class="grid" d="M{LEFT} {y_of(y):.1f}H{WIDTH - 20}"/>')
        parts.append(_text(LEFT - 7, y_of(y) + 4, number(y), "end"))
    for x in log_ticks(left, right):
        parts.append(f'<path class="grid" d="M{x_of(x):.1f} {TOP}V{HEIGHT - BOTTOM}"/>')
        parts.append(_text(x_of(x), HEIGHT - BOTTOM + 17, number(x), "middle"))
    for x, y, n in points:
        said = escape(f"{number(x)} x {number(y)}: {n:,}")
        radius = max(2.0, 14 * math.sqrt(n / most))
        parts.append(f'<circle class="spot" cx="{x_of(x):.1f}" cy="{y_of(y):.1f}" r="{radius:.1f}">')
        parts.append(f"<title>{said}</title></circle>")
    parts.append(_text(WIDTH - 20, HEIGHT - 2, across, "end", "axis"))
    parts.append(_text(LEFT - 38, TOP - 5, up, "start", "axis"))
    return "".join([*parts, "</svg>"])


def _text(x: float, y: float, said: str, anchor: str, style: str = "") -> str:
    kind = f' class="{style}"' if style else ""
    return f'<text{kind} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(said)}</text>'
