"""Writing answers of free length with a recognizer's graph: the inputs are read once, then token by token is written.

The graph has two halves, see `hornbook.networks.language`. Of each run only the half is computed that is needed for
what is asked for; what the other one would take is one row of zeros.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.sequence.column import SequenceColumn
from hornbook.columns.sequence.write import Writer, attended, write
from hornbook.recognizer.signature import ATTENTION, MEMORY, MEMORY_MADE, PREVIOUS, TYPES, after, before

__all__ = ["Writing"]


class Writing:
    """The graph of a recognizer that writes its answers.

    Parameters
    ----------
    session
        Of ONNX Runtime.
    target, column
        The name of the target, and its column.
    decoder
        What `hornbook.recognizer.signature.read_decoder` returned.
    """

    def __init__(self, session: Any, target: str, column: SequenceColumn, decoder: tuple[int, int]) -> None:
        import onnxruntime

        self._session, self._target, self._column, self._units = session, target, column, decoder[1]
        self._part = onnxruntime.RunOptions()
        self._part.only_execute_path_to_fetches = True

    def follow(self, beam: int) -> SequenceColumn:
        """Follow so many answers side by side from now on, and return the column that does so."""
        self._column = replace(self._column, beam=beam)
        return self._column

    @cached_property
    def _zeros(self) -> dict[str, Array]:
        """One row of zeros for all that the graph takes."""
        names = {said: name for name, said in TYPES.items()}
        return {
            node.name: np.zeros([s if isinstance(s, int) else 1 for s in node.shape], names[node.type])
            for node in self._session.get_inputs()
        }

    def _run(self, given: Mapping[str, Array], wanted: list[str]) -> list[Array]:
        found: list[Array] = self._session.run(wanted, {**self._zeros, **given}, self._part)
        return found

    def _step(self, previous: Array, memory: Array, state: Array) -> tuple[Array, Array, Array]:
        given = {PREVIOUS: previous, MEMORY: memory, before(0): state}
        found, attention, following = self._run(given, [self._target, ATTENTION, after(0)])
        return found, attention, following

    def _read(self, encoded: Mapping[str, Array]) -> Array:
        return self._run(encoded, [MEMORY_MADE])[0]

    def write(self, encoded: Mapping[str, Array]) -> dict[str, Array]:
        """Return the answers to encoded rows, as the column decodes them, by the target's name."""
        return {self._target: write(Writer(self._step, self._units), self._column, self._read(encoded))}

    def attention(self, encoded: Mapping[str, Array]) -> tuple[list[str], Array]:
        """Return the tokens of the answer to one row, and where it looked for each, (tokens, steps of the input)."""
        memory, writer = self._read(encoded), Writer(self._step, self._units)
        numbers = write(writer, self._column, memory)[:, 0, :, 0]
        tokens = self._column.tokens_written(numbers[0])
        return tokens, attended(writer, memory, numbers[:, : len(tokens)])[0]
