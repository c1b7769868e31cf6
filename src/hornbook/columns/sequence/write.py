"""Writing answers step by step: a beam search over what a network says of the next token. Numpy alone.

The same function writes with the graph of a recognizer and, where that is checked, with the network it was made of.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.sequence.column import END, PADDING, UNKNOWN, SequenceColumn

Step = Callable[[Array, Array, Array], tuple[Array, Array, Array]]
"""From the tokens before, ``int64`` (rows, 1), the memory, (rows, steps, M), and the states, (rows, 1, units), to the
probabilities of the next token, (rows, tokens), the attention, (rows, steps), and the states after it."""

MOST_BYTES = 64 << 20
"""Bytes of the memories of the answers that are written side by side."""

TINY = 1e-30
"""Stands for a probability of 0 where its logarithm is wanted."""


class Writer(NamedTuple):
    """What writes: a step of the network, and how many units its state has."""

    step: Step
    units: int


def write(writer: Writer, column: SequenceColumn, memory: Array) -> Array:
    """Return the likeliest answers to each row of a memory, (rows, beam, longest + 1, 2), see the column."""
    rows, beam = len(memory), column.beam
    out = np.zeros((rows, beam, *column.shape, 2), np.float32)
    size = beam * memory[:1].nbytes + beam * column.outputs * 8
    at_once = max(1, MOST_BYTES // max(size, 1))
    for at in range(0, rows, at_once):
        out[at : at + at_once] = _beams(writer, memory[at : at + at_once], beam, column.shape[0])
    return out


def _beams(writer: Writer, memory: Array, beam: int, longest: int) -> Array:
    """Follow the likeliest answers to each row until all have their end; one without its end is cut there."""
    rows = len(memory)
    out = np.zeros((rows, beam, longest, 2), np.float32)
    total = np.full(
        (rows, beam), -np.inf
    )  # the logarithm of each answer's probability; at first there is one
    total[:, 0] = 0.0
    done = np.zeros((rows, beam), bool)
    previous = np.full((rows, beam), END, np.int64)
    state = np.zeros((rows * beam, 1, writer.units), np.float32)
    memory = np.repeat(memory, beam, axis=0)
    every = np.arange(rows)[:, None]
    for place in range(longest):
        found, _, state = writer.step(previous.reshape(-1, 1), memory, state)
        chances = found.reshape(rows, beam, -1).copy()
        chances[..., [PADDING, UNKNOWN]] = 0
        logs = np.log(np.maximum(chances, TINY, dtype=np.float64))
        logs[..., [PADDING, UNKNOWN]] = -np.inf
        logs[done] = -np.inf
        logs[done, PADDING] = 0.0  # nothing comes after the end
        tokens = logs.shape[2]
        best = _largest((logs + total[..., None]).reshape(rows, -1), beam)
        before, previous = best // tokens, best % tokens
        total = total[every, before] + logs[every, before, previous]
        out, done = out[every, before], done[every, before]
        out[..., place, 0] = previous
        out[..., place, 1] = np.where(done, 0.0, chances[every, before, previous])
        state = state.reshape(rows, beam, 1, -1)[every, before].reshape(rows * beam, 1, -1)
        done |= previous == END
        if done.all():
            break
    out[np.isneginf(total)] = 0.0
    return out


def _largest(values: Array, count: int) -> Array:
    """Return the places of the largest values of each row, the largest first.

    >>> _largest(np.array([[1.0, 5.0, 3.0]]), 2).tolist()
    [[1, 2]]
    """
    if values.shape[1] > 8 * count:
        some = np.sort(np.argpartition(-values, count - 1, axis=1)[:, :count], axis=1)
    else:
        some = np.broadcast_to(np.arange(values.shape[1]), values.shape)
    order = np.argsort(-np.take_along_axis(values, some, 1), axis=1, kind="stable")[:, :count]
    return np.take_along_axis(some, order, 1)


def attended(writer: Writer, memory: Array, numbers: Array) -> Array:
    """Return where it looked while it wrote given tokens, (rows, tokens, steps of the input); each adds up to 1."""
    state = np.zeros((len(memory), 1, writer.units), np.float32)
    previous = np.full((len(memory), 1), END, np.int64)
    out = np.zeros((*numbers.shape, memory.shape[1]), np.float32)
    for place in range(numbers.shape[1]):
        _, out[:, place], state = writer.step(previous, memory, state)
        previous = numbers[:, place : place + 1].astype(np.int64)
    return out
