"""The best trials and the recipe itself, trained again on folds.

By few validation rows the best of twenty trials wins by luck: what was chosen by a score looks better by it than it is
(Varma and Simon 2006). So each is judged on every row but the test rows, by networks that have not learned from it.
The scores of a fold stand in the folder of its trial, so that a killed search goes on with the next fold.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hornbook.common.files import write_file
from hornbook.common.hashing import seed_of
from hornbook.errors import DataError
from hornbook.examples import Examples
from hornbook.examples.prepare import Prepared, prepare
from hornbook.examples.split import folds
from hornbook.search.folder import Plan, Trial
from hornbook.training.cross_validation import outputs_of

FOLDS = 3
"""By default, where there are not more than `MOST_ROWS`."""

MOST_ROWS = 5000
"""Of more training and validation rows the validation rows are enough to judge by, and folds would take long."""

FINALISTS = 2
"""Trials besides the recipe itself that are judged again."""

TIMES = 200
"""Times that the rows of a fold are drawn anew, with replacement, to see whether one trial is better than another."""

KEPT = "folds.json"


@dataclass(frozen=True)
class Finals:
    """How good the best trials and the recipe itself are on rows that they have not learned from.

    Attributes
    ----------
    count, rows
        How many folds there were, and rows in them.
    scores
        The score of each trial by its number, a mean over the rows.
    share
        In how many draws of the rows the best of them is better than the recipe itself.
    """

    count: int
    rows: int
    scores: Mapping[int, float]
    best: int
    share: float


def may_fold(plan: Plan, examples: Examples, prepared: Prepared) -> int:
    """Return how many folds the best trials are judged on by default; 0 where the validation rows judge.

    That is where there are many rows, where rows follow a time, and where the source says which rows validate.
    """
    recipe = plan.recipe
    columns = {**recipe.inputs, **recipe.targets}
    ordered = recipe.split.in_time or any(column.is_window for column in columns.values())
    named = "split" in examples.table.columns and (examples.table["split"] == "validation").any()
    rows = sum(len(prepared.splits[split]) for split in ("train", "validation"))
    few = FOLDS * 4 <= rows <= MOST_ROWS
    return FOLDS if few and not ordered and not named and recipe.start_from is None else 0


def finalists(plan: Plan, trials: Sequence[Trial]) -> list[Trial]:
    """Return the recipe itself and the best trials that were trained to their end, the best first."""
    sign = -1 if plan.target.metric_larger_is_better else 1
    done = [
        t for t in trials if t.state == "done" and t.score is not None and t.score == t.score and t.number
    ]
    return [trials[0], *sorted(done, key=lambda t: (sign * (t.score or 0.0), t.number))[:FINALISTS]]


def judge_again(
    plan: Plan,
    trials: Sequence[Trial],
    examples: Examples,
    prepared: Prepared,
    count: int,
    note: Callable[[str], None],
) -> Finals | None:
    """Return how good trials are, the first of which is the recipe itself; None where there are too few rows.

    Parameters
    ----------
    prepared
        The examples as the recipe splits them: test rows take no part.
    count
        Folds.
    """
    rows = np.sort(np.concatenate([prepared.splits[split] for split in ("train", "validation")]))
    part = examples.replace(table=examples.table[rows])
    found = {}
    for trial in trials:
        try:
            found[trial.number] = _judged(plan, trial, part, count, note)
        except DataError:  # classes or groups that are not in every fold
            return None
    sign = 1 if plan.target.metric_larger_is_better else -1
    drawn = {number: _mean(folds) for number, folds in found.items()}
    own = trials[0].number
    best = max(drawn, key=lambda number: (sign * drawn[number][0], number == own))
    better = sign * (drawn[best][1:] - drawn[own][1:])
    share = float(np.mean(better > 0) + 0.5 * np.mean(better == 0))
    scores = {number: float(values[0]) for number, values in drawn.items()}
    return Finals(count, len(rows), scores, best, share)


def _mean(found: Sequence[tuple[int, Sequence[float]]]) -> np.ndarray:
    """Return a trial's score on all rows and on each draw of them, from those of its folds."""
    rows = np.array([n for n, _ in found], float)
    scores: np.ndarray = (rows[:, None] * np.array([scores for _, scores in found])).sum(0) / rows.sum()
    return scores


def _judged(
    plan: Plan, trial: Trial, examples: Examples, count: int, note: Callable[[str], None]
) -> list[tuple[int, list[float]]]:
    """Return for each fold how many rows it has, and the scores on all of them and on draws of them."""
    recipe = plan.with_settings(trial.settings)
    split = replace(recipe.split, test=0.0)
    stratify = next((c.source or n for n, c in recipe.targets.items() if c.stratify), None)
    found = []
    for i, part in enumerate(folds(examples, count, split, stratify)):
        prepared = prepare(part, recipe.inputs, recipe.targets, split)
        rows = prepared.splits["test"]
        key = f"{count}/{i} {prepared.fingerprint}"
        kept = _kept(trial.path).get(key)
        if kept is None or len(kept) != 1 + TIMES:
            if not len(rows):
                raise DataError("a fold has no row that can be judged")
            name = next(iter(recipe.targets))
            outputs, columns = outputs_of(recipe, prepared, rows)
            truth, score = prepared.arrays[name].take(rows), columns[name].score
            kept = [
                score(outputs[name][at], truth[at])[plan.target.metric] for at in _draws(plan, i, len(rows))
            ]
            _keep(trial.path, key, kept)
            said = plan.target.say_score(kept[0])
            note(f"trial {trial.number}, fold {i + 1} of {count}: {plan.target.metric} {said}")
        found.append((len(rows), kept))
    return found


def _draws(plan: Plan, fold: int, rows: int) -> Iterator[np.ndarray]:
    """Yield all rows of a fold, and so many of them drawn with replacement, the same for each trial."""
    yield np.arange(rows)
    chance = np.random.default_rng(seed_of(plan.seed, fold))
    for _ in range(TIMES):
        yield chance.integers(0, rows, rows)


def _kept(path: Path) -> dict[str, list[float]]:
    """Return the scores of the folds that a trial was judged on before; none where they cannot be read."""
    try:
        found = json.loads((path / KEPT).read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _keep(path: Path, key: str, scores: Sequence[float]) -> None:
    text = json.dumps({**_kept(path), key: scores})
    write_file(path / KEPT, text.encode("utf-8"), flush=True)
