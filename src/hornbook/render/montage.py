"""The report's pictures as PNG files, drawn with matplotlib.

Only `Figure` objects are used, never ``pyplot``: no window, no global state. Every function returns the bytes
of a PNG. Texts and lines are of a grey that can be read on white and on black, and the ground is transparent
unless ``ground`` names a colour. Class names that no installed font can draw (matplotlib brings none for
Chinese or Japanese) are numbered; the page shows them in any writing.

Pages of pictures are drawn on a canvas measured in inches, as one image a row: some hundred axes would take
seconds.
"""

from __future__ import annotations

import functools
import io
import math
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties, fontManager, get_font
from matplotlib.ticker import FixedLocator, NullLocator

from hornbook.checks.findings import ClassCounts, Findings, Sizes
from hornbook.columns.base import Array
from hornbook.columns.category.evaluation import MOST_IN_MATRIX, CategoryEvaluation
from hornbook.columns.characters.evaluation import CharactersEvaluation
from hornbook.common.files import write_file
from hornbook.common.plaintext import clean, number_of, percent, shorten, width
from hornbook.render.html_parts import STRONG
from hornbook.render.old_svg import log_ticks
from hornbook.report.html import Report

Pixels = Callable[[int], Array | None]
"""From a row to its picture, ``uint8`` of shape ``(H, W, C)``."""

BLUE, GREY, RED, TEXT, RULE = "#3d82cc", "#8f8b80", "#d0453c", "#7b776d", "#8f8b8055"
SPLIT_COLOURS = ("#b9b3a2", "#85abd6", "#2f72bd")
DPI = 144
FONTS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Source Han Sans SC",
    "PingFang SC",
    "Hiragino Sans",
    "Microsoft YaHei",
    "Yu Gothic",
    "Malgun Gothic",
    "WenQuanYi Micro Hei",
    "WenQuanYi Zen Hei",
    "Droid Sans Fallback",
    "SimHei",
    "Arial Unicode MS",
)
"""Fonts with Chinese, Japanese or Korean, of the systems that bring them."""

MOST_DRAWN = 500
"""Classes of a confusion matrix: more would be smaller than pixels, and take gigabytes."""

PICTURES = {
    "characters": "hornbook.report.pictures_characters",
    "number": "hornbook.report.pictures_number",
    "series": "hornbook.report.pictures_series",
}
"""For each type of target, but categories, the module whose function ``pictures`` draws its evaluation, by name."""


def write_pictures(folder: Path, report: Report) -> list[Path]:
    """Write what there is to be seen of a report as PNG files into a folder, and return their paths.

    Raises
    ------
    RunError
        The folder cannot be written.
    """
    from hornbook.report.pictures_surface import surface

    made: dict[str, bytes] = {}
    if report.findings is not None and (report.picture is not None or report.findings.counts):
        made["look"] = look(report.findings, report.pixels, report.samples)
    if report.history:
        made["curves"] = curves(report.history)
    for number, plane in enumerate(report.surfaces):
        made[f"{'' if len(report.surfaces) == 1 else f'{number + 1}-'}surface"] = surface(plane)
    for number, found in enumerate(report.evaluations.values()):
        # A target's name may be anything; a file's may not.
        before = "" if len(report.evaluations) == 1 else f"{number + 1}-"
        if found.type in PICTURES:
            drawn = import_module(PICTURES[found.type]).pictures(found, report.picture)
            made.update({f"{before}{name}": data for name, data in drawn.items()})
        if isinstance(found, CategoryEvaluation):
            made[f"{before}confusion"] = confusion(found)
            made[f"{before}coverage"] = coverage(found)
            if found.mistakes and report.picture is not None:
                made[f"{before}mistakes"] = mistakes(found, report.picture)
    return [write_file(folder / f"{name}.png", data) for name, data in made.items()]


def look(
    findings: Findings, picture: Pixels, samples: Mapping[str, Sequence[int]], ground: str = "none"
) -> bytes:
    """Return the picture of a set: examples of each class, how many there are, and their sizes.

    Parameters
    ----------
    findings
        Counts and sizes; of the first target, at most 12 classes are shown.
    picture
        Returns the picture of a row.
    samples
        For each class, rows to show; at most 10 of them are. Of numbers all of them, for each value.
    """
    if findings.strings and not findings.counts:
        from hornbook.report.pictures_characters import look_strings

        return look_strings(findings, picture, ground)
    if samples and not findings.counts:
        from hornbook.report.pictures_grid import look_values

        return look_values(findings, picture, samples, ground)
    counts = findings.counts[0] if findings.counts else ClassCounts("", (), ())
    shown = range(len(counts.classes))
    chosen = list(shown) if len(shown) <= 12 else [round(i) for i in np.linspace(0, len(shown) - 1, 12)]
    names = drawable([counts.classes[i] for i in chosen], 20)
    below = 3.4 if findings.sizes and findings.sizes[0].different > 1 else 0.3
    height = 0.75 + 0.62 * len(chosen)
    figure, page = _canvas(11, height + below, ground)
    _head(page, findings)
    if len(chosen) < len(shown):
        note = f"{len(chosen)} of {len(shown):,} classes"
        page.text(10.8, 0.3, note, color=TEXT, fontsize=9, ha="right", va="center")
    most = max((sum(counts.rows[i]) for i in chosen), default=0) or 1
    # Bars begin where the longest name ends, pictures where the longest bar and its number do.
    first = 0.45 + 0.09 * max(map(width, names), default=0)
    long = 3.9 - first
    for line, (i, name) in enumerate(zip(chosen, names, strict=True)):
        y = 0.85 + 0.62 * line
        page.text(0.2, y, name, color=TEXT, fontsize=9, va="center", **_font(names))
        left = first
        for colour, n in zip(SPLIT_COLOURS, counts.rows[i], strict=True):
            page.barh(y, long * n / most, left=left, height=0.17, color=colour)
            left += long * n / most
        page.text(left + 0.07, y, f"{sum(counts.rows[i]):,}", color=TEXT, fontsize=8, va="center")
        _strip(
            page, [picture(row) for row in samples.get(counts.classes[i], ())[:10]], 4.6, y - 0.28, 0.56, 10.9
        )
    if below > 1:
        _size_dots(
            figure.add_axes((0.07, 0.45 / (height + below), 0.9, 2.4 / (height + below))), findings.sizes[0]
        )
    return _png(figure)


def _head(page: Any, findings: Findings) -> None:
    """Write how many examples there are, and in which splits."""
    said = number_of(findings.rows, "example")
    page.text(0.2, 0.3, said, color=TEXT, fontsize=9, fontweight="bold", va="center")
    x = 0.5 + 0.085 * len(said)
    for colour, (name, n) in zip(SPLIT_COLOURS, findings.splits.items(), strict=True):
        if n:
            page.barh(0.3, 0.12, left=x, height=0.12, color=colour)
            page.text(x + 0.2, 0.3, f"{name} {n:,}", color=TEXT, fontsize=9, va="center")
            x += 0.5 + 0.085 * len(f"{name} {n:,}")


def curves(history: Sequence[Mapping[str, float]], ground: str = "none") -> bytes:
    """Return loss and metrics by epoch, for training and validation rows."""
    keys = dict.fromkeys(
        k.split("_", 1)[1] for row in history for k in row if k.startswith(("train_", "validation_"))
    )
    names = list(keys) or ["loss"]
    figure = _figure(4.6 * len(names), 3.1, ground)
    for axes, name in zip(np.atleast_1d(figure.subplots(1, len(names))), names, strict=True):
        shown: list[float] = []
        for kind, colour in (("train", GREY), ("validation", BLUE)):
            points = [
                (row.get("epoch", i + 1), row[f"{kind}_{name}"])
                for i, row in enumerate(history)
                if f"{kind}_{name}" in row
            ]
            if points:
                x, y = zip(*points, strict=True)
                axes.plot(
                    x,
                    y,
                    color=colour,
                    lw=1.8,
                    marker="o" if len(x) < 40 else None,
                    ms=3,
                    label=f"{kind} {y[-1]:.4g}",
                )
                shown += y
        if name == "loss" and shown and min(shown) > 0 and max(shown) > 20 * min(shown):
            axes.set_yscale("log")
            axes.yaxis.set_major_locator(FixedLocator(log_ticks(min(shown), max(shown))))
            axes.yaxis.set_minor_locator(NullLocator())
            axes.yaxis.set_major_formatter(lambda v, _: f"{v:g}")
        axes.set_title(name.replace("_", " "), loc="left", fontsize=10, color=TEXT, fontweight="bold")
        axes.set_xlabel("epoch", color=TEXT, fontsize=8)
        axes.xaxis.get_major_locator().set_params(integer=True)
        axes.legend(frameon=False, fontsize=8, labelcolor="linecolor")
        axes.grid(axis="y", color=RULE, lw=0.6)
        _bare(axes)
    return _png(figure)


def confusion(found: CategoryEvaluation, ground: str = "none") -> bytes:
    """Return the confusion matrix, its numbers where there are up to 20 classes; of many those confused most."""
    matrix, title = found.confusion_of(MOST_DRAWN), "true class down, read as across"
    k = len(matrix)
    if k < len(found.classes):
        title += f"; the {k} classes that are confused most"
    wrong = matrix.astype(float)
    np.fill_diagonal(wrong, 0)
    shade = np.log1p(wrong) / max(math.log1p(wrong.max()), 1e-9)
    colours = np.zeros((k, k, 4))
    colours[..., :3] = [v / 255 for v in bytes.fromhex(RED[1:])]
    colours[..., 3] = np.where(wrong > 0, 0.12 + 0.8 * shade**2, 0.0)
    colours[np.arange(k), np.arange(k)] = [0.56, 0.55, 0.5, 0.22]
    side = min(max(0.42 * k + 1.6, 3.2), 11)
    figure = _figure(side, side, ground)
    axes = figure.subplots()
    axes.imshow(colours, interpolation="nearest")
    if k <= MOST_IN_MATRIX:
        names = drawable(found.classes, 14)
        axes.set_xticks(range(k), names, rotation=0 if max(map(len, names)) < 4 else 90, **_font(names))
        axes.set_yticks(range(k), names, **_font(names))
        for i, j in np.argwhere(matrix > 0):
            strong = i != j and colours[i, j, 3] > STRONG
            axes.text(
                j,
                i,
                f"{matrix[i, j]:,}",
                ha="center",
                va="center",
                fontsize=7,
                color="#fff" if strong else TEXT,
            )
    axes.xaxis.tick_top()
    axes.set_title(title, loc="left", fontsize=9, color=TEXT)
    _bare(axes, left=False)
    return _png(figure)


def mistakes(found: CategoryEvaluation, picture: Pixels, most: int = 24, ground: str = "none") -> bytes:
    """Return the wrong answers it was most sure of, each with its picture."""
    shown = found.mistakes[:most]
    drawn = dict(zip(found.classes, drawable(found.classes, 9), strict=True))
    figure, page = _canvas(11, 0.3 + 1.75 * max(1, math.ceil(len(shown) / 8)), ground)
    for i, mistake in enumerate(shown):
        x, y = 0.2 + 1.34 * (i % 8), 0.15 + 1.75 * (i // 8)
        _strip(page, [picture(mistake.row)], x, y, 1.15, x + 1.25)
        names = [drawn[mistake.truth], drawn[mistake.predicted]]
        said = f"{names[0]} read as {names[1]}\n{percent(mistake.confidence)} sure"
        page.text(x, y + 1.22, said, fontsize=7, color=TEXT, va="top", **_font(names))
    if not shown:
        page.text(0.2, 1, "not one mistake", color=TEXT)
    return _png(figure)


def coverage(found: CategoryEvaluation | CharactersEvaluation, ground: str = "none") -> bytes:
    """Return the accuracy of the answers given against the share of rows answered."""
    points = [(100 * share, 100 * right) for _, share, right in found.coverage if share * found.rows >= 10]
    figure = _figure(4.6, 3.1, ground)
    axes = figure.subplots()
    if points:
        x, y = zip(*points, strict=True)
        axes.plot(x, y, color=BLUE, lw=1.8, marker="o", ms=3)
    axes.set_title("accuracy of the answers given, %", loc="left", fontsize=10, color=TEXT, fontweight="bold")
    axes.set_xlabel("% of rows answered", color=TEXT, fontsize=8)
    axes.grid(axis="y", color=RULE, lw=0.6)
    _bare(axes)
    return _png(figure)


def augmented(originals: Sequence[Array], versions: Sequence[Sequence[Array]], ground: str = "none") -> bytes:
    """Return examples, each followed by augmented versions of it.

    Parameters
    ----------
    originals
        Pictures, ``uint8`` of shape ``(H, W, C)``.
    versions
        For each of them the same picture, changed, 8 times or so.
    """
    across = max((len(v) for v in versions), default=0)
    wide = max((p.shape[1] / p.shape[0] for p in originals), default=1)
    width = 0.95 * wide
    figure, page = _canvas(0.8 + (width + 0.05) * (across + 1), 0.6 + len(originals), ground)
    page.text(0.2, 0.3, "as it is", color=TEXT, fontsize=9, va="center")
    page.text(0.5 + width, 0.3, "as it is trained on", color=TEXT, fontsize=9, va="center")
    for i, (original, changed) in enumerate(zip(originals, versions, strict=True)):
        _strip(page, [original], 0.2, 0.5 + i, 0.95, 99)
        _strip(page, changed, 0.5 + width, 0.5 + i, 0.95, 99)
    return _png(figure)


def drawable(names: Sequence[str], most: int = 60) -> list[str]:
    """Return names as they can be drawn, of at most so many cells; what no installed font can write is numbered.

    What stands between two dollars is not taken for a formula.
    """
    return [
        shorten(clean(name), most).replace("$", r"\$") if _family(clean(name)) is not None else f"no. {i + 1}"
        for i, name in enumerate(names)
    ]


@functools.cache
def _family(text: str) -> str | None:
    """Return a font family that has every character of a text, the usual one where it does."""
    if text.isascii():
        return "DejaVu Sans"
    installed = {font.name for font in fontManager.ttflist}
    for name in ("DejaVu Sans", *FONTS):
        if name in installed:
            known = get_font(fontManager.findfont(FontProperties(family=name))).get_charmap()
            if all(ord(c) in known for c in text):
                return name
    return None


def _font(names: Sequence[str]) -> dict[str, Any]:
    """Return the arguments that give texts a font for all names; what it lacks comes from the next."""
    families = dict.fromkeys(["DejaVu Sans", *filter(None, map(_family, names))])
    return {"family": list(families)}


def _figure(width: float, height: float, ground: str) -> Figure:
    figure = Figure(figsize=(width, height), dpi=DPI, layout="constrained", facecolor=ground)
    FigureCanvasAgg(figure)
    return figure


def _canvas(width: float, height: float, ground: str) -> tuple[Figure, Any]:
    """Return a figure and axes over all of it, in inches from the top left."""
    figure = Figure(figsize=(width, height), dpi=DPI, facecolor=ground)
    FigureCanvasAgg(figure)
    page = figure.add_axes((0, 0, 1, 1), xlim=(0, width), ylim=(height, 0), autoscale_on=False)
    page.axis("off")
    return figure, page


def _png(figure: Figure) -> bytes:
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=DPI, facecolor=figure.get_facecolor())
    return out.getvalue()


def _bare(axes: Any, left: bool = True) -> None:
    """Take away the frame; leave small grey labels."""
    axes.set_facecolor("none")
    for side in axes.spines.values():
        side.set_visible(False)
    axes.tick_params(length=0, labelsize=8, labelcolor=TEXT, colors=TEXT)
    if left:
        axes.spines["bottom"].set(visible=True, color=RULE)


def _strip(
    page: Any, pictures: Sequence[Array | None], x: float, y: float, height: float, end: float
) -> None:
    """Draw pictures side by side to the right of a place, as many as end before ``end``."""
    for pixels in pictures:
        if pixels is None:
            continue
        high, wide = pixels.shape[:2]
        across = height * wide / high
        if across > end - x:
            # A very wide picture is made small enough; of several, the rest is left out.
            if x + 0.06 < end and pixels is pictures[0]:
                height, across = height * (end - x) / across, end - x
            else:
                return
        # Agg would smooth a picture that grows a little; whole pixels stay sharp.
        times = max(1, round(height * DPI / high))
        block = np.repeat(np.repeat(pixels, times, axis=0), times, axis=1) if times > 1 else pixels
        block = np.broadcast_to(block.reshape(*block.shape[:2], -1), (*block.shape[:2], 3))
        page.imshow(block, extent=(x, x + across, y + height, y), interpolation="antialiased", aspect="auto")
        x += across + 0.05


def _size_dots(axes: Any, sizes: Sizes) -> None:
    width, height, n = (np.array(v, float) for v in zip(*sizes.common, strict=True))
    axes.scatter(width, height, s=8 + 140 * n / n.max(), color=BLUE, alpha=0.5, lw=0)
    axes.set_xscale("log")
    axes.set_yscale("log")
    for axis, values in ((axes.xaxis, width), (axes.yaxis, height)):
        low, high = values.min() / 1.3, values.max() * 1.3
        places = log_ticks(low, high)
        axis.set_major_locator(FixedLocator(places))
        axis.set_minor_locator(NullLocator())
        axis.set_major_formatter(lambda v, _: f"{v:g}")
        axis.set_view_interval(low, high, ignore=True)
    axes.set_title("sizes as stored: width across, height up, in pixels", loc="left", fontsize=9, color=TEXT)
    axes.grid(color=RULE, lw=0.6)
    _bare(axes)
