"""Captcha pictures, drawn by the ``captcha`` package, each a pure function of the seed and its number.

Texts are drawn character by character, all equally likely; fonts, sizes, colours, angles, dots and the curve
are drawn by the package as it always does. `hornbook.make.painter` leaves out what the package wastes time with,
and no pixel changes by it but that blanks take fewer draws.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from annotated_types import Ge, Le
from PIL import Image

from hornbook.columns.base import Array
from hornbook.errors import DataError
from hornbook.make.maker import StringMaker, StringOptions
from hornbook.make.painter import painter
from hornbook.make.repeatable import own_copy

SMALLEST, LARGEST = 16, 2048
"""Sides of a picture in pixels: the package draws letters of 42 to 56 points whatever the size."""

Side = Annotated[int, Ge(SMALLEST), Le(LARGEST)]


def _pillow(**options: Any) -> Callable[[Array], bytes]:
    """Return what writes a picture as Pillow does with these options."""

    def write(picture: Array) -> bytes:
        out = io.BytesIO()
        Image.fromarray(picture).save(out, **options)
        return out.getvalue()

    return write


def _png(picture: Array) -> bytes:
    """Pack a picture as PNG, with OpenCV and without filters: half the time of Pillow for no more bytes."""
    import cv2

    quick = [cv2.IMWRITE_PNG_COMPRESSION, 1, cv2.IMWRITE_PNG_STRATEGY, cv2.IMWRITE_PNG_STRATEGY_DEFAULT]
    quick += [cv2.IMWRITE_PNG_FILTER, cv2.IMWRITE_PNG_FILTER_NONE]
    packed: bytes = cv2.imencode(".png", np.ascontiguousarray(picture[:, :, ::-1]), quick)[1].tobytes()
    return packed


FORMATS: dict[str, Callable[[Array], bytes]] = {
    "png": _png,
    "jpg": _pillow(format="JPEG", quality=90),
    "gif": _pillow(format="GIF"),
}
"""What writes a picture as a file, by how its name ends."""


@dataclass(frozen=True, kw_only=True)
class Captchas(StringOptions):
    """Which pictures are made.

    Parameters
    ----------
    length, alphabet, seed, stream
        As of `hornbook.make.maker.StringOptions`.
    size
        Width and height in pixels.
    fonts
        Font files; each character is drawn in one of them. None is the package's own font.

    Examples
    --------
    >>> maker = Captchas(length=4, seed=7).maker()
    >>> len(maker.text(0)), maker.array(0).shape
    (4, (60, 160, 3))
    """

    kind: ClassVar[str] = "captcha"
    column: ClassVar[str] = "image"
    names: ClassVar[str] = "image"

    size: tuple[Side, Side] = (160, 60)
    fonts: tuple[str, ...] = ()

    def objection(self) -> str:
        """Return what is wrong with the options, as a sentence; empty where nothing is."""
        if not all(SMALLEST <= side <= LARGEST for side in self.size):
            return (
                f"the size {self.size[0]}x{self.size[1]} cannot be: a side has {SMALLEST} to {LARGEST} pixels"
            )
        return super().objection()

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON types, for a worker and for the cache."""
        fonts = [str(Path(font).absolute()) for font in self.fonts]
        return {**super().to_json(), "size": list(self.size), "fonts": fonts}

    def maker(self) -> CaptchaMaker:
        """Return what makes them."""
        return CaptchaMaker(self)


class CaptchaMaker(StringMaker):
    """Makes captcha pictures."""

    suffixes: ClassVar[tuple[str, ...]] = tuple(FORMATS)

    def __init__(self, options: Captchas) -> None:
        super().__init__(options)
        self._package = own_copy("captcha.image", self._draws)
        self._painter = painter(self._package, *options.size, list(options.fonts) or None)
        self._check_fonts(bool(options.fonts))

    def array(self, number: int) -> Array:
        """Return the picture of an example, ``uint8`` of shape ``(height, width, 3)``."""
        with self._lock:
            self._draws.seed(self._seed("picture", number))
            picture: Array = self._painter.generate_array(self.text(number))
            return picture

    def value(self, number: int) -> Array:
        """Return what an image column encodes."""
        return self.array(number)

    def file(self, number: int, suffix: str = "") -> bytes:
        """Return the picture of an example as a file."""
        return FORMATS[suffix or self.suffixes[0]](self.array(number))

    def _check_fonts(self, given: bool) -> None:
        """Raise DataError where a font is none, or has no picture of a character."""
        from PIL import ImageFont

        for path in self._painter._fonts:
            try:
                font = ImageFont.truetype(path, 42)
                missing = _looks(font, "\U0010fffe")
                lacks = [c for c in self._characters if _looks(font, c) in (missing, (None, b""))]
            except (OSError, ValueError) as error:
                reason = f"{error.strerror or error}" if isinstance(error, OSError) else str(error)
                raise DataError(
                    f"{path} is no font that can be read ({reason}): give a TrueType or OpenType file (.ttf, .otf)"
                ) from None
            if lacks:
                said = f"the font {path}" if given else "the package's own font"
                raise DataError(f"{said} has no {lacks[0]!r}: name another font, or leave the character out")


def _looks(font: Any, character: str) -> tuple[Any, bytes]:
    """Return what a character looks like in a font, to find those that it has not got."""
    mask = font.getmask(character)
    return mask.getbbox() and mask.size, bytes(mask) if mask.getbbox() else b""


def package_version() -> str:
    """Return the version of the package that draws; another one may draw otherwise."""
    try:
        return f"captcha {version('captcha')}"
    except PackageNotFoundError:
        return "captcha"
