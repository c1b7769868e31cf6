"""``hornbook recipe``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

from hornbook.cli.arguments import Says, pattern_change
from hornbook.cli.terminal import plain
from hornbook.common.plaintext import clean, table
from hornbook.errors import UsageError


def recipe(
    name: Annotated[
        str | None, Says("a recipe's name or file, a run, or examples to guess one for", "NAME|FILE")
    ] = None,
    *,
    changes: Annotated[
        Sequence[str], Says("set one key of the recipe: training.epochs=3", "KEY=VALUE", "--set")
    ] = (),
    target: Annotated[str | None, Says("the column of a table to predict", "COLUMN")] = None,
    data: Annotated[str | None, Says("where the examples are", "DIR")] = None,
    pattern: Annotated[
        str | None, Says('where labels stand in file names: "{digit}_{}.png"', "PATTERN")
    ] = None,
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
    from hornbook.recipe.recipe import Recipe, recipe_names
    from hornbook.recipe.resolve import resolve, with_data

    if name is None:
        rows = [[f"  {known}", first_comment(known)] for known in recipe_names()]
        print("recipes that come with hornbook:\n")
        print("\n".join(table(rows)))
        print("\nhornbook recipe NAME prints one in full.")
        return
    file = recipe_of_run(name)
    changes = [*pattern_change(pattern), *changes]
    if file:
        no_target(target)
        found = Recipe.read(file, changes)
        found = found if data is None else with_data(found, data)
    else:
        found, _ = resolve(name, data=data, changes=changes, target=target)
    print(_printable(plain(found.to_toml(origins=True))), end="")


def _printable(toml: str) -> str:
    """Return TOML that stays TOML where the output, a file perhaps, lacks a character or is not UTF-8."""
    if sys.stdout.isatty() or (sys.stdout.encoding or "").lower().replace("-", "") == "utf8":
        return toml
    return "".join(c if c.isascii() else f"\\U{ord(c):08x}" for c in toml)


def recipe_of_run(name: str) -> Path | None:
    """Return the recipe's file of a run, or None; a built-in name goes before a folder called so."""
    from hornbook.recipe.resolve import is_recipe

    file = Path(name) / "recipe.toml"
    return file if not is_recipe(name) and file.is_file() else None


def no_target(target: str | None) -> None:
    """Raise UsageError where a target is given for a run, whose recipe says it."""
    if target is not None:
        raise UsageError("--target is for a table, and the recipe of a run says its targets: leave it out")


def first_comment(name: str) -> str:
    """Return the first comment of a built-in recipe, which says what it is for.

    >>> first_comment("mnist")[:20]
    'Handwritten digits, '
    """
    from importlib import resources

    text = (resources.files("hornbook") / "recipes" / f"{name}.toml").read_text("utf-8")
    first = text.partition("\n")[0]
    return clean(first.lstrip("# ")) if first.startswith("#") else ""
