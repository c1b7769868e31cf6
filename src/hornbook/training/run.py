"""A run: the folder that training writes, and what can be asked of it afterwards."""

from __future__ import annotations

import csv
import io
import json
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hornbook.columns.evaluation import Evaluation
from hornbook.columns.evaluations import Evaluations
from hornbook.common.files import clear_up, held_open, reason
from hornbook.common.safe_names import shown
from hornbook.errors import HornbookError, RecipeError, RunError
from hornbook.recipe import Recipe
from hornbook.recognizer import FILE, Recognizer
from hornbook.training.checkpoint import CURRENT, PREVIOUS, cannot_save, write_in_run

RECIPE = "recipe.toml"
HISTORY = "history.csv"
METRICS = "metrics.json"
REPORT = "report.html"
LOCK = ".lock"
PICTURES = "pictures"
PICTURE_NAMES = ("look", "curves", "surface", "fit", "forecasts", "confusion", "coverage", "mistakes")
"""The pictures that runs wrote beside their report once; before each a number where there are several targets."""


class Busy(RunError):
    """Another process trains in the folder."""


class Run:
    """The folder of a run.

    Examples
    --------
    >>> run = Run("runs/digits")                      # doctest: +SKIP
    >>> run.evaluations["digit"].score                # doctest: +SKIP
    0.9889
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._opened: tuple[tuple[int, ...], Recognizer] | None = None

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.path,)  # an open recognizer cannot be sent

    def __repr__(self) -> str:
        return f"Run({str(self.path)!r})"

    @property
    def recipe(self) -> Recipe:
        """The full recipe as used; RunError where the folder holds none that can be read."""
        path = self.path / RECIPE
        try:
            values = tomllib.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            raise RunError(f"{self.path} is not the folder of a run: it holds no {RECIPE}") from None
        except (OSError, ValueError, RecursionError) as error:
            raise RunError(
                f"{path} cannot be read ({reason(error)}); use --fresh to start this run again"
            ) from None
        try:
            return Recipe.from_values(values, self.path.name, RECIPE)
        except RecipeError as error:
            raise RunError(f"{path} is of another version, or was changed: {error}") from None

    @property
    def history(self) -> list[dict[str, float]]:
        """A row for each finished epoch: losses, metrics, learning rate, seconds, examples/s."""
        try:
            with (self.path / HISTORY).open(newline="", encoding="utf-8") as file:
                read = list(csv.DictReader(file))
            # A row that breaks off has None for a value, and one that is too long for a key.
            whole = all(None not in (*row, *row.values()) for row in read)
            rows = [{k: float(v) for k, v in row.items() if v} for row in read] if whole else []
            if [row.get("epoch") for row in rows] == list(range(1, len(read) + 1)):
                return rows
            why = "it is damaged"
        except FileNotFoundError:
            return []
        except (OSError, ValueError, csv.Error) as error:
            why = reason(error) if isinstance(error, OSError) else "it is damaged"
        raise RunError(
            f"{shown(self.path / HISTORY)} cannot be read ({why}); give the train command again to write it anew"
        )

    @property
    def metrics(self) -> dict[str, Any]:
        """What ``metrics.json`` says; RunError where the run is not finished."""
        try:
            data: dict[str, Any] = json.loads((self.path / METRICS).read_text("utf-8"))
        except FileNotFoundError:
            if not self.path.is_dir():
                raise RunError(f"{self.path} is not the folder of a run: it is not there") from None
            raise RunError(
                f"{self.path} is not finished: give the same train command again to go on"
            ) from None
        except (OSError, ValueError, RecursionError) as error:
            said = reason(error)
        else:
            if isinstance(data, dict) and isinstance(data.get("evaluations"), dict):
                return data
            said = "it holds no evaluations"
        raise RunError(
            f"{self.path / METRICS} cannot be read ({said}); give the train command again to write it anew"
        )

    @property
    def evaluations(self) -> Evaluations:
        """The evaluation of each target on the test rows."""
        return Evaluations({n: Evaluation.from_json(e) for n, e in self.metrics["evaluations"].items()})

    @property
    def formulas(self) -> list[str]:
        """Of a linear model the formula of each target, in the user's units."""
        return [str(formula["in_units"]) for formula in self.metrics.get("formulas", ())]

    @property
    def recognizer(self) -> Recognizer:
        """The best epoch's recognizer; opened again where the file is another one."""
        try:
            status = (self.path / FILE).stat()
            state = (status.st_ino, status.st_size, status.st_mtime_ns)
        except OSError:
            return Recognizer(self.path)  # says what is wrong
        if self._opened is None or self._opened[0] != state:
            self._opened = (state, Recognizer(self.path))
        return self._opened[1]

    @property
    def finished(self) -> bool:
        """Whether training came to its end."""
        return (self.path / METRICS).exists()

    @property
    def whole(self) -> bool:
        """Whether it is finished and all that it gave can be read; else the train command writes that anew."""
        try:
            return self.finished and bool(self.history and self.evaluations and self.recognizer)
        except HornbookError:
            return False

    def predict(self, value: Any, *, top: int = 3, abstain: float = 0.0, alphabet: str | None = None) -> Any:
        """Say what something is; see `Recognizer.predict`."""
        return self.recognizer.predict(value, top=top, abstain=abstain, alphabet=alphabet)

    def write_history(self, rows: list[dict[str, float]], last: bool = True) -> None:
        """Replace ``history.csv``; before the ``last`` time, a spreadsheet that has it open ends no training."""
        if not rows:
            return
        text = io.StringIO(newline="")
        writer = csv.DictWriter(
            text, list(dict.fromkeys(k for row in rows for k in row)), lineterminator="\n"
        )
        writer.writeheader()
        writer.writerows(rows)
        try:
            write_in_run(self.path / HISTORY, text.getvalue().encode("utf-8"))
        except RunError as error:
            if last or not held_open(error.__cause__):
                raise

    def write_json(self, name: str, data: dict[str, Any]) -> None:
        """Replace a JSON file of the run."""
        text = json.dumps(data, indent=1, ensure_ascii=False, allow_nan=False)
        write_in_run(self.path / name, (text + "\n").encode("utf-8"))

    def clear(self) -> None:
        """Remove what a run writes, and nothing else, for a fresh start; its recipe is then replaced."""
        names = (CURRENT, PREVIOUS, FILE, HISTORY, METRICS, REPORT)
        try:
            for name in names:
                (self.path / name).unlink(missing_ok=True)
            for picture in (self.path / PICTURES).glob("*.png"):
                if picture.stem.lstrip("0123456789-") in PICTURE_NAMES:
                    picture.unlink(missing_ok=True)
        except OSError as error:
            raise cannot_save(self.path, error) from error

    def _repr_html_(self) -> str:
        from hornbook.report.notebook import run_html

        best = self.metrics.get("best_epoch") if self.finished else None
        found = self.evaluations.values() if self.finished else ()
        return run_html(self.path, self.history, found, best)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Make the folder and hold it for this process.

    Raises
    ------
    RunError
        Another process trains there, or the folder cannot be made or written, or holds other things.
    """
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        # A recipe alone makes no run: it may be a person's own, beside their pictures.
        ours = (LOCK, CURRENT, PREVIOUS, HISTORY, METRICS, FILE)
        a_run = (folder / RECIPE).exists() and any((folder / name).exists() for name in ours)
        strange = [] if a_run else [f.name for f in folder.iterdir() if not f.name.startswith(".")]
        if strange:
            raise RunError(
                f"{folder} holds other files ({', '.join(sorted(strange)[:3])}): name a new folder with --run, a run's "
                "folder is its own"
            )
        lock.acquire(timeout=0)
    except (FileExistsError, NotADirectoryError) as error:
        raise RunError(
            f"{error.filename or folder} is no folder, and a run is one: name another with --run"
        ) from error
    except Timeout:
        raise Busy(
            f"another process is training in {folder}: wait for it, or name another folder with --run"
        ) from None
    except OSError as error:
        raise cannot_save(folder, error) from error
    try:
        clear_up(folder, 0.0)
        yield
    finally:
        lock.release()
        _leave(folder)


def _leave(folder: Path) -> None:
    """Take away a folder in which nothing came to be: training was refused before it began."""
    try:
        if [f.name for f in folder.iterdir()] in ([], [LOCK]):
            (folder / LOCK).unlink(missing_ok=True)
            folder.rmdir()
    except OSError:
        pass  # somebody else is at it, or it may not be changed
