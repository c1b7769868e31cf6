"""Sounds: how long they are; which are silent, of several channels, or longer than what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.summary import Finding, Inspection, Summary, Values
from hornbook.common.blocks import Block, Text
from hornbook.common.plaintext import clean, listed, number_of


@dataclass(frozen=True)
class Lengths(Summary):
    """How long the sounds of a column are, and how they are stored.

    Attributes
    ----------
    column
        The name of the column.
    shortest, middle, longest
        Seconds.
    rates
        How many there are of each number of samples a second.
    modes
        How many there are of each kind of samples: ``16 bits mono``.
    """

    column: str
    shortest: float
    middle: float
    longest: float
    rates: dict[int, int]
    modes: dict[str, int]

    def text(self) -> str:
        """Return one line."""
        spread = f"{self.shortest:.3g} s"
        if self.longest > self.shortest:
            spread += f" to {self.longest:.3g} s, in the middle {self.middle:.3g} s"
        rates = _each({f"{rate:,} samples a second": n for rate, n in self.rates.items()})
        return f"{spread}; {rates}; {_each(self.modes)}"

    def lines(self) -> list[str]:
        """Return one line, with the name of the column."""
        return [f"{clean(self.column)}: {self.text()}"]

    def blocks(self, pictured: bool) -> list[Block]:
        """Return the same line."""
        return [Text(f"{self.column}: {self.text()}.", "small")]


def _each(counts: dict[str, int]) -> str:
    """Return what there is of each; the word alone where there is only one."""
    return next(iter(counts)) if len(counts) == 1 else ", ".join(f"{w} ({n:,})" for w, n in counts.items())


def inspect(values: Values, kept: float, setting: str) -> Inspection:
    """Return how long the sounds in use are, and what may be wrong with them.

    ``kept`` is how many seconds of each are heard, and ``setting`` the key of the recipe that says so.
    """
    if values.facts is None:
        return Inspection()
    facts = values.facts[values.rows]
    seconds = np.sort(facts["width"]) / 1000
    rates, of_rate = np.unique(facts["height"], return_counts=True)
    modes, of_mode = np.unique(facts["mode"], return_counts=True)
    lengths = Lengths(
        column=values.name,
        shortest=float(seconds[0]),
        middle=float(seconds[len(seconds) // 2]),
        longest=float(seconds[-1]),
        rates={int(rates[i]): int(of_rate[i]) for i in np.argsort(-of_rate, kind="stable")},
        modes={said(modes[i]): int(of_mode[i]) for i in np.argsort(-of_mode, kind="stable")},
    )
    return Inspection(lengths, tuple(_findings(values, facts, kept, setting)))


def said(mode: bytes) -> str:
    """Return bits and channels for people.

    >>> said(b"16/2"), said(b"f32/1")
    ('16 bits stereo', '32-bit floats mono')
    """
    bits, _, channels = mode.decode("ascii", "replace").partition("/")
    many = {"1": "mono", "2": "stereo"}.get(channels, f"{channels} channels")
    return f"{bits[1:]}-bit floats {many}" if bits.startswith("f") else f"{bits} bits {many}"


def _findings(values: Values, facts: Array, kept: float, setting: str) -> Iterator[Finding]:
    """Silence, several channels, and ends that are cut off."""
    rows = values.rows
    silent = np.concatenate([~chunk.any(axis=1) for chunk in values.encoded.chunks(rows)])
    if silent.any():
        count, names = int(silent.sum()), values.named(rows[silent])
        message = (
            f"nothing is heard in {number_of(count, 'sound')}: {listed(names, count)}; remove what is silent"
        )
        yield Finding("warning", "blank", message, names, count)
    several = np.char.partition(facts["mode"], b"/")[:, 2] != b"1"
    if several.any():
        count, names = int(several.sum()), values.named(rows[several])
        what = "has several channels" if count == 1 else "have several channels"
        message = f"{number_of(count, 'sound')} {what}, of which the mean is heard: {listed(names, count)}"
        yield Finding("note", "channels", message, names, count)
    longer = facts["width"] > 1000 * kept + 1
    if longer.any():
        count, names = int(longer.sum()), values.named(rows[longer])
        what = "is longer" if count == 1 else "are longer"
        message = (
            f"{number_of(count, 'sound')} {what} than the {kept:g} s that are kept, and what lies behind is not heard: "
            f"{listed(names, count)}; to keep more, set {setting}"
        )
        yield Finding("note", "cut", message, names, count)
