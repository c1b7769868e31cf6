"""What stands between a column's encoded values and the network's body: the arithmetic that lives in the graph.

An input module has a ``shape``, that of one row of what it gives: ``(F,)`` for numbers, ``(steps, F)`` for a
sequence, ``(C, H, W)`` for a picture; 0 where a side is free. It has two steps. ``unit`` turns encoded values into
numbers of a plain range (pictures: 0 to 1, channels first), and is where training examples are augmented; ``forward``
standardizes with what the column has measured. Steps of a sequence that are padding are all zeros after ``forward``.

Each lives in a file of its own, ``input_<type>.py``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from hornbook.columns.base import Column
from hornbook.errors import RecipeError, one_of

if TYPE_CHECKING:
    from torch import nn

INPUTS = {
    "image": ("hornbook.columns.image.network", "ImageInput"),
    "audio": ("hornbook.columns.audio.network", "AudioInput"),
    "number": ("hornbook.columns.number.network", "NumberInput"),
    "category": ("hornbook.columns.category.network", "CategoryInput"),
    "text": ("hornbook.columns.text.network", "text_input"),
    "series": ("hornbook.columns.series.network", "SeriesInput"),
}
"""Where the input module of each column type is."""


def make_input(name: str, column: Column, options: object = None) -> nn.Module:
    """Return the input module of a column; RecipeError where its type cannot be an input.

    ``options`` are the network's: how long the vector of a token is, for instance.
    """
    if column.type not in INPUTS:
        raise RecipeError(
            f"inputs.{name}: a column of type {column.type!r} cannot be an input; use {one_of(INPUTS)}"
        )
    module, kind = INPUTS[column.type]
    make = getattr(import_module(module), kind)
    made: nn.Module = make(column, options) if column.type == "text" else make(column)
    return made
