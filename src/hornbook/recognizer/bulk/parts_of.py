"""Answers to many files: a table of answers for each, so that a killed run goes on with what is missing.

Work is cut into parts. Each part is written into a file of its own, which appears when it is whole. Parts know nothing
of each other: processes, shards and other machines can do them in any order.
"""

from __future__ import annotations

import functools
import hashlib
import json
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hornbook.common.endings import ending
from hornbook.common.files import clear_up, write_file
from hornbook.common.plaintext import number_of
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, RunError, UsageError
from hornbook.recognizer.recognizer import Recognizer

MARK = ".hornbook.json"
"""Says whose answers a folder has."""

PICTURES = 1000
"""Files without rows of their own, such as pictures, that one table of answers is about."""

NAMED = 2
"""Rows of a table that are named where they cannot be used; of more it is said how many there are."""

SAME = frozenset(["csv", "tsv", "jsonl", "parquet"])
"""Endings of tables whose answers are written as such a table too."""

Told = Callable[[int], None]
"""Is told how many rows were answered since it was told the last time."""


@dataclass(frozen=True)
class Asked:
    """What stands the same for all parts: the recognizer's file, its only characters, and when it abstains."""

    recognizer: str
    alphabet: str | None = None
    abstain: float = 0.0

    def mark(self) -> dict[str, Any]:
        """Return what answers depend on, as JSON types."""
        with Path(self.recognizer).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        return {"recognizer": digest, "alphabet": self.alphabet, "abstain": self.abstain}


@dataclass(frozen=True)
class Part:
    """A piece of the work: what is answered, a table or some files, and the file of its answers."""

    paths: tuple[str, ...]
    out: str
    size: int
    """Bytes of what is read."""
    is_table: bool = True

    @property
    def done(self) -> bool:
        """Whether its answers are there, and not older than what they are about."""
        try:
            written = Path(self.out).stat().st_mtime_ns
            return not self.is_table or written >= Path(self.paths[0]).stat().st_mtime_ns
        except OSError:
            return False


@dataclass(frozen=True)
class Done:
    """What became of a part: how many rows were answered, how many could not be, and what is to be said of it."""

    part: Part
    rows: int
    failures: int
    said: tuple[str, ...] = ()


def table_parts(paths: Sequence[str], out: str) -> list[Part]:
    """Return a part for each table, in the order of their names.

    Parameters
    ----------
    paths
        Tables; those in different folders keep these in ``out``.

    Raises
    ------
    UsageError
        Answers would be written over what is read.
    """
    places = sorted({_place(path) for path in paths})
    base = os.path.commonpath([place.parent for place in places])
    parts = []
    for place in places:
        kind = ending(place.name)
        more = "" if kind in SAME else ".jsonl" if "json" in kind else ".csv"
        goes = _place(out) / f"{place.relative_to(base)}{more}"
        if goes == place:
            raise UsageError(f"--out {shown(out)} is where {shown(place.name)} is read: give another folder")
        parts.append(Part((str(place),), str(goes), _size(place)))
    return parts


def file_parts(paths: Sequence[str], out: str) -> list[Part]:
    """Return a part for each thousand files that have no rows, such as pictures, in the order given."""
    paths = [str(_place(path)) for path in paths]
    pieces = [tuple(paths[at : at + PICTURES]) for at in range(0, len(paths), PICTURES)]
    names = (f"answers-{i:05}-of-{len(pieces):05}.csv" for i in range(1, len(pieces) + 1))
    return [
        Part(piece, str(_place(out) / name), sum(map(_size, piece)), False)
        for piece, name in zip(pieces, names, strict=True)
    ]


def _place(path: str) -> Path:
    """Return a path from the root on: parts may be answered anywhere."""
    return Path(os.path.normpath(Path(path).absolute()))


def _size(path: str | Path) -> int:
    try:
        return Path(path).stat().st_size
    except (OSError, ValueError):
        return 0


def shard_of(parts: Sequence[Part], shard: str) -> list[Part]:
    """Return every n-th part from the i-th on, for the shard ``i/n``.

    >>> [p.out for p in shard_of([Part((), name, 0) for name in "abcde"], "2/3")]
    ['b', 'e']
    """
    first, _, count = shard.partition("/")
    if not (first.isdecimal() and count.isdecimal() and 1 <= int(first) <= int(count)):
        raise UsageError(
            f"--shard {shard} is none: give which one and of how many, from 1/8 to 8/8 for eight"
        )
    return list(parts[int(first) - 1 :: int(count)])


def begin(asked: Asked, parts: Sequence[Part], out: str) -> None:
    """Mark a folder as that of these answers.

    Raises
    ------
    UsageError
        It has answers of another recognizer, to other files, or files of the same names that are of something else.
    """
    names = [] if all(part.is_table for part in parts) else [path for part in parts for path in part.paths]
    digest = hashlib.sha256("\0".join(names).encode("utf-8", "surrogateescape"))
    mine = {**asked.mark(), "files": digest.hexdigest() if names else None}
    place = Path(out) / MARK
    try:
        theirs = json.loads(place.read_text("utf-8"))
    except FileNotFoundError:
        there = next((part.out for part in parts if os.path.lexists(part.out)), None)
        if there is not None:
            raise UsageError(
                f"--out {shown(out)}: {shown(there)} is there, and nothing says that it holds answers: give another "
                "folder"
            ) from None
        write_file(place, json.dumps(mine).encode(), do="give another folder with --out")
        return
    except (OSError, ValueError):
        theirs = None
    if theirs != mine:
        what = {"recognizer": "of another recognizer", "files": "to other files, or more or fewer of them"}
        other = next((k for k in mine if not isinstance(theirs, Mapping) or theirs.get(k) != mine[k]), "")
        said = what.get(other, f"with another --{other}")
        raise UsageError(
            f"--out {shown(out)} holds answers {said}: give another folder, or remove this one to begin again"
        )
    clear_up(Path(out))


@functools.lru_cache(maxsize=1)
def _reader(path: str, alphabet: str | None, threads: int) -> Recognizer:
    """Return the recognizer of this process, loaded once for all its parts."""
    reader = Recognizer(path, threads)
    return reader if alphabet is None else reader.restricted(alphabet)


def answer(asked: Asked, part: Part, told: Told = lambda rows: None) -> Done:
    """Answer a part and write its table, unless another process does so."""
    reader = _reader(asked.recognizer, asked.alphabet, 1)
    try:
        done = _table if part.is_table else _files
        return done(reader, part, asked.abstain, told)
    except DataError as error:  # of the whole file; the others are answered all the same
        return Done(part, 0, 1, (str(error),))


def _table(reader: Recognizer, part: Part, abstain: float, told: Told) -> Done:
    from hornbook.recognizer.bulk.answer_writer import AnswerWriter
    from hornbook.recognizer.bulk.cells import answered_rows

    (path,) = part.paths
    said: list[str] = []
    wrong = rows = 0
    with AnswerWriter(part.out, reader.targets, part.paths, said.append) as writer:
        for block in answered_rows(reader, path, abstain, writer.lists):
            writer.write(block.table, block.cells, path)
            named = sorted(block.wrong)[: max(0, NAMED - wrong)]
            said += [f"{shown(path)} row {row}: {block.wrong[row]}" for row in named]
            wrong += len(block.wrong)
            rows += block.table.height
            told(block.table.height)
    if not rows:
        return Done(part, 0, 1, (f"{shown(path)}: there is not one row to predict",))
    if wrong > NAMED:
        said.append(f"{shown(path)}: {number_of(wrong - NAMED, 'more row')} cannot be used")
    return Done(part, rows - wrong, wrong, tuple(said))


def _files(reader: Recognizer, part: Part, abstain: float, told: Told) -> Done:
    from hornbook.recognizer.file_tables import FilesWriter
    from hornbook.recognizer.files import given_files

    said: list[str] = []
    good = wrong = 0
    written = FilesWriter(part.out, reader.targets, (), said.append)
    with written.writer:
        for given in given_files(reader, part.paths):
            for found in reader.predict_each(given.values, 1, abstain):
                written.add(found, given)
                if isinstance(found, DataError):
                    said.append(str(found))
                    wrong += 1
                else:
                    good += 1
                told(1)
    return Done(part, good, wrong, tuple(said))


def answer_all(asked: Asked, parts: Sequence[Part], jobs: int, told: Told) -> Iterator[Done]:
    """Answer parts in this process, or in several, and yield what became of each; in no order.

    Raises
    ------
    RunError
        A process was killed, or an answer cannot be written.
    """
    if jobs == 1:
        for part in parts:
            yield answer(asked, part, told)
        return
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor, as_completed
    from concurrent.futures.process import BrokenProcessPool

    several = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(min(jobs, max(len(parts), 1)), several, _alone)
    whole = False
    try:
        for future in as_completed([pool.submit(answer, asked, part) for part in parts]):
            done = future.result()
            told(done.rows + done.failures)
            yield done
        whole = True
    except BrokenProcessPool:
        raise RunError(
            "a process that answered was killed, perhaps because memory was short: give the same command again to "
            "go on, with fewer --jobs"
        ) from None
    finally:
        for process in multiprocessing.active_children() if not whole else ():
            process.terminate()
        pool.shutdown(cancel_futures=True)


def _alone() -> None:
    """Let Ctrl-C end a process of the pool at once: whoever started it says what there is to say."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_DFL)
