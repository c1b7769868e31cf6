"""The guess for a table beside boosted trees and a linear model of scikit-learn, on the same split.

    python -m bench.guess [TABLE ...] [--seeds 0 1 2] [--set KEY=VALUE ...]

A seed deals the rows and draws the weights. ``HistGradientBoosting`` has its default settings, categories as such (its
own handling of them where there are at most 255, else their places), texts left out; the linear model is logistic
regression or ridge on standardized numbers (missing ones filled with the mean and marked) and one-hot categories. Both
learn from the validation rows too, which they have no other use for. They are given the inputs of the guess, and what
it left out because it nearly gives the target is given to nobody. A JSON line for each table: the scores of each seed,
their mean, and the half width of the 95 % interval of the guess on all test rows together.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import statistics
import time
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from bench.common import report, shared
from hornbook.columns import CategoryColumn, NumberColumn
from hornbook.columns.base import Array, Column
from hornbook.columns.text.column import TextColumn
from hornbook.examples import Examples
from hornbook.examples.prepare import Prepared, prepare
from hornbook.networks.tables.features import Features
from hornbook.recipe.guess import guess
from hornbook.sources import read_examples
from hornbook.training.cross_validation import outputs_of

CASES = Path(__file__).resolve().parents[2] / "shared" / "cases"
TABLES = {
    "diamonds": ("tables/diamonds.csv", "price"),
    "house_prices_ames": ("tables/house_prices_ames.csv", "SalePrice"),
    "payment_fraud": ("tables/payment_fraud.csv", "label"),
    "titanic": ("tables/titanic.csv", "survived"),
    "winequality": ("tables/winequality-red.csv", "quality"),
    "bike": ("tables-14-dates-are-no-inputs/bike.csv", "count"),
    "mpg": ("tables/auto-mpg.data", "mpg"),
    "boston": ("tables/BostonHousing.csv", "medv"),
}
NAMES = {
    "winequality": [*(f"x{i}" for i in range(1, 12)), "quality"],
    "mpg": [
        "mpg",
        "cylinders",
        "displacement",
        "horsepower",
        "weight",
        "acceleration",
        "year",
        "origin",
        "name",
    ],
}
"""Of columns, where the file has none."""


def table_of(name: str) -> tuple[Examples, str]:
    """Return the examples of a table, and what is predicted."""
    path, target = TABLES[name]
    place = shared(path) if path.startswith("tables/") else CASES / path
    examples = read_examples(str(place))
    if name in NAMES:
        table = examples.table.drop("split", strict=False)
        examples = examples.replace(table=table.rename(dict(zip(table.columns, NAMES[name], strict=True))))
    return examples, target


def main() -> None:
    """Judge the tables that are named, or all."""
    words = argparse.ArgumentParser()
    words.add_argument("tables", nargs="*", default=[])
    words.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    words.add_argument("--set", action="append", default=[])
    asked = words.parse_args()
    for name in asked.tables or TABLES:
        judge(name, *table_of(name), asked.seeds, asked.set)


def judge(name: str, examples: Examples, target: str, seeds: list[int], changes: list[str]) -> None:
    """Train all on each seed's split and print what came of it."""
    scores: dict[str, list[dict[str, float]]] = {"guess": [], "boosting": [], "linear": []}
    seconds: dict[str, list[float]] = {way: [] for way in scores}
    errors: list[Array] = []
    said: list[str] = []
    column: Column | None = None
    for seed in seeds:
        recipe = guess(examples, target=target, changes=[*changes, f"split.seed={seed}"], note=said.append)
        training = dataclasses.replace(recipe.training, seed=seed)
        recipe = dataclasses.replace(recipe, training=training)
        prepared = prepare(examples, recipe.inputs, recipe.targets, recipe.split)
        rows = prepared.splits["test"]
        truth = prepared.arrays[target].take(rows)
        column = prepared.targets[target]
        for way, each in scores.items():
            start = time.perf_counter()
            if way == "guess":
                outputs, found = outputs_of(recipe, prepared, rows, seed)
                judge_by, given = found[target], outputs[target]
                errors.append(_errors(judge_by, given, truth))
            else:
                judge_by, given = column, _rival(way, prepared, target, seed)
            each.append(judge_by.score(given, truth) | _rare(column, given, truth))
            seconds[way].append(time.perf_counter() - start)
    assert column is not None
    every = np.concatenate(errors)
    keys = {k for found in scores.values() for k in found[0]}
    mean = {
        w: {k: round(statistics.fmean(s[k] for s in f), 4) for k in sorted(keys)} for w, f in scores.items()
    }
    sign = 1 if column.metric_larger_is_better else -1
    best = max(("boosting", "linear"), key=lambda w: sign * mean[w][column.metric])
    report(
        "guess",
        table=name,
        metric=column.metric,
        better_by=round(sign * (mean["guess"][column.metric] - mean[best][column.metric]), 4),
        interval=round(float(1.96 * every.std() / len(every) ** 0.5), 4),
        **{way: mean[way][column.metric] for way in scores},
        all=mean,
        seeds={way: [round(s[column.metric], 4) for s in found] for way, found in scores.items()},
        seconds={way: round(statistics.fmean(found), 1) for way, found in seconds.items()},
        load=round(os.getloadavg()[0], 1),
    )


def _errors(column: Column, outputs: Array, truth: Array) -> Array:
    """Return for each test row how wrong the answer is: 0 or 1, or by how much."""
    if isinstance(column, NumberColumn):
        return np.asarray(np.abs(outputs.reshape(-1) - truth))
    return np.asarray(outputs.argmax(1) != truth, np.float64)


def _rare(column: Column, outputs: Array, truth: Array) -> dict[str, float]:
    """Return the average precision and the recall of the rarer of two classes."""
    if isinstance(column, NumberColumn) or column.outputs != 2 or len(set(truth.tolist())) < 2:
        return {}
    from sklearn.metrics import average_precision_score

    rare = int(truth.mean() < 0.5)
    found = {"average_precision": float(average_precision_score(truth == rare, outputs[:, rare]))}
    return found | {"recall": float((outputs.argmax(1) == rare)[truth == rare].mean())}


def _rival(way: str, prepared: Prepared, target: str, seed: int) -> Array:
    """Return what boosted trees or a linear model say of the test rows: numbers, or probabilities."""
    learn = np.sort(np.concatenate([prepared.splits["train"], prepared.splits["validation"]]))
    x, places = _features(way, prepared)
    column, truth, test = (
        prepared.targets[target],
        prepared.arrays[target].take(learn),
        prepared.splits["test"],
    )
    model = _model(way, column, places, seed)
    with warnings.catch_warnings(action="ignore"):
        model.fit(x[learn], truth)
    if isinstance(column, NumberColumn):
        return np.asarray(model.predict(x[test]))[:, None]
    out = np.zeros((len(test), column.outputs))
    out[:, model.classes_.astype(int)] = model.predict_proba(x[test])
    return out


def _features(way: str, prepared: Prepared) -> tuple[Array, list[int]]:
    """Return all rows as a way takes them, and the places of its categories."""
    rows = np.arange(len(prepared.examples))
    inputs: Mapping[str, Column] = {n: c for n, c in prepared.inputs.items() if not isinstance(c, TextColumn)}
    encoded = prepared.take(rows, inputs)
    if way == "linear":
        return Features.over(inputs, "linear").of(encoded), []
    parts: list[Array] = []
    places: list[int] = []
    for name, column in inputs.items():
        if isinstance(column, CategoryColumn):
            if column.outputs < 255:
                places.append(sum(p.shape[1] for p in parts))
            parts.append(encoded[name].astype(float)[:, None])
        elif isinstance(column, NumberColumn):
            parts.append(encoded[name].astype(float)[:, None])
        else:
            parts.append(Features.over({name: column}).of({name: encoded[name]}))
    return np.concatenate(parts, 1), places


def _model(way: str, column: Column, places: list[int], seed: int) -> Any:
    from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor
    from sklearn.linear_model import LogisticRegression, Ridge

    number = isinstance(column, NumberColumn)
    if way == "linear":
        return Ridge() if number else LogisticRegression(max_iter=1000)
    kind = HistGradientBoostingRegressor if number else HistGradientBoostingClassifier
    return kind(categorical_features=places or None, random_state=seed)


if __name__ == "__main__":
    main()
