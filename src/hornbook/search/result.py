"""What a search has found: the winner, whether it is surely better, and the test scores of both at the end."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hornbook.columns.evaluation import Evaluation
from hornbook.common.progress import Progress, Silent
from hornbook.common.safe_names import shown
from hornbook.errors import RunError
from hornbook.examples import Examples
from hornbook.examples.prepare import Prepared, prepare
from hornbook.learning import train
from hornbook.recipe.resolve import read
from hornbook.search.finals import Finals, finalists, judge_again, may_fold
from hornbook.search.folder import WINNER, Plan, Search, Trial
from hornbook.search.said import best_of
from hornbook.training.checkpoint import CURRENT
from hornbook.training.run import HISTORY, LOCK, RECIPE, Run

__all__ = ["Result", "conclude"]

TIMES = 200
"""Times that validation rows are drawn anew to see whether one trial is better than another."""

MOST_ROWS = 2000
"""Validation rows that are drawn from: of more, chance plays no part."""

SURE = 0.95
"""In so many of them the winner must be better than the recipe's own settings. Of twenty trials that are all as good,
the best one is so by luck, and will not be on other rows: of mpg, one that was better in 85 % of draws was not."""


@dataclass(frozen=True)
class Result:
    """What a search has found.

    Attributes
    ----------
    best
        The trial with the best score on the validation rows.
    chosen
        The winner: the best one, or trial 0 with the recipe's own settings, where that is not surely worse.
    share
        In how many draws of the rows that judge the best one is better than trial 0; None where they cannot be drawn.
    finals
        What folds say of the best trials; None where the validation rows judge alone.
    winner, default
        Evaluations on the test rows; of the validation rows where there are no test rows.
    """

    plan: Plan
    trials: Sequence[Trial]
    best: Trial
    chosen: Trial
    share: float | None
    winner: Mapping[str, Evaluation]
    default: Mapping[str, Evaluation]
    finals: Finals | None = None

    @property
    def judges(self) -> str:
        """The rows that say which trial is better."""
        if self.finals is None:
            return "the validation rows"
        return f"the {self.finals.rows:,} rows of {self.finals.count} folds"

    @property
    def target(self) -> str:
        """The target that is searched for."""
        return next(iter(self.plan.recipe.targets))

    def said(self, found: Mapping[str, Evaluation]) -> str:
        """Return a score as a person reads it."""
        return found[self.target].say(found[self.target].score)

    def text(self) -> str:
        """Return it in sentences."""
        target, looked = self.plan.target, f"{len(self.trials)} trials"
        own, split = self.default[self.target], self.winner[self.target].split
        found = f"on {own.rows:,} {split} rows {target.metric} {self.said(self.winner)}"
        if self.chosen.number == 0:
            why = "is the best"
            if self.best.number and self.share is not None:
                why = (
                    f"stays: trial {self.best.number} is better in {self.share:.0%} of draws of {self.judges}, "
                    f"and only from {SURE:.0%} on is that more than chance"
                )
            return f"of {looked} the recipe itself {why}; {found}"
        default = self.said(self.default)
        again = f" on {self.judges}" if self.finals is not None else ""
        return (
            f"of {looked} trial {self.chosen.number} is the best{again}; {found}, the recipe itself {default}"
        )


def conclude(search: Search, plan: Plan, progress: Progress, count: int | None = None) -> Result:
    """Choose the winner, write its report, and judge it and the recipe itself on the test rows, once.

    Parameters
    ----------
    count
        On so many folds the best trials are judged again; 0 for none, by default where there are few rows.

    Raises
    ------
    RunError
        No trial was trained to its end.
    """
    trials = search.trials()
    best = best_of(plan, trials)
    own = trials[0] if trials else None
    if best is None or own is None:
        why = next((t.said for t in trials if t.said), "none has ended")
        raise RunError(f"{shown(search.path)}: no trial could be trained: {why}")
    examples = read(plan.recipe)
    share, final = None, None
    if own.state == "done":
        final = _finals(plan, trials, examples, count, progress)
    if final is not None:
        best, share = trials[final.best], final.share
    elif best.number and own.state == "done":
        share = _share(plan, best, own, _prepared_for(plan, best, examples))
    chosen = own if best.number and share is not None and share < SURE else best
    place = _winner(search, plan, chosen, progress)
    prepared = _prepared_for(plan, chosen, examples)
    split = next(s for s in ("test", "validation") if len(prepared.splits[s]))
    if own.state != "done":
        default: Mapping[str, Evaluation] = {}
    else:
        default = Run(own.path).recognizer.evaluate(_prepared_for(plan, own, examples), split)
    return Result(plan, trials, best, chosen, share, place.evaluations, default or place.evaluations, final)


def _finals(
    plan: Plan, trials: Sequence[Trial], examples: Examples, count: int | None, progress: Progress
) -> Finals | None:
    """Return what folds say of the best trials; None where there are none, or one trial alone."""
    prepared = _prepared_for(plan, trials[0], examples)
    count = may_fold(plan, examples, prepared) if count is None else count
    asked = finalists(plan, trials)
    if not count or len(asked) < 2 or Run(trials[0].path).recognizer.states:
        return None
    names = ", ".join(str(trial.number) for trial in asked[1:])
    progress.note(
        f"judging the recipe itself and trials {names} again, on {count} folds of all but the test rows"
    )
    return judge_again(plan, asked, examples, prepared, count, progress.note)


def _prepared_for(plan: Plan, trial: Trial, examples: Examples) -> Prepared:
    recipe = plan.with_settings(trial.settings)
    return prepare(examples, recipe.inputs, recipe.targets, recipe.split)


def _winner(search: Search, plan: Plan, chosen: Trial, progress: Progress) -> Run:
    """Return the run of the winner: its trial, trained to its end already, with its report and test score."""
    place, recipe = search.path / WINNER, plan.with_settings(chosen.settings)
    run = Run(place)
    if (place / RECIPE).exists():
        if not recipe.differences(run.recipe) and run.whole:
            return run
        run.clear()
    place.mkdir(exist_ok=True)
    for name in (RECIPE, HISTORY, CURRENT):
        if (chosen.path / name).exists():
            shutil.copyfile(chosen.path / name, place / name)
    (place / LOCK).touch()
    progress.note(f"writing the report of trial {chosen.number}: {shown(place)}")
    return train(recipe, run=place, progress=Silent())


def _share(plan: Plan, one: Trial, other: Trial, prepared: Prepared) -> float | None:
    """Return in how many draws of the validation rows, with replacement, one trial is better than another.

    None where networks are blind to parts of the rows, for in use they answer together and know all of them, and for
    texts that are foretold token by token.
    """
    if plan.recipe.network.parts or Run(one.path).recognizer.states:
        return None
    rows = prepared.splits["validation"][:MOST_ROWS]
    scores = [_scored(plan, trial, prepared, rows) for trial in (one, other)]
    rng = np.random.default_rng(plan.seed)
    sign = 1 if plan.target.metric_larger_is_better else -1
    better = 0.0
    for _ in range(TIMES):
        drawn = rng.integers(0, len(rows), len(rows))
        first, second = (sign * score(drawn) for score in scores)
        better += 0.5 if first == second else first > second
    return better / TIMES


def _scored(plan: Plan, trial: Trial, prepared: Prepared, rows: np.ndarray) -> Callable[[np.ndarray], float]:
    """Return what scores a trial on some of these rows."""
    reader = Run(trial.path).recognizer
    name = next(iter(plan.recipe.targets))
    column = reader.targets[name]
    outputs = reader.run_batches(len(rows), lambda a, b: prepared.take(rows[a:b], reader.inputs))[name]
    truth = prepared.arrays[name].take(rows)
    return lambda drawn: column.score(outputs[drawn], truth[drawn])[plan.target.metric]
