"""The graph in a recognizer's file with its columns: encode, run, decode."""

from __future__ import annotations

import copy
import itertools
import math
import os
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Self

import numpy as np

from hornbook.columns.base import Array, Column
from hornbook.columns.image.own_size import of_own_size
from hornbook.columns.kinds import column_from_json
from hornbook.columns.missing import is_missing
from hornbook.columns.prediction import Prediction
from hornbook.columns.sequence.column import MOST_BEAM, SequenceColumn
from hornbook.errors import DataError, RecognizerError, UsageError
from hornbook.examples.table_options import TableOptions, kept_options, texts_of
from hornbook.recognizer.answer import UNLIKE
from hornbook.recognizer.arguments import check_alphabet, key_of, restrict
from hornbook.recognizer.file import failures, find, kept_table, open_session, read_description
from hornbook.recognizer.signature import (
    IN_ONE,
    NOVEL,
    NOVELTY,
    before,
    fits,
    fits_decoder,
    fits_shape,
    laid_together,
    read_decoder,
    read_states,
    together,
)
from hornbook.recognizer.writing.decoder import Writing

BATCH = 512
"""Rows that the graph is given at once: more is not faster, and memory stays bounded."""

MOST_BYTES = 2 << 20
"""Bytes of encoded rows that the graph is given at once; between its layers they are a hundred times as many, and what
the next layer reads should not have left the cache: of photographs 106 at once take twice as long each as 13."""


class Graph:
    """The graph of a file, checked, with the columns that encode and decode for it."""

    def __init__(self, path: str | os.PathLike[str], threads: int = 0) -> None:
        self.path, self.threads = find(path), threads
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
        self.novel = self.about.get(NOVEL) is True
        self.writing = self._writes()
        many = tuple(n for n, c in self.inputs.items() if c.side_by_side)
        self.block = many if self.about.get(IN_ONE) is True else ()
        if states is None or not (
            self.writing or fits(self._session, self.inputs, self.targets, states, self.novel, self.block)
        ):
            raise self._misfit()
        self.states = states
        self._wanted = [*self.targets, *([NOVELTY] if self.novel else [])]
        self.shown = next((n for n, c in self.inputs.items() if c.medium == "picture"), None)
        self._failures = failures()
        self._alphabet: str | None = None
        self._giving: dict[tuple[str, int], Self] = {}

    def _writes(self) -> Writing | None:
        """Return what writes answers of free length; None where they are given at once."""
        try:
            decoder = read_decoder(self.about)
        except ValueError:
            raise self._misfit() from None
        if decoder is None:
            return None
        columns = list(SequenceColumn.among(self.targets).values())
        if len(columns) != 1 or not fits_decoder(self._session, self.inputs, self.targets, decoder):
            raise self._misfit()
        self.novel = False
        return Writing(self._session, next(iter(self.targets)), columns[0], decoder)

    def __repr__(self) -> str:
        inputs = ", ".join(f"{name}: {column.type}" for name, column in self.inputs.items())
        return f"Recognizer({inputs} → {', '.join(self.targets)}, {str(self.path)!r})"

    def giving(self, name: str, more: bytes, threads: int | None = None) -> Self:
        """Return the recognizer as it gives a tensor of its graph, (rows, ...), in place of answers.

        ``more`` is a message that makes an output of it, ``threads`` as many as its own unless said. Asked for again,
        it is there already: to open a file takes as long as some thousand rows of a small network.
        """
        threads = self.threads if threads is None else threads
        key = (name, threads)
        if key not in self._giving:
            out = copy.copy(self)
            out._session = open_session(self.path, threads, more)
            out._wanted, out.targets, out.novel, out.writing = [name], {}, False, None
            out._giving = {}
            self._giving[key] = out
        return self._giving[key]

    def follow(self, beam: int) -> None:
        """Have answers of free length written by a beam of so many, 1 for greedy, in place of what the recipe says.

        Raises
        ------
        UsageError
            Answers are not written token by token, or there is no such beam.
        """
        ((name, column),) = list(self.targets.items())[:1]
        if self.writing is None:
            raise UsageError(
                f"a beam is for answers that are written token by token, and {name} is of type {column.type!r}: leave "
                "it out"
            )
        if not 1 <= beam <= MOST_BEAM:
            raise UsageError(f"the beam is {beam}, and it may be from 1 to {MOST_BEAM}")
        self.targets = {name: self.writing.follow(beam)}

    def run(self, encoded: Mapping[str, Array]) -> dict[str, Array]:
        """Return the outputs of each target for encoded rows; arrays of shape ``(rows, ...)`` by input.

        Where the recognizer is `novel`, there is under `NOVELTY` how unlike the examples each row is, ``(rows, 1)``.
        """
        trimmed = {n: self.inputs[n].trim(v) for n, v in encoded.items()}
        if self.writing is None:
            out = self.run_graph(trimmed, self._wanted)
        else:
            try:
                out = self.writing.write(trimmed)
            except self._failures:
                raise self._misfit() from None
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
            found = self._session.run(list(wanted), {**zeros, **laid_together(given, self.block)})
        except self._failures:
            raise self._misfit() from None
        return dict(zip(wanted, found, strict=True))

    def run_batches(self, rows: int, take: Any, batch: int = BATCH) -> dict[str, Array]:
        """Return the outputs for many rows; ``take(start, end)`` gives the encoded rows of a batch."""
        batch = min(batch, self.at_once)
        parts = [self.run(take(at, min(at + batch, rows))) for at in range(0, rows, batch)]
        if not parts:
            empty = {n: (0, *(side or 0 for side in c.output_shape)) for n, c in self.targets.items()}
            return {n: np.zeros(empty.get(n, (0, 1)), np.float32) for n in self._wanted}
        return {n: together([p[n] for p in parts]) for n in self._wanted}

    def encode(self, value: Any, name: str = "") -> dict[str, Array]:
        """Return one input as the network is given it, by column, without a batch dimension.

        ``value`` is one picture, or a mapping from column to value. Raises DataError where it cannot be
        encoded.
        """
        return self.encode_with_remarks(value, name)[0]

    def encode_with_remarks(self, value: Any, name: str = "") -> tuple[dict[str, Array], tuple[str, ...]]:
        """Return one input as `encode` does, and what a person should know of it beside the answer."""
        named = isinstance(value, Mapping)
        if not named:
            if len({c.source or n for n, c in self.inputs.items()}) != 1:
                raise self.several()
            value = dict.fromkeys(self.inputs, value)
        out: dict[str, Array] = {}
        remarks: list[str] = []
        words = self.written.missing_words if named else ()
        for column_name, column in self.inputs.items():
            key = key_of(column_name, column, value)
            if key not in value:
                raise DataError(f"{name or 'the input'}: has no {key!r}")
            # Of a picture its file says it all; of a row of a table the column has to be said.
            where = name if len(self.inputs) == 1 else f"{name or 'the input'}, column {key!r}"
            cell = value[key]
            if named and column.in_cells and is_missing(cell, words):
                cell = None
            if column.heavy:
                out[column_name], facts = column.for_value(cell, where).encode_with_facts(cell, where)
                remarks += column.remarks_on(facts)
            else:
                out[column_name] = column.encode(cell, where)
        for target, column in self.targets.items():
            column.check_inputs(target, self.inputs, out, name)
        return out, tuple(remarks)

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
        """Return the predictions of each row; one under ``abstain`` in confidence has the value None.

        So has, where anything is to be abstained from, a row that is unlike the examples.
        """
        outputs = self.allowed(outputs)
        columns = {n: c.decode(outputs[n], top) for n, c in self.targets.items()}
        strange = np.flatnonzero(outputs[NOVELTY][:, 0] >= UNLIKE).tolist() if self.novel else []
        if abstain > 0:
            columns = {n: [_or_none(p, abstain) for p in column] for n, column in columns.items()}
        for name, row in itertools.product(columns, strange):
            given = columns[name][row]
            said = self.targets[name].of_stranger(given)
            columns[name][row] = said._replace(value=None) if abstain > 0 and said is given else said
        if len(columns) == 1:  # in a fifth of the time
            ((name, column),) = columns.items()
            return [{name: prediction} for prediction in column]
        return [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]

    def allowed(self, outputs: Mapping[str, Array]) -> Mapping[str, Array]:
        """Return outputs in which only the characters of `restricted` are possible; by default as they are."""
        return outputs if self._alphabet is None else restrict(self.targets, outputs, self._alphabet)

    def restricted(self, alphabet: str) -> Self:
        """Return the recognizer with only some characters possible in its strings; see `check_alphabet`."""
        check_alphabet(self.targets, alphabet)
        out = copy.copy(self)
        out._alphabet = alphabet
        return out

    @cached_property
    def written(self) -> TableOptions:
        """How the training table (or texts) was written, as far as that is known."""
        texts = texts_of({**self.inputs, **self.targets})
        return kept_options(kept_table(self.about, self.path)).replace(as_text=texts)

    def table_options(self, path: str | os.PathLike[str]) -> TableOptions:
        """Return how a table for this recognizer is written, as far as that is known from the training table.

        The encoding is left out where the table's own bytes contradict it.
        """
        from hornbook.sources.table.blocks import may_be_in

        names = frozenset(source for n, c in self.inputs.items() for source in c.sources(n))
        written = self.written.replace(header_has=names)
        if written.encoding is None or may_be_in(Path(path), written.encoding):
            return written
        return written.replace(encoding=None)

    @property
    def at_once(self) -> int:
        """How many rows a batch may have: of long sounds fewer, so that memory stays bounded.

        One where each picture has a size of its own.
        """
        if self.of_own_size:
            return 1
        size = sum(c.dtype.itemsize * math.prod(c.shape) for c in self.inputs.values())
        return max(8, min(BATCH, MOST_BYTES // max(size, 1)))

    @property
    def of_own_size(self) -> bool:
        """Whether each picture is answered in its own size."""
        return of_own_size(self.inputs.values())

    def several(self) -> UsageError:
        """Return the error for a value that stands for one of several inputs."""
        return UsageError(
            f"this recognizer has several inputs: give a table or a mapping with {', '.join(self.inputs)}"
        )

    def _misfit(self) -> RecognizerError:
        return RecognizerError(
            f"{self.path}: the graph and its description do not fit together; export it again"
        )


def _or_none(prediction: Prediction, abstain: float) -> Prediction:
    if prediction.confidence is not None and prediction.confidence < abstain:
        return prediction._replace(value=None)
    return prediction
