"""Filling a memory of good pictures: no epochs, a pass over the training rows and one over the validation rows."""

from __future__ import annotations

import time
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from hornbook.columns.base import Array
from hornbook.columns.category.network import CategoryHead
from hornbook.columns.summary import spread
from hornbook.common.plaintext import number_of
from hornbook.common.progress import Reading, silent
from hornbook.errors import DataError, RecipeError
from hornbook.examples.prepare import Prepared
from hornbook.networks.memory import BYTES, MOST, NEAREST, MemoryBody, Odds, farthest
from hornbook.networks.model import Network
from hornbook.networks.pretrained import load_weights
from hornbook.recipe import Recipe
from hornbook.recipe.networks_memory import Memory
from hornbook.sources.backbones import fetch_weights, find_weights

__all__ = ["remember"]

BATCH = 32

FEWEST = NEAREST + 1
"""Good pictures, at least: of fewer nothing can be said of how far good ones are."""

HELD_OUT = 50
"""With fewer good validation rows, each remembered picture is held against the others, too."""


def remember(
    prepared: Prepared, recipe: Recipe, reading: Reading = silent
) -> tuple[Network, Odds, list[dict[str, float]], str]:
    """Return a network that remembers the training rows, its head, a history of one row, and what was done in words.

    Raises
    ------
    RecipeError
        The columns are others than a picture, and a category with ``only``.
    DataError
        There are too few good pictures, or the weights of the net are not to be had.
    """
    options, start = recipe.network, time.perf_counter()
    assert isinstance(options, Memory)
    _check(prepared)
    network = Network(prepared.inputs, prepared.targets, options, recipe.training.seed).eval()
    body = network.body
    assert isinstance(body, MemoryBody)
    if options.backbone:
        found = find_weights(options.backbone, options.weights, recipe.data.folder)
        load_weights(network, fetch_weights(options.backbone) if found is None else found)
    body.shorten()
    train, others = prepared.splits["train"], prepared.splits["validation"]
    if len(train) < FEWEST:
        raise DataError(
            f"there are {number_of(len(train), 'good picture')} to remember: give at least {FEWEST}"
        )
    first = _features(network, body, prepared, train[:1])
    size = first.shape[0] * first.shape[2]
    most = options.examples or max(FEWEST, min(MOST, BYTES // size))
    kept = spread(train, most)
    total = len(kept) + len(others)
    known = torch.cat([*_each(network, body, prepared, kept, reading, 0, total)], 1)
    body.whiten(known)
    bank = body.directions(known)
    body.remember(bank)
    apart = [_far(body, some) for some in _each(network, body, prepared, others, reading, len(kept), total)]
    held_out = np.concatenate([*apart, np.zeros(0)])
    if len(held_out) < HELD_OUT:
        held_out = np.concatenate([held_out, _left_out(body, bank)])
    odds = Odds(held_out, body.counted)
    (head,) = (head for _, head in network.heads.items())
    assert isinstance(head, CategoryHead), "of a category"
    head.dense = odds
    seconds = time.perf_counter() - start
    row = {"epoch": 1.0, "seconds": round(seconds, 3)}
    row["examples_per_second"] = round(total / max(seconds, 1e-9), 1)
    if len(others):
        odd = (odds.of_far(torch.from_numpy(held_out[: len(others), None]).float()) > 0).float().mean()
        row["validation_accuracy"] = round(1 - float(odd), 6)
    told = (
        f"{number_of(len(kept), 'good picture')} of {len(train):,}, {number_of(bank.shape[0], 'place')} each"
    )
    return network, odds, [row], told


def _check(prepared: Prepared) -> None:
    """Raise RecipeError where the columns are not what a memory is for."""
    (first, *more), targets = prepared.inputs.items(), prepared.targets
    alone = len(targets) == 1 and all(c.options().get("only") for c in targets.values())
    if more or first[1].medium != "picture" or not alone:
        name = next(iter(targets))
        raise RecipeError(
            'network.name = "memory" takes one picture, and answers one category of which one class is good: say which '
            f"with --set targets.{name}.only=good"
        )


@torch.no_grad()
def _features(network: Network, body: MemoryBody, prepared: Prepared, rows: Array) -> Tensor:
    encoded = {n: torch.from_numpy(v) for n, v in prepared.take(rows, prepared.inputs).items()}
    (name,) = network.columns
    return body.features_at(network.inputs[name](network.unit(encoded)[name]).float())


def _each(
    network: Network,
    body: MemoryBody,
    prepared: Prepared,
    rows: Array,
    reading: Reading,
    done: int,
    total: int,
) -> Iterator[Tensor]:
    """Yield the features of the places of rows, some at a time."""
    for start in range(0, len(rows), BATCH):
        some = rows[start : start + BATCH]
        yield _features(network, body, prepared, some)
        reading("comparing", done + start + len(some), total)


@torch.no_grad()
def _far(body: MemoryBody, features: Tensor) -> Array:
    """Return how far pictures are from all that is remembered, ``float64``."""
    return farthest(body.distances(body.directions(features)), body.counted)[:, 0].numpy().astype(np.float64)


@torch.no_grad()
def _left_out(body: MemoryBody, bank: Tensor) -> Array:
    """Return how far each remembered picture is from all others."""
    found = []
    for i in range(bank.shape[1]):
        near = torch.einsum("pc,pkc->pk", bank[:, i], bank)
        near[:, i] = -1
        far = 1 - near.topk(NEAREST, 1).values.mean(1)
        found.append(float(farthest(far[None], body.counted)))
    return np.array(found)
