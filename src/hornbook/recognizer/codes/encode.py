"""Codes: what stands for an example within a recognizer's graph, and the part of the graph that makes answers of them.

The code is what the one answer of an autoencoder is made of; of every other network the features before its heads. It
is a tensor of the graph that is no output of it. To have it, an output is added while the file is opened: messages of
protobuf are merged where their bytes are joined, so that no library for models is needed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hornbook.columns.base import Array
from hornbook.errors import DataError, HornbookError, UsageError
from hornbook.recognizer.arguments import alike, are_many
from hornbook.recognizer.graph import Graph
from hornbook.recognizer.rows import encode_rows, rows_at_once
from hornbook.recognizer.signature import CODE, CODED

if TYPE_CHECKING:
    from hornbook.examples.prepare import Prepared
    from hornbook.examples.rows import RowsFile

__all__ = ["check_codes", "codes_of", "codes_of_array", "codes_of_rows", "coding", "numbers_of", "rebuilt"]

MOST_NUMBERS = 1 << 24


def numbers_of(reader: Graph) -> int:
    """Return how many numbers a code has; UsageError where the recognizer has none."""
    found = reader.about.get(CODED)
    if not isinstance(found, int) or isinstance(found, bool) or not 1 <= found <= MOST_NUMBERS:
        raise UsageError(
            f"{reader.path} has no codes: they are of networks, not of trees nor of what writes texts, and of files "
            "that this version of hornbook wrote; train it again"
        )
    return found


def coding(reader: Graph, threads: int | None = None) -> Graph:
    """Return the recognizer as it gives codes: its ``run`` has them under `CODE`, ``(rows, K)``, and no answers.

    Raises
    ------
    UsageError
        It has none.
    """
    numbers_of(reader)
    return reader.giving(CODE, _as_output(CODE), threads)


def codes_of(reader: Graph, values: Sequence[Any] | Array) -> Array:
    """Return the codes of values as `Recognizer.predict` takes them, ``float32`` of shape ``(len(values), K)``.

    One array of many pictures, or several of one shape, are encoded together; where they have the form that the network
    is given, as long takes its session alone.

    Raises
    ------
    DataError
        A value cannot be read.
    UsageError
        The recognizer has no codes.
    """
    coder = coding(reader)
    if isinstance(values, np.ndarray) and are_many(values, coder.inputs):
        parts = [codes for _, codes in codes_of_array(coder, values)]
    elif len(coder.inputs) == 1 and coder.shown is not None and alike(listed := list(values)):
        parts = [codes for _, codes in codes_of_array(coder, np.stack(listed))]
    else:
        parts = []
        for at in range(0, len(values), coder.at_once):
            some = values[at : at + coder.at_once]
            encoded = [coder.encode(value, f"[{at + i}]") for i, value in enumerate(some)]
            parts.append(coder.run({n: np.stack([e[n] for e in encoded]) for n in coder.inputs})[CODE])
    return np.concatenate(parts) if parts else np.zeros((0, numbers_of(reader)), np.float32)


def codes_of_array(coder: Graph, values: Array | RowsFile, name: str = "") -> Iterator[tuple[int, Array]]:
    """Yield the codes of the rows of one array, some at a time, each with the place of its first row.

    What already has the form that the network is given, as pictures of its size in bytes, goes into it as it is.

    Parameters
    ----------
    coder
        What `coding` returned.
    values
        Many values of the one input, such as pictures ``(N, H, W)`` or ``(N, H, W, C)``.
    name
        What the array is called.

    Raises
    ------
    DataError
        They are no values of the input.
    UsageError
        The recognizer has several inputs.
    """
    if len(coder.inputs) != 1:
        raise coder.several()
    ((input_name, column),) = coder.inputs.items()
    step, piece = coder.at_once, rows_at_once(column, coder.at_once)
    for start in range(0, len(values), piece):
        try:
            encoded, _ = encode_rows(column, values[start : start + piece], start)
        except DataError as error:
            raise DataError(f"{name}{error}") from None
        for at in range(0, len(encoded), step):
            yield start + at, coder.run({input_name: encoded[at : at + step]})[CODE]


def codes_of_rows(reader: Graph, prepared: Prepared, rows: Array) -> Array:
    """Return the codes of some rows of examples that are encoded with the recognizer's own columns, ``(rows, K)``.

    Raises
    ------
    UsageError
        The recognizer has no codes.
    """
    coder = coding(reader)
    return coder.run_batches(len(rows), lambda a, b: prepared.take(rows[a:b], coder.inputs))[CODE]


def rebuilt(reader: Graph, prepared: Prepared, rows: Array) -> tuple[str, Array] | None:
    """Return which target is what an input was, and how far each answer to some rows is from it, ``(rows,)``.

    None where no answer is a picture of what it is made of.
    """
    sources = {source for n, c in reader.inputs.items() for source in c.sources(n)}
    for name, column in reader.targets.items():
        if not sources.intersection(column.sources(name)):
            continue
        parts: list[Array] = []
        for at in range(0, len(rows), reader.at_once):
            some = rows[at : at + reader.at_once]
            found = reader.run(prepared.take(some, reader.inputs))[name]
            apart = column.apart(found, prepared.arrays[name].take(some))
            if apart is None:
                break
            parts.append(apart)
        else:
            if parts:
                return name, np.concatenate(parts)
    return None


def check_codes(codes: Array, reader: Graph, where: str) -> Array:
    """Return codes as ``float32``; DataError where they are not such as the recognizer's are."""
    count = numbers_of(reader)
    if codes.ndim != 2 or codes.shape[1] != count:
        has = codes.shape[1] if codes.ndim == 2 else f"the shape {codes.shape}"
        raise DataError(f"{where}: its codes have {has} numbers, and those of {reader.path} have {count}")
    found = codes.astype(np.float32)
    bad = np.flatnonzero(~np.isfinite(found).all(1))
    if len(bad):
        raise DataError(f"{where}: row {bad[0] + 1} holds what is no number")
    return found


def _as_output(name: str) -> bytes:
    """Return the message of a model with nothing but one more output of its graph, of real numbers."""
    tensor_of_floats = _field(2, _field(1, b"\x08\x01"))
    return _field(7, _field(12, _field(1, name.encode()) + tensor_of_floats))


def _field(number: int, content: bytes) -> bytes:
    """Return a field of a message; its content has fewer than 128 bytes."""
    if len(content) > 127:
        raise HornbookError("the name of an output is too long")
    return bytes([number << 3 | 2, len(content)]) + content
