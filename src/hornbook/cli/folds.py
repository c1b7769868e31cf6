"""What ``hornbook evaluate --folds`` does."""

from __future__ import annotations

import json
from collections.abc import Sequence

from hornbook.cli.terminal import note
from hornbook.errors import MissingExtra


def evaluate_on_folds(
    what: str, count: int, data: str | None, changes: Sequence[str], target: str | None, as_json: bool
) -> None:
    """Train a recipe, or that of a run, anew on each fold, and print how well it does."""
    try:
        import torch  # noqa: F401
    except ModuleNotFoundError as error:
        raise MissingExtra("evaluate --folds", "train") from error
    from hornbook.cli.recipe import no_target, recipe_of_run
    from hornbook.recipe.recipe import Recipe
    from hornbook.recipe.resolve import read, resolve, with_data
    from hornbook.training.cross_validation import cross_validate

    file = recipe_of_run(what)
    if file:
        no_target(target)
        recipe, examples = Recipe.read(file, changes), None
        recipe = recipe if data is None else with_data(recipe, data)
    else:
        recipe, examples = resolve(what, data=data, changes=changes, target=target, note=note)
    found = cross_validate(recipe, read(recipe) if examples is None else examples, count, progress=note)
    if as_json:
        print(json.dumps({name: scores.to_json() for name, scores in found.items()}))
    else:
        print("\n\n".join(scores.text() for scores in found.values()))
