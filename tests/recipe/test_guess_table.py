"""A recipe guessed from a table."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from hornbook.checks.check import check_prepared
from hornbook.errors import DataError, UsageError
from hornbook.examples.prepare import prepare
from hornbook.recipe import Recipe
from hornbook.recipe.guess import guess
from hornbook.sources import from_arrays

N = 60


def columns(**more: Any) -> dict[str, Any]:
    random = np.random.default_rng(0)
    return {
        "id": list(range(N)),
        "size": random.normal(size=N),
        "colour": ["red", "blue", "green"] * (N // 3),
        "note": [f"a long remark about house number {i} of them" for i in range(N)],
        "same": ["x"] * N,
        "when": [f"2020-{1 + i // 28:02d}-{1 + i % 28:02d}" for i in range(N)],
        "price": random.normal(size=N),
        **more,
    }


def guessed(target: str | None, **more: Any) -> tuple[Recipe, str]:
    notes: list[str] = []
    recipe = guess(from_arrays(**columns(**more)), target=target, note=notes.append)
    return recipe, "\n".join(notes)


def test_inputs_by_their_values() -> None:
    recipe, notes = guessed(
        "price", cents=columns()["price"] * 100
    )  # the answer itself: the checks warn of it
    assert "cents" not in notes
    assert {n: c.type for n, c in recipe.inputs.items()} == {
        "size": "number",
        "colour": "category",
        "note": "text",
        "cents": "number",
        "when": "date",
    }
    assert {n: c.type for n, c in recipe.targets.items()} == {"price": "number"}
    assert "same" not in notes  # why it is no input is said by the checks
    assert "the rows follow when: to foretell the price after" in notes and recipe.split.by == "when"


@pytest.mark.parametrize(
    ("values", "word", "said"),
    [
        (["a", "b"] * (N // 2), "category", ""),
        ([0, 1] * (N // 2), "category", ""),
        ([0.0, 1.0] * (N // 2), "category", ""),
        ([1, 2, 3] * (N // 3), "category", "--set targets.y=number"),
        (list(range(3, 3 + 2 * N, 2)), "number", ""),
        ([0.5, 1.5] * (N // 2), "number", ""),
        ([*map(str, range(1, N)), "1.1.2020"], "number", ""),
        ([f"${i},250.00" for i in range(1, N + 1)], "number", ""),
        ([*[f"{i} kg" for i in range(1, N)], "unknown"], "number", ""),
    ],
)
def test_the_target_by_its_values(values: list[Any], word: str, said: str) -> None:
    recipe, notes = guessed("y", y=values)
    assert recipe.targets["y"].type == word
    assert (said in notes) if said else ("targets.y" not in notes)


def test_what_was_said_of_the_target_can_be_done() -> None:
    recipe = guess(from_arrays(**columns(y=[1, 2, 3] * (N // 3))), target="y", changes=["targets.y=number"])
    assert recipe.targets["y"].type == "number"


def test_only_numbers_over_time_are_a_series() -> None:
    examples = from_arrays(
        month=[f"{1950 + i // 12}-{1 + i % 12:02d}" for i in range(N)], riders=np.arange(N) ** 1.5
    )
    recipe = guess(examples, target="riders")
    assert [c.type for c in (*recipe.inputs.values(), *recipe.targets.values())] == ["series", "series"]


def test_counts_by_month_are_a_series() -> None:
    month = [f"{1950 + i // 12}-{1 + i % 12:02d}" for i in range(N)]
    goals = np.random.default_rng(0).poisson(2, N)
    assert guess(from_arrays(month=month, goals=goals), target="goals").targets["goals"].type == "series"
    won = guess(from_arrays(month=month, won=goals > 1), target="won")
    assert won.targets["won"].type == "category"


@pytest.mark.parametrize(
    ("target", "error", "says"),
    [
        (None, UsageError, "say which column to predict with --target"),
        ("prize", UsageError, "did you mean 'price'"),
        ("same", DataError, "nothing to predict"),
        ("when", UsageError, "is a date, which is not predicted"),
        ("note", UsageError, "too many for classes"),
    ],
)
def test_a_target_that_cannot_be(target: str | None, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        guessed(target)


def test_short_texts_that_all_differ_are_texts_where_there_is_nothing_else() -> None:
    recipe = guess(from_arrays(note=[f"day {i}" for i in range(N)], label=["a", "b"] * (N // 2)))
    assert recipe.inputs["note"].type == "text"


def test_a_table_with_nothing_to_learn_from() -> None:
    with pytest.raises(UsageError, match="no column to predict 'y' from; id numbers the rows"):
        guess(from_arrays(id=list(range(N)), y=[0, 1] * (N // 2)), target="y")


def test_what_nearly_gives_the_target_is_learned_from() -> None:
    told: list[str] = []
    celsius = list(range(-40, 100))
    kelvin = [c + 273.15 for c in celsius]
    examples = from_arrays(celsius=celsius, kelvin=kelvin, fahrenheit=[1.8 * c + 32 for c in celsius])
    recipe = guess(examples, target="fahrenheit", note=told.append)
    assert list(recipe.inputs) == ["celsius", "kelvin"], (
        "a law looks like a leak, and steps of one like a count"
    )
    assert "is-the-target" in {
        f.code for f in check_prepared(prepare(examples, recipe.inputs, recipe.targets))
    }


def test_a_copy_of_the_class_is_left_out_and_said_unless_there_is_nothing_else() -> None:
    told: list[str] = []
    kind = ["cat", "dog"] * (N // 2)
    examples = from_arrays(kind=kind, code=[k[0] for k in kind], size=np.random.default_rng(0).normal(size=N))
    assert list(guess(examples, target="kind", note=told.append).inputs) == ["size"]
    (said,) = [t for t in told if t.startswith("left out: ")]
    assert "code goes with kind one to one" in said and "--set inputs.code=category keeps it" in said
    kept = guess(examples, target="kind", changes=["inputs.code=category"])
    assert list(kept.inputs) == ["size", "code"]
    alone = examples.replace(table=examples.table.drop("size"))
    assert list(guess(alone, target="kind").inputs) == ["code"]


SEVERAL: list[tuple[str | list[str] | None, list[str]]] = [
    (["price", "tax"], []),
    (["price", "tax", "price"], []),
    ("price", ["targets.tax=number"]),
    (None, ["targets.price=number", "targets.tax.log=true", "targets.tax.type=number"]),
    ("price", ["targets.y.from=tax", "targets.y.type=number"]),
]


@pytest.mark.parametrize(("target", "changes"), SEVERAL)
def test_several_targets_are_no_inputs_of_each_other(
    target: str | list[str] | None, changes: list[str]
) -> None:
    tax = np.random.default_rng(1).uniform(1, 2, N)
    recipe = guess(from_arrays(**columns(tax=tax)), target=target, changes=changes)
    assert {c.source or n for n, c in recipe.targets.items()} == {"price", "tax"}
    assert set(recipe.inputs) == {"size", "colour", "note", "when"}


def test_several_series_foretell_each_other() -> None:
    month = [f"{1950 + i // 12}-{1 + i % 12:02d}" for i in range(N)]
    examples = from_arrays(month=month, in_=np.arange(N) ** 1.5, out=np.arange(N) ** 1.2)
    recipe = guess(examples, target=["in_", "out"])
    assert recipe.inputs["past"].sources("past") == ("in_", "out")
    assert [c.type for c in recipe.targets.values()] == ["series", "series"]


def test_a_target_that_is_known_of_few_rows_is_learned() -> None:
    recipe, _ = guessed("what", what=["yes", "no"] + [None] * (N - 2))
    assert recipe.targets["what"].type == "category"
    recipe, _ = guessed("colour", remark=["a remark on this one", "and on that"] + [None] * (N - 2))
    assert "remark" not in recipe.inputs


def test_amounts_in_several_units_are_no_hundreds_of_classes() -> None:
    with pytest.raises(
        UsageError, match="60 different texts that are numbers in several units, such as '\\$0', '€1'"
    ):
        guessed("y", y=[f"{'$€'[i % 2]}{i}" for i in range(N)])


def test_a_number_with_heavy_tails_is_learned_by_its_absolute_error() -> None:
    draw = np.random.default_rng(0)
    light, heavy = draw.normal(size=400), draw.standard_t(2, 400)
    for y, loss in ((light, "squared"), (heavy, "absolute")):
        examples = from_arrays(x=np.arange(400) % 7 + y, y=y)
        assert guess(examples, "t.csv", target="y").targets["y"].options()["loss"] == loss
        chosen = guess(examples, "t.csv", target="y", changes=["targets.y.loss=huber"])
        assert chosen.targets["y"].options()["loss"] == "huber"
