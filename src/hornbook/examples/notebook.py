"""What a notebook shows of examples, predictions and runs: small tables with pictures, in the notebook's own colours.

Each function returns HTML that needs nothing else; every text in it is escaped.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from typing import Any

import polars as pl

from hornbook.columns.base import Array
from hornbook.common.endings import is_sound
from hornbook.common.markup import SHARP, escape, percent, picture, table
from hornbook.common.plaintext import number_of, shorten
from hornbook.common.safe_names import shown
from hornbook.errors import DataError

FIRST = 8
"""Rows that a notebook shows."""

SECONDS = 10.0
"""What a spectrogram shows of a sound."""

MOST_PIXELS = 20_000_000
"""Larger pictures are not opened for a thumbnail."""


def html(
    origin: str,
    cells: pl.DataFrame,
    splits: Mapping[str, int],
    media: Collection[str],
    value: Callable[[str, int], Any],
    problems: Sequence[object],
) -> str:
    """Return the first rows of a table of examples, pictures and the spectrograms of sounds as thumbnails.

    Parameters
    ----------
    origin
        Where the examples are from.
    cells
        The table.
    splits
        How many rows each split has; empty where the table has none.
    media
        The columns whose cells are names of pictures or sounds; ``value`` returns what is in one, by column and row.
    problems
        What could not be read.
    """
    head = f"<p><b>{escape(origin or 'examples')}</b>: {number_of(len(cells), 'example')}"
    if splits:
        head += " (" + ", ".join(f"{split} {n:,}" for split, n in splits.items() if n) + ")"
    rows = []
    for row in range(min(FIRST, len(cells))):
        shown_row = [f"{row:,}"]
        for name in cells.columns:
            cell = cells[name][row]
            if name in media:
                text = f"<br><small>{escape(shorten(shown(cell), 30))}</small>"
                shown_row.append(_thumbnail(shown(cell), name, partial(value, name, row)) + text)
            else:
                shown_row.append("" if cell is None else escape(shorten(str(cell), 60)))
        rows.append(shown_row)
    more = f"<p><small>and {len(cells) - len(rows):,} more</small></p>" if len(cells) > len(rows) else ""
    left = ""
    if problems:
        left = (
            f"<p><small>{number_of(len(problems), 'problem')}, the first: {escape(problems[0])}</small></p>"
        )
    columns = ["", *(escape(name) for name in cells.columns)]
    return f"<div>{head}</p>{table(columns, rows)}{more}{left}</div>"


def prediction_html(answer: Mapping[str, Any], pixels: Array | None = None) -> str:
    """Return a prediction as ``Answer.to_json`` gives it: for each target the likeliest values as bars.

    ``pixels`` is the picture that is beside them, ``uint8`` of shape ``(height, width, channels)``.
    """
    parts = [f"<p><b>{escape(answer.get('input') or 'prediction')}</b></p>"]
    for target, said in answer.items():
        if not isinstance(said, Mapping):
            continue
        value = "no answer: too unsure" if said.get("value") is None else str(said["value"])
        parts.append(f"<p>{escape(target)}: <b>{escape(value)}</b></p>")
        rows = [(escape(v), percent(p), _bar(p)) for v, p in said.get("top", ())]
        parts.append(table(["", "", ""], rows, numbers=(1,)) if rows else "")
    said = f"<div>{''.join(parts)}</div>"
    if pixels is None:
        return said
    # A notebook has no style sheet for the class that keeps small pictures sharp.
    sharp = ";image-rendering:pixelated" if max(pixels.shape[:2]) <= SHARP else ""
    drawn = picture(pixels, str(answer.get("input") or "picture"), side=112)
    return f'<div style="display:flex;gap:20px;align-items:center{sharp}">{drawn}{said}</div>'


def run_html(
    name: str,
    history: Sequence[Mapping[str, float]],
    metrics: Mapping[str, Any],
    drawn: str = "",
) -> str:
    """Return a run: its scores beside their baselines, and its last epochs.

    Parameters
    ----------
    name
        The name of the folder.
    history, metrics
        What ``history.csv`` and ``metrics.json`` hold; ``metrics`` is empty while the run is not finished.
    drawn
        The run as pictures, as HTML; see `hornbook.report.notebook`.
    """
    parts = [f"<p><b>{escape(name)}</b>: {number_of(len(history), 'epoch')}</p>"]
    scores = []
    for target, found in metrics.get("evaluations", {}).items():
        metric, score = next(iter(found["metrics"].items()))
        baseline, simplest = found["baseline"]
        rows = f"{found['rows']:,} {found['split']}"
        told = [escape(target), escape(metric.replace("_", " ")), _score(metric, score), escape(rows)]
        scores.append([*told, f"{escape(baseline)}: {_score(metric, simplest)}"])
    if scores:
        parts.append(table(["target", "metric", "score", "rows", "baseline"], scores, numbers=(2,)))
    elif not metrics:
        parts.append("<p>not finished: give the same train command again to go on</p>")
    parts.append(drawn)
    last = list(history)[-5:]
    if last:
        columns = [k for k in last[-1] if k not in ("learning_rate", "seconds", "examples_per_second")]
        rows_of = [[_number(row.get(k)) for k in columns] for row in last]
        heads = [escape(k.replace("_", " ")) for k in columns]
        parts.append(table(heads, rows_of, numbers=range(len(columns))))
    return f"<div>{''.join(parts)}</div>"


def _thumbnail(alt: str, column: str, value: Callable[[], Any]) -> str:
    from hornbook.columns.audio.column import AudioColumn
    from hornbook.columns.image.column import ImageColumn

    heard = column == "audio" or is_sound(alt)
    try:
        if heard:
            sounds = AudioColumn(rate=8000, seconds=SECONDS)
            (encoded,) = sounds.trim(sounds.encode(value(), alt)[None])
            return picture(sounds.picture(encoded), alt, side=160)
        thumbnail = ImageColumn(size=(64, 64), fit="pad", max_pixels=MOST_PIXELS)
        pixels: Array = thumbnail.encode(value(), alt)
    except DataError as error:
        return f"<small>{escape(error)}</small>"
    return picture(pixels, alt, side=64)


def _bar(share: float) -> str:
    """Return a bar in the colour of the notebook's text."""
    style = f"width:{120 * share:.0f}px;height:9px;background:currentColor;opacity:.45"
    return f'<div style="{style}"></div>'


def _score(metric: str, value: float | None) -> str:
    if value is None:
        return "-"
    return percent(value, 2) if metric == "accuracy" else f"{value:.4g}"


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.4g}"
