"""What is done to a picture before it goes into the graph, in words and with all constants, for other programs."""

from __future__ import annotations

from typing import NamedTuple

from hornbook.columns.image.files.deep import FULL, NO_DATA
from hornbook.columns.image.files.ground import DARK, LIGHT


class Way(NamedTuple):
    """How a column takes pictures: its options, and which values are black and white in deep ones."""

    size: tuple[int, int]
    channels: int
    fit: str
    ink: str
    frame: str
    span: tuple[float, float] | None
    margin: float = 0.0


def described(way: Way) -> list[str]:
    """Return lines, one for each thing that is done, in their order."""
    width, height = way.size
    colours = "grey" if way.channels == 1 else "red, green, blue"
    steps = [
        "turned upright, as its EXIF orientation (tag 274) says, also one in XMP or in a PNG",
        *_deep(way),
        *([] if way.frame == "first" else [_frame(way.frame)]),
        f"what is transparent is laid on white, or on black where the mean grey of the picture, weighted by opacity, "
        f"is {LIGHT:g} or more; where over half of it is covered (the mean opacity is over one half), on white where "
        f"that mean is over {DARK:g} and else on black",
        *(["made grey: 0.299 red + 0.587 green + 0.114 blue, rounded"] if way.channels == 1 else []),
        *(_ink(way) if way.fit == "ink" else _face(way) if way.fit == "face" else _fitted(way)),
    ]
    if way.fit != "ink":
        steps.append(
            "a JPEG that stays twice as large as this may be decoded at a half, a quarter or an eighth of its size: "
            "hornbook does, and answers differ by as much as its own rounding"
        )
    return [
        f"the rows of a picture from the top, {height} x {width} pixels, {colours}, 0 to 255; made of a file so:",
        *(f"- {step}" for step in steps),
    ]


def _deep(way: Way) -> list[str]:
    """Return how more than 8 bits and floats become bytes."""
    span = way.span
    if span is not None:
        low, high = span
        return [
            f"pictures of more than 8 bits and floats: (value - {low:.10g}) * 255 / {high - low:.10g}, cut to 0 to 255 "
            f"and its fraction cut off; of floats 0.5 is added first, and values from {NO_DATA:g} on are 0"
        ]
    ranges = ", ".join(f"{limit:.0f}" for limit in FULL[1:-1])
    return [
        f"pictures of more than 8 bits: value * 255 / m with its fraction cut off, where m is the smallest of {ranges} "
        f"and {FULL[-1]:.0f} that is no less than the picture's largest value (a few dead pixels not counted); floats "
        "from 0 to 1: value * 255 + 0.5"
    ]


def _frame(frame: str) -> str:
    kept = {"last": "the last one", "mean": "the mean of all", "darkest": "of each pixel the darkest of all"}
    return f"of the frames of an animation, or the pages of a file, {kept[frame]}"


AREA = (
    "where it shrinks each pixel is a mean over the area that it covers, where it grows bilinear (Pillow: "
    "Image.resize(size, BILINEAR); OpenCV: INTER_AREA where it shrinks, INTER_LINEAR where it grows, which differs by "
    "some shades; INTER_LINEAR where it shrinks skips pixels and reads worse)"
)


def _fitted(way: Way) -> list[str]:
    """Return how a picture is brought to its size, and which of its shades are ink."""
    width, height = way.size
    size = f"{width} x {height} (width x height)"
    fit = {
        "stretch": f"resized to {size}, whatever its aspect: {AREA}",
        "pad": f"resized to as much of {size} as its aspect allows, width and height rounded, and laid in the middle "
        f"(the odd pixel right and below); the rest has the median of the outermost rows and columns: {AREA}",
        "crop": f"of the part in its middle with the aspect of {size} resized to that, fractions of pixels at its "
        f"edges counting in part: {AREA}",
        "ink": "",
    }[way.fit]
    ink = {
        "keep": [],
        "light": [],
        "dark": ["inverted: 255 - value"],
        "auto": [
            "inverted, 255 - value, where the ink is darker than the paper: where the median of the outermost pixels "
            "is lighter than most of what differs from it; where a border is uneven, by the rule of the function "
            "hornbook.columns.image.ink.polarity.ink_is_dark"
        ],
    }[way.ink]
    return [fit, *ink]


def _face(way: Way) -> list[str]:
    """Return how a face is found and cut out."""
    from hornbook.columns.image.face.upright import MEAN

    points = ", ".join(f"{x:g} {y:g}" for x, y in MEAN)
    return [
        "a face is looked for with the detector YuNet, whose file is in the recognizer's metadata (base64), at longer "
        "sides of 320, 640 and for large pictures more pixels, and each a second time in a square cut out around it",
        "it is turned, scaled and moved so that eyes, tip of the nose and corners of the mouth are nearest to "
        f"{points} of a square of side 1 that stands in the middle of the result with {way.margin:g} of its side "
        "around it; shrunk by area, else bilinear; what lies outside is the edge again",
        "a picture without a face is cut to its middle; all of it is the package hornbook.columns.image.face, numpy, "
        "OpenCV and ONNX Runtime",
    ]


def _ink(way: Way) -> list[str]:
    """Return how ink is found and placed."""
    from hornbook.columns.image.ink import find, form

    width, height = way.size
    side = max(way.size)
    which = {
        "dark": "the ink is what is darker than the paper",
        "auto": "the ink is dark where the paper around it is light, else light",
    }.get(way.ink, "the ink is what is lighter than the paper")
    # The length that a side of the ink has, and how far from it is as good.
    longer, near = f"{side * form.FILL:.4g}", max(1.0, side / 56)
    asis = (
        f"a grey picture of {width} x {height} stays as it is where its ink (all that is not 0) is {longer} pixels "
        f"long on its longer side, give or take {near:.3g}, and its centre of mass within {0.6 * near:.2g} pixels of "
        "the middle"
    )
    return [
        *([] if way.ink == "dark" else [asis]),
        f"of others the ink is cut out: the whole picture is looked at with a longer side of up to {find.COARSE} "
        f"pixels; {which}; ruled lines, shadows, edges, specks and a box around it are left out, and the strokes that "
        f"belong together are looked at again at {find.FINE} pixels for each pixel of the result",
        f"strokes thinner than {form.THIN} pixels of 28 are drawn {form.USUAL_THIN} thick, those thicker than "
        f"{form.THICK} are drawn {form.USUAL_THICK} thick",
        "it is shrunk by area (OpenCV's INTER_AREA) until its longer side is 20 of 28 of this size, its lightest pixel "
        "made 255, and laid on black with its centre of mass in the middle, as MNIST was made",
        "all of it is the function hornbook.columns.image.ink.find.find_ink, numpy and OpenCV alone, which another "
        "program may call or copy",
    ]
