"""Which operators an ONNX file has, told from its bytes, so that none runs that could go on without end.

A recognizer is a plain row of operators. Those that hold graphs of their own (``Loop``, ``Scan``, ``If``) are in none
that hornbook writes, and in a file of somebody else a loop may never end. The file is protobuf
(https://protobuf.dev/programming-guides/encoding), of which a few fields are read here, and weights are passed over:
the package `onnx` takes longer to load than a prediction takes.
"""

from __future__ import annotations

from collections.abc import Iterator

# Numbers of fields in onnx.proto3.
_MODEL_GRAPH, _MODEL_FUNCTION = 7, 25
_GRAPH_NODE, _FUNCTION_NODE = 1, 7
_NODE_OPERATOR = 4

WITH_GRAPHS = frozenset(["Loop", "Scan", "If", "SequenceMap"])
"""Operators that hold graphs of their own."""


def operators(raw: bytes) -> set[str]:
    """Return the types of all operators of an ONNX file, without those inside of others.

    Raises
    ------
    ValueError
        The bytes are no such file.
    """
    whole = memoryview(raw)
    found: set[bytes] = set()
    for number, model in _fields(whole):
        inner = {_MODEL_GRAPH: _GRAPH_NODE, _MODEL_FUNCTION: _FUNCTION_NODE}.get(number)
        if inner is None:
            continue
        for part, node in _fields(model):
            if part == inner:
                found.update(bytes(text) for field, text in _fields(node) if field == _NODE_OPERATOR)
    return {name.decode("utf-8", "replace") for name in found}


def _fields(message: memoryview) -> Iterator[tuple[int, memoryview]]:
    """Yield the number and the bytes of each field that has a length; the others are passed over."""
    at, end = 0, len(message)
    while at < end:
        key, at = _varint(message, at)
        kind = key & 7
        if kind == 0:
            _, at = _varint(message, at)
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        elif kind == 2:
            length, at = _varint(message, at)
            if length > end - at:
                raise ValueError("a field is longer than what it lies in")
            yield key >> 3, message[at : at + length]
            at += length
        else:
            raise ValueError(f"fields of kind {kind} are in no ONNX file")


def _varint(message: memoryview, at: int) -> tuple[int, int]:
    """Return the whole number that begins at a place, seven bits to a byte, and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(message):
            raise ValueError("the bytes end in the middle of a number")
        byte = message[at]
        at += 1
        value |= (byte & 127) << shift
        if byte < 128:
            return value, at
    raise ValueError("a number has more than ten bytes")
