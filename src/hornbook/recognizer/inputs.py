"""What ``predict`` is to look at: files, folders, patterns, and standard input, one after the other."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from hornbook.common.endings import begins_like_a_picture, begins_like_a_sound, is_media
from hornbook.common.inline import inline
from hornbook.common.safe_names import LONGEST_STEM, shown
from hornbook.errors import DataError, UsageError

MOST_INPUT = 256 << 20
"""Bytes that standard input may hold: a picture of 52 million pixels, or some million paths."""

MOST_TEXT = 1 << 30
"""Bytes that a file of texts may hold."""

CONSOLE = "oem" if os.name == "nt" else "utf-8"
"""In what `dir /b` and its like write names into a pipe, where it is not UTF-8."""


class Given(NamedTuple):
    """Some inputs, each with its name.

    Attributes
    ----------
    values
        What is to be predicted, each with what it is called.
    origin
        The file that they are from, or else what the column of their names is called in a table of answers.
    lost
        Why some cannot be had at all.
    table
        The rows (Polars) that answers are written beside; None where there are no more than names.
    """

    values: list[tuple[str, Any]]
    origin: str
    lost: Sequence[DataError] = ()
    table: object = None


Input = tuple[str, "str | bytes | DataError"]
"""What an input is called, and its path, its bytes, or why it cannot be had."""


def inputs(paths: Iterable[str], kind: str | None = None) -> Iterator[Input]:
    """Yield every input that is meant, in order; what cannot be found is an input with an error.

    A folder stands for all pictures (or sounds) below it, a pattern (``*.png``, ``**/*.png``) for the files that
    match it where the shell has not put them in its place, ``-`` for standard input.

    Parameters
    ----------
    kind
        The files of a folder that are meant, ``image`` or ``audio``; else those there are more of.
    """
    for path in paths:
        if path == "-":
            yield from _standard_input(kind)
        else:
            yield from _path(path, kind)


def _path(path: str, kind: str | None) -> Iterator[Input]:
    try:
        if os.path.isdir(path):  # noqa: PTH112 (a name may be anything, also what pathlib does not take)
            yield from _folder(path, kind)
            return
        expand = glob.has_magic(path) and not os.path.lexists(path)
        matches = sorted(glob.glob(path, recursive=True)) if expand else []  # noqa: PTH207
    except ValueError:
        yield path, DataError(f"{shown(path)}: is no name of a file; check how it is written")
        return
    given: set[str] = set()  # "**" matches a folder and the files in it
    for match in matches:
        found = _folder(match, kind) if os.path.isdir(match) else [(match, match)]  # noqa: PTH112
        for name, value in found:
            place = os.path.normpath(name)
            if place not in given or isinstance(value, DataError):
                given.add(place)
                yield name, value
    if not matches:
        yield path, path  # the column says what is wrong with it


def _folder(folder: str, kind: str | None) -> Iterator[Input]:
    """Yield the pictures (or sounds) below a folder, found as they are found in training."""
    from hornbook.sources.folder.disk import list_folder

    try:
        listing = list_folder(Path(folder))
    except DataError as error:
        yield folder, error
        return
    _, found, _ = listing.media(kind)
    for name in found:
        path = listing.store.load(name)
        yield str(path), str(path)
    # A link to a folder that was read, a pipe: no picture is lost with these.
    lost = [p for p in listing.problems if is_media(p.name) or p.name in listing.closed]
    for problem in lost:
        yield folder, DataError(f"{shown(folder)}: {problem}")
    if not found and not lost:
        what = {"image": "picture", "audio": "sound"}.get(kind or "", "picture, and no sound,")
        yield (
            folder,
            DataError(
                f"{shown(folder)}: there is no {what} in this folder; name its files to have them read"
            ),
        )


_CONTROLS = bytes(i for i in range(32) if i not in b"\t\n\r\0")


def _standard_input(kind: str | None) -> Iterator[Input]:
    """Yield the one picture or sound, or what is at each of the paths, that standard input holds."""
    data = sys.stdin.buffer.read(MOST_INPUT + 1)
    if len(data) > MOST_INPUT:
        raise UsageError(f"standard input holds more than {MOST_INPUT >> 20} MB: give paths, or one picture")
    head = data[:16]
    # What nobody has in a name is in a file of some kind, and the column says of which.
    if begins_like_a_picture(head) or begins_like_a_sound(head) or any(c in _CONTROLS for c in data[:4096]):
        yield "-", data
        return
    # `find -print0` ends names with a zero byte, since they may hold line breaks.
    names = data.split(b"\0") if b"\0" in data else data.splitlines()
    paths = [_decoded(name) for name in names if name.strip()]
    if paths and (whole := inline("\n".join(paths))) is not None:
        yield "-", whole
        return
    if not paths:
        raise UsageError("standard input holds neither a picture nor a path: give one path a line")
    for number, path in enumerate(paths, start=1):
        if (one := inline(path)) is not None:
            yield f"line {number}", one
        else:
            yield from _path(path, kind)


def _decoded(name: bytes) -> str:
    """Return a name of a file that a pipe has brought."""
    try:
        return os.fsdecode(name)
    except UnicodeDecodeError:  # on Windows alone
        return name.decode(CONSOLE, "replace")


def texts(
    paths: Iterable[str],
    said: Iterable[str] = (),
    encoding: str | None = None,
    note: Callable[[str], None] = lambda said: None,
) -> Iterator[tuple[str, str | DataError]]:
    """Yield each text with what it is called, or why it cannot be had; empty lines are passed by.

    ``-`` stands for standard input. Texts that were said themselves come first. A file that is not in UTF-8 is in
    ``encoding``, where one is given; where none is, ``note`` is told which one was found.
    """
    for text in said:
        yield text, text
    for path in paths:
        try:
            lines = _lines(path, encoding, note)
        except DataError as error:
            yield path, error
            continue
        yield from ((line, line) for line in lines if line.strip())


def _lines(path: str, encoding: str | None, note: Callable[[str], None]) -> list[str]:
    from hornbook.sources.encodings import decode, encoding_of, said_of

    if path == "-":
        data = sys.stdin.buffer.read(MOST_TEXT + 1)
        name = "standard input"
    else:
        name = shown(path)
        try:
            with Path(path).open("rb") as file:
                data = file.read(MOST_TEXT + 1)
        except (OSError, ValueError) as error:
            why = (getattr(error, "strerror", None) or "is no name of a file").lower()
            raise DataError(
                f"{name}: {why}; give a file with a text on each line, or --text 'some text'"
            ) from None
    if len(data) > MOST_TEXT:
        raise UsageError(f"{name} holds more than {MOST_TEXT >> 30} GB: cut it into several files")
    guess = said_of(data)
    if guess and encoding is None:
        note(f"{name}: {guess}")
    text = decode(data, name, None if encoding_of(data) == "utf-8" else encoding)
    return [line.strip() for line in text.split("\n")]  # as in training


def free_name(folder: Path, name: str, taken: set[str], ending: str = "seen.png") -> Path:
    """Return a path in a folder for the picture of an input, another one for each input of the same name."""
    stem = Path(name).stem or "picture"
    while len(os.fsencode(stem)) > LONGEST_STEM:
        stem = stem[:-1]
    chosen, number = f"{stem}.{ending}", 1
    while chosen.casefold() in taken:
        number += 1
        chosen = f"{stem}-{number}.{ending}"
    taken.add(chosen.casefold())
    return folder / chosen
