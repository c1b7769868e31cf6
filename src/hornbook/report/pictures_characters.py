"""The pictures of a string that is read, drawn with matplotlib: worst mistakes, confusions, coverage."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from hornbook.checks.findings import Findings
from hornbook.columns.characters.edit_distance import align
from hornbook.columns.characters.evaluation import CharactersEvaluation, confusion
from hornbook.columns.evaluation import Evaluation
from hornbook.common.plaintext import percent
from hornbook.render import montage as drawn
from hornbook.render.montage import RED, RULE, SPLIT_COLOURS, TEXT, Pixels
from hornbook.report.pictures_grid import SIZES, Grid

MOST = 24
"""Mistakes of a page."""

MOST_BARS = 16
"""Confusions that are drawn."""

MOST_COLUMNS = 62
"""Characters whose counts are drawn."""


def pictures(found: Evaluation, picture: Pixels | None = None, ground: str = "none") -> dict[str, bytes]:
    """Return PNG files by their names."""
    assert isinstance(found, CharactersEvaluation)
    out = {"coverage": drawn.coverage(found, ground)}
    if found.confused:
        out["confusion"] = confusions(found, ground)
    if found.mistakes and picture is not None:
        out["mistakes"] = mistakes(found, picture, ground)
    return out


def look_strings(findings: Findings, picture: Pixels, ground: str = "none") -> bytes:
    """Return the picture of a set of strings: examples with their texts, lengths, characters, and sizes."""
    strings = findings.strings[0]
    grid = Grid([(text, picture(row)) for row, text in strings.samples])
    top = grid.below
    below = SIZES if findings.sizes and findings.sizes[0].different > 1 else 0.0
    tall = top + 2.3 + below
    figure, page = drawn._canvas(11, tall, ground)
    drawn._head(page, findings)
    grid.draw(page)
    several = len(strings.lengths) > 1
    share = 0.24 if several else 0.0
    place = (top + 0.35, 1.6)  # from the top, and how high, in inches

    def box(left: float, wide: float) -> Any:
        return figure.add_axes((left, 1 - sum(place) / tall, wide, place[1] / tall))

    if several:
        _columns(
            box(0.045, share - 0.06), [(str(n), c) for n, c in strings.lengths], "characters of a string"
        )
    most = [(c, n) for c, n in strings.characters[:MOST_COLUMNS]]
    _columns(box(0.045 + share, 0.935 - share), most, "how often each character is there")
    if below:
        drawn._size_dots(figure.add_axes((0.07, 0.45 / tall, 0.9, 2.0 / tall)), findings.sizes[0])
    return drawn._png(figure)


def _columns(axes: Any, counted: Sequence[tuple[str, tuple[int, ...]]], title: str) -> None:
    """Draw a column for each name, divided by split."""
    places = np.arange(len(counted))
    floor = np.zeros(len(counted))
    for colour, counts in zip(SPLIT_COLOURS, np.array([n for _, n in counted], float).T, strict=True):
        axes.bar(places, counts, width=0.7, bottom=floor, color=colour)
        floor += counts
    names = drawn.drawable([name for name, _ in counted])
    axes.set_xticks(places, names, **drawn._font(names))
    axes.set_xlim(-0.7, max(len(counted), 6) - 0.3)
    axes.set_title(title, loc="left", fontsize=9, color=TEXT)
    axes.yaxis.get_major_locator().set_params(integer=True, nbins=4)
    axes.grid(axis="y", color=RULE, lw=0.6)
    axes.set_axisbelow(True)
    drawn._bare(axes)


def mistakes(found: CharactersEvaluation, picture: Pixels, ground: str = "none") -> bytes:
    """Return the wrong answers it was most sure of: the picture, the true string, and below it what was read."""
    shown = found.mistakes[:MOST]
    seen = [picture(mistake.row) for mistake in shown]
    ratio = max((p.shape[1] / p.shape[0] for p in seen if p is not None), default=1.0)
    across = 8 if ratio < 1.5 else 5
    cell = 10.7 / across
    high = min((cell - 0.15) / ratio, 1.15)
    figure, page = drawn._canvas(11, 0.3 + (high + 0.75) * max(1, math.ceil(len(shown) / across)), ground)
    for i, (mistake, pixels) in enumerate(zip(shown, seen, strict=True)):
        x, y = 0.2 + cell * (i % across), 0.15 + (high + 0.75) * (i // across)
        drawn._strip(page, [pixels], x, y, high, x + cell - 0.1)
        sides = align(mistake.truth, mistake.predicted)
        for line, strings in enumerate(([t for t, _ in sides], [r for _, r in sides])):
            _spell(page, strings, x, y + high + 0.05 + 0.19 * line, [bool(line and t != r) for t, r in sides])
        said = f"{percent(mistake.confidence)} sure"
        page.text(x, y + high + 0.45, said, fontsize=7, color=TEXT, va="top")
    return drawn._png(figure)


def _spell(page: Any, characters: Sequence[str], x: float, y: float, marked: Sequence[bool]) -> None:
    """Write characters at equal distances, those marked in red."""
    shown = drawn.drawable([c or "·" for c in characters])
    step = min(0.12, 2.0 / max(len(characters), 1))
    for i, (c, mark) in enumerate(zip(shown, marked, strict=True)):
        page.text(
            x + step * (i + 0.5),
            y,
            c,
            fontsize=9,
            color=RED if mark else TEXT,
            fontweight="bold" if mark else "normal",
            va="top",
            ha="center",
            **drawn._font(shown),
        )


def confusions(found: CharactersEvaluation, ground: str = "none") -> bytes:
    """Return the commonest confusions of characters as bars."""
    most = found.confused[:MOST_BARS]
    names = [confusion(t, r) for t, r, _ in most]
    counts = [n for _, _, n in most]
    figure = drawn._figure(4.6, 0.7 + 0.24 * len(most), ground)
    axes = figure.subplots()
    places = np.arange(len(most))[::-1]
    axes.barh(places, counts, height=0.62, color=RED, alpha=0.8)
    named = drawn.drawable(names, 20)
    axes.set_yticks(places, named, **drawn._font(named))
    for place, n in zip(places, counts, strict=True):
        axes.text(n, place, f" {n:,}", va="center", fontsize=8, color=TEXT)
    axes.set_title("commonest confusions", loc="left", fontsize=10, color=TEXT, fontweight="bold")
    axes.xaxis.set_visible(False)
    drawn._bare(axes, left=False)
    return drawn._png(figure)
