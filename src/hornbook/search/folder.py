"""The folder of a search: its plan, and a run folder for each trial.

There is no other record. A process that wants to go on reads the folders, under a lock: a trial that was begun, and
that nobody holds, is gone on with; else a new one is begun. So a killed search, a killed trial and a second machine
on the same shared folder are one case.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from hornbook.columns.base import Column
from hornbook.common.files import write_file
from hornbook.common.safe_names import shown
from hornbook.errors import HornbookError, RunError
from hornbook.recipe import Recipe
from hornbook.recipe.guesses.space import as_change
from hornbook.recipe.space import Space
from hornbook.training.run import LOCK, RECIPE, Run

PLAN, TRIAL, WINNER, PAGE = "search.json", "trial.json", "winner", "search.html"

By = Literal["tpe", "random", "halving"]
State = Literal["begun", "done", "early", "failed"]
"""Of a trial: it is being trained, was trained to its end, ended early as others are better, or cannot be trained."""


@dataclass(frozen=True)
class Plan:
    """What a search is.

    Attributes
    ----------
    recipe
        What trials begin from; its ``search`` is the space.
    by
        How settings are drawn.
    ahead
        A trial is drawn knowing all trials but so many before it. So it hangs on no chance which of them have ended,
        and the table is the same for any number of processes up to this one.
    """

    recipe: Recipe
    by: By = "tpe"
    seed: int = 0
    ahead: int = 4

    @property
    def space(self) -> Space:
        """What is changed, and between which values."""
        return self.recipe.search

    @property
    def target(self) -> Column:
        """The target by whose metric trials are judged: the first one."""
        return next(iter(self.recipe.targets.values()))

    @property
    def score(self) -> str:
        """What the score is called in a history."""
        return f"validation_{self.target.metric}"

    def with_settings(self, settings: Mapping[str, Any]) -> Recipe:
        """Return the recipe of a trial."""
        changed = self.recipe.change([as_change(k, v) for k, v in settings.items()])
        given = {k: v for k, v in changed.given.items() if k != "search"}
        return replace(changed, search={}, given=given)

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON types."""
        values = self.recipe.values()
        return {
            "name": self.recipe.name,
            "by": self.by,
            "seed": self.seed,
            "ahead": self.ahead,
            "recipe": values,
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Plan:
        """Return what `to_json` gave."""
        recipe = Recipe.from_values(data["recipe"], data["name"], PLAN)
        return cls(recipe, data["by"], data["seed"], data["ahead"])


@dataclass(frozen=True)
class Trial:
    """A trial, as its folder says.

    Attributes
    ----------
    settings
        The values of the keys of the space; those of trial 0 are the recipe's own.
    score
        Its best one, or its last one where the recipe keeps the last epoch; None while there is none.
    notes
        What the pruner has noted of it.
    said
        Why it cannot be trained.
    """

    path: Path
    number: int
    settings: Mapping[str, Any]
    state: State = "begun"
    score: float | None = None
    seconds: float = 0.0
    notes: Mapping[str, Any] = field(default_factory=dict)
    said: str = ""

    @property
    def ended(self) -> bool:
        """Whether nothing more will come."""
        return self.state != "begun"

    @cached_property
    def history(self) -> list[dict[str, float]]:
        """A row for each epoch; empty where there is none, or none that can be read."""
        try:
            return Run(self.path).history
        except HornbookError:
            return []

    def save(self) -> None:
        """Write what is known of it."""
        kept = ("number", "settings", "state", "score", "seconds", "notes", "said")
        text = json.dumps({k: vars(self)[k] for k in kept}, indent=1, ensure_ascii=False)
        write_file(self.path / TRIAL, text.encode("utf-8"), flush=True)


class Search:
    """The folder of a search.

    Raises
    ------
    RunError
        It holds other things, or another search.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def begin(self, plan: Plan) -> Plan:
        """Make the folder, or join the search that is there; return its plan."""
        self._make()
        with self.locked():
            if not (self.path / PLAN).exists():
                strange = [f.name for f in self.path.iterdir() if not f.name.startswith(".")]
                if strange:
                    raise RunError(
                        f"{shown(self.path)} holds other files ({', '.join(sorted(strange)[:3])}): name a new folder "
                        "with --out, that of a search is its own"
                    )
                text = json.dumps(plan.to_json(), indent=1, ensure_ascii=False)
                write_file(self.path / PLAN, text.encode("utf-8"), flush=True)
                return plan
            theirs = self.plan
        differences = plan.recipe.differences(theirs.recipe)
        if plan.by != theirs.by or plan.seed != theirs.seed:
            differences.append(f"--by {plan.by}, was {theirs.by}" if plan.by != theirs.by else "the seed")
        if differences:
            raise RunError(
                f"{shown(self.path)} holds another search ({differences[0]}): name another folder with --out, or give "
                "the same command as before to go on"
            )
        return theirs

    def _make(self) -> None:
        try:
            self.path.mkdir(parents=True, exist_ok=True)
            (self.path / LOCK).touch()
        except OSError as error:
            raise RunError(
                f"{shown(self.path)} cannot be written ({(error.strerror or 'no').lower()}): name a folder with --out "
                "that all processes of the search can write"
            ) from error

    @property
    def plan(self) -> Plan:
        """What the search is; RunError where the folder holds none."""
        try:
            return Plan.from_json(json.loads((self.path / PLAN).read_text("utf-8")))
        except FileNotFoundError:
            raise RunError(
                f"{shown(self.path)} is not there, or no search: give a folder that all machines see under this name"
            ) from None
        except (OSError, ValueError, KeyError, TypeError, HornbookError) as error:
            raise RunError(
                f"{shown(self.path / PLAN)} cannot be read ({error}): it was changed, or is of another version; name "
                "another folder with --out"
            ) from None

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the folder, for as long as it takes to read it and to begin a trial."""
        from filelock import FileLock

        with FileLock(self.path / LOCK):
            yield

    def trials(self) -> list[Trial]:
        """Return the trials, in their order."""
        found = []
        for number in range(1_000_000):
            path = self.path / f"{number:04}"
            try:
                data = json.loads((path / TRIAL).read_text("utf-8"))
                found.append(Trial(path, **data))
            except FileNotFoundError:
                return found
            except (OSError, ValueError, TypeError) as error:
                raise RunError(
                    f"{shown(path / TRIAL)} cannot be read ({error}): remove the folder {path.name} and those "
                    "after it, and give the same command again"
                ) from None
        return found

    def add(self, number: int, recipe: Recipe, settings: Mapping[str, Any]) -> Trial:
        """Begin a trial: its folder is that of a run."""
        trial = Trial(self.path / f"{number:04}", number, settings)
        trial.path.mkdir(exist_ok=True)
        (trial.path / LOCK).touch()
        write_file(trial.path / RECIPE, recipe.to_toml().encode("utf-8"), flush=True)
        trial.save()
        return trial


def settings_of(recipe: Recipe, space: Space) -> dict[str, Any]:
    """Return what a recipe has for the keys of a space."""
    from hornbook.recipe.nested import flatten

    values = flatten(recipe.values())
    return {key: values.get(key) for key in space}
