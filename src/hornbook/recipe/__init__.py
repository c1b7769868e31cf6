"""Recipes: what to learn, from what and how, in one TOML file of 10 to 25 lines.

`recipe` declares the sections, `messages` turns what pydantic finds into one sentence, `toml` writes a recipe
with where each value came from, `guess` makes one from the data.
"""

from hornbook.recipe.recipe import Recipe, recipe_names

__all__ = ["Recipe", "recipe_names"]
