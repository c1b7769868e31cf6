"""``hornbook export``: the recognizer, or its weights, for other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from hornbook.cli.arguments import Says
from hornbook.cli.terminal import note
from hornbook.common.files import write_file
from hornbook.common.plaintext import clean, number_of
from hornbook.errors import MissingExtra, RunError, UsageError

if TYPE_CHECKING:
    from hornbook.columns.base import Array
    from hornbook.recognizer import Recognizer

FORMS = ("onnx", "weights.txt", "weights.npz")

ELSE = "name another file with --out"


def export(
    recognizer: Annotated[str, Says("the folder of a run, or a recognizer's file", "RUN|FILE.onnx")],
    *,
    to: Annotated[str, Says("onnx, weights.txt or weights.npz", choices=FORMS, metavar="FORM")],
    out: Annotated[
        str | None, Says("the file to write (the run's name with the ending, here)", "FILE")
    ] = None,
) -> None:
    """Write a recognizer, or its weights, for other programs.

    onnx: the recognizer's file, for ONNX Runtime in any language, with a text beside it that says what goes
    in and what comes out. weights.txt: the name, the shape and every value of each parameter, as text.
    weights.npz: the same as numpy arrays by name.

    Examples
    --------
      hornbook export runs/digits --to onnx
      hornbook export runs/digits --to weights.txt
      hornbook export runs/digits --to weights.npz --out digits.npz
    """
    from hornbook.recognizer import FILE, load

    reader = load(recognizer)
    # As an absolute path, since a run may be called `.`
    stem = reader.path.absolute().parent.name if reader.path.name == FILE else reader.path.stem
    path = Path(out) if out is not None else Path(f"{stem}.{to}")
    if path.exists() and (path.is_dir() or path.samefile(reader.path)):
        what = "a folder" if path.is_dir() else "the recognizer itself"
        raise UsageError(f"{path} is {what}: name the file to write with --out")
    if to == "onnx":
        written = _write_onnx(reader, path)
    else:
        weights = read_weights(reader.path)
        written = [path]
        raw = weights_text(weights) if to == "weights.txt" else _npz(weights)
        write_file(path, raw, do=ELSE)
        count = sum(w.size for w in weights.values())
        note(f"{number_of(len(weights), 'array')}, {count:,} numbers")
    for file in written:
        print(file)


def _write_onnx(reader: Recognizer, path: Path) -> list[Path]:
    """Write the file and its description; what was written is loaded again, and must answer the same."""
    import numpy as np

    from hornbook.recognizer import load

    raw = reader.path.read_bytes()
    write_file(path, raw, do=ELSE)
    text = path.with_name(path.name + ".txt")  # labels.txt beside labels.onnx may be somebody's labels
    write_file(text, describe(reader, path.name).encode(), do=ELSE)
    rows = {n: np.zeros((2, *c.shape), c.dtype) for n, c in reader.inputs.items()}
    ours, theirs = reader.run(rows), load(path).run(rows)
    if any(not np.array_equal(ours[n], theirs[n]) for n in ours):
        raise RunError(
            f"{path} does not answer as {reader.path} does: the disk may be failing; export it again"
        )
    return [path, text]


def describe(reader: Recognizer, name: str) -> str:
    """Return what goes into a recognizer's graph and what comes out, for who writes a program around it."""
    from hornbook.recognizer.states import LOGS, after, before

    lines = [f"{name}: an ONNX file, written by hornbook {reader.about.get('hornbook', '')}".rstrip(), ""]
    lines += ["What goes in:", ""]
    for column_name, column in reader.inputs.items():
        sides = ", ".join(["rows", *map(str, column.shape)]) + ("" if column.shape else ",")
        lines += [f"  {clean(column_name)}: {column.dtype} of shape ({sides})"]
        lines += [f"    {line}" for line in column.about_encoded()]
        lines += [f"    made by the column {clean(json.dumps(column.options(), ensure_ascii=False))}"]
    states = {before(i): shape for i, shape in enumerate(reader.states)}
    for state, shape in states.items():
        lines += [f"  {state}: float32 of shape (rows, {', '.join(map(str, shape))})"]
        lines += ["    zeros to begin with; what comes out of it goes in again to go on"]
    lines += ["", "What comes out:", ""]
    for column_name, column in reader.targets.items():
        sides = ", ".join("steps" if side is None else str(side) for side in column.output_shape)
        lines += [f"  {clean(column_name)}: float32 of shape (rows, {sides})"]
        lines += [f"    {line}" for line in column.about_outputs()]
    if states:
        lines += [f"  {LOGS}: float32 of shape (rows, steps)"]
        lines += ["    the logarithm of the probability of each token, given all before it"]
        lines += [
            f"  {after(i)}: float32 of shape (rows, {', '.join(map(str, shape))})"
            for i, shape in enumerate(reader.states)
        ]
    shapes = [(n, c.shape, c.dtype.name) for n, c in reader.inputs.items()]
    shapes += [(n, shape, "float32") for n, shape in states.items()]
    given = [f"{n!r}: np.zeros({(1, *shape)}, np.{dtype})" for n, shape, dtype in shapes]
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
    return {name.removeprefix("network."): value for name, value in weights.items()}


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


def _npz(weights: dict[str, Array]) -> bytes:
    import io

    import numpy as np

    memory = io.BytesIO()
    np.savez_compressed(memory, allow_pickle=False, **weights)
    return memory.getvalue()
