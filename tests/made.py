"""A small recognizer of every recipe, trained for a step or two on made examples: made once for all tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from hornbook.columns.audio.column import AudioColumn
from hornbook.columns.base import Column
from hornbook.columns.category.column import CategoryColumn
from hornbook.columns.characters.column import CharactersColumn
from hornbook.columns.characters.reading.alphabets import alphabet
from hornbook.columns.image.column import ImageColumn
from hornbook.columns.number.column import NumberColumn
from hornbook.columns.series.column import SeriesColumn
from hornbook.columns.tags.column import TagsColumn
from hornbook.columns.text.column import TextColumn
from hornbook.examples import Examples
from hornbook.examples.prepare import prepare
from hornbook.examples.split import Split
from hornbook.networks.model import Network
from hornbook.recipe import Recipe
from hornbook.recipe.networks_memory import Memory
from hornbook.sources import from_arrays
from hornbook.training.at_once import fit_at_once
from hornbook.training.export.graph import export
from hornbook.training.loop import Loop


class Made(NamedTuple):
    """A recognizer's file, and the examples that it was trained on."""

    path: Path
    examples: Examples


RNG = np.random.default_rng(0)
ROWS = 30
WITHOUT_NET = {"odd_one_out": ['network.backbone=""', "inputs.image.size=[32,32]"]}
"""Changes by which a recipe needs no weights that must be fetched."""

WORDS = ["good", "bad", "food", "Soup", "it's", "5", "very,", "slow!", "café", "很好"]


def values(name: str, column: Column) -> Any:
    """Return values of a column to learn from."""
    if isinstance(column, ImageColumn):
        pictures = RNG.integers(0, 60, (ROWS, *column.shape), dtype=np.uint8)
        pictures[:, 8:-8, 8:-8] += RNG.integers(60, 180, (ROWS, 1, 1, 1), dtype=np.uint8)
        return pictures[..., 0] if column.channels == 1 else pictures
    if isinstance(column, AudioColumn):
        return [RNG.integers(-9000, 9000, RNG.integers(4000, 9000)).astype(np.int16) for _ in range(ROWS)]
    if isinstance(column, CharactersColumn):
        known = list(alphabet(column.alphabet or "digits"))
        return ["".join(RNG.choice(known, RNG.integers(*_lengths(column)))) for _ in range(ROWS)]
    if isinstance(column, TextColumn):
        return [" ".join(RNG.choice(WORDS, 7)) for _ in range(ROWS)]
    if isinstance(column, NumberColumn):
        return RNG.normal(20, 5, ROWS)
    if isinstance(column, TagsColumn):
        return ["|".join(RNG.choice(["a", "b", "c"], 2, replace=False)) for _ in range(ROWS)]
    if isinstance(column, CategoryColumn) and column.only:
        return [column.only if i % 5 else "bad" for i in range(ROWS)]
    return [str(i % 3) for i in range(ROWS)]


def _lengths(column: CharactersColumn) -> tuple[int, int]:
    length = column.length or (4, 5)
    short, long = (length, length) if isinstance(length, int) else length
    return short, long + 1


def examples(recipe: Recipe) -> Examples:
    columns = {**recipe.inputs, **recipe.targets}
    series = {s for n, c in columns.items() if isinstance(c, SeriesColumn) for s in c.sources(n)}
    if series:
        return from_arrays(**{s: RNG.uniform(50, 90, 400) for s in series})
    return from_arrays(**{c.source or n: values(n, c) for n, c in columns.items()})


def make(name: str, folder: Path) -> Made:
    """Train a recipe for a step or two, and write the file."""
    recipe = Recipe.read(
        name, ["training.batch_size=8", "training.precision=float32", *WITHOUT_NET.get(name, ())]
    )
    ready = prepare(examples(recipe), recipe.inputs, recipe.targets, Split(validation=0.3, test=0.2))
    path = folder / "recognizer.onnx"
    if isinstance(recipe.network, Memory):
        found = fit_at_once(ready, recipe)
        path.write_bytes(export(found.model, ready.inputs, ready.targets, {}, found.novelty))
        return Made(path, ready.examples)
    with torch.random.fork_rng(devices=[]):
        loop = Loop(Network(ready.inputs, ready.targets, recipe.network, 1), ready, recipe.training)
        loop.run_epoch(lambda loop: loop.state.step < 2)
        loop.validate()
    path.write_bytes(export(loop.averaged.eval(), ready.inputs, ready.targets, {}))
    return Made(path, ready.examples)
