"""The pictures of a number target, drawn with matplotlib: predicted against true, and what is between them."""

from __future__ import annotations

import numpy as np

from hornbook.columns.evaluation import Evaluation
from hornbook.columns.number.evaluation import NumberEvaluation
from hornbook.render.montage import BLUE, GREY, RULE, TEXT, Pixels, _bare, _figure, _png
from hornbook.report.judged_number import short


def pictures(found: Evaluation, picture: Pixels | None = None, ground: str = "none") -> dict[str, bytes]:
    """Return PNG files by their names; the rows have no pictures to show."""
    assert isinstance(found, NumberEvaluation)
    true, predicted = found.points[:, 0], found.points[:, 1]
    figure = _figure(8.6, 3.9, ground)
    left, right = figure.subplots(1, 2)
    low, high = float(found.points.min()), float(found.points.max())
    left.plot([low, high], [low, high], color=GREY, lw=1, zorder=1)
    left.scatter(true, predicted, s=14 if len(true) < 300 else 7, color=BLUE, alpha=0.55, lw=0, zorder=2)
    left.set_title("predicted against true", loc="left", fontsize=10, color=TEXT, fontweight="bold")
    left.set_xlabel("true", color=TEXT, fontsize=8)
    left.set_aspect("equal", adjustable="datalim")
    error = predicted - true
    edge = max(float(np.abs(error).max()), 1e-12) * 1.02
    bins = int(min(41, max(7, 2 * round(np.sqrt(len(error)) / 2) + 1)))
    right.hist(error, bins, range=(-edge, edge), color=BLUE, alpha=0.8, rwidth=0.92)
    right.axvline(0, color=GREY, lw=1)
    right.set_title(
        "predicted less true, how many rows", loc="left", fontsize=10, color=TEXT, fontweight="bold"
    )
    for axes in (left, right):
        axes.grid(color=RULE, lw=0.6)
        axes.set_axisbelow(True)
        axes.xaxis.set_major_formatter(lambda v, _: short(v))
        axes.yaxis.set_major_formatter(lambda v, _: short(v))
        _bare(axes)
    return {"fit": _png(figure)}
