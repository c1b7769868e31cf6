"""Plain text for people: aligned tables, lists of names, percentages.

File and class names come from anywhere, so what would move the cursor or reverse the writing is shown as an
escape, and columns are aligned by the cells a terminal gives to a character (two for Chinese and Japanese).
"""

from __future__ import annotations

import math
import shlex
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import islice

from hornbook.common.safe_names import shown as clean

__all__ = ["clean", "duration", "listed", "number_of", "percent", "say_number", "shorten", "table", "width"]


def width(text: str) -> int:
    """Return how many cells of a terminal the text takes.

    >>> width("cat"), width("猫")
    (3, 2)
    """
    if text.isascii():
        return len(text)
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text
    )


def shorten(text: str, limit: int) -> str:
    """Return the text with its middle left out where it takes more than ``limit`` cells.

    >>> shorten("pictures/of/my/garden/0001.png", 20)
    'pictures...0001.png'
    """
    if width(text) <= limit:
        return text
    room = max(limit - 3, 2)
    head, tail = "", ""
    while width(head + text[len(head)]) <= room // 2:
        head += text[len(head)]
    while width(text[-len(tail) - 1] + tail) <= room // 2:
        tail = text[-len(tail) - 1] + tail
    return f"{head}...{tail}"


def table(rows: Sequence[Sequence[str]], align: str = "<", gap: str = "  ") -> list[str]:
    """Return the lines of a table.

    ``align`` holds ``<`` or ``>`` for each column; its last character is for all that follow.

    >>> table([["class", "rows"], ["cat", "12"]], "<>")
    ['class  rows', 'cat      12']
    """
    if not rows:
        return []
    columns = max(len(row) for row in rows)
    sides = (align + align[-1] * columns)[:columns]
    widths = [max((width(row[i]) for row in rows if i < len(row)), default=0) for i in range(columns)]
    lines = []
    for row in rows:
        cells = []
        for cell, wide, side in zip(row, widths, sides, strict=False):
            blank = " " * (wide - width(cell))
            cells.append(blank + cell if side == ">" else cell + blank)
        lines.append(gap.join(cells).rstrip())
    return lines


def listed(names: Iterable[object], total: int | None = None, limit: int = 3, each: int = 60) -> str:
    """Return the first names, none longer than ``each`` cells, and how many more there are.

    >>> listed(["a", "b", "c", "d"])
    'a, b, c and 1 more'
    """
    names = list(islice(names, limit)) if total is not None else list(names)
    total = len(names) if total is None else total
    shown = ", ".join(shorten(clean(name), each) for name in names[:limit])
    more = total - min(len(names), limit)
    return f"{shown} and {more:,} more" if more > 0 and shown else shown


def recipe_key(section: str, name: str, option: str = "") -> str:
    """Return the key of a column in a recipe, as it is written in TOML and after ``--set``.

    >>> recipe_key("inputs", "size"), recipe_key("inputs", "Sepal.Length", "na_values")
    ('inputs.size', 'inputs."Sepal.Length".na_values')
    """
    name = clean(name)
    quoted = f'"{name}"' if "." in name or name != name.strip() else name
    return f"{section}.{quoted}.{option}" if option else f"{section}.{quoted}"


def set_option(section: str, name: str, value: str, option: str = "") -> str:
    """Return the option of a command that sets a key, quoted for a shell where that is needed.

    >>> set_option("targets", "price", "number"), set_option("targets", "Adj Close", "number")
    ('--set targets.price=number', "--set 'targets.Adj Close=number'")
    """
    return f"--set {shlex.quote(f'{recipe_key(section, name, option)}={value}')}"


def number_of(count: int, noun: str, plural: str = "") -> str:
    """Return a count with its noun.

    >>> number_of(1, "picture"), number_of(1200, "class", "classes")
    ('1 picture', '1,200 classes')
    """
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"


def percent(share: float | None, digits: int = 1) -> str:
    """Return a share as a percentage that claims neither all nor nothing where it is not so.

    >>> percent(0.9934), percent(0.99996), percent(1.0), percent(None)
    ('99.3 %', '>99.9 %', '100 %', '-')
    >>> percent(0.0006), percent(0.000001), percent(0.0), percent(0.00996, digits=2)
    ('0.1 %', '<0.1 %', '0 %', '1.00 %')
    """
    if share is None or math.isnan(share):
        return "-"
    if share in (0.0, 1.0):
        return f"{share:.0%}".replace("%", " %")
    step, shown = 10.0**-digits, round(100 * share, digits)
    if shown <= 0:
        return f"<{step:.{digits}f} %"
    if shown >= 100:
        return f">{100 - step:.{digits}f} %"
    return f"{shown:.{digits}f} %"


def duration(seconds: float) -> str:
    """Return a time as people say it.

    >>> duration(0.042), duration(7.25), duration(95), duration(7265)
    ('0.042 s', '7.2 s', '1 min 35 s', '2 h 01 min')
    """
    if seconds < 59.5:
        digits = ".2g" if 0.001 <= seconds < 0.95 else ".1f" if seconds < 9.95 else ".0f"
        return f"{seconds:{digits}} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def say_number(number: float) -> str:
    """Return a number with four digits that count, or whole where it is large; in twelve characters at most.

    >>> say_number(0.13204), say_number(-340412.66), say_number(12345678901.0), say_number(float("nan"))
    ('0.132', '-340,413', '1.235e+10', '-')
    """
    if math.isnan(number):
        return "-"
    return f"{number:,.0f}" if 1000 <= abs(number) < 1e9 else f"{number:.4g}"


def years(low: float, high: float) -> bool:
    """Return whether numbers between these may be years, which are written without commas."""
    return low >= 1500 and high <= 2100


def first_line(error: Exception) -> str:
    """Return the first line of another library's message, short enough for a sentence."""
    line = str(error).strip().partition("\n")[0]
    return line if len(line) < 160 else line[:157] + "..."


def first_of(said: Sequence[str], most: int = 6) -> str:
    """Return the first of some parts of a sentence, and how many more there are.

    >>> first_of(["a", "b", "c"], 2)
    'a; b; and 1 more'
    """
    more = f"; and {len(said) - most:,} more" if len(said) > most else ""
    return "; ".join(said[:most]) + more
