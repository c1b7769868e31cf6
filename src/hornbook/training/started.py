"""Starting from what others have learned: the weights of a net, what its first part says, and heads that fit it.

Where blocks of the net are to learn as well, the heads learn first, on features that stay as they are: from heads that
are random the net would unlearn what it knows (Kumar et al. 2022, arXiv:2202.10054).
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import torch
from torch import Tensor

from hornbook.columns.base import Array
from hornbook.common.hashing import seed_of
from hornbook.common.progress import Reading, silent
from hornbook.examples.prepare import Prepared
from hornbook.networks.model import Network
from hornbook.networks.pretrained import load_weights
from hornbook.recipe import Recipe
from hornbook.recipe.networks_pretrained import Pretrained
from hornbook.recipe.recipe import Training
from hornbook.sources.backbones import fetch_weights, find_weights
from hornbook.training.kept import Kept, keep
from hornbook.training.optimizer import make_optimizer

__all__ = ["kept_of", "start_heads", "take_weights", "training_of"]

HEAD_STEPS, HEAD_RATE, HEAD_DECAY = 200, 0.01, 0.1
"""Of the heads, all rows in one step, before the net learns: 0.3 s of 200 pictures."""

ROWS = 2048
"""Rows of a step at most."""

BATCH = 64
"""Rows whose features are computed at once."""


def weights_of(recipe: Recipe) -> Path | None:
    """Return the file with the weights that a recipe's network starts from, fetched where it is not there."""
    options = recipe.network
    if not isinstance(options, Pretrained):
        return None
    found = find_weights(options.backbone, options.weights, recipe.data.folder)
    return fetch_weights(options.backbone) if found is None else found


def take_weights(network: Network, recipe: Recipe) -> None:
    """Give a network what others have learned, where its recipe says so."""
    path = weights_of(recipe)
    if path is not None:
        load_weights(network, path)


def kept_of(network: Network, prepared: Prepared, recipe: Recipe, progress: Reading = silent) -> Kept | None:
    """Return what is kept of the rows, where the network has a first part that stays as it is."""
    options = recipe.network
    if not isinstance(options, Pretrained) or network.first_part is None:
        return None
    return keep(network, prepared, recipe.training, options.views, progress)


def training_of(recipe: Recipe) -> Training:
    """Return the training of a recipe: that of the net, where blocks of it learn after the heads."""
    options, training = recipe.network, recipe.training
    if not isinstance(options, Pretrained) or options.fine_tune in ("head", "auto"):
        return training
    smoothing = max(training.label_smoothing, 0.1)
    return replace(
        training,
        epochs=options.tune_epochs,
        learning_rate=options.tune_rate,
        warmup=0.1,
        weight_decay=0.05,
        label_smoothing=smoothing,
    )


def start_heads(network: Network, prepared: Prepared, training: Training, kept: Kept | None) -> None:
    """Let the heads of a network fit the features as they are, where blocks of it are to learn after that."""
    if not network.factors():
        return
    rows = prepared.splits["train"]
    network.eval()
    features, truths = _features(network, prepared, rows, kept)
    optimizer = make_optimizer(network.heads, "adamw", HEAD_RATE, HEAD_DECAY, 0.0)
    generator = torch.Generator().manual_seed(seed_of(training.seed, 0))
    network.heads.train()
    for step in range(HEAD_STEPS):
        every = len(features) <= ROWS
        some = slice(None) if every else torch.randperm(len(features), generator=generator)[:ROWS]
        raw = network.answers(features[some], {})
        losses = [network.heads[n].loss(v, truths[n][some]) for n, v in raw.items()]
        optimizer.zero_grad()
        torch.stack(losses).sum().backward()  # type: ignore[no-untyped-call]
        optimizer.set_learning_rate(HEAD_RATE * (1 - step / HEAD_STEPS))
        optimizer.step()
    network.train()


@torch.no_grad()
def _features(
    network: Network, prepared: Prepared, rows: Array, kept: Kept | None
) -> tuple[Tensor, dict[str, Tensor]]:
    """Return the features of training rows, in all views that are kept, and their truths."""
    body = network.first_part
    views: list[Tensor] = []
    if kept is not None and body is not None:
        for view in kept.views(rows):
            views += [body.rest(view[i : i + BATCH]) for i in range(0, len(view), BATCH)]
    else:
        for start in range(0, len(rows), BATCH):
            encoded = prepared.take(rows[start : start + BATCH], prepared.inputs)
            unit = network.unit({n: torch.from_numpy(v) for n, v in encoded.items()})
            views.append(network.body_of(unit))
    features = torch.cat(views)
    times = len(features) // len(rows)
    truths = prepared.take(rows, prepared.targets)
    return features, {
        n: network.heads[n].prepared(torch.from_numpy(v)).repeat(times, *[1] * (v.ndim - 1))
        for n, v in truths.items()
    }
