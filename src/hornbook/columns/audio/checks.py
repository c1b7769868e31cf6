"""Sounds: how long they are; which are silent, of several channels, or longer than what is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.summary import Finding, Inspection, OneLine, Values, each
from hornbook.common.plaintext import number_of


@dataclass(frozen=True)
class Lengths(OneLine):
    """How long the sounds of a column are, and how they are stored.

    Attributes
    ----------
    shortest, middle, longest
        Seconds.
    rates
        How many there are of each number of samples a second.
    modes
        How many there are of each kind of samples: ``16 bits mono``.
    """

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
        rates = each({f"{rate:,} samples a second": n for rate, n in self.rates.items()})
        return f"{spread}; {rates}; {each(self.modes)}"


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
        what = number_of(int(silent.sum()), "sound")
        message = f"nothing is heard in {what}: {{}}; remove what is silent"
        yield values.finding("warning", "blank", rows[silent], message)
    several = np.char.partition(facts["mode"], b"/")[:, 2] != b"1"
    if several.any():
        what = number_of(int(several.sum()), "sound has several channels", "sounds have several channels")
        yield values.finding("note", "channels", rows[several], f"{what}, of which the mean is heard: {{}}")
    longer = facts["width"] > 1000 * kept + 1
    if longer.any():
        message = (
            f"{number_of(int(longer.sum()), 'sound is', 'sounds are')} longer than the {kept:g} s that are kept, and "
            f"what lies behind is not heard: {{}}; to keep more, set {setting}"
        )
        yield values.finding("note", "cut", rows[longer], message)
