"""The header of a table in a text: which row it is, what stands above it, and the names in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import count

import numpy as np

from hornbook.common.endings import is_picture
from hornbook.common.safe_names import shown
from hornbook.errors import DataError

MOST_ABOVE = 40
"""Lines that may stand above a header."""

MOST_BELOW = 30
"""Lines that may stand below a table."""

COUNTED = 16
"""So many columns that are numbered have numbers for names; fewer may be a row of a table."""

NEARLY_ALL = 0.9
"""So many of the rows below the lines above a header are as wide as it is."""

_NUMBER = re.compile(r"\s*[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?\s*")
_YEAR = re.compile(r"\s*(1[89]|20)\d\d\s*")


def is_number(cell: str) -> bool:
    """Return whether a cell is a number, with a decimal point or a decimal comma.

    >>> is_number("1.5"), is_number("1,5"), is_number("1.5.2020"), is_number("inf")
    (True, True, False, True)
    """
    if _NUMBER.fullmatch(cell):
        return True
    try:
        float(cell)
    except ValueError:
        return False
    return "_" not in cell


def is_header(first: Sequence[str], rest: Sequence[Sequence[str]]) -> bool:
    """Return whether a first row is one of names: no number or picture in it, and none of it below it again.

    Years are names where other numbers stand below them.

    >>> is_header(["a", "b"], [["1", "2"]]), is_header(["fine", "good"], [["dull", "bad"], ["odd", "good"]])
    (True, False)
    >>> is_header(["land", "2019"], [["Chad", "16.1"]]), is_header(["Ford", "2019"], [["Opel", "2012"]])
    (True, False)
    """
    same = [row for row in rest if len(row) == len(first) and list(row) != list(first)]
    numbers = [i for i, cell in enumerate(first) if is_number(cell)]
    if _count_up([first[i] for i in numbers]):
        return True
    if any(is_picture(cell) for cell in first) or len(numbers) == len(first) or not any(first):
        return False
    if any(not _YEAR.fullmatch(first[i]) or not _are_no_years(i, same) for i in numbers):
        return False
    if numbers or not rest:
        return len({first[i] for i in numbers}) == len(numbers)
    if any(same) and any(all(map(is_number, column)) for column in zip(*same, strict=True)):
        return True
    return not any(cell and any(row[i] == cell for row in same) for i, cell in enumerate(first))


def _count_up(cells: Sequence[str]) -> bool:
    """Return whether numbers are those of many columns, as of pixels: 0, 1, 2, 3 ..."""
    begin = 0 if cells[:1] == ["0"] else 1
    return len(cells) >= COUNTED and list(cells) == [str(n) for n in range(begin, begin + len(cells))]


def _are_no_years(place: int, rows: Sequence[Sequence[str]]) -> bool:
    """Return whether the numbers of a column are some, and mostly no years."""
    numbers = [row[place] for row in rows if is_number(row[place])]
    return bool(numbers) and sum(map(bool, map(_YEAR.fullmatch, numbers))) * 2 < len(numbers)


def lines_above(rows: Sequence[Sequence[str]], blank_before: Sequence[bool]) -> int:
    """Return how many of a table's first rows stand above its header: titles, dates, who made it.

    Such a row has one value, or has fewer than the rows of the table and a blank line between it and the header. Nearly
    all rows below are as wide as the header.

    Parameters
    ----------
    blank_before
        Whether a blank line stands before each of the first rows.

    Examples
    --------
    >>> lines_above([["Report of sales"], ["a", "b"], ["1", "2"], ["3", "4"]], [False] * 4)
    1
    """
    widths = Counter(map(len, rows))
    usual = max(widths, key=lambda width: (widths[width], width), default=0)
    rows = rows[: table_end(rows, usual)]
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    for at in range(1, min(MOST_ABOVE + 1, len(rows) - 2)):
        if len(rows[at]) != usual or filled[at] < 2:
            continue
        most = min(filled[at], float(np.median(filled[at + 1 :])))
        blank = max((i for i in range(1, at + 1) if blank_before[i]), default=0)  # the last before the header
        if not all(n < most and (n <= 1 or i < blank) for i, n in enumerate(filled[:at])):
            continue
        padded = any(len(row) == usual for row in rows[:at])
        fit = sum(len(row) == usual for row in rows[at + 1 :]) >= NEARLY_ALL * (len(rows) - at - 1)
        if fit and (not padded or is_header(rows[at], rows[at + 1 :])):
            return at
    return 0


def header_with(rows: Sequence[Sequence[str]], names: Collection[str]) -> int | None:
    """Return which of a table's first rows has all these names; None where none has.

    >>> header_with([["north", "x"], ["area", "rooms"], ["51", "2"]], {"area"})
    1
    """
    first = rows[: MOST_ABOVE + 1]
    found = (i for i, row in enumerate(first) if {*names} <= {cell.strip() for cell in row})
    return next(found, None) if names else None


def table_end(rows: Sequence[Sequence[str]], width: int) -> int:
    """Return where the short lines below a table of so many columns begin."""
    end = len(rows)
    while end and len(rows[end - 1]) != width and len(rows) - end < MOST_BELOW:
        end -= 1
    return end


def own_names(names: Sequence[str]) -> tuple[tuple[str, ...], str]:
    """Return names of columns of which no two are the same, and a note on those that were.

    >>> own_names(["a", "b", "a"])
    (('a', 'b', 'a_2'), "the column 'a' stands twice in the header, so the second is called 'a_2'; set data.names")
    """
    found: list[str] = []
    taken = set()
    for name in names:
        if name in taken:
            name = next(o for i in count(2) if (o := f"{name}_{i}") not in taken and o not in names)
        found.append(name)
        taken.add(name)
    changed = [(old, new) for old, new in zip(names, found, strict=True) if old != new]
    if not changed:
        return tuple(found), ""
    old, new = changed[0]
    more = f" (and {len(changed) - 1:,} more like it)" if len(changed) > 1 else ""
    said = (
        f"the column {shown(old)!r} stands twice in the header, so the second is called {shown(new)!r}{more}"
    )
    return tuple(found), f"{said}; set data.names"


def twice_in(names: Sequence[str], origin: str) -> None:
    """Raise DataError where two columns have one name."""
    twice = sorted(name for name, times in Counter(names).items() if times > 1)
    if twice:
        raise DataError(
            f"{origin}: the column {shown(twice[0])!r} stands twice in the header: give each its own name"
        )
