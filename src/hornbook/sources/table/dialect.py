"""How a table in a text file is written: its separator, its header, its comments; found from its first lines.

Plain Python, without the table library, so that predicting on the rows of a file reads them as training did.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from hornbook.common.endings import is_picture
from hornbook.common.plaintext import number_of
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, UsageError, one_of
from hornbook.examples.table_options import TableOptions
from hornbook.sources.table.header import (
    header_with,
    is_header,
    is_number,
    lines_above,
    own_names,
    table_end,
    twice_in,
)

SEPARATORS = ",\t;|"
SAID = {",": "commas", "\t": "tabs", ";": "semicolons", "|": "bars", " ": "blanks"}

LOOKED_AT = 200
"""Rows that are looked at."""

HEAD = 1 << 20
"""Characters that are looked at."""

MOST_COLUMNS = 200_000
"""Columns of a table: a million of them take gigabytes, and no table has them."""

MOST_OF_A_CELL = 1 << 30
"""Characters of one cell: Python's own limit of 131,072 is less than a long text has."""

BLANKS = re.compile(r'"((?:[^"]|"")*)"|(\S+)')
_DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+")


@dataclass(frozen=True)
class Dialect:
    r"""How a table is written.

    Attributes
    ----------
    names
        The names of its columns.
    separator
        One character; ``" "`` stands for any number of blanks and tabs.
    header
        Whether the names stand in the file's first row.
    skip
        Lines before the first row (or the header): blank ones, comments, and what stands above a table.
    comment
        What a comment begins with; empty where there is none.
    quote
        ``"``, or empty where quotes mean nothing.
    padded
        Whether separators are followed by blanks that mean nothing.
    notes
        What was found out and is worth a word.
    """

    names: tuple[str, ...]
    separator: str = ","
    header: bool = True
    skip: int = 0
    comment: str = ""
    quote: str = '"'
    padded: bool = False
    notes: tuple[str, ...] = ()

    def rows(self, lines: Iterator[str]) -> Iterator[list[str]]:
        """Yield the cells of each row of lines (with their ends), below the header as well as the header itself."""
        return cut(lines, self.separator, self.quote, self.comment)


def find_dialect(text: str, kind: str, options: TableOptions, origin: str) -> Dialect:
    r"""Return how the table that a text begins is written.

    Parameters
    ----------
    text
        The text, or its first million characters.
    kind
        The ending of the file's name: ``tsv`` and ``tab`` say the separator.

    Raises
    ------
    DataError
        There is no row, or ``names`` are not as many as there are values.

    Examples
    --------
    >>> find_dialect("square;price\n2104;399900\n", "csv", TableOptions(), "x").separator
    ';'
    >>> find_dialect("1 2\n3 4\n", "txt", TableOptions(), "x").names
    ('x1', 'x2')
    """
    head = text[:HEAD]
    if len(text) > HEAD and "\n" in head:
        head = head[: head.rindex("\n") + 1]
    mark, places, lines = _comments(head.split("\n"), options.comment, options.skip or 0)
    if not lines:
        raise DataError(f"{origin}: there is no row in it: give a line for each example")
    blank = [i > 0 and places[i] > places[i - 1] + 1 for i in range(len(places))]
    if max(map(lines[0].count, SEPARATORS)) > MOST_COLUMNS:
        raise DataError(f"{origin}: its first line has more than {MOST_COLUMNS:,} separators: is it a table?")
    separator, quote = _separator(lines, blank, kind, options, origin)
    rows = _sample(lines, separator, quote, mark)
    if not rows:
        raise DataError(f"{origin}: there is no row in it: give a line for each example")
    above = lines_above(rows, blank) if options.skip is None else 0
    if options.names is None and (known := header_with(rows, options.header_has)) is not None:
        above = known  # of a file to be predicted it is known what its header has
    above = (
        above if len(_sample(lines[:above], separator, quote, mark)) == above else 0
    )  # no line break in a cell
    rows = rows[above:]
    names, header = _names(rows, places[above], head, (separator, quote, mark), options, origin)
    names, twice = own_names(names)
    padded = separator != " " and all(
        sum(cell[:1] == " " for row in rows[1:] for cell in row[1:]) * 10 >= 9 * n
        for n in [max(sum(len(row) - 1 for row in rows[1:]), 1)]
    )
    notes = []
    if above:
        notes.append(
            f"{number_of(above, 'line')} above the header {'is' if above == 1 else 'are'} left out, the first is "
            f"{shown(lines[0].strip(f' {separator}'))!r}; where that is wrong, set data.skip"
        )
    plain = separator == ("\t" if kind in ("tsv", "tab") else ",") or len(names) == 1
    if not plain and options.separator is None:
        notes.append(f"its values are cut at {SAID.get(separator, repr(separator))}")
    if not header and options.names is None and not any(is_picture(cell) for cell in rows[0]):
        notes.append(f"it has no header, so its columns are called {one_of(names)}; set data.names")
    notes += [twice] if twice else []
    if not quote:
        notes.append("its quotes are taken as they stand, for they do not come in pairs")
    return Dialect(names, separator, header, places[above], mark, quote, padded, tuple(notes))


def cut(lines: Iterator[str], separator: str, quote: str = '"', comment: str = "") -> Iterator[list[str]]:
    """Yield the cells of each row of lines; blank lines and comments are left out.

    Raises
    ------
    csv.Error
        A quote is not closed.
    """
    if comment:
        lines = (line for line in lines if not line.lstrip(" \t").startswith(comment))
    if separator == " ":
        for line in lines:
            cells = _blanks(line, quote)
            if cells:
                yield cells
        return
    with long_cells():
        plain = csv.reader(lines, delimiter=separator, quoting=csv.QUOTE_NONE)
        for row in csv.reader(lines, delimiter=separator) if quote else plain:
            if row:
                yield row


@contextmanager
def long_cells() -> Iterator[None]:
    """Let Python's CSV reader read long texts, for a while."""
    before = csv.field_size_limit(MOST_OF_A_CELL)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def looks_like_a_table(text: str) -> bool:
    r"""Return whether a text of no known kind is a table: rows of equally many values, a column of them numbers.

    >>> looks_like_a_table("2104,3,399900\n1600,3,329900\n"), looks_like_a_table("cat.png 7\ndog.png 8\n")
    (True, False)
    >>> looks_like_a_table("a quiet, funny film\na dull one\n")
    False
    """
    try:
        dialect = find_dialect(text, "txt", TableOptions(), "")
    except DataError:
        return False
    mark, _, lines = _comments(text[:HEAD].split("\n"), None, 0)
    rows = _sample(lines, dialect.separator, dialect.quote, mark)
    body = rows[1:] if dialect.header else rows
    if len(dialect.names) < 2 or not body or any(len(row) != len(dialect.names) for row in rows):
        return False
    if any(is_picture(cell) for row in body[:10] for cell in row):
        return False
    return any(all(is_number(cell) for cell in column) for column in zip(*body, strict=True))


def _comments(lines: list[str], told: str | None, begin: int) -> tuple[str, list[int], list[str]]:
    """Return the mark of comments, the places of lines that are neither comments nor blank, and these lines.

    Without a word about it, ``#`` is one where it stands before the first row. ``begin`` lines are not looked at.
    """
    mark = told or ""
    at = begin
    while at < len(lines):
        line = lines[at].strip()
        if not mark and told is None and line.startswith("#") and any(map(str.strip, lines[at + 1 :])):
            mark = "#"
        if line and not (mark and line.startswith(mark)):
            break
        at += 1
    kept = [
        i
        for i in range(at, len(lines))
        if lines[i].strip() and not (mark and lines[i].lstrip().startswith(mark))
    ]
    return mark, kept, [lines[i] for i in kept]


def _sample(lines: Sequence[str], separator: str, quote: str, mark: str) -> list[list[str]]:
    """Return the first rows; the last is left out where the text may have been cut in it."""
    rows: list[list[str]] = []
    try:
        for row in cut((line + "\n" for line in lines), separator, quote, mark):
            rows.append(row)
            if len(rows) == LOOKED_AT:
                break
    except csv.Error:
        pass
    return rows


def _separator(
    lines: list[str], blank: list[bool], kind: str, options: TableOptions, origin: str
) -> tuple[str, str]:
    """Return the separator and the quote that cut the first rows into equally many parts, and the most."""
    if options.separator is not None:
        if len(options.separator) != 1 or options.separator in '"\n\r':
            raise UsageError(
                f"{origin}: data.separator is {options.separator!r}, but it is one character, such as ';' or a blank"
            )
        choices = options.separator
    else:
        choices = "\t" if kind in ("tsv", "tab") else SEPARATORS + " "
    found: list[tuple[float, int, str, str]] = []
    for separator in choices:
        for quote in ('"', ""):
            rows = _sample(lines, separator, quote, "")
            widths = [len(row) for row in rows]
            usual = max(set(widths), key=widths.count, default=0)
            found.append((widths.count(usual) / max(len(widths), 1), usual, separator, quote))
            if separator in ",;" or not any('"' in line for line in lines):
                break  # in CSV a quote that is not closed is damage, in a text with tabs it may be one of inches
    fits = [(w, s, q) for share, w, s, q in found if share == 1 and w > 1]
    quoted = [fit for fit in fits if fit[2]] or fits
    as_usual = [
        f for f in found if f[2] == options.usual_separator and f[0] == 1 and (f[1] > 1 or not quoted)
    ]
    if as_usual:
        return as_usual[0][2:]
    if all(s == " " for _, s, _ in quoted):  # or nothing cuts all lines: some may be no rows
        between = [
            (s, q) for _, _, s, q in found if s != " " and _is_between(_sample(lines, s, q, ""), blank)
        ]
        if between:
            return next((b for b in between if b[0] == options.usual_separator), between[0])
    if not quoted:
        return _of_most(lines, found)
    widths_of = {s: w for w, s, _ in quoted}
    best = max((s for s in widths_of if s != " "), key=lambda s: widths_of[s], default=" ")
    if best == "," and ";" in widths_of and _decimal_commas(lines):
        best = ";"
    if widths_of.get(" ", 0) > widths_of[best] and _mostly_numbers(lines):
        best = " "
    return best, next(q for _, s, q in quoted if s == best)


def _of_most(lines: list[str], found: list[tuple[float, int, str, str]]) -> tuple[str, str]:
    """Return the separator and the quote that cut most of the first rows alike, where none cuts all."""
    others = [(share, usual, s) for share, usual, s, q in found if s != " " and q]
    if not others:
        return " ", '"'
    share, usual, separator = max(others, key=lambda f: (f[0], f[1]))
    if len({s for _, _, s, _ in found}) == 1 or (usual > 1 and share > 0.5):
        return separator, '"'
    return max(SEPARATORS, key=lines[0].count), '"'


def _is_between(rows: list[list[str]], blank: list[bool]) -> bool:
    """Return whether rows are those of a table with lines above its header, or short ones at the end."""
    above = lines_above(rows, blank)
    width = len(rows[above]) if len(rows) > above else 0
    end = table_end(rows, width)
    return width > 1 and end > above + 2 and all(len(row) == width for row in rows[above:end])


def _decimal_commas(lines: list[str]) -> bool:
    """Return whether all cells with a comma between semicolons are numbers."""
    cells = [c for row in _sample(lines, ";", '"', "")[1:] for c in row if "," in c]
    return bool(cells) and all(_DECIMAL_COMMA.fullmatch(cell.strip()) for cell in cells)


def _mostly_numbers(lines: list[str]) -> bool:
    cells = [cell for row in _sample(lines, " ", '"', "") for cell in row]
    return sum(map(is_number, cells)) * 2 > len(cells)


def _blanks(line: str, quote: str) -> list[str]:
    """Return what stands between runs of blanks and tabs."""
    if not quote or quote not in line:
        return line.split()
    return [m[1].replace('""', '"') if m[2] is None else m[2] for m in BLANKS.finditer(line)]


def _names(
    rows: list[list[str]], skip: int, head: str, how: tuple[str, str, str], options: TableOptions, origin: str
) -> tuple[tuple[str, ...], bool]:
    """Return the names of the columns, and whether a header has them; ``skip`` lines stand before the first row."""
    first, width = rows[0], len(rows[0])
    header = header_with([first], options.header_has) == 0 or is_header(first, rows[1:])
    if options.names is not None:
        if len(options.names) != width:
            raise DataError(
                f"{origin} line {skip + 1}: has {width} values, and data.names has {len(options.names)} names: "
                "name every column"
            )
        twice_in(options.names, f"{origin}: data.names")
        plain = header and any(all(map(is_number, column)) for column in zip(*rows[1:], strict=False))
        return options.names, plain or tuple(first) == options.names
    if header:
        return tuple(cell.strip() or f"x{i + 1}" for i, cell in enumerate(first)), True
    # numpy.savetxt writes the names as a comment.
    if how[2] and skip:
        above = head.split("\n")[skip - 1].strip().removeprefix(how[2]).strip()
        cells = next(iter(_sample([above], how[0], how[1], "")), [])
        if len(cells) == width and len(set(cells)) == width and not any(map(is_number, cells)):
            return tuple(cell.strip() for cell in cells), False
    pictures = [i for i, cell in enumerate(first) if is_picture(cell)]
    if width == 2 and len(pictures) == 1:
        return tuple("image" if i in pictures else "label" for i in range(2)), False
    return tuple(f"x{i + 1}" for i in range(width)), False
