"""What a graph takes and gives, held against what its columns encode and decode; outputs of free length joined.

The graph of a language model takes and gives states besides: a state is what a recurrent layer carries from one token
to the next. It is zeros before the first; given back to the graph, what the graph gives of it goes on where it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from hornbook.columns.base import Array, Column
from hornbook.columns.constraints import fits as is_of

LOGS = "hornbook.log_probabilities"
"""The output with the log-probability (nats) of each token given all before it, (rows, steps)."""

NOVELTY = "hornbook.novelty"
"""The output with how unlike the examples a row is, (rows, 1): the share of others of them that are less so."""

NUMBERS = "hornbook.numbers"
"""The input with many numbers side by side, (rows, columns), see `in_one`."""

IN_ONE = "in_one"
"""The key of a description that says that there is such an input."""

MOST_APART = 128
"""Most numbers that are an input of the graph each: with 5,000 inputs a session takes 50 s to open, with one 0.1 s."""

NOVEL = "novelty"
"""The key of a description that says that there is such an output."""

PLACES = "places"
"""The key of a description that says how many rows and columns of places its code is of: how far each place is."""

DECODER = "decoder"
"""The key of a description that says that an answer is written step by step, see `read_decoder`."""

PREVIOUS = "hornbook.previous"
"""The input with the token before the one that is written, (rows, 1)."""

MEMORY, MEMORY_MADE = "hornbook.memory", "hornbook.memory_made"
"""The input and the output with what is known of the inputs while an answer is written, (rows, steps, width)."""

ATTENTION = "hornbook.attention"
"""The output with how much each step of the inputs counted for the token that is written, (rows, steps)."""

CODE = "hornbook.code"
"""The tensor within a graph with what stands for a row, (rows, K): what its one answer is made of, or the features."""

CODED = "code"
"""The key of a description that says how many numbers that has."""

MIXTURE = "mixture"
"""The key of a description with Gaussians that say where the codes of the training rows lie."""

MOST_STATES = 8
MOST_NUMBERS = 1 << 20
"""Most numbers of a state of one row, in a file of somebody else."""

TYPES = {
    "uint8": "tensor(uint8)",
    "int16": "tensor(int16)",
    "uint16": "tensor(uint16)",
    "int32": "tensor(int32)",
    "int64": "tensor(int64)",
    "float32": "tensor(float)",
    "float64": "tensor(double)",
}
"""What ONNX Runtime calls the types of encoded values."""


Node = tuple[str, str | None, tuple[int | None, ...]]
"""Name, type and shape without rows of what a graph takes or gives; a side of any length is None."""


def before(i: int) -> str:
    """Return the name of the input that takes a state."""
    return f"hornbook.state_{i}"


def after(i: int) -> str:
    """Return the name of the output that gives it."""
    return f"hornbook.state_{i}_after"


def in_one(inputs: Mapping[str, Column]) -> tuple[str, ...]:
    """Return the numbers that a new graph takes as one input, in their order: those of a wide table; none of others."""
    names = tuple(n for n, c in inputs.items() if c.side_by_side)
    return names if len(names) > MOST_APART else ()


def taken(inputs: Mapping[str, Any], block: Sequence[str]) -> tuple[str, ...]:
    """Return the inputs of a graph that takes some numbers as one, in its order: that one is the last."""
    apart = set(block)
    return (*(n for n in inputs if n not in apart), *([NUMBERS] if block else []))


def laid_together(encoded: Mapping[str, Array], block: Sequence[str]) -> dict[str, Array]:
    """Return encoded rows as such a graph takes them.

    >>> laid_together({"a": np.zeros(3), "b": np.ones(3), "c": np.zeros((3, 4))}, ["a", "b"])[NUMBERS].shape
    (3, 2)
    """
    if not block:
        return dict(encoded)
    numbers = np.stack([encoded[n] for n in block], 1)
    return {n: numbers if n == NUMBERS else encoded[n] for n in taken(encoded, block)}


def read_states(about: dict[str, Any]) -> list[tuple[int, int]] | None:
    """Return the shapes (layers, units) of the states that a description names; None where it is damaged."""
    given = about.get("states", [])
    if not isinstance(given, list) or len(given) > MOST_STATES:
        return None
    out = []
    for shape in given:
        if not isinstance(shape, list) or not is_of(tuple(shape), tuple[int, int]):
            return None
        layers, units = shape
        if not (1 <= layers <= 64 and units >= 1 and layers * units <= MOST_NUMBERS):
            return None
        out.append((layers, units))
    return out


def read_decoder(about: dict[str, Any]) -> tuple[int, int] | None:
    """Return how many numbers a step of the memory has, and the units of the state, of what writes answers.

    None where a description names none. Raises ValueError where it is damaged.
    """
    given = about.get(DECODER)
    if given is None:
        return None
    if not isinstance(given, list) or not is_of(tuple(given), tuple[int, int]):
        raise ValueError(DECODER)
    width, units = given
    if not (1 <= width <= MOST_NUMBERS and 1 <= units <= MOST_NUMBERS):
        raise ValueError(DECODER)
    return width, units


def decoder_names(targets: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return what the graph of a decoder takes besides the inputs, and all that it gives."""
    return [PREVIOUS, MEMORY, before(0)], [*targets, MEMORY_MADE, ATTENTION, after(0)]


def fits_decoder(
    session: Any, inputs: Mapping[str, Column], targets: Mapping[str, Column], decoder: tuple[int, int]
) -> bool:
    """Return whether a graph reads the inputs to a memory, and writes the target's tokens from one."""
    width, units = decoder
    if len(targets) != 1 or not all(c.metric and c.learned for c in targets.values()):
        return False
    real = "tensor(float)"
    takes = [*_taken(inputs), (PREVIOUS, "tensor(int64)", (1,))]
    takes += [(MEMORY, real, (None, width)), (before(0), real, (1, units))]
    gives: list[Node] = [(n, real, (c.outputs,)) for n, c in targets.items()]
    gives += [(MEMORY_MADE, real, (None, width)), (ATTENTION, real, (None,)), (after(0), real, (1, units))]
    return _agree(takes, session.get_inputs()) and _agree(gives, session.get_outputs())


def _taken(inputs: Mapping[str, Column], block: Sequence[str] = ()) -> list[Node]:
    """Return what the graph is given for the input columns."""
    each: dict[str, Node] = {n: (n, TYPES.get(c.dtype.name), c.given_shape) for n, c in inputs.items()}
    if block:
        of = np.result_type(*(inputs[n].dtype for n in block))
        each[NUMBERS] = (NUMBERS, TYPES.get(of.name), (len(block),))
    return [each[n] for n in taken(inputs, block)]


def fits(
    session: Any,
    inputs: Mapping[str, Column],
    targets: Mapping[str, Column],
    states: Sequence[tuple[int | None, ...]],
    novel: bool = False,
    block: Sequence[str] = (),
) -> bool:
    """Return whether the graph takes what the input columns give, and gives what the targets decode."""
    takes = _taken(inputs, block)
    if not all(c.metric and c.learned for c in targets.values()):
        return False
    gives: list[Node] = [(n, "tensor(float)", c.output_shape) for n, c in targets.items()]
    takes += [(before(i), "tensor(float)", shape) for i, shape in enumerate(states)]
    if states:
        gives.append((LOGS, "tensor(float)", (None,)))
    gives += [(after(i), "tensor(float)", shape) for i, shape in enumerate(states)]
    if novel:
        gives.append((NOVELTY, "tensor(float)", (1,)))
    return _agree(takes, session.get_inputs()) and _agree(gives, session.get_outputs())


def _agree(wanted: Sequence[Node], nodes: Sequence[Any]) -> bool:
    """Return whether inputs or outputs of a graph are those that are wanted."""
    try:
        found = [(node.name, node.type) for node in nodes]
    except UnicodeDecodeError:
        return False
    # A side that is not known before the graph is run, as the number of rows, has a name, or none.
    return found == [(name, kind) for name, kind, _ in wanted] and all(
        not (node.shape and isinstance(node.shape[0], int)) and fits_shape(node.shape, (None, *shape))
        for node, (_, _, shape) in zip(nodes, wanted, strict=True)
    )


def fits_shape(found: Sequence[object], wanted: Sequence[int | None]) -> bool:
    """Return whether a shape is the one that is wanted, where both are known.

    >>> fits_shape((2, 7, 11), (2, None, 11)), fits_shape((2, 7, 11), (2, 7))
    (True, False)
    """
    return len(found) == len(wanted) and all(
        f == w for f, w in zip(found, wanted, strict=True) if w is not None and isinstance(f, int)
    )


def together(parts: Sequence[Array]) -> Array:
    """Join outputs of batches; where their second axes (time) differ, the shorter ones are filled up with zeros.

    >>> together([np.ones((1, 2)), np.ones((1, 3))])
    array([[1., 1., 0.],
           [1., 1., 1.]])
    """
    longest = max(p.shape[1] if p.ndim > 1 else 0 for p in parts)
    if all(p.ndim < 2 or p.shape[1] == longest for p in parts):
        return np.concatenate(parts)
    return np.concatenate(
        [np.pad(p, [(0, 0), (0, longest - p.shape[1])] + [(0, 0)] * (p.ndim - 2)) for p in parts]
    )
