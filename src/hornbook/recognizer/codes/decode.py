"""The two parts of a recognizer's graph as models of their own: from an input to its code, and from that to an answer.

This needs ``onnx``, which the extra ``train`` brings.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from hornbook.columns.base import ROUNDING, Array, Column
from hornbook.columns.prediction import Prediction
from hornbook.errors import RunError, UsageError
from hornbook.recognizer.codes.encode import check_codes, coding, numbers_of
from hornbook.recognizer.graph import BATCH, Graph
from hornbook.recognizer.signature import CODE, laid_together

if TYPE_CHECKING:
    from onnx import ModelProto

__all__ = ["Decoder", "checked_part", "decoder_model", "encoder_model"]

TRIED = 5
"""Rows of anything that a part is compared on, and one of them alone."""


def encoder_model(reader: Graph) -> bytes:
    """Return a model from the recognizer's inputs to the code, ``hornbook.code``."""
    numbers_of(reader)
    model = _model(reader)
    return _cut(model, list(model.graph.input), [_value(CODE, numbers_of(reader))])


def decoder_model(reader: Graph) -> bytes:
    """Return a model from codes to the answer.

    Raises
    ------
    UsageError
        The answer is not made of the code alone.
    """
    model, target = _model(reader), _target(reader)
    outputs = [value for value in model.graph.output if value.name == target]
    return _cut(model, [_value(CODE, numbers_of(reader))], outputs)


class Decoder:
    """Makes answers of codes.

    Raises
    ------
    UsageError
        The recognizer has no codes, or its answer is not made of the code alone.

    Examples
    --------
    >>> decoder = Decoder(hornbook.load("runs/autoencoder"))      # doctest: +SKIP
    >>> decoder.decode(codes)[0].value                            # doctest: +SKIP
    <PIL.Image.Image image mode=L size=28x28>
    """

    def __init__(self, reader: Graph) -> None:
        import onnxruntime

        self.reader, self.target = reader, _target(reader)
        self.column: Column = reader.targets[self.target]
        self._session = onnxruntime.InferenceSession(
            decoder_model(reader), providers=["CPUExecutionProvider"]
        )

    def outputs(self, codes: Array) -> Array:
        """Return the outputs of codes ``(rows, K)``, as the recognizer's graph gives them."""
        given = check_codes(codes, self.reader, "the codes")
        parts = [
            self._session.run([self.target], {CODE: given[at : at + BATCH]})[0]
            for at in range(0, len(given), BATCH)
        ]
        empty = (0, *(side or 0 for side in self.column.output_shape))
        return np.concatenate(parts) if parts else np.zeros(empty, np.float32)

    def decode(self, codes: Array) -> list[Prediction]:
        """Return the answers."""
        return self.column.decode(self.outputs(codes))


def checked_part(reader: Graph, part: str) -> bytes:
    """Return the model of a part, ``encoder`` or ``decoder``, that was found to give what the recognizer gives.

    Raises
    ------
    RunError
        It does not.
    """
    import onnxruntime

    raw = encoder_model(reader) if part == "encoder" else decoder_model(reader)
    session = onnxruntime.InferenceSession(raw, providers=["CPUExecutionProvider"])
    draw, coder = np.random.default_rng(0), coding(reader)
    rows = {n: draw.integers(0, 2, (TRIED, *c.shape)).astype(c.dtype) for n, c in reader.inputs.items()}
    for some in ({n: v[:1] for n, v in rows.items()}, rows):
        codes = coder.run(some)[CODE]
        if part == "encoder":
            theirs, ours = session.run([CODE], laid_together(some, reader.block))[0], codes
        else:
            target = _target(reader)
            theirs, ours = session.run([target], {CODE: codes})[0], reader.run(some)[target]
        gap = float(np.abs(theirs - ours).max())
        if not gap <= ROUNDING * max(1.0, float(np.abs(ours).max())):
            raise RunError(
                f"the {part} does not give what {reader.path} gives (by up to {gap:.2g}): please report this"
            )
    return raw


def _target(reader: Graph) -> str:
    """Return the target whose answer is made of the code alone."""
    numbers_of(reader)
    pictures = [n for n, c in reader.targets.items() if c.medium == "picture"]
    if len(reader.targets) != 1 or not pictures:
        raise UsageError(
            f"{reader.path} does not make its answer of a code: that do recognizers with one target, a picture, such "
            "as the recipe autoencoder gives"
        )
    return pictures[0]


def _model(reader: Graph) -> ModelProto:
    try:
        import onnx
    except ImportError:
        raise UsageError('this needs onnx: pip install "hornbook[train]"') from None
    return onnx.load_from_string(reader.path.read_bytes())


def _value(name: str, numbers: int) -> Any:
    from onnx import TensorProto, helper

    return helper.make_tensor_value_info(name, TensorProto.FLOAT, ["rows", numbers])


def _cut(model: ModelProto, inputs: Sequence[Any], outputs: Sequence[Any]) -> bytes:
    """Return the part of a model between some tensors; UsageError where it needs more than these inputs."""
    from onnx import helper

    graph, known = model.graph, {value.name for value in inputs}
    made = {name: node for node in graph.node for name in node.output}
    weights = {tensor.name: tensor for tensor in graph.initializer}
    wanted, nodes, needed = [value.name for value in outputs], set[int](), set[str]()
    while wanted:
        name = wanted.pop()
        if not name or name in known:
            continue
        known.add(name)
        if name in weights:
            needed.add(name)
            continue
        if name not in made:
            raise UsageError(f"the answer is not made of the code alone, but of {name!r} as well")
        nodes.add(id(made[name]))
        wanted += made[name].input
    part = helper.make_graph(
        [node for node in graph.node if id(node) in nodes],
        graph.name,
        inputs,
        outputs,
        [tensor for tensor in graph.initializer if tensor.name in needed],
    )
    found = helper.make_model(part, opset_imports=model.opset_import, ir_version=model.ir_version)
    raw: bytes = found.SerializeToString()
    return raw
