"""What all charts are drawn with: axes with round ticks, numbers in few characters, texts, colours.

Charts are inline SVG. They take their colours from the page's style, in light and in dark.
"""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hornbook.common.charts import Format, Groups
from hornbook.common.markup import escape
from hornbook.common.plaintext import clean, percent, shorten
from hornbook.common.plaintext import width as cells

CLASSES = (
    *("#3d82cc", "#d67832", "#4a995c", "#b054a0", "#be3c3c", "#786ebe", "#8c783c", "#3c96a0"),
    *("#d66f9c", "#8fa62d", "#737f8c", "#c69a1f"),
)
"""Of groups, readable on white and on black; after twelve they begin again."""

STEPS = ("#3b6fb6", "#5b8fb9", "#8a9a7b", "#c28a45", "#d0552f")
"""Of the parts of a number, from low to high."""

WIDTH, HEIGHT = 460, 250
LEFT, RIGHT, TOP, BOTTOM = 46, 18, 16, 34
"""A chart, and the room around what is drawn; it grows or shrinks with its column."""


@dataclass(frozen=True)
class Axis:
    """Takes a number to its place in a chart."""

    low: float
    high: float
    start: float
    end: float
    log: bool = False

    def __call__(self, value: float) -> float:
        """Return where a number is."""
        if self.high <= self.low:
            return (self.start + self.end) / 2
        if self.log:
            share = math.log(value / self.low) / math.log(self.high / self.low)
        else:
            share = (value - self.low) / (self.high - self.low)
        return self.start + (self.end - self.start) * share

    def ticks(self, most: int = 5) -> list[float]:
        """Return round numbers on the axis."""
        return log_ticks(self.low, self.high) if self.log else ticks(self.low, self.high, most)


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


def room(low: float, high: float, share: float, log: bool = False) -> tuple[float, float]:
    """Return a range with a share of it left free at both ends, or that ratio on a logarithmic axis."""
    if log:
        return low / (1 + share), high * (1 + share)
    gap = (high - low) * share or abs(high) * 0.05 or 1.0
    return low - gap, high + gap


def _number(value: float) -> str:
    return f"{value:.10g}" if abs(value) >= 1e-4 or value == 0 else f"{value:.0e}"


def _short(value: float) -> str:
    for size, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.4g}{sign}"
    return f"{value:.4g}"


def _time(pattern: str) -> Callable[[float], str]:
    start = datetime.datetime(1970, 1, 1)
    return lambda seconds: (start + datetime.timedelta(seconds=seconds)).strftime(pattern)


FORMATS: dict[Format, Callable[[float], str]] = {
    "number": _number,
    "three": lambda value: f"{value:.3g}",
    "whole": lambda value: f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3g}",
    "short": _short,
    "share": lambda value: f"{100 * value:.10g} %",
    "share2": lambda value: percent(value, 2),
    "four": lambda value: f"{value:,.0f}" if 1000 <= abs(value) < 1e7 else f"{value:.4g}",
    "day": _time("%Y-%m-%d"),
    "minute": _time("%m-%d %H:%M"),
}
"""How a number is written."""


def binned(values: NDArray[np.float64], most: int) -> list[tuple[int, float, float]]:
    """Return how many values lie in each bin, and where it begins and ends.

    Numbers as good as equal have one bin. Whole numbers lie in the middle of theirs, and of a few each has its own.

    >>> binned(np.array([1.0, 3.0, 3.0]), 20)
    [(1, 0.0, 2.0), (2, 2.0, 4.0)]
    """
    low, high = float(values.min()), float(values.max())
    if high - low <= 4 * most * np.spacing(max(abs(low), abs(high))):
        gap = abs(low) * 1e-6 or 0.5
        return [(len(values), low - gap, high + gap)]
    edges: int | NDArray[np.float64] = most
    some = np.unique(values[:: max(1, len(values) // 5000)])
    if len(some) > 1 and high - low < 1e9 and (some == some.round()).all():
        gap = float(np.diff(some).min()) if len(some) <= 15 else 1.0
        step = gap * math.ceil(((high - low) / gap + 1) / (60 if len(some) <= 15 else most))
        edges = np.arange(low - gap / 2, high + step, step)
    counts, found = np.histogram(values, edges)
    return list(zip(counts.tolist(), found[:-1].tolist(), found[1:].tolist(), strict=True))


def said(value: float, form: Format = "number") -> str:
    """Return a number in few characters.

    >>> said(0.25), said(1e-05), said(1200), said(0.985, "share"), said(0.0123456, "three")
    ('0.25', '1e-05', '1200', '98.5 %', '0.0123')
    >>> said(350000, "short"), said(-1200, "short"), said(0, "day")
    ('350k', '-1.2k', '1970-01-01')
    """
    return FORMATS[form](value)


def opened(alt: str, width: float = WIDTH, height: float = HEIGHT) -> str:
    """Return the beginning of a chart; ``alt`` is what a reader who cannot see it is told."""
    size = f"{width:g} {height:g}"
    return f'<svg class="chart" viewBox="0 0 {size}" role="img" aria-label="{escape(alt)}">'


def text(x: float, y: float, words: str, anchor: str = "start", style: str = "") -> str:
    """Return words at a place."""
    kind = f' class="{style}"' if style else ""
    return f'<text{kind} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(words)}</text>'


def names_of_axes(across: str, up: str, right: float = WIDTH - RIGHT) -> list[str]:
    """Return what the axes are: under the end of the one, over the end of the other."""
    named = [text(right, HEIGHT - 2, across, "end", "axis")] if across else []
    return [*named, text(LEFT - 38, TOP - 5, up, "start", "axis")] if up else named


def grid(across: Axis, up: Axis, *, lines: str = "y", most: int = 5, form: Format = "number") -> list[str]:
    """Return ticks along both axes, and lines at those of the axes in ``lines``."""
    out = []
    for y in up.ticks(most):
        if "y" in lines:
            out.append(f'<path class="grid" d="M{across.start:g} {up(y):.1f}H{across.end:g}"/>')
        out.append(text(across.start - 7, up(y) + 4, said(y, form), "end"))
    for x in across.ticks(most):
        if "x" in lines:
            out.append(f'<path class="grid" d="M{across(x):.1f} {up.end:g}V{up.start:g}"/>')
        out.append(text(across(x), up.start + 17, said(x, form), "middle"))
    return out


def colour_of(groups: Groups | None, place: int) -> str:
    """Return the colour of a group."""
    if groups is None:
        return "var(--blue)"
    if groups.others and place == len(groups.names) - 1:
        return "var(--faint)"
    shades = STEPS if groups.steps else CLASSES
    return shades[place % len(shades)]


def legend(groups: Groups | None, width: float, top: float, left: float = 8) -> tuple[list[str], float]:
    """Return which colour is which group, in lines below and to the right of a place, and how high these are."""
    if groups is None or not groups.names:
        return [], 0.0
    out: list[str] = []
    x, y = left, top + 12
    for i, name in enumerate(groups.names):
        words = shorten(clean(name), 24)
        wide = 28 + 6.6 * cells(words)
        if x > left and x + wide > width:
            x, y = left, y + 18
        out.append(
            f'<rect x="{x:.1f}" y="{y:.1f}" width="11" height="11" rx="2" fill="{colour_of(groups, i)}"/>'
        )
        out.append(text(x + 17, y + 10, words))
        x += wide
    return out, y + 18 - top
