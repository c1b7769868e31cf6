"""Blocks as one page that needs nothing else.

No outside links, no script; light and dark as the reader's system says; readable on a phone and by a screen reader.
Charts are inline SVG and tables are HTML, so names show in any writing. Beside each chart stands a link that saves it
as a file of its own: a data address, since a page without script can offer no other.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from string import Template
from urllib.parse import quote

from hornbook.common.blocks import Block
from hornbook.common.blocks_html import NOTHING, Media, html
from hornbook.common.charts import Chart
from hornbook.common.files import write_file
from hornbook.common.markup import escape
from hornbook.common.safe_names import file_stem
from hornbook.render.charts import draw


def page(
    title: str,
    blocks: Iterable[Block],
    media: Media = NOTHING,
    *,
    kind: str = "report",
    head: Iterable[Block] = (),
) -> str:
    """Return blocks as a page.

    Parameters
    ----------
    title
        As text.
    media
        What fetches the pictures and sounds of rows.
    kind
        The command it comes from, or what it is.
    head
        Blocks that stand below the title, before all others.
    """
    top = html(head, _drawn, media)
    over = f'<p class="over">hornbook <span>{escape(kind)}</span></p>\n<h1>{escape(title)}</h1>'
    body = f"<header>\n{over}\n{top}</header>\n{html(blocks, _drawn, media)}"
    template = Template((files("hornbook.render") / "page.html").read_text("utf-8"))
    return template.substitute(title=escape(title), style=_style(), body=body)


def _drawn(chart: Chart) -> str:
    """Return a chart, and the link that saves it; whatever stands in a chart has its quotes escaped."""
    drawn = draw(chart)
    if not drawn:
        return ""
    data = quote(alone(drawn).replace('"', "'"), " =:/;,.()'+!*|~", errors="backslashreplace")
    name = escape(f"{file_stem(chart.title, 'chart')}.svg")
    said = escape(f"save the chart {chart.title} as a file")
    address = f"data:image/svg+xml,{data.replace('http:', 'http%3A')}"  # it names SVG and is no address
    return f'{drawn}<a class="save" download="{name}" href="{address}" title="{said}" aria-label="{said}">SVG</a>'


def alone(svg: str) -> str:
    """Return a chart as a file of its own: with its size, its style in the light colours, and its ground."""
    names, rules = _chart_style()

    def coloured(text: str) -> str:
        return re.sub(r"var\((--[\w-]+)\)", lambda found: names[found[1]], text)

    width, height = re.findall(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)[0]
    opening, _, rest = svg.partition(">")
    opening = opening.replace(
        "<svg ", f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
    )
    used = {word for found in re.findall(r'class="([^"]*)"', rest) for word in found.split()}
    kept = " ".join(rule for rule, choices in rules if any(choice <= used for choice in choices))
    style = f".chart {{ font: 12px system-ui, sans-serif; }} {kept}"
    rest = re.sub("<title>.*?</title>", "", rest)  # which half of the programs that open it do not show
    ground = f'<rect width="100%" height="100%" fill="{names["--ground"]}"/>'
    return f"{opening}><style>{coloured(style)}</style>{ground}{coloured(rest)}"


@functools.cache
def _style() -> str:
    return (files("hornbook.render") / "page.css").read_text("utf-8")


@functools.cache
def _chart_style() -> tuple[dict[str, str], list[tuple[str, list[set[str]]]]]:
    """Return the light colours by their names, and each rule about charts with the classes that it is for."""
    style = _style()
    names = dict(re.findall(r"(--[\w-]+): ([^;]+);", style.partition("@media")[0]))
    rules = re.findall(r"^\.chart .*|(?<=\} )\.chart [^}]*\}", style, re.MULTILINE)
    rules = re.findall(r"\.chart [^{}]*\{[^}]*\}", " ".join(rules))
    choices = (rule.partition("{")[0].split(",") for rule in rules)
    return names, [
        (rule, [{*re.findall(r"\.(\w+)", one)} - {"chart"} for one in found])
        for rule, found in zip(rules, choices, strict=True)
    ]


def write_page(path: Path, text: str) -> Path:
    """Write a page, all of it or nothing.

    Raises
    ------
    RunError
        The folder cannot be made or written.
    """
    return write_file(path, text.encode("utf-8", "backslashreplace"))
