"""Labels in the names of files: ``--pattern "{digit}_{}.png"``.

A pattern is matched against the whole name of a file; with ``n`` slashes in it, against the last ``n + 1``
parts of its path. ``{word}`` is a column, ``{}`` is anything, ``{{`` and ``}}`` are braces. A pattern with
``(?P<`` in it is a regular expression instead, each named group a column.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import polars as pl

from hornbook.columns.summary import SPLITS
from hornbook.common.plaintext import listed
from hornbook.common.safe_names import label_in, shown
from hornbook.errors import DataError, UsageError
from hornbook.examples.examples import Examples
from hornbook.examples.stores import Problem
from hornbook.sources.folder.listing import Listing, nothing_to_read
from hornbook.sources.folder.roles import splits_of_paths

_FIELD = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]|[^{}]+")


def parse_pattern(pattern: str) -> re.Pattern[str]:
    r"""Return the regular expression of a pattern.

    Raises
    ------
    UsageError
        The pattern has no named field, a brace too many, or two fields with nothing between them.

    Examples
    --------
    >>> parse_pattern("{digit}_{}.png").fullmatch("7_anna.png").groupdict()
    {'digit': '7'}
    """
    try:
        found = re.compile(pattern if "(?P<" in pattern else _translate(pattern), re.IGNORECASE)
    except (re.error, OverflowError, RecursionError) as error:
        raise UsageError(f"the pattern {pattern!r} is no regular expression ({error}): mend it") from error
    if not found.groupindex:
        raise UsageError(
            f"the pattern {pattern!r} names no column: write {{label}} where the label stands, {{}} elsewhere"
        )
    taken = {"image", "audio"} & set(found.groupindex)
    if taken:
        raise UsageError(
            f"the pattern {pattern!r} names a column {taken.pop()!r}, which is the file's own: name it otherwise"
        )
    return found


def _translate(pattern: str) -> str:
    out: list[str] = []
    seen: set[str] = set()
    after_field = False
    for match in _FIELD.finditer(pattern):
        text, name = match[0], match[1]
        if name is None and text in "{}":
            raise UsageError(
                f"the pattern {pattern!r} has a single {text!r} at place {match.start() + 1}: write "
                f"{text * 2} for a brace"
            )
        if name is None:
            out.append(re.escape({"{{": "{", "}}": "}"}.get(text, text)))
            after_field = False
            continue
        if after_field:
            raise UsageError(
                f"the pattern {pattern!r} has two fields with nothing between them at place {match.start() + 1}: "
                "nobody can tell where one ends"
            )
        if name and (not name.isidentifier() or name in seen):
            why = "stands there twice" if name in seen else "is no name (letters, digits and _)"
            raise UsageError(f"the pattern {pattern!r}: the field {{{name}}} {why}")
        seen.add(name)
        out.append(f"(?P<{name}>[^/]+?)" if name else "[^/]*?")
        after_field = True
    return "".join(out)


def matching(names: Iterable[str], pattern: str) -> dict[str, Mapping[str, str | None]]:
    """Return the names that match a pattern, each with its fields."""
    expression = parse_pattern(pattern)
    depth = 0 if "(?P<" in pattern and "/" not in pattern else pattern.count("/")
    found: dict[str, Mapping[str, str | None]] = {}
    for name in names:
        match = expression.fullmatch("/".join(name.split("/")[-depth - 1 :]))
        if match is not None:
            found[name] = match.groupdict()
    return found


def read_file_names(listing: Listing, pattern: str) -> Examples:
    """Return the examples of a listing whose labels stand in the names of the files.

    Files in folders ``train``, ``test`` and ``validation`` are in these splits.

    Raises
    ------
    DataError
        There is no picture, or no name that matches.
    UsageError
        The pattern cannot be read.
    """
    fields = list(parse_pattern(pattern).groupindex)
    column, names, others = listing.media()
    if not names:
        raise nothing_to_read(listing)
    problems = [*listing.problems, *listing.not_media(others, column)]
    found = matching(names, pattern)
    rows = list(found)
    unlike = f"its name does not match the pattern {pattern!r}; rename it, or mend that"
    problems += [Problem(shown(name), unlike) for name in names if name not in found]
    if not rows:
        raise DataError(
            f"{listing.origin}: no name matches the pattern {pattern!r}; the names are like {listed(names)}"
        )
    table = pl.DataFrame({column: rows})
    for field in fields:
        words = [values[field] for values in found.values()]
        cells = [None if word is None else label_in(word) for word in words]
        table = table.with_columns(pl.Series(field, cells, pl.String))
    tops = splits_of_paths(rows)
    if "split" not in fields and None not in tops:
        table = table.with_columns(pl.Series("split", tops, pl.Enum(SPLITS)))
    return Examples(table, {column: listing.store}, listing.origin, tuple(problems))
