"""Tables of answers, which ``hornbook predict --out`` writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from hornbook.cli.terminal import complain, note
from hornbook.common.plaintext import listed, number_of
from hornbook.common.safe_names import shown
from hornbook.errors import DataError

if TYPE_CHECKING:
    from hornbook.recognizer import Recognizer

NAMED = 2
"""Rows of a table that are named where they cannot be predicted; of more it is said how many there are."""


def write_answers(reader: Recognizer, paths: Sequence[str], abstain: float, out: str) -> int:
    """Write the rows of some tables with their answers into one; return how many rows and files could not be used."""
    from hornbook.recognizer.bulk.answer_writer import AnswerWriter
    from hornbook.recognizer.bulk.cells import answered_rows

    failures = rows = 0
    with AnswerWriter(out, reader.targets, paths, note) as writer:
        for path in paths:
            wrong: dict[int, str] = {}
            try:
                for part in answered_rows(reader, path, abstain, writer.lists):
                    writer.write(part.table, part.cells, path)
                    rows += part.table.height
                    wrong.update(part.wrong)
            except DataError as error:  # of the whole file; the others are predicted all the same
                rows, failures = rows + 1, failures + 1
                complain(error)
            complain_of(wrong, path)
            failures += len(wrong)
    if writer.begun:
        note(f"{rows - failures:,} answers: {out}")
    elif not rows:
        failures += 1
        complain(f"{listed(paths)}: there is not one row to predict, so {shown(out)} was not written")
    return failures


def complain_of(wrong: Mapping[int, str], path: str) -> None:
    """Name the first rows of a table that cannot be used, and count the others."""
    for row in sorted(wrong)[:NAMED]:
        complain(f"{shown(path)} row {row}: {wrong[row]}")
    if len(wrong) > NAMED:
        complain(f"{shown(path)}: {number_of(len(wrong) - NAMED, 'more row')} cannot be used")
