"""The last layer of each target: from features to the column's outputs, with its loss and its calibration.

A head is a module with

    wants                          "vector": features (batch, F); "sequence": (batch, steps, F)
    Head(column, features)         ``features`` is the shape of one row: (F,) or (steps, F), 0 steps where they are free
    forward(features)              what the loss is taken of (logits)
    loss(raw, truth, smoothing, weights)    mean of a batch, a scalar
    right(raw, truth)              sum over the batch of what, divided by rows, is the column's metric while training
    outputs(raw)                   what the recognizer's graph gives
    calibrate(raw, truth)          from validation rows, as numpy arrays

and lives in a file of its own, ``head_<type>.py``. Where a type has several heads, a function chooses by the column.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

from hornbook.columns.base import Column
from hornbook.errors import RecipeError, one_of

if TYPE_CHECKING:
    from torch import nn

HEADS = {
    "category": ("hornbook.networks.head_category", "CategoryHead"),
    "characters": ("hornbook.columns.characters.network", "characters_head"),
    "number": ("hornbook.networks.head_number", "NumberHead"),
    "series": ("hornbook.networks.head_series", "SeriesHead"),
    "text": ("hornbook.networks.head_text", "TextHead"),
}
"""Where the head of each column type is."""


def head_class(name: str, column: Column) -> type[nn.Module]:
    """Return the class of a target's head.

    Raises
    ------
    RecipeError
        A column of this type cannot be a target.
    """
    if column.type not in HEADS:
        raise RecipeError(
            f"targets.{name}: a column of type {column.type!r} cannot be a target; use {one_of(HEADS)}"
        )
    module, kind = HEADS[column.type]
    found = getattr(import_module(module), kind)
    chosen: type[nn.Module] = found if isinstance(found, type) else found(column)
    return chosen
