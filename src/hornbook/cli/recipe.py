"""``hornbook recipe``."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from hornbook.cli.arguments import Says
from hornbook.cli.terminal import plain
from hornbook.plaintext import clean, table


def recipe(
    name: Annotated[
        str | None, Says("a recipe's name or file, a run, or examples to guess one for", "NAME|FILE")
    ] = None,
    *,
    changes: Annotated[
        Sequence[str], Says("set one key of the recipe: training.epochs=3", "KEY=VALUE", "--set")
    ] = (),
    target: Annotated[str | None, Says("the column of a table to predict", "COLUMN")] = None,
) -> None:
    """Print a recipe in full, with where each value came from.

    Without a name, lists the recipes that come with hornbook. What is printed is a recipe again: write it
    into a file that ends in .toml, change it, and train with it.

    Examples
    --------
      hornbook recipe
      hornbook recipe digits
      hornbook recipe digits --set training.epochs=3
      hornbook recipe my_pictures
    """
    from hornbook.recipe.model import Recipe, recipe_names
    from hornbook.recipe.resolve import resolve

    if name is None:
        rows = [[f"  {known}", first_comment(known)] for known in recipe_names()]
        print("recipes that come with hornbook:\n")
        print("\n".join(table(rows)))
        print("\nhornbook recipe NAME prints one in full.")
        return
    file = recipe_of_run(name)
    found = Recipe.read(file, changes) if file else resolve(name, changes=changes, target=target)[0]
    print(plain(found.to_toml(origins=True)), end="")


def recipe_of_run(name: str) -> Path | None:
    """Return the recipe's file of a run, or None; a built-in name goes before a folder called so."""
    from hornbook.recipe.resolve import is_recipe

    file = Path(name) / "recipe.toml"
    return file if not is_recipe(name) and file.is_file() else None


def first_comment(name: str) -> str:
    """Return the first comment of a built-in recipe, which says what it is for.

    >>> first_comment("mnist")[:20]
    'Handwritten digits, '
    """
    from importlib import resources

    text = (resources.files("hornbook") / "recipes" / f"{name}.toml").read_text("utf-8")
    first = text.partition("\n")[0]
    return clean(first.lstrip("# ")) if first.startswith("#") else ""
