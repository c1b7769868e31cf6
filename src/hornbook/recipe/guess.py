"""Guessing a recipe from examples: class folders mean pictures or sounds to a category, a table a column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from hornbook.columns.image.files.open import MAX_PIXELS, open_with_facts
from hornbook.common.endings import is_sound
from hornbook.common.plaintext import clean, number_of
from hornbook.common.safe_names import file_stem, to_table
from hornbook.errors import DataError, UsageError, one_of
from hornbook.examples.examples import Examples
from hornbook.examples.pixels import with_pixels
from hornbook.recipe.guesses.photos import colours_of, guess_photos, is_photograph
from hornbook.recipe.guesses.sounds import guess_sounds, some_rows, usual_rate
from hornbook.recipe.guesses.strings import guess_strings, string_size
from hornbook.recipe.guesses.table import guess_table
from hornbook.recipe.guesses.target import (
    Said,
    names_of,
    note_hot,
    said_targets,
    set_input,
    set_targets,
    several_hot,
    type_beside,
)
from hornbook.recipe.recipe import Recipe

SIZES = (28, 32, 48, 64, 96, 128)
"""Sides a guessed picture may have: the one nearest to the middle of those looked at, bounded so that a first
run is quick."""


LABELS = frozenset(["label", "labels", "class", "class_name", "category", "target", "species", "breed"])
"""What the column that says what is in a picture or a sound is called, where there are others."""


def guess(
    examples: Examples,
    source: str | Path | Mapping[str, Any] | None = None,
    target: str | Sequence[str] | None = None,
    changes: Iterable[str] = (),
    note: Callable[[str], None] = lambda said: None,
    fetch: bool = False,
) -> Recipe:
    """Return a recipe for examples.

    Parameters
    ----------
    source
        Where they were read from, or what they are generated of, for the recipe to say so.
    target
        The column to predict, or several; by default ``label``, or the only column that is no picture.
    changes
        Keys to set. A column that they say to be a target is one.
    note
        Is told what was left out, and what might be meant otherwise.
    fetch
        Whether the weights of a net that others have trained are fetched where they would help and are not there.

    Raises
    ------
    UsageError
        It is not plain what to predict from what.
    """
    changes = list(changes)
    examples = with_pixels(examples)
    table = examples.table
    pictures = [c for c in table.columns if c in examples.stores]
    others = [c for c in table.columns if c not in pictures and c != "split"]
    said = said_targets(names_of(target), changes, others)
    note_hot(table, said, note)
    if not pictures:
        asked = any(change.strip().startswith("inputs.") for change in changes)
        return _recipe(guess_table(examples, said, note, asked), source, changes)
    heard = _is_heard(examples, pictures[0])
    if not others:
        raise UsageError(
            f"{examples.origin or 'the examples'}: the {'sounds' if heard else 'pictures'} "
            "have no labels: put each class in a folder of its own, or read labels from the names with --pattern"
        )
    if not said and (hot := several_hot(table, others)):
        said = {"tags" if "tags" not in table.columns else "labels": hot}
    usual = [name for name in others if name.lower() in LABELS]
    if not said and len(others) > 1 and len(usual) == 1:
        said = {usual[0]: ""}
        note(
            f"{clean(usual[0])} is what is to be predicted; where it is another column, name it with --target"
        )
    if not said and len(others) > 1:
        raise UsageError(
            f"{examples.origin or 'the examples'}: say which column to predict with --target, one of {one_of(others)}"
        )
    found = _beside(examples, pictures[0], said or {others[0]: ""}, heard, changes, note, fetch)
    return _recipe(found, source, changes)


def _beside(
    examples: Examples,
    column: str,
    said: Said,
    heard: bool,
    changes: Sequence[str],
    note: Callable[[str], None],
    fetch: bool,
) -> dict[str, Any]:
    """Return the sections that say what is to be seen in pictures, or heard in sounds."""
    words = {t: word or type_beside(examples.table[t], heard, note) for t, word in said.items()}
    if list(words.values()) == ["characters"]:
        (target,) = words
        if heard:
            return guess_strings(column, target, len(examples), rate=usual_rate(examples, column))
        longest = int(examples.table[target].cast(pl.String).str.strip_chars().str.len_chars().max() or 0)  # type: ignore[arg-type]
        width, height, *_ = _look(examples, column, changes)
        return guess_strings(column, target, len(examples), size=string_size(width, height, longest))
    if heard:
        return guess_sounds(examples, column, words)
    width, height, coloured, colours = _look(examples, column, changes)
    if coloured and is_photograph(width, height, colours):
        found = guess_photos(examples, column, words, changes, note, fetch)
        if found is not None:
            return found
    size, channels = _size(width, height, coloured)
    return {
        "inputs": {column: {"type": "image", "size": size, "channels": channels}},
        "targets": words,
        "network": {"name": "cnn"},
        "training": _training(len(examples)),
    }


def _recipe(
    sections: dict[str, Any], source: str | Path | Mapping[str, Any] | None, changes: Sequence[str]
) -> Recipe:
    """Return the recipe of guessed sections; a target that changes call otherwise is no other one beside it."""
    elsewhere = {options["from"] for options in set_targets(changes).values() if "from" in options}
    targets = {t: v for t, v in sections["targets"].items() if t not in elsewhere}
    if isinstance(source, Mapping):
        data: dict[str, Any] = {"source": source}
        name = str(source.get("make", source.get("generate", "mine")))
    elif source is not None:
        data, name = {"source": to_table(str(source))}, file_stem(Path(source).name.split(".")[0], "mine")
    else:
        data, name = {}, "mine"
    values = {"data": data, **sections, "targets": targets}
    # A type that is said and was guessed with options keeps these.
    said = {f"targets.{t}={v['type']}" for t, v in targets.items() if isinstance(v, dict) and "type" in v}
    changes = [change for change in changes if "".join(change.split()).replace('"', "") not in said]
    return Recipe.from_values(values, name or "mine", "guessed", changes)


def _is_heard(examples: Examples, column: str) -> bool:
    """Return whether a column holds sounds, and not pictures."""
    return column == "audio" or is_sound(str(examples.table[column].drop_nulls().first()))


def _look(examples: Examples, column: str, changes: Sequence[str]) -> tuple[float, float, bool, float]:
    """Return width and height of the usual picture, whether there is colour, and how many colours it has.

    Looked at are a few spread over the table.

    Raises
    ------
    DataError
        None of them can be read.
    """
    rows = some_rows(examples)
    allowed = set_input(column, changes).get("max_pixels")
    most = allowed if isinstance(allowed, int) else MAX_PIXELS  # what it cannot be is said of the recipe
    sides, colours, coloured = [], [], False
    first: DataError | None = None
    for row in rows:
        try:
            value = examples.value(column, row)
            picture, facts = open_with_facts(value, most, examples.name(row), at_least=64, lenient=True)
        except DataError as error:  # the others are named by the checks
            first = first or error
            continue
        sides.append((max(facts.width, facts.height), picture.width / picture.height))
        colours.append(colours_of(picture))
        if picture.mode == "RGB" and not coloured:
            small = np.asarray(picture.resize((32, 32))).astype(int)
            coloured = bool(np.abs(small - small.mean(axis=2, keepdims=True)).mean() > 2)
    if not sides:
        raise DataError(
            f"{examples.origin or 'the examples'}: none of the {number_of(len(rows), 'picture')} looked at can be "
            f"read; the first: {first}"
        )
    side, ratio = (float(middle) for middle in np.median(sides, axis=0))
    width, height = (side, side / ratio) if ratio > 1 else (side * ratio, side)
    return width, height, coloured, float(np.median(colours))


def _size(width: float, height: float, coloured: bool) -> tuple[list[int], int]:
    """Return the size and channels for pictures like the usual one."""
    side = min(SIZES, key=lambda s: abs(s - max(width, height)))
    ratio = width / height
    if 0.67 < ratio < 1.5:
        size = [side, side]
    else:
        size = [side, max(8, round(side / ratio))] if ratio > 1 else [max(8, round(side * ratio)), side]
    return size, 3 if coloured else 1


def _training(rows: int) -> dict[str, int]:
    """Return epochs so that about 60,000 pictures are seen, between 5 and 60, in batches that give some hundred steps.

    Of 62 photos in ten classes 39 % of others were read with batches of 16, 27 % with one batch of all; of 1,200
    pictures the size of the batch makes no difference.
    """
    training = {"epochs": int(min(60, max(5, 60_000 // max(rows, 1))))}
    if rows < 1_000:
        training["batch_size"] = 16
    return training
