"""What a search may change."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from hornbook.errors import RecipeError
from hornbook.recipe import Recipe
from hornbook.recipe.guesses.space import check_space, guess_space
from hornbook.recipe.recipe import recipe_names
from hornbook.recipe.space import OneOf, Range, build_space, read_space
from hornbook.search.folder import settings_of


@pytest.mark.parametrize("name", recipe_names())
def test_what_is_guessed_is_possible_and_has_the_recipes_own_sizes(name: str) -> None:
    recipe = Recipe.read(name)
    space = guess_space(recipe)
    if not space:  # found in closed form, with nothing to choose
        assert recipe.network.closed_form
        return
    check_space(recipe, space)
    own = settings_of(recipe, space)
    missed = [key for key, part in space.items() if isinstance(part, OneOf) and not part.has(own[key])]
    assert missed == []


def test_keys_in_quotes_and_without_are_the_same(tmp_path: Path) -> None:
    rate, hidden = "{ from = 0.001, to = 1, scale = 'log' }", "{ one_of = [[1], []] }"
    quoted = f'"training.learning_rate" = {rate}\n"network.hidden" = {hidden}'
    plain = f"[search.training]\nlearning_rate = {rate}\n[search.network]\nhidden = {hidden}"
    for i, text in enumerate((quoted, plain)):
        path = tmp_path / f"{i}.toml"
        path.write_text(text)
        found = {"training.learning_rate": Range(0.001, 1, True), "network.hidden": OneOf(([1], []))}
        assert read_space(path) == found


def test_it_stands_in_a_recipe_and_comes_back() -> None:
    values = {**Recipe.read("mpg").given, "search": {"network.dropout": {"from": 0.0, "to": 0.5}}}
    recipe = Recipe.from_values(values, "mpg", "mine.toml")
    assert recipe.search == {"network.dropout": Range(0.0, 0.5)}
    assert Recipe.from_values(recipe.values(), "mpg", "again").search == recipe.search
    assert '[search."network.dropout"]' in recipe.to_toml()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "there is nothing to search over"),
        (
            {"training.learnin_rate": {"from": 1, "to": 2}},
            r"unknown key training.learnin_rate \(did you mean",
        ),
        ({"training": {"learning_rate": {"from": 2, "to": 1}}}, "from 2 to 1: the first must be less"),
        ({"training.learning_rate": {"from": 0, "to": 1, "scale": "log"}}, "more than 0"),
        (
            {"training.learning_rate": {"from": 0.1, "to": 200.0}},
            r"learning_rate is 200.0, but it must be .*100",
        ),
        ({"training.learning_rate": {"from": 0.1, "to": 1.0, "scale": "lin"}}, "'linear' or 'log'"),
        ({"training.learning_rate": {"from": 0.1}}, r"learning_rate.to is None, but it must be a number"),
        ({"training.learning_rate": {"from": 0.1, "upto": 1.0}}, r"unknown key .*upto"),
        ({"training.learning_rate": 0.1}, "from = 0.001"),
        ({"network.hidden": {"one_of": []}}, "must be a list of values"),
        ({"network.widths": {"one_of": [[4]]}}, "of other networks"),
        ({"split.seed": {"from": 1, "to": 2}}, "judged on the same rows"),
        ({"targets.mpg.loss": {"one_of": ["absolute"]}}, "judged on the same rows"),
    ],
)
def test_a_space_that_cannot_be(given: dict[str, Any], said: str) -> None:
    with pytest.raises(RecipeError, match=said):
        check_space(Recipe.read("mpg"), build_space(given, "space.toml"))


def test_a_file_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("a = [")
    for name in ("a.toml", "b.toml"):
        with pytest.raises(RecipeError, match=f"{name} cannot be read"):
            read_space(tmp_path / name)


def test_a_file_of_its_own_is_named() -> None:
    recipe = Recipe.read("mpg")
    with pytest.raises(
        RecipeError, match=r"^mine\.toml: there is nothing to search over.*scale = \"log\" }$"
    ):
        check_space(recipe, {}, "mine.toml")
    space = build_space({"training.learnin_rate": {"from": 0.1, "to": 1.0}}, "mine.toml")
    with pytest.raises(RecipeError, match=r"^mine\.toml: search\.training\.learnin_rate: unknown key"):
        check_space(recipe, space, "mine.toml")
