"""What codes are for, as parts of a page: a map of the examples, who is near whom, and the odd ones out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl
from PIL import Image

from hornbook.columns.base import Array
from hornbook.common.blocks import (
    Cell,
    Gallery,
    Inline,
    Item,
    Picture,
    Section,
    Span,
    Style,
    Table,
    Text,
    short,
    tail,
)
from hornbook.common.charts import MOST_SIDE, WIDE, Groups, Map, Mark
from hornbook.common.plaintext import clean, number_of, percent
from hornbook.recognizer.codes.space import Flat
from hornbook.report.look import groups_of

MOST_COLOURS = 12
"""Classes that have a colour each; of more, the others share one."""

MOST_MARKS = 110
"""Points of a map that have a picture."""

APART, APART_WIDE = (0.066, 0.082), (0.106, 0.082)
"""Shares of the map's width and height that two pictures are apart at least, so that none hides another; and of
pictures that are much wider than high."""

SIDE, SIDE_WIDE = 40, 64
SHOWN = 24
TEXTS = 3
"""Neighbours that are shown where they are texts or rows."""

CUT = 70


@dataclass(frozen=True)
class Coded:
    """Rows of examples with their codes.

    Attributes
    ----------
    rows, codes
        The rows, ``(n,)``, and their codes, ``(n, K)``.
    total
        How many rows there are to draw them from.
    by
        The column that says of what class each is; empty where there is none.
    labels
        What stands in it, as texts, for each of ``rows``; None where it is no class.
    groups
        The colour of each of ``rows``.
    named
        Returns what a row is called.
    picture
        Returns the picture of a row; None where it has none.
    """

    rows: Array
    codes: Array
    total: int
    by: str
    labels: Array | None
    groups: Groups | None
    named: Callable[[int], str]
    picture: Callable[[int], Array | None]

    def label(self, place: int) -> str:
        """Return the class of one of the rows, empty where it has none."""
        return "" if self.labels is None else clean(self.labels[place])

    def said(self, place: int) -> str:
        """Return what one of the rows is called, with its class."""
        name = self.named(int(self.rows[place]))
        return f"{self.label(place)}: {name}" if self.labels is not None else name

    def cell(self, place: int) -> Picture | Span:
        """Return what is shown of one of the rows in a table."""
        row = int(self.rows[place])
        pixels = self.picture(row)
        return short(self.named(row), CUT) if pixels is None else tiny(row, self.said(place), pixels)


def tiny(row: int, alt: str, pixels: Array) -> Picture:
    """Return a small picture."""
    wide = pixels.shape[1] > WIDE * pixels.shape[0]
    side = SIDE_WIDE if wide else SIDE
    most = 2 * side if wide else MOST_SIDE
    if pixels.shape[2] == 3 and max(pixels.shape) <= MOST_SIDE:
        most = side  # it would be a PNG, three times as large as a JPEG
    return Picture(row, alt, pixels=small(pixels, most), side=side)


def small(pixels: Array, side: int = MOST_SIDE) -> Array:
    """Return a picture ``(H, W, C)`` with at most so many pixels a side.

    >>> small(np.zeros((200, 100, 1), np.uint8)).shape
    (66, 33)
    """
    if max(pixels.shape[:2]) <= side:
        return pixels
    picture = Image.fromarray(np.ascontiguousarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels))
    picture.thumbnail((side, side), Image.Resampling.BOX)
    return np.asarray(picture)


def coloured(cells: pl.Series, classes: bool) -> tuple[Array | None, Groups | None]:
    """Return the class of each row as text, and its colour: of a number, which fifth it is in, and no class."""
    if not classes:
        return None, groups_of(cells)
    texts = cells.cast(pl.String).fill_null("(missing)")
    more = texts.n_unique() > MOST_COLOURS
    return texts.to_numpy(), groups_of(texts, MOST_COLOURS - 1 if more else MOST_COLOURS)


def map_section(coded: Coded, places: Array, found: Flat) -> Section:
    """Return a map of some of the rows, whose places among them are given."""
    how = f"by {found.way} of their codes"
    if found.kept is None:
        how += ": neighbours stay neighbours, and how far two groups are apart means little"
    else:
        how += f": the two axes hold {percent(found.kept, 0)} of what the codes vary by"
    whole = number_of(coded.total, "row")
    lead = f"{len(places):,} of {whole}, drawn by a seed" if len(places) < coded.total else whole
    lead = f"{lead[0].upper()}{lead[1:]}, {how}. What the network takes for alike lies close together."
    lead += f" The colour is {clean(coded.by)}." if coded.groups is not None else ""
    groups = coded.groups
    if groups is not None:
        mine = np.asarray(groups.places)[places].tolist()
        groups = Groups(mine, groups.names, groups.steps, groups.others)
    marks = []
    first = coded.picture(int(coded.rows[places[0]]))
    wide = first is not None and first.shape[1] > WIDE * first.shape[0]
    for point in _spread_out(found.points, APART_WIDE if wide else APART):
        place = int(places[point])
        pixels = coded.picture(int(coded.rows[place]))
        marks.append(Mark(point, coded.said(place), None if pixels is None else small(pixels)))
    chart = Map(f"{found.way} of the codes", found.points, groups, marks)
    return Section("map", "A map of the examples", [Text(lead, "lead"), chart])


def _spread_out(points: Array, apart: tuple[float, float]) -> list[int]:
    """Return the first points that are so far from each other that a picture at each hides no other."""
    low, high = points.min(0), points.max(0)
    unit = (points - low) / np.where(high > low, high - low, 1)
    chosen: list[int] = []
    for place, point in enumerate(unit):
        if all((np.abs(unit[other] - point) > apart).any() for other in chosen):
            chosen.append(place)
            if len(chosen) == MOST_MARKS:
                break
    return chosen


def neighbours_section(coded: Coded, asked: Array, places: Array, same: float | None) -> Section:
    """Return the nearest rows of some.

    Parameters
    ----------
    asked
        The places of those among the rows.
    places
        Of each the nearest, ``(len(asked), k)``.
    same
        How many of all neighbours have the class of their row; None without classes.
    """
    lead = f"Some rows, drawn by a seed, and of each the nearest of {number_of(len(coded.rows), 'row')} by their codes."
    if same is not None:
        lead += f" Of all neighbours that were looked at, {percent(same, 0)} have the {clean(coded.by)} of their row."
    rows: list[list[Cell]] = []
    for place, near in zip(asked.tolist(), places, strict=True):
        rows += _with_nearest(
            coded, _counted_same(coded, place, near), coded.cell(place), near, coded.label(place)
        )
    # Lines of some that are asked for, with all theirs.
    every = 12 if len(rows) == len(asked) else 6 * (1 + TEXTS)
    return Section("neighbours", "Nearest neighbours", [Text(lead, "lead"), _table(coded, rows, every)])


def like_section(coded: Coded, asked: Sequence[tuple[str, Array | None]], places: Array) -> Section:
    """Return the nearest rows of what was given: names, and pictures where they are some."""
    rows: list[list[Cell]] = []
    for (name, pixels), near in zip(asked, places, strict=True):
        shown: Inline = short(name, CUT, "strong")
        if pixels is not None:
            shown = (tiny(0, name, pixels), " ", tail(name))
        rows += _with_nearest(coded, _counted(coded, near), shown, near)
    lead = f"Of each that was given, the nearest of {number_of(len(coded.rows), 'row')} by their codes."
    return Section("like", "What is like it", [Text(lead, "lead"), _table(coded, rows)])


def _table(coded: Coded, rows: Sequence[Sequence[Cell]], first: int = 0) -> Table:
    """Return rows with their nearest: pictures beside it, or texts below it."""
    by = clean(coded.by) if coded.labels is not None else ""
    pictured = max(map(len, rows), default=0) == 3
    head = ["", by, "the nearest, nearest first"] if pictured else [by, "each, and below it the nearest"]
    return Table("nearest neighbours", head, rows, first=first)


def _with_nearest(
    coded: Coded, counted: Inline, asked: Inline, near: Array, label: str | None = None
) -> list[list[Cell]]:
    """Return the lines of what was asked for: one where rows have pictures, else one for each of the nearest too.

    Parameters
    ----------
    counted
        Its class, and how many of the nearest have it.
    near
        The places of the nearest.
    label
        Its class, other than which those of the nearest are marked as wrong; None where it is not known.
    """
    cells = [coded.cell(other) for other in near.tolist()]
    if all(isinstance(cell, Picture) for cell in cells):
        return [[asked, counted, tuple(part for cell in cells for part in (cell, " "))[:-1]]]
    head: Inline = Span(asked.text, "strong", asked.whole) if isinstance(asked, Span) else asked
    out: list[list[Cell]] = [[counted, head]]
    for number, (cell, other) in enumerate(zip(cells[:TEXTS], near.tolist(), strict=False), 1):
        style: Style = "wrong" if label is not None and label != coded.label(other) else "faint"
        out.append([short(coded.label(other) or str(number), 24, style), cell])
    return out


def _counted_same(coded: Coded, place: int, near: Array) -> Inline:
    """Return the class of a row with how many of its nearest have it, empty where it has none."""
    if coded.labels is None:
        return ""
    same = int((coded.labels[near] == coded.labels[place]).sum())
    counted = f" {same}\N{NO-BREAK SPACE}of\N{NO-BREAK SPACE}{len(near)}"
    return short(coded.label(place), 24, "strong"), Span(counted, "faint" if same == len(near) else "wrong")


def _counted(coded: Coded, near: Array) -> str:
    """Return which classes some rows have, the commonest first, with how many of each; empty where they have none."""
    if coded.labels is None:
        return ""
    labels, counts = np.unique([coded.label(place) for place in near.tolist()], return_counts=True)
    order = np.argsort(-counts, kind="stable")[:3]
    return ", ".join(f"{labels[i]} ({counts[i]})" for i in order)


def far_section(coded: Coded, order: Array, times: Array) -> Section:
    """Return the rows that are farthest from all others.

    Parameters
    ----------
    order
        Their places, the farthest first.
    times
        How many times as far each of the rows is from its nearest others as the middle one.
    """
    lead = (
        "The rows whose codes are farthest from all others, with how many times as far their nearest are as is usual. "
        "Look at them: some are rare, some spoiled, some no example of anything."
    )
    items: list[Item] = []
    rows: list[list[Cell]] = []
    for place in order[:SHOWN].tolist():
        name, label = coded.named(int(coded.rows[place])), coded.label(place)
        said: Inline = short(label, 24, "strong") if label else ""
        pixels = coded.picture(int(coded.rows[place]))
        apart = f"{times[place]:.1f} times"
        items.append(
            Item(
                int(coded.rows[place]), coded.said(place), said, notes=[apart, tail(name, 16)], pixels=pixels
            )
        )
        rows.append([apart, *([short(label, 24)] if label else []), short(name, CUT)])
    head = ["as far", *([clean(coded.by)] if coded.labels is not None else []), ""]
    table = Table("the odd ones out", head, rows, first=12)
    return Section("odd", "The odd ones out", [Text(lead, "lead"), Gallery(items, instead=table)])


def rebuilt_section(
    coded: Coded, order: Array, errors: Array, answers: Sequence[Array], say: Callable[[float], str]
) -> Section:
    """Return the rows that are rebuilt worst.

    Parameters
    ----------
    order
        Their places, the worst first.
    errors
        How far each of the rows is from what it is rebuilt as.
    answers
        What those in ``order`` are rebuilt as.
    say
        Returns an error as people read it.
    """
    lead = (
        f"The rows that are rebuilt worst, each beside what the network makes of it. The middle one of "
        f"{number_of(len(errors), 'row')} has an error of {say(float(np.median(errors)))}."
    )
    items: list[Item] = []
    rows: list[list[Cell]] = []
    for place, answer in zip(order.tolist(), answers, strict=True):
        row, error, label = int(coded.rows[place]), say(float(errors[place])), coded.label(place)
        name, pixels = coded.named(row), coded.picture(row)
        beside = answer if pixels is None else _beside(pixels, answer)
        said: Inline = (short(label, 24, "strong"), f" error {error}") if label else f"error {error}"
        items.append(
            Item(
                row, f"{coded.said(place)}, and as it is rebuilt", said, notes=[tail(name, 24)], pixels=beside
            )
        )
        rows.append([short(name, CUT), *([short(label, 24)] if label else []), error])
    head = ["row", *([clean(coded.by)] if coded.labels is not None else []), "error"]
    table = Table("the odd ones out", head, rows, numbers=[len(head) - 1], first=12)
    return Section("odd", "The odd ones out", [Text(lead, "lead"), Gallery(items, first=12, instead=table)])


def _beside(pixels: Array, answer: Array) -> Array:
    """Return a picture and what it is rebuilt as in one, ``uint8`` of shape ``(H, W, 3)``."""
    pictures = [Image.fromarray(np.broadcast_to(p, (*p.shape[:2], 3)).copy()) for p in (pixels, answer)]
    high = max(picture.height for picture in pictures)
    gap = max(1, high // 28)
    sheet = Image.new("RGB", (sum(picture.width for picture in pictures) + gap, high), "#808080")
    sheet.paste(pictures[0], (0, 0))
    sheet.paste(pictures[1], (pictures[0].width + gap, 0))
    return np.asarray(sheet)
