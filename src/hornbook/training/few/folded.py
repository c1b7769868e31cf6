"""Few rows judged honestly: heads that learn from all folds but one, on features that are kept, answer for that one.

Of sixty pictures a tenth held back is six, which say nothing. So every row is judged once by heads that have not
learned from it, and what is kept learns from all of them. How much more pictures would help is seen by learning from
fewer of them.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from hornbook.columns.base import Array, Column
from hornbook.columns.evaluation import FOLDS, Evaluation, evaluate
from hornbook.columns.network import Head
from hornbook.columns.summary import Finding
from hornbook.common.hashing import seed_of
from hornbook.common.plaintext import clean
from hornbook.errors import DataError
from hornbook.examples.prepare import Prepared
from hornbook.examples.split import Split, fold_of
from hornbook.networks.by_column import ByColumn
from hornbook.networks.inputs import head_class
from hornbook.networks.model import Network
from hornbook.training.optimizer import make_optimizer

__all__ = ["Folded", "fit", "judge_by_folds", "of_classes", "with_curve"]

STEPS = 300
"""Of heads, all rows in a step: 0.2 s of 200 rows of 2,560 features."""

ROUNDS, STRENGTH = 200, 1.0
"""Heads of classes are logistic regressions: so many rounds of L-BFGS at most (Liu and Nocedal 1989), and half the sum
of the squared weights is added to the sum of the losses of all rows, as scikit-learn does it."""

OTHERS = {"name": "adamw", "learning_rate": 0.01, "decay": 0.1, "momentum": 0.0}
"""How other heads learn."""

MOST = 2048
"""Rows of a step."""

SIZES = (5, 10, 20, 40, 80)
"""Examples a class of the learning curve, as far as there are more."""

ENOUGH = 0.005
"""A gain that is worth no more pictures."""


@dataclass(frozen=True)
class Folded:
    """What folds of the training rows say.

    Attributes
    ----------
    evaluations
        Of each target, over all rows, each judged by heads that have not learned from it.
    scores
        The metric of the first target on each fold.
    curve
        The mean metric of the first target when so many examples a class are learned from; the last one is all.
    raw
        Of each target what the heads gave, in the order of the training rows.
    loss
        The mean loss of it, which tells two ways apart sooner than right and wrong.
    """

    evaluations: dict[str, Evaluation]
    scores: list[float]
    curve: dict[int, float]
    raw: dict[str, Array] = field(default_factory=dict)
    loss: float = math.nan

    @property
    def first(self) -> Evaluation:
        """The evaluation of the first target."""
        return next(iter(self.evaluations.values()))

    def lines(self) -> list[str]:
        """Return what there is to say: the score with its spread, how more examples help, and of which class."""
        judged = self.first
        spread = statistics.stdev(self.scores) if len(self.scores) > 1 else math.nan
        out = [
            f"the head alone by {len(self.scores)} folds of the {judged.rows} training rows: {judged.metric} "
            f"{judged.say(judged.score)} ± {judged.say(spread)} a fold"
        ]
        if len(self.curve) > 1:
            parts = [f"{judged.say(v)} with {n}" for n, v in self.curve.items()]
            out.append(f"{judged.metric} by examples a class: {', '.join(parts)}; {self.advice()}")
        return out

    def advice(self) -> str:
        """Return what would help most."""
        sizes = list(self.curve)
        sign = 1 if self.first.larger_is_better else -1
        gain = sign * (self.curve[sizes[-1]] - self.curve[sizes[-2]])
        worst = clean(self.first.weakest_class())
        if gain < ENOUGH:
            return "more examples of the same kind would help little" + (
                f"; what is mistaken most is {worst!r}" if worst else ""
            )
        return f"twice as many may bring another {self.first.say(gain)}" + (
            f", first of all more of {worst!r}" if worst else ""
        )

    def findings(self) -> list[Finding]:
        """Return what there is to say, for the page."""
        return [Finding("note", "folds", line) for line in self.lines()]

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return {
            "scores": [round(s, 6) for s in self.scores],
            "mean": round(statistics.fmean(self.scores), 6),
            "curve": {str(n): round(v, 6) for n, v in self.curve.items()},
            "said": "; ".join(self.lines()),
        }


def judge_by_folds(
    network: Network,
    prepared: Prepared,
    features: Tensor,
    split: Split,
    count: int,
    seed: int,
    curved: bool = True,
) -> Folded | None:
    """Judge heads on features of the training rows; None where there are too few rows for folds.

    Parameters
    ----------
    features
        Of the training rows, in their order: (rows, F).
    count
        How many folds.
    """
    rows = prepared.splits["train"]
    views = features[None]
    truths = {n: torch.from_numpy(v) for n, v in prepared.take(rows, prepared.targets).items()}
    first = next(iter(prepared.targets))
    try:
        fold = _folds(prepared, rows, count, split)
    except DataError:
        return None
    raw: dict[str, Array] = {}
    scores = []
    for i in range(count):
        learn, asked = np.flatnonzero(fold != i), np.flatnonzero(fold == i)
        if not len(asked) or not len(learn):
            continue
        found = _answers(network, prepared, views, truths, learn, asked, seed)
        for name, values in found.items():
            raw.setdefault(name, np.zeros((len(rows), *values.shape[1:]), np.float32))[asked] = values
        scores.append(_score(network, prepared, first, found[first], truths[first].numpy()[asked]))
    if not raw:
        return None
    evaluations = {
        n: _judged(network, prepared, n, values, truths[n].numpy(), rows) for n, values in raw.items()
    }
    return Folded(evaluations, scores, {}, raw, _loss(network, raw, truths))


def with_curve(
    folded: Folded, network: Network, prepared: Prepared, features: Tensor, split: Split, seed: int
) -> Folded:
    """Return what folds say together with how good heads are that learn from fewer rows of each class."""
    rows = prepared.splits["train"]
    first, count = next(iter(prepared.targets)), len(folded.scores)
    if not prepared.targets[first].stratify:
        return folded
    truths = {n: torch.from_numpy(v) for n, v in prepared.take(rows, prepared.targets).items()}
    fold = _folds(prepared, rows, count, split)
    labels = truths[first].numpy()
    most = int(np.bincount(labels.astype(np.int64)).max() * (count - 1) / count)
    curve = {
        size: _with(network, prepared, features[None], truths, fold, size, seed)
        for size in SIZES
        if size < most
    }
    return replace(folded, curve={**curve, most: folded.first.score})


def _folds(prepared: Prepared, rows: Array, count: int, split: Split) -> Array:
    """Return the fold of each training row; each has its share of each class, and groups stay together."""
    stratify = next((c.source or n for n, c in prepared.targets.items() if c.stratify), None)
    some = prepared.examples.replace(table=prepared.examples.table[rows])
    return np.asarray(fold_of(some, count, split, stratify))


def _with(
    network: Network,
    prepared: Prepared,
    views: Tensor,
    truths: Mapping[str, Tensor],
    fold: Array,
    size: int,
    seed: int,
) -> float:
    """Return the mean score of the folds where so many rows of each class are learned from."""
    first = next(iter(prepared.targets))
    labels = truths[first].numpy()
    scores = []
    for i in range(int(fold.max()) + 1):
        learn, asked = np.flatnonzero(fold != i), np.flatnonzero(fold == i)
        rng = np.random.default_rng([seed, size, i])
        learn = rng.permutation(learn)
        few = np.concatenate([learn[labels[learn] == c][:size] for c in np.unique(labels)])
        if len(asked) and len(few):
            found = _answers(network, prepared, views, truths, np.sort(few), asked, seed)
            scores.append(_score(network, prepared, first, found[first], labels[asked]))
    return statistics.fmean(scores)


def _answers(
    network: Network,
    prepared: Prepared,
    views: Tensor,
    truths: Mapping[str, Tensor],
    learn: Array,
    asked: Array,
    seed: int,
) -> dict[str, Array]:
    """Return what heads that learn from some rows give for others (logits)."""
    size = (views.shape[2],)
    out = {}
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        for name, column in prepared.targets.items():
            head = head_class(name, column)(column, size)
            truth = head.prepared(truths[name][learn])
            again = truth.repeat(len(views), *[1] * (truth.dim() - 1))
            fit(
                ByColumn({name: head}),
                views[:, learn].flatten(0, 1),
                {name: again},
                seed,
                of_classes({name: column}),
                len(learn),
            )
            with torch.inference_mode():
                out[name] = head(views[0, asked]).float().numpy()
    return out


def fit(
    heads: ByColumn[Head], features: Tensor, truths: Mapping[str, Tensor], seed: int, classes: bool, rows: int
) -> None:
    """Let heads, by the names of their truths, fit features: `STEPS` steps of all rows, or of `MOST` of them.

    ``classes`` says whether they all tell classes apart: these are fitted to the end. ``rows`` are those that the
    features are views of.
    """
    if classes:
        _regress(heads, features, truths, rows)
        return
    optimizer = make_optimizer(heads, **OTHERS)  # type: ignore[arg-type]
    rate = optimizer.param_groups[0]["lr"]
    generator = torch.Generator().manual_seed(seed_of(seed, 0))
    heads.train()
    for step in range(STEPS):
        every = len(features) <= MOST
        some = slice(None) if every else torch.randperm(len(features), generator=generator)[:MOST]
        given = features[some]
        losses = [head.loss(head(given), truths[n][some]) for n, head in heads.items()]
        optimizer.zero_grad()
        torch.stack(losses).sum().backward()  # type: ignore[no-untyped-call]
        optimizer.set_learning_rate(rate * (1 - step / STEPS))
        optimizer.step()
    heads.eval()


def _regress(heads: ByColumn[Head], features: Tensor, truths: Mapping[str, Tensor], rows: int) -> None:
    """Fit logistic regressions."""
    parameters = list(heads.parameters())
    for parameter in parameters:
        torch.nn.init.zeros_(parameter)
    weights = [p for p in parameters if p.dim() > 1]
    search = torch.optim.LBFGS(parameters, max_iter=ROUNDS, line_search_fn="strong_wolfe")
    heads.train()

    def loss() -> Tensor:
        search.zero_grad()
        losses = [head.loss(head(features), truths[n]) for n, head in heads.items()]
        pull = torch.stack([w.square().sum() for w in weights]).sum()
        total = torch.stack(losses).sum() + STRENGTH * pull / (2 * rows)
        total.backward()  # type: ignore[no-untyped-call]
        return total

    search.step(loss)  # type: ignore[no-untyped-call]
    heads.eval()


def of_classes(columns: Mapping[str, Column]) -> bool:
    """Return whether all targets are classes."""
    return all(column.class_names() is not None for column in columns.values())


def _outputs(network: Network, name: str, raw: Array) -> Array:
    with torch.inference_mode():
        return np.asarray(network.heads[name].outputs(torch.from_numpy(raw)).numpy())


def _score(network: Network, prepared: Prepared, name: str, raw: Array, truth: Array) -> float:
    column = prepared.targets[name]
    return column.score(_outputs(network, name, raw), truth)[column.metric]


def _loss(network: Network, raw: dict[str, Array], truths: Mapping[str, Tensor]) -> float:
    """Return the mean loss of all targets together."""
    with torch.inference_mode():
        heads = network.heads
        return sum(
            float(heads[n].loss(torch.from_numpy(v), heads[n].prepared(truths[n]))) for n, v in raw.items()
        )


def _judged(
    network: Network, prepared: Prepared, name: str, raw: Array, truth: Array, rows: Array
) -> Evaluation:
    """Return the evaluation of what was answered for all rows; the head is calibrated on it."""
    head = network.heads[name]
    head.calibrate(raw, truth)
    column = head.calibrated(prepared.targets[name])
    return evaluate(
        name,
        FOLDS,
        column,
        _outputs(network, name, raw),
        truth,
        training_truth=truth,
        names=prepared.examples.name,
        rows=rows,
    )
