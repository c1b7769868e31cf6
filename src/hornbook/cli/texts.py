"""The texts that ``predict`` is to look at: said on the command line, the lines of files, or of standard input."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from hornbook.cli.terminal import note
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, UsageError
from hornbook.sources.encodings import decode, encoding_of, said_of

MOST_BYTES = 1 << 30
"""Of a file of texts."""


def texts(
    paths: Iterable[str], said: Iterable[str] = (), encoding: str | None = None
) -> Iterator[tuple[str, str | DataError]]:
    """Yield each text with what it is called, or why it cannot be had; empty lines are passed by.

    ``-`` stands for standard input. Texts that were said themselves come first. A file that is not in UTF-8 is in
    ``encoding``, where one is given.
    """
    for text in said:
        yield text, text
    for path in paths:
        try:
            lines = _lines(path, encoding)
        except DataError as error:
            yield path, error
            continue
        yield from ((line, line) for line in lines if line.strip())


def _lines(path: str, encoding: str | None) -> list[str]:
    if path == "-":
        data = sys.stdin.buffer.read(MOST_BYTES + 1)
        name = "standard input"
    else:
        name = shown(path)
        try:
            with Path(path).open("rb") as file:
                data = file.read(MOST_BYTES + 1)
        except (OSError, ValueError) as error:
            why = (getattr(error, "strerror", None) or "is no name of a file").lower()
            raise DataError(
                f"{name}: {why}; give a file with a text on each line, or --text 'some text'"
            ) from None
    if len(data) > MOST_BYTES:
        raise UsageError(f"{name} holds more than {MOST_BYTES >> 30} GB: cut it into several files")
    guess = said_of(data)
    if guess and encoding is None:
        note(f"{name}: {guess}")
    text = decode(data, name, None if encoding_of(data) == "utf-8" else encoding)
    return [line.strip() for line in text.split("\n")]  # as in training
