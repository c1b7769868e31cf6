"""What people are shown, as data: texts, tables, charts, galleries and sections, without any drawing.

An evaluation or a finding says what there is to see as blocks. `hornbook.render` draws them on a page, in a terminal
or in a notebook, and knows nothing of where they come from. Texts are plain: whoever draws them escapes them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from hornbook.common.charts import Chart, Colour
from hornbook.common.plaintext import clean, shorten

Style = Literal["", "strong", "wrong", "faint", "code"]
"""How words are set: as they are, bold, as a mistake, small and pale, or as typed."""

Look = Literal["", "lead", "small", "over", "verdict", "heading", "error", "warning", "note", "fine"]
"""What a paragraph is: a plain one, an introduction, a remark, a headline, or a finding of that weight."""


@dataclass(frozen=True)
class Span:
    """Words that are set apart; ``whole`` is what they are short for, shown when they are pointed at."""

    text: str
    style: Style = "strong"
    whole: str = ""


def short(name: str, limit: int, style: Style = "") -> Span:
    """Return a name, cut in its middle where it is longer than so many cells."""
    return Span(shorten(clean(name), limit), style, name)


def tail(name: str, limit: int = 14) -> Span:
    """Return the end of a file's name, which tells it from its neighbours.

    >>> tail("pictures/of/digits/0001.png").text
    '…gits/0001.png'
    """
    return Span(name if len(name) <= limit else "…" + name[1 - limit :], "faint", name)


@dataclass(frozen=True)
class Picture:
    """A picture: that of a row of the examples, which the renderer fetches, or one that is given.

    Attributes
    ----------
    row
        The row whose picture it is, where ``pixels`` is None.
    alt
        What a reader who cannot see it is told.
    pixels
        ``uint8``, shape ``(H, W)``, ``(H, W, 1)`` or ``(H, W, 3)``.
    side, height
        Pixels on the page: of the longer side, or of the height where that is not 0.
    """

    row: int
    alt: str
    pixels: NDArray[np.uint8] | None = None
    side: int = 72
    height: int = 0


@dataclass(frozen=True)
class Bar:
    """A bar in a cell, 0 to 1 of the longest one."""

    share: float


@dataclass(frozen=True)
class Shade:
    """A cell of a matrix: ``weight`` is how dark it is, 0 to 1; ``right`` marks the diagonal."""

    text: str
    weight: float = 0.0
    whole: str = ""
    right: bool = False


Inline: TypeAlias = "str | Span | Picture | tuple[str | Span | Picture, ...]"
"""What stands in a line."""

Cell: TypeAlias = "Inline | Bar | Shade"


@dataclass(frozen=True)
class Text:
    """A paragraph."""

    said: Inline
    look: Look = ""


@dataclass(frozen=True)
class Code:
    """Text as it was typed; ``label`` says what it is."""

    text: str
    label: str


@dataclass(frozen=True)
class Facts:
    """Names and values, side by side."""

    items: Sequence[tuple[str, str]]
    small: bool = False


@dataclass(frozen=True)
class Ruler:
    """A score and its baseline on a line from 0 to 1."""

    score: float
    baseline: float
    low: float
    high: float


@dataclass(frozen=True)
class Table:
    """Rows of cells, of which the first heads its row.

    Attributes
    ----------
    label
        What the table shows, for screen readers.
    head
        One cell for each column.
    rows
        As many cells each.
    numbers
        The places of the columns that are set to the right.
    first
        So many rows are shown at once, the others when asked for; 0 shows all.
    matrix
        Whether it is a square of `Shade` cells under and beside names.
    """

    label: str
    head: Sequence[Inline]
    rows: Sequence[Sequence[Cell]]
    numbers: Sequence[int] = ()
    first: int = 0
    matrix: bool = False


@dataclass(frozen=True)
class Counts:
    """How many there are of each name, as bars that are divided into parts.

    Attributes
    ----------
    names
        Such as those of classes.
    counts
        For each name a number for each part.
    parts
        What the bars are divided into, such as the splits.
    pictures
        For some of the names, rows of examples whose pictures stand beside the bar.
    first
        So many names are shown at once.
    letters
        Whether the names are single characters, which need little room.
    """

    names: Sequence[str]
    counts: Sequence[Sequence[int]]
    parts: Sequence[Colour]
    pictures: Mapping[str, Sequence[int]] = field(default_factory=dict)
    first: int = 40
    letters: bool = False


@dataclass(frozen=True)
class Item:
    """One row of the examples in a gallery: its picture, its sound, and what is known of it.

    Attributes
    ----------
    row
        Whose picture and sound the renderer fetches.
    alt
        What a reader who cannot see it is told.
    said
        The line below it.
    facts
        Names and strings, one above the other, so that the characters of two strings can be compared.
    notes
        Small lines at the end.
    pixels
        A picture in place of the row's own, as in `Picture`.
    """

    row: int
    alt: str
    said: Inline = ""
    facts: Sequence[tuple[str, Inline]] = ()
    notes: Sequence[Inline] = ()
    pixels: NDArray[np.uint8] | None = None


@dataclass(frozen=True)
class Gallery:
    """Items side by side; ``first`` of them at once.

    Where the examples have neither a picture nor a sound, ``instead`` is shown, such as a table of their texts.
    """

    items: Sequence[Item]
    first: int = 24
    instead: Table | None = None


@dataclass(frozen=True)
class Charts:
    """Charts side by side, ``first`` of them at once, with facts or a table beside them."""

    charts: Sequence[Chart]
    beside: Facts | Table | Text | None = None
    first: int = 0
    size: Literal["", "small", "wide", "single"] = ""


@dataclass(frozen=True)
class Fold:
    """Blocks that are shown when asked for."""

    summary: str
    blocks: Sequence[Block]


@dataclass(frozen=True)
class Section:
    """A part of a page with its heading; ``key`` is its address within the page."""

    key: str
    title: str
    blocks: Sequence[Block]


Block: TypeAlias = "Text | Code | Facts | Ruler | Table | Counts | Gallery | Charts | Chart | Fold | Section"
