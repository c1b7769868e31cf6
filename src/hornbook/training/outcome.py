"""What comes out of a training, for its report and its metrics."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hornbook.checks.check import Findings
from hornbook.columns.evaluation import Evaluation
from hornbook.examples.prepare import Prepared
from hornbook.recipe import Recipe
from hornbook.training.few.folded import Folded
from hornbook.training.run import Run


@dataclass(frozen=True)
class Outcome:
    """What a run has to tell, for its report; ``stopped`` says after which step it was, where it is not finished."""

    run: Run
    recipe: Recipe
    prepared: Prepared
    findings: Findings
    history: list[dict[str, float]]
    evaluations: dict[str, Evaluation]
    about: dict[str, Any]
    formulas: list[dict[str, Any]]
    stopped: str = ""


@dataclass(frozen=True)
class Trained:
    """The history, formulas and facts of a training, of a network or of trees, and what folds of its rows say."""

    history: list[dict[str, float]]
    formulas: list[dict[str, Any]]
    about: dict[str, Any]
    folded: Folded | None = None
