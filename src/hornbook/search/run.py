"""``hornbook search``: begins a search or joins one, does its work, and says what it has found."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from typing import cast

from hornbook.common.progress import Lines
from hornbook.recipe import Recipe
from hornbook.recipe.toml import write_toml
from hornbook.search.draw import quiet
from hornbook.search.folder import PAGE, WINNER, By, Plan, Search
from hornbook.search.page import write_search
from hornbook.search.result import conclude
from hornbook.search.work import Goal, work_in_processes

AHEAD = 4
"""Trials that are drawn without knowing each other, at least: so many processes may join a search."""


def run_search(
    recipe: Recipe,
    place: Path,
    trials: int,
    minutes: float,
    jobs: int,
    by: str,
    ray: str | None,
    folds: int | None = None,
) -> bool:
    """Search until there are so many trials, and write what was found; return False where a person asked to stop.

    Parameters
    ----------
    recipe
        With its space.
    minutes
        After which no trial is begun any more; 0 for any number.
    ray
        The address of a Ray cluster whose tasks do the work.
    folds
        On so many the best trials are judged again; see `conclude`.
    """
    progress = Lines()
    with quiet():
        pass  # says at once what is to be installed
    search = Search(place)
    plan = search.begin(Plan(recipe, cast(By, by), recipe.training.seed, max(AHEAD, 2 * jobs)))
    goal = Goal(trials, time.time() + 60 * minutes if minutes else 0.0)
    there = len(search.trials())
    if there:
        progress.note(f"going on with {place}: {there} of {trials} trials are there")
    else:
        space = write_toml({"search": {k: p.to_values() for k, p in plan.space.items()}})
        progress.note(f"searching {recipe.name} in {place}: {trials} trials, drawn by {by} from\n\n{space}")
    if ray is None:
        whole = work_in_processes(str(place), goal, jobs, progress.note)
    else:
        from hornbook.search.on_ray import work_on_ray

        whole = work_on_ray(str(place), goal, jobs, ray, progress.note)
    result = None
    if whole:
        with suppress(KeyboardInterrupt):  # each fold of the finals is saved
            result = conclude(search, plan, progress, folds)
    if result is None:
        progress.note(f"stopped; all is saved in {place}, give the same command again to go on")
        return False
    write_search(place, result)
    progress.note(f"{result.text()}\nthe winner: {place / WINNER}\nthe page: {place / PAGE}")
    return True
