"""Training examples that are made anew as epochs go by, in the background, so that training does not wait for them.

Which block of generated examples an epoch has is a pure function of the epoch, so a run that is continued has the
same ones. While the loop trains on one block, one process makes the next, with the lowest priority that the system
knows. A block lies in the cache while it is in use, where a continued run finds it, and goes when the next one takes
its place; the first one stays.

How many epochs a block should serve depends on how long the making of one takes beside an epoch, for the processor
is the same: see `hornbook.examples.generated.REUSE`.
"""

from __future__ import annotations

import shutil
import threading
import time
import weakref
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from hornbook.columns.base import Array, Column
from hornbook.errors import DataError, HornbookError
from hornbook.examples.encoded import Progress, Rows, encode_heavy, encode_light, silent
from hornbook.examples.generated import Renewal
from hornbook.examples.generated_rows import Stop
from hornbook.examples.parts import JoinedRows
from hornbook.examples.table import Examples

if TYPE_CHECKING:
    from hornbook.examples.prepared import Prepared

LOOK, PATIENCE = 0.1, 0.5
"""Seconds between two looks at a block that is waited for, and until one that is not half done is made anew with
all cores: on a machine that others keep busy, what takes only the time that is left over may never come to an end."""

NEARLY = 0.5
"""The share of a block from which on it is waited for: one process makes the rest as soon as two make all of it."""


class Blocks:
    """The blocks of all generated examples of a table.

    Parameters
    ----------
    progress
        Is told when training has to wait for a block.
    """

    def __init__(self, progress: Progress = silent) -> None:
        self._progress = progress
        self._first: Mapping[str, Rows] = {}
        self._lines: list[_Line] | None = None

    def at(self, prepared: Prepared, epoch: int) -> Prepared:
        """Return prepared examples with the training rows of an epoch, and begin with those that follow.

        Raises
        ------
        DataError
            A later block has what the columns have not learned.
        """
        if self._lines is None:
            self._first = prepared.arrays
            self._lines = [_Line(prepared, renewal) for renewal in prepared.examples.renewals]
        arrays = dict(self._first)
        for line in self._lines:
            number = line.renewal.block(epoch)
            if number:
                for name, rows in line.take(number, self._progress).items():
                    arrays[name] = JoinedRows([arrays[name], rows], line.which, line.place)
            if line.renewal.follows(number):
                line.begin(number + 1)
        return replace(prepared, arrays=arrays)


@dataclass(frozen=True)
class _Encoder:
    """Makes and encodes the blocks of one source."""

    renewal: Renewal
    inputs: Mapping[str, Column]
    targets: Mapping[str, Column]

    def encode(self, number: int, progress: Progress, stop: Stop | None = None) -> _Block:
        from hornbook.examples.prepared import with_sources

        examples = with_sources(self.renewal.examples(number, stop), self.inputs, self.targets)
        block = _Block(number)
        for name, column in {**self.inputs, **self.targets}.items():
            if column.heavy:
                encoded = encode_heavy(examples, column, name, progress)
                if encoded.problems:
                    raise DataError(f"{encoded.problems[0]}; set data.source.reuse to 0")
                block.rows[name] = encoded.rows
                block.folders += [encoded.folder] if encoded.folder else []
            else:
                block.rows[name] = self._light(examples, column, name)
        return block

    def _light(self, examples: Examples, column: Column, name: str) -> Rows:
        cells = examples.column(column.source or name).to_list()
        wrong = column.rejects(cells)
        if wrong:
            raise DataError(
                f"{examples.origin}: {column.why_rejected(cells[wrong[0]], name)}, and those of a later epoch "
                "have it: make the first block larger with data.source.count, or give the column its values"
            )
        return Rows(encode_light(examples, column, name, np.arange(len(cells))))


@dataclass
class _Block:
    """Encoded training rows by column, and where they lie in the cache."""

    number: int
    rows: dict[str, Rows] = field(default_factory=dict)
    folders: list[Path] = field(default_factory=list)

    def forget(self) -> None:
        """Remove it from the cache; rows that are being read stay readable until they are let go."""
        for folder in self.folders:
            shutil.rmtree(folder, ignore_errors=True)


class _Coming:
    """A block that is made in the background."""

    def __init__(self, encoder: _Encoder, number: int) -> None:
        self.number = number
        self.done = 0
        self._stop = Stop()
        self._block: _Block | None = None
        self._error: HornbookError | None = None
        self._thread = threading.Thread(target=self._work, args=(encoder,), daemon=True)
        self._thread.start()

    def _work(self, encoder: _Encoder) -> None:
        try:
            self._block = encoder.encode(self.number, self._tell, self._stop)
        except HornbookError as error:
            self._error = error
        except OSError as error:
            self._error = DataError(f"{error.filename}: {(error.strerror or 'cannot be read').lower()}")

    def _tell(self, what: str, done: int, total: int) -> None:
        self.done = done

    def result(self, progress: Progress, total: int) -> _Block | None:
        """Return the block as soon as it is there, or None where that takes too long."""
        start = time.monotonic()
        while self._thread.is_alive():
            self._thread.join(LOOK)
            if self._thread.is_alive():
                progress("waiting for the next examples", self.done, total)
                waited = time.monotonic() - start
                if waited > PATIENCE and (self.done < NEARLY * total or waited > 40 * PATIENCE):
                    return None
        if self._error is not None:
            raise self._error
        assert self._block is not None, "the thread ends with a block or an error"
        return self._block

    def end(self) -> None:
        """Give up, and clear away what is half made."""
        self._stop.ask()
        self._thread.join(5)


class _Line:
    """The blocks of one source, one after the other, and where their rows stand in the table."""

    def __init__(self, prepared: Prepared, renewal: Renewal) -> None:
        self.renewal = renewal
        self._encoder = _Encoder(renewal, prepared.inputs, prepared.targets)
        cells = prepared.examples.table[next(iter(prepared.examples.stores))]
        mine = cells.str.starts_with(renewal.key).fill_null(False).to_numpy()
        training = np.zeros(len(cells), bool)
        training[prepared.splits["train"]] = True
        mine = mine & training  # a row that is held back stays what it is
        self.which: Array = mine.astype(np.int64)
        self.place: Array = np.arange(len(cells))
        numbers = cells.filter(pl.Series(mine)).str.strip_prefix(renewal.key).cast(pl.Int64)
        self.place[mine] = numbers.to_numpy()
        self._present: _Block | None = None
        self._coming: _Coming | None = None
        self._end: weakref.finalize[..., _Line] | None = None

    def begin(self, number: int) -> None:
        """Begin to make a block in the background, where that has not begun."""
        if self._coming is not None and self._coming.number == number:
            return
        self._give_up()
        self._coming = _Coming(self._encoder, number)
        self._end = weakref.finalize(self, self._coming.end)  # also when the process ends

    def take(self, number: int, progress: Progress) -> Mapping[str, Rows]:
        """Return the encoded rows of a block, by column; made now where nobody makes them already."""
        before = self._present
        if before is not None and before.number == number:
            return before.rows
        found = None
        if self._coming is not None and self._coming.number == number:
            found = self._coming.result(progress, self.renewal.source.count)
        self._give_up()
        self._present = found or self._encoder.encode(number, progress)
        if before is not None:
            before.forget()
        return self._present.rows

    def _give_up(self) -> None:
        """End what is being made; a block that is there already stays in the cache."""
        if self._end is not None:
            self._end()
        self._coming = self._end = None
