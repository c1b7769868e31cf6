"""``hornbook.train``: finds out what is meant, trains it, and writes the report.

It stands above training and the report, which know nothing of each other.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hornbook.common.progress import Lines, Progress, Silent
from hornbook.examples import Examples
from hornbook.recipe import Recipe
from hornbook.recipe.nested import flatten
from hornbook.recipe.resolve import read, resolve
from hornbook.recipe.retarget import for_metric, metric_in
from hornbook.report import Report, write_report
from hornbook.report.augmented import augmented
from hornbook.report.look import media
from hornbook.report.surface import surfaces
from hornbook.training.signals import stop_asked

if TYPE_CHECKING:
    import os

    from hornbook.columns.base import Array
    from hornbook.training.outcome import Outcome
    from hornbook.training.run import Run


def train(
    what: str | os.PathLike[str] | Recipe | Examples | Any,
    *,
    run: str | os.PathLike[str] | None = None,
    recipe: Recipe | str | os.PathLike[str] | None = None,
    data: str | os.PathLike[str] | None = None,
    changes: Iterable[str] = (),
    target: str | Sequence[str] | None = None,
    fresh: bool = False,
    progress: Progress | None = None,
    tensorboard: bool = False,
) -> Run:
    """Train a recognizer, or go on where a run in the same folder stopped.

    Parameters
    ----------
    what
        The name of a built-in recipe, a recipe's file, a `Recipe`, or the examples themselves (a folder, an
        archive, a file, or what `hornbook.read_examples` takes), for which a recipe is guessed and shown.
    run
        The folder of the run, by default ``runs/`` with the recipe's name.
    recipe
        Where ``what`` is examples: a recipe for them, in place of a guessed one.
    data
        Where the examples are, in place of the recipe's source; for a built-in name, the folder its files are
        in.
    changes
        Keys to set, ``["training.epochs=3"]``. ``"metric=f1"`` is of every target of two classes: what the threshold
        between them is chosen for on the validation rows, ``f1``, ``recall@precision=0.9``, ``precision@recall=0.9`` or
        ``cost=10``, where a missed one of the rarer class costs as much as ten false alarms.
    target
        For a table, and pictures with one: the column to predict, or several.
    fresh
        Start again instead of going on.
    progress
        What tells of progress; by default lines on standard error.
    tensorboard
        Write scalars, the graph and histograms of the weights for TensorBoard, into the run's folder.

    Returns
    -------
    The run.

    Raises
    ------
    DataError, RecipeError, RunError
        With one sentence that says what is wrong and what to do.

    Examples
    --------
    >>> run = hornbook.train("digits")                # doctest: +SKIP
    >>> run.evaluations["digit"].score                # doctest: +SKIP
    0.9889
    """
    from hornbook.training import Job, Run, locked  # which says what to install where PyTorch is missing
    from hornbook.training.many.ranks import joined

    progress = progress or (Silent() if sys.stderr is None else Lines())
    started = time.perf_counter()
    with joined() as ranks, ExitStack() as held:
        progress = progress if ranks.first else Silent()
        changes, metric = metric_in(changes)
        with ranks.agreed():
            chosen, examples = resolve(
                what, recipe=recipe, data=data, changes=changes, target=target, note=progress.note, fetch=True
            )
            chosen = for_metric(chosen, metric)
            folder = Path(run) if run is not None else Path("runs") / chosen.name
            board = None
            if tensorboard and ranks.first:
                from hornbook.training.tensorboard import FOLDER, Board

                board = Board(folder / FOLDER)
            if ranks.first:
                held.enter_context(locked(folder))
            ranks.asked = held.enter_context(stop_asked())
            held.callback(progress.close)
            job = Job(Run(folder), chosen, progress, started, _report, fresh, board, ranks)
            ready = job.begin(lambda: examples if examples is not None else read(chosen))
        return job.go(ready)


def _report(outcome: Outcome) -> None:
    """Write ``report.html``."""
    prepared = outcome.prepared
    about = {k: v for k, v in outcome.about.items() if k != "blend"}
    report = Report(
        title=outcome.recipe.name,
        recipe_text=outcome.recipe.to_toml(),
        history=outcome.history,
        evaluations=outcome.evaluations,
        findings=outcome.findings,
        about={k: str(v) for k, v in flatten(about).items() if k != "recipe"},
        media=media(prepared),
        formulas=outcome.formulas,
        renewed=outcome.about.get("renewed", 0),
        augmented=augmented(prepared, outcome.recipe.training.augment, outcome.recipe.training.seed),
        surfaces=[] if outcome.stopped else surfaces(outcome.run.recognizer, prepared),
        looked=_looked(outcome),
        blend=outcome.about.get("blend", {}),
        stopped=outcome.stopped,
    )
    write_report(outcome.run.path, report)


def _looked(outcome: Outcome) -> dict[int, Array]:
    """Return where the network looked when it was wrong, of a run that is finished."""
    from hornbook.training.looked import looked_at

    if outcome.stopped:
        return {}
    found = list(outcome.evaluations.values())
    return looked_at(outcome.run, outcome.prepared, found[0].mistaken) if len(found) == 1 else {}
