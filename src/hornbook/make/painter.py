"""The captcha package's painter, without the work that leaves no trace in the picture.

The package draws through Pillow's public functions, of which each takes ten times as long to check its arguments as to
move the few thousand pixels of a letter. Here the same operations are called in the same order with the same numbers on
Pillow's core images, so that every draw and every pixel is the package's (a test compares them). What is left out:

- drawing, turning and bending blanks, a third of all characters: only their width counts,
- rendering a letter again: each is kept as a mask for its font and size, and coloured anew,
- Pillow's filter, which OpenCV does in a tenth of the time,
- the lists that `Image.point` makes of its table for every letter.

On one core of an Intel Xeon (Emerald Rapids, 2.3 GHz), 160 x 60 with four digits: see `bench/make.py`.
"""

from __future__ import annotations

import math
from types import ModuleType
from typing import Any

import numpy as np
from PIL import Image, ImageDraw
from PIL import _imaging as core

from hornbook.columns.base import Array
from hornbook.make.repeatable import Draws

_UNIT = 1 << 32

_SMOOTH = np.array([[1, 1, 1], [1, 5, 1], [1, 1, 1]], np.float32) / 13


def painter(package: ModuleType, width: int, height: int, fonts: list[str] | None) -> Any:
    """Return an ``ImageCaptcha`` that is quick, of a copy of ``captcha.image`` whose ``secrets`` can be repeated.

    Without font files it has the package's own font.
    """

    class Painter(package.ImageCaptcha):  # type: ignore[misc, name-defined]
        def __init__(self) -> None:
            super().__init__(width=width, height=height, fonts=fonts)
            self.letters = _Letters(self, package.secrets)

        def create_captcha_image(self, chars: str, color: Any, background: Any) -> Any:
            return _text(self, self.letters, chars, color, background)

        def generate_array(self, chars: str) -> Array:
            """Return what ``generate_image`` draws, ``uint8`` of shape ``(height, width, 3)``."""
            background = package.random_color(238, 255)
            color = package.random_color(10, 200, package.secrets.randbelow(36) + 220)
            image = self.create_captcha_image(chars, color, background)
            self.create_noise_dots(image, color)
            self.create_noise_curve(image, color)
            return _smooth(np.asarray(image))

        @staticmethod
        def create_noise_dots(image: Any, color: Any, width: int = 3, number: int = 30) -> Any:
            wide, high = image.size
            pen = ImageDraw.Draw(image).draw
            ink = pen.draw_ink(color)
            for _ in range(number):
                x, y = package.secrets.randbelow(wide + 1), package.secrets.randbelow(high + 1)
                pen.draw_lines(((x, y), (x - 1, y - 1)), ink, width)
            return image

    return Painter()


def _text(painter: Any, letters: _Letters, chars: str, color: Any, background: Any) -> Any:
    """Draw a text, as ``create_captcha_image`` does."""
    draws = letters.draws
    drawn: list[tuple[int, int, Any]] = []
    for character in chars:
        if draws.randbits(32) / _UNIT > painter.word_space_probability:
            drawn.append((letters.box(" ", draws.choice(painter.truefonts))[2], 0, None))
        drawn.append(letters.draw(character, color))
    text_width = sum(letter[0] for letter in drawn)
    across = max(text_width, painter._width)
    image = Image.new("RGB", (across, painter._height), background)
    average = int(text_width / len(chars))
    rand, offset = int(painter.word_offset_dx * average), int(average * 0.1)
    for wide, high, letter in drawn:
        if letter is not None:
            top = int((painter._height - high) / 2)
            mask = letter.convert("L", 0).point(painter.lookup_table, None)
            image.im.paste(letter, (offset, top, offset + wide, top + high), mask)
        offset = offset + wide + (-draws.randbelow(rand + 1))
    if across > painter._width:
        image = image.resize((painter._width, painter._height))
    return image


class _Letters:
    """What a painter draws of single letters, and what is kept of each."""

    def __init__(self, painter: Any, draws: Draws) -> None:
        self.painter, self.draws = painter, draws
        self._measure = ImageDraw.Draw(Image.new("RGB", (1, 1)))
        self._boxes: dict[tuple[str, int], tuple[int, int, int, int]] = {}
        self._masks: dict[tuple[str, int, int, int], Any] = {}

    def box(self, character: str, font: Any) -> tuple[int, int, int, int]:
        """Return where a letter drawn at (1, 1) is: left, top, right, bottom."""
        key = (character, id(font))
        if key not in self._boxes:
            left, top, right, bottom = self._measure.multiline_textbbox((1, 1), character, font=font)
            self._boxes[key] = math.floor(left), math.floor(top), int(right), int(bottom)
        return self._boxes[key]

    def mask(self, character: str, font: Any, dx: int, dy: int) -> Any:
        """Return where a letter has ink, without margins; what reaches over the sheet's left or top is cut off."""
        left, top, wide, high = self.box(character, font)
        dx, dy = min(dx, max(0, 1 - left)), min(dy, max(0, 1 - top))
        key = (character, id(font), dx, dy)
        if key not in self._masks:
            sheet = Image.new("L", (wide + dx, high + dy))
            ImageDraw.Draw(sheet).text((dx, dy), character, font=font, fill=255)
            self._masks[key] = sheet.crop(sheet.getbbox()).im
        return self._masks[key]

    def draw(self, character: str, color: Any) -> tuple[int, int, Any]:
        """Draw a letter: coloured, turned, stretched, bent. Its width and height, and the RGBA core image."""
        painter, draws = self.painter, self.draws

        def part() -> float:
            return draws.randbits(32) / _UNIT

        font = draws.choice(painter.truefonts)
        *_, wide, high = self.box(character, font)
        offsets = painter.character_offset_dx, painter.character_offset_dy
        mask = self.mask(character, font, *(draws.randbelow(m - n + 1) + n for n, m in offsets))
        letter = core.fill("RGBA", mask.size, (0, 0, 0, 0))
        pen = core.draw(letter, 0)
        pen.draw_bitmap((0, 0), mask, pen.draw_ink(color))
        least, most = painter.character_rotate
        letter = _turned(letter, least + part() * (most - least))

        warp_x, warp_y = painter.character_warp_dx, painter.character_warp_dy
        dx = wide * part() * (warp_x[1] - warp_x[0]) + warp_x[0]
        dy = high * part() * (warp_y[1] - warp_y[0]) + warp_y[0]
        x1, y1, x2, y2 = (int(part() * (d - (-d)) + (-d)) for d in (dx, dy, dx, dy))
        wide2, high2 = wide + abs(x1) + abs(x2), high + abs(y1) + abs(y2)
        if letter.size != (wide2, high2):
            box = (0, 0, *letter.size)
            letter = letter.convert("RGBa", 0).resize((wide2, high2), Image.Resampling.BICUBIC, box)
            letter = letter.convert("RGBA", 0)
        corners = (x1, y1, -x1, high2 - y2, wide2 + x2, high2 + y2, wide2 - x2, -y1)
        return wide, high, _bent(letter, wide, high, corners)


def _smooth(picture: Array) -> Array:
    """Filter as Pillow's ``SMOOTH``, which leaves the edges as they are; no thirteenth is a half."""
    import cv2

    smooth = cv2.filter2D(picture, -1, _SMOOTH)
    for edge in (np.s_[0], np.s_[-1], np.s_[:, 0], np.s_[:, -1]):
        smooth[edge] = picture[edge]
    return np.asarray(smooth)


def _turned(letter: Any, angle: float) -> Any:
    """Turn an RGBA core image by degrees, on a sheet as large as that needs: `Image.rotate` with ``expand``."""
    angle %= 360.0
    if angle == 0:
        return letter
    turn = -math.radians(angle)
    cos, sin = round(math.cos(turn), 15), round(math.sin(turn), 15)
    minus_sin = round(-math.sin(turn), 15)
    wide, high = letter.size
    middle_x, middle_y = wide / 2, high / 2
    from_x = cos * -middle_x + sin * -middle_y + 0.0 + middle_x
    from_y = minus_sin * -middle_x + cos * -middle_y + 0.0 + middle_y
    corners = ((0, 0), (wide, 0), (wide, high), (0, high))
    xs = [cos * x + sin * y + from_x for x, y in corners]
    ys = [minus_sin * x + cos * y + from_y for x, y in corners]
    new_wide = math.ceil(max(xs)) - math.floor(min(xs))
    new_high = math.ceil(max(ys)) - math.floor(min(ys))
    left, up = -(new_wide - wide) / 2.0, -(new_high - high) / 2.0
    matrix = (cos, sin, cos * left + sin * up + from_x, minus_sin, cos, minus_sin * left + cos * up + from_y)
    box = (0, 0, new_wide, new_high)
    turned = core.new("RGBa", (new_wide, new_high))
    source = letter.convert("RGBa", 0)
    turned.transform(box, source, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR, True)
    return turned.convert("RGBA", 0)


def _bent(letter: Any, wide: int, high: int, corners: tuple[float, ...]) -> Any:
    """Map a quadrilateral of an RGBA core image to a rectangle: `Image.transform` with ``Transform.QUAD``."""
    (x0, y0), (sw_x, sw_y), (se_x, se_y), (ne_x, ne_y) = zip(corners[::2], corners[1::2], strict=True)
    per_x, per_y = 1.0 / wide, 1.0 / high
    data = (
        x0,
        (ne_x - x0) * per_x,
        (sw_x - x0) * per_y,
        (se_x - sw_x - ne_x + x0) * per_x * per_y,
        y0,
        (ne_y - y0) * per_x,
        (sw_y - y0) * per_y,
        (se_y - sw_y - ne_y + y0) * per_x * per_y,
    )
    bent = core.new("RGBA", (wide, high))
    bent.transform((0, 0, wide, high), letter, Image.Transform.QUAD, data, Image.Resampling.NEAREST, True)
    return bent
