"""Where a recognizer looked: which parts of a picture its answer hangs on.

A square of the picture is covered with what is usual in it, and the recognizer asked again; where the answer becomes
less likely, it hung on what was there (Zeiler and Fergus 2014, section 2.1). That needs nothing but the file, and is
true of any network. All covered pictures are one batch. A memory of good pictures says by itself how far each place is.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.sequence.column import chance_of
from hornbook.recognizer.codes.encode import coding
from hornbook.recognizer.graph import Graph
from hornbook.recognizer.signature import CODE, CODED, PLACES

STEPS = 7
"""Places of the square along each side; it is a quarter of the side, so that each point is covered some three times."""

TINY = 1e-6

LEAST = 0.05
"""Of log odds or of the outputs: where nothing changes an answer by as much, it hangs on no one place."""


def heat_of(
    reader: Graph, encoded: Mapping[str, Array], name: str, answers: Mapping[str, int] | None = None
) -> Array:
    """Return how much the answer to one example hangs on each point of its picture, 0 to 1, ``(height, width)``.

    Parameters
    ----------
    encoded
        Its inputs as the network is given them, without rows.
    name
        The input that is a picture, ``uint8`` of shape ``(height, width, channels)``.
    answers
        The place of the class that is asked after, by target; where it is not said, of the likeliest one.
    """
    picture = encoded[name]
    if (sides := places_of(reader)) is not None:
        return _by_places(reader, encoded, picture.shape, sides)
    covers = _covers(*picture.shape[:2])
    usual = np.median(picture.reshape(-1, picture.shape[2]), axis=0).astype(picture.dtype)
    pictures = np.where(covers[..., None], usual, picture)
    rows = {n: np.repeat(v[None], len(covers) + 1, 0) for n, v in encoded.items()}
    rows[name] = np.concatenate([picture[None], pictures])
    outputs = reader.run_batches(len(covers) + 1, lambda a, b: {n: v[a:b] for n, v in rows.items()})
    lost = np.zeros(len(covers))
    for target, column in reader.targets.items():
        if reader.writing is not None:
            lost += less_likely_written(outputs[target])
            continue
        found = outputs[target].reshape(len(covers) + 1, -1).astype(np.float64)
        if column.class_names() is not None and len(column.output_shape) == 1:
            lost += _less_likely(found, (answers or {}).get(target))
        else:
            lost += np.abs(found[1:] - found[0]).mean(1) / max(float(np.abs(found[0]).mean()), TINY)
    return _spread(lost, covers)


def places_of(reader: Graph) -> tuple[int, int] | None:
    """Return how many rows and columns of places a code is of that says how far each is; None where it is of others."""
    said: Any = reader.about.get(PLACES)
    if not isinstance(said, list) or len(said) != 2 or any(type(n) is not int or n < 2 for n in said):
        return None  # a file may be anybody's
    rows, columns = said
    return (rows, columns) if rows * columns == reader.about.get(CODED) else None


def _by_places(
    reader: Graph, encoded: Mapping[str, Array], shape: tuple[int, ...], sides: tuple[int, int]
) -> Array:
    """Return how far each place of a picture is from all that is remembered, by as much as it is odd."""
    from cv2 import INTER_LINEAR, resize

    rows = {n: v[None] for n, v in encoded.items()}
    (target, _), *_ = reader.targets.items()
    sure = float(reader.run(rows)[target].reshape(-1)[-1])
    far = coding(reader).run(rows)[CODE].reshape(sides).astype(np.float64)
    beyond = np.maximum(far - np.median(far), 0)
    heat = sure * beyond / max(float(beyond.max()), TINY)
    found: Array = np.clip(resize(heat, (shape[1], shape[0]), interpolation=INTER_LINEAR), 0, 1)
    return found


def _less_likely(found: Array, answer: int | None) -> Array:
    """Return by how much the log odds of an answer fall; of one that becomes likelier 0."""
    place = int(found[0].argmax()) if answer is None else answer
    p = np.clip(found[:, place], TINY, 1 - TINY)
    odds = np.log(p / (1 - p))
    lower: Array = np.maximum(odds[0] - odds[1:], 0)
    return lower


def less_likely_written(outputs: Array) -> Array:
    """Return by how much an answer that is written token by token becomes less likely; of another one by all."""
    numbers, chances = outputs[:, 0, :, 0], outputs[:, 0, :, 1].astype(np.float64)
    sure = chance_of(numbers.astype(np.int64), chances)
    found = np.where((numbers == numbers[:1]).all(axis=1), sure, 0.0)
    lower: Array = np.maximum(found[0] - found[1:], 0)
    return lower


def _covers(height: int, width: int) -> Array:
    """Return which points each square covers, ``bool`` of shape ``(squares, height, width)``."""
    out = []
    for row in _starts(height):
        for column in _starts(width):
            cover = np.zeros((height, width), bool)
            cover[slice(*row), slice(*column)] = True
            out.append(cover)
    return np.stack(out)


def _starts(side: int) -> list[tuple[int, int]]:
    """Return where the squares begin and end along a side; the first and the last reach over the edge."""
    size = max(1, round(side / 4))
    middles = np.linspace(0, side - 1, min(STEPS, side))
    found = [(max(0, round(m - size / 2)), min(side, round(m + size / 2))) for m in middles.tolist()]
    return [(a, max(b, a + 1)) for a, b in found]


def _spread(lost: Array, covers: Array) -> Array:
    """Return the mean of what was lost over all squares that cover a point, the most of it being 1."""
    import cv2

    counts = np.maximum(covers.sum(0), 1)
    heat = np.tensordot(lost, covers, 1) / counts
    # The edges of the squares are nothing of the picture's.
    heat = cv2.GaussianBlur(heat, (0, 0), max(min(heat.shape) / 14, 0.3), borderType=cv2.BORDER_REPLICATE)
    most = float(heat.max())
    if not most > LEAST:
        return np.zeros_like(heat)
    out: Array = heat / most
    return out


def heated(picture: Array, heat: Array) -> Array:
    """Return a picture in grey with warm colour where there is heat, ``uint8`` of shape ``(height, width, 3)``.

    ``heat`` may be of fewer points than the picture.
    """
    import cv2

    height, width = picture.shape[:2]
    heat = np.clip(cv2.resize(heat.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR), 0, 1)
    grey = picture.reshape(height, width, -1).astype(np.float32).mean(2, keepdims=True)
    # From red, where it is a little, to yellow.
    colour = np.stack([np.full_like(heat, 255), 40 + 190 * heat, 30 + 20 * heat], 2)
    share = 0.8 * heat[..., None]
    out: Array = ((0.35 + 0.65 * (1 - share)) * grey * (1 - share) + share * colour).round().astype(np.uint8)
    return out


def side_by_side(picture: Array, heat: Array) -> Array:
    """Return a picture, and beside it the same with its heat, ``uint8`` of shape ``(height, wider, 3)``."""
    height, width = picture.shape[:2]
    coloured = np.broadcast_to(picture.reshape(height, width, -1), (height, width, 3))
    gap = np.full((height, max(1, width // 24), 3), 255, np.uint8)
    return np.concatenate([coloured, gap, heated(picture, heat)], 1)
