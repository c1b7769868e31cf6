"""``hornbook search``."""

from __future__ import annotations

from typing import Annotated

from hornbook.cli.arguments import Changes, DataPlace, Pattern, RecipeFor, Says, Target, pattern_change
from hornbook.cli.terminal import needs_torch, note
from hornbook.common.safe_names import shown


def search(
    what: Annotated[
        str, Says("a recipe's name or file, or the examples: a folder, an archive, a table", "WHAT")
    ],
    *,
    trials: Annotated[int, Says("how many trainings, the recipe's own settings among them", "N")] = 20,
    minutes: Annotated[float, Says("begin no other trial after so long (0: never)", "M")] = 0,
    jobs: Annotated[int, Says("processes on this machine, or tasks on a cluster", "N")] = 1,
    by: Annotated[str, Says("how settings are drawn", choices=("tpe", "random", "halving"))] = "tpe",
    folds: Annotated[
        int | None, Says("judge the best trials again on so many folds (0: never; 3 where rows are few)", "N")
    ] = None,
    space: Annotated[
        str | None, Says("what may be changed, in place of the recipe's [search]", "FILE")
    ] = None,
    ray: Annotated[
        str | None, Says("train on a Ray cluster: auto, local, HOST:6379 or ray://HOST:10001", "ADDRESS")
    ] = None,
    out: Annotated[str | None, Says("the folder to write (searches/ and the recipe's name)", "DIR")] = None,
    recipe: RecipeFor = None,
    data: DataPlace = None,
    changes: Changes = (),
    target: Target = (),
    pattern: Pattern = None,
) -> int:
    """Train a recipe many times with other settings, and keep the best.

    What may be changed stands in the recipe's [search], or is guessed. Each trial is a run in a folder of its own,
    judged on validation rows alone; it ends early where others have done much better. Where rows are few, the best
    trials and the recipe itself are trained again on folds, and the recipe stays unless one is surely better. The
    winner is reported, and its test score stands beside that of the recipe itself. The same command goes on where a
    search was stopped or killed, and given once more, on another machine that sees the folder, it joins.

    Examples
    --------
      hornbook search digits --trials 50 --jobs 2
      hornbook search digits --by halving --minutes 30 --out searches/quick
    """
    from dataclasses import replace
    from pathlib import Path

    from hornbook.errors import UsageError
    from hornbook.recipe.resolve import resolve

    if trials < 1 or jobs < 1 or minutes < 0:
        raise UsageError("--trials and --jobs are 1 or more, --minutes 0 or more")
    if folds is not None and (folds < 0 or folds == 1):
        raise UsageError(f"--folds is {folds}: give 2 or more, or 0 for none")
    needs_torch("hornbook search")
    from hornbook.recipe.guesses.space import check_space, guess_space
    from hornbook.recipe.space import read_space
    from hornbook.search.run import run_search

    chosen, _ = resolve(
        what,
        recipe=recipe,
        data=data,
        changes=[*pattern_change(pattern), *changes],
        target=target,
        note=note,
        fetch=True,
    )
    told = read_space(Path(space)) if space is not None else chosen.search or guess_space(chosen)
    check_space(chosen, told, "" if space is None else shown(Path(space).name))
    chosen = replace(chosen, search=told)
    place = Path(out) if out is not None else Path("searches") / chosen.name
    return 0 if run_search(chosen, place, trials, minutes, jobs, by, ray, folds) else 130
