"""Boosted trees: fitted by scikit-learn to what the inputs give, with the heads of the targets behind them.

In the recognizer's file the inputs' arithmetic, the trees and the heads are one graph, as those of a network are.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from hornbook.columns import CategoryColumn, NumberColumn
from hornbook.columns.base import Array, Column
from hornbook.columns.network import Head
from hornbook.errors import MissingExtra, RecipeError
from hornbook.networks.by_column import ByColumn, units
from hornbook.networks.inputs import head_class
from hornbook.networks.tables.features import Features, not_flat
from hornbook.networks.tables.trees import Fitted, Trees
from hornbook.recipe.networks import Boosting

LOSSES = {"squared": "squared_error", "absolute": "absolute_error"}


MANY, TIMES, KEPT = 512, 2, 128
"""From so many features on, and so many times as many as rows, trees see so many of them: those that go with the target
most (sure independence screening, Fan and Lv 2008). Cutting 5,000 columns takes seconds for each fold."""


def strongest(x: Array, truth: Array, classes: bool) -> Array:
    """Return the places of the `KEPT` features (rows, k) that go with the target most, by squared correlation.

    ``classes`` says that the truth is numbers of classes: then it is the sum over them. What is missing is the mean.
    """
    wanted = np.equal.outer(truth, np.unique(truth)).astype(float) if classes else truth[:, None]
    with np.errstate(all="ignore"):
        known = np.isfinite(x)
        each = np.where(known, x, 0.0)
        centred = np.where(known, each - each.sum(0) / known.sum(0), 0.0)
        centred /= np.sqrt((centred**2).sum(0))
        with_it = (np.nan_to_num(centred).T @ (wanted - wanted.mean(0)) / (wanted.std(0) + 1e-12)) ** 2
    found: Array = np.sort(np.argsort(-with_it.sum(1), kind="stable")[:KEPT])
    return found


class Boosted(nn.Module):
    """Boosted trees for each target.

    Parameters
    ----------
    inputs, targets
        The columns, learned. Inputs are of any kind that gives a row of numbers, targets numbers and categories.
    seed
        Of the rows that are drawn to find where numbers are cut, where there are more than 200,000.

    Raises
    ------
    RecipeError
        A column is of another kind.
    """

    def __init__(
        self,
        inputs: Mapping[str, Column],
        targets: Mapping[str, Column],
        options: Boosting,
        seed: int = 0,
        balanced: bool = False,
    ) -> None:
        super().__init__()
        self.class_weight = "balanced" if balanced else None
        self.numbers = NumberColumn.among(targets)
        if name := not_flat(inputs):
            raise RecipeError(
                f'inputs.{name}: network.name = "boosting" takes numbers, categories and texts, and this is of type '
                f"{inputs[name].type!r}"
            )
        for name, column in targets.items():
            if name not in {**self.numbers, **CategoryColumn.among(targets)}:
                raise RecipeError(
                    f'targets.{name}: network.name = "boosting" answers numbers and categories, and this is of type '
                    f"{column.type!r}"
                )
        for name, number in self.numbers.items():
            if number.loss not in LOSSES:
                raise RecipeError(
                    f'targets.{name}: network.name = "boosting" knows the losses "squared" and "absolute", not '
                    f'"{number.loss}"'
                )
        self.options, self.seed, self.learned = options, seed, dict(targets)
        with torch.random.fork_rng(devices=[]):
            self.features = Features.over(inputs)
            self.heads: ByColumn[Head] = ByColumn({n: head_class(n, c)(c, (1,)) for n, c in targets.items()})
        self.columns = tuple(inputs)
        self.trees: ByColumn[Trees] = ByColumn({})
        self.eval()

    @staticmethod
    def takes(inputs: Mapping[str, Column], targets: Mapping[str, Column]) -> bool:
        """Return whether all inputs give a row of numbers, and all targets are numbers or categories."""
        known = len(NumberColumn.among(targets)) + len(CategoryColumn.among(targets)) == len(targets)
        return known and not not_flat(inputs)

    def fit(self, encoded: Mapping[str, Array], truths: Mapping[str, Array]) -> Boosted:
        """Fit the trees to training rows."""
        x = self.features.of(encoded)
        self.trees = ByColumn(
            {n: Trees([self.fitted(n, x, truths[n])], c.outputs) for n, c in self.learned.items()}
        )
        return self

    def fitted(
        self, name: str, x: Array, truth: Array, iterations: int = 0, model: Fitted | None = None
    ) -> Fitted:
        """Return scikit-learn's model of a target, fitted to features and encoded truths.

        ``iterations`` where there are not to be as many as the options say; ``model`` is one that goes on from there.
        Where features by far outnumber the rows, it sees those that go with the target most, see `strongest`.
        """
        try:
            from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
        except ImportError as error:
            raise MissingExtra('network.name = "boosting"', "train") from error
        options, number = self.options, self.numbers.get(name)
        wanted = truth if number is None else number.standardized(truth)
        if model is not None:
            model.model.set_params(max_iter=iterations, warm_start=True).fit(model.seen(x), wanted)
            return model
        places = strongest(x, wanted, number is None) if x.shape[1] > max(MANY, TIMES * len(x)) else None
        x = x if places is None else x[:, places]
        given: dict[str, Any] = {
            "max_iter": iterations or options.iterations,
            "learning_rate": options.learning_rate,
            "max_leaf_nodes": options.max_leaf_nodes,
            "min_samples_leaf": options.min_samples_leaf,
            "l2_regularization": options.l2,
            "early_stopping": False,
            "random_state": self.seed % 2**32,  # more than scikit-learn takes
        }
        if number is not None:
            made = HistGradientBoostingRegressor(loss=LOSSES[number.loss], **given)
        else:
            made = HistGradientBoostingClassifier(class_weight=self.class_weight, **given)
        return Fitted(made.fit(x, wanted), places)

    def unit(self, encoded: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the inputs in their plain range."""
        return units(self.features.inputs, self.features.together, encoded)

    def forward(self, unit: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """Return the raw values of each target, standardized numbers ``(rows, 1)`` and logits ``(rows, classes)``."""
        x = self.features.of_units(unit)
        return {n: trees(x) for n, trees in self.trees.items()}

    def raw(self, encoded: Mapping[str, Array]) -> dict[str, Array]:
        """Return the raw values of encoded rows, ``float64``."""
        x = self.features.of(encoded)
        return {n: trees.raw(x) for n, trees in self.trees.items()}

    @torch.inference_mode()
    def outputs(self, encoded: Mapping[str, Array]) -> dict[str, Array]:
        """Return what the recognizer's graph gives: numbers in the user's units, and probabilities."""
        raw = {n: torch.from_numpy(v.astype(np.float32)) for n, v in self.raw(encoded).items()}
        return {n: self.heads[n].outputs(v).numpy() for n, v in raw.items()}

    def calibrate(self, encoded: Mapping[str, Array], truths: Mapping[str, Array]) -> None:
        """Set intervals and temperatures from validation rows."""
        for name, raw in self.raw(encoded).items() if len(next(iter(truths.values()))) else ():
            self.heads[name].calibrate(raw.astype(np.float32), truths[name])

    @property
    def targets(self) -> dict[str, Column]:
        """The targets' columns with what was found on the validation rows."""
        return {n: self.heads[n].calibrated(c) for n, c in self.learned.items()}

    def leaves(self) -> int:
        """Return how many leaves there are."""
        return sum(trees.leaves() for _, trees in self.trees.items())
