"""Guessing a recipe for a table: which columns are numbers, classes and texts, and which say nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import polars as pl

from hornbook.checks.infer import FEW, FEWEST, infer_kind
from hornbook.checks.leaks import same_as
from hornbook.columns.date.written.find import is_called_a_date
from hornbook.columns.number.written.units import likely_amounts
from hornbook.common.plaintext import clean, set_option
from hornbook.errors import DataError, NoTarget, UsageError, one_of
from hornbook.examples.examples import Examples
from hornbook.recipe.guesses.dates import say_doubt, say_what_is_read, split_by, time_of_rows
from hornbook.recipe.guesses.sequence import guess_pairs
from hornbook.recipe.guesses.series import guess_series
from hornbook.recipe.guesses.target import Said, is_tagged, read_by

Says = Callable[[str], None]

MANY = 10_000
"""From so many rows on the validation rows are enough to judge by, and nothing is learned five times."""

HEAVY = 5.0
"""Kurtosis from which on a number has heavy tails: a normal distribution has 3, a Laplace distribution 6."""

MOST_CLASSES = 1000
"""A target with more different texts is no class that can be guessed."""


def guess_table(examples: Examples, said: Said, note: Says, asked: bool = False) -> dict[str, Any]:
    """Return the sections of a recipe that predicts some columns of a table from the others.

    Parameters
    ----------
    said
        The columns to predict, each with the type that is said of it; by default what is left beside the only text.
    note
        Is told what was left out, and what might be meant otherwise.
    asked
        Whether an input is set elsewhere, so that none need be found.

    Raises
    ------
    UsageError
        It is not plain what to predict, or from what.
    DataError
        A target has nothing to predict in it.
    """
    origin = examples.origin or "the examples"
    table = examples.table.drop("split", strict=False)
    said = said or {_only_target(table, origin): ""}
    if pairs := guess_pairs(table, said, note):
        return pairs
    doubts: list[str] = []
    words = {
        target: word or _target_type(table[target], origin, doubts.append) for target, word in said.items()
    }
    taken = read_by(words)
    inputs: dict[str, str] = {}
    copies: dict[str, str] = {}  # of classes, and how
    left: list[str] = []
    dates: list[str] = []
    for cells in table:
        if cells.name in taken:
            continue
        looked = infer_kind(cells)
        if looked.kind == "date":
            dates.append(cells.name)
            say_what_is_read(cells, note)
            continue
        if looked.why:
            left.append(f"{clean(cells.name)} {looked.why}")
            continue
        inputs[cells.name] = looked.kind
        if copy := _copied(cells, table, words):
            copies[cells.name] = copy
    inputs = _without(copies, inputs, note)
    if time := _time_of_series(table, dates, inputs, said, words):
        say_doubt(table[time], note)
        return guess_series(examples, list(words), time, note)
    by = time_of_rows(table, dates, words)
    if not inputs and not dates:
        # Short texts that all differ, where nothing else is there to learn from.
        inputs = _short_texts(table, taken, note)
    numbers = all(word == "number" for word in words.values())
    list(map(note, doubts))
    if by and numbers:
        names, first = clean(", ".join(by)), clean(next(iter(words)))
        note(
            f"the rows follow {names}: to foretell the {first} after the last of them, add --recipe forecast"
        )
    inputs |= dict.fromkeys(dates, "date")
    if not inputs and not asked:
        why = f"; {'; '.join(left)}" if left else ""
        do = "; to foretell what comes after the last row, add --recipe forecast" if numbers else ""
        raise UsageError(f"{origin}: there is no column to predict {one_of(words)} from{why}{do}")
    family = "bag" if set(inputs.values()) == {"text"} else "blend"
    if "sequence" in words.values():  # one writer, and no trees
        family = "gru" if family == "bag" else "mlp"
    return {
        **split_by(examples, by),
        "inputs": inputs,
        "targets": _with_losses(words, table) if family == "blend" else words,
        "network": {"name": family, **({"parts": 0} if family == "blend" and table.height >= MANY else {})},
        "training": _training(table.height, family),
    }


def _with_losses(words: Mapping[str, Any], table: pl.DataFrame) -> dict[str, Any]:
    """Return the targets' types, with the absolute error as the loss of a number with heavy tails.

    A number is judged by its mean absolute error, which the median makes least; of errors as of a normal distribution
    the mean is steadier. On nine numbers of our tables with heavy tails the absolute loss was 14 % better, on ten with
    light ones 3 % worse.
    """
    found = dict(words)
    for target, word in words.items():
        if word == "number" and table[target].dtype.is_numeric():
            tails = table[target].cast(pl.Float64).kurtosis(fisher=False)
            if tails is not None and tails > HEAVY:
                found[target] = {"type": word, "loss": "absolute"}
    return found


def _without(copies: dict[str, str], inputs: dict[str, str], note: Says) -> dict[str, str]:
    """Return inputs without those that are copies of a class, which is said; all where there is nothing else."""
    if copies.keys() == inputs.keys():
        return inputs
    for name, how in copies.items():
        keep = set_option("inputs", name, inputs[name])
        note(f"left out: {clean(name)} {how}, so it may be the answer itself; {keep} keeps it")
    return {name: kind for name, kind in inputs.items() if name not in copies}


def _copied(cells: pl.Series, table: pl.DataFrame, words: Mapping[str, Any]) -> str:
    """Return how a column says the class of every row, as the end of a sentence; empty where it says none.

    What nearly gives a number is learned from, and the checks warn of it: a law looks like a leak.
    """
    found = ((target, same_as(cells, table[target])) for target, word in words.items() if word == "category")
    return next((copy.replace(" it", f" {clean(target)}") for target, copy in found if copy), "")


def _time_of_series(
    table: pl.DataFrame, dates: list[str], inputs: Iterable[str], said: Said, words: dict[str, Any]
) -> str:
    """Return the column of times of a table that has nothing else to learn from; empty where it is none of a series.

    Counts by day are a series too, though they have few different values.
    """
    others = {*inputs}
    if len(others) > 1 or len(dates) > 1:
        return ""
    found = time_of_rows(table, dates, dict.fromkeys(words, "number"))
    alone = len(found) == 1 and not others - {*found}
    return found[0] if alone and _is_a_series(table, found[0], said, words) else ""


def _is_a_series(table: pl.DataFrame, by: str, said: Said, words: dict[str, Any]) -> bool:
    """Return whether each time is there once, and all targets are numbers, also few different whole ones."""
    return table[by].n_unique() == table.height and all(
        word == "number" or (not said[t] and table[t].dtype.is_numeric() and table[t].n_unique() > 2)
        for t, word in words.items()
    )


def _short_texts(table: pl.DataFrame, taken: Iterable[str], note: Says) -> dict[str, str]:
    """Return inputs of short texts that all differ, which is said."""
    found = [cells.name for cells in table if cells.name not in taken and _is_said(cells)]
    for name in found if len(table) >= FEWEST else ():
        looked = infer_kind(table[name])
        if looked.why:
            note(
                f"{clean(name)} {looked.why}; it is learned from as text all the same, as there is nothing else"
            )
    return dict.fromkeys(found, "text")


def _is_said(cells: pl.Series) -> bool:
    """Return whether cells are texts of some words, or called so, and no dates in a form that is not known."""
    if cells.dtype != pl.String or not cells.drop_nulls().n_unique() > 1 or is_called_a_date(cells.name):
        return False
    words = cells.head(2000).str.count_matches(r"[\p{L}\p{N}]+").mean()
    return cells.name == "text" or float(words or 0) >= 2  # type: ignore[arg-type]


def _only_target(table: pl.DataFrame, origin: str) -> str:
    """Return the column to predict where none is named: what is left beside the only text."""
    names = table.columns
    others = [n for n in names if infer_kind(table[n]).kind != "text"] if len(names) == 2 else []
    if len(others) == 1:
        return others[0]
    raise NoTarget(f"{origin}: say which column to predict with --target, one of {one_of(names)}")


def _target_type(cells: pl.Series, origin: str, note: Says) -> str:
    """Return the word for a target: a number, tags, or a category where it has texts or few whole numbers."""
    if is_tagged(cells, note):
        return "tags"
    looked, name = infer_kind(cells.drop_nulls()), clean(cells.name)
    if looked.kind in ("missing", "constant"):
        raise DataError(
            f"{origin}: {name} {looked.why}, so there is nothing to predict; choose another --target"
        )
    if looked.kind in ("date", "time"):
        raise UsageError(
            f"{origin}: {name} is a {looked.kind}, which is not predicted; choose a column of numbers or classes with "
            "--target"
        )
    if looked.kind == "text" or (cells.dtype == pl.String and looked.different > MOST_CLASSES):
        raise UsageError(
            f"{origin}: {name} has {looked.different:,} different texts, too many for classes; choose another --target"
        )
    if not cells.dtype.is_numeric():
        if looked.kind != "number" and looked.different > max(2 * FEW, len(cells) // 3):
            _refuse_amounts(cells.drop_nulls(), name, origin)
        return "number" if looked.kind == "number" else "category"
    whole = cells.dtype.is_integer() or bool((cells.drop_nulls() % 1 == 0).all())
    if not whole or looked.different > FEW or looked.different * 3 > len(cells):
        return "number"
    if looked.different > 2:
        note(
            f"{name} has {looked.different} different whole numbers, so each is taken for a class; where it is an "
            f"amount, add {set_option('targets', cells.name, 'number')}"
        )
    return "category"


def _refuse_amounts(cells: pl.Series, name: str, origin: str) -> None:
    """Raise UsageError where texts are amounts in several units: they would be hundreds of classes."""
    if likely_amounts(cells):
        raise UsageError(
            f"{origin}: {name} has {cells.n_unique():,} different texts that are numbers in several units, such as "
            f"{one_of(cells.unique(maintain_order=True).head(3).to_list())}; write all in one unit, or say "
            f"{set_option('targets', cells.name, 'category')}"
        )


def _training(rows: int, family: str) -> dict[str, Any]:
    """Return what trains a table in some seconds: some thousand steps, and fewer where no better epoch comes."""
    if family == "bag":
        return {"epochs": int(min(20, max(4, 200_000 // max(rows, 1)))), "batch_size": 32}
    batch = 64 if rows < 5_000 else 256 if rows < 100_000 else 1024
    epochs = int(min(50, max(6, 4_000 * batch // max(rows, 1))))
    return {
        "epochs": epochs,
        "batch_size": batch,
        "learning_rate": 0.005,
        "early_stopping": max(3, epochs // 5),
    }
