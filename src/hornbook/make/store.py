"""The values of a generated column: made one by one where they are looked at, by processes where all are wanted."""

from __future__ import annotations

import contextlib
import hashlib
import json
import threading
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from hornbook.columns.base import Array, Column
from hornbook.common.progress import Reading
from hornbook.errors import RunError
from hornbook.examples.examples import Examples
from hornbook.examples.facts import FACTS
from hornbook.examples.stores import Problem, Store
from hornbook.make.captcha import package_version
from hornbook.make.maker import MakeOptions, Maker
from hornbook.make.workers import Workers, cores

SHARE = 128
"""Examples of one task of a process: a fifth of a second for pictures."""

WORKER = "hornbook.make.encode_worker"


class Pool:
    """Processes that make examples, kept from one column, and from one epoch, to the next.

    Parameters
    ----------
    idle
        Whether they take only the time that is left over.
    """

    def __init__(self, idle: bool = False) -> None:
        self._idle = idle
        self._lock = threading.RLock()  # it may be closed by the garbage collector, wherever that comes
        self._all: dict[str, Workers] = {}
        self._closed = False

    def workers(self, setup: Mapping[str, Any]) -> Workers:
        """Return the processes that were told this first, one for each core."""
        with self._lock:
            if self._closed:
                raise RunError("the making of examples was stopped: give the same command again")
            key = json.dumps(setup, sort_keys=True)
            if key not in self._all:
                self._all[key] = Workers(WORKER, setup, cores(), self._idle)
            return self._all[key]

    @property
    def worked(self) -> float:
        """Seconds of a processor that the tasks done so far took."""
        with self._lock:
            return sum(workers.worked for workers in self._all.values())

    @property
    def longest(self) -> float:
        """Seconds of a processor that the longest task so far took."""
        with self._lock:
            return max((workers.longest for workers in self._all.values()), default=0.0)

    def close(self) -> None:
        """End them all; what they were doing is lost."""
        with self._lock:
            self._closed = True
            for workers in self._all.values():
                workers.close()

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


@dataclass(frozen=True)
class MadeStore(Store):
    """Made examples of one stream; a name is an example's number.

    Parameters
    ----------
    made
        What is made.
    workers
        Processes that make the rows of a column; 0 is one for each core.
    pool
        Processes that are there already.
    """

    made: MakeOptions
    workers: int = 0
    pool: Pool | None = field(default=None, compare=False)

    @cached_property
    def maker(self) -> Maker:
        """What makes the examples."""
        return self.made.maker()

    def examples(self, numbers: range, key: str = "") -> Examples:
        """Return the table of the examples of these numbers; ``key`` stands before their names."""
        texts = pl.Series([self.maker.text(number) for number in numbers], dtype=pl.String)
        names = key + pl.Series(np.arange(numbers.start, numbers.stop)).cast(pl.String)
        table = pl.DataFrame({self.made.column: names, "label": texts})
        return Examples(table, {self.made.column: self}, f"generated {self.made.kind}")

    def load(self, name: str) -> bytes | Array:
        """Make one example."""
        return self.maker.value(int(name))

    def longest(self, names: Collection[str]) -> Iterator[bytes | Array]:
        """Yield a value that is at least as long as any example, where examples differ in length."""
        longest = self.maker.longest()
        if longest is not None:
            yield longest

    def fingerprint(self, names: Collection[str]) -> str:
        """Return a hash of all that the examples depend on: options, fonts or voices, and who draws."""
        options = self.made.to_json()
        files = [Path(font) for font in options.pop("fonts", ())]
        voices = options.pop("voices", "")
        if voices:
            files += sorted(Path(voices).glob("?/*.wav"))
        digest = hashlib.blake2b(digest_size=16)
        digest.update(json.dumps([options, package_version()], sort_keys=True).encode())
        for file in files:
            digest.update(
                f"{file.parent.name if voices else ''}/{file.name}".encode("utf-8", "surrogatepass")
            )
            digest.update(hashlib.blake2b(file.read_bytes(), digest_size=16).digest())
        return digest.hexdigest()

    def write_rows(
        self, column: Column, names: Sequence[str], file: Path, offset: int, progress: Reading
    ) -> tuple[Array, list[Problem]]:
        """Make and encode examples in processes, which write into the file."""
        numbers = np.array(names, dtype=np.int64)
        breaks = np.flatnonzero(np.diff(numbers) != 1) + 1
        size = int(np.prod(column.shape)) * column.dtype.itemsize
        tasks = []
        for run in np.split(np.arange(len(numbers)), breaks):
            for start in range(0, len(run), SHARE):
                rows = run[start : start + SHARE]
                first, last = int(numbers[rows[0]]), int(numbers[rows[-1]])
                place = offset + int(rows[0]) * size
                tasks.append({"file": str(file.absolute()), "offset": place, "numbers": [first, last + 1]})
        setup = {"make": self.made.to_json(), "column": column.to_json()}
        facts, problems, done = [], [], 0
        with contextlib.ExitStack() as stack:
            workers = (
                stack.enter_context(Workers(WORKER, setup, self.workers or cores()))
                if self.pool is None
                else self.pool.workers(setup)
            )
            for head, data in workers.map(tasks):
                facts.append(np.frombuffer(data, FACTS))
                problems += [Problem(*problem) for problem in head["problems"]]
                done += len(facts[-1])
                progress("making", done, len(numbers))
        return np.concatenate(facts) if facts else np.zeros(0, FACTS), problems
