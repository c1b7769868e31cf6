"""Connectionist temporal classification in numpy: from the probabilities of each step to strings.

A network with CTC gives at every step the probabilities of the characters and of the blank, which is place 0
here. A path takes one at each step; repeated characters count once, blanks none, so "aa-a" reads "aa". The
probability of a string is the sum over all its paths (Graves, Fernández, Gomez and Schmidhuber 2006).

All functions work on many rows at once: a loop over the steps, and arrays over rows and characters. Places
are those of the outputs, padded with 0 at the end.
"""

from __future__ import annotations

import numpy as np

from hornbook.columns.base import Array

WIDTH = 8
"""Prefixes that the beam keeps for each row."""

TRIED = 4
"""Characters that the beam tries at each step: the likeliest."""

PURE = 1 - 1e-4
"""Of neighbouring steps whose blank is likelier than this, the beam looks at one."""


def best_path(outputs: Array) -> tuple[Array, Array]:
    """Return the string of the likeliest path of each row, ``(rows, longest)``, and how long it is, ``(rows,)``.

    ``outputs`` are probabilities, shape ``(rows, steps, characters + 1)``.

    Examples
    --------
    >>> best_path(np.eye(3)[None, [1, 1, 0, 1, 2]])[0]
    array([[1, 1, 2]])
    """
    best = outputs.argmax(axis=2)
    begins = best != 0
    begins[:, 1:] &= best[:, 1:] != best[:, :-1]
    return _pack(np.where(begins, best, 0))


def _pack(places: Array) -> tuple[Array, Array]:
    """Move what is not 0 to the front of each row, in its order, and return the lengths too."""
    return _to_front(places, places != 0)


def _to_front(values: Array, kept: Array) -> tuple[Array, Array]:
    """Return what is kept of each row, in its order, with zeros behind it, and how much that is."""
    rows, at = np.nonzero(kept)
    lengths = kept.sum(axis=1)
    first = np.cumsum(lengths) - lengths
    out = np.zeros((len(values), int(lengths.max(initial=0)), *values.shape[2:]), values.dtype)
    out[rows, np.arange(len(rows)) - first[rows]] = values[rows, at]
    return out, lengths


def likelihood(outputs: Array, places: Array) -> tuple[Array, Array]:
    """Return how likely strings are, and each of their characters given those before it.

    The forward algorithm, with the prefix probabilities of Graves 2012 (Supervised Sequence Labelling with
    Recurrent Neural Networks, section 7.5.3): what first reads a character at any step, summed over the steps,
    is the probability that the string begins so. 64-bit floats need no logarithms here: what underflows is
    a string that nobody would give.

    ``outputs`` have the shape ``(rows, steps, characters + 1)``, and ``places`` are a string for each row,
    ``(rows, longest)``, padded with 0. So are the probabilities of characters, where what stands in the padding means
    nothing; those of the strings have the shape ``(rows,)``.
    """
    rows, longest = places.shape
    blank = np.asarray(outputs[:, :, 0], np.float64)
    of_character = np.take_along_axis(outputs, places[:, None, :], axis=2).astype(np.float64)
    # A character may follow its like only after a blank.
    differs = np.ones((rows, longest))
    differs[:, 1:] = places[:, 1:] != places[:, :-1]
    in_blank = np.zeros((rows, longest + 1))
    in_blank[:, 0] = 1.0
    in_character = np.zeros((rows, longest))
    begins = np.zeros((rows, longest + 1))
    begins[:, 0] = 1.0
    for step in range(outputs.shape[1]):
        entering = in_blank[:, :-1].copy()
        entering[:, 1:] += differs[:, 1:] * in_character[:, :-1]
        entering *= of_character[:, step]
        begins[:, 1:] += entering
        in_blank[:, 1:] += in_character
        in_blank *= blank[:, step, None]
        in_character *= of_character[:, step]
        in_character += entering
    at = np.arange(rows)
    lengths = (places != 0).sum(axis=1)
    chance = in_blank[at, lengths]
    if longest:
        chance = chance + np.where(lengths, in_character[at, np.maximum(lengths, 1) - 1], 0.0)
    parts = np.divide(begins[:, 1:], begins[:, :-1], out=np.zeros((rows, longest)), where=begins[:, :-1] > 0)
    return np.minimum(chance, 1.0), np.minimum(parts, 1.0)


def beam(outputs: Array, longest: int, width: int = WIDTH, tried: int = TRIED) -> tuple[Array, Array]:
    """Return the likeliest strings of each row, found by a prefix beam search (Graves 2012, section 7.5.3).

    The paths of a prefix are summed, those that end in a blank apart from the others. Several rows take each
    step together, so that numpy does the work.

    ``width`` prefixes are kept, and ``tried`` characters are tried to go on with; no string is longer than
    ``longest``. Returned are the places, ``(rows, width, longest)``, padded with 0, the likeliest first, and how likely
    each is among those found, ``(rows, width)``; 0 where there is none.
    """
    outputs = _without_long_blanks(np.asarray(outputs, np.float64))
    rows, steps, _ = outputs.shape
    tried = min(tried, outputs.shape[2] - 1)
    # A prefix is known by a hash of its characters; of 2^64 some dozens do not meet. An empty place is nobody's.
    nobody = np.uint64(2**64 - 1) - np.arange(width, dtype=np.uint64)
    key, before = np.tile(nobody, (rows, 1)), np.full((rows, width), nobody[0])
    key[:, 0] = 0
    last = np.zeros((rows, width), np.int64)
    length = np.zeros((rows, width), np.int64)
    in_blank = np.zeros((rows, width))
    in_character = np.zeros((rows, width))
    in_blank[:, 0] = 1.0
    parents = np.zeros((steps, rows, width), np.int64)
    added = np.zeros((steps, rows, width), np.int64)
    for step in range(steps):
        p = outputs[:, step]
        characters = 1 + np.argpartition(-p[:, 1:], tried - 1, axis=1)[:, :tried]
        total = in_blank + in_character
        of_last = np.where(last > 0, np.take_along_axis(p, last, axis=1), 0.0)
        # What goes on with each of the characters ...
        like = last[:, :, None] == characters[:, None, :]
        longer = np.where(like, in_blank[:, :, None], total[:, :, None])
        longer = longer * np.take_along_axis(p, characters, axis=1)[:, None, :]
        longer[length >= longest] = 0.0
        # ... may be a prefix that is kept already: its paths are added there.
        from_parent = before[:, :, None] == key[:, None, :]
        again = last[:, :, None] == last[:, None, :]
        arriving = (from_parent * np.where(again, in_blank[:, None, :], total[:, None, :])).sum(axis=2)
        known = (from_parent[:, :, :, None] & like[:, :, None, :]).any(axis=1)
        longer[known] = 0.0
        stay_character = (in_character + arriving) * of_last
        stay_blank = total * p[:, :1]
        every = np.concatenate([stay_blank + stay_character, longer.reshape(rows, -1)], axis=1)
        kept = np.argsort(-every, axis=1, kind="stable")[:, :width]
        parent = np.where(kept < width, kept, (kept - width) // tried)
        new = np.where(kept < width, 0, np.take_along_axis(characters, (kept - width) % tried, axis=1))
        parents[step], added[step] = parent, new

        def of(values: Array, parent: Array = parent) -> Array:
            return np.take_along_axis(values, parent, axis=1)

        scale = np.maximum(every.max(axis=1, keepdims=True), 1e-300)
        chance = np.take_along_axis(every, kept, axis=1) / scale
        in_blank = np.where(new > 0, 0.0, of(stay_blank)) / scale
        in_character = np.where(new > 0, chance, of(stay_character) / scale)
        grown = of(key) * np.uint64(0x9E3779B97F4A7C15) + new.astype(np.uint64)
        before = np.where(chance > 0, np.where(new > 0, of(key), of(before)), nobody[0])
        key = np.where(chance > 0, np.where(new > 0, grown, of(key)), nobody)
        last, length = np.where(new > 0, new, of(last)), of(length) + (new > 0)
    return _trace(parents, added, longest), in_blank + in_character


def _without_long_blanks(outputs: Array) -> Array:
    """Return the steps with one in place of neighbouring ones that are all but certainly blank.

    Most steps are: between two characters, and before and after them. Rows that get shorter end in sure blanks.
    """
    pure = outputs[:, :, 0] > PURE
    kept = ~pure
    kept[:, :1] = True
    kept[:, 1:] |= ~pure[:, :-1]
    out, lengths = _to_front(outputs, kept)
    out[np.arange(out.shape[1]) >= lengths[:, None], 0] = 1.0
    return out


def _trace(parents: Array, added: Array, longest: int) -> Array:
    """Return the strings that the steps of a beam have made, shape ``(rows, width, longest)``."""
    steps, rows, width = parents.shape
    at = np.broadcast_to(np.arange(width), (rows, width))
    characters = np.zeros((rows, width, steps), np.int64)
    for step in range(steps - 1, -1, -1):
        characters[:, :, step] = np.take_along_axis(added[step], at, axis=1)
        at = np.take_along_axis(parents[step], at, axis=1)
    packed, _ = _pack(characters.reshape(rows * width, steps))
    out = np.zeros((rows, width, longest), np.int64)
    out[:, :, : packed.shape[1]] = packed.reshape(rows, width, -1)
    return out


def best_path_within(outputs: Array, shortest: int, longest: int, tried: int = 32) -> Array:
    """Return the string of the likeliest path that reads ``shortest`` to ``longest`` characters.

    Viterbi over how many characters were read and which one is being read, for rows whose likeliest path of all
    is too short or too long. The ``tried`` characters that are likeliest at any step are looked at.

    Returns
    -------
    Places, shape ``(rows, longest)``, padded with 0; a path that is too short where there are too few steps.
    """
    rows, steps, classes = outputs.shape
    tried = min(tried, classes - 1)
    known = 1 + np.argpartition(-outputs[:, :, 1:].max(axis=1), tried - 1, axis=1)[:, :tried]
    some = np.take_along_axis(outputs, np.pad(known, ((0, 0), (1, 0)))[:, None, :], axis=2)
    logs = np.log(np.maximum(some, 1e-30, dtype=np.float64))
    # Place 0 of the last axis is the blank after so many characters, the others are the characters.
    best = np.full((rows, longest + 1, tried + 1), -np.inf)
    best[:, 0, 0] = 0.0
    came = np.zeros((steps, rows, longest + 1, tried + 1), np.int8)  # from which place
    every = np.arange(tried + 1)
    for step in range(steps):
        first = best.argmax(axis=2)[..., None]
        others = best.copy()
        np.put_along_axis(others, first, -np.inf, axis=2)
        second = others.argmax(axis=2)[..., None]
        # A new character comes from any place of one character less, but not from the same character.
        previous = np.where(every == first, second, first)[:, :-1]
        entering = np.take_along_axis(best[:, :-1], previous, axis=2)
        entering[:, :, 0] = -np.inf
        new, came[step] = best.copy(), every
        new[:, :, 0], came[step, :, :, 0] = best.max(axis=2), first[..., 0]
        better = entering > new[:, 1:]
        new[:, 1:][better] = entering[better]
        # Places below 0 say that a character began here.
        came[step, :, 1:][better] = -1 - previous[better]
        best = new + logs[:, step, None, :]
    enough = np.isfinite(best[:, shortest:]).any(axis=(1, 2))
    best[enough, :shortest] = -np.inf
    flat = best.reshape(rows, -1).argmax(axis=1)
    at = np.arange(rows)
    count, place = flat // (tried + 1), flat % (tried + 1)
    out = np.zeros((rows, longest), np.int64)
    for step in range(steps - 1, -1, -1):
        source = came[step, at, count, place].astype(np.int64)
        begins = source < 0
        out[at[begins], count[begins] - 1] = known[at[begins], place[begins] - 1]
        count = count - begins
        place = np.where(begins, -1 - source, source)
    return out
