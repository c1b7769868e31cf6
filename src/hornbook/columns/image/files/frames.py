"""Pictures of several frames or pages: how many there are, and one picture of them."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops
from PIL.ImageFile import ImageFile

from hornbook.errors import DataError

Frame = Literal["first", "last", "mean", "darkest"]

MOST_PIXELS = 500_000_000
"""Pixels of all frames together that are looked at for one picture: some seconds."""


def frames_of(picture: Image.Image) -> int:
    """Return how many frames a picture has that is open."""
    return max(1, int(getattr(picture, "n_frames", 1)))


def frames_in(picture: ImageFile, data: bytes) -> int:
    """Return how many frames a GIF or TIFF has, of which the first is decoded and is to stay so.

    To count them is to move on in the file, so that is done in a second one, but not where a GIF has no place for two.
    """
    if picture.format == "GIF":
        begin = 13 + (6 << (data[10] & 7) if data[10] & 0x80 else 0)
        # A frame begins with a comma, and a zero ends what is before it; before the first is the palette or a remark.
        if data.count(b"\0,", begin) - (data[begin : begin + 1] == b"!") <= 0:
            return 1
    again = type(picture)(io.BytesIO(data))
    try:
        return frames_of(again)
    except UserWarning:  # where warnings are errors: of a damaged page behind the first
        return 1


def one_of_frames(
    picture: Image.Image, frame: Frame, count: int, plain: Callable[[Image.Image], Image.Image], name: str
) -> Image.Image:
    """Return the last frame, the mean of all, or for each pixel the darkest value that it has in any.

    ``plain`` makes grey or colour of a frame.

    Raises
    ------
    DataError
        There are too many of them, or they are of different sizes and are to be put together.
    """
    if frame == "last":
        picture.seek(count - 1)
        picture.load()
        return plain(picture)
    if count * picture.width * picture.height > MOST_PIXELS:
        raise DataError(
            f"{name} has {count:,} frames of {picture.width} x {picture.height} pixels, too many to put together: "
            "make it smaller"
        )
    found: Image.Image | None = None
    total: NDArray[Any] | None = None
    for number in range(count):
        picture.seek(number)
        picture.load()
        one = plain(picture)
        one = one.copy() if one is picture else one  # the next frame takes its place
        if found is not None and one.size != found.size:
            raise DataError(
                f"{name} has frames of different sizes, which cannot be put together: keep one size of them in it"
            )
        if found is not None and one.mode != found.mode:
            one, found = one.convert("RGB"), found.convert("RGB")
        if frame == "darkest":
            found = one if found is None else ImageChops.darker(found, one)
            continue
        pixels = np.asarray(one.convert("RGB"), np.float32)
        total = pixels if total is None else total + pixels
        found = one
    assert found is not None, "there is at least one"
    if total is None:
        return found
    mean = Image.fromarray((total / count + 0.5).astype(np.uint8))
    return mean.convert(found.mode)
