"""Which class of Pillow, or of a plug-in, reads a file, by its first bytes."""

from __future__ import annotations

import re
from functools import cache
from importlib import import_module
from typing import Any

from PIL import features

from hornbook.errors import DataError

_BEGINS = {
    "Png": rb"\x89PNG\r\n\x1a\n",
    "Jpeg": rb"\xff\xd8\xff",
    "Gif": rb"GIF8[79]a",
    "WebP": rb"RIFF....WEBP",
    "Bmp": rb"BM",
    "Tiff": rb"II[*+]\0|MM\0[*+]",
    "Ppm": rb"P[1-6]\s",
    "Avif": rb"....ftyp(avi[fs]|m(if|sf)1.{4,40}avi[fs])",
    "Heif": rb"....ftyp(hei[cxms]|hev[cxms]|mif1|msf1)",
}
"""What Pillow calls a format that is opened, and its first bytes as a regular expression."""

_PATTERNS = [(kind, re.compile(begins, re.DOTALL).match) for kind, begins in _BEGINS.items()]


def reader_of(data: bytes, name: str) -> Any:
    """Return the class that reads such a file; None for what is not on the list.

    `Image.open` would try one format after another, and import all 40 for a file that the common ones do not
    know.

    Raises
    ------
    DataError
        It is on the list, and what reads it is not installed.
    """
    kind = next((kind for kind, matches in _PATTERNS if matches(data)), None)
    if kind == "Heif":
        return _heif(name)
    if kind == "Avif" and not features.check("avif"):
        raise DataError(
            f"{name} is an AVIF picture, which this Pillow does not read: install it again with pip, or save the "
            "picture as PNG or JPEG"
        )
    return kind and _class(kind)


@cache
def _class(kind: str) -> Any:
    """Return Pillow's class: to import it again takes as long as a twentieth of a small picture."""
    return vars(import_module(f"PIL.{kind}ImagePlugin"))[f"{kind}ImageFile"]


def _heif(name: str) -> Any:
    """Return the class of a plug-in of Pillow that reads HEIC."""
    for plugin in ("pi_heif", "pillow_heif"):
        try:
            return vars(import_module(plugin))["HeifImageFile"]
        except ImportError:
            continue
    raise DataError(
        f'{name} is a HEIC photo: to have such read, pip install "hornbook[heic]"; or save it as JPEG (an iPhone takes '
        "JPEG with Settings, Camera, Formats, Most Compatible)"
    )
