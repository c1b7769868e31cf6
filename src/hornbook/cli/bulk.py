"""``hornbook predict --out DIR/``: answers to many files, a table for each."""

from __future__ import annotations

import glob
import os
import sys
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from hornbook.cli.terminal import complain, note
from hornbook.common.plaintext import duration, number_of
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, UsageError

if TYPE_CHECKING:
    from hornbook.recognizer import Recognizer
    from hornbook.recognizer.bulk.parts_of import Asked, Done, Part

BETWEEN = 5.0
"""Seconds between two lines that say how far it has come; on a terminal it is one line that is drawn anew."""

NEVER_MORE = 20
"""Complaints that are printed; of more it is said how many there are."""


def write_folder(
    reader: Recognizer, paths: Sequence[str], asked: Asked, out: str, how: tuple[str | None, int, str | None]
) -> int:
    """Write the answers to many files into a folder; return how many rows and files could not be answered.

    Parameters
    ----------
    how
        The shard, how many processes, and the address of a Ray cluster.
    """
    from hornbook.recognizer.bulk.parts_of import begin, shard_of

    shard, jobs, ray = how
    parts = _parts(reader, paths, out)
    begin(asked, parts, out)
    if shard is not None:
        parts = shard_of(parts, shard)
    todo = [part for part in parts if not part.done]
    before = len(parts) - len(todo)
    if before:
        there = "is" if before == 1 else "are"
        note(f"{shown(out)}: {number_of(before, 'table')} of {len(parts):,} {there} there already")
    told = _Told(todo)
    failures = complaints = 0
    try:
        for done in _run(asked, todo, jobs, ray, told):
            told.part(done)
            failures += done.failures
            complaints += len(done.said)
            for said in done.said[: max(0, NEVER_MORE - complaints + len(done.said))]:
                told.clear()
                complain(said)
    finally:
        told.clear()
    if complaints > NEVER_MORE:
        complain(f"and {complaints - NEVER_MORE:,} more")
    note(f"{told.good:,} answers in {number_of(told.tables, 'table')}: {shown(out)}")
    return failures


def _run(asked: Asked, parts: Sequence[Part], jobs: int, ray: str | None, told: _Told) -> Iterator[Done]:
    from hornbook.recognizer.bulk.parts_of import answer_all

    if ray is None:
        return answer_all(asked, parts, jobs, told.rows)
    from hornbook.recognizer.bulk.on_ray import answer_on_ray

    return answer_on_ray(asked, parts, ray)


def _parts(reader: Recognizer, paths: Sequence[str], out: str) -> list[Part]:
    """Return the pieces of the work; DataError where there is none."""
    from hornbook.recognizer.bulk.parts_of import file_parts, table_parts
    from hornbook.recognizer.inputs import inputs

    if reader.reads_series or (reader.reads_text and not reader.takes_tables(_tables(paths))):
        raise UsageError("--out with a folder is for tables, pictures and sounds: give a file")
    if reader.reads_cells:
        found = _tables(paths)
        if not found:
            raise DataError(f"there is no table in {', '.join(map(shown, paths))}: check the names")
        return table_parts(found, out)
    kind = next(c.type for c in reader.inputs.values() if c.heavy)
    values = []
    for name, value in inputs(paths, kind):
        if isinstance(value, DataError):
            raise value
        if not isinstance(value, str):
            raise UsageError(f"{shown(name)}: --out with a folder is for files: give their names")
        values.append(value)
    return file_parts(values, out)


def _tables(paths: Sequence[str]) -> list[str]:
    """Return the tables that are meant: files, those that match a pattern, and those below a folder."""
    from hornbook.common.endings import ending
    from hornbook.recognizer.arguments import TABLES

    found: list[str] = []
    for path in paths:
        many = glob.has_magic(path) and not os.path.lexists(path)
        matches = sorted(glob.glob(path, recursive=True)) if many else [path]  # noqa: PTH207
        for match in matches:
            if os.path.isdir(match):  # noqa: PTH112
                inside = sorted(
                    os.path.join(folder, name)  # noqa: PTH118
                    for folder, _, names in os.walk(match)
                    for name in names
                    if ending(name) in TABLES - {"txt", "data"} and not name.startswith(".")
                )
                found += inside
            elif os.path.isfile(match):  # noqa: PTH113
                found.append(match)
            else:
                raise DataError(f"{shown(match)}: there is no such file; check the name")
    return found


class _Told:
    """Says how far it has come."""

    def __init__(self, parts: Sequence[Part]) -> None:
        self.all, self.size = len(parts), sum(part.size for part in parts)
        self.begun = self.last = time.monotonic()
        self.count = self.tables = self.good = self.read = 0
        self.live = sys.stderr.isatty()
        self.drawn = False

    def part(self, done: Done) -> None:
        """Count a part."""
        self.tables += bool(done.rows)
        self.good += done.rows
        self.read += done.part.size

    def rows(self, count: int) -> None:
        """Count rows, and say so now and then."""
        self.count += count
        now = time.monotonic()
        if now - self.last < (0.2 if self.live else BETWEEN) or now - self.begun < 1:
            return
        self.last = now
        took = now - self.begun
        left = f", {duration(took * (self.size - self.read) / self.read)} left" if self.read else ""
        tables = f"{self.tables:,} of {number_of(self.all, 'table')}"
        said = f"{tables}, {self.count:,} rows, {self.count / took:,.0f} a second"
        if self.live:
            print(f"\r\x1b[K{said}{left}", end="", file=sys.stderr, flush=True)
            self.drawn = True
        else:
            note(f"{said}{left}")

    def clear(self) -> None:
        """Remove the live line."""
        if self.drawn:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)
            self.drawn = False
