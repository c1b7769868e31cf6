"""What a search says of its trials in lines of text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hornbook.common.plaintext import clean
from hornbook.search.folder import Plan, Trial

SAID = {"begun": "not ended", "done": "", "early": "ended early", "failed": "cannot be trained"}
"""What is said of the state of a trial."""


def best_of(plan: Plan, trials: Sequence[Trial]) -> Trial | None:
    """Return the best of the trials that were trained to their end; of equal ones the first."""
    sign = 1 if plan.target.metric_larger_is_better else -1
    done = [t for t in trials if t.state == "done" and t.score is not None and t.score == t.score]
    return max(done, key=lambda t: sign * (t.score or 0.0), default=None)


def value_said(value: Any) -> str:
    """Return a setting as a person reads it.

    >>> value_said(0.00123456), value_said([8, 16]), value_said(64)
    ('0.001235', '8, 16', '64')
    """
    if isinstance(value, float):
        return f"{value:.4g}"
    if isinstance(value, (list, tuple)):
        return ", ".join(map(value_said, value))
    return clean(str(value))


def settings_said(settings: Mapping[str, Any]) -> str:
    """Return settings on one line, without their sections.

    >>> settings_said({"training.learning_rate": 0.01, "network.widths": [8, 16]})
    'learning_rate 0.01  widths 8, 16'
    """
    return "  ".join(f"{clean(k.rpartition('.')[2])} {value_said(v)}" for k, v in settings.items())


def line_of(plan: Plan, trial: Trial, trials: Sequence[Trial]) -> str:
    """Return the line that is printed when a trial has ended."""
    score = "" if trial.score is None else f"  {plan.target.metric} {plan.target.say_score(trial.score)}"
    how = f"  {SAID[trial.state]}" if SAID[trial.state] else ""
    best = best_of(plan, trials)
    mark = "  best" if best is not None and best.number == trial.number else ""
    told = "the recipe's own settings" if trial.number == 0 else settings_said(trial.settings)
    return f"trial {trial.number}{score}{how}{mark}  {told}{f': {trial.said}' if trial.said else ''}"
