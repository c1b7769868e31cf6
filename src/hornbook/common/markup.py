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
from hornbook.common.plaintext import percent as plain_percent

__all__ = ["data_uri", "escape", "percent", "picture", "sound", "table"]

SHARP = 64
"""Up to this side a picture is embedded as it is (PNG) and shown with sharp pixels."""

LARGEST = 160
"""Larger pictures are scaled down to this side and embedded as JPEG, some 6 KB each."""


def escape(text: object) -> str:
    """Return text that means nothing in HTML, neither between tags nor in a quoted attribute.

    >>> escape('<b class="x">')
    '&lt;b class=&quot;x&quot;&gt;'
    """
    return html.escape(clean(text), quote=True)


def percent(share: float | None, digits: int = 1) -> str:
    """Return a share as `hornbook.common.plaintext.percent` says it, for a page.

    >>> percent(0.000001)
    '&lt;0.1 %'
    """
    return escape(plain_percent(share, digits))


def data_uri(pixels: NDArray[Any]) -> str:
    """Return a picture as a ``data:`` address.

    Parameters
    ----------
    pixels
        ``uint8``, shape ``(H, W)``, ``(H, W, 1)`` or ``(H, W, 3)``.
    """
    from PIL import Image

    pixels = np.ascontiguousarray(pixels[..., 0] if pixels.ndim == 3 and pixels.shape[2] == 1 else pixels)
    image = Image.fromarray(pixels)
    out = io.BytesIO()
    if max(image.size) <= SHARP:
        image.save(out, "PNG")
        kind = "png"
    else:
        image.thumbnail((LARGEST, LARGEST), Image.Resampling.BOX)
        image.save(out, "JPEG", quality=85)
        kind = "jpeg"
    return f"data:image/{kind};base64,{base64.b64encode(out.getvalue()).decode('ascii')}"


def picture(pixels: NDArray[Any] | None, alt: str, *, side: int = 72, height: int = 0) -> str:
    """Return an ``img`` of a picture, an empty frame where there is none.

    Parameters
    ----------
    pixels
        ``uint8``, shape ``(H, W)``, ``(H, W, 1)`` or ``(H, W, 3)``.
    alt
        What a reader who cannot see it is told.
    side
        Pixels of its longer side on the page.
    height
        Pixels of its height, instead of ``side``, where it is not 0.
    """
    if pixels is None:
        size = f"width:{height or side}px;height:{height or side}px"
        return f'<span class="nothing" style="{size}" role="img" aria-label="{escape(alt)}"></span>'
    high, wide = pixels.shape[:2]
    scale = height / high if height else side / max(high, wide)
    size = f'width="{max(1, round(wide * scale))}" height="{max(1, round(high * scale))}"'
    sharp = ' class="sharp"' if max(high, wide) <= SHARP else ""
    return f'<img src="{data_uri(pixels)}" alt="{escape(alt)}" {size}{sharp}>'


def sound(wav: bytes | None, alt: str) -> str:
    """Return what plays a WAV file that is put into the page, nothing where there is none."""
    if wav is None:
        return ""
    data = base64.b64encode(wav).decode("ascii")
    return f'<audio controls preload="none" aria-label="{escape(alt)}" src="data:audio/wav;base64,{data}"></audio>'


def table(
    head: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: Iterable[int] = (), caption: str = ""
) -> str:
    """Return a table of cells that are HTML already; the first cell of each row heads it.

    Parameters
    ----------
    numbers
        The places of the columns that hold numbers, set to the right.
    caption
        What the table shows, as text.
    """
    right = set(numbers)
    kinds = [' class="number"' if i in right else "" for i in range(len(head))]
    top = "".join(f'<th scope="col"{kind}>{cell}</th>' for cell, kind in zip(head, kinds, strict=True))
    body = "".join(
        "<tr>"
        + "".join(
            f'<th scope="row"{kind}>{cell}</th>' if i == 0 else f"<td{kind}>{cell}</td>"
            for i, (cell, kind) in enumerate(zip(row, kinds, strict=True))
        )
        + "</tr>\n"
        for row in rows
    )
    said = f"<caption>{escape(caption)}</caption>" if caption else ""
    return f"<table>{said}<thead><tr>{top}</tr></thead>\n<tbody>{body}</tbody></table>"
