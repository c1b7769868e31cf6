"""Pictures of digits as a person would have them, for `make demo` and the README: dark ink on light paper.

    python docs/demo_pictures.py runs/digits photos

The handwriting is that of test rows of the run, which it was not trained on: their 8 x 8 pixels are drawn
again as strokes, in different sizes, off-centre, a little turned, in pencil or pen, on paper that is white,
yellow or squared. The last picture is like a photo: coloured, blurred, and with the light falling from one
side. A file's name tells the digit: `3-pencil.png` is a three.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFilter

from hornbook.examples.align import with_sources
from hornbook.examples.split import split_rows
from hornbook.recipe import Recipe
from hornbook.recipe.resolve import read


@dataclass(frozen=True)
class Sheet:
    """One picture: a digit on a sheet of paper.

    Sizes and places are fractions of the sheet's lower side, colours are red, green and blue from 0 to 255.
    """

    name: str
    size: tuple[int, int]
    digit: float
    place: tuple[float, float]
    turn: float = 0.0
    ink: tuple[int, int, int] = (25, 25, 30)
    paper: tuple[int, int, int] = (252, 252, 250)
    squares: int = 0
    photo: bool = False


SHEETS = (
    Sheet("marker", (300, 300), 0.60, (0.30, 0.35), ink=(10, 10, 10)),
    Sheet("pencil", (420, 300), 0.45, (0.85, 0.60), turn=6, ink=(120, 120, 125)),
    Sheet("pen", (240, 320), 0.35, (0.65, 0.95), turn=-8, ink=(30, 50, 140)),
    Sheet("yellow", (500, 400), 0.25, (0.25, 0.70), turn=4, paper=(244, 232, 176)),
    Sheet("squared", (400, 400), 0.50, (0.58, 0.45), ink=(30, 40, 110), squares=25),
    Sheet(
        "photo", (1200, 900), 0.40, (0.80, 0.42), turn=-5, ink=(40, 45, 70), paper=(226, 221, 208), photo=True
    ),
)


def draw(strokes: np.ndarray[Any, Any], sheet: Sheet, random: np.random.Generator) -> Image.Image:
    """Return the picture of a digit; ``strokes`` are its 8 x 8 pixels, 0 to 255."""
    width, height = sheet.size
    side = round(sheet.digit * min(sheet.size))
    small = Image.fromarray(np.pad(strokes, 2)).resize((side, side), Image.Resampling.BICUBIC)
    small = small.rotate(sheet.turn, Image.Resampling.BICUBIC)
    # Between paper and ink there are two or three pixels, as where a pen has drawn.
    cover = np.clip((np.asarray(small, float) / 255 - 0.45) * side / 24 + 0.5, 0, 1)
    alpha = np.zeros((height, width))
    top = min(max(round(sheet.place[1] * min(sheet.size) - side / 2), 0), height - side)
    left = min(max(round(sheet.place[0] * min(sheet.size) - side / 2), 0), width - side)
    alpha[top : top + side, left : left + side] = cover
    paper = np.broadcast_to(np.array(sheet.paper, float), (height, width, 3)).copy()
    if sheet.squares:
        paper[:: sheet.squares] = paper[:, :: sheet.squares] = (170, 200, 225)
    pixels = paper + (np.array(sheet.ink, float) - paper) * alpha[:, :, None]
    if sheet.photo:
        across, down = np.linspace(0, 1, width), np.linspace(0, 1, height)[:, None]
        light = 1.05 - 0.45 * across - 0.20 * down  # a window on the left
        pixels = pixels * light[:, :, None] + random.normal(0, 4, pixels.shape)
    else:
        pixels += random.normal(0, 1.5, pixels.shape)
    picture = Image.fromarray(pixels.clip(0, 255).astype(np.uint8))
    return picture.filter(ImageFilter.GaussianBlur(1.2)) if sheet.photo else picture


def test_digits(run: Path) -> list[tuple[str, np.ndarray[Any, Any]]]:
    """Return labels and pixels of the rows that a run of the recipe ``digits`` was tested on."""
    recipe = Recipe.read(run / "recipe.toml")
    examples = with_sources(read(recipe), recipe.inputs, recipe.targets)
    (target,) = recipe.targets
    examples = split_rows(examples, recipe.split, target)
    return [
        (str(examples.value(target, int(row))), np.asarray(examples.value("image", int(row))))
        for row in examples.rows("test")
    ]


def main(run: str, folder: str) -> None:
    """Write the pictures, a different digit on each sheet."""
    random = np.random.default_rng(7)
    Path(folder).mkdir(parents=True, exist_ok=True)
    rows = test_digits(Path(run))
    used: set[str] = set()
    for sheet in SHEETS:
        label, strokes = next((label, pixels) for label, pixels in rows if label not in used)
        used.add(label)
        path = Path(folder) / f"{label}-{sheet.name}.{'jpg' if sheet.photo else 'png'}"
        draw(strokes, sheet, random).save(path)
        print(path)


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: python docs/demo_pictures.py RUN FOLDER")
    main(*sys.argv[1:])
