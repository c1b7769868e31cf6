"""Files of tables that are written some thousand rows at a time: CSV, TSV, JSON lines, Parquet."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO

import polars as pl

from hornbook.errors import DataError

WAITING = 2
"""Pieces of a table that may wait to be packed."""


class TableFile:
    """A table that is written in pieces which have the same columns; `close` ends it."""

    lists = False
    """Whether a cell may hold a list."""

    def __init__(self, file: BinaryIO) -> None:
        self.file = file

    def write(self, table: pl.DataFrame) -> None:
        """Write some rows.

        Raises
        ------
        OSError
            The disk is full, say.
        DataError
            A column is of another kind than in the rows before, and the file has no room for both.
        """
        raise NotImplementedError

    def close(self) -> None:
        """Write what is left."""

    def drop(self) -> None:
        """Leave the file as it is: nobody will read it."""


class Separated(TableFile):
    """CSV or TSV."""

    separator = ","

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self._begun = False

    def write(self, table: pl.DataFrame) -> None:
        """Write lines, before the first ones a header."""
        text = table.write_csv(include_header=not self._begun, separator=self.separator)
        self.file.write(text.encode("utf-8", "surrogatepass"))
        self._begun = True


class Tabbed(Separated):
    """TSV."""

    separator = "\t"


class JsonLines(TableFile):
    """JSON lines, whose rows may have other columns each."""

    lists = True

    def write(self, table: pl.DataFrame) -> None:
        """Write an object for each row."""
        self.file.write(table.write_ndjson().encode("utf-8", "surrogatepass"))


class Parquet(TableFile):
    """Parquet, packed by a thread of its own while the next rows are answered; memory stays bounded."""

    def __init__(self, file: BinaryIO) -> None:
        super().__init__(file)
        self._schema: pl.Schema | None = None
        self._pieces: queue.Queue[pl.DataFrame | BaseException | None] = queue.Queue(WAITING)
        self._thread = threading.Thread(target=self._pack, daemon=True)
        self._failed: BaseException | None = None

    def write(self, table: pl.DataFrame) -> None:
        """Hand rows to the thread."""
        if self._schema is None:
            self._schema = table.schema
            self._thread.start()
        elif table.schema != self._schema:
            table = self._alike(table)
        self._hand(table)

    def close(self) -> None:
        """Wait for the last rows."""
        if self._schema is not None:
            self._hand(None)
            self._thread.join()
            self._raise()

    def drop(self) -> None:
        """End the thread."""
        if self._thread.is_alive():
            self._hand(_DroppedError())
            self._thread.join()

    def _hand(self, piece: pl.DataFrame | BaseException | None) -> None:
        """Put a piece where the thread takes it, unless that has ended."""
        while self._thread.is_alive():
            try:
                self._pieces.put(piece, timeout=0.1)
            except queue.Full:
                continue
            return
        if not isinstance(piece, _DroppedError):
            self._raise()

    def _raise(self) -> None:
        failed = self._failed
        if isinstance(failed, pl.exceptions.PolarsError):
            raise OSError(str(failed)) from failed
        if failed is not None:
            raise failed

    def _alike(self, table: pl.DataFrame) -> pl.DataFrame:
        """Return rows with the types of the first ones."""
        assert self._schema is not None
        for name, kind in self._schema.items():
            try:
                table = table.with_columns(table[name].cast(kind))
            except pl.exceptions.PolarsError:
                raise DataError(
                    f"the column {name!r} is of another kind than in the rows before, and Parquet has no room for "
                    "both: give --out a name that ends in .csv"
                ) from None
        return table

    def _pack(self) -> None:
        from polars.io.plugins import register_io_source

        try:
            register_io_source(self._rows, schema=self._schema or {}).sink_parquet(Path(self.file.name))
        except (pl.exceptions.PolarsError, OSError, _DroppedError) as error:
            self._failed = error

    def _rows(
        self, with_columns: list[str] | None, predicate: Any, n_rows: int | None, batch_size: int | None
    ) -> Iterator[pl.DataFrame]:
        """Yield pieces until none is left; all of them are wanted, so that nothing is chosen."""
        while (piece := self._pieces.get()) is not None:
            if isinstance(piece, BaseException):
                raise piece
            yield piece


class _DroppedError(Exception):
    """Nobody wants the file any more."""


FILES: dict[str, type[TableFile]] = {
    "csv": Separated,
    "tsv": Tabbed,
    "jsonl": JsonLines,
    "parquet": Parquet,
}
"""What writes a table, by the end of its name."""
