"""``hornbook recipe``."""

from __future__ import annotations

import sys
from typing import Annotated

from hornbook.cli.arguments import Changes, Pattern, Says, Target, pattern_change
from hornbook.cli.terminal import plain
from hornbook.common.plaintext import clean, table


def recipe(
    name: Annotated[
        str | None, Says("a recipe's name or file, a run, or examples to guess one for", "NAME|FILE")
    ] = None,
    *,
    changes: Changes = (),
    target: Target = (),
    data: Annotated[str | None, Says("where the examples are", "DIR")] = None,
    pattern: Pattern = None,
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
    from hornbook.recipe.recipe import recipe_names
    from hornbook.recipe.resolve import resolve_run

    if name is None:
        rows = [[f"  {known}", first_comment(known) + _needs(known)] for known in recipe_names()]
        print("recipes that come with hornbook:\n")
        print("\n".join(table(rows)))
        print("\nhornbook recipe NAME prints one in full.")
        return
    changes = [*pattern_change(pattern), *changes]
    found, _, _ = resolve_run(name, data=data, changes=changes, target=target)
    print(_printable(plain(found.to_toml(origins=True))), end="")


def _printable(toml: str) -> str:
    """Return TOML that stays TOML where the output, a file perhaps, lacks a character or is not UTF-8."""
    if sys.stdout.isatty() or (sys.stdout.encoding or "").lower().replace("-", "") == "utf8":
        return toml
    return "".join(c if c.isascii() else f"\\U{ord(c):08x}" for c in toml)


def _needs(name: str) -> str:
    """Return what file a built-in recipe needs that does not come with hornbook."""
    from hornbook.recipe.recipe import Recipe

    data = Recipe.read(name).data
    return f" Needs {data.source}: --data." if data.home is not None else ""


def first_comment(name: str) -> str:
    """Return the first comment of a built-in recipe, which says what it is for.

    >>> first_comment("mnist")[:20]
    'Handwritten digits, '
    """
    from importlib import resources

    text = (resources.files("hornbook") / "recipes" / f"{name}.toml").read_text("utf-8")
    first = text.partition("\n")[0]
    return clean(first.lstrip("# ")) if first.startswith("#") else ""
