"""Rows of a table that are no examples: units below the header, totals at the end, notes below the table.

They are left out, and each is named; ``data.odd_rows = "keep"`` keeps them. Only the first row and the last ones are
looked at, so that it costs the same in a table of any length.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence

import polars as pl

from hornbook.columns.missing import AMONG_NUMBERS
from hornbook.common.plaintext import number_of
from hornbook.common.safe_names import shown
from hornbook.sources.table.dialect import Dialect
from hornbook.sources.table.header import MOST_BELOW, is_number

KEEP = 'where that is wrong, set data.odd_rows = "keep"'

TAIL = 1 << 16
"""Bytes at the end of a text that may be notes."""

LOOKED_AT = 50
"""Rows below the first one that say whether it is of units."""

LAST = 3
"""Rows at the end that may be totals."""

FEWEST = 5
"""Rows from which on the last one may be the sum of the others without saying so."""

_TOTAL = re.compile(
    r"(grand |sub|sub-|overall |column )?(totals?|sums?|averages?|avg\.?|means?)( (general|row|line))?"
    r"|(gesamt)?summe|(ins)?gesamt|durchschnitt|mittelwert|mittel|totaux|somme|moyenne|suma|promedio|media|totale|totaal"
    r"|gemiddelde|soma|média|totalt|итого|всего|среднее|сумма|合计|总计|總計|小计|平均|合計|총계|합계|평균",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"[(\[].*[)\]]|[µμmck]?(m|g|l|s|w|v|a|hz|pa|wh|b)([²³23]|/.+)?|°?[cfk]|[$€£¥%]|usd|eur|gbp|cny|rmb|min|h|hrs?|hours?"
    r"|days?|years?|yrs?|months?|weeks?|seconds?|minutes?|miles?|km/h|mph|mpg|kg/.+|lbs?|oz|ft|in|inch(es)?|mi|hp|ps|pcs?"
    r"|units?|count|number|percent|ppm|ppb|mg/.+|mmhg|bpm|u/.+|int(eger)?(64|32)?|float(64|32)?|double|str(ing)?|numeric",
    re.IGNORECASE,
)


def without_notes(body: bytes, dialect: Dialect) -> tuple[bytes, str]:
    """Return the rows of a text without the notes below them, and what was left out, in words.

    Parameters
    ----------
    body
        Rows in UTF-8, without the header.
    """
    if len(dialect.names) < 2:
        return body, ""
    at = body.find(b"\n", len(body) - TAIL) + 1 if len(body) > TAIL else 0
    lines = body[at:].split(b"\n")
    texts = [line.decode("utf-8", "surrogatepass") for line in lines]
    first = end = len(lines)
    while first and end - first < 2 * MOST_BELOW and _is_short(texts[first - 1], dialect):
        first -= 1
    first += next((i for i, text in enumerate(texts[first:]) if text.strip()), 0) if first else 0
    gap = first > 0 and not texts[first - 1].strip()
    while first < end and not all(
        gap or not text.strip() or _is_said(text, dialect) for text in texts[first:]
    ):
        gap = not texts[first].strip()
        first += 1
    said = [text.strip(f" {dialect.separator}") for text in texts[first:] if text.strip()]
    # A table of which no row is left was no table with notes.
    if not said or not any(text.strip() for text in texts[:first]):
        return body, ""
    kept = body[:at] + b"\n".join(lines[:first]).rstrip(b"\n") + b"\n"
    are = "is" if len(said) == 1 else "are"
    what = f"{number_of(len(said), 'line')} below the table {are} left out, the first is {shown(said[0])!r}"
    return kept, f"{what}; {KEEP}"


def _cells(text: str, dialect: Dialect) -> list[str]:
    if dialect.quote and text.count('"') % 2:  # the end of a cell with line breaks
        return [""] * len(dialect.names)
    try:
        return next(dialect.rows(iter([text + "\n"])), [])
    except csv.Error:
        return [""] * len(dialect.names)


def _is_short(text: str, dialect: Dialect) -> bool:
    """Return whether a line is no row of a table: it has another number of cells, or one of several is filled."""
    if not text.strip():
        return True
    cells, width = _cells(text, dialect), len(dialect.names)
    return len(cells) != width or (width > 2 and sum(bool(cell.strip()) for cell in cells) == 1)


def _is_said(text: str, dialect: Dialect) -> bool:
    """Return whether a short line is a note, and not a row that was cut off."""
    return is_a_note(_cells(text, dialect))


def is_a_note(cells: Sequence[str]) -> bool:
    """Return whether a row that is too short has words in one cell, and nothing else.

    >>> is_a_note(["Source: IMF", ""]), is_a_note(["cat"]), is_a_note(["12", "kg"])
    (True, False, False)
    """
    filled = [cell.strip() for cell in cells if cell.strip()]
    return len(filled) == 1 and re.search(r"[^\W\d_].*[\s:]|[\s:].*[^\W\d_]", filled[0]) is not None


def unit_row(table: pl.DataFrame) -> str:
    """Return what stands in a first row of texts that is one of units, or a second header; empty where it is none.

    In each column that is one of numbers below it, it has a word or nothing.

    >>> unit_row(pl.DataFrame({"age": ["years", "21", "44"], "who": ["", "a", "b"], "income": ["EUR", "2", "3.5"]}))
    "'years', 'EUR'"
    """
    words = []
    for cells in table.head(LOOKED_AT + 1) if table.height > 2 else []:
        first, below = (
            cells[0],
            [v for v in cells[1:].to_list() if v and v.strip().lower() not in AMONG_NUMBERS],
        )
        if not below or not all(map(is_number, below)):
            continue
        word = (first or "").strip()
        if is_number(word) or any(map(str.isdecimal, word[:1])):
            return ""
        if word and word.lower() not in AMONG_NUMBERS:
            words.append(word)
    units = [word for word in words if _UNIT.fullmatch(word)]
    return ", ".join(repr(shown(w)) for w in words[:5]) if units or len(set(words)) > 1 else ""


def totals(table: pl.DataFrame) -> tuple[int, str]:
    """Return how many rows at the end are totals or averages of those above, and which they are, in words.

    Such a row says so in a cell that says it in no other row, or has the sum of each column of numbers, and no more.

    >>> totals(pl.DataFrame({"town": ["Ulm", "Bonn", "Total"], "sold": [3, 4, 7]}))[0]
    1
    """
    found: list[str] = []
    texts = [name for name, kind in table.schema.items() if kind == pl.String]
    for row in range(table.height - 1, max(table.height - 1 - LAST, 1), -1):
        values = table.row(row, named=True)
        word = next((values[n] for n in texts if _TOTAL.fullmatch((values[n] or "").strip(" :"))), None)
        others = [v for n, v in values.items() if v is not None and v is not word]
        if word is None or not any(map(_is_amount, others)):
            break
        found.append(word)
    if found and all((table[n].head(table.height - len(found)).is_in(found)).sum() == 0 for n in texts):
        return len(found), ", ".join(
            f"row {table.height - i} ({shown(w)!r})" for i, w in reversed([*enumerate(found)])
        )
    return (1, f"row {table.height} (the sum of the others)") if _is_sum(table) else (0, "")


def _is_amount(value: object) -> bool:
    return isinstance(value, (int, float)) or (
        isinstance(value, str) and is_number(value[:40].strip("$€£¥% "))
    )


def _is_sum(table: pl.DataFrame) -> bool:
    """Return whether the last row has the sum of each column of numbers in which it has something, and no text."""
    if table.height <= FEWEST:
        return False
    last = table.row(table.height - 1, named=True)
    numbers = [n for n, v in last.items() if v is not None]
    if not 0 < len(numbers) < table.width or not all(table[n].dtype.is_numeric() for n in numbers):
        return False
    sums = table.head(table.height - 1).select(pl.col(numbers).sum()).row(0)
    return all(
        abs(last[n] - s) <= 1e-9 * abs(s) and s and last[n] != table[n][0]
        for n, s in zip(numbers, sums, strict=True)
    )


def without_totals(table: pl.DataFrame) -> tuple[pl.DataFrame, str]:
    """Return a table without totals at its end, and what was left out, in words."""
    count, said = totals(table)
    if not count:
        return table, ""
    return table.head(table.height - count), f"{said} {'is' if count == 1 else 'are'} left out; {KEEP}"
