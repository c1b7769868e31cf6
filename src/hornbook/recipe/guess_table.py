"""Guessing a recipe for a table: which columns are numbers, classes and texts, and which say nothing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import polars as pl

from hornbook.checks.infer import FEW, infer_kind, is_a_count
from hornbook.checks.leaks import same_as
from hornbook.common.plaintext import clean
from hornbook.errors import DataError, NoTarget, UsageError, did_you_mean, one_of
from hornbook.examples.examples import Examples

Says = Callable[[str], None]

MOST_CLASSES = 1000
"""A target with more different texts is no class that can be guessed."""


def guess_table(examples: Examples, target: str | None, note: Says) -> dict[str, Any]:
    """Return the sections of a recipe that predicts one column of a table from the others.

    Parameters
    ----------
    target
        The column to predict; by default ``label``, or what is left beside the only text.
    note
        Is told what was left out, and what might be meant otherwise.

    Raises
    ------
    UsageError
        It is not plain what to predict, or from what.
    DataError
        The target has nothing to predict in it.
    """
    origin = examples.origin or "the examples"
    table = examples.table.drop("split", strict=False)
    target = _target(table, target, origin)
    word = _target_type(table[target], origin, note)
    inputs: dict[str, str] = {}
    left: list[str] = []
    exact: dict[str, str] = {}  # numbers that say the target exactly, or count the rows
    times = []
    for cells in table:
        if cells.name == target:
            continue
        looked = infer_kind(cells)
        leak = "" if looked.why else same_as(cells, table[target])
        if looked.kind == "time":
            times.append(cells.name)
        if looked.why:
            left.append(f"{clean(cells.name)} {looked.why}")
        elif leak:
            left.append(f"{clean(cells.name)} {leak.replace(' it', f' {clean(target)}')}")
        else:
            inputs[cells.name] = looked.kind
        if cells.dtype.is_numeric() and (leak or (looked.kind == "identifier" and not is_a_count(cells))):
            exact[cells.name] = left[-1]
    # Celsius and Fahrenheit: what else is there to learn from?
    if not inputs and not times and len(exact) == 1:
        ((name, said),) = exact.items()
        inputs = {name: "number"}
        note(f"{said}; it is learned from all the same, as there is nothing else")
    if not inputs:  # short texts that all differ, where nothing else is there to learn from
        inputs = {cells.name: "text" for cells in table if cells.name != target and _is_said(cells)}
    if times and not inputs and word == "number":
        return _series(table, target, times[0])
    if times and word == "number":
        note(
            f"{clean(times[0])} is a time: to predict the next {clean(target)} from those before, write a recipe with "
            "columns of the type series, as `hornbook recipe stock` has them"
        )
    if not inputs:
        raise UsageError(
            f"{origin}: there is no column to predict {target!r} from{'; ' + '; '.join(left) if left else ''}"
        )
    family = "bag" if set(inputs.values()) == {"text"} else "mlp"
    return {
        "inputs": inputs,
        "targets": {target: word},
        "network": {"name": family},
        "training": _training(table.height, family),
    }


def _is_said(cells: pl.Series) -> bool:
    """Return whether cells are texts of some words, or called so."""
    if cells.dtype != pl.String or not cells.drop_nulls().n_unique() > 1 or infer_kind(cells).kind == "time":
        return False
    words = cells.head(2000).str.count_matches(r"[\p{L}\p{N}]+").mean()
    return cells.name == "text" or float(words or 0) >= 2  # type: ignore[arg-type]


def said_target(target: str | None, names: Sequence[str]) -> str | None:
    """Return the column to predict that is named, or is called ``label``; UsageError where there is none so called."""
    if target is not None and target not in names:
        raise UsageError(
            f"there is no column {target!r} to predict{did_you_mean(target, names)}; there are {one_of(names)}"
        )
    return "label" if target is None and "label" in names else target


def _target(table: pl.DataFrame, target: str | None, origin: str) -> str:
    names = table.columns
    target = said_target(target, names)
    if target is not None:
        return target
    others = [n for n in names if infer_kind(table[n]).kind != "text"]
    if len(names) == 2 and len(others) == 1:
        return others[0]
    raise NoTarget(f"{origin}: say which column to predict with --target, one of {one_of(names)}")


def _target_type(cells: pl.Series, origin: str, note: Says) -> str:
    """Return the word for a target: a number, or a category where it has texts or few whole numbers."""
    looked, name = infer_kind(cells), clean(cells.name)
    if looked.kind in ("missing", "constant"):
        raise DataError(
            f"{origin}: {name} {looked.why}, so there is nothing to predict; choose another --target"
        )
    if looked.kind == "time":
        raise UsageError(
            f"{origin}: {name} is a time, which is not predicted; choose a column of numbers or classes with --target"
        )
    if looked.kind == "text" or (cells.dtype == pl.String and looked.different > MOST_CLASSES):
        raise UsageError(
            f"{origin}: {name} has {looked.different:,} different texts, too many for classes; choose another --target"
        )
    if not cells.dtype.is_numeric():
        return "number" if looked.kind == "number" else "category"
    whole = cells.dtype.is_integer() or bool((cells.drop_nulls() % 1 == 0).all())
    if not whole or looked.different > FEW or looked.different * 3 > len(cells):
        return "number"
    if looked.different > 2:
        note(
            f"{name} has {looked.different} different whole numbers, so each is taken for a class; where it is an "
            f"amount, add --set targets.{name}=number"
        )
    return "category"


def _series(table: pl.DataFrame, target: str, time: str) -> dict[str, Any]:
    """Return the sections for a column of numbers over time: what comes next, from a window of those before."""
    length = max(2, min(24, table.height // 12))
    past = "past" if target != "past" else "before"
    return {
        "split": {"validation": 0.2, "test": 0.2},
        "inputs": {past: {"type": "series", "columns": [target], "length": length, "time": time}},
        "targets": {target: {"type": "series", "horizon": 1, "time": time}},
        "network": {"name": "lstm", "units": 16},
        "training": {"epochs": 30, "batch_size": 16, "learning_rate": 0.01},
    }


def _training(rows: int, family: str) -> dict[str, Any]:
    """Return what trains a table in some seconds: some thousand steps, and fewer where no better epoch comes."""
    if family == "bag":
        return {"epochs": int(min(20, max(4, 200_000 // max(rows, 1)))), "batch_size": 32}
    batch = 32 if rows < 5_000 else 256 if rows < 100_000 else 1024
    epochs = int(min(200, max(5, 6_000 * batch // max(rows, 1))))
    return {"epochs": epochs, "batch_size": batch, "learning_rate": 0.005}
