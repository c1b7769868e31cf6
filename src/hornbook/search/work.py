"""The work of a search: processes that take trials from its folder, each by itself, until there are enough."""

from __future__ import annotations

import multiprocessing
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hornbook.common.progress import Lines
from hornbook.errors import HornbookError, RunError
from hornbook.make.workers import cores
from hornbook.recipe.resolve import read
from hornbook.search.draw import draw, known_to
from hornbook.search.folder import Plan, Search, Trial
from hornbook.search.said import line_of
from hornbook.search.trial import run_trial
from hornbook.training.run import Busy, locked
from hornbook.training.signals import stop_asked

__all__ = ["Goal", "work", "work_in_processes"]

PAUSE = 0.2
"""Seconds until a process looks again that waits for trials of others."""


@dataclass(frozen=True)
class Goal:
    """When a search has enough: so many trials, and none is begun after a time (seconds since 1970; 0 for never)."""

    trials: int
    until: float = 0.0

    def reached(self, trials: int) -> bool:
        """Return whether no other trial is begun."""
        return trials >= self.trials or bool(self.until and trials and time.time() > self.until)


def work(folder: str, goal: Goal, threads: int = 0, note: Callable[[str], None] | None = None) -> bool:
    """Take trials until the goal is reached and all have ended; return False where a person asked to stop.

    Parameters
    ----------
    threads
        That a trial computes with; 0 leaves it as it is.
    note
        Is told of each trial; by default it is printed.
    """
    import torch

    if threads:
        torch.set_num_threads(threads)
    search, say = Search(Path(folder)), note or Lines().note
    plan = search.plan
    examples = read(plan.recipe)
    with stop_asked() as asked:
        while not asked.is_set():
            with ExitStack() as held:
                taken = _take(search, plan, goal, held)
                if taken is True:
                    return True
                if taken is not False:
                    trial = run_trial(plan, taken, search.trials(), examples, asked)
                    if trial.ended:
                        say(line_of(plan, trial, search.trials()))
                    continue
            asked.wait(PAUSE)
    return False


def _take(search: Search, plan: Plan, goal: Goal, held: ExitStack) -> Trial | bool:
    """Return a trial that nobody else trains, held for this process; True where all is done, False to wait."""
    with search.locked():
        trials = search.trials()
        for trial in trials:
            if not trial.ended:
                try:
                    held.enter_context(locked(trial.path))
                    return trial
                except Busy:
                    continue
        number = len(trials)
        if goal.reached(number):
            return all(trial.ended for trial in trials)
        if not all(trial.ended for trial in known_to(plan, number, trials)[0]):
            return False
        settings = draw(plan, number, trials)
        trial = search.add(number, plan.with_settings(settings), settings)
        held.enter_context(locked(trial.path))
        return trial


def work_in_processes(folder: str, goal: Goal, jobs: int, note: Callable[[str], None]) -> bool:
    """Do the work in several processes, each with its part of the cores; in this one where one is enough.

    Raises
    ------
    RunError
        Processes were killed, and trials are left that none has ended.
    """
    if jobs == 1:
        return work(folder, goal, note=note)
    several = multiprocessing.get_context("spawn")
    said: Any = several.SimpleQueue()
    threads = max(1, cores() // jobs)
    pool = [several.Process(target=_process, args=(folder, goal, threads, said)) for _ in range(jobs)]
    with stop_asked() as asked:
        for process in pool:
            process.start()
        heard: list[str] = []
        while any(process.is_alive() for process in pool):
            _hear(said, heard, note)
            time.sleep(PAUSE / 4)
        for process in pool:
            process.join()
        _hear(said, heard, note)
        if heard:
            raise RunError(heard[0])
        if asked.is_set():
            return False
    if not all(trial.ended for trial in Search(Path(folder)).trials()):
        raise RunError(
            "the processes of the search were killed, perhaps because memory was short: give the same command again to "
            "go on, with fewer --jobs"
        )
    return True


def _hear(said: Any, errors: list[str], note: Callable[[str], None]) -> None:
    while not said.empty():
        kind, text = said.get()
        if kind == "error":
            errors.append(text)
        else:
            note(text)


def _process(folder: str, goal: Goal, threads: int, said: Any) -> None:
    """Work in a process of its own, which tells the first one what there is to say."""
    lock = threading.Lock()

    def note(text: str) -> None:
        with lock:
            said.put(("note", text))

    try:
        work(folder, goal, threads, note)
    except HornbookError as error:
        said.put(("error", str(error)))
