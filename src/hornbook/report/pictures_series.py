"""The picture of a series target, drawn with matplotlib: the line with its splits and the forecasts."""

from __future__ import annotations

from hornbook.columns.evaluation import Evaluation
from hornbook.columns.series.evaluation import SeriesEvaluation
from hornbook.render.montage import (
    BLUE,
    GREY,
    RED,
    RULE,
    TEXT,
    Pixels,
    _bare,
    _figure,
    _font,
    _png,
    drawable,
)
from hornbook.report.judged_series import order, pieces


def pictures(found: Evaluation, picture: Pixels | None = None, ground: str = "none") -> dict[str, bytes]:
    """Return PNG files by their names."""
    assert isinstance(found, SeriesEvaluation)
    line, forecasts, start = pieces(found)
    figure = _figure(8.6, 3.9, ground)
    axes = figure.subplots()
    axes.plot(range(start), line[:start], color=GREY, lw=1.2, label="training")
    axes.plot(range(start, len(line)), line[start:], color=BLUE, lw=1.4, label=f"{found.split}, true")
    for i, (places, values) in enumerate(forecasts):
        axes.plot(
            places, values, color=RED, lw=1, marker="." if len(values) == 1 else None, ms=3,
            label="foretold" if i == 0 else None,
        )  # fmt: skip
    axes.axvline(start, color=RULE, lw=1)
    (name,) = drawable([found.target])
    said = f"{name}: foretold {len(found.steps)} at a time"
    axes.set_title(said, loc="left", fontsize=10, color=TEXT, fontweight="bold", **_font([name]))
    axes.set_xlabel(order(found), color=TEXT, fontsize=8)
    axes.legend(frameon=False, fontsize=8, labelcolor=TEXT, loc="upper left")
    axes.grid(color=RULE, lw=0.6)
    axes.set_axisbelow(True)
    _bare(axes)
    return {"forecasts": _png(figure)}
