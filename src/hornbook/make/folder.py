"""Made examples as files in a folder: one file each, named by its text, and ``labels.txt`` beside them.

Every name is known before the first file is made, so a folder that was left half made is gone on with: what is
there already is kept, since each file appears as a whole or not at all. What is being made stands in
``.making`` until ``labels.txt``, written last, says it in its first line.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from hornbook.common.files import cannot_write, clear_up, write_file
from hornbook.common.plaintext import listed
from hornbook.common.progress import Reading, silent
from hornbook.errors import DataError, RunError, UsageError, did_you_mean, one_of
from hornbook.make.maker import MakeOptions, Maker
from hornbook.make.registry import maker_of
from hornbook.make.workers import Workers, cores

LABELS, MAKING = "labels.txt", ".making"

SHARE = 64
"""Examples of one task: a tenth of a second, and all that a killed process loses."""

FEW = 256
"""Examples that are made before a second process would have started."""

_RESERVED = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])", re.IGNORECASE)
"""Names that Windows keeps for devices, whatever they end in."""

_LONGEST = 100
"""Bytes of a text that is still a name; a name may have 255."""


@dataclass(frozen=True)
class Making:
    """What was made.

    Attributes
    ----------
    count
        Files in the folder that were asked for.
    found
        How many of them were there already.
    unnamed
        How many have a text that cannot be a file's name, and are named by their number.
    """

    count: int
    found: int
    unnamed: int


def make_folder(
    made: MakeOptions,
    folder: Path,
    count: int,
    *,
    suffix: str | None = None,
    jobs: int | None = None,
    force: bool = False,
    progress: Reading = silent,
) -> Making:
    """Make the examples 0 to ``count - 1`` as files in a folder, or those that are not there yet.

    Parameters
    ----------
    suffix
        What the files are: ``png``, ``jpg`` or ``gif``; ``wav`` for sounds.
    jobs
        Processes that make them; by default one for each core. The files are the same for any number.
    force
        Write into a folder that has other files; one that has the name of a new one is replaced.

    Raises
    ------
    UsageError
        The options cannot be, or the folder has other files.
    DataError
        A font or a voice cannot be read.
    RunError
        The folder cannot be written.
    """
    maker = made.maker()
    suffix = maker.suffixes[0] if suffix is None else suffix
    if suffix not in maker.suffixes:
        raise UsageError(
            f"there is no format {suffix!r}{did_you_mean(suffix, maker.suffixes)}; it may be {one_of(maker.suffixes)}"
        )
    if count < 1:
        raise UsageError(f"the count {count} cannot be: make at least one")
    if jobs is not None and jobs < 1:
        raise UsageError(f"{jobs} jobs cannot be: at least one process makes the examples")
    options = {k: v for k, v in made.to_json().items() if k not in ("kind", "stream")}
    said = f"# made by hornbook: {made.kind} {suffix} {json.dumps(options)}"
    texts = [maker.text(i) for i in range(count)]
    names = list(file_names(texts, suffix))
    there = _begin(folder, said, names, force)
    to_make = [i for i, name in enumerate(names) if name not in there]
    done = count - len(to_make)
    for more in _make(maker, folder, to_make, names, cores() if jobs is None else jobs):
        done += more
        progress("making", done, count)
    unnamed = sum(name.startswith("_") for name in names)
    _finish(folder, f"{said} count={count}", names, texts)
    return Making(count, count - len(to_make), unnamed)


def file_names(texts: Sequence[str], suffix: str) -> Iterator[str]:
    """Yield a name for each text that no other one has, also where case does not count.

    >>> list(file_names(["0782", "aB", "0782", "Ab", "a/b"], "png"))
    ['0782.png', 'aB.png', '0782_2.png', 'Ab_2.png', '_4.png']
    """
    times: dict[str, int] = {}
    for number, text in enumerate(texts):
        if not text.isalnum() or _RESERVED.fullmatch(text) or len(text.encode()) > _LONGEST:
            yield f"_{number}.{suffix}"
            continue
        key = unicodedata.normalize("NFKC", text).casefold()
        times[key] = times.get(key, 0) + 1
        yield f"{text}.{suffix}" if times[key] == 1 else f"{text}_{times[key]}.{suffix}"


def _begin(folder: Path, said: str, names: list[str], force: bool) -> set[str]:
    """Make the folder, or look at what is in it; return the names of the files that need not be made again."""
    count = len(names)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with os.scandir(folder) as entries:
            sizes = {entry.name: entry.is_file() and entry.stat().st_size for entry in entries}
        before = _first_line(folder / MAKING) or _first_line(folder / LABELS)
        same, _, many = (before or "").rpartition(" count=")
        ours = same == said and many.isdigit() and int(many) <= count
        others = sorted(name for name in sizes if not name.startswith("."))
        if others and not ours and not force:
            if same == said and many.isdigit():
                why = f"holds {int(many):,} of the same, more than {count:,}"
            elif same.startswith("# made by hornbook"):
                why = "was made with other options"
            else:
                why = "has other files"
            lost = f", which replaces {LABELS}" if LABELS in others else ""
            raise UsageError(
                f"{folder} {why} ({listed(others)}): name another folder, or write into it all the same with "
                f"--force{lost}"
            )
        if ours:
            clear_up(folder, 0.0)
        if others and not ours:  # what is written over goes first, or it would seem to have been made already
            for name in {*names, LABELS}.intersection(sizes):
                (folder / name).unlink(missing_ok=True)
        (folder / MAKING).write_bytes(f"{said} count={count}\n".encode())  # as it is, on Windows too
    except OSError as error:
        raise _cannot(folder, error) from error
    return {name for name, size in sizes.items() if size} if ours else set()


def _first_line(path: Path) -> str | None:
    """Return the first line of a file, None where there is none."""
    try:
        with path.open("rb") as file:
            return file.readline(1 << 20).decode("utf-8").rstrip("\r\n")
    except (FileNotFoundError, UnicodeDecodeError, IsADirectoryError):
        return None


def _make(maker: Maker, folder: Path, numbers: list[int], names: list[str], jobs: int) -> Iterator[int]:
    """Make files, and yield how many were made each time some were."""
    shares = [numbers[start : start + SHARE] for start in range(0, len(numbers), SHARE)]
    if jobs == 1 or len(numbers) < FEW:
        for share in shares:
            _write_files(maker, folder, share, [names[i] for i in share])
            yield len(share)
        return
    made = json.dumps(maker.options.to_json())
    tasks = ((made, str(folder.absolute()), share, [names[i] for i in share]) for share in shares)
    with Workers(min(jobs, len(shares))) as workers:
        for share, _ in zip(shares, workers.map(write_made, tasks), strict=True):
            yield len(share)


def write_made(made: str, folder: str, numbers: Sequence[int], names: Sequence[str]) -> None:
    """Write examples in a process of their own; ``made`` is what `hornbook.make.registry.maker_of` takes."""
    _write_files(maker_of(made), Path(folder), numbers, names)


def _write_files(maker: Maker, folder: Path, numbers: Sequence[int], names: Sequence[str]) -> None:
    """Write examples into a folder, each there as a whole or not at all."""
    do = "make room or name another folder, and give the command again"
    cannot = partial(cannot_write, folder, do=do)
    for number, name in zip(numbers, names, strict=True):
        write_file(folder / name, maker.file(number, name.rpartition(".")[2]), cannot=cannot)


def _finish(folder: Path, said: str, names: list[str], texts: list[str]) -> None:
    """Write the labels; then nothing is being made any more."""
    lines = [said]
    lines += [
        # Characters that may mean something in a labels file stand in quotes.
        f"{name}\t{text}" if text.isalnum() else f'{name}\t"{text}"'
        for name, text in zip(names, texts, strict=True)
    ]
    write_file(folder / LABELS, "\n".join([*lines, ""]).encode(), cannot=partial(_cannot, folder))
    try:
        with contextlib.suppress(FileNotFoundError):
            (folder / MAKING).unlink()
    except OSError as error:
        raise _cannot(folder, error) from error


def _cannot(folder: Path, error: OSError) -> RunError | DataError:
    if isinstance(error, (NotADirectoryError, FileExistsError)):
        return DataError(f"{folder} is a file: name a folder")
    return cannot_write(folder, error, "make room or name another folder")
