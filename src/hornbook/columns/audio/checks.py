"""Checks of sounds: how long they are; which are silent, of several channels, or longer than what is kept."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hornbook.checks.findings import Finding, Lengths
from hornbook.columns.audio.column import AudioColumn
from hornbook.columns.base import Array
from hornbook.common.plaintext import listed, number_of
from hornbook.common.safe_names import shown
from hornbook.examples.prepare import Prepared

FIRST = 10
"""How many names a finding keeps."""


def lengths(prepared: Prepared, name: str, rows: Array) -> Lengths:
    """Return how long the sounds in use are, and how they are stored."""
    facts = prepared.facts[name][rows]
    seconds = np.sort(facts["width"]) / 1000
    rates, of_rate = np.unique(facts["height"], return_counts=True)
    modes, of_mode = np.unique(facts["mode"], return_counts=True)
    return Lengths(
        column=name,
        shortest=float(seconds[0]),
        middle=float(seconds[len(seconds) // 2]),
        longest=float(seconds[-1]),
        rates={int(rates[i]): int(of_rate[i]) for i in np.argsort(-of_rate, kind="stable")},
        modes={said(modes[i]): int(of_mode[i]) for i in np.argsort(-of_mode, kind="stable")},
    )


def said(mode: bytes) -> str:
    """Return bits and channels for people.

    >>> said(b"16/2"), said(b"f32/1")
    ('16 bits stereo', '32-bit floats mono')
    """
    bits, _, channels = mode.decode("ascii", "replace").partition("/")
    many = {"1": "mono", "2": "stereo"}.get(channels, f"{channels} channels")
    return f"{bits[1:]}-bit floats {many}" if bits.startswith("f") else f"{bits} bits {many}"


def sounds(prepared: Prepared, name: str, rows: Array) -> Iterator[Finding]:
    """Yield what may be wrong with the sounds in use: silence, and ends that are cut off."""
    column = prepared.inputs[name]
    assert isinstance(column, AudioColumn)
    silent, at = np.zeros(len(rows), bool), 0
    for chunk in prepared.arrays[name].chunks(rows):
        silent[at : at + len(chunk)] = ~chunk.any(axis=1)
        at += len(chunk)
    if silent.any():
        count, names = _names(prepared, rows[silent])
        message = (
            f"nothing is heard in {number_of(count, 'sound')}: {listed(names, count)}; remove what is silent"
        )
        yield Finding("warning", "blank", message, names, count)
    modes = prepared.facts[name]["mode"][rows]
    several = np.char.partition(modes, b"/")[:, 2] != b"1" if len(modes) else np.zeros(0, bool)
    if several.any():
        count, names = _names(prepared, rows[several])
        what = "has several channels" if count == 1 else "have several channels"
        message = f"{number_of(count, 'sound')} {what}, of which the mean is heard: {listed(names, count)}"
        yield Finding("note", "channels", message, names, count)
    kept = column.shape[0] / column.rate if column.seconds is None else column.seconds
    longer = prepared.facts[name]["width"][rows] > 1000 * kept + 1
    if longer.any():
        count, names = _names(prepared, rows[longer])
        what = "is longer" if count == 1 else "are longer"
        message = (
            f"{number_of(count, 'sound')} {what} than the {kept:g} s that are kept, and what lies behind is not heard: "
            f"{listed(names, count)}; to keep more, set inputs.{name}.seconds"
        )
        yield Finding("note", "cut", message, names, count)


def _names(prepared: Prepared, rows: Array) -> tuple[int, tuple[str, ...]]:
    return len(rows), tuple(shown(prepared.examples.name(int(row))) for row in rows[:FIRST])
