"""Whether all data of a picture were there: decoders fill what is missing with one colour, and do not say so."""

from __future__ import annotations

import io
import re
from collections.abc import Container
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from PIL import Image, _imaging

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

GROUND, OTHER = 0xA7, 0x58
"""What a picture is laid on before it is decoded, and the second time: pixels that have both are of no data."""

GREY = range(126, 130)
"""What libjpeg has for blocks without data."""

SMALL = 1 << 16
"""Bytes of a progressive JPEG that is decoded again to see whether its last scan is whole."""

_MARKER = re.compile(rb"\xff+[^\x00\x01\xd0-\xd8\xff]")
"""Of a JPEG: what begins a segment with a length; not what stands among coefficients."""

MORE = bytes(range(1, 255)) * 8
"""Bytes that are decoded where a JPEG had too few, and skipped where it had enough."""


def lay_ground(picture: ImageFile, ground: int = GROUND) -> tuple[int, int]:
    """Prepare a picture that is not decoded yet, and return the place of the pixel that is decoded last."""
    if picture.format == "TIFF":
        hush_libtiff()
    if picture.format in ("PNG", "GIF") and picture.tile:
        bands = len(picture.getbands())
        # `Image.new` takes as long as a tenth of decoding a picture of a digit.
        picture.im = _imaging.fill(picture.mode, picture.size, ground if bands == 1 else (ground,) * bands)
        if (box := picture.tile[-1].extents) is not None:  # a frame of a GIF may be a part of the picture
            return box[2] - 1, box[3] - 1
    return -1, -1


def lacks_strips(picture: ImageFile) -> bool:
    """Return whether a TIFF that is not decoded yet has data for fewer rows than it says to have."""
    ends = [tile.extents[3] for tile in picture.tile if tile.extents] if picture.format == "TIFF" else []
    return bool(ends) and max(ends) < picture.size[1]


def ends_early(picture: ImageFile, data: bytes, last: tuple[int, int]) -> bool:
    """Return whether the data of a decoded picture ended before all its pixels had a value.

    It is decoded a second time only where its last pixel has the colour that such pixels have.
    """
    if picture.format == "JPEG" and picture.info.get("progressive"):
        return _lacks_scans(data) or (len(data) <= SMALL and _takes_more(picture, data, finely=True))
    if picture.format == "JPEG":
        last = picture.size[0] - 1, picture.size[1] - 1
        return _has(picture, last, GREY) and _takes_more(picture, data)
    if last == (-1, -1) or not _has(picture, last, (GROUND,)):
        return False
    again = type(picture)(io.BytesIO(data))
    lay_ground(again, OTHER)
    again.load()
    return _has(again, last, (OTHER,))


def _lacks_scans(data: bytes) -> bool:
    """Return whether a progressive JPEG ends before the scans that bring the last bits of every frequency.

    The rest of them is there, coarse, and decoders do not say so (ITU-T T.81, annex G).
    """
    place, open_bits = 2, dict[int, list[bool]]()
    while (mark := _MARKER.search(data, place)) is not None and (kind := data[mark.end() - 1]) != 0xD9:
        at = mark.end()
        place = at + int.from_bytes(data[at : at + 2])
        if kind == 0xC2 and not open_bits:  # the frame: which components there are
            open_bits = {data[i]: [True] * 64 for i in range(at + 8, place, 3)}
        elif kind == 0xDA and place + 1 <= len(
            data
        ):  # a scan: of which components, which frequencies, which bits
            first, last, bits = data[place - 3], data[place - 2], data[place - 1] & 15
            for i in range(at + 3, place - 3, 2):
                if bits == 0 and data[i] in open_bits:
                    open_bits[data[i]][first : last + 1] = [False] * (last + 1 - first)
    return any(map(any, open_bits.values()))


def _takes_more(picture: ImageFile, data: bytes, finely: bool = False) -> bool:
    """Return whether bytes that are added to a JPEG change the picture, at an eighth of its size unless ``finely``."""
    end = data.rfind(b"\xff\xd9")
    small, more = (type(picture)(io.BytesIO(d)) for d in (data, data[:end] + MORE + data[end:]))
    try:
        for jpeg in (small, more):
            if not finely:
                jpeg.draft(jpeg.mode, (1, 1))
            jpeg.load()
    except OSError:
        return True
    return small.tobytes() != more.tobytes()


def _has(picture: Image.Image, place: tuple[int, int], values: Container[int]) -> bool:
    """Return whether all bands of a pixel have one of these values."""
    pixel = picture.im.getpixel(place)
    return pixel in values if isinstance(pixel, int) else all(v in values for v in pixel)


@cache
def hush_libtiff() -> None:
    """Keep libtiff from printing its own complaints: what is wrong is told by an exception as well.

    It is told so where the system lists the libraries of a process.
    """
    import ctypes

    with suppress(OSError, AttributeError):
        lines = Path("/proc/self/maps").read_text("utf-8", "replace").splitlines()
        for path in {line.split(maxsplit=5)[-1] for line in lines if "libtiff" in line}:
            library = ctypes.CDLL(path)
            library.TIFFSetErrorHandler(None)
            library.TIFFSetWarningHandler(None)
