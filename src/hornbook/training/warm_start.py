"""Starting from another run: every weight whose name and shape fit is taken out of its recognizer.

The rows of a head, or of an embedding, stand for classes, characters or words. Those that both runs know are copied one
by one, so that a run with another alphabet or length still starts from what the other one has learned.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor, nn

from hornbook.columns.base import Column
from hornbook.common.plaintext import listed
from hornbook.errors import RecipeError, RecognizerError
from hornbook.networks.blocks import Whitening
from hornbook.networks.by_column import ByColumn
from hornbook.networks.model import Network
from hornbook.recognizer import Recognizer

if TYPE_CHECKING:
    import os

__all__ = ["Started", "start_from"]


@dataclass(frozen=True)
class Started:
    """What was taken from another run.

    Attributes
    ----------
    path
        Of the recognizer.
    taken
        Names of the weights that were taken whole. Statistics of batch normalization come along and are not counted.
    partly
        Names of those of which some rows were taken, with how many of how many.
    new
        Names of those that keep their seeded start.
    share
        Of all numbers that are learned, how many were taken, 0 to 1.
    """

    path: Path
    taken: tuple[str, ...]
    partly: Mapping[str, tuple[int, int]]
    new: tuple[str, ...]
    share: float

    def text(self) -> str:
        """Return it in a sentence.

        >>> Started(Path("r.onnx"), ("a", "b"), {"head": (10, 20)}, ("c",), 0.9).text()
        'starting from r.onnx: took 2 of 4 weights, 90 % of the numbers; in part head (10 of 20 rows); new c'
        """
        every = len(self.taken) + len(self.partly) + len(self.new)
        parts = [
            f"took {len(self.taken)} of {every} weights, {math.floor(100 * self.share)} % of the numbers"
        ]
        if self.partly:
            parts.append(
                "in part " + ", ".join(f"{n} ({k} of {rows} rows)" for n, (k, rows) in self.partly.items())
            )
        if self.new:
            parts.append("new " + listed(self.new, limit=6))
        return f"starting from {self.path}: {'; '.join(parts)}"


def start_from(
    network: Network,
    inputs: Mapping[str, Column],
    targets: Mapping[str, Column],
    path: str | os.PathLike[str],
) -> Started:
    """Give a network the weights of a run's folder or of a recognizer's file, where they fit.

    A weight fits where its name and its shape are the same; a single input or target may be called otherwise.

    Parameters
    ----------
    network
        Changed in place.
    inputs, targets
        Its columns, learned.

    Raises
    ------
    RecipeError
        There is no recognizer, or nothing of it fits.

    Examples
    --------
    >>> start_from(network, inputs, targets, "runs/captcha").text()    # doctest: +SKIP
    'starting from runs/captcha/recognizer.onnx: took 24 of 26 weights, 97 % of the numbers; ...'
    """
    try:
        reader = Recognizer(path, threads=1)
    except RecognizerError as error:
        raise RecipeError(f"network.start_from: {error}") from None
    theirs = _weights(reader.path)
    pairs = [
        *_pairs("inputs", network.inputs, inputs, reader.inputs),
        *_pairs("heads", network.heads, targets, reader.targets),
    ]
    learned = {name for name, _ in network.named_parameters()}
    found: dict[str, tuple[int, int]] = {}  # of each weight, how many of how many rows were taken
    numbers = 0
    for name, tensor in network.state_dict().items():
        pair = next((p for p in pairs if name.startswith(p.ours)), None)
        alone = pair is None and name.startswith(("inputs.", "heads."))
        copied = 0 if alone else _copy(tensor, theirs.get(pair.there(name) if pair else name), pair)
        if name in learned:
            found[name] = (copied, len(tensor))
            numbers += copied * (tensor.numel() // len(tensor))
    if not numbers:
        raise RecipeError(
            f"network.start_from: no weight of {reader.path} fits this network; give it the same [network] as there, "
            "or leave start_from out"
        )
    for name, module in network.named_modules():
        if isinstance(module, Whitening):
            module.fitted = f"{name}.weight" in theirs
    taken = tuple(name for name, (copied, rows) in found.items() if copied == rows)
    partly = {name: (copied, rows) for name, (copied, rows) in found.items() if 0 < copied < rows}
    new = tuple(name for name, (copied, _) in found.items() if not copied)
    return Started(reader.path, taken, partly, new, numbers / network.parameters_count())


@dataclass(frozen=True)
class _Pair:
    """A column here and its like there: what their weights begin with, and what each row of them stands for."""

    ours: str
    theirs: str
    rows: Sequence[Hashable] | None
    their_rows: Sequence[Hashable] | None

    def there(self, name: str) -> str:
        """Return what a weight is called there."""
        return self.theirs + name.removeprefix(self.ours)


def _pairs(
    part: str, modules: ByColumn[Any], columns: Mapping[str, Column], before: Mapping[str, Column]
) -> Iterator[_Pair]:
    """Yield the columns that are of the same type and name, or of the same type and the only ones."""
    there = ByColumn({name: nn.Identity() for name in before})
    for name, column in columns.items():
        if name not in list(modules):  # numbers are one input together, and nothing in it is learned
            continue
        old = next(iter(before)) if len(before) == len(columns) == 1 else name
        if old in before and type(before[old]) is type(column):
            yield _Pair(
                f"{part}.{modules.place(name)}.",
                f"{part}.{there.place(old)}.",
                column.weight_rows(),
                before[old].weight_rows(),
            )


def _weights(path: Path) -> dict[str, Tensor]:
    """Return the weights of a recognizer that was opened already, by the names they have in a network."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(path, load_external_data=False).graph
    start = "network."
    return {
        # What is "std" today was called "deviation" once.
        t.name.removeprefix(start).replace(".deviation", ".std"): torch.from_numpy(
            numpy_helper.to_array(t).copy()
        )
        for t in graph.initializer
        if t.name.startswith(start)
    }


@torch.no_grad()
def _copy(ours: Tensor, theirs: Tensor | None, pair: _Pair | None) -> int:
    """Copy what fits of one weight, and return how many rows that is."""
    if theirs is None or not ours.dim() or theirs.dim() != ours.dim():
        return 0
    rows, their_rows = (pair.rows, pair.their_rows) if pair else (None, None)
    if rows is not None and their_rows is not None:
        if (len(ours), len(theirs)) != (len(rows), len(their_rows)) or ours.shape[1:] != theirs.shape[1:]:
            return 0
        place = {meaning: i for i, meaning in enumerate(their_rows)}
        both = [(i, place[meaning]) for i, meaning in enumerate(rows) if meaning in place]
        if both:
            here, there = map(list, zip(*both, strict=True))
            ours[here] = theirs[there].to(ours.dtype)
        return len(both)
    if ours.shape != theirs.shape:
        return 0
    ours.copy_(theirs)
    return len(ours)
