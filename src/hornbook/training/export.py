"""Writing the recognizer's file, and checking that it answers as the trained module does.

The exporter is torch's own that traces the module (``dynamo=False``): 0.05 s a file, so that every better
epoch can be exported, against 1.3 s and a page of log for the newer one (measured on a net of five
convolutions, torch 2.13).
"""

from __future__ import annotations

import copy
import io
import json
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch.onnx import TrainingMode

import hornbook
from hornbook.columns.base import ROUNDING, Array, Column
from hornbook.errors import RunError
from hornbook.networks.model import Graph, Network
from hornbook.recognizer import FORMAT, KEY

OPSET = 18


def export(
    network: Network, inputs: Mapping[str, Column], targets: Mapping[str, Column], about: Any
) -> bytes:
    """Return the bytes of a recognizer: the network in evaluation mode, its columns and ``about`` in the metadata."""
    import onnx

    # What a head has found on the validation rows (the interval of a number) goes into its column.
    targets = {
        n: c if (told := getattr(network.heads[n], "told", None)) is None else told(c) for n, c in targets.items()
    }
    graph = Graph(copy.deepcopy(network).cpu().eval())
    example = tuple(
        torch.zeros((2, *c.shape), dtype=torch.from_numpy(np.zeros(0, c.dtype)).dtype)
        for c in inputs.values()
    )
    # Some names of columns are none for torch's tracer ("0"): they are written into the graph afterwards.
    places = _places(inputs, targets)
    memory = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that this exporter is not the newest one
        torch.onnx.export(
            graph,
            example,
            memory,  # type: ignore[arg-type]
            input_names=list(places)[: len(inputs)],
            output_names=list(places)[len(inputs) :],
            dynamic_axes=_free_axes(inputs, targets),
            opset_version=OPSET,
            training=TrainingMode.EVAL,
            # Folding a batch norm into its convolution is left to ONNX Runtime: here the weights keep their names.
            do_constant_folding=False,
            dynamo=False,
        )
    model = onnx.load_from_string(memory.getvalue())
    _rename(model.graph, places)
    description = {
        "format": FORMAT,
        "hornbook": hornbook.__version__,
        "inputs": {n: c.to_json() for n, c in inputs.items()},
        "targets": {n: c.to_json() for n, c in targets.items()},
        **about,
    }
    entry = model.metadata_props.add()
    entry.key, entry.value = KEY, json.dumps(description, ensure_ascii=False)
    raw: bytes = model.SerializeToString()
    return raw


def _places(inputs: Mapping[str, Column], targets: Mapping[str, Column]) -> dict[str, str]:
    return {f"hornbook_{i}": n for i, n in enumerate([*inputs, *targets])}


def _free_axes(inputs: Mapping[str, Column], targets: Mapping[str, Column]) -> dict[str, dict[int, str]]:
    """Return which axes are of any length: rows, and the steps of what has a length of its own."""
    axes = {place: {0: "rows"} for place in _places(inputs, targets)}
    for place, column in zip(axes, [*inputs.values(), *targets.values()], strict=True):
        if place in list(axes)[: len(inputs)]:
            if column.varying:
                axes[place][1] = f"steps_{place}"
        else:
            axes[place].update(
                {i: f"{place}_{i}" for i, side in enumerate(column.output_shape, 1) if side is None}
            )
    return axes


def _rename(graph: Any, names: Mapping[str, str]) -> None:
    """Give the inputs and outputs of a graph other names, wherever they are used."""
    for value in [*graph.input, *graph.output]:
        value.name = names.get(value.name, value.name)
    for node in graph.node:
        for side in (node.input, node.output):
            side[:] = [names.get(name, name) for name in side]


def check_export(recognizer: Any, network: Network, encoded: Mapping[str, Array], where: str) -> None:
    """Compare the decoded answers of the file and of the module on real rows, one at a time and all at once.

    Raises
    ------
    RunError
        An answer differs, or a probability by more than rounding.
    """
    rows = len(next(iter(encoded.values())))
    graph = Graph(copy.deepcopy(network).cpu().eval())
    for batch in [slice(0, rows), *(slice(i, i + 1) for i in range(min(rows, 8)))]:
        # Each batch is as long as its longest row, so that what is of free length is tried at several.
        some = {n: recognizer.inputs[n].trim(v[batch]) for n, v in encoded.items()}
        with torch.inference_mode():
            trained = graph(*(torch.from_numpy(v) for v in some.values()))
        exported = recognizer.run(some)
        for name, ours in zip(network.heads, (t.numpy() for t in trained), strict=True):
            theirs = exported[name]
            if ours.shape != theirs.shape:
                raise RunError(
                    f"{where}: the exported file gives {name} in the shape {theirs.shape}, and the trained network "
                    f"in {ours.shape}; it was not kept, please report this with the recipe"
                )
            gap, differ = recognizer.targets[name].differences(ours, theirs)
            if not gap <= ROUNDING or differ:  # nan is no number, and not less than any
                raise RunError(
                    f"{where}: the exported file does not answer as the trained network ({differ} of {len(ours)} "
                    f"answers differ, outputs by up to {gap:.2g}); it was not kept, please report this with the recipe"
                )
