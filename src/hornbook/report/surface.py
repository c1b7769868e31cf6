"""What a model of two numbers says at every point of the plane, its decision surface, with the examples."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hornbook.columns import CategoryColumn, NumberColumn
from hornbook.columns.base import Array
from hornbook.columns.number.column import say
from hornbook.common.markup import escape
from hornbook.render.html_parts import section
from hornbook.render.old_svg import BOTTOM, HEIGHT, LEFT, TOP, WIDTH, ticks
from hornbook.report.judged_number import RIGHT, short

if TYPE_CHECKING:
    from hornbook.examples.prepare import Prepared
    from hornbook.recognizer import Recognizer

SIDE = 120
"""Points of the plane across and down."""

MOST_POINTS = 400
"""Examples that are drawn, spread evenly over the training rows."""

COLOURS = (
    (61, 130, 204),
    (214, 120, 50),
    (74, 153, 92),
    (176, 84, 160),
    (190, 60, 60),
    (120, 110, 190),
    (140, 120, 60),
    (60, 150, 160),
)
"""Of the classes, readable on white and on black; after eight they begin again."""


@dataclass(frozen=True)
class Surface:
    """A target over the plane of two numbers.

    Attributes
    ----------
    target, across, up
        Names of the columns.
    left, right, low, high
        The part of the plane that is shown.
    values
        Shape ``(SIDE, SIDE)``, the first row at the bottom: the number, or the class with the highest probability.
    sure
        The probability of that class, of the same shape; None for a number.
    classes
        The classes; none for a number.
    points
        Examples: two numbers, and the number or the class, shape ``(n, 3)``.
    """

    target: str
    across: str
    up: str
    left: float
    right: float
    low: float
    high: float
    values: Array
    sure: Array | None
    classes: tuple[str, ...]
    points: Array

    @property
    def colours(self) -> Array:
        """The surface as a picture, ``uint8`` of shape ``(SIDE, SIDE, 4)``, the first row at the top."""
        out = np.zeros((*self.values.shape, 4), np.uint8)
        if self.sure is None:
            low, high = self.range
            share = np.clip((self.values - low) / ((high - low) or 1.0), 0, 1)
            out[..., :3] = COLOURS[0]
            out[..., 3] = 15 + 225 * share
        else:
            out[..., :3] = np.array(COLOURS, np.uint8)[self.values.astype(int) % len(COLOURS)]
            chance = 1 / max(len(self.classes), 1)
            out[..., 3] = 20 + 180 * np.clip((self.sure - chance) / (1 - chance or 1), 0, 1)
        return out[::-1]

    @property
    def range(self) -> tuple[float, float]:
        """The lowest and highest number of the surface and the examples."""
        every = np.concatenate([self.values.ravel(), self.points[:, 2]])
        return float(every.min()), float(every.max())


def surfaces(recognizer: Recognizer, prepared: Prepared) -> tuple[Surface, ...]:
    """Return the surface of each target, where the inputs are two numbers; else none."""
    inputs = list(recognizer.inputs.items())
    if len(inputs) != 2 or not all(isinstance(c, NumberColumn) for _, c in inputs):
        return ()
    train = prepared.splits["train"]
    columns = [prepared.arrays[n].take(train).astype(np.float64) for n, _ in inputs]
    kept = np.isfinite(columns[0]) & np.isfinite(columns[1])
    if not kept.any():
        return ()
    (left, right), (low, high) = (_room(values[kept]) for values in columns)
    x, y = np.meshgrid(np.linspace(left, right, SIDE), np.linspace(low, high, SIDE))
    encoded = {n: v.ravel().astype(c.dtype) for (n, c), v in zip(inputs, (x, y), strict=True)}
    outputs = recognizer.run_batches(SIDE * SIDE, lambda a, b: {n: v[a:b] for n, v in encoded.items()})
    rows = np.flatnonzero(kept)
    rows = rows[np.unique(np.linspace(0, len(rows) - 1, min(MOST_POINTS, len(rows))).astype(np.int64))]
    out = []
    for name, column in recognizer.targets.items():
        truth = prepared.arrays[name].take(train[rows]).astype(np.float64)
        points = np.stack([columns[0][rows], columns[1][rows], truth], 1)
        given = outputs[name]
        if isinstance(column, CategoryColumn):
            values, sure = given.argmax(1), given.max(1).reshape(SIDE, SIDE)
            classes = tuple(column.classes or ())
        elif isinstance(column, NumberColumn):
            values, sure, classes = given[:, 0], None, ()
        else:
            continue
        out.append(
            Surface(
                name,
                inputs[0][0],
                inputs[1][0],
                left,
                right,
                low,
                high,
                values.reshape(SIDE, SIDE),
                sure,
                classes,
                points,
            )
        )
    return tuple(out)


def _room(values: Array) -> tuple[float, float]:
    low, high = float(values.min()), float(values.max())
    gap = 0.15 * (high - low) or abs(high) * 0.1 or 1.0
    return low - gap, high + gap


def surface_sections(found: Sequence[Surface]) -> str:
    """Return a section with the surface of each target, empty where there is none."""
    lead = (
        '<p class="lead">What it answers at every point of the plane, the stronger the colour the surer; dots are '
        "training examples.</p>"
        if any(s.sure is not None for s in found)
        else '<p class="lead">What it answers at every point of the plane; dots are training examples.</p>'
    )
    narrow = ' style="max-width:540px"' if len(found) == 1 else ""
    figures = "".join(
        f"<figure><figcaption>{escape(s.target)}</figcaption>{_drawn(s)}{_legend(s)}</figure>" for s in found
    )
    return (
        section("surface", "Over the plane", lead, f'<div class="charts"{narrow}>{figures}</div>')
        if found
        else ""
    )


def _drawn(s: Surface) -> str:
    from PIL import Image

    memory = io.BytesIO()
    Image.fromarray(s.colours).save(memory, "PNG")
    data = base64.b64encode(memory.getvalue()).decode("ascii")
    wide, high = WIDTH - RIGHT - LEFT, HEIGHT - BOTTOM - TOP
    said = escape(f"{s.target} over {s.across} and {s.up}")
    parts = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{said}">',
        f'<image x="{LEFT}" y="{TOP}" width="{wide}" height="{high}" preserveAspectRatio="none" '
        f'href="data:image/png;base64,{data}"/>',
    ]
    low, top = s.range

    def x_of(value: float) -> float:
        return LEFT + wide * (value - s.left) / (s.right - s.left)

    def y_of(value: float) -> float:
        return HEIGHT - BOTTOM - high * (value - s.low) / (s.high - s.low)

    for t in ticks(s.left, s.right, 5):
        parts.append(_text(x_of(t), HEIGHT - BOTTOM + 17, short(t), "middle"))
    for t in ticks(s.low, s.high, 5):
        parts.append(_text(LEFT - 7, y_of(t) + 4, short(t), "end"))
    for x, y, value in s.points.tolist():
        if s.sure is None:
            share = (value - low) / ((top - low) or 1.0)
            fill = f"rgb({','.join(map(str, COLOURS[0]))})"
            style = f'fill="{fill}" fill-opacity="{0.1 + 0.9 * share:.2f}"'
            named = say(value)
        else:
            r, g, b = COLOURS[int(value) % len(COLOURS)]
            style, named = f'fill="rgb({r},{g},{b})"', s.classes[int(value)]
        parts.append(
            f'<circle class="example" cx="{x_of(x):.1f}" cy="{y_of(y):.1f}" r="{6 if len(s.points) < 20 else 3.4}" '
            f"{style}><title>{escape(f'{say(x)}, {say(y)}: {named}')}</title></circle>"
        )
    parts.append(_text(WIDTH - RIGHT, HEIGHT - 2, s.across, "end", "axis"))
    parts.append(_text(LEFT - 38, TOP - 5, s.up, "start", "axis"))
    return "".join([*parts, "</svg>"])


def _legend(s: Surface) -> str:
    if s.sure is None:
        low, high = s.range
        return f'<p class="small">from {say(low)} (pale) to {say(high)} (strong)</p>'
    keys = "".join(
        f'<span><i style="background:rgb{COLOURS[i % len(COLOURS)]}"></i>{escape(name)}</span>'
        for i, name in enumerate(s.classes[: len(COLOURS)])
    )
    return f'<p class="legend">{keys}</p>'


def _text(x: float, y: float, said: str, anchor: str, style: str = "") -> str:
    kind = f' class="{style}"' if style else ""
    return f'<text{kind} x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{escape(said)}</text>'
