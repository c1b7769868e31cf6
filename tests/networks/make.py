"""Options of networks, and networks in a file of ONNX, for the tests."""

from __future__ import annotations

import io
import warnings
from collections.abc import Callable, Sequence
from typing import Any

import onnxruntime
import torch
from torch import Tensor, nn

from hornbook.columns.base import Array
from hornbook.recipe import Recipe


def options(**network: Any) -> Any:
    """Return the options of a network as a recipe has them."""
    values = {"inputs": {"x": "image"}, "targets": {"y": "category"}, "network": network}
    return Recipe.from_values(values, "x", "test").network


def exported(module: nn.Module, given: Sequence[Tensor], free: dict[str, list[int]]) -> Callable[..., Array]:
    """Return what runs a module's file: from arrays to its output, which is called ``y``.

    ``free`` names the inputs in their order, and ``y``, each with the axes that may have any length.
    """
    memory, names = io.BytesIO(), [name for name in free if name != "y"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            tuple(g.detach() for g in given),
            memory,  # type: ignore[arg-type]
            input_names=names,
            output_names=["y"],
            dynamic_axes={name: {axis: f"{name}{axis}" for axis in axes} for name, axes in free.items()},
            opset_version=18,
            do_constant_folding=False,
            dynamo=False,
        )
    session = onnxruntime.InferenceSession(memory.getvalue(), providers=["CPUExecutionProvider"])

    def answer(*arrays: Tensor) -> Array:
        given = {n: a.detach().numpy() for n, a in zip(names, arrays, strict=True)}
        found: Array = session.run(None, given)[0]
        return found

    return answer
