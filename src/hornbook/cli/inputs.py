"""What ``predict`` is to look at: files, folders, patterns, and standard input, one after the other."""

from __future__ import annotations

import glob
import os
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from hornbook.errors import DataError, UsageError
from hornbook.examples.media import begins_like_a_picture, begins_like_a_sound, is_media, is_sound
from hornbook.examples.names import shown

MOST_INPUT = 256 << 20
"""Bytes that standard input may hold: a picture of 50 million pixels, or some million paths."""

Input = tuple[str, "str | bytes | DataError"]
"""What an input is called, and its path, its bytes, or why it cannot be had."""


def inputs(paths: Iterable[str]) -> Iterator[Input]:
    """Yield every input that is meant, in order; what cannot be found is an input with an error.

    A folder stands for all pictures (or sounds) below it, a pattern (``*.png``, ``**/*.png``) for the files that
    match it where the shell has not put them in its place, ``-`` for standard input.
    """
    for path in paths:
        if path == "-":
            yield from _standard_input()
        else:
            yield from _path(path)


def _path(path: str) -> Iterator[Input]:
    try:
        if os.path.isdir(path):  # noqa: PTH112 (a name may be anything, also what pathlib does not take)
            yield from _folder(path)
            return
        expand = glob.has_magic(path) and not os.path.lexists(path)
        matches = sorted(glob.glob(path, recursive=True)) if expand else []  # noqa: PTH207
    except ValueError:
        yield path, DataError(f"{shown(path)}: is no name of a file; check how it is written")
        return
    for match in matches:
        if os.path.isdir(match):  # noqa: PTH112
            yield from _folder(match)
        else:
            yield match, match
    if not matches:
        yield path, path  # the column says what is wrong with it


def _folder(folder: str) -> Iterator[Input]:
    """Yield the pictures below a folder by their names' endings, or the sounds where there are more of them."""
    failures: list[OSError] = []
    pictures: list[str] = []
    sounds: list[str] = []
    for root, folders, files in os.walk(folder, onerror=failures.append):
        folders[:] = sorted(f for f in folders if not f.startswith("."))
        for name in sorted(files):
            if not name.startswith(".") and is_media(name):
                (sounds if is_sound(name) else pictures).append(os.path.join(root, name))  # noqa: PTH118
    found = sounds if len(sounds) > len(pictures) else pictures
    yield from zip(found, found, strict=True)
    for failure in failures:
        where = str(failure.filename)
        yield (
            where,
            DataError(f"{shown(where)}: the folder cannot be read ({(failure.strerror or '').lower()})"),
        )
    if not found and not failures:
        yield (
            folder,
            DataError(
                f"{shown(folder)}: there is no picture in this folder, and no sound; name its files to have them read"
            ),
        )


def _standard_input() -> Iterator[Input]:
    """Yield the one picture or sound, or what is at each of the paths, that standard input holds."""
    data = sys.stdin.buffer.read(MOST_INPUT + 1)
    if len(data) > MOST_INPUT:
        raise UsageError(f"standard input holds more than {MOST_INPUT >> 20} MB: give paths, or one picture")
    if begins_like_a_picture(data[:16]) or begins_like_a_sound(data[:16]):
        yield "-", data
        return
    # `find -print0` ends names with a zero byte, since they may hold line breaks.
    names = data.split(b"\0") if b"\0" in data else data.splitlines()
    paths = [os.fsdecode(name) for name in names if name.strip()]
    if not paths:
        raise UsageError("standard input holds neither a picture nor a path: give one path a line")
    for path in paths:
        yield from _path(path)


def free_name(folder: Path, name: str, taken: set[str]) -> Path:
    """Return a path in a folder for the picture of an input, another one for each input of the same name."""
    stem = Path(name).stem or "picture"
    chosen, number = f"{stem}.seen.png", 1
    while chosen.casefold() in taken:
        number += 1
        chosen = f"{stem}-{number}.seen.png"
    taken.add(chosen.casefold())
    return folder / chosen
