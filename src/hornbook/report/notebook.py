"""What a notebook shows of a run beside its numbers: its curves and its worst mistakes.

The charts are those of the report, here without its style sheet: their lines take the colour of the notebook's
text, so that they can be read on a light ground and on a dark one.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from hornbook.common.blocks_html import html
from hornbook.render.charts import draw
from hornbook.report.report import NAME
from hornbook.report.report import curves as charts

STYLE = """<style>
.hornbook-curves { display: flex; flex-wrap: wrap; gap: 12px 32px; }
.hornbook-curves figure { margin: 0; width: 380px; max-width: 100%; }
.hornbook-curves .chart { display: block; width: 100%; height: auto; overflow: visible; font-size: 12px; }
.hornbook-curves text { fill: currentColor; }
.hornbook-curves .axis { opacity: .7; }
.hornbook-curves .grid { stroke: currentColor; opacity: .15; fill: none; }
.hornbook-curves .mark { stroke: currentColor; opacity: .6; stroke-dasharray: 3 3; fill: none; }
.hornbook-curves .line { stroke: currentColor; stroke-width: 2; fill: none; }
.hornbook-curves .dot { fill: currentColor; }
.hornbook-curves .train { opacity: .55; }
.hornbook-curves .name { font-weight: 600; }
.hornbook-mistakes ul { list-style: none; margin: 0; padding: 0; display: flex; flex-wrap: wrap; gap: 14px; }
.hornbook-mistakes li { width: 130px; } .hornbook-mistakes small { display: block; opacity: .7; }
.hornbook-mistakes .sharp { image-rendering: pixelated; } .hornbook-mistakes .no { color: #d0453c; }
</style>"""

MOST_BYTES = 1_000_000
"""A larger gallery is not put into a notebook, which is saved with all that it shows."""


def curves(history: Sequence[Mapping[str, float]], best: object = None) -> str:
    """Return loss and metric by epoch as inline SVG with its style, empty where there is no epoch.

    Parameters
    ----------
    history
        A row for each epoch, as in ``history.csv``.
    best
        The epoch whose weights were kept, where it is a number.
    """
    drawn = html(charts(history, float(best) if isinstance(best, (int, float)) else None), draw)
    return f'{STYLE}<div class="hornbook-curves">{drawn}</div>' if drawn else ""


def mistakes(folder: Path) -> str:
    """Return the worst mistakes with their pictures as they stand in a run's report, empty where there are none."""
    try:
        page = (folder / NAME).read_text("utf-8")
    except (OSError, ValueError):
        return ""  # a notebook shows what there is
    found = re.findall(r'<section aria-labelledby="t\d+-mistakes">\n.*?</section>', page, re.DOTALL)
    shown = "".join(part for part in found if "<img" in part)
    return f'<div class="hornbook-mistakes">{shown}</div>' if 0 < len(shown) < MOST_BYTES else ""
