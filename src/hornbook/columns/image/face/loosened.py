"""A network file of one picture of one size made to take any: the sizes are taken out of its description.

The file is ONNX, which is protocol buffers: a message is fields, each a number, a type and a value. What a graph says
of the shapes in it is dropped, and how many pictures there are, their height and their width become names. Nothing else
is touched, so this needs no package that knows the format.
"""

from __future__ import annotations

from collections.abc import Iterator

__all__ = ["loosened"]

GRAPH = 7  # of ModelProto
INPUT, OUTPUT, VALUE_INFO = 11, 12, 13  # of GraphProto
NAME, TYPE, TENSOR, SHAPE, DIM, DIM_PARAM = 1, 2, 1, 2, 1, 2
_BYTES = 2  # the wire type of what has a length


def loosened(model: bytes) -> bytes:
    """Return a model that takes any number of pictures of any height and width, and whose outputs any shape.

    Raises
    ------
    ValueError
        It is no ONNX file, or damaged.
    """
    return b"".join(_field(n, _graph(value)) if n == GRAPH else raw for n, value, raw in _fields(model))


def _graph(graph: bytes) -> bytes:
    out = []
    for number, value, raw in _fields(graph):
        if number == VALUE_INFO:
            continue
        if number == INPUT:
            raw = _field(number, _info(value, keep=True))
        elif number == OUTPUT:
            raw = _field(number, _info(value, keep=False))
        out.append(raw)
    return b"".join(out)


def _info(info: bytes, keep: bool) -> bytes:
    """Return a ValueInfoProto with the other sizes than its channels as names, or without a shape."""
    out = []
    for number, value, raw in _fields(info):
        if number == TYPE:
            ((_, tensor, _),) = list(_fields(value))
            parts = [
                (_field(n, _shape(v)) if keep else b"") if n == SHAPE else r for n, v, r in _fields(tensor)
            ]
            raw = _field(TYPE, _field(TENSOR, b"".join(parts)))
        out.append(raw)
    return b"".join(out)


def _shape(shape: bytes) -> bytes:
    _, channels, *_ = [raw for _, _, raw in _fields(shape)]
    count, height, width = (_field(DIM, _field(DIM_PARAM, name)) for name in (b"count", b"height", b"width"))
    return count + channels + height + width


def _fields(message: bytes) -> Iterator[tuple[int, bytes, bytes]]:
    """Yield each field of a message: its number, its value where that has a length, and all of its bytes."""
    at = 0
    while at < len(message):
        start = at
        key, at = _varint(message, at)
        kind, value = key & 7, b""
        if kind == 0:
            _, at = _varint(message, at)
        elif kind == _BYTES:
            length, at = _varint(message, at)
            value = message[at : at + length]
            at += length
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        else:
            raise ValueError(f"a field of type {kind}")
        if at > len(message):
            raise ValueError("the file is cut off")
        yield key >> 3, value, message[start:at]


def _field(number: int, value: bytes) -> bytes:
    return _number(number << 3 | _BYTES) + _number(len(value)) + value


def _varint(message: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        if at >= len(message) or shift > 63:
            raise ValueError("the file is cut off")
        byte = message[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at


def _number(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes([*out, value])
