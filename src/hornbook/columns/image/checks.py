"""Pictures: in which sizes they are stored, which are of one colour, and which are in two splits, saved again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.image.duplicates.find import alikeness, look_the_same, near_pairs, perceptual_hashes
from hornbook.columns.summary import FIRST, Finding, Inspection, OneLine, Values, each
from hornbook.common.blocks import Block, Charts, Text
from hornbook.common.charts import Points
from hornbook.common.plaintext import clean, listed, number_of, shorten

MOST_SIZES = 500


@dataclass(frozen=True)
class Sizes(OneLine):
    """The sizes and modes in which the pictures of a column are stored.

    Attributes
    ----------
    common
        The commonest sizes: width, height, how many; at most 500 of them.
    different
        How many different sizes there are.
    smallest, middle, largest
        Width and height of the picture with the smallest, the middle and the largest area.
    modes
        How many there are of each of Pillow's modes (``L``, ``RGB``, ``RGBA``, ...).
    """

    common: tuple[tuple[int, int, int], ...]
    different: int
    smallest: tuple[int, int]
    middle: tuple[int, int]
    largest: tuple[int, int]
    modes: dict[str, int]

    def text(self) -> str:
        """Return one line."""
        modes = each(self.modes, "{} {:,}")
        if self.different == 1:
            return f"{_by(self.smallest)} pixels, {modes}"
        spread = f"{_by(self.smallest)} to {_by(self.largest)}, in the middle {_by(self.middle)}"
        return f"{self.different:,} sizes from {spread} pixels; {modes}"

    def blocks(self, pictured: bool) -> list[Block]:
        """Return a line, and a dot for each size where they differ."""
        said = Text(f"{self.column}: stored as {self.text()}.", "small")
        if self.different < 2:
            return [said]
        width, height, counts = zip(*self.common, strict=True)
        title = f"{self.column}: sizes as stored"
        dots = Points(title, width, height, "width in pixels", "height in pixels", counts, log=True)
        return [Charts([dots], beside=said)]


def _by(size: tuple[int, int]) -> str:
    return f"{size[0]} x {size[1]}"


def inspect(values: Values, ink: bool, frame: str, span: tuple[float, float] | None) -> Inspection:
    """Return the sizes of pictures, and what is wrong with them.

    ``ink`` says that only ink is kept of them, ``frame`` which frame of several is read, and ``span`` what is black and
    white where there are more than 8 bits.
    """
    if values.facts is None:
        return Inspection()
    found = [*_deep(values, span), *_frames(values, frame), *_alike(values, ink)]
    return Inspection(_sizes(values.name, values.facts[values.rows]), tuple(found))


BITS = {"I": "32 bits", "F": "floats", "f": "floats"}
"""What pictures with more than 8 bits are said to have, by the first letter of their mode."""


def _deep(values: Values, span: tuple[float, float] | None) -> Iterator[Finding]:
    """Pictures of more than 8 bits: which values they use."""
    assert values.facts is not None
    facts = values.facts[values.rows]
    deep = (facts["high"] != 0) | (facts["low"] != 0)
    if not deep.any():
        return
    modes = {mode.decode("ascii", "replace") for mode in np.unique(facts["mode"][deep])}
    bits = {"16 bits" if "16" in mode else BITS.get(mode[:1], "32 bits") for mode in modes}
    low, high = float(facts["low"][deep].min()), float(facts["high"][deep].max())
    has = number_of(int(deep.sum()), "picture has", "pictures have")
    said = f"{has} {' or '.join(sorted(bits))} and {'use' if deep.sum() > 1 else 'uses'} {low:,.6g} to {high:,.6g}"
    said += " of 65,535" if bits == {"16 bits"} else ""
    key = f"inputs.{values.name}.value_range"
    if span is None:
        message = f"{said}, and no training row is like them, so each is scaled by itself: {{}}; set {key}"
        yield values.finding("warning", "deep", values.rows[deep], message)
        return
    black, white = span
    message = f"{said}; black is {black:,.6g} and white {white:,.6g}, unless {key} says otherwise"
    yield values.finding("note", "deep", values.rows[deep], message)


def _frames(values: Values, frame: str) -> Iterator[Finding]:
    """Animations and files of several pages, and which of their frames is read."""
    assert values.facts is not None
    frames = values.facts["frames"][values.rows]
    if not (several := frames > 1).any():
        return
    few, most = int(frames[several].min()), int(frames[several].max())
    count = f"{few:,}" if few == most else f"{few:,} to {most:,}"
    has = number_of(int(several.sum()), "picture has", "pictures have")
    which = {"mean": "the mean is taken", "darkest": "the darkest of each pixel is taken"}
    message = (
        f"{has} {count} frames, of which {which.get(frame, f'the {frame} is read')}: {{}}; "
        f"inputs.{values.name}.frame may be first, last, mean or darkest"
    )
    yield values.finding("note", "frames", values.rows[several], message)


def _sizes(name: str, facts: Array) -> Sizes:
    width, height = facts["width"].astype(np.int64), facts["height"].astype(np.int64)
    sizes, counts = np.unique((width << 32) | height, return_counts=True)
    modes, each = np.unique(facts["mode"], return_counts=True)
    pairs = np.stack([sizes >> 32, sizes & 0xFFFFFFFF], axis=1)
    by_area = np.argsort(pairs.prod(axis=1), kind="stable")
    middle = by_area[np.searchsorted(np.cumsum(counts[by_area]), (len(facts) + 1) // 2)]
    common = np.argsort(-counts, kind="stable")[:MOST_SIZES]
    order = np.argsort(-each, kind="stable")

    def size(i: int) -> tuple[int, int]:
        return int(pairs[i, 0]), int(pairs[i, 1])

    return Sizes(
        column=name,
        common=tuple((*size(i), int(counts[i])) for i in common.tolist()),
        different=len(sizes),
        smallest=size(int(by_area[0])),
        middle=size(int(middle)),
        largest=size(int(by_area[-1])),
        modes={modes[i].decode("ascii", "replace") or "?": int(each[i]) for i in order.tolist()},
    )


def _alike(values: Values, ink: bool) -> Iterator[Finding]:
    """Pictures of one colour, and near-duplicates across splits."""
    used, side = values.rows, values.sides
    hashes, blank = perceptual_hashes(values.encoded, used)
    if ink and values.facts is not None:
        yield from _ink_found(values, blank)
    elif blank.any():
        what = number_of(int(blank.sum()), "picture")
        message = f"{what} of a single colour: {{}}; look at them, and remove them"
        yield values.finding("warning", "blank", used[blank], message)
    rows, side, hashes = used[~blank], side[~blank], hashes[~blank]
    if len(np.unique(side)) < 2 or values.facts is None:
        return
    places = near_pairs(hashes, side)
    content = values.facts["content"]
    places = places[content[rows[places[:, 0]]] != content[rows[places[:, 1]]]]
    places = places[look_the_same(values.encoded, rows[places], alikeness(values.encoded, rows, hashes))]
    if len(places):
        places = np.take_along_axis(places, np.argsort(side[places], axis=1, kind="stable"), axis=1)
        pairs = rows[places]
        count = len(np.unique(pairs[:, 1]))
        said = [" = ".join(shorten(name, 60) for name in values.named(pair)) for pair in pairs[:FIRST]]
        message = (
            f"{number_of(count, 'picture looks', 'pictures look')} the same as one of another split, as if "
            f"saved again: {listed(said, len(pairs), each=200)}; look at them, and remove the copies"
        )
        yield Finding("warning", "near-duplicates", message, tuple(said), count)


def _ink_found(values: Values, blank: Array) -> Iterator[Finding]:
    """Pictures in which no ink was found, or several things that may be meant."""
    assert values.facts is not None
    things, rows = values.facts["things"][values.rows], values.rows
    if (none := blank | (things == 0)).any():
        what = number_of(int(none.sum()), "picture")
        message = f"no ink was found in {what}: {{}}; look at them, or choose another fit"
        yield values.finding("warning", "blank", rows[none], message)
    if (several := things > 1).any():
        what = number_of(int(several.sum()), "picture")
        message = f"several things were found in {what}, and one of each is read: {{}}; cut them out"
        yield values.finding("warning", "several", rows[several], message)


def other_sizes(values: Values, shape: tuple[int, ...]) -> Iterator[Finding]:
    """Yield a note where some pictures are of another size than most: what is written in them is scaled otherwise."""
    if values.facts is None:
        return
    rows = values.rows
    both = (values.facts["width"][rows].astype(np.int64) << 32) | values.facts["height"][rows]
    sizes, counts = np.unique(both, return_counts=True)
    if len(sizes) < 2:
        return
    usual = int(sizes[counts.argmax()])
    other = rows[both != usual]
    message = (
        f"{number_of(len(other), f'{clean(values.name)} is', f'{clean(values.name)}s are')} not of {usual >> 32} x "
        f"{usual & 0xFFFFFFFF} pixels as most are: {{}}; each is scaled to {shape[1]} x {shape[0]}"
    )
    yield values.finding("note", "other-sizes", other, message)
