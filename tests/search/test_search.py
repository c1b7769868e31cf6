"""Trials are run folders, and all that is known stands in them."""

from __future__ import annotations

import csv
import json
import random
import shutil
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hornbook.common.progress import Epoch
from hornbook.errors import MissingExtra, RunError
from hornbook.examples.prepare import prepare
from hornbook.recipe import Recipe
from hornbook.recipe.resolve import read
from hornbook.training import Run, cross_validation
from hornbook.training.run import HISTORY
from tests.conftest import Ran

optuna = pytest.importorskip("optuna")

from hornbook.search import finals as finals_module  # noqa: E402
from hornbook.search import trial as trial_module  # noqa: E402
from hornbook.search.draw import Judge, draw, importances  # noqa: E402
from hornbook.search.finals import FOLDS, MOST_ROWS, Finals, finalists, judge_again, may_fold  # noqa: E402
from hornbook.search.folder import PAGE, TRIAL, WINNER, Plan, Search, Trial  # noqa: E402
from hornbook.search.said import best_of  # noqa: E402
from hornbook.search.work import Goal, work  # noqa: E402

RECIPE = """
[data]
source = "{data}"
[inputs]
a = "number"
b = "number"
[targets]
y = "number"
[split]
validation = 0.3
[network]
name = "mlp"
hidden = [4]
[training]
epochs = 3
batch_size = 16
[search]
"training.learning_rate" = {{ from = 0.0001, to = 0.1, scale = "log" }}
"network.hidden" = {{ one_of = [[4], [8, 4]] }}
training.batch_size = {{ from = 8, to = 32 }}
"""


@pytest.fixture(scope="module")
def recipe(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("search")
    rng = random.Random(0)
    rows = [(rng.gauss(0, 1), rng.gauss(0, 1)) for _ in range(120)]
    with (folder / "t.csv").open("w", newline="") as file:
        csv.writer(file).writerows(
            [("a", "b", "y"), *((f"{a:.3f}", f"{b:.3f}", f"{2 * a - b:.3f}") for a, b in rows)]
        )
    path = folder / "t.toml"
    path.write_text(RECIPE.format(data=(folder / "t.csv").as_posix()))
    return path


def begun(recipe: Path, folder: Path, **how: Any) -> Search:
    search = Search(folder)
    search.begin(Plan(Recipe.read(recipe), **how))
    return search


def table(search: Search) -> list[tuple[Any, ...]]:
    """Return what must be the same however often a search was killed."""
    timings = ("seconds", "examples_per_second")
    return [
        (
            t.number,
            t.settings,
            t.state,
            t.score,
            [{k: v for k, v in r.items() if k not in timings} for r in t.history],
        )
        for t in search.trials()
    ]


def silent(_: str) -> None:
    pass


@pytest.fixture(scope="module")
def whole(recipe: Path, tmp_path_factory: pytest.TempPathFactory) -> Search:
    """Return a search that was never disturbed, for reading only."""
    search = begun(recipe, tmp_path_factory.mktemp("whole") / "s")
    assert work(str(search.path), Goal(7), note=silent)
    return search


def test_trials_are_runs_that_have_not_seen_the_test_rows(whole: Search, recipe: Path) -> None:
    trials = whole.trials()
    assert [t.number for t in trials] == list(range(7))
    assert dict(trials[0].settings) == {
        "training.learning_rate": 0.003, "network.hidden": [4], "training.batch_size": 16
    }  # fmt: skip
    assert len({json.dumps(dict(t.settings)) for t in trials}) == 7
    for t in trials:
        assert t.state == "done"
        run = Run(t.path)
        assert run.evaluations["y"].split == "validation"
        assert not (t.path / "report.html").exists()
        assert run.recipe.training.learning_rate == t.settings["training.learning_rate"]
        assert not run.recipe.search
        assert t.score == min(row["validation_mae"] for row in run.history)
        assert isinstance(run.predict({"a": 1.0, "b": 0.5})["y"].value, float)


def finals(search: Search, count: int = 2, note: Any = silent) -> Finals:
    """Return what folds say of the best trials of a search."""
    plan, examples = search.plan, read(search.plan.recipe)
    prepared = prepare(examples, plan.recipe.inputs, plan.recipe.targets, plan.recipe.split)
    found = judge_again(plan, finalists(plan, search.trials()), examples, prepared, count, note)
    assert found is not None
    return found


def test_the_best_are_judged_again_on_rows_that_are_no_test_rows(
    whole: Search, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = Search(Path(shutil.copytree(whole.path, tmp_path / "s")))
    said: list[str] = []
    asked: list[set[int]] = []

    def outputs_of(recipe: Any, prepared: Any, rows: Any) -> Any:
        learned = np.concatenate([prepared.splits[split] for split in ("train", "validation")])
        assert not {*learned.tolist()} & {*rows.tolist()}
        asked.append({*prepared.examples.table["a"].to_list()})
        if len(asked) == 4:
            raise Killed
        return cross_validation.outputs_of(recipe, prepared, rows)

    monkeypatch.setattr(finals_module, "outputs_of", outputs_of)
    with pytest.raises(Killed):
        finals(copy, note=said.append)
    found = finals(copy, note=said.append)
    assert len(said) == len({*said}) == 6  # three trials on two folds, none of them twice
    plan, examples = copy.plan, read(copy.plan.recipe)
    prepared = prepare(examples, plan.recipe.inputs, plan.recipe.targets, plan.recipe.split)
    test = {*examples.table["a"].gather(prepared.splits["test"]).to_list()}
    assert test and not any(test & values for values in asked)
    assert found.rows == 120 - len(prepared.splits["test"]) and len(found.scores) == 3
    assert found.scores[found.best] == min(found.scores.values()) and 0.5 <= found.share <= 1
    shutil.copytree(whole.path, tmp_path / "other")
    monkeypatch.undo()
    assert finals(Search(tmp_path / "other")) == found  # as if it had never been killed


def test_where_rows_are_many_or_follow_a_time_the_validation_rows_judge(whole: Search) -> None:
    plan, examples = whole.plan, read(whole.plan.recipe)
    prepared = prepare(examples, plan.recipe.inputs, plan.recipe.targets, plan.recipe.split)
    assert may_fold(plan, examples, prepared) == FOLDS
    many = replace(prepared, splits={**prepared.splits, "train": np.arange(MOST_ROWS + 1)})
    assert may_fold(plan, examples, many) == 0
    in_time = replace(plan, recipe=plan.recipe.change(["split.by=a"]))
    assert may_fold(in_time, examples, prepared) == 0


class Killed(BaseException):
    """Stands for SIGKILL: nothing that would be written on the way out is written."""


def test_a_search_that_is_killed_again_and_again_ends_with_the_same_table(
    whole: Search, recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng, search = random.Random(1), begun(recipe, tmp_path / "s")
    left = [0]

    def epoch(self: trial_module.Watch, done: Epoch) -> None:
        left[0] -= 1
        if left[0] < 0:
            raise Killed
        self.heard(done.row, done.last)

    monkeypatch.setattr(trial_module.Watch, "epoch", epoch)
    kills = 0
    while True:
        left[0] = rng.randrange(1, 9)
        try:
            assert work(str(search.path), Goal(7), note=silent)
            break
        except Killed:
            kills += 1
    assert kills >= 2
    assert table(search) == table(whole)


def test_two_processes_have_the_table_of_one(whole: Search, recipe: Path, tmp_path: Path, ran: Ran) -> None:
    place = tmp_path / "s"
    said = ran(["search", str(recipe), "--trials", "7", "--jobs", "2", "--out", str(place)]).err
    search = Search(place)
    assert search.plan.ahead == 4
    assert table(search) == table(whole)
    best = best_of(search.plan, search.trials())
    assert best is not None and f"of 7 trials trial {best.number} is the best" in said
    winner = Run(place / WINNER)
    assert winner.evaluations["y"].split == "test"
    assert (place / WINNER / "report.html").exists()
    assert winner.recipe.training.learning_rate == best.settings["training.learning_rate"]
    page = (place / PAGE).read_text("utf-8")
    for there in (
        "The trials",
        "Over epochs",
        "training.batch_size",
        "what the winner changes",
        f"{best.number:04}",
    ):
        assert there in page
    again = ran(["search", str(recipe), "--trials", "7", "--out", str(place)]).err
    assert "7 of 7 trials are there" in again and "writing the report" not in again


def test_what_is_there_already_is_gone_on_with_and_what_is_another_is_refused(
    recipe: Path, tmp_path: Path, ran: Ran
) -> None:
    place = tmp_path / "s"
    words = ["search", str(recipe), "--out", str(place), "--trials"]
    ran([*words, "1"])
    assert "1 of 2 trials are there" in ran([*words, "2"]).err
    assert "training.epochs: 2, was 3" in ran([*words, "2", "--set", "training.epochs=2"], 1).err
    assert "--by random, was tpe" in ran([*words, "2", "--by", "random"], 1).err
    (tmp_path / "t" / "0000").mkdir(parents=True)
    assert "holds other files (0000" in ran(["search", str(recipe), "--out", str(tmp_path / "t")], 1).err
    (place / "0001" / TRIAL).write_text("{")
    assert "remove the folder 0001" in ran([*words, "2"], 1).err
    (tmp_path / "file").write_text("")
    assert "cannot be written" in ran(["search", str(recipe), "--out", str(tmp_path / "file" / "s")], 1).err
    with pytest.raises(RunError, match="is not there, or no search"):
        _ = Search(tmp_path / "nowhere").plan


def test_a_trial_that_cannot_be_trained_is_said_and_the_others_go_on(
    recipe: Path, tmp_path: Path, ran: Ran
) -> None:
    space = tmp_path / "space.toml"
    space.write_text(
        '"training.learning_rate" = { one_of = [100.0] }\n"training.optimizer" = { one_of = ["sgd"] }'
    )
    place = tmp_path / "s"
    said = ran(["search", str(recipe), "--trials", "2", "--out", str(place), "--space", str(space)]).err
    assert [t.state for t in Search(place).trials()] == ["done", "failed"]
    assert "trial 1  cannot be trained" in said and "no number any more" in said
    assert "of 2 trials the recipe itself is the best" in said


def test_without_validation_rows_nothing_can_be_judged(recipe: Path, tmp_path: Path, ran: Ran) -> None:
    words = ["search", str(recipe), "--out", str(tmp_path / "s"), "--set", "split.validation=0.0"]
    assert "set split.validation=0.2" in ran(words, 1).err


# Drawing and ending, from histories made by hand.


def made(folder: Path, plan: Plan, curves: Sequence[Sequence[float]]) -> list[Trial]:
    trials: list[Trial] = []
    for number, curve in enumerate(curves):
        settings = draw(plan, number, trials)
        path = folder / f"{number:04}"
        path.mkdir(parents=True)
        rows = "".join(f"{i},{v}\n" for i, v in enumerate(curve, 1))
        (path / HISTORY).write_text(f"epoch,validation_mae\n{rows}")
        trials.append(Trial(path, number, settings, "done", curve[-1]))
    return trials


def planned(recipe: Path, **how: Any) -> Plan:
    return Plan(Recipe.read(recipe, ["training.epochs=9"]), ahead=1, **how)


@pytest.mark.parametrize("by", ["tpe", "random", "halving"])
def test_what_is_drawn_lies_in_the_space_and_is_a_function_of_what_is_known(
    recipe: Path, tmp_path: Path, by: Any
) -> None:
    plan = planned(recipe, by=by)
    trials = made(tmp_path, plan, [[1.0 + i / 10] * 9 for i in range(8)])
    first = draw(plan, 8, trials)
    assert first == draw(plan, 8, trials) != draw(plan, 7, trials)
    assert all(plan.space[key].has(value) for key, value in first.items())
    assert first["network.hidden"] in ([4], [8, 4])
    assert isinstance(first["training.batch_size"], int)


def test_it_learns_from_what_is_known(recipe: Path, tmp_path: Path) -> None:
    plan = planned(recipe)
    trials: list[Trial] = []
    for number in range(24):
        settings = draw(plan, number, trials)
        score = abs(settings["training.batch_size"] - 30.0)
        trials.append(Trial(tmp_path / str(number), number, settings, "done", score))
    sizes = [t.settings["training.batch_size"] for t in trials]
    assert sum(abs(s - 30) for s in sizes[14:]) < sum(abs(s - 30) for s in sizes[1:11])
    assert next(iter(importances(plan, trials))) == "training.batch_size"
    assert importances(plan, trials[:3]) == {}


@pytest.mark.parametrize("by", ["tpe", "halving"])
def test_a_trial_ends_early_where_others_were_better(recipe: Path, tmp_path: Path, by: Any) -> None:
    plan = planned(recipe, by=by)
    trials = made(tmp_path, plan, [[1.0 + i / 100] * 9 for i in range(6)])
    if by == "halving":  # what the pruner has noted of the others
        for i, one in enumerate(trials):
            judge = Judge(plan, one, trials)
            for epoch in range(1, 10):
                judge.ends(epoch, 1.0 + i / 100)
            trials[i] = Trial(one.path, i, one.settings, "done", one.score, notes=judge.notes)

    def ended_after(score: float) -> int:
        judge = Judge(plan, Trial(tmp_path / "x", 6, {}), trials)
        return next((e for e in range(1, 10) if judge.ends(e, score)), 0)

    assert ended_after(0.5) == 0
    assert 1 <= ended_after(5.0) <= 4


def test_the_recipe_itself_is_trained_to_its_end(recipe: Path, tmp_path: Path) -> None:
    plan = planned(recipe)
    judge = Judge(plan, Trial(tmp_path, 0, {}), made(tmp_path / "t", plan, [[1.0]] * 5))
    assert not any(judge.ends(epoch, 99.0) for epoch in range(1, 10))


def test_optuna_is_an_extra(recipe: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "optuna", None)
    with pytest.raises(MissingExtra, match=r"hornbook\[search\]"):
        draw(planned(recipe), 1, [])


def test_a_cluster_that_is_not_there(
    recipe: Path, tmp_path: Path, ran: Ran, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ["search", str(recipe), "--trials", "1", "--out", str(tmp_path / "s"), "--ray", "127.0.0.1:1"]
    monkeypatch.setitem(sys.modules, "ray", None)
    assert "hornbook[ray]" in ran(words, 1).err
