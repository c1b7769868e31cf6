"""``hornbook predict`` on films: an answer for each frame, as they are read."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from hornbook.cli.terminal import complain, note
from hornbook.common.plaintext import number_of
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, UsageError, one_of
from hornbook.sources.film.open import open_film

if TYPE_CHECKING:
    from hornbook.recognizer import Answer, Recognizer

__all__ = ["predict_film"]

AT_ONCE = 16
"""Frames that are held at once."""


def predict_film(reader: Recognizer, path: str, how: tuple[int, float], line: Callable[[Answer], str]) -> int:
    """Print the answer to each frame of a film; return how many could not be, the film counting as one."""
    if len(reader.inputs) != 1 or reader.shown is None:
        raise UsageError(f"{shown(path)} is a film, and this recognizer takes {one_of(reader.inputs)}")
    failures = 0
    try:
        with open_film(path) as film:

            def values() -> Iterator[tuple[str, Any]]:
                for number, frame in enumerate(film.frames()):
                    yield f"{film.name} {number / film.rate:.2f} s", frame

            every = values()
            while some := list(itertools.islice(every, AT_ONCE)):
                for answer in reader.predict_each(some, *how, batch=AT_ONCE):
                    if isinstance(answer, DataError):
                        failures += 1
                        complain(answer)
                    else:
                        print(line(answer), flush=sys.stdout.isatty())
            if not film.read:
                raise DataError(f"{film.name} has not one frame that can be read: copy or download it again")
            if film.broke_off:
                has = number_of(film.count, "frame")
                note(f"warning: {film.name} says that it has {has}, and breaks off after {film.read:,}")
    except DataError as error:
        failures += 1
        complain(error)
    return failures
