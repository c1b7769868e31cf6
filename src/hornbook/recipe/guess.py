"""Guessing a recipe from examples: class folders mean pictures or sounds to a category, a table a column."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from hornbook.columns.image.files.open import open_picture
from hornbook.common.endings import is_sound
from hornbook.common.safe_names import file_stem, to_table
from hornbook.errors import DataError, UsageError, one_of
from hornbook.examples.examples import Examples
from hornbook.recipe.guess_sounds import guess_sounds, some_rows, usual_rate
from hornbook.recipe.guess_strings import are_strings, guess_strings
from hornbook.recipe.guess_table import guess_table, said_target
from hornbook.recipe.recipe import Recipe

SIZES = (28, 32, 48, 64, 96, 128)
"""Sides a guessed picture may have: the one nearest to the middle of those looked at, bounded so that a first
run is quick."""


def guess(
    examples: Examples,
    source: str | Path | Mapping[str, Any] | None = None,
    target: str | None = None,
    changes: Iterable[str] = (),
    note: Callable[[str], None] = lambda said: None,
) -> Recipe:
    """Return a recipe for examples.

    Parameters
    ----------
    source
        Where they were read from, or what they are generated of, for the recipe to say so.
    target
        The column to predict; by default ``label``, or the only column that is no picture.
    note
        Is told what was left out, and what might be meant otherwise.

    Raises
    ------
    UsageError
        It is not plain what to predict from what.
    """
    table = examples.table
    pictures = [c for c in table.columns if c in examples.stores]
    others = [c for c in table.columns if c not in pictures and c != "split"]
    if not pictures:
        return _recipe(guess_table(examples, target, note), source, changes)
    if not others:
        raise UsageError(
            f"{examples.origin or 'the examples'}: the {'sounds' if _is_heard(examples, pictures[0]) else 'pictures'} "
            "have no labels: put each class in a folder of its own, or read labels from the names with --pattern"
        )
    target = said_target(target, others) or (others[0] if len(others) == 1 else None)
    if target is None:
        raise UsageError(
            f"{examples.origin or 'the examples'}: say which column to predict with --target, one of {one_of(others)}"
        )
    heard = _is_heard(examples, pictures[0])
    if are_strings(examples, target):
        note(
            f"most {target}s come once, so each is taken for a string that "
            f"{'is said in its sound' if heard else 'stands in its picture'}; if they are names of things, say "
            f"--set targets.{target}=category"
        )
        rate = usual_rate(examples, pictures[0]) if heard else None
        return _recipe(guess_strings(pictures[0], target, len(examples), rate), source, changes)
    if heard:
        return _recipe(guess_sounds(examples, pictures[0], target), source, changes)
    size, channels = _look(examples, pictures[0])
    values = {
        "inputs": {pictures[0]: {"type": "image", "size": size, "channels": channels}},
        "targets": {target: "category"},
        "network": {"name": "cnn"},
        "training": _training(len(examples)),
    }
    return _recipe(values, source, changes)


def _recipe(
    sections: dict[str, Any], source: str | Path | Mapping[str, Any] | None, changes: Iterable[str]
) -> Recipe:
    """Return the recipe of guessed sections."""
    if isinstance(source, Mapping):
        data: dict[str, Any] = {"source": source}
        name = str(source.get("make", source.get("generate", "mine")))
    elif source is not None:
        data, name = {"source": to_table(str(source))}, file_stem(Path(source).name.split(".")[0], "mine")
    else:
        data, name = {}, "mine"
    values = {"data": data, **sections}
    return Recipe.from_values(values, name or "mine", "guessed", changes)


def _is_heard(examples: Examples, column: str) -> bool:
    """Return whether a column holds sounds, and not pictures."""
    return column == "audio" or is_sound(str(examples.table[column].drop_nulls().first()))


def _look(examples: Examples, column: str) -> tuple[list[int], int]:
    """Return the size and channels for pictures like the ones there, looking at a few spread over the table."""
    rows = some_rows(examples)
    sides, coloured, ratios = [], False, []
    for row in rows:
        try:
            picture = open_picture(examples.value(column, row), name=examples.name(row))
        except DataError:
            continue  # named by the checks
        sides.append(max(picture.size))
        ratios.append(picture.width / picture.height)
        if picture.mode == "RGB" and not coloured:
            small = np.asarray(picture.resize((32, 32))).astype(int)
            coloured = bool(np.abs(small - small.mean(axis=2, keepdims=True)).mean() > 2)
    if not sides:
        raise DataError(
            f"{examples.origin or 'the examples'}: none of the {len(rows)} pictures looked at can be read"
        )
    middle = float(np.median(sides))
    side = min(SIZES, key=lambda s: abs(s - middle))
    ratio = float(np.median(ratios))
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
