"""The decision surface of a model of two numbers, drawn with matplotlib."""

from __future__ import annotations

import numpy as np

from hornbook.render.montage import RULE, TEXT, _bare, _figure, _font, _png, drawable
from hornbook.report.judged_number import short
from hornbook.report.surface import COLOURS, Surface


def surface(found: Surface, ground: str = "none") -> bytes:
    """Return a PNG: what is answered at every point of the plane, and the training examples."""
    figure = _figure(5.4, 4.4, ground)
    axes = figure.subplots()
    extent = (found.left, found.right, found.low, found.high)
    axes.imshow(found.colours, extent=extent, aspect="auto", interpolation="bilinear")
    size = 70 if len(found.points) < 20 else 14
    if found.sure is None:
        low, high = found.range
        shades = np.zeros((len(found.points), 4))
        shades[:, :3] = np.array(COLOURS[0]) / 255
        share = (found.points[:, 2] - low) / ((high - low) or 1.0)
        shades[:, 3] = 0.1 + 0.9 * share.clip(0, 1)  # rounding may go beyond
        axes.scatter(found.points[:, 0], found.points[:, 1], s=size, c=shades, edgecolors=TEXT, lw=0.5)
    else:
        names = drawable(found.classes, 20)
        for i, name in enumerate(names):
            some = found.points[found.points[:, 2] == i]
            colour = np.array(COLOURS[i % len(COLOURS)]) / 255
            axes.scatter(some[:, 0], some[:, 1], s=size, color=colour, edgecolors="w", lw=0.7, label=name)
        if len(names) <= len(COLOURS):
            axes.legend(
                frameon=False,
                labelcolor=TEXT,
                prop={"size": 8, **_font(names)},
                loc="upper left",
                bbox_to_anchor=(1, 1),
            )
    axes.set_xlim(found.left, found.right)
    axes.set_ylim(found.low, found.high)
    across, up = drawable([found.across, found.up])
    axes.set_xlabel(across, color=TEXT, fontsize=8, **_font([across]))
    axes.set_ylabel(up, color=TEXT, fontsize=8, **_font([up]))
    axes.xaxis.set_major_formatter(lambda v, _: short(v))
    axes.yaxis.set_major_formatter(lambda v, _: short(v))
    title = drawable([found.target])
    axes.set_title(title[0], loc="left", fontsize=10, color=TEXT, fontweight="bold", **_font(title))
    axes.grid(color=RULE, lw=0.4)
    _bare(axes)
    return _png(figure)
