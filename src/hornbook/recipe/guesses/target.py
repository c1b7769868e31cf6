"""Guessing targets: which columns are meant, and whether pictures have strings, numbers or classes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import polars as pl

from hornbook.checks.infer import FEW, infer_kind
from hornbook.columns.missing import AMONG_NUMBERS
from hornbook.columns.tags.cells import is_on, is_zero_or_one, joined_by
from hornbook.common.plaintext import clean, listed, set_option
from hornbook.errors import UsageError, did_you_mean, one_of
from hornbook.recipe.nested import apply_change

Said = Mapping[str, str | dict[str, Any]]
"""The columns to predict, each with the type that is said of it, or its options; empty where that is to be guessed."""

FEWEST = 10
"""Examples under which nothing is said of how often a label comes."""

LONGEST = 16
"""Characters of a string that is read off a picture; longer ones are sentences."""

SHORTEST = 3
"""From so many characters on, digits that all have as many are more likely a string than a quantity."""

FEWEST_HOT = 3
"""Columns of 0 and 1 from which on they are tags."""

_NUMBER = r"^-?\d+([.,]\d+)?$"
_PRINTED = r"^-?0\d|[.,]\d+0$"
"""Digits as they are printed, not as a program writes a number: ``07``, ``12.50``."""

_UNIT = r"[^\d\s.,+\-eE]"

_THOUSANDS = r"^-?[1-9]\d{0,2},\d{3}$"

_CLASSES = re.compile(
    r"label|class|categor|type|kind|code|target|(^|[\W_])(id|no|nr)([\W_]|$)", re.IGNORECASE
)


def names_of(target: str | Sequence[str] | None) -> list[str]:
    """Return the columns to predict that were named, each once.

    >>> names_of("price"), names_of(["a", "b", "a"]), names_of(None)
    (['price'], ['a', 'b'], [])
    """
    return [target] if isinstance(target, str) else list(dict.fromkeys(target or ()))


def said_targets(named: Sequence[str], changes: Iterable[str], names: Sequence[str]) -> Said:
    """Return the columns to predict that are named, that changes set, or the one that is called ``label``.

    ``names`` are the columns that there are. Raises UsageError where there is none so called.

    >>> said_targets(["y1"], ["targets.y2=number"], ["x", "y1", "y2"])
    {'y1': '', 'y2': 'number'}
    """
    for target in named:
        if target not in names:
            raise UsageError(
                f"there is no column {target!r} to predict{did_you_mean(target, names)}; there are {one_of(names)}"
            )
    found: dict[str, str | dict[str, Any]] = dict.fromkeys(named, "")
    for name, options in set_targets(changes).items():
        source = options.get("from", name)
        if isinstance(options.get("columns"), list):
            found[name] = options
        elif source in names:
            found[source] = str(options.get("type", ""))
    return found or ({"label": ""} if "label" in names else {})


def read_by(said: Mapping[str, Any]) -> set[str]:
    """Return the table's columns that targets read: none of them is an input.

    >>> sorted(read_by({"price": "number", "tags": {"type": "tags", "columns": ["sql", "web"]}}))
    ['price', 'sql', 'web']
    """
    several = {n: v.get("columns") if isinstance(v, dict) else None for n, v in said.items()}
    return {column for name, columns in several.items() for column in columns or (name,)}


def set_targets(changes: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Return the options of the targets that changes set.

    >>> set_targets(["targets.y=number", "targets.y.log=true", "training.epochs=3"])
    {'y': {'type': 'number', 'log': True}}
    """
    tree: dict[str, Any] = {}
    for change in changes:
        if change.lstrip().startswith("targets."):
            apply_change(tree, change)
    found = tree.get("targets", {})
    return {name: dict(v) if isinstance(v, dict) else {"type": v} for name, v in found.items()}


def set_input(column: str, changes: Iterable[str]) -> dict[str, Any]:
    """Return the options of an input that changes set.

    >>> set_input("image", ["inputs.image.max_pixels=9", "training.epochs=3"])
    {'max_pixels': 9}
    """
    tree: dict[str, Any] = {}
    for change in changes:
        if change.lstrip().startswith(f"inputs.{column}."):
            apply_change(tree, change)
    return dict(tree.get("inputs", {}).get(column, {}))


def type_beside(cells: pl.Series, heard: bool, note: Callable[[str], None]) -> str:
    """Return the type of a target beside pictures or sounds, by its cells.

    Most labels that hardly ever come twice are strings to be read or quantities to be measured, and all three types
    are named, for nobody but the user knows.
    """
    if is_tagged(cells, note):
        return "tags"
    known = cells.drop_nulls().cast(pl.String).str.strip_chars()
    different = known.n_unique()
    if 2 * different >= len(known) > 1:
        word = "number" if _is_a_quantity(known) else "characters" if _are_strings(known, different) else ""
        seen = "most come once"
    else:
        word = "number" if different > FEW and _measured(known) else ""
        seen = f"{different:,} different numbers"
    name = clean(cells.name)
    if not word:
        if FEWEST <= len(known) <= 2 * different:
            stands = "is said in the sound" if heard else "stands in the picture"
            note(
                f"{name}: {seen}, and each is taken for a class, for they are long or have blanks; where it is a text "
                f"that {stands}, say {set_option('targets', cells.name, 'characters')}"
            )
        return "category"
    meant = {
        "characters": f"a string that {'is said in the sound' if heard else 'stands in the picture'}",
        "number": f"a number that the {'sound' if heard else 'picture'} shows",
        "category": "a name of a class",
    }
    others = [
        f"where it is {said}, say {set_option('targets', cells.name, w)}"
        for w, said in meant.items()
        if w != word
    ]
    note(f"{name}: {seen}, so each is taken for {meant[word]}; {'; '.join(others)}")
    return word


def is_tagged(cells: pl.Series, note: Callable[[str], None]) -> bool:
    """Return whether cells hold several names each: lists, or texts of names that repeat with a mark between them."""
    if cells.dtype.is_nested():
        return isinstance(cells.dtype, pl.List)
    if cells.dtype != pl.String or infer_kind(cells).kind in ("number", "date", "time"):
        return False
    mark = joined_by(cells.drop_nulls().to_list())
    if mark:
        name, said = (
            clean(cells.name),
            "each name in a list" if mark == "\n" else f"what {mark!r} stands between",
        )
        note(
            f"{name}: {said} is taken for a tag, of which a row may have several; where all in a cell is one class, "
            f"say {set_option('targets', cells.name, 'category')}"
        )
    return bool(mark)


def several_hot(table: pl.DataFrame, names: Sequence[str]) -> dict[str, Any] | None:
    """Return a target of tags where all these columns are 0 or 1 and some rows have none or several; else None."""
    if len(names) < FEWEST_HOT or not all(is_zero_or_one(table[n]) for n in names):
        return None
    if sum(table[n].n_unique() > 1 for n in names) < 2:
        return None
    on = table.select(pl.sum_horizontal(is_on(table[n]).cast(pl.Int32).alias(n) for n in names)).to_series()
    return None if (on == 1).all() else {"type": "tags", "columns": list(names)}


def note_hot(table: pl.DataFrame, said: Said, note: Callable[[str], None]) -> None:
    """Say how several targets of 0 and 1 are answered together."""
    names = [n for n in said if n in table.columns and is_zero_or_one(table[n])]
    if len(names) > 1:
        columns = ", ".join(f'"{clean(name)}"' for name in names)
        note(
            f"{listed(names)} are 0 or 1, and each is answered by itself; to have them as tags, with one F1, say in "
            f"place of --target: --set targets.tags.type=tags --set 'targets.tags.columns=[{columns}]'"
        )


def _are_strings(known: pl.Series, different: int) -> bool:
    """Return whether labels are short and without blanks: ``2bg48``, ``0782``."""
    if len(known) < FEWEST:
        return False
    texts = known.unique()
    length = texts.str.len_chars()
    return bool(((length > 0) & (length <= LONGEST)).all()) and not texts.str.contains(r"\s").any()


def _is_a_quantity(known: pl.Series) -> bool:
    """Return whether texts are numbers as they are measured: with fractions, or of different lengths.

    >>> _is_a_quantity(pl.Series(["0.48", "0.5"])), _is_a_quantity(pl.Series(["12.50", "07.25"]))
    (True, False)
    """
    known = known.filter(~known.str.to_lowercase().is_in(list(AMONG_NUMBERS)))
    if not len(known) or known.str.contains(_PRINTED).any():
        return False
    if not known.str.contains(_NUMBER).all():  # of money, percent and units
        return bool(known.str.contains(_UNIT).all()) and infer_kind(known).kind == "number"
    if known.str.contains(_THOUSANDS).all():
        return False
    if known.str.contains("[.,]").any():
        return True
    length = known.str.len_chars()
    return len(known) >= FEWEST and bool(length.n_unique() > 1 or length[0] < SHORTEST)


def _measured(known: pl.Series) -> bool:
    """Return whether many numbers that repeat are quantities: no codes, which have each number from 0 or 1 on."""
    if _CLASSES.search(known.name) or not _is_a_quantity(known):
        return False
    plain = known.str.extract(r"(-?\d+(?:[.,]\d+)?)").str.replace(",", ".")
    numbers = plain.cast(pl.Float64, strict=False).drop_nulls().unique()
    low, high = float(numbers.min()), float(numbers.max())  # type: ignore[arg-type]
    return not (low in (0, 1) and high - low + 1 == len(numbers))
