"""Which operators an ONNX file has, told from its bytes, so that none runs that could go on without end.

A recognizer is a plain row of operators of ONNX's own sets. Those that hold graphs of their own (``Loop``, ``Scan``,
``If``, a search of ONNX Runtime's) and functions are in none that hornbook writes, and in a file of somebody else a
loop may never end. The file is protobuf (https://protobuf.dev/programming-guides/encoding), of which a few fields are
read here, and weights are passed over: the package `onnx` takes longer to load than a prediction takes.
"""

from __future__ import annotations

from collections.abc import Iterator

# Numbers of fields in onnx.proto3.
_MODEL_GRAPH, _MODEL_FUNCTION = 7, 25
_GRAPH_NODE = 1
_NODE_OPERATOR, _NODE_DOMAIN = 4, 7

_SETS = frozenset([b"", b"ai.onnx", b"ai.onnx.ml"])
_WITH_GRAPHS = frozenset([b"Loop", b"Scan", b"If", b"SequenceMap"])
"""Those of the sets that hold graphs of their own."""

MOST_FIELDS = 1_000_000
"""A file of more is not read: it would take seconds. A network has some thousands."""


def endless_operator(raw: bytes) -> str:
    """Return the name of an operator of an ONNX file that may run without end; empty where there is none.

    Raises
    ------
    ValueError
        The bytes are no such file.
    """
    left = [MOST_FIELDS]
    for number, model in _fields(memoryview(raw), left):
        if number == _MODEL_FUNCTION:
            return "of a function"
        if number != _MODEL_GRAPH:
            continue
        for part, node in _fields(model, left):
            if part != _GRAPH_NODE:
                continue
            for field, value in _fields(node, left):
                text = bytes(value) if field in (_NODE_OPERATOR, _NODE_DOMAIN) else b""
                if field == _NODE_DOMAIN and text not in _SETS:
                    return f"of {text[:99].decode('ascii', 'replace')!r}"
                if field == _NODE_OPERATOR and text in _WITH_GRAPHS:
                    return text.decode()
    return ""


def operators_of(raw: bytes) -> set[str]:
    """Return the names of the operators of an ONNX file; ValueError where the bytes are none."""
    left, found = [MOST_FIELDS], set()
    for number, model in _fields(memoryview(raw), left):
        for part, node in _fields(model, left) if number == _MODEL_GRAPH else ():
            if part == _GRAPH_NODE:
                found |= {bytes(v).decode() for field, v in _fields(node, left) if field == _NODE_OPERATOR}
    return found


def _fields(message: memoryview, left: list[int]) -> Iterator[tuple[int, memoryview]]:
    """Yield the number and the bytes of each field that has a length; the others are passed over.

    ``left`` is how many fields may still be read, of all messages together.
    """
    at, end = 0, len(message)
    while at < end:
        left[0] -= 1
        if left[0] < 0:
            raise ValueError("there are more fields than in any network")
        key, at = _varint(message, at)
        if key >> 32:  # readers would leave the upper bits out, and see another field
            raise ValueError("the number of a field is too large")
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
