"""Pictures that are answered in their own size, by a network whose features are those of every pixel.

It learns from pictures of one size, which make batches, and its graph is exported with sides of any length. A
recognizer gives it each picture as it is, one at a time; evaluation is in the size that was learned.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Mapping
from typing import Any

from hornbook.columns.base import Column
from hornbook.errors import RecipeError

__all__ = ["MOST", "as_given", "own_size"]

MOST = 2_000_000
"""Pixels of a picture that is answered as it is. Larger ones, of gigabytes of features, are made smaller."""


def own_size(column: Any, value: object, name: str = "") -> tuple[Any, Any]:
    """Return a column of pictures with the size of one of them, and that picture, upright.

    Raises
    ------
    DataError
        The picture cannot be read.
    """
    from hornbook.columns.image.files.open import open_with_facts

    picture, _ = open_with_facts(value, column.max_pixels, name or None, None, column.frame, column.span)
    scale = min(1.0, math.sqrt(MOST / (picture.width * picture.height)))
    wide, high = (max(1, math.floor(side * scale)) for side in picture.size)
    return dataclasses.replace(column, size=(wide, high), fit="stretch"), picture


def as_given(inputs: Mapping[str, Column], targets: Mapping[str, Column]) -> dict[str, Column]:
    """Return the inputs of a recognizer, that of pictures marked where they are answered in their own size.

    Raises
    ------
    RecipeError
        Such a target stands beside another one, or is of more than one picture.
    """
    own = [n for n, c in targets.items() if c.given_shape != c.shape and not c.varying]
    if not own:
        return dict(inputs)
    (name, column), *others = inputs.items()
    if others or len(own) != len(targets) or column.feeds != "picture" or column.medium != "picture":
        raise RecipeError(
            f"targets.{own[0]}.own_size is for one picture as the input, and pictures alone as targets: leave it out"
        )
    return {name: dataclasses.replace(column, own_size=True)}  # type: ignore[call-arg]
