"""Trials on a Ray cluster: its tasks do the same work as processes, on a folder that all of its machines see."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from hornbook.common.cluster import ray_cluster
from hornbook.search.folder import Search
from hornbook.search.work import Goal, work

TRIES = 20
"""Times that a task is begun again where a worker vanished: another one goes on with its trial."""


def work_on_ray(folder: str, goal: Goal, jobs: int, address: str, note: Callable[[str], None]) -> bool:
    """Do the work of a search in tasks of a Ray cluster; return whether all trials have ended.

    ``address`` is as that of `hornbook.common.cluster.ray_cluster`, which says what is raised.
    """
    place = str(Path(folder).resolve())
    with ray_cluster(address, TRIES) as ray:
        search = Search(Path(place))
        known = {t.number for t in search.trials() if t.ended}
        task = ray.remote(max_retries=TRIES)(_task)
        waiting = [task.remote(place, goal) for _ in range(jobs)]
        while waiting:
            ready, waiting = ray.wait(waiting, timeout=1.0)
            ray.get(ready)
            _tell(search, known, note)
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
