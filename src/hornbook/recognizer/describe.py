"""A recognizer for other programs: what goes into its graph and comes out, in words, and its weights."""

from __future__ import annotations

import io
import json
import textwrap
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from hornbook.columns.base import Array
from hornbook.common.plaintext import clean
from hornbook.errors import MissingExtra
from hornbook.recognizer.recognizer import Recognizer
from hornbook.recognizer.signature import (
    ATTENTION,
    LOGS,
    MEMORY,
    MEMORY_MADE,
    NUMBERS,
    PREVIOUS,
    after,
    before,
    read_decoder,
)

WIDE = 100
"""Characters of a line."""


def describe(reader: Recognizer, name: str) -> str:
    """Return what goes into a recognizer's graph and what comes out, for who writes a program around it."""
    lines = [f"{name}: an ONNX file, written by hornbook {reader.about.get('hornbook', '')}".rstrip(), ""]
    lines += ["What goes in:", ""]
    apart = [n for n in reader.inputs if n not in set(reader.block)]
    for column_name in apart:
        column = reader.inputs[column_name]
        sides = ", ".join(["rows", *map(str, column.shape)]) + ("" if column.shape else ",")
        lines += [f"  {clean(column_name)}: {column.dtype} of shape ({sides})"]
        lines += _wrapped(column.about_encoded())
        lines += [f"    made by the column {clean(json.dumps(column.options(), ensure_ascii=False))}"]
    if reader.block:
        lines += _block(reader)
    states = {before(i): shape for i, shape in enumerate(reader.states)}
    for state, shape in states.items():
        lines += [f"  {state}: float32 of shape (rows, {', '.join(map(str, shape))})"]
        lines += ["    zeros to begin with; what comes out of it goes in again to go on"]
    decoder = read_decoder(reader.about)
    if decoder:
        lines += _wrapped_under(_taken_to_write(*decoder))
    lines += ["", "What comes out:", ""]
    for column_name, column in reader.targets.items():
        sides = ", ".join("steps" if side is None else str(side) for side in column.output_shape)
        all_sides = f"written, {column.outputs}" if decoder else f"rows, {sides}"
        lines += [f"  {clean(column_name)}: float32 of shape ({all_sides})"]
        lines += _wrapped(column.about_outputs())
    if decoder:
        lines += _wrapped_under(_given_to_write(*decoder))
    if states:
        lines += [f"  {LOGS}: float32 of shape (rows, steps)"]
        lines += ["    the logarithm of the probability of each token, given all before it"]
        lines += [
            f"  {after(i)}: float32 of shape (rows, {', '.join(map(str, shape))})"
            for i, shape in enumerate(reader.states)
        ]
    shapes = [(n, reader.inputs[n].shape, reader.inputs[n].dtype.name) for n in apart]
    shapes += [(NUMBERS, (len(reader.block),), _of(reader))] if reader.block else []
    shapes += [(n, shape, "float32") for n, shape in states.items()]
    given = [f"{n!r}: np.zeros({(1, *shape)}, np.{dtype})" for n, shape, dtype in shapes]
    if decoder:
        return "\n".join([*lines, *_written_in_python(reader, name, given, *decoder), ""])
    lines += [
        "",
        "Scaling, standardizing and softmax are in the graph. In Python:",
        "",
        "  import numpy as np, onnxruntime",
        f"  session = onnxruntime.InferenceSession({name!r})",
        "  answers = session.run(None, {" + (given[0] + "})" if len(given) == 1 else ""),
    ]
    if len(given) > 1:
        lines += [*(f"    {line}," for line in given), "  })"]
    return "\n".join([*lines, ""])


def _taken_to_write(width: int, units: int) -> dict[str, str]:
    """Return what a graph that writes answers takes besides the inputs, by head; ``written`` are answers under way."""
    return {
        f"{PREVIOUS}: int64 of shape (written, 1)": "the token before the one that is written",
        f"{MEMORY}: float32 of shape (written, steps, {width})": "what was read, a row for each answer under way",
        f"{before(0)}: float32 of shape (written, 1, {units})": "the state after the token before",
    }


def _given_to_write(width: int, units: int) -> dict[str, str]:
    """Return what such a graph gives besides the target, by head."""
    return {
        f"{MEMORY_MADE}: float32 of shape (rows, steps, {width})": "what was read of the inputs",
        f"{ATTENTION}: float32 of shape (written, steps)": "how much each step of what was read counted",
        f"{after(0)}: float32 of shape (written, 1, {units})": "the state after this token",
    }


def _wrapped_under(heads: dict[str, str]) -> list[str]:
    return [line for head, said in heads.items() for line in (f"  {head}", f"    {said}")]


def _written_in_python(reader: Recognizer, name: str, given: list[str], width: int, units: int) -> list[str]:
    """Return a program that writes the answer to one row, the likeliest token each time."""
    ((target, column),) = reader.targets.items()
    return [
        "",
        "Scaling and standardizing are in the graph. In Python, with the likeliest token each time:",
        "",
        "  import numpy as np, onnxruntime",
        f"  session = onnxruntime.InferenceSession({name!r})",
        "  part = onnxruntime.RunOptions()",
        "  part.only_execute_path_to_fetches = True",
        "  given = {",
        *(f"    {line}," for line in given),
        f"    {PREVIOUS!r}: np.ones((1, 1), np.int64),",
        f"    {MEMORY!r}: np.zeros((1, 1, {width}), np.float32),",
        f"    {before(0)!r}: np.zeros((1, 1, {units}), np.float32),",
        "  }",
        f"  (given[{MEMORY!r}],) = session.run([{MEMORY_MADE!r}], given, part)",
        "  answer = []",
        f"  while len(answer) < {column.shape[0]}:",
        f"    p, given[{before(0)!r}] = session.run([{target!r}, {after(0)!r}], given, part)",
        "    p[:, [0, 2]] = 0",
        f"    given[{PREVIOUS!r}][:] = p.argmax()",
        "    if p.argmax() == 1:",
        "      break",
        "    answer.append(int(p.argmax()))",
    ]


def _of(reader: Recognizer) -> str:
    """Return the type of the numbers that are one input."""
    return str(np.result_type(*(reader.inputs[n].dtype for n in reader.block)))


def _block(reader: Recognizer) -> list[str]:
    """Return what is said of the numbers that are one input."""
    lines = [f"  {NUMBERS}: {_of(reader)} of shape (rows, {len(reader.block)})"]
    lines += ["    the numbers of these columns side by side, in this order:"]
    for name in reader.block:
        column = reader.inputs[name]
        lines += [f"    {clean(name)}: {clean(json.dumps(column.options(), ensure_ascii=False))}"]
    return [*lines, *_wrapped(reader.inputs[reader.block[0]].about_encoded())]


def _wrapped(said: Sequence[str]) -> list[str]:
    """Return sentences as indented lines; what goes on in a second line is further in."""
    out = []
    wrapper = textwrap.TextWrapper(WIDE + 4, " " * 4, " " * 8, break_long_words=False, break_on_hyphens=False)
    for sentence in said:
        out += wrapper.wrap(sentence) if len(sentence) > WIDE and " " in sentence else [f"    {sentence}"]
    return out


def read_weights(path: Path) -> dict[str, Array]:
    """Return every parameter and buffer of a recognizer by its name in the network.

    Raises
    ------
    MissingExtra
        The package ``onnx`` is not installed.
    """
    try:
        import onnx
        from onnx import numpy_helper
    except ModuleNotFoundError as error:
        raise MissingExtra("exporting weights", "train") from error
    graph = onnx.load_from_string(
        path.read_bytes()
    ).graph  # ONNX Runtime has read it, so it is no damaged file
    weights = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    # Of parameters with the same values the exporter keeps one, and says that the others are identical.
    for node in graph.node:
        if node.op_type == "Identity" and node.input[0] in weights:
            weights[node.output[0]] = weights[node.input[0]]
    # Where the examples lie is nothing that the network has learned.
    learned = {n: v for n, v in weights.items() if not n.startswith("novelty.")}
    return {name.removeprefix("network."): value for name, value in learned.items()}


def weights_text(weights: dict[str, Array]) -> bytes:
    """Return weights as text: a line with the name and the shape, then a line for each row of values.

    Every value is written with as many digits as bring back the same bits.
    """
    lines: list[str] = []
    for name, values in weights.items():
        shape = ", ".join(map(str, values.shape))
        lines.append(f"{name} ({shape})")
        if values.size:
            rows = values.reshape(-1, values.shape[-1] if values.ndim else 1)
            lines += [" ".join(map(str, row)) for row in rows.astype(str)]
        lines.append("")
    return "\n".join(lines).encode()


def weights_npz(weights: dict[str, Array]) -> bytes:
    """Return weights as the bytes of a ``.npz`` file of numpy."""
    memory = io.BytesIO()
    np.savez_compressed(memory, allow_pickle=False, **weights)
    return memory.getvalue()
