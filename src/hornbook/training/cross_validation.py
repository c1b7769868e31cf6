"""Judging a recipe on folds: trained once for each, every row tested once, beside what else could be used.

For small tables a single test split says little: of 80 test rows one more or less right moves the score by a percent. A
network has to prove there that it is the right tool, so scikit-learn's boosted trees and its own network learn from the
same rows and are judged on the same ones.
"""

from __future__ import annotations

import math
import statistics
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch

from hornbook.columns import NumberColumn
from hornbook.columns.base import Array, Column
from hornbook.columns.metric_names import SHARES, name_of
from hornbook.common.plaintext import clean, number_of, percent, table
from hornbook.errors import DataError, UsageError
from hornbook.examples import Examples
from hornbook.examples.prepare import Prepared, prepare
from hornbook.examples.split import folds
from hornbook.networks.tables.boosting import Boosted
from hornbook.recipe import Recipe
from hornbook.recipe.networks import Blend, Boosting
from hornbook.training.blend.blending import blend
from hornbook.training.blend.blind import deal
from hornbook.training.blend.boosted import fit
from hornbook.training.loop import Loop
from hornbook.training.started import begin
from hornbook.training.threads import as_needed

OURS = "this recipe"
BOOSTING = "boosted trees (scikit-learn)"
MLP = "its network (scikit-learn)"

Progress = Callable[[str], None]


@dataclass(frozen=True)
class FoldScores:
    """The scores of one target on all folds.

    Attributes
    ----------
    target, metric
        The column and its first metric.
    rows
        How many rows were tested, all folds together.
    scores
        For each way of learning, its metrics on each fold.
    larger_is_better
        Whether more of the metric is better.
    """

    target: str
    metric: str
    rows: int
    scores: dict[str, list[dict[str, float]]]
    larger_is_better: bool
    say: Callable[[float], str]

    def mean(self, way: str, metric: str = "") -> float:
        """Return the mean of a metric over the folds that have it: R2 of a single row is none."""
        found = self._known(way, metric)
        return statistics.fmean(found) if found else math.nan

    def spread(self, way: str, metric: str = "") -> float:
        """Return the sample standard deviation of a metric over the folds that have it, nan where it is one."""
        found = self._known(way, metric)
        return statistics.stdev(found) if len(found) > 1 else math.nan

    def _known(self, way: str, metric: str) -> list[float]:
        return [v for s in self.scores[way] if math.isfinite(v := s.get(metric or self.metric, math.nan))]

    def text(self) -> str:
        """Return a row for each way, mean and spread of each metric, and which is better."""
        count = len(self.scores[OURS])
        names = [m for m in self.scores[OURS][0] if m != "log_loss"]
        head = ["", *map(name_of, names)]
        rows = []
        for way, found in self.scores.items():
            cells = [self._cell(way, m) if m in found[0] else "" for m in names]
            rows.append([f"  {clean(way)}", *cells])
        lines = [f"{clean(self.target)} on {count} folds of {number_of(self.rows, 'row')}: mean ± spread", ""]
        return "\n".join([*lines, *table([head, *rows], "<>"), "", self.verdict()])

    def _cell(self, way: str, metric: str) -> str:
        mean, spread = self.mean(way, metric), self.spread(way, metric)
        if math.isnan(mean):
            return "-"
        said = self.say(mean) if metric == self.metric else _other(metric, mean, 4)
        if math.isnan(spread):
            return said
        return f"{said} ± {self.say(spread) if metric == self.metric else _other(metric, spread, 2)}"

    def verdict(self) -> str:
        """Return in a sentence whether another way is better, judged fold by fold."""
        others = [way for way in (BOOSTING, MLP) if way in self.scores]
        if not others:
            return ""
        sign = 1 if self.larger_is_better else -1
        best = max(others, key=lambda way: sign * self.mean(way))
        gains = [
            sign * (ours[self.metric] - theirs[self.metric])
            for ours, theirs in zip(self.scores[OURS], self.scores[best], strict=True)
        ]
        gains = [g for g in gains if math.isfinite(g)]
        if len(gains) < 2:
            return ""
        gain, wins = statistics.fmean(gains), sum(g > 0 for g in gains)
        # The folds share most of their training rows, so that this error of the mean is a rule of thumb, no t-test.
        error = statistics.stdev(gains) / len(gains) ** 0.5
        folds_said = f"in {wins} of {len(gains)} folds"
        if abs(gain) <= 2 * error:
            return f"Between this recipe and {best} there is no clear difference: this recipe is better {folds_said}."
        if gain > 0:
            return f"This recipe is better than {best}, by {self.say(gain)} {folds_said}."
        hint = ': set network.name = "boosting"' if best == BOOSTING else ""
        lost = f"{sum(g < 0 for g in gains)} of {len(gains)} folds"
        return (
            f"{best[0].upper()}{best[1:]} is better than this recipe, by {self.say(-gain)} in {lost}{hint}."
        )

    def to_json(self) -> dict[str, Any]:
        """Return the scores as JSON types."""
        return {
            "target": self.target,
            "metric": self.metric,
            "rows": self.rows,
            "scores": {
                way: [{m: v if math.isfinite(v) else None for m, v in s.items()} for s in found]
                for way, found in self.scores.items()
            },
            "verdict": self.verdict(),
        }


def cross_validate(
    recipe: Recipe,
    examples: Examples,
    count: int,
    *,
    peers: bool = True,
    seed: int | None = None,
    progress: Progress = lambda _: None,
) -> dict[str, FoldScores]:
    """Train a recipe on each fold and judge it on the rows that are left out.

    Parameters
    ----------
    count
        How many folds.
    peers
        Whether scikit-learn's boosted trees and network are trained on the same rows, where the columns are numbers and
        categories. They are given the validation rows too, which they have no other use for.
    seed
        Of the folds and of the weights; the recipe's own where it is not given.
    progress
        Is told of every fold.

    Returns
    -------
    The scores of each target.

    Raises
    ------
    UsageError
        The rows have an order in time, or the recipe starts from a run that may have learned from them.
    DataError
        No fold has a row that can be judged.
    """
    if recipe.start_from is not None:
        raise UsageError(
            f"--folds judges what is learned from nothing, and {recipe.start_from} may have learned from the rows that "
            "are left out: leave network.start_from out"
        )
    every: Mapping[str, Column] = {**recipe.inputs, **recipe.targets}
    if any(c.is_window for c in every.values()):
        raise UsageError(
            "--folds deals out rows at random, and a series is split by its time: leave --folds out"
        )
    stratify = next((c.source or n for n, c in recipe.targets.items() if c.stratify), None)
    found: dict[str, dict[str, list[dict[str, float]]]] = {n: {} for n in recipe.targets}
    rows = 0
    split = replace(recipe.split, test=0.0, seed=recipe.split.seed if seed is None else seed)
    columns: Mapping[str, Column] = recipe.targets
    if stratify is not None and stratify not in examples.table.columns:
        stratify = "label" if "label" in examples.table.columns else None
    if split.in_time:
        names = clean(", ".join(split.in_time))
        progress(f"folds follow each other in time ({names}): each learns from what lies before it")
    for i, part in enumerate(folds(examples, count, split, stratify)):
        prepared = prepare(part, recipe.inputs, recipe.targets, split)
        test = prepared.splits["test"]
        if not len(test):
            progress(
                f"fold {i + 1} of {count}: none of its rows can be judged, as their classes are in no other fold"
            )
            continue
        rows += len(test)
        truths, columns = prepared.take(test, prepared.targets), prepared.targets
        ours, calibrated = outputs_of(recipe, prepared, test, seed)
        answers = {OURS: ours}
        if peers and Boosted.takes(prepared.inputs, prepared.targets):
            answers |= dict(_peers(prepared, test, recipe.training.seed if seed is None else seed))
        for name, column in columns.items():
            for way, outputs in answers.items():
                judge = calibrated[name] if way == OURS else column
                scores = judge.score(outputs[name], truths[name])
                found[name].setdefault(way, []).append(scores)
            training = prepared.arrays[name].take(prepared.splits["train"])
            _, score = column.baseline(training, truths[name])
            found[name].setdefault(column.baseline_name, []).append({column.metric: score})
        first = next(iter(columns))
        told = columns[first].say_score(found[first][OURS][-1][columns[first].metric])
        progress(f"fold {i + 1} of {count}: {columns[first].metric} {told}")
    if not rows:
        raise DataError(
            f"{examples.origin or 'the examples'}: no fold has a row that can be judged, as the classes of each are in "
            "no other: use fewer folds, or group by another column"
        )
    return {
        n: FoldScores(n, c.metric, rows, found[n], c.metric_larger_is_better, c.say_score)
        for n, c in columns.items()
    }


def _other(metric: str, value: float, digits: int) -> str:
    """Return the value of a metric that is not the first one."""
    return percent(value, 2) if metric in SHARES else f"{value:.{digits}g}"


def outputs_of(
    recipe: Recipe, prepared: Prepared, rows: Array, seed: int | None = None
) -> tuple[dict[str, Array], Mapping[str, Column]]:
    """Train in memory, with no run, and return the outputs for some rows, and the columns that read them."""
    if isinstance(recipe.network, Boosting):
        return fit(prepared, recipe)[0].outputs(prepared.take(rows, prepared.inputs)), prepared.targets
    own = recipe.training.seed if seed is None else seed
    with torch.random.fork_rng(devices=[]):
        begun = begin(recipe, prepared, seed=own)
    dealt, blind = deal(prepared, recipe)
    few = as_needed(begun.network, dealt, begun.training)
    with torch.random.fork_rng(devices=[]), few:
        loop = Loop(begun.network, dealt, begun.training, kept=begun.kept, blind=blind)
        best: dict[str, Any] = {}
        while not loop.state.finished:
            loop.run_epoch(lambda _: True)
            if loop.validate():
                best = {k: v.clone() for k, v in loop.averaged.state_dict().items()}
    loop.averaged.load_state_dict(best)
    if isinstance(recipe.network, Blend):
        seeded = replace(recipe, training=replace(recipe.training, seed=own))
        together = blend(loop, best, seeded)[0]
        encoded = {n: torch.from_numpy(v) for n, v in prepared.take(rows, prepared.inputs).items()}
        with torch.inference_mode():
            raw = together(together.unit(encoded))
            given = {n: h.outputs(raw[n]).numpy() for n, h in together.heads.items()}
        return given, {n: together.heads[n].calibrated(c) for n, c in prepared.targets.items()}
    with torch.inference_mode():
        out: dict[str, Array] = {}
        for name, raw in loop.raw(rows).items():
            head = loop.averaged.heads[name]
            out[name] = head.outputs(torch.from_numpy(raw).to(loop.device)).cpu().numpy()
        return out, {n: loop.averaged.heads[n].calibrated(c) for n, c in prepared.targets.items()}


def _peers(prepared: Prepared, test: Array, seed: int) -> Iterator[tuple[str, dict[str, Array]]]:
    """Yield the outputs of scikit-learn's ways for the test rows, each with its own defaults."""
    inputs, targets = prepared.inputs, prepared.targets
    learn = np.sort(np.concatenate([prepared.splits[s] for s in ("train", "validation")]))
    encoded, truths = prepared.take(learn, inputs), prepared.take(learn, targets)
    asked = prepared.take(test, inputs)
    trees = Boosted(inputs, targets, Boosting(), seed).fit(encoded, truths)
    yield BOOSTING, trees.outputs(asked)
    x, x_test = trees.features.of(encoded), trees.features.of(asked)
    out = {}
    for name, column in targets.items():
        with warnings.catch_warnings(action="ignore"):  # that a small network has not quite come to rest
            out[name] = _mlp(trees.numbers.get(name), column.outputs, x, truths[name], x_test, seed)
    yield MLP, out


def _mlp(number: NumberColumn | None, outputs: int, x: Array, truth: Array, asked: Array, seed: int) -> Array:
    """Return the outputs of scikit-learn's own network, its inputs standardized and missing numbers filled."""
    from sklearn.impute import SimpleImputer
    from sklearn.neural_network import MLPClassifier, MLPRegressor
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler

    ready = (SimpleImputer(keep_empty_features=True), StandardScaler())
    if number is not None:
        model = make_pipeline(*ready, MLPRegressor(max_iter=1000, random_state=seed % 2**32))
        found = model.fit(x, number.standardized(truth)).predict(asked)
        return number.in_units(found)[:, None]
    model = make_pipeline(*ready, MLPClassifier(max_iter=1000, random_state=seed % 2**32)).fit(x, truth)
    out = np.zeros((len(asked), outputs))
    out[:, model[-1].classes_.astype(int)] = model.predict_proba(asked)
    return out
