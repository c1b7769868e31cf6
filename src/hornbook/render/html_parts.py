"""The frame of a page's parts: sections, folds, boxes that scroll, and how names and numbers are written."""

from __future__ import annotations

from hornbook.columns.category.evaluation import SHARES
from hornbook.columns.number.column import say
from hornbook.columns.number.evaluation import NAMES
from hornbook.common.markup import escape
from hornbook.common.plaintext import clean, percent, shorten

STRONG = 0.67
"""From so strong a red on, white on it is easier to read than the ink of the page, on light and dark ground."""


def section(name: str, title: str, *parts: str) -> str:
    """Return a section with its heading, or nothing where it holds nothing."""
    inside = "\n".join(part for part in parts if part)
    if not inside:
        return ""
    return f'<section aria-labelledby="{name}">\n<h2 id="{name}">{escape(title)}</h2>\n{inside}\n</section>'


def scrolling(inside: str, label: str) -> str:
    """Return something wide in a box that scrolls by itself, with keys as well."""
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{escape(label)}">{inside}</div>'


def folded(summary: str, inside: str) -> str:
    """Return something that is shown when asked for."""
    return f"<details><summary>{escape(summary)}</summary>\n{inside}</details>"


def tail(name: str, limit: int = 14) -> str:
    """Return the end of a file's name, which tells it from its neighbours.

    >>> tail("pictures/of/digits/0001.png")
    '…gits/0001.png'
    """
    return name if len(name) <= limit else "…" + name[1 - limit :]


def label(name: str, limit: int) -> str:
    """Return a class name, cut in its middle where it is long; the whole is shown when it is pointed at."""
    short = shorten(clean(name), limit)
    return escape(short) if short == name else f'<span title="{escape(name)}">{escape(short)}</span>'


def scored(metric: str, value: float) -> str:
    """Return the value of a metric: a percentage, or four digits."""
    return percent(value, 2) if metric in SHARES else say(value)


def words(name: str) -> str:
    """Return a name as it stands in JSON as words."""
    told = {
        "macro_f1": "mean F1",
        "top_5": "among the first 5",
        "characters": "characters right",
        "edit_distance": "edits a string",
        **NAMES,
    }
    return told.get(name, name.removeprefix("versions.").replace("_", " ").replace(".", " "))
