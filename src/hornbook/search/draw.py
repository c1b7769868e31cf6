"""What is tried next, and what is ended early: Optuna's samplers and pruners, told what the folders say.

A study is made anew for each trial, from the trials that are known. What it draws is a function of these and of the
seed.
"""

from __future__ import annotations

import json
import math
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from hornbook.common.hashing import seed_of
from hornbook.errors import MissingExtra
from hornbook.recipe.space import OneOf
from hornbook.search.folder import Plan, Trial, settings_of

STARTUP = 5
"""Trials that are drawn at random before others are learned from."""

SOONEST = 3
"""A trial is compared with others after so large a part of its epochs, 1 / 3: before, those with a high learning rate
look worse than they will be."""

FACTOR = 3
"""Halving lets one of so many go on at each rung."""


def known_to(plan: Plan, number: int, trials: Sequence[Trial]) -> tuple[list[Trial], list[Trial]]:
    """Return the trials whose end a trial may know of, and those that it knows to be tried."""
    until = number - plan.ahead
    return [t for t in trials if t.number <= until], [t for t in trials if until < t.number < number]


def draw(plan: Plan, number: int, trials: Sequence[Trial]) -> dict[str, Any]:
    """Return the settings of a trial; those of the first one are the recipe's own."""
    if number == 0:
        return settings_of(plan.recipe, plan.space)
    ended, others = known_to(plan, number, trials)
    with quiet():
        study = _study(plan, ended, seed_of(plan.seed, number) % 2**32)
        for trial in others:
            study.add_trial(_frozen(plan, trial, running=True))
        asked = study.ask(_distributions(plan))
    return {key: _read(plan, key, value) for key, value in asked.params.items()}


class Judge:
    """Says of a trial, epoch by epoch, whether the histories of others are so much better that it may end."""

    def __init__(self, plan: Plan, trial: Trial, trials: Sequence[Trial]) -> None:
        import optuna

        self.plan, self.first = plan, trial.number == 0
        with quiet():
            study = _study(plan, known_to(plan, trial.number, trials)[0], 0)
            study.add_trial(optuna.create_trial(state=optuna.trial.TrialState.RUNNING))
            self.study, self.trial = study, optuna.Trial(study, study.trials[-1]._trial_id)

    def ends(self, epoch: int, score: float) -> bool:
        """Return whether the trial is ended after this epoch."""
        if self.first or not math.isfinite(score):
            return False
        with quiet():
            self.trial.report(score, epoch)
            return self.trial.should_prune()

    @property
    def notes(self) -> dict[str, Any]:
        """What the pruner has noted, for the trials that come after."""
        return dict(self.study.trials[-1].system_attrs)


def importances(plan: Plan, trials: Sequence[Trial]) -> dict[str, float]:
    """Return how much each key mattered, together 1, most first; empty where too few trials say so."""
    import optuna

    done = [t for t in trials if t.state == "done"]
    if len(done) < STARTUP:
        return {}
    with quiet():
        try:
            return optuna.importance.get_param_importances(_study(plan, done, 0))
        except (ValueError, RuntimeError):  # all have the same score, or the same settings
            return {}


def _study(plan: Plan, ended: Sequence[Trial], seed: int) -> Any:
    """Return a study that knows some trials."""
    import optuna

    epochs = plan.recipe.training.epochs
    soonest = max(1, epochs // SOONEST)
    sampler: Any = optuna.samplers.TPESampler(seed=seed, n_startup_trials=STARTUP, constant_liar=True)
    if plan.by == "random":
        sampler = optuna.samplers.RandomSampler(seed=seed)
    pruner: Any = optuna.pruners.MedianPruner(STARTUP - 1, n_warmup_steps=soonest, n_min_trials=STARTUP - 1)
    if plan.by == "halving":
        pruner = optuna.pruners.SuccessiveHalvingPruner(max(1, epochs // FACTOR**2), FACTOR)
    direction: Any = "maximize" if plan.target.metric_larger_is_better else "minimize"
    study = optuna.create_study(sampler=sampler, pruner=pruner, direction=direction)
    study.add_trials([_frozen(plan, trial) for trial in ended])
    return study


def _frozen(plan: Plan, trial: Trial, running: bool = False) -> Any:
    """Return a trial as Optuna has it."""
    import optuna

    states = {"done": "COMPLETE", "early": "PRUNED", "failed": "FAIL", "begun": "RUNNING"}
    state = optuna.trial.TrialState["RUNNING" if running else states[trial.state]]
    curve = {} if running else {int(r["epoch"]): r[plan.score] for r in trial.history if plan.score in r}
    # Settings of the recipe itself may lie outside of the space.
    fits = {k: v for k, v in trial.settings.items() if plan.space[k].has(v)}
    whole = len(fits) == len(plan.space)
    return optuna.create_trial(
        state=state,
        value=trial.score if state == optuna.trial.TrialState.COMPLETE else None,
        params={k: _written(plan, k, v) for k, v in fits.items()} if whole else {},
        distributions=_distributions(plan) if whole else {},
        intermediate_values={e: v for e, v in curve.items() if math.isfinite(v)},
        system_attrs={} if running else dict(trial.notes),
    )


def _distributions(plan: Plan) -> dict[str, Any]:
    import optuna

    made: dict[str, Any] = {}
    for key, part in plan.space.items():
        if isinstance(part, OneOf):
            made[key] = optuna.distributions.CategoricalDistribution([json.dumps(v) for v in part.values])
        elif part.whole:
            made[key] = optuna.distributions.IntDistribution(int(part.low), int(part.high), log=part.log)
        else:
            made[key] = optuna.distributions.FloatDistribution(
                float(part.low), float(part.high), log=part.log
            )
    return made


def _written(plan: Plan, key: str, value: Any) -> Any:
    """Return a setting as Optuna takes it: what is chosen from a list as text, for it may be a list itself."""
    part = plan.space[key]
    if isinstance(part, OneOf):
        return json.dumps(next(v for v in part.values if v == value))
    return value


def _read(plan: Plan, key: str, value: Any) -> Any:
    """Return a value of Optuna as a setting; numbers with four digits that count, which a person can copy."""
    part = plan.space[key]
    if isinstance(part, OneOf):
        return json.loads(value)
    return value if part.whole else min(max(float(f"{value:.4g}"), part.low), part.high)


@contextmanager
def quiet() -> Iterator[None]:
    """Let Optuna say nothing: what is experimental in it, and every trial."""
    try:
        import optuna
    except ImportError as error:
        raise MissingExtra("hornbook search", "search") from error
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    finally:
        optuna.logging.set_verbosity(before)
