"""Training examples that are made anew as epochs go by, in the background, so that training does not wait for them.

In every epoch, one example in ``reuse`` is replaced, so that each serves ``reuse`` epochs. Which examples an epoch has
is a pure function of its number, so a continued run has the same ones. While the loop trains on one epoch, processes of
the lowest priority make the examples of the next. Where these are late, the loop waits and the processes have all
cores. Where other programs keep the cores busy, the examples are made once more with the loop's priority. What is in
use lies in the cache, where a continued run finds it, and is removed when it is replaced. The first examples stay.
"""

from __future__ import annotations

import shutil
import threading
import time
import weakref
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import polars as pl

from hornbook.columns.base import Array, Column
from hornbook.common.files import reason
from hornbook.common.progress import Reading
from hornbook.errors import DataError, HornbookError, RunError
from hornbook.examples.align import with_sources
from hornbook.examples.encode import encode_heavy, encode_light
from hornbook.examples.examples import Examples
from hornbook.examples.rows import IN_MEMORY, ROWS, JoinedRows, Rows
from hornbook.make.maker import MakeOptions
from hornbook.make.store import MadeStore
from hornbook.make.workers import Workers, cores

Columns = Mapping[str, Column]

LOOK, PATIENCE = 0.1, 2.0
"""Seconds between two looks at what is waited for, and seconds until its progress is judged."""

SHARE = 0.25
"""The share of one core's time that the processes must get while the loop waits for them. On a busy machine, work of
the lowest priority may never end."""


@dataclass(frozen=True)
class MadeRefresh:
    """Training examples of a table that others take the places of as epochs go by.

    Attributes
    ----------
    made
        What they are.
    count
        How many there are in an epoch.
    reuse
        Epochs that each serves.
    key
        What their names in the table begin with; the number follows.
    epochs
        Of the whole training, so that nothing is made that nobody needs; 0 where that is not known.
    """

    made: MakeOptions
    count: int
    reuse: int
    key: str = "train/"
    epochs: int = 0

    def under(self, key: str) -> MadeRefresh:
        """Return it for a table in which ``key`` stands before the names of its rows."""
        return replace(self, key=key + self.key)

    def lasting(self, epochs: int) -> MadeRefresh:
        """Return it for a training of so many epochs."""
        return replace(self, epochs=epochs)

    def start(self, examples: Examples, inputs: Columns, targets: Columns, rows: Array) -> MadeRows:
        """Return its training rows of a table; ``rows`` are the numbers of all training rows."""
        return MadeRows(self, examples, inputs, targets, rows)

    def rows(self, epoch: int) -> range:
        """Return the examples of the first epoch (0) whose places are taken by what an epoch brings."""
        part = (epoch - 1) % self.reuse
        return range(part * self.count // self.reuse, (part + 1) * self.count // self.reuse)

    def present(self, epoch: int) -> list[int]:
        """Return the epochs that brought the examples of an epoch, but for those that were there from the first."""
        since = range(max(1, epoch - self.reuse + 1), epoch + 1)
        return [number for number in since if self.rows(number)]

    def follows(self, epoch: int) -> bool:
        """Return whether there are others in the epoch after this one, or in a later one."""
        return not 0 < self.epochs <= epoch + 1

    def examples(self, epoch: int, pool: Workers | None = None) -> Examples:
        """Return what an epoch brings, in the order of those whose places it takes."""
        rows = self.rows(epoch)
        first = ((epoch - 1) // self.reuse + 1) * self.count
        return MadeStore(self.made, pool=pool).examples(range(first + rows.start, first + rows.stop))


@dataclass
class _Piece:
    """What an epoch brings: encoded rows by column, and where they lie in the cache."""

    rows: dict[str, Rows] = field(default_factory=dict)
    folders: list[Path] = field(default_factory=list)

    def forget(self) -> None:
        """Remove it from the cache; rows that are being read stay readable until they are let go."""
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)


@dataclass(frozen=True)
class _Encoder:
    """Makes and encodes what epochs bring, of one source."""

    refresh: MadeRefresh
    inputs: Columns
    targets: Columns

    def encode(self, epoch: int, progress: Reading, pool: Workers) -> _Piece:
        examples = with_sources(self.refresh.examples(epoch, pool), self.inputs, self.targets)
        piece = _Piece()
        for name, column in {**self.inputs, **self.targets}.items():
            if column.heavy:
                encoded = encode_heavy(examples, column, name, progress)
                if encoded.problems:
                    raise DataError(f"{encoded.problems[0]}; set data.source.reuse to 0")
                assert encoded.folder is not None, "what is generated has no parts"
                # As many pieces as epochs are in use at once: all of them may have in memory what one file may.
                piece.rows[name] = Rows(encoded.folder / ROWS, IN_MEMORY // self.refresh.reuse)
                piece.folders.append(encoded.folder)
            else:
                piece.rows[name] = self._light(examples, column, name)
        return piece

    def _light(self, examples: Examples, column: Column, name: str) -> Rows:
        cells = examples.column(column.source or name).to_list()
        wrong = column.rejects(cells)
        if wrong:
            raise DataError(
                f"{examples.origin}: {column.why_rejected(cells[wrong[0]], name)}, and those of a later epoch "
                "have it: make the first ones more with data.source.count, or give the column its values"
            )
        return Rows(encode_light(examples, column, name, np.arange(len(cells))))


class _Coming:
    """What an epoch will bring, made in the background."""

    def __init__(self, encoder: _Encoder, epoch: int, pool: Workers) -> None:
        self.epoch, self.pool = epoch, pool
        self._done = 0
        self._found: Future[_Piece] = Future()
        self._thread = threading.Thread(target=self._work, args=(encoder,), daemon=True)
        self._thread.start()

    def _work(self, encoder: _Encoder) -> None:
        try:
            self._found.set_result(encoder.encode(self.epoch, self._tell, self.pool))
        except HornbookError as error:
            self._found.set_exception(error)
        except MemoryError:
            said = "there is not enough memory for the next examples: use a smaller data.source.count"
            self._found.set_exception(RunError(said))
        except OSError as error:
            self._found.set_exception(DataError(f"{error.filename}: {reason(error)}"))

    def _tell(self, what: str, done: int, total: int) -> None:
        self._done = done

    def result(self, progress: Reading, total: int) -> _Piece | None:
        """Return it as soon as it is there, or None where the processes hardly get to work."""
        begin, before = time.monotonic(), self.pool.worked
        while self._thread.is_alive():
            self._thread.join(LOOK)
            if self._thread.is_alive():
                progress("waiting for the next examples", self._done, total)
                # A task is counted when it is done.
                seconds, patience = time.monotonic() - begin, max(PATIENCE, 4 * self.pool.longest)
                if seconds > patience and self._done < total:
                    if self.pool.worked - before < SHARE * seconds:
                        return None
                    begin, before = time.monotonic(), self.pool.worked
        progress("waiting for the next examples", total, total)
        return self._found.result(0)

    def end(self) -> None:
        """Give up, and clear away what is half made; what is there already stays in the cache."""
        self.pool.close()
        if self._thread is not threading.current_thread():
            self._thread.join(5)


class MadeRows:
    """The training rows of a `MadeRefresh`: where they stand in the table, and what they are in an epoch."""

    def __init__(
        self, refresh: MadeRefresh, examples: Examples, inputs: Columns, targets: Columns, rows: Array
    ) -> None:
        self.refresh = refresh
        self._encoder = _Encoder(refresh, inputs, targets)
        cells = examples.table[next(iter(examples.stores), refresh.made.names)]
        mine = cells.str.starts_with(refresh.key).fill_null(False).to_numpy()
        training = np.zeros(len(cells), bool)
        training[rows] = True
        mine = mine & training  # a row that is held back stays what it is
        self._rows: Array = np.flatnonzero(mine)
        numbers = cells.filter(pl.Series(mine)).str.strip_prefix(refresh.key).cast(pl.Int64)
        self._numbers: Array = numbers.to_numpy()
        self._which: Array = np.zeros(len(cells), np.int64)
        self._place: Array = np.arange(len(cells))
        self._pieces: dict[int, _Piece] = {}
        self._coming: _Coming | None = None
        self._end: weakref.finalize[..., MadeRows] | None = None

    def count(self, epoch: int) -> int:
        """Return how many rows have something new in an epoch."""
        return int(self._here(epoch).sum())

    def joined(self, name: str, first: Rows) -> Rows:
        """Return the rows of a column: the first ones, with those in their places that came since."""
        if not self._pieces:
            return first
        return JoinedRows([first, *(p.rows[name] for p in self._pieces.values())], self._which, self._place)

    def move(self, epoch: int, progress: Reading) -> None:
        """Have the examples of an epoch, and begin to make what the next one brings.

        Raises
        ------
        DataError
            Later examples have what the columns have not learned.
        """
        wanted = self.refresh.present(epoch)
        missing = [number for number in wanted if number not in self._pieces]
        pool = None
        if self._coming is not None and missing == [self._coming.epoch]:
            found = self._coming.result(progress, len(self.refresh.rows(missing[0])))
            if found is not None:
                self._pieces[missing.pop()] = found
                pool = self._kept_pool()
        if missing:
            self.end()
            with Workers(cores()) as quick:
                for number in missing:
                    self._pieces[number] = self._encoder.encode(number, progress, quick)
        for number in set(self._pieces) - set(wanted):
            self._pieces.pop(number).forget()
        self._arrange()
        if self._coming is not None and self._coming.epoch != epoch + 1:
            self.end()
        if not (self.refresh.follows(epoch) and self.refresh.rows(epoch + 1)):
            self.end()
            if pool is not None:
                pool.close()
        elif self._coming is None:
            self._coming = _Coming(self._encoder, epoch + 1, pool or Workers(cores(), idle=True))
            self._end = weakref.finalize(self, self._coming.end)  # also when the process ends

    def _arrange(self) -> None:
        """Say for each row of the table which piece it is in, and where."""
        self._which, self._place = np.zeros_like(self._which), np.arange(len(self._place))
        for which, number in enumerate(self._pieces, start=1):
            here = self._here(number)
            self._which[self._rows[here]] = which
            self._place[self._rows[here]] = self._numbers[here] - self.refresh.rows(number).start

    def _here(self, epoch: int) -> Array:
        """Return which of its rows have something new in an epoch, a mask."""
        part = self.refresh.rows(epoch)
        here: Array = (self._numbers >= part.start) & (self._numbers < part.stop)
        return here

    def _kept_pool(self) -> Workers:
        """Let go of what has come, and return the processes that made it."""
        assert self._coming is not None and self._end is not None
        pool = self._coming.pool
        self._end.detach()
        self._coming = self._end = None
        return pool

    def end(self) -> None:
        """End what is being made."""
        if self._end is not None:
            self._end()
        self._coming = self._end = None
