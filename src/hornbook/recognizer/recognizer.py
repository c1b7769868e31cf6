"""Using a recognizer: encode with its columns, run its graph, decode; and judging it on known rows."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from hornbook.columns.base import Array, Column
from hornbook.columns.kinds import column_from_json
from hornbook.columns.missing import is_missing
from hornbook.columns.prediction import Prediction
from hornbook.common.endings import ending
from hornbook.errors import DataError, RecognizerError, UsageError
from hornbook.examples.table_options import TableOptions, kept_options
from hornbook.recognizer.answer import Answer, Answers, check_options
from hornbook.recognizer.arguments import (
    TABLES,
    Listed,
    alike,
    are_many,
    are_mappings,
    check_alphabet,
    is_frame,
    is_one,
    key_of,
    name_of,
    restrict,
)
from hornbook.recognizer.file import failures, find, kept_table, open_session, read_description
from hornbook.recognizer.signature import before, fits, fits_shape, read_states, together

if TYPE_CHECKING:
    import os

    from hornbook.columns.evaluation import Evaluation
    from hornbook.examples.prepare import Prepared
    from hornbook.recognizer.tables import TableAnswers

BATCH = 512
"""Rows that the graph is given at once: more is not faster, and memory stays bounded."""

MOST_BYTES = 16 << 20
"""Bytes of encoded rows that the graph is given at once; between its layers they are a hundred times as many."""

MOST_ENCODED = 64 << 20
"""Bytes of the rows of an array that are encoded at once."""


class Recognizer:
    """A trained file, ready to use.

    Parameters
    ----------
    path
        A ``.onnx`` file or the folder of a run. A run is one's own, and its limit on the pixels of a picture
        holds; a file may be of anybody, and cannot raise it.
    threads
        Of ONNX Runtime; 0 is one for each core, which pays for batches, and 1 is fastest for one small
        picture.

    Raises
    ------
    RecognizerError
        There is no such file, or it is not one of hornbook's.

    Examples
    --------
    >>> reader = Recognizer("runs/digits")          # doctest: +SKIP
    >>> reader.predict("photo.png").value           # doctest: +SKIP
    '7'
    """

    def __init__(self, path: str | os.PathLike[str], threads: int = 0) -> None:
        self.path = find(path)
        self._session = open_session(self.path, threads)
        self.about = read_description(self._session, self.path)
        self.inputs: dict[str, Column]
        self.targets: dict[str, Column]
        try:
            self.inputs, self.targets = (
                {n: column_from_json(c) for n, c in self.about[part].items()}
                for part in ("inputs", "targets")
            )
        except RecognizerError as error:
            raise RecognizerError(f"{self.path}: {error}") from None
        if not Path(path).is_dir():
            self.inputs = {n: c.guarded() for n, c in self.inputs.items()}
        states = read_states(self.about)
        if states is None or not fits(self._session, self.inputs, self.targets, states):
            raise self._misfit()
        self.states = states
        self._shown = next((n for n, c in self.inputs.items() if c.medium == "picture"), None)
        self._failures = failures()
        self._alphabet: str | None = None

    def __repr__(self) -> str:
        said = ", ".join([*(f"{n}: {c.type}" for n, c in self.inputs.items()), "→"])
        return f"Recognizer({said.removesuffix(', →')} → {', '.join(self.targets)}, {str(self.path)!r})"

    def run(self, encoded: Mapping[str, Array]) -> dict[str, Array]:
        """Return the outputs of each target for encoded rows; arrays of shape ``(rows, ...)`` by input."""
        out = self.run_graph({n: self.inputs[n].trim(v) for n, v in encoded.items()}, list(self.targets))
        rows = len(next(iter(encoded.values())))
        for name, column in self.targets.items():
            if not fits_shape(out[name].shape, (rows, *column.output_shape)):
                raise self._misfit()
        if not all(np.isfinite(values).all() for values in out.values()):
            raise RecognizerError(f"{self.path}: gives answers that are no numbers; train or export it again")
        return out

    def run_graph(self, given: Mapping[str, Array], wanted: Sequence[str]) -> dict[str, Array]:
        """Return some of the graph's outputs by their names; states that are not given are zeros."""
        rows = len(next(iter(given.values())))
        zeros = {before(i): np.zeros((rows, *shape), np.float32) for i, shape in enumerate(self.states)}
        try:
            found = self._session.run(list(wanted), {**zeros, **given})
        except self._failures:
            raise self._misfit() from None
        return dict(zip(wanted, found, strict=True))

    def run_batches(self, rows: int, take: Any, batch: int = BATCH) -> dict[str, Array]:
        """Return the outputs for many rows; ``take(start, end)`` gives the encoded rows of a batch."""
        batch = min(batch, self._at_once)
        parts = [self.run(take(at, min(at + batch, rows))) for at in range(0, rows, batch)]
        if not parts:
            return {
                n: np.zeros((0, *(side or 0 for side in c.output_shape)), np.float32)
                for n, c in self.targets.items()
            }
        return {n: together([p[n] for p in parts]) for n in self.targets}

    def encode(self, value: Any, name: str = "") -> dict[str, Array]:
        """Return one input as the network is given it, by column, without a batch dimension.

        ``value`` is one picture, or a mapping from column to value. Raises DataError where it cannot be
        encoded.
        """
        named = isinstance(value, Mapping)
        if not named:
            if len({c.source or n for n, c in self.inputs.items()}) != 1:
                raise self._several()
            value = dict.fromkeys(self.inputs, value)
        out = {}
        for column_name, column in self.inputs.items():
            key = key_of(column_name, column, value)
            if key not in value:
                raise DataError(f"{name or 'the input'}: has no {key!r}")
            # Of a picture its file says it all; of a row of a table the column has to be said.
            where = name if len(self.inputs) == 1 else f"{name or 'the input'}, column {key!r}"
            cell = value[key]
            if column.in_cells and named and is_missing(cell, self.written.missing_words):
                cell = None
            out[column_name] = column.encode(cell, where)
        for target, column in self.targets.items():
            column.check_inputs(target, self.inputs, out, name)
        return out

    @property
    def reads_cells(self) -> bool:
        """Whether every input stands in a cell of a table, so that rows are encoded column by column."""
        return all(c.in_cells for c in self.inputs.values())

    @property
    def reads_series(self) -> bool:
        """Whether every input is a series, so that a table stands for its last rows."""
        return all(c.is_window for c in self.inputs.values())

    @property
    def reads_text(self) -> bool:
        """Whether every input is a text, so that a string is a text and no path."""
        return all(c.is_text for c in self.inputs.values())

    def decode(
        self, outputs: Mapping[str, Array], top: int = 3, abstain: float = 0.0
    ) -> list[dict[str, Prediction]]:
        """Return the predictions of each row; one under ``abstain`` in confidence has the value None."""
        if self._alphabet is not None:
            outputs = restrict(self.targets, outputs, self._alphabet)
        columns = {n: c.decode(outputs[n], top) for n, c in self.targets.items()}
        if abstain > 0:
            columns = {n: [_or_none(p, abstain) for p in column] for n, column in columns.items()}
        if len(columns) == 1:  # in a fifth of the time
            ((name, column),) = columns.items()
            return [{name: prediction} for prediction in column]
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def restricted(self, alphabet: str) -> Recognizer:
        """Return the recognizer with only some characters possible in its strings; see `check_alphabet`."""
        check_alphabet(self.targets, alphabet)
        out = copy.copy(self)
        out._alphabet = alphabet
        return out

    def predict(self, value: Any, *, top: int = 3, abstain: float = 0.0, alphabet: str | None = None) -> Any:
        """Say what something is.

        Parameters
        ----------
        value
            A path, bytes of a picture file, a Pillow picture, an array ``(H, W)`` or ``(H, W, C)`` with 1, 3
            or 4 channels, or many: a list of these, an array ``(N, H, W)`` or ``(N, H, W, C)``; a sound as a path,
            bytes of a sound file, an array ``(samples,)`` at the column's own rate, or ``(array, rate)``; a
            text, where the input is one; a series as numbers or an array ``(rows, columns)``, of which the last rows
            count, or many of them, ``(N, rows, columns)``; a mapping from input column to value; or a data frame
            (Polars, pandas, or what speaks Arrow), whose rows are many of these.
        top
            How many of the likeliest values to give.
        abstain
            Answers of less confidence than this, 0 to 1, are None.
        alphabet
            The only characters that a string may have, or a name such as ``digits``.

        Returns
        -------
        Answer, or a list of them for a list, `Answers` for an array of many.

        Raises
        ------
        DataError
            An input cannot be read.
        UsageError
            There is no such ``top``, ``abstain`` or ``alphabet``.
        """
        check_options(top, abstain)
        if alphabet is not None:
            return self.restricted(alphabet).predict(value, top=top, abstain=abstain)
        if isinstance(value, np.ndarray) and are_many(value, self.inputs):
            return self._predict_array(value, top, abstain)
        if isinstance(value, Listed):
            value = value.to_list()
        in_cells = self.reads_cells
        if is_frame(value) or (in_cells and are_mappings(value)):
            from hornbook.recognizer.tables import predict_rows, table_of_rows

            table = table_of_rows(value, self.inputs, self.written.missing_words)
            if in_cells:
                return predict_rows(self, table, top, abstain)
            value = table.to_dicts()
        many = isinstance(value, (list, tuple)) and not is_one(value, self.inputs)
        values = list(value) if many else [value]
        if self._shown is not None and len(self.inputs) == 1 and alike(values):
            return list(self._predict_array(np.stack(values), top, abstain))
        answers = list(self.predict_each(((name_of(v, i), v) for i, v in enumerate(values)), top, abstain))
        for answer in answers:
            if isinstance(answer, DataError):
                raise answer
        return answers if many else answers[0]

    def _predict_array(self, values: Array, top: int, abstain: float) -> Answers:
        """Answer for the rows of one array, encoded together where nothing has to be done to each."""
        if len(self.inputs) != 1:
            raise self._several()
        ((name, column),) = self.inputs.items()
        step = self._at_once
        # Many are encoded before the first is recognized: between batches the graph's threads go on waiting for the
        # next one, and take from the encoding the core that they wait on.
        piece = step * max(1, MOST_ENCODED // max(1, step * column.dtype.itemsize * math.prod(column.shape)))
        batches = []
        for start in range(0, len(values), piece):
            part = values[start : start + piece]
            encoded = column.encode_block(part)
            if encoded is None:
                encoded = column.encode_many(list(part), [f"[{start + i}]" for i in range(len(part))])
            for at in range(0, len(part), step):
                batch = encoded[at : at + step]
                batches.append((self.run({name: batch}), batch if name == self._shown else None))

        def make(at: int, batch: tuple[dict[str, Array], Array | None]) -> list[Answer]:
            outputs, shown = batch
            rows = self.decode(outputs, top, abstain)
            pictures = None if shown is None else (shown, at)
            return list(map(Answer, range(at, at + len(rows)), rows, repeat(pictures)))

        return Answers(batches, make, step, len(values))

    def predict_each(
        self, values: Iterable[tuple[str, Any]], top: int = 3, abstain: float = 0.0, batch: int = BATCH
    ) -> Iterator[Answer | DataError]:
        """Yield the answer, or what is wrong, for each of many named inputs, in their order; memory stays bounded.

        A value that is a DataError already (a file that was not found) is handed on in its place.
        """
        check_options(top, abstain)
        batch = min(batch, self._at_once)
        held: list[tuple[str, dict[str, Array] | DataError]] = []
        for name, value in values:
            try:
                held.append((name, value if isinstance(value, DataError) else self.encode(value, name)))
            except DataError as error:
                held.append((name, error))
            if len(held) == batch:
                yield from self._answers(held, top, abstain)
                held = []
        if held:
            yield from self._answers(held, top, abstain)

    def predict_table(
        self, path: str | os.PathLike[str], *, top: int = 3, abstain: float = 0.0
    ) -> Iterator[TableAnswers]:
        """Yield the answers to the rows of a table in a file, some thousand at a time; memory stays bounded.

        Parameters
        ----------
        path
            A table as `hornbook.read_examples` reads it: CSV, TSV, Parquet, JSON, JSON lines, a spreadsheet.
        top, abstain
            As in `predict`.

        Raises
        ------
        DataError
            The file is no table, or lacks a column. A row that cannot be used has its error in place of an answer.
        """
        from hornbook.recognizer.tables import predict_table

        check_options(top, abstain)
        return predict_table(self, path, top, abstain)

    def takes_tables(self, paths: Sequence[str]) -> bool:
        """Return whether these files are tables whose rows are to be predicted; a text may be a line of a file, too."""
        if not paths or not self.reads_cells:
            return False
        return not self.reads_text or {ending(path) for path in paths} <= TABLES - {"txt"}

    @cached_property
    def written(self) -> TableOptions:
        """How the training table (or texts) was written, as far as that is known."""
        return kept_options(kept_table(self.about, self.path))

    def table_options(self, path: str | os.PathLike[str]) -> TableOptions:
        """Return how a table for this recognizer is written, as far as that is known from the training table.

        The encoding is left out where the table's own bytes contradict it.
        """
        from hornbook.sources.table.blocks import may_be_in

        encoding = self.written.encoding
        if encoding is None or may_be_in(Path(path), encoding):
            return self.written
        return self.written.replace(encoding=None)

    def evaluate(self, prepared: Prepared, split: str = "test", top: int = 50) -> dict[str, Evaluation]:
        """Judge the recognizer on rows whose targets are known.

        Parameters
        ----------
        prepared
            Examples encoded with the recognizer's own columns, see `hornbook.examples.prepare.prepare`.
        split
            ``test``, ``validation`` or ``train``.
        top
            How many of the worst mistakes to keep.

        Returns
        -------
        An evaluation for each target.
        """
        from hornbook.recognizer.judge import judge

        return judge(self, prepared, split, top)

    @property
    def _at_once(self) -> int:
        """How many rows a batch may have: of long sounds fewer, so that memory stays bounded."""
        size = sum(c.dtype.itemsize * math.prod(c.shape) for c in self.inputs.values())
        return max(8, min(BATCH, MOST_BYTES // max(size, 1)))

    def _several(self) -> UsageError:
        return UsageError(f"this recognizer has several inputs, give a mapping with {', '.join(self.inputs)}")

    def _misfit(self) -> RecognizerError:
        return RecognizerError(
            f"{self.path}: the graph and its description do not fit together; export it again"
        )

    def _answers(
        self, held: Sequence[tuple[str, dict[str, Array] | DataError]], top: int, abstain: float
    ) -> Iterator[Answer | DataError]:
        good = [e for _, e in held if not isinstance(e, DataError)]
        decoded: Iterator[dict[str, Prediction]] = iter(())
        if good:
            outputs = self.run({n: np.stack([g[n] for g in good]) for n in self.inputs})
            decoded = iter(self.decode(outputs, top, abstain))
        for name, encoded in held:
            if isinstance(encoded, DataError):
                yield encoded
            else:
                yield Answer(name, next(decoded), encoded[self._shown] if self._shown else None)


def load(path: str | os.PathLike[str], *, threads: int = 0) -> Recognizer:
    """Load a recognizer from a ``.onnx`` file or the folder of a run; see `Recognizer`."""
    return Recognizer(path, threads)


def _or_none(prediction: Prediction, abstain: float) -> Prediction:
    if prediction.confidence is not None and prediction.confidence < abstain:
        return prediction._replace(value=None)
    return prediction
