"""Pictures that nobody made: drawn from codes at random, or on the way from one picture to another.

Codes are drawn from the Gaussians that training fitted to those of the examples (`hornbook.training.mixture`); where a
file has none, from the normal distribution that a variational autoencoder keeps its codes near.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.image.column import ImageColumn
from hornbook.errors import UsageError
from hornbook.recognizer.codes.decode import Decoder
from hornbook.recognizer.codes.encode import codes_of, numbers_of
from hornbook.recognizer.graph import Graph
from hornbook.recognizer.signature import MIXTURE

__all__ = ["between", "drawn", "sheet"]

MOST = 100_000

GAP = 2
"""Pixels between the pictures of a sheet."""


def drawn(reader: Graph, count: int, seed: int = 0) -> list[Any]:
    """Return so many Pillow pictures from codes that are drawn where those of the training rows lie.

    Raises
    ------
    UsageError
        It is not known where that is.
    """
    if not 1 <= count <= MOST:
        raise UsageError(f"count is {count}, and it may be from 1 to {MOST:,}")
    decoder = Decoder(reader)
    random, mixture = np.random.default_rng(seed), _mixture(reader)
    column = ImageColumn.among(reader.targets).get(decoder.target)
    codes = random.standard_normal((count, numbers_of(reader)))
    if mixture is not None:
        weights, means, factors = mixture
        parts = random.choice(len(weights), count, p=weights / weights.sum())
        codes = means[parts] + np.einsum("nij,nj->ni", factors[parts], codes)
    elif column is None or not column.beta:
        raise UsageError(
            f"{reader.path} draws no pictures at random, for it is not known where its codes lie: train one with a "
            "beta, as the recipe vae has it, or go from one picture to another with --between"
        )
    return [p.value for p in decoder.decode(codes)]


def _mixture(reader: Graph) -> tuple[Array, Array, Array] | None:
    """Return the weights, means and factors of the Gaussians in a description; None where there are none."""
    given, numbers = reader.about.get(MIXTURE), numbers_of(reader)
    if not isinstance(given, dict) or not all(
        isinstance(given.get(n), list) for n in ("weights", "means", "factors")
    ):
        return None
    try:
        weights, means, factors = (np.array(given[n], np.float64) for n in ("weights", "means", "factors"))
    except (TypeError, ValueError):
        return None
    parts = len(weights)
    shapes = (
        weights.shape == (parts,)
        and means.shape == (parts, numbers)
        and factors.shape == (parts, numbers, numbers)
    )
    whole = shapes and parts > 0 and all(np.isfinite(a).all() for a in (weights, means, factors))
    return (weights, means, factors) if whole and (weights >= 0).all() and weights.sum() > 0 else None


def between(reader: Graph, first: Any, last: Any, steps: int = 8) -> list[Any]:
    """Return so many Pillow pictures on the straight line from the code of one picture to that of another.

    Raises
    ------
    DataError
        A picture cannot be read.
    UsageError
        There are fewer than two steps, or the recognizer does not make pictures of codes.
    """
    if not 2 <= steps <= MOST:
        raise UsageError(f"steps is {steps}, and it may be from 2 to {MOST:,}: both ends are among them")
    decoder = Decoder(reader)
    start, end = codes_of(reader, [first, last])
    way: Array = np.linspace(0, 1, steps, dtype=np.float32)[:, None]
    return [p.value for p in decoder.decode((1 - way) * start + way * end)]


def sheet(pictures: Sequence[Any], across: int = 0) -> Any:
    """Return one Pillow picture with all of them side by side, ``across`` in a row; 0 makes it about square."""
    from PIL import Image

    wide, high = pictures[0].size
    across = across or math.ceil(math.sqrt(len(pictures) * high / wide))
    down = math.ceil(len(pictures) / across)
    size = (across * (wide + GAP) - GAP, down * (high + GAP) - GAP)
    out = Image.new("RGB", size, "white")
    for i, picture in enumerate(pictures):
        out.paste(picture, (i % across * (wide + GAP), i // across * (high + GAP)))
    return out
