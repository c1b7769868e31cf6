"""Blocks as HTML: for a page with its style sheet (`hornbook.render.page`), or for a notebook.

Every text is escaped here. Charts are drawn by a function that is given, and left out where there is none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from itertools import count, zip_longest

import numpy as np
from numpy.typing import NDArray

from hornbook.common import blocks as b
from hornbook.common.charts import Chart, Scatter
from hornbook.common.markup import escape, picture, sound, table
from hornbook.common.plaintext import clean, shorten

STRONG = 0.67
"""From so dark a cell of a matrix on, pale letters are easier to read than the ink of the page."""

MOST_SOUNDS = 12
"""Sounds of a gallery that can be listened to."""

MOST_BYTES = 250_000
"""Of these together, nearly: a page is sent by mail, and a sound has up to 160 KB."""

WIDE = 1.5
"""From this ratio on a picture is a line of writing or a spectrogram, and shown larger than a square one."""

Pixels = NDArray[np.uint8]

Draw = Callable[[Chart], str]
"""From a chart to its drawing, as HTML; empty where there is nothing to draw."""


@dataclass(frozen=True)
class Media:
    """What fetches the picture and the sound (a small WAV file) of a row of the examples, where there are any."""

    picture: Callable[[int], Pixels | None] | None = None
    sound: Callable[[int], bytes | None] | None = None

    def heard(self, row: int) -> bytes | None:
        """Return the sound of a row, None where there is none."""
        return None if self.sound is None else self.sound(row)

    def seen(self, row: int) -> Pixels | None:
        """Return the picture of a row, None where there is none."""
        return None if self.picture is None else self.picture(row)


NOTHING = Media()


def html(blocks: Iterable[b.Block], draw: Draw | None = None, media: Media = NOTHING) -> str:
    """Return blocks as HTML, one below the other.

    >>> html([b.Text("<7> of 10"), b.Table("scores", ["class", "rows"], [["cat", "12"]], numbers=[1])]).count("&lt;")
    1
    """
    writer = _Writer(draw, media)
    return "\n".join(part for part in map(writer.block, blocks) if part)


def inline(said: b.Inline, media: Media = NOTHING) -> str:
    """Return a line as HTML."""
    if isinstance(said, str):
        return escape(said)
    if isinstance(said, tuple):
        return "".join(inline(part, media) for part in said)
    if isinstance(said, b.Picture):
        pixels = media.seen(said.row) if said.pixels is None else said.pixels
        return "" if pixels is None else picture(pixels, said.alt, side=said.side, height=said.height)
    title = f' title="{escape(said.whole)}"' if said.whole and said.whole != said.text else ""
    open_, close = {
        "": ("span", "span"),
        "strong": ("b", "b"),
        "wrong": ('b class="no"', "b"),
        "faint": ('span class="faint"', "span"),
        "code": ("code", "code"),
    }[said.style]
    return f"<{open_}{title}>{escape(said.text)}</{close}>"


def scrolling(inside: str, label: str) -> str:
    """Return something wide in a box that scrolls by itself, with keys as well."""
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}">{inside}</div>'


def folded(summary: str, inside: str) -> str:
    """Return something that is shown when asked for."""
    return f"<details><summary>{escape(summary)}</summary>\n{inside}</details>"


def _first(parts: Sequence[str], first: int, tag: str, beside: str = "") -> str:
    """Return the first parts in an element, with what stands beside them, and the others behind a fold."""
    end = tag.partition(" ")[0]
    inside, more = "".join(parts[:first]) + beside, parts[first:]
    shown = f"<{tag}>{inside}</{end}>" if inside else ""
    return shown + folded(f"{len(more):,} more", f"<{tag}>{''.join(more)}</{end}>") if more else shown


class _Writer:
    """Writes blocks; ``draw`` and ``media`` give what is not in them."""

    def __init__(self, draw: Draw | None, media: Media) -> None:
        self.draw = draw
        self.media = media

    def block(self, block: b.Block) -> str:
        """Return one block, empty where it holds nothing."""
        match block:
            case b.Text():
                return self.text(block)
            case b.Code():
                lines = "\n".join(map(escape, block.text.splitlines()))
                return scrolling(f"<pre><code>{lines}</code></pre>", block.label)
            case b.Facts():
                items = "".join(
                    f"<div><dt>{escape(k)}</dt><dd>{escape(v)}</dd></div>" for k, v in block.items
                )
                return f'<dl class="{"about" if block.small else "facts"}">{items}</dl>' if items else ""
            case b.Ruler():
                return _ruler(block)
            case b.Table():
                return self.table(block)
            case b.Counts():
                return self.counts(block)
            case b.Gallery():
                return self.gallery(block)
            case b.Charts():
                return self.charts(block)
            case b.Fold():
                inside = self.all(block.blocks)
                return folded(block.summary, inside) if inside else ""
            case b.Section():
                inside = self.all(block.blocks)
                head = f'<section aria-labelledby="{escape(block.key)}">\n<h2 id="{escape(block.key)}">'
                return f"{head}{escape(block.title)}</h2>\n{inside}\n</section>" if inside else ""
            case _:
                return self.figure(block)

    def all(self, blocks: Iterable[b.Block]) -> str:
        return "\n".join(part for part in map(self.block, blocks) if part)

    def text(self, block: b.Text) -> str:
        said = inline(block.said, self.media).replace(" %", "\N{NO-BREAK SPACE}%")
        if not said:
            return ""
        if block.look == "heading":
            return f"<h3>{said}</h3>"
        weight = "finding " if block.look in ("error", "warning", "note", "fine") else ""
        kind = f' class="{weight}{block.look}"' if block.look else ""
        return f"<p{kind}>{said}</p>"

    def table(self, block: b.Table, kind: str = "") -> str:
        """Return a table, what is beyond its first rows behind a fold."""
        if not block.rows:
            return ""
        if block.matrix:
            return scrolling(self.matrix(block), block.label)
        cut = block.first or len(block.rows)
        shown, more = block.rows[:cut], block.rows[cut:]
        out = self.rows(block, shown, kind)
        return out + folded(f"{len(more):,} more", self.rows(block, more, kind)) if more else out

    def rows(self, block: b.Table, rows: Sequence[Sequence[b.Cell]], kind: str) -> str:
        head = [inline(cell, self.media) for cell in block.head]
        made = table(head, ([self.cell(c) for c in row] for row in rows), numbers=block.numbers)
        box = scrolling(made, block.label)
        return f'<div class="{kind}">{box}</div>' if kind else box

    def cell(self, cell: b.Cell) -> str:
        if isinstance(cell, b.Bar):
            return f'<span class="meter" style="width:{120 * cell.share:.0f}px"></span>' if cell.share else ""
        return escape(cell.text) if isinstance(cell, b.Shade) else inline(cell, self.media)

    def matrix(self, block: b.Table) -> str:
        """Return a confusion matrix, each cell as dark as its weight."""
        head = "".join(f'<th scope="col">{inline(cell)}</th>' for cell in block.head)
        lines = []
        for name, *cells in block.rows:
            made = "".join(_shaded(c) for c in cells if isinstance(c, b.Shade))
            lines.append(f'<tr><th scope="row">{self.cell(name)}</th>{made}</tr>')
        body = f"<thead><tr><td></td>{head}</tr></thead><tbody>{''.join(lines)}</tbody>"
        return f'<table class="confusion">{body}</table>'

    def counts(self, block: b.Counts) -> str:
        """Return a bar for each name, divided by part, beside pictures; or a grid of characters."""
        most = max((sum(row) for row in block.counts), default=0) or 1
        one = self.letter if block.letters else self.counted
        named = zip(block.names, block.counts, count(), strict=False)
        rows = [one(block, name, row, most, i) for name, row, i in named]
        if not rows:
            return ""
        kind = "letters" if block.letters else "classes"
        shown = _first(rows, block.first, f'ul class="{kind}"')
        totals = [sum(numbers) for numbers in zip(*block.counts, strict=True)]
        keys = "".join(
            f'<span><i class="{part}"></i>{part}</span>'
            for part, n in zip(block.parts, totals, strict=True)
            if n
        )
        return shown if block.letters else f'<p class="legend" aria-hidden="true">{keys}</p>{shown}'

    def counted(self, block: b.Counts, name: str, row: Sequence[int], most: int, place: int) -> str:
        bars = "".join(
            f'<i class="{part}" style="width:{100 * n / most:.2f}%"></i>'
            for part, n in zip(block.parts, row, strict=True)
        )
        said = _each(block.parts, row)
        rows = block.pictures.get(name, ()) if place < block.first else ()
        strip = "".join(
            picture(self.media.seen(i), f"{name}, an example", height=40) for i in rows if self.media.picture
        )
        called = inline(b.short(name, 60)).replace("_", "_<wbr>")
        return (
            f'<li><span class="class">{called}</span><span class="bar" role="img" '
            f'aria-label="{said}" title="{said}">{bars}</span><span class="count">{sum(row):,}</span>'
            + (f'<span class="strip">{strip}</span></li>' if strip else "</li>")
        )

    def letter(self, block: b.Counts, name: str, row: Sequence[int], most: int, place: int) -> str:
        bar = f'<i class="test" style="width:{100 * sum(row) / most:.0f}%"></i>'
        said = _each(block.parts, row)
        return f'<li title="{said}"><code>{escape(name)}</code><span>{sum(row):,}</span>{bar}</li>'

    def gallery(self, block: b.Gallery) -> str:
        """Return items with their pictures and sounds, what is beyond the first ones behind a fold."""
        if not block.items:
            return ""
        sounds: list[bytes | None] = []
        for item in block.items[:MOST_SOUNDS]:
            if sum(len(wav or b"") for wav in sounds) < MOST_BYTES:
                sounds.append(self.media.heard(item.row))
        heard = sounds[0] is not None
        if block.instead is not None and self.media.picture is None and not heard:
            return self.table(block.instead, "mistakes")
        given = ((item.pixels, item.row) for item in block.items)
        pictures = [self.media.seen(row) if pixels is None else pixels for pixels, row in given]
        first, ratios = pictures[0], [p.shape[1] / p.shape[0] for p in pictures if p is not None]
        wide = heard or (any(item.facts for item in block.items) if first is None else ratios[0] > WIDE)
        side, high = 160 if wide else 88, 0
        if heard and ratios:  # spectrograms have one scale, whatever their lengths
            high = round(min(96, side / max(ratios)))
        every = zip_longest(block.items, pictures, sounds)
        cards = [self.card(item, pixels, wav, side, high) for item, pixels, wav in every]
        kind = "gallery wide" if wide else "gallery"
        return _first(cards, block.first, f'ul class="{kind}"')

    def card(self, item: b.Item, pixels: Pixels | None, wav: bytes | None, side: int, high: int) -> str:
        """Return one item of a gallery."""
        shown = ""
        if self.media.picture is not None:
            shown = picture(pixels, item.alt, side=side, height=high)
        shown += sound(wav, item.alt)
        if item.facts:
            lines = "".join(
                f"<span>{escape(name)}</span><code>{inline(said)}</code>" for name, said in item.facts
            )
            shown += f'<p class="strings">{lines}</p>'
        notes = "".join(f"<small>{inline(note)}</small>" for note in item.notes)
        said = inline(item.said) + notes
        return f"<li>{shown}<p>{said}</p></li>" if said else f"<li>{shown}</li>"

    def charts(self, block: b.Charts) -> str:
        """Return charts side by side, what is beyond the first ones behind a fold."""
        figures = [figure for figure in map(self.figure, block.charts) if figure]
        kinds = {"": "charts", "small": "charts columns", "wide": "charts lines", "single": "charts single"}
        kind = kinds[block.size]
        beside = "" if block.beside is None else self.block(block.beside)
        if beside and not isinstance(block.beside, b.Facts):
            beside = f"<div>{beside}</div>"
        return _first(figures, block.first or len(figures), f'div class="{kind}"', beside)

    def figure(self, chart: Chart) -> str:
        drawn = "" if self.draw is None else self.draw(chart)
        kind = ""
        if isinstance(chart, Scatter):
            # Of few numbers, the letters would grow with the chart.
            width = f' style="max-width:{60 + 165 * len(chart.names)}px"'
            kind = ' class="space"' if chart.space else f' class="matrix"{width}'
        caption = f"<figcaption>{escape(shorten(clean(chart.title), 80))}</figcaption>" if chart.title else ""
        figure = f"<figure{kind}>{caption}{drawn}</figure>" if drawn else ""
        matrix = isinstance(chart, Scatter) and not chart.space
        return scrolling(figure, chart.title) if figure and matrix else figure


def _each(parts: Sequence[str], row: Sequence[int]) -> str:
    return ", ".join(f"{n:,} {part}" for part, n in zip(parts, row, strict=True) if n) or "none"


def _shaded(cell: b.Shade) -> str:
    if cell.right or not cell.weight:
        return f'<td class="{"right" if cell.right else "none"}">{escape(cell.text)}</td>'
    tone = " strong" if cell.weight > STRONG else ""
    style = f'style="--w:{100 * cell.weight:.0f}%"'
    return f'<td class="wrong{tone}" {style} title="{escape(cell.whole)}">{escape(cell.text)}</td>'


def _ruler(ruler: b.Ruler) -> str:
    """Return the score and its baseline on a line from 0 to 100 %."""
    low, high, score, base = (1000 * v for v in (ruler.low, ruler.high, ruler.score, ruler.baseline))
    said = f"score {score / 10:.1f}, baseline {base / 10:.1f}, of 100"
    box = 'class="ruler" viewBox="0 0 1000 34" preserveAspectRatio="none"'
    return (
        f'<svg {box} role="img" aria-label="{said}"><path class="track" d="M0 17H1000"/>'
        f'<path class="gain" d="M{base:.1f} 17H{score:.1f}"/><path class="base" d="M{base:.1f} 7V27"/>'
        f'<rect class="band" x="{low:.1f}" y="9" width="{max(high - low, 3):.1f}" height="16"/>'
        f'<path class="score" d="M{score:.1f} 3V31"/></svg>'
    )
