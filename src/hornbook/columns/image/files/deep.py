"""Pictures of more than 8 bits, and of floats: which values they use, and how these become 8 bits.

Cameras of 10, 12 and 14 bits, X-rays and thermal pictures are stored in 16 bits and use a small part of them; divided
by 257, two or three shades are left. So the range that the training rows use is learned and kept.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from hornbook.errors import DataError

if TYPE_CHECKING:
    from PIL.ImageFile import ImageFile

Range = tuple[float, float]
"""Which values are black and white."""

FULL = (1.0, 255.0, 1023.0, 4095.0, 16383.0, 65535.0)
"""Largest values that pictures are commonly stored with."""

FAR = 8
"""So many times as far apart as nearly all values are the extremes when they are not believed: one dead pixel."""

FEW = 20
"""Values, or pictures, of which none is taken for a mistake."""

NO_DATA = 1e37
"""Floats from here on, and their negatives, stand for what was not measured."""

SAMPLE = 1 << 19
"""Pixels that are looked at together; so many of a large picture say where nearly all values are."""


def used_range(values: NDArray[Any]) -> Range:
    """Return the lowest and highest value of an array, without a few that stand far apart; (0, 0) where there is none.

    >>> used_range(np.array([7, 9, 8] * 1000 + [65535], np.uint16))
    (7.0, 9.0)
    """
    flat = values.reshape(-1)
    parts = [_measured(flat[start : start + SAMPLE]) for start in range(0, len(flat), SAMPLE)]
    ends = [(float(part.min()), float(part.max())) for part in parts if part.size]
    some = _measured(flat[:: max(1, len(flat) // SAMPLE)])
    if not ends or not some.size:
        return 0.0, 0.0
    return _believed(some, some, 0.001, (min(e[0] for e in ends), max(e[1] for e in ends)))


def _measured(values: NDArray[Any]) -> NDArray[Any]:
    """Return values without floats that stand for what was not measured."""
    return values[np.abs(values) < NO_DATA] if values.dtype.kind == "f" else values


def common_range(lows: NDArray[Any], highs: NDArray[Any]) -> Range:
    """Return the range for pictures of which each uses its own: a usual one where they use at least half of it."""
    low, high = _believed(lows, highs, 0.01, (float(lows.min()), float(highs.max())))
    full = next((limit for limit in FULL if high <= limit), 0.0)
    if low >= 0 and 2 * (high - low) >= full > 0:
        return 0.0, full
    return (low, high) if high > low else (0.0, max(full, high, 1.0))


def own_range(used: Range, whole: bool) -> Range:
    """Return the range for a picture like which none was learned from; ``whole`` says that its values are no floats."""
    low, high = used
    full = next((limit for limit in FULL[1 if whole else 0 :] if high <= limit), high)
    return (0.0, full) if low >= 0 else (low, high)


def _believed(lows: NDArray[Any], highs: NDArray[Any], apart: float, ends: Range) -> Range:
    """Return the extremes, or where these are far outside, what is left without a share ``apart`` at each end.

    Of a few dozen values one at each end may be a mistake, of fewer none.
    """
    if len(lows) < FEW:
        return ends
    out = max(1, int(apart * len(lows)))
    low, high = float(np.partition(lows, out)[out]), float(np.partition(highs, -1 - out)[-1 - out])
    return (low, high) if 0 < FAR * (high - low) < ends[1] - ends[0] else ends


def to_bytes(values: NDArray[Any], span: Range) -> NDArray[np.uint8]:
    """Return values as 8 bits, black at the lower end of a range and white at the upper; outside of it they are cut."""
    low, high = span
    out = np.empty(values.shape, np.uint8)
    rows = max(1, SAMPLE * len(values) // max(values.size, 1))  # so that no large picture is there in doubles
    for start in range(0, len(values), rows):
        found = (values[start : start + rows].astype(np.float64) - low) * 255 / (high - low)
        if values.dtype.kind == "f":
            found = np.nan_to_num(found, nan=0, posinf=0, neginf=0) + 0.5
        out[start : start + rows] = np.clip(found, 0, 255)
    return out


def deep_array(array: NDArray[Any], name: str, span: Range | None, lenient: bool) -> NDArray[np.uint8]:
    """Return an array that is not of ``uint8`` as one that is; DataError where that is not plain how.

    Where no range is known, whole numbers of 16 bits go to 65,535, others to 255, and floats to 1; ``lenient`` says
    that others are taken by the range that they use, since that is yet to be learned.
    """
    kind = array.dtype.kind
    if kind == "b":
        return array.astype(np.uint8) * np.uint8(255)
    if kind not in "iuf":
        raise DataError(f"{name} holds {array.dtype}, and a picture is uint8, or floating point from 0 to 1")
    if span is not None:
        return to_bytes(array, span)
    if lenient:
        return to_bytes(array, _wide(own_range(used_range(array), kind != "f")))
    low, high = float(array.min()), float(array.max())
    limit = 1 if kind == "f" else 65535 if array.dtype == np.uint16 else 255
    if not (low >= 0 and high <= limit):
        raise DataError(
            f"{name} holds {array.dtype} from {low:g} to {high:g}, and a picture of this type goes from 0 to "
            f"{limit}: scale it, or convert it to uint8"
        )
    if array.dtype == np.uint16:
        return to_bytes(array, own_range((low, high), True))
    return to_bytes(array, (0.0, float(limit)))


def deep_grey(values: NDArray[Any], span: Range | None, used: Range) -> NDArray[np.uint8]:
    """Return the values of a file as 8 bits; where no range is known, by what they use themselves."""
    return to_bytes(values, span or _wide(own_range(used, values.dtype.kind != "f")))


def _wide(span: Range) -> Range:
    return span if span[1] > span[0] else (span[0], span[0] + 1)


def is_deep_colour(picture: ImageFile) -> bool:
    """Return whether a picture that is not decoded yet has 16 bits for each of its colours."""
    if picture.mode not in ("RGB", "RGBA") or picture.format not in ("PNG", "TIFF"):
        return False
    words = [_raw_mode(tile.args) for tile in picture.tile]
    return bool(words) and all(word.startswith(("RGB;16", "RGBA;16", "RGBX;16")) for word in words)


def deep_colour(picture: ImageFile, data: bytes) -> NDArray[np.uint16]:
    """Return the 16-bit values of a decoded colour picture, of which Pillow keeps the upper 8.

    It is decoded again as if its bytes were in the other order, so that what Pillow keeps are the lower ones.
    """
    again = type(picture)(io.BytesIO(data))
    again.tile = [t._replace(args=_other_order(t.args)) for t in again.tile]
    again.load()
    found: NDArray[np.uint16] = (np.asarray(picture).astype(np.uint16) << 8) | np.asarray(again)
    return found


def _raw_mode(args: Any) -> str:
    found = args if isinstance(args, str) else args[0] if isinstance(args, Sequence) and args else ""
    return found if isinstance(found, str) else ""


def _other_order(args: Any) -> Any:
    word, _, order = _raw_mode(args).partition(";16")
    native = "L" if np.little_endian else "B"
    other = f"{word};16{'B' if (native if order == 'N' else order) == 'L' else 'L'}"
    return other if isinstance(args, str) else (other, *args[1:])


def as_picture(values: NDArray[np.uint8]) -> Image.Image:
    """Return an array as a Pillow picture."""
    return Image.fromarray(np.ascontiguousarray(values))
