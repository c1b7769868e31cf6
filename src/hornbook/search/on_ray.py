"""Trials on a Ray cluster: its tasks do the same work as processes, on a folder that all of its machines see."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hornbook.errors import HornbookError, MissingExtra, RunError, UsageError
from hornbook.search.folder import Search
from hornbook.search.work import Goal, work

TRIES = 20
"""Times that a task is begun again where a worker vanished: another one goes on with its trial."""


def work_on_ray(folder: str, goal: Goal, jobs: int, address: str, note: Callable[[str], None]) -> bool:
    """Do the work of a search in tasks of a Ray cluster.

    Parameters
    ----------
    address
        Of the cluster: ``auto`` for that of this machine, ``local`` for one that is started and ended here,
        ``HOST:6379`` or ``ray://HOST:10001``.

    Raises
    ------
    UsageError
        There is no cluster.
    RunError
        Workers were lost again and again, or do not see the folder.
    """
    try:
        import ray
    except ImportError as error:
        raise MissingExtra("--ray", "ray") from error
    mine = not ray.is_initialized()
    try:
        if mine:
            ray.init(address=address, log_to_driver=False, logging_level="ERROR")
    except (ConnectionError, ValueError, RuntimeError) as error:
        raise UsageError(
            f"--ray {address}: there is no Ray cluster; start one with `ray start --head`, or give --ray local"
        ) from error
    place = str(Path(folder).resolve())
    search, known = Search(Path(place)), {t.number for t in Search(Path(place)).trials() if t.ended}
    try:
        task = ray.remote(max_retries=TRIES)(_task)
        waiting = [task.remote(place, goal) for _ in range(jobs)]
        while waiting:
            ready, waiting = ray.wait(waiting, timeout=1.0)
            ray.get(ready)
            _tell(search, known, note)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, HornbookError):
            raise error.cause from None
        raise
    except ray.exceptions.RayError as error:
        raise RunError(
            f"a worker of the Ray cluster was lost {TRIES} times: give the same command again to go on"
        ) from error
    finally:
        if mine:
            ray.shutdown()
    return all(trial.ended for trial in search.trials())


def _task(folder: str, goal: Goal) -> bool:
    """Work in a task; with one thread, as a task has one core."""
    return work(folder, goal, 1, lambda text: None)


def _tell(search: Search, known: set[int], note: Callable[[str], None]) -> None:
    """Say which trials have ended since."""
    from hornbook.search.said import line_of

    trials = search.trials()
    for trial in trials:
        if trial.ended and trial.number not in known:
            known.add(trial.number)
            note(line_of(search.plan, trial, trials))
