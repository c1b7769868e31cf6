"""Pictures: from whatever a person has to an upright grey or colour picture, safely.

Files come from phones, scanners, drawing programs and strangers. Each is recognized by its first bytes and
not by its name, its size is read before a pixel is decoded, only the formats of Pillow named below are used
(none that runs another program), and all that can go wrong ends in one `DataError` that names the file and
says what to do.
"""

from __future__ import annotations

import io
import os
import re
import struct
import warnings
import zlib
from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hornbook.columns.image.files.not_pictures import SAVE_AS, not_a_picture
from hornbook.columns.image.files.whole import ends_early, lay_ground
from hornbook.columns.opening import open_file, read_part
from hornbook.common.safe_names import shown
from hornbook.errors import DataError

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

__all__ = ["MAX_PIXELS", "open_picture", "picture_from_array"]


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


_BEGINS = {
    "Png": rb"\x89PNG\r\n\x1a\n",
    "Jpeg": rb"\xff\xd8\xff",
    "Gif": rb"GIF8[79]a",
    "WebP": rb"RIFF....WEBP",
    "Bmp": rb"BM",
    "Tiff": rb"II[*+]\0|MM\0[*+]",
    "Ppm": rb"P[1-6]\s",
}
"""What Pillow calls a format that is opened, and its first bytes as a regular expression."""


def open_picture(
    source: object,
    *,
    max_pixels: int = MAX_PIXELS,
    name: str | None = None,
    at_least: int | tuple[int, int] | None = None,
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

    Returns
    -------
    A Pillow picture of mode "L" (grey, 8 bits) or "RGB": of an animation the first frame, turned as its EXIF
    orientation says. 16-bit grey is divided by 257. What is transparent gets a ground that the drawing can be
    seen on: white behind dark strokes and black behind light ones. Where more than half of the picture is
    covered, the cover itself is taken for paper: holes in a light one are filled with white, in a dark one
    with black. ``info["stored"]`` holds the size (width, height) and the mode it was stored with.

    Raises
    ------
    DataError : one sentence with the picture's name, what is wrong and what to do

    Examples
    --------
    >>> open_picture(np.zeros((20, 30), np.uint8)).size
    (30, 20)
    """
    if isinstance(source, np.ndarray):
        name = name or "the array"
        if source.ndim >= 2:
            _check_size((source.shape[1], source.shape[0]), max_pixels, name)
        return picture_from_array(source, name=name)
    if isinstance(source, Image.Image):
        name = name or "the picture"
        # without a draft, which would change the caller's picture
        picture = _finished(source, max_pixels, name, at_least=None)
        picture = picture.copy() if picture is source else picture
        picture.info["stored"] = source.size, source.mode
        return picture
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
    header = _header(data, max_pixels, name)
    stored = header.size, header.mode
    last = lay_ground(header)
    picture = _finished(header, max_pixels, name, at_least)
    if ends_early(header, data, last):
        raise DataError(f"{name} is cut off: copy or download it again")
    picture.info["stored"] = stored
    return picture


def picture_from_array(array: NDArray[Any], *, name: str = "the array") -> Image.Image:
    """An array as a picture.

    Parameters
    ----------
    array : (H, W), (H, W, 1) grey, (H, W, 3) RGB or (H, W, 4) RGB with opacity; bool (True is white), uint8,
        uint16 (0..65535), other whole numbers in 0..255, or floating point in 0..1

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
        raise DataError(
            f"{name} has the shape {array.shape}: give (height, width), (height, width, 3) or "
            "(height, width, 4)"
        )
    picture = Image.fromarray(np.ascontiguousarray(_to_bytes(array, name)))
    return _on_ground(picture) if picture.mode == "RGBA" else picture


def _to_bytes(array: NDArray[Any], name: str) -> NDArray[np.uint8]:
    kind = array.dtype.kind
    if array.dtype == np.uint8:
        return array
    if kind == "b":
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype == np.uint16:
        return (array // 257).astype(np.uint8)
    if kind not in "iuf":
        raise DataError(f"{name} holds {array.dtype}, and a picture is uint8, or floating point from 0 to 1")
    low, high = float(array.min()), float(array.max())
    limit = 1 if kind == "f" else 255
    if not (low >= 0 and high <= limit):
        raise DataError(
            f"{name} holds {array.dtype} from {low:g} to {high:g}, and a picture of this type goes from 0 to "
            f"{limit}: scale it, or convert it to uint8"
        )
    return (array * 255 + 0.5).astype(np.uint8) if kind == "f" else array.astype(np.uint8)


def _read(path: str, name: str) -> bytes:
    """Return the whole file."""
    file, size = open_file(path, name, "picture")
    with file:
        if size > MAX_BYTES:
            raise DataError(f"{name} has {size / 1e9:.1f} GB, which no picture has: check what the file is")
        return read_part(file, 0, -1, name)


def _header(data: bytes, max_pixels: int, name: str) -> ImageFile:
    """The picture with its header read and its size checked, its pixels not yet decoded."""
    if not data:
        raise DataError(f"{name} is empty (0 bytes): copy or download it again, or delete it")
    reader = _reader(data)
    if reader is None:
        raise DataError(not_a_picture(data, name))
    if data[8:12] == b"WEBP":  # its reader makes room for all pixels before anybody can look at the size
        _check_size(_webp_size(data), max_pixels, name)
    try:
        picture: ImageFile = _quietly(lambda: reader(io.BytesIO(data)))
    except MemoryError:
        raise DataError(f"{name} needs more memory than there is: {SAVE_AS}, smaller") from None
    except _BROKEN as error:
        raise DataError(_damaged(name, error)) from None
    _check_size(picture.size, max_pixels, name)
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


def _reader(data: bytes) -> Any:
    """The class of Pillow that reads such a file, by its first bytes; None for what is not on the list.

    `Image.open` would try one format after another, and import all 40 for a file that the common ones do not
    know.
    """
    kind = next((kind for kind, begins in _BEGINS.items() if re.match(begins, data, re.DOTALL)), None)
    return kind and vars(import_module(f"PIL.{kind}ImagePlugin"))[f"{kind}ImageFile"]


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


def _check_size(size: tuple[int, int], max_pixels: int, name: str) -> None:
    pixels = size[0] * size[1]
    if pixels > max_pixels:
        raise DataError(
            f"{name} has {size[0]} x {size[1]} pixels, more than the {max_pixels:,} that are allowed: make "
            "it smaller, or raise max_pixels"
        )


def _damaged(name: str, error: BaseException) -> str:
    """Return the sentence for a picture that Pillow cannot decode, without its words of tiles and decoders."""
    said = str(error).lower()
    if "truncated" in said or isinstance(error, EOFError):
        return f"{name} is cut off: copy or download it again"
    cut = " or cut off" if isinstance(error, struct.error) or "buffer" in said else ""
    return f"{name} is damaged{cut}: copy or download it again, or save it anew as PNG"


def _finished(
    picture: Image.Image, max_pixels: int, name: str, at_least: int | tuple[int, int] | None
) -> Image.Image:
    """Decoded, upright, one of the two modes."""
    width, height = picture.size
    _check_size(picture.size, max_pixels, name)
    if not width or not height:
        raise DataError(f"{name} has {width} x {height} pixels: delete it, or save it anew")
    try:
        if at_least and picture.format == "JPEG" and picture.mode in ("L", "RGB"):
            turned = _UPRIGHT.get(_orientation(picture)) in _ON_ITS_SIDE
            factor = _needed(picture.size, at_least, turned)
            if factor <= 0.5:
                picture.draft(picture.mode, (max(1, int(width * factor)), max(1, int(height * factor))))
        _quietly(picture.load)
        turn = _UPRIGHT.get(_orientation(picture))
        upright = _plain(picture)
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


def _plain(picture: Image.Image) -> Image.Image:
    """One of the two modes "L" and "RGB"."""
    mode = picture.mode
    if "transparency" in picture.info and mode in ("1", "L", "P", "RGB"):
        return _on_ground(picture.convert("RGBA"))
    if mode in ("L", "RGB"):
        return picture
    if mode in ("RGBA", "LA", "PA", "La", "RGBa"):
        return _on_ground(picture)
    if mode == "1":
        return picture.convert("L")
    if mode.startswith(("I", "F")):
        return Image.fromarray(_grey_levels(np.asarray(picture)))
    return picture.convert("RGB")


def _grey_levels(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Grey of more than 8 bits as 8 bits: 16-bit by its full range, wider numbers by the range they use."""
    if values.dtype.kind != "f" and values.dtype.itemsize <= 2:
        return (values.astype(np.uint16) // 257).astype(np.uint8)
    values = np.nan_to_num(values.astype(np.float64), nan=0, posinf=0, neginf=0)
    low, high = float(values.min()), float(values.max())
    if low < 0 or high > 65535:
        values, high = values - low, high - low
    full = next((limit for limit in (1.0, 255.0, 65535.0) if high <= limit), high)
    return (values / full * 255).astype(np.uint8)


def _on_ground(picture: Image.Image) -> Image.Image:
    """A transparent picture on white or black, whichever `open_picture` says."""
    picture = picture if picture.mode == "RGBA" else picture.convert("RGBA")
    opacity = picture.getchannel("A")
    if opacity.getextrema() == (255, 255):
        return picture.convert("RGB")
    cover = np.asarray(opacity, np.float32)
    total = float(cover.sum())
    greys = np.asarray(picture.convert("RGB").convert("L"), np.float32)
    shade = float((greys * cover).sum()) / max(total, 1.0)
    is_paper = total > 0.5 * 255 * cover.size
    white = (shade > 127.5) == is_paper
    ground = Image.new("RGBA", picture.size, (255, 255, 255, 255) if white else (0, 0, 0, 255))
    ground.alpha_composite(picture)
    return ground.convert("RGB")
