"""What a notebook shows of a run: its scores beside their baselines, its curves, its worst mistakes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from hornbook.columns.evaluation import Evaluation
from hornbook.columns.metric_names import name_of
from hornbook.common.blocks import Block, Charts, Span, Table, Text
from hornbook.common.notebook import notebook
from hornbook.common.plaintext import number_of
from hornbook.render.charts import draw
from hornbook.report.report import NAME, curves

LAST = 5
"""Epochs whose numbers are shown."""

MOST_BYTES = 1_000_000
"""A larger gallery is not put into a notebook, which is saved with all that it shows."""

UNSAID = ("learning_rate", "seconds", "examples_per_second")


def run_html(
    folder: Path,
    history: Sequence[Mapping[str, float]],
    evaluations: Iterable[Evaluation],
    best: float | None = None,
) -> str:
    """Return a run as HTML that needs nothing else.

    Parameters
    ----------
    history
        A row for each epoch, as in ``history.csv``.
    evaluations
        None while the run is not finished.
    best
        The epoch whose weights were kept.
    """
    blocks: list[Block] = [Text((Span(folder.name), f": {number_of(len(history), 'epoch')}"))]
    scores = []
    for found in evaluations:
        name, simplest = found.baseline
        rows, baseline = f"{found.rows:,} {found.split}", f"{name}: {found.say(simplest)}"
        scores.append([found.target, name_of(found.metric), found.say(found.score), rows, baseline])
    if scores:
        blocks.append(
            Table("scores", ["target", "metric", "score", "rows", "baseline"], scores, numbers=(2,))
        )
    else:
        blocks.append(Text("not finished: give the same train command again to go on"))
    blocks.append(Charts(curves(history, best)))
    last = history[-LAST:]
    names = [name for name in last[-1] if name not in UNSAID] if last else []
    numbers = [[f"{row[name]:.4g}" if name in row else "" for name in names] for row in last]
    heads = [name.replace("_", " ") for name in names]
    blocks.append(Table("the last epochs", heads, numbers, numbers=range(len(names))))
    return notebook(blocks, draw) + _mistakes(folder)


def _mistakes(folder: Path) -> str:
    """Return the worst mistakes with their pictures as they stand in a run's report, empty where there are none."""
    try:
        page = (folder / NAME).read_text("utf-8")
    except (OSError, ValueError):
        return ""  # a notebook shows what there is
    found = re.findall(r'<section aria-labelledby="t\d+-mistakes">\n.*?</section>', page, re.DOTALL)
    shown = "".join(part for part in found if "<img" in part)
    return f'<div class="hornbook">{shown}</div>' if 0 < len(shown) < MOST_BYTES else ""
