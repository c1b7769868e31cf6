"""Charts as data: what is to be drawn, without any drawing; `hornbook.render.charts` draws them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

Format = Literal["number", "three", "whole", "short", "share", "share2", "four", "day", "minute"]
"""How a number is written: as it is, in three digits, in three or whole, as 350k, as 98.5 % or 98.46 %, with commas
and four digits, or as the date or the minute of seconds since 1970."""

Colour = Literal["train", "validation", "test", "plain"]
"""The role of a line or a bar, which a renderer gives its colour."""


@dataclass(frozen=True)
class Line:
    """A line of a chart; where ``broken``, nothing is drawn over points that are not finite."""

    name: str
    x: Sequence[float]
    y: Sequence[float]
    colour: Colour = "plain"
    broken: bool = False


@dataclass(frozen=True)
class Band:
    """What lies between two lines; nothing is drawn over points that are not finite."""

    x: Sequence[float]
    low: Sequence[float]
    high: Sequence[float]


@dataclass(frozen=True)
class Lines:
    """Lines over a common axis.

    Attributes
    ----------
    title
        What is drawn, as the caption and for screen readers.
    across
        What the horizontal axis is.
    ticks, ends, across_ticks
        How values of the vertical axis, at the end of a line, and of the horizontal axis are written.
    log
        Whether the vertical axis is logarithmic; None decides by the numbers.
    marks
        Places on the horizontal axis, and what is there.
    named
        Whether each line has its name and last value at its end.
    bands
        What is filled behind the lines.
    """

    title: str
    lines: Sequence[Line]
    across: str = ""
    ticks: Format = "number"
    ends: Format = "three"
    across_ticks: Format = "number"
    log: bool | None = None
    marks: Sequence[tuple[float, str]] = ()
    named: bool = True
    bands: Sequence[Band] = ()


@dataclass(frozen=True)
class Groups:
    """To which group each point belongs, and the names of the groups.

    They are ``steps`` where they are parts of a number; the last one holds all ``others`` where that is so.
    """

    places: Sequence[int]
    names: Sequence[str]
    steps: bool = False
    others: bool = False


@dataclass(frozen=True)
class Points:
    """Dots at two numbers.

    Attributes
    ----------
    x, y
        Where they are.
    counts
        How many there are at each dot, which gives its area; empty where there is one.
    log
        Whether both axes are logarithmic.
    diagonal
        Whether the axes are the same, with the line on which both numbers are.
    """

    title: str
    x: Sequence[float]
    y: Sequence[float]
    across: str
    up: str
    counts: Sequence[int] = ()
    log: bool = False
    diagonal: bool = False


@dataclass(frozen=True)
class Histogram:
    """How often values lie in each bin; ``mark`` is a place on the axis that is marked."""

    title: str
    values: Sequence[float]
    across: str
    up: str
    mark: float = 0.0


@dataclass(frozen=True)
class Spread:
    """A histogram of numbers over a box plot of each group of them."""

    title: str
    values: Sequence[float]
    groups: Groups | None = None


@dataclass(frozen=True)
class Bars:
    """A bar for each name; ``more`` is a remark below."""

    title: str
    counts: Sequence[tuple[str, int]]
    more: str = ""


@dataclass(frozen=True)
class Scatter:
    """Numbers against each other, ``values`` with a row for each example: each against each, or three in space."""

    title: str
    names: Sequence[str]
    values: NDArray[np.float64]
    groups: Groups | None = None
    space: bool = False


@dataclass(frozen=True)
class Plane:
    """What is answered at every point of the plane of two numbers, with examples as dots.

    Attributes
    ----------
    across, up
        What the axes are.
    extent
        Left, right, low and high end of the axes.
    values
        Shape ``(side, side)``, the first row at the bottom: a number, or the place of a class in ``classes``.
    sure
        The probability of that class, of the same shape; None for a number.
    classes
        Their names; none for a number.
    points
        Examples: two numbers, and the number or the place of the class, shape ``(n, 3)``.
    """

    title: str
    across: str
    up: str
    extent: tuple[float, float, float, float]
    values: NDArray[np.float64]
    sure: NDArray[np.float64] | None
    classes: Sequence[str]
    points: NDArray[np.float64]


@dataclass(frozen=True)
class Heat:
    """A square of numbers as a picture, such as a confusion matrix of many classes.

    Attributes
    ----------
    across, up
        What the columns and the rows are.
    values
        Shape ``(side, side)``, the first row at the top, 0 to 1: how strong the colour is.
    """

    title: str
    across: str
    up: str
    values: NDArray[np.float64]


MOST_SIDE = 66
"""Pixels of the longer side of a picture on a map: a photograph has 2 KB."""

WIDE = 1.5
"""From this ratio on a picture is a line of writing or a spectrogram, and shown larger than a square one."""


@dataclass(frozen=True)
class Mark:
    """A point of a map that is set apart: by its picture, or by a ring that is named where it is pointed at.

    Attributes
    ----------
    place
        Which of the points it is.
    said
        What it is.
    pixels
        ``uint8`` of shape ``(H, W)``, ``(H, W, 1)`` or ``(H, W, 3)``, with sides of at most `MOST_SIDE`; None where it
        has no picture.
    """

    place: int
    said: str
    pixels: NDArray[np.uint8] | None = None


@dataclass(frozen=True)
class Map:
    """Where examples lie in a plane whose axes mean nothing by themselves.

    Attributes
    ----------
    points
        Shape ``(rows, 2)``, finite.
    groups
        The colour of each point.
    marks
        Those that are shown as more than a dot.
    """

    title: str
    points: NDArray[np.float64]
    groups: Groups | None = None
    marks: Sequence[Mark] = ()


Chart: TypeAlias = "Lines | Points | Histogram | Spread | Bars | Scatter | Plane | Heat | Map"
