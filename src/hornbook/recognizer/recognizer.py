"""Using a recognizer: saying what one thing, many, or the rows of a table are; and judging it on known rows."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from itertools import repeat
from typing import TYPE_CHECKING, Any

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.prediction import Prediction
from hornbook.common.endings import ending
from hornbook.errors import DataError, UsageError
from hornbook.recognizer.answer import Answer, Answers, check_options, with_novelty
from hornbook.recognizer.arguments import (
    TABLES,
    alike,
    are_many,
    are_mappings,
    is_column,
    is_frame,
    is_one,
    name_of,
)
from hornbook.recognizer.graph import BATCH, Graph
from hornbook.recognizer.rows import Remarks, encode_rows, rows_at_once
from hornbook.recognizer.signature import NOVELTY

if TYPE_CHECKING:
    from hornbook.columns.evaluations import Evaluations
    from hornbook.examples.prepare import Prepared
    from hornbook.recognizer.tables import TableAnswers

_Held = tuple[str, "tuple[dict[str, Array], tuple[str, ...]] | DataError"]
"""What an input is called, and how it is encoded, with remarks, or why it cannot be."""


class Recognizer(Graph):
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
            if self.of_own_size:
                return self.predict(list(value), top=top, abstain=abstain)
            return self._predict_array(value, top, abstain)
        if is_column(value):
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
        if self.shown is not None and len(self.inputs) == 1 and not self.of_own_size and alike(values):
            return list(self._predict_array(np.stack(values), top, abstain))
        answers = list(self.predict_each(((name_of(v, i), v) for i, v in enumerate(values)), top, abstain))
        for answer in answers:
            if isinstance(answer, DataError):
                raise answer
        return answers if many else answers[0]

    def _predict_array(self, values: Array, top: int, abstain: float) -> Answers:
        """Answer for the rows of one array, encoded together where nothing has to be done to each."""
        if len(self.inputs) != 1:
            raise self.several()
        ((name, column),) = self.inputs.items()
        step, piece = self.at_once, rows_at_once(column, self.at_once)
        batches = []
        for start in range(0, len(values), piece):
            part = values[start : start + piece]
            encoded, said = encode_rows(column, part, start)
            for at in range(0, len(part), step):
                batch = encoded[at : at + step]
                batches.append((self.run({name: batch}), batch if name == self.shown else None, said))

        def make(at: int, batch: tuple[dict[str, Array], Array | None, Remarks]) -> list[Answer]:
            outputs, shown, said = batch
            rows = self.decode(outputs, top, abstain)
            pictures = None if shown is None else (shown, at)
            answers = list(map(Answer, range(at, at + len(rows)), rows, repeat(pictures)))
            for place in range(at, at + len(rows)) if said else ():
                answers[place - at].remarks = said.get(place, ())
            if self.novel:
                for answer, novelty in zip(answers, outputs[NOVELTY][:, 0].tolist(), strict=True):
                    answer.novelty, answer.remarks = novelty, with_novelty(answer.remarks, novelty)
            return answers

        return Answers(batches, make, step, len(values))

    def predict_each(
        self, values: Iterable[tuple[str, Any]], top: int = 3, abstain: float = 0.0, batch: int = BATCH
    ) -> Iterator[Answer | DataError]:
        """Yield the answer, or what is wrong, for each of many named inputs, in their order; memory stays bounded.

        A value that is a DataError already (a file that was not found) is handed on in its place.
        """
        check_options(top, abstain)
        batch = min(batch, self.at_once)
        held: list[_Held] = []
        for name, value in values:
            try:
                known = value if isinstance(value, DataError) else self.encode_with_remarks(value, name)
                held.append((name, known))
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

    def forecast(self, table: Any, steps: int | None = None) -> list[Answer]:
        """Foretell what follows the last rows of a table, for a recognizer whose inputs are all series.

        Parameters
        ----------
        table
            The path of a file, or a data frame; of several series in it each is foretold.
        steps
            How many are to come, by default as many as it was trained to give; more are foretold from those.

        Returns
        -------
        An answer for each series; the ``steps`` of its prediction have the times to come and ranges.

        Raises
        ------
        DataError
            The table cannot be read, or a series is shorter than a window.
        UsageError
            An input is no series, or more steps are wanted and the windows hold what is not foretold.
        """
        from hornbook.recognizer.forecast import forecast

        if steps is not None and steps < 1:
            raise UsageError(f"steps is {steps}, and at least 1 is foretold")
        answers: list[Answer] = []
        given = table if is_frame(table) else os.fspath(table)
        for answer in forecast(self, self.predict_each, given, steps):
            if isinstance(answer, DataError):
                raise answer
            answers.append(answer)
        return answers

    def takes_tables(self, paths: Sequence[str]) -> bool:
        """Return whether these files are tables whose rows are to be predicted; a text may be a line of a file, too."""
        if not paths or not self.reads_cells:
            return False
        return not self.reads_text or {ending(path) for path in paths} <= TABLES - {"txt"}

    def evaluate(self, prepared: Prepared, split: str = "test", top: int = 50) -> Evaluations:
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

    def _answers(self, held: Sequence[_Held], top: int, abstain: float) -> Iterator[Answer | DataError]:
        good = [e[0] for _, e in held if not isinstance(e, DataError)]
        decoded: Iterator[dict[str, Prediction]] = iter(())
        novelties: Iterator[float | None] = repeat(None)
        if good:
            outputs = self.run({n: np.stack([g[n] for g in good]) for n in self.inputs})
            decoded = iter(self.decode(outputs, top, abstain))
            if self.novel:
                novelties = iter(outputs[NOVELTY][:, 0].tolist())
        for name, encoded in held:
            if isinstance(encoded, DataError):
                yield encoded
            else:
                shown = encoded[0][self.shown] if self.shown else None
                novelty = next(novelties)
                yield Answer(name, next(decoded), shown, with_novelty(encoded[1], novelty), novelty)


def load(path: str | os.PathLike[str], *, threads: int = 0) -> Recognizer:
    """Load a recognizer from a ``.onnx`` file or the folder of a run; see `Recognizer`."""
    return Recognizer(path, threads)
