"""Pictures in a page without a server."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from PIL import Image, ImageDraw

from hornbook.columns.image.column import ImageColumn
from hornbook.columns.page import Page, Script

_BYTES = Script("hornbook.columns.image", "bytes.js")
_OPENCV, _SHAPES, _PAPER, _FIND = (
    Script("hornbook.columns.image.ink", f"{name}.js") for name in ("opencv", "shapes", "paper", "find")
)


class ImagePage(Page[ImageColumn]):
    """Pictures, prepared to the bit as Pillow and OpenCV do it."""

    def scripts(self) -> tuple[Script, ...]:
        """Return its scripts, and those of ink where it is looked for."""
        column = self.column
        polarity = (_OPENCV, _SHAPES, _PAPER) if column.fit == "ink" or column.ink == "auto" else ()
        return (_BYTES, *polarity, *((_FIND,) if column.fit == "ink" else ()), *super().scripts())

    def objection(self) -> str:
        """Return that browsers show the first frame alone, and that no page looks for faces."""
        if self.column.fit == "face":
            return 'fit = "face" looks for a face by a network of its own'
        if self.column.own_size:
            return "own_size is for pictures of any size"
        return (
            ""
            if self.column.frame == "first"
            else f'frame = "{self.column.frame}" reads several frames of a file'
        )

    def made_up(self, draw: np.random.Generator) -> Any:
        """Return the bytes of a PNG or JPEG file: strokes on paper, grey, in colour, or on a transparent ground."""
        width, height = (int(v) for v in draw.integers(28, 56, 2))
        way = int(draw.integers(4))
        ink, paper = (int(v) for v in (draw.integers(0, 60), draw.integers(190, 256)))
        if self.column.fit == "ink" and way == 0:
            ink, paper = paper, ink
        colour = (ink, ink // 2 + 20, 255 - ink // 3) if way != 2 else (ink, ink, ink)
        ground = (0, 0, 0, 0) if way == 3 else (paper, paper, max(paper - 10, 0) if way < 2 else paper, 255)
        picture = Image.new("RGBA", (width, height), ground)
        pen = ImageDraw.Draw(picture)
        points = [
            (int(x), int(y))
            for x, y in draw.uniform((0.2 * width, 0.2 * height), (0.8 * width, 0.8 * height), (4, 2))
        ]
        pen.line(points, fill=(*colour, 255), width=int(draw.integers(3, 6)), joint="curve")
        memory = io.BytesIO()
        if way == 3:
            picture.save(memory, "PNG")
        elif way < 2:
            picture.convert("RGB").save(memory, "JPEG", quality=90)
        else:
            picture.convert("L").save(memory, "PNG")
        return memory.getvalue()
