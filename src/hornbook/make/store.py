"""The values of a generated column: made one by one where they are looked at, by processes where all are wanted."""

from __future__ import annotations

import base64
import contextlib
import hashlib
import json
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
import polars as pl

from hornbook.columns.base import Array, Column
from hornbook.common.progress import Reading
from hornbook.examples.examples import Examples
from hornbook.examples.facts import FACTS
from hornbook.examples.stores import Problem, Store
from hornbook.make.captcha import package_version
from hornbook.make.encode import write_encoded
from hornbook.make.maker import MakeOptions, Maker
from hornbook.make.workers import Workers, cores

SHARE = 128
"""Examples of one task of a process: a fifth of a second for pictures."""


@dataclass(frozen=True)
class MadeStore(Store):
    """Made examples of one stream; a name is an example's number.

    The rows of a column are made by a ``pool`` of processes that is there already, or by so many ``workers`` that are
    started for it; 0 is one for each core.
    """

    made: MakeOptions
    workers: int = 0
    pool: Workers | None = field(default=None, compare=False)

    @cached_property
    def maker(self) -> Maker:
        """What makes the examples."""
        return self.made.maker()

    def examples(self, numbers: range, key: str = "") -> Examples:
        """Return the table of the examples of these numbers; ``key`` stands before their names."""
        texts = pl.Series([self.maker.text(number) for number in numbers], dtype=pl.String)
        names = key + pl.Series(np.arange(numbers.start, numbers.stop)).cast(pl.String)
        origin = f"generated {self.made.kind}"
        if self.made.in_cells:
            said = pl.Series([self.maker.value(number) for number in numbers], dtype=pl.String)
            cells = {self.made.names: names, self.made.column: said, self.made.answer: texts}
            return Examples(pl.DataFrame(cells), {}, origin)
        table = pl.DataFrame({self.made.column: names, self.made.answer: texts})
        return Examples(table, {self.made.column: self}, origin)

    def load(self, name: str) -> bytes | str | Array:
        """Make one example."""
        return self.maker.value(int(name))

    def longest(self, names: Collection[str]) -> Iterator[bytes | str | Array]:
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
        setup = json.dumps(self.made.to_json()), column.to_json(), str(file.absolute())
        tasks = []
        for run in np.split(np.arange(len(numbers)), breaks):
            for start in range(0, len(run), SHARE):
                rows = run[start : start + SHARE]
                first, last = int(numbers[rows[0]]), int(numbers[rows[-1]])
                tasks.append((*setup, offset + int(rows[0]) * size, first, last))
        facts, problems, done = [], [], 0
        with contextlib.ExitStack() as stack:
            workers = self.pool or stack.enter_context(Workers(self.workers or cores()))
            for packed, wrong in workers.map(write_encoded, tasks):
                facts.append(np.frombuffer(base64.b64decode(packed), FACTS))
                problems += [Problem(*problem) for problem in wrong]
                done += len(facts[-1])
                progress("making", done, len(numbers))
        return np.concatenate(facts) if facts else np.zeros(0, FACTS), problems
