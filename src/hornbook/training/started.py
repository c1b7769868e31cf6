"""How a training begins: the network, what it starts from, and what is computed once before its first step.

Where blocks of a net that others have trained are to learn as well, the heads learn first, on features that stay as
they are: from heads that are random the net would unlearn what it knows (Kumar et al. 2022, arXiv:2202.10054).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from hornbook.columns.base import Array
from hornbook.common.progress import Progress, Reading, Silent, silent
from hornbook.errors import RecipeError
from hornbook.examples.prepare import Prepared
from hornbook.networks.model import Network
from hornbook.networks.pretrained import PretrainedBody, load_weights
from hornbook.recipe import Recipe
from hornbook.recipe.family import Family
from hornbook.recipe.networks_pretrained import Pretrained
from hornbook.recipe.recipe import Training
from hornbook.sources.backbones import fetch_weights, find_weights
from hornbook.training.few.folded import Folded, fit, judge_by_folds, of_classes, with_curve
from hornbook.training.few.kept import Kept, keep
from hornbook.training.style import learn_style
from hornbook.training.warm_start import start_from

__all__ = ["Begun", "begin", "decided"]

SURELY_WRONG = 1 / 12
"""Of the answers of the head alone: where it is wrong more often, of the rows that it was judged on and with their
interval, blocks of the net are worth training. Ten hand signs of 20 and of 10 pictures are then told apart at 96 and
89 % where the head alone has 87 and 81; ants and bees, where it has 93, lose up to four points."""

MOST_FITTED = 20_000
"""Training rows up to which heads of classes are fitted at once, of all rows: of more, epochs are quicker."""

BATCH = 64
"""Rows whose features are computed at once."""


@dataclass(frozen=True)
class Begun:
    """A network that is ready for its first step.

    Attributes
    ----------
    training
        Of the recipe; where blocks learn after the heads, of these.
    options
        The section ``[network]``, with what was decided.
    kept
        What the first part of the network says of the rows, where it never changes.
    folded
        What folds of the training rows say, where the recipe asks for them.
    """

    network: Network
    training: Training
    options: Family
    kept: Kept | None = None
    folded: Folded | None = None


def begin(
    recipe: Recipe,
    prepared: Prepared,
    *,
    seed: int | None = None,
    fresh: bool = True,
    progress: Progress | None = None,
    reading: Reading = silent,
) -> Begun:
    """Return the network of a recipe with all that it starts from.

    Parameters
    ----------
    seed
        In place of the recipe's.
    fresh
        Whether training starts: what a checkpoint holds is not made.

    Raises
    ------
    DataError
        The weights of a net that others have trained are not to be had.
    RecipeError
        The network does not fit, or not what it starts from.
    """
    note = (progress or Silent()).note
    own = recipe.training.seed if seed is None else seed
    training = replace(recipe.training, seed=own)
    if isinstance(recipe.network, Pretrained):
        return _pretrained(recipe, recipe.network, prepared, training, fresh, note, reading)
    network = Network(prepared.inputs, prepared.targets, recipe.network, own)
    learn_style(network, prepared.targets)
    _start_from(network, prepared, recipe, fresh, note)
    return Begun(network, training, recipe.network)


def decided(options: Family, state: Mapping[str, Any]) -> Family:
    """Return the section ``[network]`` of a trained run, by its weights, with what was decided at its beginning."""
    if not isinstance(options, Pretrained):
        return options
    known = state.get("body.known_weight")
    return replace(options, classes=0 if known is None else len(known))


def _start_from(
    network: Network, prepared: Prepared, recipe: Recipe, wanted: bool, note: Callable[[str], None]
) -> None:
    """Take the weights of the run that a recipe starts from."""
    if recipe.start_from is None or not wanted:
        return
    if recipe.training.initialization == "zero":
        raise RecipeError(
            'training.initialization = "zero" would undo network.start_from: leave one of them out'
        )
    note(start_from(network, prepared.inputs, prepared.targets, recipe.start_from).text())


def _pretrained(
    recipe: Recipe,
    options: Pretrained,
    prepared: Prepared,
    training: Training,
    fresh: bool,
    note: Callable[[str], None],
    reading: Reading,
) -> Begun:
    """Return a network that starts from what others have learned."""
    path = _weights(recipe, options)
    first = replace(options, fine_tune="last" if options.fine_tune in ("last", "auto") else "head")
    network = Network(prepared.inputs, prepared.targets, first, training.seed)
    load_weights(network, path)
    # What never learns is not in the way of going on: it is the same each time.
    _start_from(network, prepared, recipe, True, note if fresh else lambda _: None)
    kept = keep(network, prepared, training, options.views, reading)
    rows, folded, classes = prepared.splits["train"], None, options.classes
    features = None
    if kept is not None:
        _know(network, kept, rows)
        features = _features(network, kept, rows)
        if options.folds > 1:
            folded, classes = _judge(network, prepared, features[0], recipe, options, training.seed)
    tune = options.fine_tune
    if tune == "auto":
        tune = "last" if folded is not None and _is_poor(folded) else "head"
    if folded is not None:
        for line in folded.lines():
            note(line)
    decided = replace(options, fine_tune=tune, classes=classes if tune == "head" else 0)
    if features is not None and decided.classes < options.classes:
        features = features[:, :, : features.shape[2] - options.classes]
    if decided != first:
        before = network
        network = Network(prepared.inputs, prepared.targets, decided, training.seed)
        _take_over(network, before)
        if tune == "all":
            kept = None
        elif tune != first.fine_tune and kept is not None:  # the last blocks were to learn, and will not
            kept = _pooled(before, kept, prepared)
    fitted = features is not None and of_classes(prepared.targets) and len(rows) <= MOST_FITTED
    if tune != "head" and options.fine_tune == "auto":
        note(
            "so the last blocks of the net learn too, which makes it better than this; to leave them as they are: "
            "--set network.fine_tune=head"
        )
    if tune != "head" or fitted:
        if fresh and features is not None:
            times, truths = len(features), prepared.take(rows, prepared.targets)
            fit(
                network.heads,
                features.flatten(0, 1),
                {
                    n: network.heads[n].prepared(torch.from_numpy(v)).repeat(times, *[1] * (v.ndim - 1))
                    for n, v in truths.items()
                },
                training.seed,
                of_classes(prepared.targets),
                len(rows),
            )
        # Where heads alone learn, these are at their best, and an epoch only judges them.
        training = (
            replace(training, epochs=1, learning_rate=0.0, initialization="random")
            if tune == "head"
            else _tuning(training, options)
        )
    return Begun(network, training, decided, kept, folded)


def _judge(
    network: Network, prepared: Prepared, features: Tensor, recipe: Recipe, options: Pretrained, seed: int
) -> tuple[Folded | None, int]:
    """Return what folds say, and how many known classes are worth standing beside the features."""
    rows = len(prepared.splits["train"])
    asked = recipe.split, min(options.folds, rows), seed
    without = features[:, : features.shape[1] - options.classes]
    chosen, classes = without, 0
    best = judge_by_folds(network, prepared, without, *asked)
    if options.classes and best is not None:
        known = judge_by_folds(network, prepared, features, *asked)
        if known is not None and known.loss < best.loss:
            best, chosen, classes = known, features, options.classes
    if best is not None:
        best = with_curve(best, network, prepared, chosen, recipe.split, seed)
    return best, classes


def _take_over(network: Network, before: Network) -> None:
    """Give a network the weights of another one with the same names and shapes."""
    mine, theirs = network.state_dict(), before.state_dict()
    same = {k: v for k, v in theirs.items() if k in mine and mine[k].shape == v.shape}
    network.load_state_dict({**mine, **same})


def _know(network: Network, kept: Kept, rows: Array) -> None:
    """Let a net choose the classes that it sees most in the training rows."""
    body = network.first_part
    if isinstance(body, PretrainedBody):
        network.eval()
        body.know(kept.take(torch.from_numpy(rows)))
        network.train()


def _weights(recipe: Recipe, options: Pretrained) -> Path:
    """Return the file with the weights that a network starts from, fetched where it is not there."""
    found = find_weights(options.backbone, options.weights, recipe.data.folder)
    return fetch_weights(options.backbone) if found is None else found


def _tuning(training: Training, options: Pretrained) -> Training:
    """Return the training of blocks that learn after the heads."""
    return replace(
        training,
        epochs=options.tune_epochs,
        optimizer="adamw",
        initialization="random",
        learning_rate=options.tune_rate,
        warmup=0.1,
        weight_decay=0.05,
        label_smoothing=max(training.label_smoothing, 0.1),
    )


def _is_poor(folded: Folded) -> bool:
    """Return whether the head alone is surely wrong so often that the net is worth training."""
    judged = folded.first
    return judged.metric != "accuracy" or judged.interval[1] < 1 - SURELY_WRONG


@torch.no_grad()
def _features(network: Network, kept: Kept, rows: Array) -> Tensor:
    """Return the features of some training rows in all views that are kept: (views, rows, F)."""
    return torch.stack([_rest(network, view) for view in kept.views(rows)])


@torch.no_grad()
def _rest(network: Network, given: Tensor) -> Tensor:
    """Return the features of what was kept, outside training."""
    body = network.first_part
    assert body is not None, "what is kept is of a network with a first part that never changes"
    network.eval()
    found = torch.cat([body.rest(given[i : i + BATCH]) for i in range(0, len(given), BATCH)])
    network.train()
    return found


def _pooled(network: Network, kept: Kept, prepared: Prepared) -> Kept:
    """Return what a head alone reads of what is kept, in place of it."""
    body = network.first_part
    assert isinstance(body, PretrainedBody), "blocks that were to learn are of such a net"
    network.eval()

    @torch.no_grad()
    def made(given: Tensor) -> Tensor:
        return torch.cat([body.pooled(given[i : i + BATCH]) for i in range(0, len(given), BATCH)])

    return kept.mapped(made, prepared.splits["train"], prepared.splits["validation"])
