"""The examples that a run was trained on, for commands that judge it on those that it did not learn from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from hornbook.cli.terminal import note, progress
from hornbook.errors import UsageError

if TYPE_CHECKING:
    from hornbook.examples.prepare import Prepared
    from hornbook.recognizer import Recognizer

SPLITS = ("test", "validation", "train")


def of_run(reader: Recognizer, run: Path, data: str | None, split: str | None) -> tuple[Prepared, str]:
    """Return the examples of a run, split as they were, and the split to judge; by default the first with rows."""
    from hornbook.examples.prepare import prepare
    from hornbook.recipe.recipe import Recipe
    from hornbook.recipe.resolve import read, with_data
    from hornbook.recognizer import FILE

    # A run's file stands for its run.
    file = (run.parent if run.name == FILE else run) / "recipe.toml"
    if not file.is_file():
        raise UsageError(f"{run} does not say what it was trained on: give labelled examples as SOURCE")
    recipe = Recipe.read(file)
    examples = read(recipe if data is None else with_data(recipe, data))
    prepared = prepare(examples, reader.inputs, reader.targets, recipe.split, progress())
    trained_on = reader.about.get("fingerprint")
    if trained_on and trained_on != prepared.fingerprint:
        note(
            "warning: the examples are not those the run was trained on (files were added, changed or removed), "
            "so some of these rows may have been trained on"
        )
    return prepared, split or next((s for s in SPLITS if len(prepared.splits[s])), SPLITS[0])
