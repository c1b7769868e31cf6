"""Pieces of HTML: text made harmless, pictures embedded, tables.

The report and what a notebook shows are made of these. Names of files and classes come from anywhere, so
nothing gets into a page but through `escape`.
"""

from __future__ import annotations

import base64
import html
import io
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hornbook.common.plaintext import clean

__all__ = ["data_uri", "escape", "picture", "sound", "table"]

SHARP = 64
"""Up to this side a picture is embedded as it is (PNG) and shown with sharp pixels."""

LARGEST = 160
"""Larger pictures are scaled down to this side, or to the one that they have on the page, and embedded as JPEG."""


def escape(text: object) -> str:
    """Return text that means nothing in HTML, neither between tags nor in a quoted attribute.

    >>> escape('<b class="x">')
    '&lt;b class=&quot;x&quot;&gt;'
    """
    return html.escape(clean(text), quote=True)


def data_uri(pixels: NDArray[Any], largest: int = LARGEST, sharp: int = SHARP) -> str:
    """Return a picture, ``uint8`` of shape ``(H, W)``, ``(H, W, 1)`` or ``(H, W, 3)``, as a ``data:`` address.

    One with a side over ``sharp`` is a JPEG, scaled down to ``largest``.
    """
    from PIL import Image

    pixels = np.ascontiguousarray(pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels)
    image = Image.fromarray(pixels)
    out = io.BytesIO()
    if max(image.size) <= sharp:
        image.save(out, "PNG")
        kind = "png"
    else:
        image.thumbnail((largest, largest), Image.Resampling.BOX)
        image.save(out, "JPEG", quality=85)
        kind = "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(out.getvalue()).decode('ascii')}"


def picture(pixels: NDArray[Any] | None, alt: str, *, side: int = 72, height: int = 0) -> str:
    """Return an ``img`` of a picture as `data_uri` takes it, an empty frame where there is none.

    ``alt`` is what a reader who cannot see it is told, ``side`` how many pixels its longer side has on the page,
    or ``height`` its height where that is not 0.
    """
    if pixels is None:
        size = f"width:{height or side}px;height:{height or side}px"
        return f'<span class="nothing" style="{size}" role="img" aria-label="{escape(alt)}"></span>'
    high, wide = pixels.shape[:2]
    scale = height / high if height else side / max(high, wide)
    size = f'width="{max(1, round(wide * scale))}" height="{max(1, round(high * scale))}"'
    sharp = ' class="sharp"' if max(high, wide) <= SHARP else ""
    return f'<img src="{data_uri(pixels, max(side, LARGEST))}" alt="{escape(alt)}" {size}{sharp}>'


def sound(wav: bytes | None, alt: str) -> str:
    """Return what plays a WAV file that is put into the page, nothing where there is none."""
    if wav is None:
        return ""
    data = base64.b64encode(wav).decode("ascii")
    return f'<audio controls preload="none" aria-label="{escape(alt)}" src="data:audio/wav;base64,{data}"></audio>'


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Iterable[int] = ()) -> str:
    """Return a table of cells that are HTML already; the first cell of each row heads it.

    ``numbers`` are the places of the columns that hold numbers, set to the right.
    """
    right = set(numbers)
    kinds = [' class="number"' if i in right else "" for i in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        first, *others = (f"{kind}>{cell}" for kind, cell in zip(kinds, cells, strict=True))
        return f'<tr><th scope="row"{first}</th>' + "".join(f"<td{cell}</td>" for cell in others) + "</tr>\n"

    top = "".join(f'<th scope="col"{kind}>{cell}</th>' for cell, kind in zip(head, kinds, strict=True))
    return f"<table><thead><tr>{top}</tr></thead>\n<tbody>{''.join(map(line, rows))}</tbody></table>"
