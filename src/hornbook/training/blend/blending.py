"""A network, boosted trees and a linear model, judged on rows that they have not learned from, and put together.

The network has been trained by `hornbook.training.loop`; trees and linear models learn here, in seconds, from the same
rows. Which of them answers, and how much it counts, is found on the rows that judged the network.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hornbook.columns.base import Array, Column
from hornbook.columns.calibration import temperature
from hornbook.columns.network import Head
from hornbook.common.plaintext import clean, number_of
from hornbook.networks.tables.blend import BEYOND, Blended, LinearPart
from hornbook.networks.tables.boosting import Boosted
from hornbook.networks.tables.features import Features
from hornbook.networks.tables.trees import Fitted, Trees
from hornbook.recipe import Recipe
from hornbook.recipe.networks import Blend
from hornbook.training.blend.left_out import LeftOut, left_out
from hornbook.training.blend.rows import Fold, JudgedRows, loss_of, number_in, scores_of
from hornbook.training.loop import Loop

PARTS = ("network", "boosted trees", "linear model")

STEPS = 20
"""Into so many steps the weights are cut that are tried."""

STRENGTHS = (100.0, 1.0, 0.01)
"""How strongly the weights of a linear model are pulled towards zero: those that are tried."""

FIRST = 50
"""Iterations of trees that are fitted before it is looked whether more make them better."""

NEARLY = 0.8
"""Where the best of so many iterations is under this share of them, more are of no use."""

MOST_CELLS = 20_000_000
"""Rows times features that a linear model learns from; of more rows it takes some, spread over all."""


@dataclass(frozen=True)
class Judged:
    """How well each part answers a target, on rows that it has not learned from.

    Attributes
    ----------
    weights
        How much each of `PARTS` counts.
    scores
        The metrics of each part, and last of all together; None for a part that there is not.
    said
        The metric by which it is judged, of each, as people read it.
    left_out
        What columns that are no inputs would say; None where there are none.
    """

    target: str
    metric: str
    rows: int
    weights: tuple[float, float, float]
    scores: tuple[dict[str, float] | None, ...]
    said: tuple[str, ...]
    left_out: LeftOut | None = None

    def lines(self) -> list[str]:
        """Return a line for each part with its score, and what was made of them."""
        name = clean(self.target)
        found = [
            f"{name}, {part}: {self.metric} {said}"
            for part, said, score in zip(PARTS, self.said, self.scores, strict=False)
            if score is not None
        ]
        kept = [f"{w:.2g} × {part}" for part, w in zip(PARTS, self.weights, strict=True) if w]
        what = " + ".join(kept) if len(kept) > 1 else f"the {kept[0].split(' × ')[1]} alone"
        on = f"on {number_of(self.rows, 'row')} that each had not learned from"
        left = [] if self.left_out is None else [self.left_out.line()]
        return [*found, f"{name}, kept: {what}: {self.metric} {self.said[-1]}, {on}", *left]

    def to_json(self) -> dict[str, Any]:
        """Return weights and scores as JSON types."""
        every = (*PARTS, "together")
        return {
            "rows": self.rows,
            "weights": dict(zip(PARTS, self.weights, strict=True)),
            "scores": dict(zip(every, self.scores, strict=True)),
            "metric": self.metric,
            "said": dict(zip(every, self.said, strict=True)),
            "left_out": None if self.left_out is None else self.left_out.to_json(),
        }


def blend(loop: Loop, best: Mapping[str, Any], recipe: Recipe) -> tuple[Blended, list[Judged]]:
    """Fit trees and linear models beside a trained network, weigh them, and calibrate what they say together.

    ``best`` are the weights of the best epoch, which ``loop.averaged`` has afterwards.
    """
    network = loop.averaged
    network.load_state_dict(best)
    options = recipe.network
    assert isinstance(options, Blend)
    prepared = loop.prepared
    inputs, targets = prepared.inputs, prepared.targets
    rows = JudgedRows(loop)
    ours = loop.raw(rows.rows[rows.judged])
    able = Boosted.takes(inputs, targets) and len(rows.judged) > 0
    balanced = recipe.training.class_weights == "balanced"
    trees: dict[str, Trees] = {}
    linear: dict[str, LinearPart] = {}
    weights: dict[str, tuple[float, float, float]] = {}
    found: dict[str, list[Array | None]] = {n: [ours[n], None, None] for n in targets}
    left: dict[str, LeftOut] = {}
    if able and options.trees:
        model = Boosted(inputs, targets, options.boosting, recipe.training.seed, balanced)
        for name, (made, said) in _trees(model, rows).items():
            trees[name], found[name][1] = made, said
        left = left_out(model, prepared, rows)
    if able and options.linear:
        for name, (straight, said) in _linear(targets, rows, inputs, balanced).items():
            linear[name], found[name][2] = straight, said
    judged = []
    for name, column in targets.items():
        head, truth = network.heads[name], rows.truths[name][rows.judged]
        shares, scales = _weights(column, found[name], truth)
        a, b, c = (w / s for w, s in zip(shares, scales, strict=True))
        weights[name] = (a, b, c)
        one = _judged(name, column, head, found[name], weights[name], shares, truth)
        judged.append(replace(one, left_out=left.get(name)))
    return Blended(network, trees, linear, weights).eval(), judged


def _judged(
    name: str,
    column: Column,
    head: Head,
    raw: list[Array | None],
    weights: tuple[float, float, float],
    shares: tuple[float, float, float],
    truth: Array,
) -> Judged:
    """Return the scores of the parts and of all together, on which the head is calibrated last."""
    together = sum(w * r for w, r in zip(weights, raw, strict=True) if r is not None and w)
    every = (*raw, np.asarray(together))
    scores = [None if one is None or not len(truth) else scores_of(head, column, one, truth) for one in every]
    said = tuple("-" if s is None else column.say_score(s[column.metric]) for s in scores)
    return Judged(name, column.metric, len(truth), shares, tuple(scores), said)


# Trees.


def _trees(model: Boosted, rows: JudgedRows) -> dict[str, tuple[Trees, Array]]:
    """Return the trees of each target, as many as are best, and what they say of the judged rows."""
    x = model.features.of(rows.encoded)
    out = {}
    for name, column in model.learned.items():
        truth = rows.truths[name]
        models, best = _enough(model, name, x, truth, rows.folds)
        for m in models:
            m.model._predictors = m.model._predictors[:best]
        said = [Trees([m], column.outputs).raw(x[f.judge]) for m, f in zip(models, rows.folds, strict=True)]
        if rows.more:
            models = [model.fitted(name, x, truth, best, None)]
        out[name] = Trees(models, column.outputs), rows.honest(said)
    return out


def _enough(model: Boosted, name: str, x: Array, truth: Array, folds: list[Fold]) -> tuple[list[Fitted], int]:
    """Return a fitted model for each fold, and after how many iterations they are best on the rows that judge them.

    They are fitted a little at first, and further only while they get better.
    """
    column, most = model.learned[name], model.options.iterations
    before: Sequence[Fitted | None] = [None] * len(folds)
    count = min(FIRST, most)
    while True:
        models = [
            model.fitted(name, x[f.learn], truth[f.learn], count, m)
            for m, f in zip(before, folds, strict=True)
        ]
        losses = sum(
            _losses_by_iteration(column, m, x[f.judge], truth[f.judge], column.outputs) * len(f.judge)
            for m, f in zip(models, folds, strict=True)
        )
        best = int(np.argmin(losses)) + 1
        if count >= most or best < NEARLY * count:
            return models, best
        before, count = models, min(2 * count, most)


def _losses_by_iteration(column: Column, model: Any, x: Array, truth: Array, outputs: int) -> Array:
    """Return the loss after each iteration."""
    return np.array([loss_of(column, raw, truth) for raw in Trees([model], outputs).staged(x)])


# Linear models.


def _linear(
    targets: Mapping[str, Column], rows: JudgedRows, inputs: Mapping[str, Column], balanced: bool
) -> dict[str, tuple[LinearPart, Array]]:
    """Return the linear model of each target with the best strength, and what it says of the judged rows."""
    x = Features.over(inputs, "linear").of(rows.encoded)
    out = {}
    for name, column in targets.items():
        truth, best = rows.truths[name], None
        wanted, limits = truth, None
        if (number := number_in(column)) is not None:
            wanted = number.standardized(truth)
            room = BEYOND * float(np.ptp(wanted))
            limits = float(wanted.min()) - room, float(wanted.max()) + room
        for models in _fitted(column, x, wanted, rows.folds, balanced):
            said = [
                LinearPart([m], column.outputs, limits).raw(x[f.judge])
                for m, f in zip(models, rows.folds, strict=True)
            ]
            raw = rows.honest(said)
            loss = loss_of(column, raw, truth[rows.judged])
            if best is None or loss < best[0]:
                best = loss, LinearPart(models, column.outputs, limits), raw
        assert best is not None
        out[name] = best[1], best[2]
    return out


def _fitted(
    column: Column, x: Array, wanted: Array, folds: list[Fold], balanced: bool
) -> Iterator[list[Any]]:
    """Yield the models of all folds, for each strength."""
    from sklearn.linear_model import LogisticRegression, Ridge

    some = max(1, int(x.size / MOST_CELLS))
    for strength in STRENGTHS:
        models = []
        for fold in folds:
            learn = fold.learn[::some]
            if number_in(column) is not None:
                model = Ridge(alpha=strength)
            else:
                weights = "balanced" if balanced else None
                model = LogisticRegression(C=1 / strength, max_iter=200, class_weight=weights)
            with warnings.catch_warnings(action="ignore"):  # that it has not quite come to rest
                models.append(model.fit(x[learn], wanted[learn]))
        yield models


# Weights.


def _weights(
    column: Column, raw: list[Array | None], truth: Array
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Return the shares of the parts, and what the raw values of each are divided by first (temperatures)."""
    there = [i for i, one in enumerate(raw) if one is not None]
    scales = [1.0, 1.0, 1.0]
    if len(there) < 2 or not len(truth):
        return (1.0, 0.0, 0.0), (1.0, 1.0, 1.0)
    if number_in(column) is None:
        for i in there:
            scales[i] = temperature(np.asarray(raw[i], np.float32), truth)
    parts = {i: np.asarray(raw[i], np.float64) / scales[i] for i in there}
    best, found = np.inf, (1.0, 0.0, 0.0)
    for shares in _simplex(there):
        mixed = sum(w * parts[i] for i, w in enumerate(shares) if w)
        loss = loss_of(column, np.asarray(mixed), truth)
        if loss < best * (1 - 1e-9):
            best, found = loss, shares
    return found, (scales[0], scales[1], scales[2])


def _simplex(there: list[int]) -> Iterator[tuple[float, float, float]]:
    """Yield weights of the parts that there are, with the sum 1; those of one part alone come first."""
    every = []
    for i in range(STEPS + 1):
        for j in range(STEPS + 1 - i):
            shares = (i / STEPS, j / STEPS, (STEPS - i - j) / STEPS)
            if all(w == 0 or k in there for k, w in enumerate(shares)):
                every.append(shares)
    yield from sorted(every, key=lambda shares: (sum(w > 0 for w in shares), shares))
