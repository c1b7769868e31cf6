"""What a notebook shows of a run beside its numbers: its curves and its worst mistakes.

The charts are those of the report, here without its style sheet: their lines take the colour of the notebook's
text, so that they can be read on a light ground and on a dark one.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path

from hornbook.report.sections import charts

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
</style>"""

MOST_BYTES = 1_000_000
"""A larger picture is not put into a notebook, which is saved with all that it shows."""


def curves(history: Sequence[Mapping[str, float]], best: object = None) -> str:
    """Return loss and metric by epoch as inline SVG with its style, empty where there is no epoch.

    Parameters
    ----------
    history
        A row for each epoch, as in ``history.csv``.
    best
        The epoch whose weights were kept, where it is a number.
    """
    drawn = charts(history, float(best) if isinstance(best, (int, float)) else None)
    return f'{STYLE}<div class="hornbook-curves">{"".join(drawn)}</div>' if drawn else ""


def mistakes(folder: Path) -> str:
    """Return the pictures of the worst mistakes that a run's folder holds, empty where there are none."""
    out = ""
    for path in sorted(folder.glob("pictures/*mistakes.png")):
        try:
            raw = path.read_bytes()
        except OSError:
            continue  # a notebook shows what there is
        if len(raw) <= MOST_BYTES:
            address = f"data:image/png;base64,{base64.b64encode(raw).decode('ascii')}"
            style = "max-width:100%;width:1000px;display:block"
            out += f'<p>its worst mistakes</p><img src="{address}" alt="its worst mistakes" style="{style}">'
    return out
