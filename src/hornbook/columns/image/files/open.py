"""Pictures: from whatever a person has to an upright grey or colour picture, safely.

Files come from phones, scanners, drawing programs and strangers. Each is recognized by its first bytes and
not by its name, its size is read before a pixel is decoded, only the formats of Pillow named below are used
(none that runs another program), and all that can go wrong ends in one `DataError` that names the file and
says what to do.
"""

from __future__ import annotations

import io
import os
import struct
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from PIL.ImageFile import ImageFile

from hornbook.columns.facts import Facts
from hornbook.columns.image.files.deep import (
    Range,
    as_picture,
    deep_array,
    deep_colour,
    deep_grey,
    is_deep_colour,
    used_range,
)
from hornbook.columns.image.files.frames import Frame, frames_in, frames_of, one_of_frames
from hornbook.columns.image.files.ground import on_ground
from hornbook.columns.image.files.not_pictures import SAVE_AS, not_a_picture
from hornbook.columns.image.files.readers import reader_of
from hornbook.columns.image.files.whole import ends_early, lacks_strips, lay_ground
from hornbook.columns.opening import open_file, read_part
from hornbook.common.inline import inline
from hornbook.common.safe_names import shown
from hornbook.errors import DataError

__all__ = ["MAX_PIXELS", "open_picture", "open_with_facts", "picture_from_array"]


MAX_PIXELS = 52_000_000  # what phones call 48 and 50 megapixels; decoded in colour that is 200 MB
MAX_BYTES = 1 << 30  # no picture of 52 million pixels is larger, and a file is read as a whole

_BROKEN = (
    OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, EOFError, OverflowError,
    AttributeError, RuntimeError, struct.error, zlib.error, Image.DecompressionBombError, UserWarning,
)  # fmt: skip
_ORIENTATION = 0x0112  # the EXIF tag
_WITH_ORIENTATION = {"exif", "Raw profile type exif", "xmp", "XML:com.adobe.xmp"}
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_ON_ITS_SIDE = frozenset(_UPRIGHT[i] for i in (5, 6, 7, 8))


def open_picture(
    source: object,
    *,
    max_pixels: int = MAX_PIXELS,
    name: str | None = None,
    at_least: int | tuple[int, int] | None = None,
    frame: Frame = "first",
    span: Range | None = None,
    lenient: bool = False,
) -> Image.Image:
    """Open one picture, upright, without transparency.

    Parameters
    ----------
    source : a path, the bytes of a file, an array as `picture_from_array` takes it, or a Pillow picture
    max_pixels : a picture of more is refused before it is decoded
    name : what errors call the picture; else the path, or "the picture"
    at_least : a large JPEG may be decoded at a half, a quarter or an eighth of its size, as long as its
        longer side keeps this many pixels, or width and height both keep theirs; a photo of 12 million pixels
        then takes half the time
    frame : of an animation or a file of several pages the first or the last, the mean of all, or for each
        pixel the darkest value that it has in any
    span : the values that are black and white in a picture of more than 8 bits or of floats
    lenient : nothing was learned yet: an array whose values say nothing of their range is taken by the range that it
        uses, and a picture that is too large can be allowed

    Returns
    -------
    A Pillow picture of mode "L" (grey, 8 bits) or "RGB", turned as its EXIF orientation says. More than 8 bits
    and floats are scaled by ``span``; without it by the smallest usual range (of 8, 10, 12, 14 or 16 bits) that holds
    the values. What is transparent gets a ground that the drawing can be seen on, see
    `hornbook.columns.image.files.ground`.

    Raises
    ------
    DataError : one sentence with the picture's name, what is wrong and what to do

    Examples
    --------
    >>> open_picture(np.zeros((20, 30), np.uint8)).size
    (30, 20)
    """
    return open_with_facts(source, max_pixels, name, at_least, frame, span, lenient)[0]


def open_with_facts(
    source: object,
    max_pixels: int = MAX_PIXELS,
    name: str | None = None,
    at_least: int | tuple[int, int] | None = None,
    frame: Frame = "first",
    span: Range | None = None,
    lenient: bool = False,
) -> tuple[Image.Image, Facts]:
    """Open one picture as `open_picture` does, and say how it was stored."""
    way = _Way(max_pixels, at_least, frame, span, lenient)
    if isinstance(source, np.ndarray):
        name = name or "the array"
        if source.ndim >= 2:
            way.check((source.shape[1], source.shape[0]), name)
        picture = picture_from_array(source, name=name, span=span, lenient=lenient)
        if source.dtype.kind in "iuf" and source.dtype != np.uint8:
            way.note(str(source.dtype), used_range(source))
        return picture, way.facts(picture.size, picture.mode)
    if isinstance(source, Image.Image):
        return _opened(source, way, name or "the picture")
    written = inline(source) if isinstance(source, str) else None
    source = source if written is None else written
    if isinstance(source, (bytes, bytearray, memoryview)):
        name = name or "the picture"
        data = bytes(source)
    elif isinstance(source, (str, os.PathLike)):
        path = os.fspath(source)
        name = shown(name or path)
        data = _read(path, name)
    else:
        raise DataError(
            f"{name or 'the picture'} is of type {type(source).__name__}: give a path, bytes, an array or a "
            "Pillow picture"
        )
    header = _header(data, way, name)
    size, mode = header.size, header.mode
    if lacks_strips(header):
        raise DataError(f"{name} is cut off: copy or download it again")
    way.deep = is_deep_colour(header)
    last = lay_ground(header)
    picture = _finished(header, way, name, data)
    if (way.count == 1 or frame == "first") and ends_early(header, data, last):
        raise DataError(f"{name} is cut off: copy or download it again")
    return picture, way.facts(size, mode)


@dataclass(slots=True)
class _Way:
    """How a picture is to be opened, and what was found on the way."""

    max_pixels: int
    at_least: int | tuple[int, int] | None
    frame: Frame
    span: Range | None
    training: bool = False
    deep: bool = False
    count: int = 1
    mode: str = ""
    used: Range | None = None

    def check(self, size: tuple[int, int], name: str) -> None:
        """Raise DataError where a picture has too many pixels; to allow more is offered where that can be done."""
        pixels = size[0] * size[1]
        if pixels > self.max_pixels:
            more = f", or allow more with --set inputs.image.max_pixels={pixels}" if self.training else ""
            raise DataError(
                f"{name} has {size[0]} x {size[1]} pixels, more than the {self.max_pixels:,} that are allowed: make "
                f"it smaller{more}"
            )

    def note(self, mode: str, used: Range) -> None:
        """Keep which values a picture, or another frame of it, uses of more than 8 bits."""
        before = self.used or used
        self.mode, self.used = mode, (min(before[0], used[0]), max(before[1], used[1]))

    def facts(self, size: tuple[int, int], mode: str) -> Facts:
        """Return what is known of the picture."""
        return Facts(*size, self.mode or mode, *(self.used or (0.0, 0.0)), frames=self.count)


def _opened(source: Image.Image, way: _Way, name: str) -> tuple[Image.Image, Facts]:
    """Return a Pillow picture as one of the two modes; the caller's own stays as it is."""
    way.at_least = None  # without a draft, which would change it
    way.count = frames_of(source)
    place = source.tell() if way.count > 1 else 0
    picture = _finished(source, way, name)
    picture = picture.copy() if picture is source else picture
    if way.count > 1:
        source.seek(place)
    return picture, way.facts(source.size, source.mode)


def picture_from_array(
    array: NDArray[Any], *, name: str = "the array", span: Range | None = None, lenient: bool = False
) -> Image.Image:
    """An array as a picture.

    Parameters
    ----------
    array : (H, W), (H, W, 1) grey, (H, W, 3) RGB or (H, W, 4) RGB with opacity; bool (True is white), uint8,
        uint16, other whole numbers in 0..255, or floating point in 0..1
    span : the values that are black and white, where the array is of numbers but not of uint8
    lenient : values outside of these ranges are taken by the range that they use

    Raises
    ------
    DataError : other shapes, an empty array, NaN, values outside these ranges, other types

    Examples
    --------
    >>> picture_from_array(np.ones((2, 2))).getpixel((0, 0))
    255
    """
    if array.ndim == 3 and array.shape[2] == 1:
        array = array[..., 0]
    if not (array.ndim == 2 or (array.ndim == 3 and array.shape[2] in (3, 4))) or 0 in array.shape:
        first = array.ndim == 3 and array.shape[0] in (1, 3, 4)
        so = ": its channels come first, so give array.transpose(1, 2, 0)" if first else ""
        raise DataError(
            f"{name} has the shape {array.shape}{so or ': give (height, width), (height, width, 3) or '}"
            f"{'' if so else '(height, width, 4)'}"
        )
    picture = as_picture(array if array.dtype == np.uint8 else deep_array(array, name, span, lenient))
    return on_ground(picture) if picture.mode == "RGBA" else picture


def _read(path: str, name: str) -> bytes:
    """Return the whole file."""
    file, size = open_file(path, name, "picture")
    with file:
        if size > MAX_BYTES:
            raise DataError(f"{name} has {size / 1e9:.1f} GB, which no picture has: check what the file is")
        return read_part(file, 0, -1, name)


def _header(data: bytes, way: _Way, name: str) -> ImageFile:
    """The picture with its header read and its size checked, its pixels not yet decoded."""
    if not data:
        raise DataError(f"{name} is empty (0 bytes): copy or download it again, or delete it")
    reader = reader_of(data, name)
    if reader is None:
        raise DataError(not_a_picture(data, name))
    if data[8:12] == b"WEBP":  # its reader makes room for all pixels before anybody can look at the size
        way.check(_webp_size(data), name)
    try:
        picture: ImageFile = _quietly(lambda: reader(io.BytesIO(data)))
    except MemoryError:
        raise DataError(f"{name} needs more memory than there is: {SAVE_AS}, smaller") from None
    except _BROKEN as error:
        raise DataError(_damaged(name, error)) from None
    way.check(picture.size, name)
    return picture


def _quietly(step: Callable[[], Any]) -> Any:
    """What a step returns, also where warnings are errors: Pillow warns of damaged EXIF, and the picture is good.

    Warnings are silenced for a second try only, since to silence them is not safe in threads.
    """
    try:
        return step()
    except UserWarning:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return step()


def _webp_size(data: bytes) -> tuple[int, int]:
    """Width and height from a WebP header (RFC 9649, sections 2.5 to 2.7); (0, 0) where there is none."""
    head = data[12:30].ljust(18, b"\0")
    if head[:4] == b"VP8X":
        return 1 + int.from_bytes(head[12:15], "little"), 1 + int.from_bytes(head[15:18], "little")
    if head[:4] == b"VP8L":
        bits = int.from_bytes(head[9:13], "little")
        return 1 + (bits & 0x3FFF), 1 + (bits >> 14 & 0x3FFF)
    width, height = struct.unpack("<HH", head[14:18])
    return width & 0x3FFF, height & 0x3FFF


def _damaged(name: str, error: BaseException) -> str:
    """Return the sentence for a picture that Pillow cannot decode, without its words of tiles and decoders."""
    said = str(error).lower()
    if "truncated" in said or isinstance(error, EOFError):
        return f"{name} is cut off: copy or download it again"
    cut = " or cut off" if isinstance(error, struct.error) or "buffer" in said else ""
    return f"{name} is damaged{cut}: copy or download it again, or save it anew as PNG"


def _finished(picture: Image.Image, way: _Way, name: str, data: bytes = b"") -> Image.Image:
    """Decoded, upright, one of the two modes; ``data`` are those of the file."""
    width, height = picture.size
    way.check(picture.size, name)
    if not width or not height:
        raise DataError(f"{name} has {width} x {height} pixels: delete it, or save it anew")
    try:
        if way.at_least and picture.format == "JPEG" and picture.mode in ("L", "RGB"):
            turned = _UPRIGHT.get(_orientation(picture)) in _ON_ITS_SIDE
            factor = _needed(picture.size, way.at_least, turned)
            if factor <= 0.5:
                picture.draft(picture.mode, (max(1, int(width * factor)), max(1, int(height * factor))))
        _quietly(picture.load)
        turn = _UPRIGHT.get(_orientation(picture))
        if isinstance(picture, ImageFile) and data:
            way.count = frames_in(picture, data) if picture.format in ("GIF", "TIFF") else frames_of(picture)
        if way.count == 1 or way.frame == "first":
            upright = _plain(picture, way, data)
        else:
            upright = one_of_frames(picture, way.frame, way.count, partial(_plain, way=way), name)
    except MemoryError:
        raise DataError(f"{name} needs more memory than there is: {SAVE_AS}, smaller") from None
    except _BROKEN as error:
        raise DataError(_damaged(name, error)) from None
    return upright if turn is None else upright.transpose(turn)


def _needed(size: tuple[int, int], at_least: int | tuple[int, int], turned: bool) -> float:
    """How large a picture of this stored size has to be decoded, 1 is its full size."""
    if isinstance(at_least, int):
        return at_least / max(size)
    across, down = reversed(at_least) if turned else at_least
    return max(across / size[0], down / size[1])


def _orientation(picture: Image.Image) -> int:
    """1 to 8 as EXIF says; 1 where it says nothing or is damaged, for the picture may still be good."""
    if not _WITH_ORIENTATION & picture.info.keys():
        return 1
    try:
        value = picture.getexif().get(_ORIENTATION, 1)
    except _BROKEN:
        return 1
    return value if isinstance(value, int) else 1


def _plain(picture: Image.Image, way: _Way, data: bytes = b"") -> Image.Image:
    """One of the two modes "L" and "RGB"; ``data`` are those of the file, where it may be of 16-bit colours."""
    mode = picture.mode
    if "transparency" in picture.info and mode in ("1", "L", "P", "RGB"):
        return on_ground(picture.convert("RGBA"))
    if way.deep and data and isinstance(picture, ImageFile):
        return _deep(deep_colour(picture, data), way, f"{mode};16")
    if mode in ("L", "RGB"):
        return picture
    if mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        return on_ground(picture)
    if mode == "1":
        return picture.convert("L")
    if mode.startswith(("I", "F")):
        return _deep(np.asarray(picture), way, mode)
    return picture.convert("RGB")


def _deep(values: NDArray[Any], way: _Way, mode: str) -> Image.Image:
    """A picture of more than 8 bits, of which is noted what its values are; how opaque it is does not count."""
    colours = values[..., :3] if values.ndim == 3 else values
    used = used_range(colours)
    way.note(mode, used)
    scaled = deep_grey(colours, way.span, used)
    if values.ndim == 3 and values.shape[2] == 4:
        return on_ground(as_picture(np.dstack([scaled, (values[..., 3] >> 8).astype(np.uint8)])))
    return as_picture(scaled)
