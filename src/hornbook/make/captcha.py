"""Captcha pictures, drawn by the ``captcha`` package, each a pure function of the seed and its number.

Texts are drawn character by character, all equally likely; fonts, sizes, colours, angles, dots and the curve
are drawn by the package as it always does. `hornbook.make.painter` leaves out what the package wastes time with,
and no pixel changes by it but that blanks take fewer draws.
"""

from __future__ import annotations

import dataclasses
import io
import threading
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated, Any, ClassVar

import numpy as np
from annotated_types import Ge, Le
from PIL import Image

from hornbook.columns.base import Array
from hornbook.columns.characters.alphabets import alphabet as characters_of
from hornbook.errors import DataError, UsageError
from hornbook.make.maker import Length, bounds, draw_text, objection
from hornbook.make.painter import painter
from hornbook.make.repeatable import Draws, own_copy, seed_of

SMALLEST, LARGEST = 16, 2048
"""Sides of a picture in pixels: the package draws letters of 42 to 56 points whatever the size."""


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
class Captchas:
    """Which pictures are made.

    Parameters
    ----------
    length
        Characters of a text, or the least and the most.
    alphabet
        A name (`hornbook.columns.characters.alphabets`) or the characters.
    seed
        Another seed makes other pictures.
    size
        Width and height in pixels.
    fonts
        Font files; each character is drawn in one of them. None is the package's own font.
    stream
        Pictures of the same seed and number in another stream are others: files, training, validation and
        test examples have one each, so that no seed makes a test picture that was trained on.

    Examples
    --------
    >>> maker = Captchas(length=4, seed=7).maker()
    >>> len(maker.text(0)), maker.array(0).shape
    (4, (60, 160, 3))
    """

    kind: ClassVar[str] = "captcha"
    column: ClassVar[str] = "image"

    length: Length = 4
    alphabet: str = "digits"
    seed: Annotated[int, Ge(0)] = 0
    size: tuple[Annotated[int, Ge(SMALLEST), Le(LARGEST)], Annotated[int, Ge(SMALLEST), Le(LARGEST)]] = (
        160,
        60,
    )
    fonts: tuple[str, ...] = ()
    stream: str = "file"

    def objection(self) -> str:
        """Return what is wrong with the options, as a sentence; empty where nothing is."""
        if not all(SMALLEST <= side <= LARGEST for side in self.size):
            return (
                f"the size {self.size[0]}x{self.size[1]} cannot be: a side has {SMALLEST} to {LARGEST} pixels"
            )
        if self.seed < 0:
            return f"the seed {self.seed} cannot be: it is a whole number from 0"
        return objection(self.length, self.alphabet)

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON types, for a worker and for the cache."""
        return {
            "kind": self.kind,
            **dataclasses.asdict(self),
            "alphabet": characters_of(self.alphabet),
            "length": list(bounds(self.length)),
            "size": list(self.size),
            "fonts": [str(Path(font).absolute()) for font in self.fonts],
        }

    def maker(self) -> CaptchaMaker:
        """Return what makes them.

        Raises
        ------
        UsageError
            The options cannot be.
        DataError
            A font cannot be read, or lacks a character.
        """
        return CaptchaMaker(self)


class CaptchaMaker:
    """Makes captcha pictures; may be shared by threads, of which one draws at a time."""

    suffixes: ClassVar[tuple[str, ...]] = tuple(FORMATS)

    def __init__(self, options: Captchas) -> None:
        wrong = options.objection()
        if wrong:
            raise UsageError(wrong)
        self.options = options
        self._characters = characters_of(options.alphabet)
        self._lock = threading.Lock()
        self._draws = Draws()
        self._package = own_copy("captcha.image", self._draws)
        self._painter = painter(self._package, *options.size, list(options.fonts) or None)
        self._check_fonts()

    def text(self, number: int) -> str:
        """Return the text of an example."""
        options = self.options
        seed = seed_of(options.kind, "text", options.seed, options.stream, number)
        return draw_text(Draws(seed), options.length, self._characters)

    def array(self, number: int) -> Array:
        """Return the picture of an example, ``uint8`` of shape ``(height, width, 3)``."""
        options = self.options
        with self._lock:
            self._draws.seed(seed_of(options.kind, "picture", options.seed, options.stream, number))
            picture: Array = self._painter.generate_array(self.text(number))
            return picture

    def value(self, number: int) -> Array:
        """Return what an image column encodes."""
        return self.array(number)

    def file(self, number: int, suffix: str = "png") -> bytes:
        """Return the picture of an example as a file."""
        return FORMATS[suffix](self.array(number))

    def _check_fonts(self) -> None:
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
                said = f"the font {path}" if self.options.fonts else "the package's own font"
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
