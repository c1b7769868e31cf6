"""A recognizer in fewer bytes: its weights as float16, or its convolutions and dense layers in eight bits.

With ``float16`` the weights are stored in half as many bytes and are made float32 again when the file is opened: the
arithmetic, and the time, stay the same. With ``int8`` the arithmetic is in whole numbers (Jacob et al. 2018): what
flows between layers is rounded to 256 steps, whose range is found on real rows.
"""

from __future__ import annotations

import contextlib
import json
import logging
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

from hornbook.columns.base import Array
from hornbook.errors import UsageError
from hornbook.networks.novelty import shares_of
from hornbook.recognizer import KEY, Recognizer
from hornbook.recognizer.file import sealed
from hornbook.recognizer.signature import laid_together

__all__ = ["as_float16", "as_int8"]

LEAST = 64
"""Numbers that a weight must have to be stored otherwise: fewer are no bytes worth speaking of."""

LARGEST = 6e4
"""A weight with a larger number, or nothing but such as are 0 to float16, stays as it is."""

CALIBRATION_ROWS = 100
"""Rows on which the ranges for eight bits are found."""

QUANTIZED = ("Conv", "Gemm", "MatMul")

NOVELTY_PART, HEADS = "/novelty/", "/network/heads"
"""How the names of nodes begin that say what is unlike the examples, and of the heads: these stay exact."""


def as_float16(reader: Recognizer) -> bytes:
    """Return a recognizer's file with its weights in half as many bytes."""
    model = _model(reader)
    _halve(model.graph)
    return _written(model, "float16")


def _halve(graph: Any) -> None:
    """Store the weights of a graph as float16, which are made float32 when it is opened."""
    casts = []
    exact = {name for node in graph.node if node.name.startswith(NOVELTY_PART) for name in node.input}
    for tensor in graph.initializer:
        if tensor.name in exact:
            continue
        values = numpy_helper.to_array(tensor)
        if values.dtype != np.float32 or values.size < LEAST or values.ndim < 2:
            continue
        small = values.astype(np.float16)
        if np.abs(values).max() > LARGEST or (values.any() and not small.any()):
            continue
        name = tensor.name
        tensor.CopyFrom(numpy_helper.from_array(small, f"{name}.float16"))
        casts.append(
            helper.make_node(
                "Cast", [f"{name}.float16"], [name], name=f"{name}.cast", to=onnx.TensorProto.FLOAT
            )
        )
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def as_int8(reader: Recognizer, rows: Mapping[str, Array]) -> bytes:
    """Return a recognizer's file that calculates in eight bits; ``rows`` are encoded inputs, real ones.

    Raises
    ------
    UsageError
        There is nothing in it to be calculated so.
    """
    from onnxruntime.quantization import QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    if reader.states or reader.writing:
        raise UsageError("--precision int8 is not for language models and what is written: use float16")
    with tempfile.TemporaryDirectory() as folder, _quiet():
        plain, ready, out = (Path(folder) / name for name in ("plain.onnx", "ready.onnx", "out.onnx"))
        plain.write_bytes(_model(reader).SerializeToString())
        # Batch norms are put into their convolutions.
        quant_pre_process(str(plain), str(ready), skip_symbolic_shape=True)
        nodes = [n for n in onnx.load(ready).graph.node if n.op_type in QUANTIZED]
        exact = [n.name for n in nodes if n.name.startswith((NOVELTY_PART, HEADS))]
        if len(exact) == len(nodes):
            raise UsageError(
                "--precision int8 is for convolutions and dense layers, and this recognizer has none"
            )
        quantize_static(
            str(ready),
            str(out),
            _Rows(reader, rows),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=list(QUANTIZED),
            nodes_to_exclude=exact,
            per_channel=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            # Sums of pairs overflow where a processor has no VNNI: weights of seven bits answer the same on all.
            reduce_range=True,
        )
        model = onnx.load(out)
    if reader.novel:
        _novelty_anew(model, reader, rows)
    _halve(model.graph)  # what stays exact
    return _written(model, "int8")


class _Rows:
    """Gives ONNX Runtime a row at a time."""

    def __init__(self, reader: Recognizer, rows: Mapping[str, Array], most: int = CALIBRATION_ROWS) -> None:
        count = min(most, len(next(iter(rows.values()))))
        self._left = iter(
            laid_together({n: reader.inputs[n].trim(v[i : i + 1]) for n, v in rows.items()}, reader.block)
            for i in range(count)
        )

    def get_next(self) -> dict[str, Array] | None:
        """Return the inputs of a row; None after the last."""
        return next(self._left, None)

    def __iter__(self) -> Iterator[dict[str, Array]]:
        return self._left

    def set_range(self, start_index: int, end_index: int) -> None:
        """Do nothing: all rows are asked, one after the other."""


def _novelty_anew(model: Any, reader: Recognizer, rows: Mapping[str, Array]) -> None:
    """Say anew which share of examples is less unlike: rounded features lie a little farther away."""
    import onnxruntime

    names = [i.name for i in model.graph.initializer]
    knots = next((n for n in names if n.endswith("novelty.knots")), None)
    node = next((n for n in model.graph.node if knots is not None and knots in n.input), None)
    assert node is not None, "a file that says novelty has its knots"
    distance = node.input[0]
    asked = onnx.ModelProto()
    asked.CopyFrom(model)
    asked.graph.output.append(helper.make_tensor_value_info(distance, onnx.TensorProto.FLOAT, None))
    session = onnxruntime.InferenceSession(asked.SerializeToString(), providers=["CPUExecutionProvider"])
    count = len(next(iter(rows.values())))
    found = [session.run([distance], given)[0][0, 0] for given in _Rows(reader, rows, count)]
    places, shares = shares_of(np.array(found, np.float64))
    new = {"knots": places[:-1], "widths": np.diff(places), "shares": np.diff(shares)[:, None]}
    for tensor in model.graph.initializer:
        part = tensor.name.rpartition(".")[2]
        if tensor.name == f"novelty.{part}" and part in new:
            tensor.CopyFrom(numpy_helper.from_array(new[part].astype(np.float32), tensor.name))


def _model(reader: Recognizer) -> Any:
    """Return the model of a file without its seal."""
    model = onnx.load_from_string(reader.path.read_bytes())
    left = [(entry.key, entry.value) for entry in model.metadata_props if entry.key != "checksum"]
    del model.metadata_props[:]
    for key, value in left:
        entry = model.metadata_props.add()
        entry.key, entry.value = key, value
    return model


def _written(model: Any, precision: str) -> bytes:
    """Return the bytes of a model that says in which precision it is."""
    for entry in model.metadata_props:
        if entry.key == KEY:
            about = {**json.loads(entry.value), "precision": precision}
            entry.value = json.dumps(about, ensure_ascii=False)
    # What is known of shapes between nodes is found again when it is opened.
    del model.graph.value_info[:]
    return sealed(model.SerializeToString())


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep ONNX Runtime's hints from the terminal."""
    before = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(before)
