"""What a file is that is no picture for us, told by its first bytes, and what helps."""

from __future__ import annotations

import re

SAVE_AS = "save it as PNG or JPEG"

_OTHERS = (
    (rb"....ftyp", "a film", "save a picture of it as PNG or JPEG"),
    (rb"%PDF", "a PDF", "save its page as PNG or JPEG"),
    (rb"%!PS|\xc5\xd0\xd3\xc6", "PostScript", SAVE_AS),
    (rb"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)?<svg", "an SVG drawing", "save it as PNG"),
    (rb"(?i:\s*<(!doctype html|html|head|body))", "a web page", "download the picture itself again"),
    (rb"version https://git-lfs", "a pointer to a Git LFS file", "fetch the file itself with: git lfs pull"),
    (rb"PK\x03\x04", "a zip archive", "unpack it"),
    (rb"\x1f\x8b", "a gzip file", "unpack it"),
    (rb"8BPS", "a Photoshop file", SAVE_AS),
    (rb"\x00\x00[\x01\x02]\x00[^\x00]", "an icon", SAVE_AS),
    (rb".[\x00\x01][\x01\x02\x03\x09\x0a\x0b].{5}\x00\x00.{6}[\x01\x08\x0f\x10\x18\x20]", "a TGA picture", SAVE_AS),
    (rb"\x00\x00\x00\x0cjP  |\xff\x4f\xff\x51", "a JPEG 2000 picture", SAVE_AS),
)  # fmt: skip
"""First bytes as a regular expression, what they are of, and what to do."""


def not_a_picture(data: bytes, name: str) -> str:
    """Return the sentence for a file that is no picture."""
    if not data.strip(b"\0"):
        return f"{name} holds only zero bytes: copy or download it again, or delete it"
    for pattern, what, advice in _OTHERS:
        if re.match(pattern, data[:512], re.DOTALL):
            return f"{name} is {what}, which hornbook does not read: {advice}"
    return f"{name} is no picture (it begins with {data[:8]!r}): give a PNG, JPEG, GIF, BMP, TIFF, WebP, AVIF or PNM"
