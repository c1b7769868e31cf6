"""Encoding examples once, to arrays that training and the checks read again and again.

A heavy column (files are opened) is encoded to a ``.npy`` file under a cache keyed by what was read and how,
with a table of facts beside it: the size and mode each picture came with and a hash of its content. A second
run starts at once, and a set larger than memory works, because rows are gathered from the file as they are
needed. Light columns (numbers, classes) are encoded in memory each time.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import math
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import polars as pl

from hornbook.columns.base import Array, Column
from hornbook.common.cache_folder import cache_dir, cannot_keep
from hornbook.common.progress import Reading, silent
from hornbook.common.safe_names import shown
from hornbook.errors import DataError
from hornbook.examples.cache import MAKING, prune
from hornbook.examples.examples import Examples
from hornbook.examples.facts import FACTS, encode_value
from hornbook.examples.parts_store import places
from hornbook.examples.rows import IN_MEMORY, ROWS, JoinedRows, Rows, read_npy, write_header
from hornbook.examples.stores import CellStore, Problem, Store

VERSION = 7
"""Part of every cache key: raise it when the same options encode to other bytes."""

CHUNK = 256

CELLS = CellStore()

TRIED, QUICK = 4, 1e-3
"""So many rows of a chunk are timed. Where a row takes fewer seconds than `QUICK`, one thread encodes them all:
several would wait for each other (of small PNGs, two threads did half as many as one: 0.38 ms each, not 0.19)."""

LARGEST_FILE = 1 << 30


@dataclass(frozen=True)
class HeavyColumn:
    """A heavy column encoded on disk; one that is encoded in parts has no ``folder`` of its own."""

    rows: Rows
    facts: Array
    problems: tuple[Problem, ...]
    fingerprint: str
    folder: Path | None = None

    @classmethod
    def load(cls, folder: Path, count: int, column: Column) -> HeavyColumn:
        """Return what a folder holds; ValueError where that is not so many rows of the column."""
        rows, facts = Rows(folder / ROWS), read_npy(folder / "facts.npy")
        said = json.loads((folder / "problems.json").read_text("utf-8"))
        wanted = ((count, *column.shape), column.dtype, (count,), FACTS)
        if (rows.shape, rows.dtype, facts.shape, facts.dtype) != wanted:
            raise ValueError("the cache is of other rows")
        problems = tuple(Problem(name, message) for name, message in said["problems"])
        return cls(rows, facts, problems, said["fingerprint"], folder)


def encode_heavy(examples: Examples, column: Column, name: str, progress: Reading = silent) -> HeavyColumn:
    """Return a heavy column encoded, from the cache where it is there.

    An example that cannot be encoded is a row of zeros, marked ``bad`` in the facts, and a `Problem`.

    Raises
    ------
    DataError
        The column is missing, or the cache cannot be written.
    """
    source = column.source or name
    cells = _names(examples, source)
    options = {k: v for k, v in column.options().items() if k != "from"} | column.encodes_by()
    store = examples.store(source)
    if parts := store.parts():
        return encode_parts(examples, column, name, parts, progress)
    key = hashlib.blake2b(digest_size=16)
    key.update(json.dumps([VERSION, _makers(column), options], sort_keys=True).encode())
    names = cells.to_list()
    for start in range(0, len(names), 65536):
        key.update("\0".join(map(str, names[start : start + 65536])).encode("utf-8", "surrogatepass"))
    key.update(store.fingerprint(names).encode())
    del names
    root = cache_dir() / "encoded"
    folder = root / key.hexdigest()
    found = _found(folder, len(cells), column)
    if found is not None:
        return found
    try:
        root.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=MAKING, dir=root))
        try:
            _write(examples, column, source, made, progress)
            found = _publish(made, folder, len(cells), column)
        finally:
            shutil.rmtree(made, ignore_errors=True)
        prune()
        return found
    except OSError as error:
        raise cannot_keep(root, error) from error


def _found(folder: Path, rows: int, column: Column) -> HeavyColumn | None:
    """Return what a folder of the cache holds; None where it is not there, or damaged."""
    try:
        found = HeavyColumn.load(folder, rows, column)
        with contextlib.suppress(PermissionError):  # made by another person with the same cache
            folder.touch()
    except (OSError, ValueError, KeyError, TypeError, EOFError, RecursionError):
        return None
    return found


def _publish(made: Path, folder: Path, rows: int, column: Column) -> HeavyColumn:
    """Rename the folder that was made; use that of another process where it was quicker."""
    found = _found(folder, rows, column)
    if found is not None:
        return found
    if folder.exists():
        shutil.rmtree(folder, ignore_errors=True)
    made.chmod(stat.S_IMODE(made.parent.stat().st_mode))  # a temporary folder is its maker's alone
    try:
        made.replace(folder)
    except OSError:
        found = _found(folder, rows, column)
        if found is None:
            raise
        return found
    return HeavyColumn.load(folder, rows, column)


def _names(examples: Examples, source: str) -> pl.Series:
    """Return the cells of a heavy column; where there is none, an empty name."""
    cells = examples.column(source)
    return cells.fill_null("") if cells.dtype == pl.String else cells


def _makers(column: Column) -> list[str]:
    """Return the versions of what encodes: another one may give other bytes."""
    names = ["numpy", "pillow", "opencv-python-headless"]
    names += [name for name in column.encoded_by if find_spec(name)]
    return [f"{name} {version(name)}" for name in names]


def _note(folder: Path, facts: Array, problems: Sequence[Problem]) -> None:
    """Write what is known of the rows beside them, and a hash of all their contents."""
    np.save(folder / "facts.npy", facts)
    digest = hashlib.blake2b(np.ascontiguousarray(facts["content"]).tobytes(), digest_size=16)
    said = {"fingerprint": digest.hexdigest(), "problems": [[p.name, p.message] for p in problems]}
    (folder / "problems.json").write_text(json.dumps(said), "utf-8", errors="surrogatepass")


def _write(examples: Examples, column: Column, source: str, folder: Path, progress: Reading) -> None:
    """Encode all rows into the files of a folder."""
    names, store = _names(examples, source), examples.store(source)
    path = folder / ROWS
    with path.open("wb") as out:
        write_header(out, (len(names), *column.shape), column.dtype)
        offset = out.tell()
    written = store.write_rows(column, names.to_list(), path, offset, progress)
    with path.open("rb+") as out:
        out.seek(0, os.SEEK_END)
        facts, problems = written or _write_chunks(out, column, names, store, progress)
        out.flush()
        os.fsync(out.fileno())
    _note(folder, facts, problems)


def _write_chunks(
    out: BinaryIO, column: Column, cells: pl.Series, store: Store, progress: Reading
) -> tuple[Array, list[Problem]]:
    """Encode all rows chunk by chunk, straight into a file; return what is known of each, and the problems."""
    total = len(cells)
    facts = np.zeros(total, FACTS)
    problems: list[Problem] = []
    at_once = max(1, min(CHUNK, IN_MEMORY // max(column.dtype.itemsize * math.prod(column.shape), 1)))
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for start in range(0, total, at_once):
            names = cells[start : start + at_once].to_list()
            part = facts[start : start + at_once]
            chunk = store.chunk(names)
            block = None if chunk is None else encode_block(column, chunk, part)
            if block is None:
                block = np.zeros((len(names), *column.shape), column.dtype)
                values = names if chunk is None else list(chunk)
                encode = partial(_encode_one, column, CELLS if chunk is not None else store, part, block)
                called = [shown(n) or f"row {start + i + 1}" for i, n in enumerate(names)]
                problems += _each(encode, list(zip(values, called, strict=True)), pool)
            out.write(np.ascontiguousarray(block).data)
            progress("reading", min(start + at_once, total), total)
    return facts, problems


def _each(
    encode: Callable[[int, Any, str], Problem | None], rows: list[tuple[Any, str]], pool: Executor
) -> list[Problem]:
    """Encode each value in its place, with several threads where values take long; each has a name for messages."""
    found, begin, at = [], time.perf_counter(), 0
    while at < len(rows) and (at < TRIED or time.perf_counter() - begin < at * QUICK):
        found.append(encode(at, *rows[at]))
        at += 1
    jobs = [pool.submit(encode, i, *rows[i]) for i in range(at, len(rows))]
    return [problem for problem in (*found, *(job.result() for job in jobs)) if problem is not None]


def encode_block(column: Column, chunk: Array, facts: Array) -> Array | None:
    """Encode many arrays at once where the column can (pictures that have the right form already), else None."""
    block = column.encode_block(chunk)
    if block is None:
        return None
    height_width = chunk.shape[1:3] if chunk.ndim >= 3 else (1, 1)
    facts["height"], facts["width"] = height_width
    facts["mode"] = b"L" if chunk.ndim == 3 else b"RGB"
    facts["frames"] = facts["things"] = 1
    for i, row in enumerate(chunk):
        facts["content"][i] = hashlib.blake2b(np.ascontiguousarray(row).data, digest_size=16).digest()
    return block


def _encode_one(
    column: Column, store: Store, facts: Array, block: Array, at: int, value: Any, name: str
) -> Problem | None:
    """Encode one value into its place; return the problem where it cannot be."""
    try:
        if isinstance(value, str) and not value:
            raise DataError(f"{name} names no file; it is left out")
        value = store.load(value)
        if isinstance(value, str):
            # Of a long sound only what is kept is read, so it is not read whole.
            value = _read(value, IN_MEMORY if column.varying else LARGEST_FILE)
        encode_value(column, value, name, facts, at, block)
    except DataError as error:
        facts["bad"][at] = True
        return Problem(name, str(error))
    except MemoryError:  # which may pass: what was made until now is not kept
        raise DataError(
            f"{name}: there is not enough memory for it; make it smaller, or take it out"
        ) from None
    return None


def _read(path: str, most: int) -> bytes | str:
    """Return a file's bytes. A file that is larger or cannot be read is returned as its path: the column says why."""
    try:
        file = os.open(path, os.O_RDONLY | getattr(os, "O_BINARY", 0))
    except (OSError, ValueError):
        return path
    try:  # by plain calls of the system: a sixth of the time of pathlib
        size = os.fstat(file).st_size
        if size > most:
            return path
        data = os.read(file, size + 1)
        while len(data) < size and (more := os.read(file, size - len(data))):
            data += more
        return data
    except OSError:
        return path
    finally:
        os.close(file)


def encode_light(examples: Examples, column: Column, name: str, rows: Sequence[int] | Array) -> Array:
    """Encode the cells of a light column at these rows in memory."""
    source = column.source or name
    cells = examples.column(source)
    if len(rows) < len(cells):
        cells = cells.gather(np.asarray(rows, np.int64))
    found = column.encode_series(cells)
    return column.encode_many(cells.to_list(), _Cells(examples, source, rows)) if found is None else found


class _Cells(Sequence[str]):
    """What the cells of a column are called in messages, made when one is asked for."""

    def __init__(self, examples: Examples, source: str, rows: Sequence[int] | Array) -> None:
        self.examples, self.source, self.rows = examples, source, rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return [self[i] for i in range(len(self))[at]]
        origin = f"{self.examples.origin}, " if self.examples.origin else ""
        return f"{origin}{self.examples.name(int(self.rows[at]))}, column {self.source!r}"


def encode_parts(
    examples: Examples,
    column: Column,
    name: str,
    parts: Sequence[tuple[str, Store]],
    progress: Reading = silent,
) -> HeavyColumn:
    """Return a heavy column of several stores encoded, each part by itself, from the cache where it is there.

    The pictures of a folder are then encoded once, whatever they are mixed with, and training examples can be made
    anew while the others stay.
    """
    source = column.source or name
    cells = examples.column(source)
    which = places(parts, cells)
    place, facts = np.zeros(len(cells), np.int64), np.zeros(len(cells), FACTS)
    digest = hashlib.blake2b(which.astype(np.uint16).tobytes(), digest_size=16)
    encoded: list[Rows] = []
    problems: list[Problem] = []
    for i, (key, store) in enumerate(parts):
        here = np.flatnonzero(which == i)
        table = pl.DataFrame({source: cells.gather(here).str.strip_prefix(key)})
        part = encode_heavy(Examples(table, {source: store}, examples.origin), column, name, progress)
        place[here], facts[here] = np.arange(len(here)), part.facts
        encoded.append(part.rows)
        problems += [Problem(key + p.name, p.message) for p in part.problems]
        digest.update(part.fingerprint.encode())
    return HeavyColumn(JoinedRows(encoded, which, place), facts, tuple(problems), digest.hexdigest())
