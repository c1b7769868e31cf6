"""One trial: a training as any other, but for its report, which ends early where others have done much better."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import replace

from hornbook.common.progress import Epoch, Progress, Step
from hornbook.errors import DataError, HornbookError
from hornbook.examples import Examples
from hornbook.search.draw import Judge
from hornbook.search.folder import Plan, Trial
from hornbook.training.job import Interrupted, Job
from hornbook.training.many.ranks import Ranks
from hornbook.training.run import Run

__all__ = ["run_trial"]


class Watch(Progress):
    """Hears the scores of a trial, and stops it where it is to end early or where a person asks for it."""

    def __init__(self, plan: Plan, judge: Judge, asked: threading.Event) -> None:
        self.plan, self.judge, self.asked = plan, judge, asked
        self.ranks = Ranks()
        self.early = False

    def step(self, now: Step) -> None:
        """Stop where a person asks for it."""
        if self.asked.is_set():
            self.ranks.asked.set()

    def epoch(self, done: Epoch) -> None:
        """Stop where others are better."""
        self.heard(done.row, done.last)

    def heard(self, row: dict[str, float] | object, last: bool = False) -> None:
        """Judge an epoch by its row of the history."""
        assert isinstance(row, dict)
        if self.plan.score in row and self.judge.ends(int(row["epoch"]), row[self.plan.score]) and not last:
            self.early = True
            self.ranks.asked.set()


def run_trial(
    plan: Plan, trial: Trial, trials: Sequence[Trial], examples: Examples, asked: threading.Event
) -> Trial:
    """Train a trial from wherever it stands, and return it with what came of it, written into its folder.

    Parameters
    ----------
    trials
        All there are: it is judged by those that it may know.
    asked
        Set when a person asks to stop: then the trial is left as one that was begun.
    """
    started = time.monotonic()
    watch = Watch(plan, Judge(plan, trial, trials), asked)
    run = Run(trial.path)
    job = Job(run, plan.with_settings(trial.settings), watch, time.perf_counter(), None, ranks=watch.ranks)
    state, said = "done", ""
    try:
        ready = job.begin(lambda: examples)
        if not len(ready.prepared.splits["validation"]):
            raise DataError(
                "there are no validation rows, by which trials are judged: set split.validation=0.2"
            )
        for row in ready.checkpoint["loop"]["state"]["history"] if ready.checkpoint else ():
            watch.heard(row)
        job.go(ready)
    except Interrupted:
        if not watch.early:
            return trial
        state = "early"
    except DataError:
        raise  # of the rows, and so of every trial
    except HornbookError as error:
        state, said = "failed", str(error)
    score = _score(plan, trial) if not said else None
    ended = replace(
        trial,
        state=state,  # type: ignore[arg-type]
        score=score,
        seconds=round(trial.seconds + time.monotonic() - started, 2),
        notes=watch.judge.notes,
        said=said,
    )
    ended.save()
    return ended


def _score(plan: Plan, trial: Trial) -> float | None:
    """Return the score of a trial by its history: of the epoch that is kept."""
    found = [row[plan.score] for row in Run(trial.path).history if plan.score in row]
    if not found or plan.recipe.training.keep == "last":
        return found[-1] if found else None
    return max(found) if plan.target.metric_larger_is_better else min(found)
