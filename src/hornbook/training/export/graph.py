"""Writing the recognizer's file, and checking that it answers as the trained module does.

The exporter is torch's own that traces the module (``dynamo=False``): 0.05 s a file, so that every better
epoch can be exported, against 1.3 s and a page of log for the newer one (measured on a net of five
convolutions, torch 2.13).
"""

from __future__ import annotations

import dataclasses
import io
import json
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch.onnx import TrainingMode

import hornbook
from hornbook.columns.base import ROUNDING, Array, Column
from hornbook.columns.image.column import ImageColumn
from hornbook.columns.image.own_size import of_own_size
from hornbook.columns.sequence.column import SequenceColumn
from hornbook.columns.sequence.write import Writer, write
from hornbook.errors import RecipeError, RunError
from hornbook.networks.language import DecodingGraph, make_graph
from hornbook.networks.model import Answering, Graph
from hornbook.networks.novelty import AnyNovelty
from hornbook.networks.tables.trees import Trees
from hornbook.recognizer import FORMAT, KEY
from hornbook.recognizer.file import sealed
from hornbook.recognizer.signature import (
    ATTENTION,
    CODE,
    CODED,
    DECODER,
    IN_ONE,
    LOGS,
    MEMORY,
    MEMORY_MADE,
    NOVEL,
    NOVELTY,
    after,
    before,
    decoder_names,
    in_one,
    laid_together,
    taken,
)

OPSET = 18

NOVELTY_ROUNDING = 0.02
"""Largest difference of two novelties that is rounding: where many examples lie close together they are steep."""

TREES = "ai.onnx.ml"
"""The domain of the operator that trees are."""


def export(
    network: Answering,
    inputs: Mapping[str, Column],
    targets: Mapping[str, Column],
    about: Any,
    novelty: AnyNovelty | None = None,
) -> bytes:
    """Return the bytes of a recognizer: the network in evaluation mode, its columns and ``about`` in the metadata.

    ``novelty`` says beside the answers how unlike the examples a row is.
    """
    import onnx

    # What a head has found on the validation rows (the interval of a number) goes into its column.
    targets = {n: network.heads[n].calibrated(c) for n, c in targets.items()}
    inputs = _as_given(inputs, targets)
    graph = make_graph(network, novelty, in_one(inputs))
    block = graph.block
    zeros = laid_together({n: np.zeros((2, *c.shape), c.dtype) for n, c in inputs.items()}, block)
    example = tuple(torch.from_numpy(zeros[n]) for n in taken(inputs, block))
    example += graph.start(2)
    # Some names of columns are none for torch's tracer ("0"): they are written into the graph afterwards.
    places = _places(taken(inputs, block), targets, graph)
    memory = io.BytesIO()
    with warnings.catch_warnings(action="ignore"):  # that this exporter is not the newest one
        torch.onnx.export(
            graph,
            example,
            memory,  # type: ignore[arg-type]
            input_names=list(places)[: len(example)],
            output_names=list(places)[len(example) :],
            dynamic_axes=_free_axes(places, inputs, targets, graph),
            opset_version=OPSET,
            training=TrainingMode.EVAL,
            # Folding a batch norm into its convolution is left to ONNX Runtime: here the weights keep their names.
            do_constant_folding=False,
            # Named where it is not used, it is warned of.
            custom_opsets={TREES: 3} if any(isinstance(m, Trees) for m in graph.modules()) else {},
            dynamo=False,
        )
    model = onnx.load_from_string(memory.getvalue())
    _rename(model.graph, places)
    if graph.has_code:  # it is within the graph, for who asks for it: no program need know of another output
        code = model.graph.output.pop()
        assert code.name == CODE
    more: dict[str, Any] = {"states": [list(shape) for shape in graph.states]} if graph.states else {}
    more |= {NOVEL: True} if graph.says_novelty else {}
    more |= {CODED: _numbers_of(graph, example)} if graph.has_code else {}
    more |= {DECODER: list(graph.decoder)} if graph.decoder is not None else {}
    more |= {IN_ONE: True} if block else {}
    return described(model, inputs, targets, {**more, **about})


def _as_given(inputs: Mapping[str, Column], targets: Mapping[str, Column]) -> Mapping[str, Column]:
    """Return the inputs of a recognizer: that of pictures marked where they are answered in their own size.

    Raises
    ------
    RecipeError
        Such a target stands beside another one, or is of more than one picture.
    """
    if not of_own_size(targets.values()):
        return inputs
    pictures = ImageColumn.among(inputs)
    if len(inputs) > 1 or not pictures or not all(of_own_size([c]) for c in targets.values()):
        raise RecipeError(
            "own_size of a target is for one picture as the input, and such targets alone: leave it out"
        )
    return {name: dataclasses.replace(column, own_size=True) for name, column in pictures.items()}


@torch.inference_mode()
def _numbers_of(graph: Graph, example: tuple[torch.Tensor, ...]) -> int:
    """Return how many numbers the code has."""
    return int(graph(*example)[-1].shape[1])


def described(
    model: Any, inputs: Mapping[str, Column], targets: Mapping[str, Column], about: Mapping[str, Any]
) -> bytes:
    """Return the bytes of an ONNX model with its columns and ``about`` in the metadata: a recognizer."""
    description = {
        "format": FORMAT,
        "hornbook": hornbook.__version__,
        "inputs": {n: c.to_json() for n, c in inputs.items()},
        "targets": {n: c.to_json() for n, c in targets.items()},
        **about,
    }
    entry = model.metadata_props.add()
    entry.key, entry.value = KEY, json.dumps(description, ensure_ascii=False)
    return sealed(model.SerializeToString())


def _places(inputs: Sequence[str], targets: Mapping[str, Column], graph: Graph) -> dict[str, str]:
    """Return a name for the tracer for every input and output, with what it is called in the file."""
    states = range(len(graph.states))
    logs = [LOGS] if states else []
    last = [*([NOVELTY] if graph.says_novelty else []), *([CODE] if graph.has_code else [])]
    names = [*inputs, *map(before, states), *targets, *logs, *map(after, states), *last]
    if graph.decoder is not None:
        takes, gives = decoder_names(list(targets))
        names = [*inputs, *takes, *gives]
    return {f"hornbook_{i}": n for i, n in enumerate(names)}


def _free_axes(
    places: Mapping[str, str], inputs: Mapping[str, Column], targets: Mapping[str, Column], graph: Graph
) -> dict[str, dict[int, str]]:
    """Return which axes are of any length: rows, and the steps of what has a length of its own."""
    axes = {}
    for place, name in places.items():
        axes[place] = {0: "rows"}
        if graph.decoder is not None and name not in inputs:
            axes[place] = {0: "rows" if name == MEMORY_MADE else "written"}
            if name in (MEMORY, MEMORY_MADE, ATTENTION):
                axes[place][1] = "steps_read" if name == MEMORY_MADE else "steps"
        elif name == LOGS:
            axes[place][1] = f"steps_{place}"
        elif name in inputs or name in targets:
            shape = inputs[name].given_shape if name in inputs else targets[name].output_shape
            axes[place].update({i: f"{place}_{i}" for i, side in enumerate(shape, 1) if side is None})
    return axes


def _rename(graph: Any, names: Mapping[str, str]) -> None:
    """Give the inputs and outputs of a graph other names, wherever they are used."""
    for value in [*graph.input, *graph.output]:
        value.name = names.get(value.name, value.name)
    for node in graph.node:
        for side in (node.input, node.output):
            side[:] = [names.get(name, name) for name in side]


def check_export(
    recognizer: Any,
    network: Answering,
    encoded: Mapping[str, Array],
    where: str,
    novelty: AnyNovelty | None = None,
) -> None:
    """Compare the answers of the file and of the trained network, see `check_answers`."""
    graph = make_graph(network, novelty, recognizer.block)

    def answers(some: Mapping[str, Array]) -> dict[str, Array]:
        if isinstance(graph, DecodingGraph):
            return _written(graph, recognizer.targets, some)
        with torch.inference_mode():
            states = graph.start(len(next(iter(some.values()))))
            given = laid_together(some, recognizer.block).values()
            trained = [t.numpy() for t in graph(*map(torch.from_numpy, given), *states)]
        if graph.states:
            _check_logs(recognizer, some, trained[len(network.heads)], where)
        if graph.says_novelty:
            _check_novelty(recognizer, some, trained[len(network.heads)], where)
        return dict(zip(network.heads, trained, strict=False))  # states and novelty come behind the answers

    check_answers(recognizer, answers, "trained network", encoded, where)


@torch.inference_mode()
def _written(
    graph: DecodingGraph, targets: Mapping[str, Column], some: Mapping[str, Array]
) -> dict[str, Array]:
    """Return the answers that the module writes, by the search that a recognizer writes by."""

    def step(*given: Array) -> tuple[Array, Array, Array]:
        found, attention, after = graph.write(*(torch.from_numpy(np.ascontiguousarray(g)) for g in given))
        return found.numpy(), attention.numpy(), after.numpy()

    assert graph.decoder is not None
    memory = graph.read(*map(torch.from_numpy, some.values())).numpy()
    writer = Writer(step, graph.decoder[1])
    return {n: write(writer, c, memory) for n, c in SequenceColumn.among(targets).items()}


def check_answers(
    recognizer: Any,
    trained: Callable[[Mapping[str, Array]], Mapping[str, Array]],
    what: str,
    encoded: Mapping[str, Array],
    where: str,
) -> None:
    """Compare the decoded answers of the file and of what was trained on real rows, one at a time and all at once.

    Raises
    ------
    RunError
        An answer differs, or an output by more than rounding.
    """
    rows = len(next(iter(encoded.values())))
    for batch in [slice(0, rows), *(slice(i, i + 1) for i in range(min(rows, 8)))]:
        # Each batch is as long as its longest row, so that what is of free length is tried at several.
        some = {n: recognizer.inputs[n].trim(v[batch]) for n, v in encoded.items()}
        exported = recognizer.run(some)
        for name, ours in trained(some).items():
            theirs = exported[name]
            if ours.shape != theirs.shape:
                raise RunError(
                    f"{where}: the exported file gives {name} in the shape {theirs.shape}, and the {what} "
                    f"in {ours.shape}; it was not kept, please report this with the recipe"
                )
            gap, differ = recognizer.targets[name].differences(ours, theirs)
            if not gap <= ROUNDING or differ:  # nan is no number, and not less than any
                raise RunError(
                    f"{where}: the exported file does not answer as the {what} ({differ} of {len(ours)} "
                    f"answers differ, outputs by up to {gap:.2g}); it was not kept, please report this with the recipe"
                )


def _check_novelty(recognizer: Any, some: Mapping[str, Array], ours: Array, where: str) -> None:
    """Compare how unlike the examples the module and the file find some rows."""
    gap = float(np.abs(ours - recognizer.run_graph(some, [NOVELTY])[NOVELTY]).max(initial=0))
    if not gap <= NOVELTY_ROUNDING:
        raise RunError(
            f"{where}: the exported file does not find the same rows unlike the examples (by up to {gap:.2g}); it was "
            "not kept, please report this with the recipe"
        )


def _check_logs(recognizer: Any, some: Mapping[str, Array], ours: Array, where: str) -> None:
    """Compare how likely the module and the file find some texts, read at once and token by token."""
    theirs = recognizer.run_graph(some, [LOGS])[LOGS]
    ((name, numbers),) = some.items()
    half = numbers.shape[1] // 2
    names = [after(i) for i in range(len(recognizer.states))]
    first = recognizer.run_graph({name: numbers[:, :half]}, names) if half else {}
    states = {before(i): first[n] for i, n in enumerate(names)} if half else {}
    rest = recognizer.run_graph({name: numbers[:, half:], **states}, [LOGS])[LOGS]
    gap = max(np.abs(ours - theirs).max(), np.abs(ours[:, half + 1 :] - rest[:, 1:]).max(initial=0))
    if not gap <= ROUNDING:
        raise RunError(
            f"{where}: the exported file does not find texts as likely as the trained network (logarithms differ by up "
            f"to {gap:.2g}); it was not kept, please report this with the recipe"
        )
