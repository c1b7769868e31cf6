"""Blocks as text for a terminal: charts and pictures are left out, and of long tables the first rows are shown."""

from __future__ import annotations

from collections.abc import Iterable

from hornbook.common import blocks as b
from hornbook.common.plaintext import clean, shorten, table

MOST_ROWS = 20
"""Rows of a table that are shown."""

LONGEST = 100
"""Cells of a terminal that a table's cell takes at most."""


def text(blocks: Iterable[b.Block]) -> str:
    """Return blocks as lines, one below the other.

    >>> print(text([b.Section("s", "Scores", [b.Table("", ["class", "rows"], [["cat", "12"]], numbers=[1])])]))
    Scores
      class  rows
      cat      12
    """
    return "\n".join(lines(blocks)).strip("\n")


def lines(blocks: Iterable[b.Block]) -> list[str]:
    """Return the lines of blocks; a section begins after an empty one."""
    out: list[str] = []
    for block in blocks:
        match block:
            case b.Section():
                found = lines(block.blocks)
                out += ["", clean(block.title), *found] if found else []
            case b.Text():
                out.append("  " + said(block.said))
            case b.Table():
                out += _table(block)
            case b.Gallery():
                out += [] if block.instead is None else _table(block.instead)
            case b.Charts():
                out += [] if block.beside is None else lines([block.beside])
            case b.Facts():
                out += ["  " + line for line in table([[clean(k), clean(v)] for k, v in block.items])]
            case b.Code():
                out += ["  " + clean(line) for line in block.text.splitlines()]
            case b.Counts():
                counted = [
                    [clean(n), *(f"{c:,}" for c in cs)]
                    for n, cs in zip(block.names, block.counts, strict=True)
                ]
                out += _lines([["", *block.parts]], counted, "<>", block.first)
            case _:
                continue  # a chart, or what is folded away
    return out


def said(inline: b.Cell) -> str:
    """Return a line without what sets its words apart."""
    if isinstance(inline, tuple):
        return "".join(map(said, inline))
    if isinstance(inline, (b.Span, b.Shade)):
        return clean(inline.text)
    return clean(inline) if isinstance(inline, str) else ""


def _table(block: b.Table) -> list[str]:
    rows = [[shorten(said(cell).strip(), LONGEST) for cell in row] for row in block.rows]
    if not rows:
        return []
    corner = [""] if block.matrix else []
    head = [[*corner, *map(said, block.head)]] if any(map(said, block.head)) else []
    numbers = range(1, len(rows[0])) if block.matrix else block.numbers
    return _lines(head, rows, "".join(">" if i in numbers else "<" for i in range(len(rows[0]))), block.first)


def _lines(head: list[list[str]], rows: list[list[str]], sides: str, first: int) -> list[str]:
    """Return the lines of a table, of many rows the first, and how many more there are."""
    cut = min(first or MOST_ROWS, MOST_ROWS)
    out = ["  " + line for line in table([*head, *rows[:cut]], sides)]
    return [*out, f"  and {len(rows) - cut:,} more"] if len(rows) > cut else out
