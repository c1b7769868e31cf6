"""What a page shows of strings to be read: pictures with their texts, lengths, and how common each character is."""

from __future__ import annotations

from hornbook.checks.repeats import Strings
from hornbook.common.markup import escape, picture
from hornbook.common.plaintext import number_of
from hornbook.examples.split import SPLITS
from hornbook.render.html_parts import folded
from hornbook.report.html import Report

MOST_CHARACTERS = 100
"""Characters that are shown at once."""


def looked(report: Report, strings: Strings) -> str:
    """Return the part about one target."""
    head = f"<h3>{escape(strings.target)}: {number_of(strings.rows, 'string')}</h3>"
    lead = f'<p class="lead">{escape(strings.head())}.</p>'
    lengths = ""
    if len(strings.lengths) > 1:
        lengths = _bars([(f"{n} characters", counts) for n, counts in strings.lengths], strings)
    return head + lead + _samples(report, strings) + lengths + _characters(strings)


def _samples(report: Report, strings: Strings) -> str:
    cards = []
    wide = False
    for row, text in strings.samples:
        pixels = report.pixels(row)
        if pixels is None:
            return ""
        wide = wide or pixels.shape[1] > 1.5 * pixels.shape[0]
        shown = picture(pixels, f"{text}, an example", side=160 if wide else 88)
        cards.append(f'<li>{shown}<p class="strings"><code>{escape(text)}</code></p></li>')
    kind = "gallery wide" if wide else "gallery"
    return f'<ul class="{kind}">{"".join(cards)}</ul>' if cards else ""


def _bars(counted: list[tuple[str, tuple[int, ...]]], strings: Strings) -> str:
    """Return a bar for each length, divided by split."""
    most = max(sum(counts) for _, counts in counted)
    rows = []
    for name, counts in counted:
        bars = "".join(
            f'<i class="{split}" style="width:{100 * n / most:.2f}%"></i>'
            for split, n in zip(SPLITS, counts, strict=True)
        )
        said = ", ".join(f"{n:,} {split}" for split, n in zip(SPLITS, counts, strict=True) if n)
        rows.append(
            f'<li><span class="class">{escape(name)}</span><span class="bar" role="img" aria-label="{said}" '
            f'title="{said}">{bars}</span><span class="count">{sum(counts):,}</span></li>'
        )
    totals = map(sum, zip(*(counts for _, counts in counted), strict=True))
    keys = "".join(
        f'<span><i class="{split}"></i>{split}</span>' for split, n in zip(SPLITS, totals, strict=True) if n
    )
    return (
        f'<p class="legend" aria-hidden="true" style="margin-top:22px">{keys}</p>'
        f'<ul class="classes">{"".join(rows)}</ul>'
    )


def _characters(strings: Strings) -> str:
    """Return every character with how often it is there, and a bar below it."""
    most = max((sum(counts) for _, counts in strings.characters), default=0) or 1
    cells = []
    for c, counts in strings.characters:
        n = sum(counts)
        said = ", ".join(f"{k:,} {split}" for split, k in zip(SPLITS, counts, strict=True) if k) or "none"
        cells.append(
            f'<li title="{said}"><code>{escape(c)}</code><span>{n:,}</span>'
            f'<i class="test" style="width:{100 * n / most:.0f}%"></i></li>'
        )
    shown = f'<ul class="letters">{"".join(cells[:MOST_CHARACTERS])}</ul>'
    if more := cells[MOST_CHARACTERS:]:
        shown += folded(f"{len(more):,} more characters", f'<ul class="letters">{"".join(more)}</ul>')
    return shown
