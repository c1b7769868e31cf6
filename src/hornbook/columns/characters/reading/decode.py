"""From a network's outputs to the likeliest strings: with a softmax for each place, and with CTC.

Whole batches at once. With CTC the likeliest path is nearly always the likeliest string, and its probability
says so: over a half, and no other can be likelier. Only rows where it is not, or where alternatives are
wanted and worth having, get the beam.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.characters.reading import ctc

SURE = 0.99
"""From this probability on no alternatives are looked for: all together are at most 1 %."""

ALTERNATIVES = 3
"""So many strings inside the range are looked for, where there are that many."""

BLANKS = (0.25, 0.0625, 0.015)
"""What the blank is multiplied by where a beam has found too few strings that are long enough."""

AT_ONCE = 128
"""Rows of a beam: more do not fit into the processor's cache, and fewer leave numpy waiting for Python."""

MOST_NUMBERS = 1 << 20
"""Rows times steps times lengths of a search: of long strings fewer rows at once, so that memory stays bounded."""


@dataclass(frozen=True)
class Reading:
    """The likeliest strings of each row.

    Attributes
    ----------
    places
        1 + the place of each character in the alphabet, padded with 0; shape ``(rows, strings, longest)``.
    chances
        Probability of each string, the best first, shape ``(rows, strings)``; negative where there is none.
    parts
        Probability of each character of the best string, given those before it, shape ``(rows, longest)``.
    """

    places: Array
    chances: Array
    parts: Array


def read_fixed(outputs: Array, top: int) -> Reading:
    """Read strings of one length from a distribution for each place, shape ``(rows, length, characters)``.

    The places are independent, so the best strings are the best prefixes with the best characters: exact.
    """
    rows, length, characters = outputs.shape
    most = min(max(top, 1), characters)
    ordered = np.argsort(-outputs, axis=2, kind="stable") if most > 1 else outputs.argmax(axis=2)[:, :, None]
    best = ordered[:, :, :most]
    sure = np.take_along_axis(outputs, best, axis=2).astype(np.float64)
    chances = np.ones((rows, 1))
    places = np.zeros((rows, 1, 0), np.int64)
    for i in range(length):
        both = (chances[:, :, None] * sure[:, i, None, :]).reshape(rows, chances.shape[1] * most)
        order = np.argsort(-both, axis=1, kind="stable")[:, : max(top, 1)]
        chances = np.take_along_axis(both, order, axis=1)
        before = np.take_along_axis(places, (order // most)[:, :, None], axis=1)
        new = np.take_along_axis(best[:, i], order % most, axis=1) + 1
        places = np.concatenate([before, new[:, :, None]], axis=2)
    return Reading(places, chances, sure[:, :, 0])


def read_ctc(outputs: Array, shortest: int, longest: int, top: int) -> Reading:
    """Read strings of ``shortest`` to ``longest`` characters from outputs with CTC.

    The probabilities are exact (the sum over all paths); which strings are looked at is decided by the best
    path, and where that is unsure, or too short or too long, by a beam. No other length is ever given, however
    unlikely the best string of a right one is, but where there are too few steps to write one.

    ``outputs`` have the shape ``(rows, steps, characters + 1)``, place 0 the blank; a step of zeros is padding.
    """
    rows = len(outputs)
    padding = ~outputs.any(axis=2)
    if padding.any():
        outputs = outputs.copy()
        outputs[padding, 0] = 1.0
    found, lengths = ctc.best_path(outputs)
    inside = (lengths >= shortest) & (lengths <= longest)
    wide = max(longest, found.shape[1])
    most = max(top, 1)
    places = np.zeros((rows, most, wide), np.int64)
    chances = np.full((rows, most), -1.0)
    parts = np.zeros((rows, wide))
    places[:, 0, : found.shape[1]] = found
    usual = np.flatnonzero(inside)
    chances[usual, 0], parts[usual, :longest] = ctc.likelihood(outputs[usual], places[usual, 0, :longest])
    unsure = np.flatnonzero(chances[:, 0] < (SURE if top > 1 else 0.5))
    at_once = max(1, min(AT_ONCE, MOST_NUMBERS // (max(outputs.shape[1], 1) * (longest + 1))))
    for at in range(0, len(unsure), at_once):
        some = unsure[at : at + at_once]
        strings, chance, part = _search(outputs[some], shortest, longest, most)
        given = strings.shape[1]
        places[some], chances[some], parts[some] = 0, -1.0, 0.0
        places[some, :given, :longest] = strings
        chances[some, :given] = chance
        parts[some, :longest] = part
    return Reading(places, chances, parts)


def _search(outputs: Array, shortest: int, longest: int, most: int) -> tuple[Array, Array, Array]:
    """Return the likeliest strings inside the range of lengths, their probabilities, and the parts of the best."""
    width = max(most, ALTERNATIVES) + 2
    strings, weights = _long_enough(outputs, shortest, longest, max(ctc.WIDTH, width))
    # The beam has summed most of the paths; a few more than are wanted are weighed exactly. They are no fewer where
    # fewer are wanted, so that the answer is the same.
    order = np.argsort(-weights, axis=1, kind="stable")[:, :width]
    strings = np.take_along_axis(strings, order[:, :, None], axis=1)
    fits = np.take_along_axis(weights, order, axis=1) > 0
    rows, tried, _ = strings.shape
    chance, parts = ctc.likelihood(np.repeat(outputs, tried, axis=0), strings.reshape(rows * tried, longest))
    chance = np.where(fits, chance.reshape(rows, tried), -1.0)
    order = np.argsort(-chance, axis=1, kind="stable")[:, :most]
    best = np.take_along_axis(parts.reshape(rows, tried, longest), order[:, :1, None], axis=1)[:, 0]
    return (
        np.take_along_axis(strings, order[:, :, None], axis=1),
        np.take_along_axis(chance, order, axis=1),
        best,
    )


def _long_enough(outputs: Array, shortest: int, longest: int, width: int) -> tuple[Array, Array]:
    """Return the strings of a beam with their weights, 0 where they are too short.

    Where nearly all that a beam keeps is too short (the network sees little), it is made to read more by making
    the blank less likely, and at last gets the one path that is long enough (or what there are steps for).
    """

    def search(some: Array) -> tuple[Array, Array]:
        strings, weights = ctc.beam(some, longest, width)
        return strings, np.where((strings != 0).sum(axis=2) >= shortest, weights, 0.0)

    strings, weights = search(outputs)
    for blank in BLANKS:
        few = np.flatnonzero((weights > 0).sum(axis=1) < ALTERNATIVES)
        if not len(few):
            break
        urged = outputs[few].copy()
        urged[:, :, 0] *= blank
        more, weight = search(urged)
        better = (weight > 0).sum(axis=1) > (weights[few] > 0).sum(axis=1)
        strings[few[better]], weights[few[better]] = more[better], weight[better]
    none = np.flatnonzero(~(weights > 0).any(axis=1))
    if len(none):
        path = ctc.best_path_within(outputs[none], shortest, longest)
        strings[none, 0], weights[none, 0] = path, 1.0
    return strings, weights
