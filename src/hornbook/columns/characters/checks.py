"""Checks of strings: characters without examples, lengths that are mistakes, texts in two splits, odd pictures."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hornbook.checks.findings import Finding
from hornbook.checks.repeats import Strings
from hornbook.columns.base import Array
from hornbook.columns.characters.column import CharactersColumn
from hornbook.common.plaintext import clean, listed, number_of
from hornbook.common.safe_names import shown
from hornbook.examples.prepare import Prepared
from hornbook.examples.split import SPLITS

FEWEST = 5
"""Training examples below which a character can hardly be learned."""

FIRST = 10
"""How many names a finding keeps."""

SHOWN = 15
"""Strings that are shown with their pictures."""

RARE = 0.01
"""Of the strings: a length that fewer have is likely a mistake of the labels."""


def strings_of(prepared: Prepared, name: str) -> Strings:
    """Return what the strings of a target are made of."""
    column = _column(prepared, name)
    lengths = np.zeros((column.span[1] + 1, len(SPLITS)), np.int64)
    characters = np.zeros((len(column.characters), len(SPLITS)), np.int64)
    for i, split in enumerate(SPLITS):
        encoded = prepared.arrays[name].take(prepared.splits[split])
        there = encoded > 0 if column.ctc else np.ones(encoded.shape, bool)
        lengths[:, i] = np.bincount(there.sum(axis=1), minlength=len(lengths))
        places = encoded[there].astype(np.int64) - column.ctc
        characters[:, i] = np.bincount(places, minlength=len(characters))
    train = next((prepared.splits[s] for s in SPLITS if len(prepared.splits[s])), np.zeros(0, np.int64))
    rows = train[np.unique(np.linspace(0, len(train) - 1, min(SHOWN, len(train))).astype(np.int64))]
    texts = column.texts(prepared.arrays[name].take(rows))
    _, encoded = _all(prepared, name)
    return Strings(
        target=name,
        alphabet=column.characters,
        lengths=tuple((n, tuple(row)) for n, row in enumerate(lengths.tolist()) if any(row)),
        characters=tuple(zip(column.characters, map(tuple, characters.tolist()), strict=True)),
        different=len(np.unique(encoded, axis=0)),
        samples=tuple(zip(rows.tolist(), texts, strict=True)),
    )


def check_strings(prepared: Prepared, strings: Strings) -> Iterator[Finding]:
    """Find characters with few examples, rare lengths, texts in two splits, pictures of another size."""
    yield from _characters(strings)
    yield from _rare_length(prepared, strings)
    yield from _in_two_splits(prepared, strings)
    for name, column in prepared.inputs.items():
        if column.type == "image" and name in prepared.facts:
            yield from _other_sizes(prepared, name)


def _column(prepared: Prepared, name: str) -> CharactersColumn:
    column = prepared.targets[name]
    assert isinstance(column, CharactersColumn)
    return column


def _all(prepared: Prepared, name: str) -> tuple[Array, Array]:
    """Return the rows in use, one split after the other, and their encoded strings."""
    rows = np.concatenate([prepared.splits[s] for s in SPLITS])
    return rows, prepared.arrays[name].take(rows)


def _characters(strings: Strings) -> Iterator[Finding]:
    target = clean(strings.target)
    none = [c for c, counts in strings.characters if not counts[0]]
    few = [f"{c} ({counts[0]})" for c, counts in strings.characters if 0 < counts[0] < FEWEST]
    if none:
        message = (
            f"{number_of(len(none), 'character')} of the alphabet of {target} without a training example: "
            f"{listed(none, limit=FIRST)}; add some, or leave them out of the alphabet"
        )
        yield Finding("warning", "no-training-example", message, tuple(none[:FIRST]), len(none))
    if few:
        message = (
            f"{number_of(len(few), 'character')} of {target} {'has' if len(few) == 1 else 'have'} fewer than {FEWEST} "
            f"training examples: {listed(few, limit=FIRST)}; add some"
        )
        yield Finding("warning", "few-examples", message, tuple(few[:FIRST]), len(few))


def _rare_length(prepared: Prepared, strings: Strings) -> Iterator[Finding]:
    """A few strings that are longer or shorter than all others."""
    counts = {n: sum(rows) for n, rows in strings.lengths}
    usual = max(counts, key=lambda n: counts[n], default=0)
    rest = strings.rows - counts.get(usual, 0)
    if not 0 < rest <= RARE * strings.rows:
        return
    rows, encoded = _all(prepared, strings.target)
    odd = [len(text) != usual for text in _column(prepared, strings.target).texts(encoded)]
    names = tuple(shown(prepared.examples.name(int(row))) for row in rows[odd][:FIRST])
    message = (
        f"{number_of(rest, 'string')} of {clean(strings.target)} not of {usual} characters, as {counts[usual]:,} are: "
        f"{listed(names, rest)}; correct them, or set targets.{clean(strings.target)}.length = {usual} to leave "
        "them out"
    )
    yield Finding("warning", "rare-length", message, names, rest)


def _in_two_splits(prepared: Prepared, strings: Strings) -> Iterator[Finding]:
    """Strings that are in two splits: of other pictures, but a reader may know them by heart."""
    column = _column(prepared, strings.target)
    _, encoded = _all(prepared, strings.target)
    texts, place = np.unique(encoded, axis=0, return_inverse=True)
    sides = np.repeat(np.arange(len(SPLITS)), [len(prepared.splits[s]) for s in SPLITS])
    there = np.zeros((len(texts), len(SPLITS)), bool)
    there[place.reshape(-1), sides] = True
    twice = texts[there.sum(axis=1) > 1]
    if len(twice):
        names = tuple(column.texts(twice[:FIRST]))
        message = (
            f"{number_of(len(twice), 'string')} of {clean(strings.target)} {'is' if len(twice) == 1 else 'are'} in two "
            f"splits: {listed(names, len(twice))}; "
            f'to see how well others are read, set split.group = "{clean(column.source or strings.target)}"'
        )
        yield Finding("note", "texts-across", message, names, len(twice))


def _other_sizes(prepared: Prepared, name: str) -> Iterator[Finding]:
    """Pictures of another size than most: what is written in them is scaled otherwise."""
    rows = np.sort(np.concatenate([prepared.splits[s] for s in SPLITS]))
    facts = prepared.facts[name]
    both = (facts["width"][rows].astype(np.int64) << 32) | facts["height"][rows].astype(np.int64)
    sizes, counts = np.unique(both, return_counts=True)
    if len(sizes) < 2:
        return
    usual = int(sizes[counts.argmax()])
    other = rows[both != usual]
    names = tuple(shown(prepared.examples.name(int(row))) for row in other[:FIRST])
    high, wide = prepared.inputs[name].shape[:2]
    message = (
        f"{number_of(len(other), f'{clean(name)} is', f'{clean(name)}s are')} not of {usual >> 32} x "
        f"{usual & 0xFFFFFFFF} pixels as most are: {listed(names, len(other))}; each is scaled to {wide} x {high}"
    )
    yield Finding("note", "other-sizes", message, names, len(other))
