"""A recipe for other columns than the one it names: ``hornbook train sales.csv --recipe forecast --target Sales``."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from hornbook.columns import CategoryColumn
from hornbook.common.plaintext import recipe_key
from hornbook.errors import UsageError, one_of
from hornbook.recipe.nested import copy_tree
from hornbook.recipe.recipe import Recipe


def for_targets(recipe: Recipe, names: Sequence[str]) -> Recipe:
    """Return a recipe whose only target is these columns of a table, each with the same options.

    Inputs that read the target's column, as a series does, read these instead. No names change nothing.

    Raises
    ------
    UsageError
        The recipe has several targets, so that it is not plain which is meant.
    """
    if not names or set(names) == set(recipe.targets):
        return recipe
    if len(recipe.targets) > 1:
        raise UsageError(
            f"--target is for a recipe with one target, and {recipe.name} has {one_of(recipe.targets)}: leave it out, "
            "or set from"
        )
    given = copy_tree(recipe.given)
    ((name, options),) = given["targets"].items()
    source = options.pop("from", name) if isinstance(options, dict) else name
    given["targets"] = {name: copy_tree(options) for name in names}
    for column in given["inputs"].values():
        if isinstance(column, dict) and source in column.get("columns", ()):
            others = [c for c in column["columns"] if c != source and c not in names]
            column["columns"] = [*names, *others]
    return Recipe.from_values(given, recipe.name, recipe.name)


def metric_in(changes: Iterable[str]) -> tuple[list[str], str | None]:
    """Return changes of keys without ``metric=f1``, which is for all targets of classes, and the metric.

    >>> metric_in(["training.epochs=3", "metric=cost=10"])
    (['training.epochs=3'], 'cost=10')
    """
    given = list(changes)
    wanted = [one.partition("=")[2] for one in given if one.startswith("metric=")]
    return [one for one in given if not one.startswith("metric=")], wanted[-1] if wanted else None


def for_metric(recipe: Recipe, metric: str | None) -> Recipe:
    """Return a recipe whose targets of two classes are decided for a metric, such as ``f1``; None changes nothing.

    Raises
    ------
    RecipeError
        The metric is none that a threshold can be chosen for.
    UsageError
        No target is one of classes.
    """
    if metric is None:
        return recipe
    classes = CategoryColumn.among(recipe.targets)
    if not classes:
        raise UsageError(
            f"--metric {metric} chooses from which probability on one of two classes is answered, and "
            f"{one_of(recipe.targets)} is no class; leave it out"
        )
    return recipe.change(
        [f"{recipe_key('targets', name, 'metric')}={json.dumps(metric)}" for name in classes]
    )
