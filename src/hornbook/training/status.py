"""How far a loop has come: numbers, for whoever shows them."""

from __future__ import annotations

from hornbook.columns.base import Column
from hornbook.common.progress import Epoch, Step
from hornbook.training.loop import Loop


def step_of(loop: Loop) -> Step:
    """Return what is known after a step."""
    state, target = loop.state, _target(loop)
    return Step(
        epoch=state.epoch + 1,
        epochs=loop.training.epochs,
        step=state.step,
        steps=loop.steps,
        loss=state.loss_sum / max(state.rows_seen, 1),
        metric=target.metric,
        score=state.metric_sum / max(state.metric_rows, 1),
        say=target.say_score,
        per_second=state.rows_seen / max(state.seconds, 1e-9),
    )


def epoch_of(loop: Loop) -> Epoch:
    """Return the scores of the epoch that has just ended."""
    state, target = loop.state, _target(loop)
    row = state.history[-1]
    best = state.best_epoch == row["epoch"]
    return Epoch(row, loop.training.epochs, target.metric, target.say_score, best, state.finished)


def _target(loop: Loop) -> Column:
    """Return the first target, whose score is shown."""
    return next(iter(loop.prepared.targets.values()))
