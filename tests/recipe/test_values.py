"""Values of a recipe: whatever stands in one, it is a recipe or one sentence that names the key."""

from __future__ import annotations

import dataclasses
import datetime
import math
import tomllib
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from hornbook.columns.image.augment_options import ImageAugment
from hornbook.columns.keys import key_of
from hornbook.columns.kinds import column_types
from hornbook.errors import RecipeError
from hornbook.examples.split import Split
from hornbook.recipe import Recipe
from hornbook.recipe.data import Data
from hornbook.recipe.nested import flatten
from hornbook.recipe.networks import FAMILIES
from hornbook.recipe.recipe import Training, data_of

BASE: dict[str, Any] = {
    "inputs": {"image": {"type": "image"}},
    "targets": {"digit": {"type": "category"}},
    "network": {"name": "cnn"},
}


def recipe(**sections: Any) -> Recipe:
    return Recipe.from_values({**BASE, **sections}, "mine", "mine.toml")


def place(key: str, value: Any) -> dict[str, Any]:
    """Return the base with one dotted key set."""
    tree: dict[str, Any] = {
        k: {n: dict(v) if isinstance(v, dict) else v for n, v in s.items()} for k, s in BASE.items()
    }
    *sections, last = key.split(".")
    at = tree
    for section in sections:
        at = at.setdefault(section, {})
    at[last] = value
    if key.startswith("network.layers"):
        del tree["network"]["name"]
    return tree


def keys() -> list[str]:
    """Return every key that a recipe may have, by its declaration."""

    def fields(cls: Any, where: str) -> list[str]:
        learned = getattr(cls, "learned_fields", ())
        return [f"{where}.{key_of(f)}" for f in dataclasses.fields(cls) if f.name not in learned]

    types = column_types()
    out = fields(Data, "data") + fields(Split, "split") + fields(Training, "training")
    out += fields(ImageAugment, "training.augment.image") + fields(types["image"], "inputs.image")
    out += fields(types["category"], "targets.digit") + fields(FAMILIES["cnn"], "network")
    out += ["network.layers", "network.name", "inputs.image.type", "inputs.image"]
    return [*out, "inputs", "training", "data"]


KEYS = keys()

SCALARS: st.SearchStrategy[Any] = st.one_of(
    st.booleans(),
    st.integers(),
    st.sampled_from([0, 1, -1, 3, 2**63, -(2**63), 10**30, 10**400]),
    st.floats(),
    st.sampled_from([0.0, 1.0, 3.0, 0.5, 1e308, math.inf, -math.inf, math.nan]),
    st.text(max_size=8),
    st.sampled_from(["", "all", "3", "image", "cnn", "cmn", "best", "conv 8", "\n", "a\x00b", "\udce9"]),
    st.just(datetime.date(2020, 1, 1)),
    st.just(datetime.time(1, 2)),
    st.just(datetime.datetime(2020, 1, 1)),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=2),
)


@settings(max_examples=200)
@given(st.sampled_from(KEYS), VALUES)
@example("inputs", {"a\nb": 3})
@example("inputs", {"a\nb": {"type": "image", "size": 3}})
@example("training.weight_decay", 2**53 + 1)
def test_any_value_for_any_key_is_taken_as_it_is_or_refused_in_one_sentence(key: str, value: Any) -> None:
    try:
        made = Recipe.from_values(place(key, value), "mine", "mine.toml")
    except RecipeError as error:
        said = str(error)
        assert said.startswith("mine.toml: ")
        assert "\n" not in said
        assert key.rpartition(".")[2] in said or key.rpartition(".")[0] in said, said
        return
    full = flatten(made.values())
    if key in full:
        assert full[key] == (float(value) if isinstance(full[key], float) else value)
        assert not isinstance(value, float) or math.isfinite(value)
    # What was taken can be written down and read again.
    assert Recipe.from_values(tomllib.loads(made.to_toml()), "mine", "mine.toml").values() == made.values()


@settings(max_examples=50)
@given(
    st.sampled_from(["", "data", "split", "training", "inputs.image", "targets.digit", "network"]),
    st.text(),
    VALUES,
)
def test_an_unknown_key_is_refused_by_its_name(section: str, key: str, value: Any) -> None:
    known = {part for k in KEYS for part in k.split(".")} | {"targets", "from", "source"}
    if key in known:
        return
    tree: dict[str, Any] = place("split.seed", 0)
    at = tree
    for part in section.split(".") if section else []:
        at = at.setdefault(part, {})
    at[key] = value
    with pytest.raises(RecipeError) as error:
        Recipe.from_values(tree, "mine", "mine.toml")
    said = str(error.value)
    assert said.startswith(f"mine.toml: unknown key {section}")
    assert "\n" not in said
    assert not key.isascii() or not key.isprintable() or key in said


@settings(max_examples=100)
@given(st.text(max_size=20) | st.builds("{}={}".format, st.sampled_from(KEYS), st.text(max_size=8)))
def test_any_change_is_taken_or_refused_in_one_sentence(change: str) -> None:
    for values in (BASE, {**BASE, "targets": {"digit": "category"}}):
        try:
            Recipe.from_values(values, "mine", "mine.toml", [change])
        except RecipeError as error:
            assert change.partition("=")[0].strip().rpartition(".")[2] in str(error) or "--set" in str(error)


@pytest.mark.parametrize(
    ("sections", "said"),
    [
        ({"training": {"epochs": True}}, "training.epochs is True, but it must be a whole number"),
        ({"training": {"epochs": "3"}}, "training.epochs is '3', but it must be a whole number"),
        ({"training": {"epochs": 3.0}}, "training.epochs is 3.0, but it must be a whole number"),
        ({"training": {"epochs": 0}}, "training.epochs is 0, but it must be at least 1"),
        ({"training": {"weight_decay": math.inf}}, "training.weight_decay is inf, but it must be finite"),
        (
            {"training": {"batch_size": "al"}},
            "training.batch_size is 'al', but it must be a whole number or 'all' (did you mean 'all'?)",
        ),
        (
            {"training": {"optimizer": "adam"}},
            "training.optimizer is 'adam', but it must be one of 'adamw', 'sgd' or 'muon' (did you mean 'adamw'?)",
        ),
        ({"training": {"epochs": 16**5000}}, "training.epochs is a number of thousands of digits, but it "),
        ({"training": {"epochs": [16**5000]}}, "training.epochs is a number of thousands of digits, but it "),
        ({"split": {"seed": -1}}, "split.seed is -1, but it must be at least 0"),
        ({"network": {"name": "cmn"}}, "network.name is 'cmn' (did you mean 'cnn'?); it may be 'linear', "),
        ({"network": {"layers": "conv 8"}}, "network.layers is 'conv 8', but it must be a list"),
        (
            {"network": {"name": "mlp", "hidden": [8, 0]}},
            "network.hidden (item 2) is 0, but it must be at least 1",
        ),
        (
            {"inputs": {"image": "imaje"}},
            "inputs.image has the type 'imaje' (did you mean 'image'?); the types are ",
        ),
        ({"inputs": {"image": 3}}, "inputs.image must say its type"),
        ({"inputs": {"image": {"type": "image", "source": "x"}}}, "is 'from', not 'source'"),
        (
            {"inputs": {"image": {"type": "image", "size": [28]}}},
            "inputs.image.size is [28], but its item 2 is missing",
        ),
        (
            {"inputs": {"image": {"type": "image", "size": [28, 9999]}}},
            "inputs.image.size (item 2) is 9999, but it ",
        ),
        ({"inputs": {"image": {"type": "image", "mean": [0.5]}}}, "unknown key inputs.image.mean"),
        ({"inputs": {}}, "[inputs] must name at least one column"),
        ({"targets": {"": "category"}}, "[targets] must name at least one column, and none without a name"),
        ({"targets": {"image": "category"}}, "image is in [inputs] and in [targets]"),
        ({"targets": {"input": "category"}}, "a target cannot be called 'input'"),
        (
            {"targets": {"digit": {"type": "category", "classes": ["a", "b", "a"]}}},
            "targets.digit has the class 'a' twice",
        ),
        (
            {"training": {"augment": {"imag": {}}}},
            "unknown key training.augment.imag (did you mean 'image'?)",
        ),
        ({"training": {"augment": 3}}, "write [training.augment.NAME]"),
        ({"training": {"augment": {"image": {"shift": 3}}}}, "training.augment.image.shift is 3"),
        ({"training": 3}, "training must be a section, [training], but it is 3"),
        ({"trainig": {}}, "unknown key trainig (did you mean 'training'?)"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_what_is_wrong_is_said(sections: dict[str, Any], said: str) -> None:
    with pytest.raises(RecipeError) as error:
        recipe(**sections)
    assert said in str(error.value)


def test_the_defaults_are_within_their_own_limits() -> None:
    assert Recipe.from_values(recipe().values(), "x", "x").values() == recipe().values()
    for name in FAMILIES:
        whole = recipe(network={"name": name})
        assert Recipe.from_values(whole.values(), "x", "x") == dataclasses.replace(whole, name="x")


def test_the_short_form_of_a_column_is_its_type() -> None:
    assert recipe(targets={"digit": "category"}) == recipe(targets={"digit": {"type": "category"}})
    long = recipe(inputs={"a": {"type": "image", "from": "photo"}}).inputs["a"]
    assert long.source == "photo"


def test_differences_name_the_keys() -> None:
    one, other = recipe(), recipe(training={"epochs": 3, "augment": {"image": {"shift": 0.1}}})
    said = other.differences(one)
    assert said[0] == "training.epochs: 3, was 10"
    assert "training.augment.image.shift: 0.1, was 'not set'" in said
    assert one.differences(one) == []
    assert "training.augment.image.shift: 'not set', was 0.1" in one.differences(other)


def test_what_data_says_before_there_is_a_recipe() -> None:
    assert data_of(["training.epochs=3", "data.pattern={digit}_{}.png"]).pattern == "{digit}_{}.png"
    with pytest.raises(RecipeError, match=r"unknown key data\.patern"):
        data_of(["data.patern=x"])


def test_a_column_with_a_dot_in_its_name_can_be_set() -> None:
    values = {"inputs": {"Sepal.Length": "number", "Sepal": "number"}, "targets": {"y": "category"}}
    for key in ('inputs."Sepal.Length".log', "inputs.Sepal.Length.log"):
        recipe = Recipe.from_values(values, "t", "t", [f"{key}=true", "inputs.Sepal.Length.clip=[0, 5]"])
        assert recipe.inputs["Sepal.Length"].options()["log"] is True
        assert recipe.inputs["Sepal.Length"].options()["clip"] == [0, 5]
        assert recipe.inputs["Sepal"].options()["log"] is False
    assert (
        Recipe.from_values(values, "t", "t", ["inputs.Sepal.log=true"]).inputs["Sepal"].options()["log"]
        is True
    )
    assert "a.b" in Recipe.from_values(values, "t", "t", ['inputs."a.b"=text']).inputs
