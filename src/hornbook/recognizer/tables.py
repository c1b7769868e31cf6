"""``predict`` on the rows of tables, a few thousand at a time: as lines, as JSON, or as the table with the answers."""

from __future__ import annotations

import codecs
import contextlib
import os
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from hornbook.cli.terminal import complain, note
from hornbook.common.endings import ending
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, RunError, UsageError, did_you_mean, one_of

if TYPE_CHECKING:
    import polars as pl

    from hornbook.columns.base import Array, Column
    from hornbook.columns.prediction import Prediction
    from hornbook.recognizer import Answer, Recognizer
    from hornbook.sources.table.options import TableKeys
    from hornbook.sources.table.stream import Block

TYPES = ("number", "category", "text")
"""Columns whose values stand in the cells themselves."""

ENDINGS = frozenset(["csv", "tsv", "tab", "data", "txt", "parquet", "pq", "jsonl", "ndjson", "json", "xlsx"])
OUT = ("csv", "tsv", "jsonl")

BATCH = 2048
"""Rows that the graph is given at once: they are small."""

Line = Callable[["Answer"], str]


def reads_rows(reader: Recognizer, paths: Sequence[str]) -> bool:
    """Return whether a recognizer takes the rows of tables, and of texts whether tables are what it is given."""
    if not paths or not all(c.type in TYPES for c in reader.inputs.values()):
        return False
    return not reader.reads_text or {ending(path) for path in paths} <= ENDINGS - {"txt"}


def check_table(path: str) -> None:
    """Raise DataError where what is given cannot be a table."""
    if path == "-":
        raise DataError("standard input is not read as a table: give a file whose name ends in .csv, say")
    if os.path.isdir(path):  # noqa: PTH112 (a name may be anything, also what pathlib does not take)
        raise DataError(f"{shown(path)} is a folder, and tables are wanted: name the files in it")
    if ending(path) not in ENDINGS and os.path.lexists(path):
        raise DataError(
            f"{shown(path)}: this recognizer takes tables, whose names end in {', '.join(sorted(ENDINGS))}; rename it "
            "if it is one"
        )


def predict_rows(
    reader: Recognizer, paths: Sequence[str], top: int, abstain: float, out: str | None, line: Line
) -> int:
    """Predict every row of some tables; return how many could not be, a file that cannot be read as one.

    Parameters
    ----------
    out
        The file for the table with the answers, ``.csv``, ``.tsv`` or ``.jsonl``; without it a line is printed
        for each row.
    line
        Makes the line of an answer.

    Raises
    ------
    UsageError
        The file for the answers is one of the tables, or its name ends in something else.
    RunError
        The file for the answers cannot be written.
    """
    failures = rows = 0
    writer = None if out is None else _Writer(Path(out), reader, paths)
    try:
        for path in paths:
            before = f"{shown(Path(path).name)} " if len(paths) > 1 else ""
            try:
                check_table(path)
                for block, answers in _answered(reader, Path(path), before, top, abstain):
                    if writer is not None:
                        writer.write(block, answers, path)
                    for answer in answers:
                        rows += 1
                        if isinstance(answer, DataError):
                            failures += 1
                            complain(answer)
                        elif writer is None:
                            print(line(answer), flush=sys.stdout.isatty())
            except DataError as error:  # of the whole file; the others are predicted all the same
                rows, failures = rows + 1, failures + 1
                complain(error)
        if writer is not None and writer.close():
            note(f"{rows - failures:,} answers: {out}")
        elif not rows:
            failures += 1
            so = "" if out is None else f", so {shown(str(out))} was not written"
            complain(f"there is not one row to predict{so}")
    finally:
        if writer is not None:
            writer.give_up()
    return failures


def _answered(
    reader: Recognizer, path: Path, before: str, top: int, abstain: float
) -> Iterator[tuple[Block, list[Answer | DataError]]]:
    """Yield blocks of rows, each with the answer to every row, or why there is none."""
    from hornbook.recognizer import Answer
    from hornbook.sources.table.options import table_options
    from hornbook.sources.table.stream import blocks

    used = frozenset(name for n, c in reader.inputs.items() for name in (n, c.source or n))
    # What is only handed on stays as it is: NA may be Namibia.
    options = replace(table_options(table_keys(reader, path)), missing_in=used)
    for block in blocks(path, options, tuple(reader.targets)):
        encoded, wrong = _encoded(reader, block, path)
        height = block.table.height
        good = [i for i in range(height) if i not in wrong] if wrong else range(height)

        def take(a: int, b: int, of: dict[str, Array] = encoded) -> dict[str, Array]:
            return {name: values[a:b] for name, values in of.items()}

        found = iter(reader.decode(reader.run_batches(len(good), take, BATCH), top, abstain) if good else ())
        yield (
            block,
            [
                wrong[i] if i in wrong else Answer(f"{before}row {block.first + i}", next(found))
                for i in range(height)
            ],
        )


def _encoded(reader: Recognizer, block: Block, path: Path) -> tuple[dict[str, Array], dict[int, DataError]]:
    """Return the encoded rows that can be used, and why the others cannot."""
    import numpy as np

    def error(i: int, said: str) -> DataError:
        return DataError(f"{shown(path)} row {block.first + i}: {said}")

    wrong = {i: error(i, said) for i, said in block.wrong.items()}
    columns: dict[str, tuple[Column, pl.Series]] = {}
    for name, column in reader.inputs.items():
        cells = _cells(block.table, name, column, shown(path))
        columns[name] = (column, cells)
        for i, said in _wrong(column, name, cells):
            wrong.setdefault(i, error(i, said))
    keep = np.array([i for i in range(block.table.height) if i not in wrong], np.int64)
    encoded = {}
    for name, (column, cells) in columns.items():
        some = cells if len(keep) == len(cells) else cells.gather(keep)
        found = column.encode_series(some)
        encoded[name] = column.encode_many(some.to_list()) if found is None else found
    return encoded, wrong


def _wrong(column: Column, name: str, cells: pl.Series) -> Iterator[tuple[int, str]]:
    """Yield the cells that a column cannot encode, and why."""
    from hornbook.columns.base import Column as Base

    if column.type == "number":
        if column.encode_series(cells) is None:
            for i, value in enumerate(cells.to_list()):
                try:
                    column.encode(value)
                except DataError as error:
                    yield i, f"column {name!r}: {error}"
    elif type(column).rejects is not Base.rejects:
        values = cells.to_list()
        for i in column.rejects(values):
            yield i, column.why_rejected(values[i], name)


def _cells(table: pl.DataFrame, name: str, column: Column, origin: str) -> pl.Series:
    """Return the cells of an input, as they were in training."""
    import polars as pl

    from hornbook.sources.table.types import numbers_of

    source = name if name in table.columns or column.source is None else column.source
    if source not in table.columns:
        raise DataError(
            f"{origin}: there is no column {source!r}, which the recognizer needs; the columns are "
            f"{one_of(table.columns)}{did_you_mean(source, table.columns)}"
        )
    cells = table[source]
    if column.type == "number" and cells.dtype == pl.String and column.encode_series(cells) is None:
        numbers = numbers_of(cells)  # decimal commas, as in training
        return cells if numbers is None else numbers
    return cells


def table_keys(reader: Recognizer, path: str | Path) -> TableKeys:
    """Return what the run's recipe says of how a table is written; nothing where there is only a file.

    Its encoding is that of the run's own tables, and of another one that may be in it and is not plainly in UTF-8.
    """
    data = data_of(reader)
    keys = ["names", "separator", "missing", "comment"]
    if _may_be_in(path, data.get("encoding")):
        keys.append("encoding")
    return {k: data[k] for k in keys if k in data}  # type: ignore[return-value]


def _may_be_in(path: str | Path, encoding: object) -> bool:
    """Return whether a text file is in an encoding that its own bytes do not contradict, as a mark or UTF-8 does."""
    from hornbook.sources.encodings import encoding_of
    from hornbook.sources.table.stream import head_of

    if not isinstance(encoding, str) or ending(str(path)) in ("json", "jsonl", "ndjson"):
        return False  # JSON is in UTF-8
    try:
        if codecs.lookup(encoding).name.startswith("utf-8"):
            return False  # which is found out
        head = head_of(Path(path))
        with Path(path).open("rb") as file:
            file.seek(len(head))
            part = head
            while part.isascii() and (more := file.read(1 << 20)):
                part = more
        if head.isascii() and head.decode(encoding) != head.decode("ascii"):
            return False
        if part is not head:  # whole lines of it
            part = part[part.find(b"\n") + 1 : part.rfind(b"\n") + 1] or part
        part.decode(encoding)
    except (OSError, ValueError, LookupError):
        return False
    return part.isascii() or not (encoding_of(part) or "").startswith("utf")


def data_of(reader: Recognizer) -> dict[str, Any]:
    """Return the section ``[data]`` of the run's recipe; empty where there is only a file."""
    try:
        data = tomllib.loads((reader.path.parent / "recipe.toml").read_text("utf-8")).get("data", {})
    except (OSError, ValueError):
        return {}
    return data if isinstance(data, dict) else {}


class _Writer:
    """Writes tables with the answers beside the rows, under another name until all is written."""

    def __init__(self, path: Path, reader: Recognizer, tables: Sequence[str]) -> None:
        if ending(path.name) not in OUT:
            raise UsageError(
                f"--out {shown(path)}: the name must end in one of {one_of(['.' + o for o in OUT])}"
            )
        if any(_same_file(path, table) for table in tables):
            raise UsageError(
                f"--out {shown(path)} is a table that is to be read, and would be written over: give another name"
            )
        self.path, self.reader = path, reader
        self.columns: list[str] | None = None
        self.first = ""
        self.left_out: set[str] = set()
        self.part = path.with_name(path.name + ".part")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.file: TextIO = self.part.open("w", encoding="utf-8", newline="")
        except OSError as error:
            raise RunError(
                f"{shown(path)} cannot be written: {(error.strerror or str(error)).lower()}"
            ) from None

    def write(self, block: Block, answers: Sequence[Answer | DataError], origin: str) -> None:
        """Write the rows of a block, those without an answer as well.

        Raises
        ------
        DataError
            The block has other columns than the one before, and the file is one table.
        """
        import polars as pl

        jsonl = ending(self.path.name) == "jsonl"
        table = block.table if jsonl else self._alike(block.table, origin)
        taken = table.columns
        for target, column in self.reader.targets.items():
            found = [None if isinstance(a, DataError) else a.predictions[target] for a in answers]
            table = table.with_columns(_columns(target, column, found, table.columns))
        try:
            if jsonl:
                self.file.write(table.write_ndjson())
            else:
                separator = "\t" if ending(self.path.name) == "tsv" else ","
                self.file.write(table.write_csv(include_header=self.columns is None, separator=separator))
            self.columns = self.columns or taken
        except (OSError, pl.exceptions.PolarsError) as error:
            raise RunError(f"{shown(self.path)} cannot be written: {error}") from None

    def _alike(self, table: pl.DataFrame, origin: str) -> pl.DataFrame:
        """Return a table with the columns of the first one, in their order; what a cell cannot hold is left out."""
        import polars as pl

        nested = [c.name for c in table if c.dtype.is_nested()]
        table = table.drop(nested) if nested else table
        if self.columns is None:
            self.first = origin
            return table
        lacking = [name for name in self.columns if name not in table.columns]
        more = [name for name in table.columns if name not in self.columns]
        if origin == self.first:  # the lines of another part of a JSON-lines file have other keys
            if fresh := [
                name for name in more if name not in self.left_out and table[name].null_count() < table.height
            ]:
                note(f"{shown(origin)}: {one_of(fresh)} is not among the keys it began with, and is left out")
            self.left_out.update(nested, more)
            return table.with_columns(pl.lit(None).alias(name) for name in lacking).select(self.columns)
        if lacking or more:
            said = f"lacks {one_of(lacking)}" if lacking else f"also has {one_of(more)}"
            raise DataError(
                f"{shown(origin)} {said}, other than the rows before, and --out writes one table: "
                "predict it by itself, or give --out a name that ends in .jsonl"
            )
        return table.select(self.columns)

    def close(self) -> bool:
        """Give the file its name; return whether there was anything to write."""
        try:
            self.file.close()
            if self.columns is not None:
                self.part.replace(self.path)
        except OSError as error:
            raise RunError(
                f"{shown(self.path)} cannot be written: {(error.strerror or str(error)).lower()}"
            ) from None
        return self.columns is not None

    def give_up(self) -> None:
        """Leave nothing half written behind; after `close` there is nothing of that."""
        with contextlib.suppress(OSError):
            self.file.close()
            self.part.unlink(missing_ok=True)


def _same_file(path: Path, other: str) -> bool:
    try:
        return path.samefile(other)
    except (OSError, ValueError):  # one of them is not there
        return False


def _columns(
    target: str, column: Column, found: Sequence[Prediction | None], taken: Sequence[str]
) -> list[pl.Series]:
    """Return the columns of one target's answers, the same for every block: value, confidence, interval."""
    import polars as pl

    ends: tuple[str, ...] = ("confidence",)
    if column.type == "number":
        ends = () if getattr(column, "margin", None) is None else ("low", "high")
    names = chain((target, f"predicted_{target}"), (f"predicted_{target}_{i}" for i in count(2)))
    name = next(n for n in names if not {n, *(f"{n}_{end}" for end in ends)} & set(taken))
    columns = [pl.Series(name, [None if p is None else p.value for p in found], strict=False)]
    if column.type == "number":
        if ends:
            for place, end in enumerate(ends):
                values = [None if p is None or p.interval is None else p.interval[place] for p in found]
                columns.append(pl.Series(f"{name}_{end}", values, pl.Float64))
    else:
        sure = [None if p is None or p.confidence is None else round(p.confidence, 4) for p in found]
        columns.append(pl.Series(f"{name}_confidence", sure, pl.Float64))
    return columns
