"""Strings: their lengths and characters, mistakes among the labels, texts in two splits, odd pictures."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from hornbook.columns.image.checks import other_sizes
from hornbook.columns.summary import FIRST, SPLITS, Finding, Inspection, Summary, Values, spread
from hornbook.common.blocks import Block, Counts, Gallery, Item, Span, Text
from hornbook.common.plaintext import clean, listed, number_of, shorten, table, width

FEWEST = 5
"""Training examples below which a character can hardly be learned."""

SHOWN = 15
"""Strings that are shown with their pictures."""

RARE = 0.01
"""Of the strings: a length that fewer have is likely a mistake of the labels."""

NARROW = 6
"""Pixels across a character in a picture under which it can hardly be told from others."""

ACROSS, MOST_CELLS = 10, 100
"""Characters side by side in a terminal, and how many at once."""


@dataclass(frozen=True)
class Strings(Summary):
    """The strings of a target.

    Attributes
    ----------
    target
        The name of the target.
    alphabet
        All characters that can be read.
    lengths
        Each length with the rows in train, validation and test.
    characters
        Each character of the alphabet with how often it stands in train, validation and test.
    different
        How many different strings there are.
    samples
        Rows with their strings, spread over the training rows, to be shown.
    """

    target: str
    alphabet: str
    lengths: tuple[tuple[int, tuple[int, ...]], ...]
    characters: tuple[tuple[str, tuple[int, ...]], ...]
    different: int
    samples: tuple[tuple[int, str], ...] = ()

    @property
    def rows(self) -> int:
        """How many strings there are."""
        return sum(sum(counts) for _, counts in self.lengths)

    def head(self) -> str:
        """Return one line: how many strings, how long, of how many characters."""
        sizes = [n for n, _ in self.lengths]
        long = f"{sizes[0]}" if len(sizes) == 1 else f"{sizes[0]} to {sizes[-1]}"
        return (
            f"{number_of(self.rows, 'string')} of {long} characters, {self.different:,} different; "
            f"{number_of(len(self.alphabet), 'character')}: {shorten(clean(self.alphabet), 80)}"
        )

    def lines(self) -> list[str]:
        """Return lengths and characters with their counts, for a terminal."""
        used = [i for i in range(len(SPLITS)) if any(counts[i] for _, counts in self.lengths)]
        body = [[f"  {n}", *(f"{counts[i]:,}" for i in used)] for n, counts in self.lengths]
        out = [f"{clean(self.target)}: {self.head()}"]
        out += table([["  length", *(SPLITS[i] for i in used)], *body], "<>")
        cells = [f"{clean(c)} {sum(counts):,}" for c, counts in self.characters[:MOST_CELLS]]
        wide = max(map(width, cells), default=0)
        padded = [cell + " " * (wide - width(cell)) for cell in cells]
        out.append("  characters, how often")
        out += ["  " + "   ".join(padded[at : at + ACROSS]).rstrip() for at in range(0, len(padded), ACROSS)]
        more = len(self.characters) - MOST_CELLS
        return [*out, f"  and {more:,} more"] if more > 0 else out

    def blocks(self, pictured: bool) -> list[Block]:
        """Return examples with their strings, a bar for each length, and every character with how often it is there."""
        out: list[Block] = [
            Text(f"{self.target}: {number_of(self.rows, 'string')}", "heading"),
            Text(f"{self.head()}.", "lead"),
        ]
        if pictured:
            items = [Item(row, f"{text}, an example", Span(text, "code")) for row, text in self.samples]
            out.append(Gallery(items))
        if len(self.lengths) > 1:
            names = [f"{n} characters" for n, _ in self.lengths]
            out.append(Counts(names, [counts for _, counts in self.lengths], SPLITS))
        letters, often = zip(*self.characters, strict=True)
        out.append(Counts(letters, often, SPLITS, first=MOST_CELLS, letters=True))
        return out


def inspect(column: Any, values: Values) -> Inspection:
    """Return what the strings of a target, a `CharactersColumn`, are made of, and what is wrong with them."""
    rows, sides = values.by_split()
    encoded = values.encoded.take(rows)
    there = encoded > 0 if column.ctc else np.ones(encoded.shape, bool)
    lengths = values.counted(there.sum(axis=1), sides, column.span[1] + 1)
    places = encoded[there].astype(np.int64) - column.ctc
    characters = values.counted(places, np.repeat(sides, there.sum(axis=1)), len(column.characters))
    first = next((values.splits[s] for s in SPLITS if len(values.splits[s])), np.zeros(0, np.int64))
    shown = spread(first, SHOWN)
    strings = Strings(
        target=values.name,
        alphabet=column.characters,
        lengths=tuple((n, tuple(row)) for n, row in enumerate(lengths.tolist()) if any(row)),
        characters=tuple(zip(column.characters, map(tuple, characters.tolist()), strict=True)),
        different=len(np.unique(encoded, axis=0)),
        samples=tuple(zip(shown.tolist(), column.texts(values.encoded.take(shown)), strict=True)),
    )
    return Inspection(strings, tuple(_findings(column, values, strings)))


def _findings(column: Any, values: Values, strings: Strings) -> Iterator[Finding]:
    """Characters with few examples, rare lengths, texts in two splits, pictures of another size."""
    yield from _characters(strings)
    yield from _rare_length(column, values, strings)
    yield from _in_two_splits(column, values, strings)
    for other, seen in values.inputs or ():
        if other.medium == "picture":
            yield from other_sizes(seen, other.shape)
            yield from _narrow(strings, seen.name, other.shape[1])


def _narrow(strings: Strings, name: str, wide: int) -> Iterator[Finding]:
    """Pictures in which the characters of a long string have hardly any pixels."""
    longest = max((length for length, _ in strings.lengths), default=0)
    if longest and wide < NARROW * longest:
        message = (
            f"a string of {longest} characters has {wide / longest:.1f} pixels of width for each of them, and some "
            f"{NARROW} are needed to read it; set inputs.{clean(name)}.size to wider pictures"
        )
        yield Finding("warning", "narrow", message, (), 1)


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


def _rare_length(column: Any, values: Values, strings: Strings) -> Iterator[Finding]:
    """A few strings that are longer or shorter than all others."""
    counts = {n: sum(rows) for n, rows in strings.lengths}
    usual = max(counts, key=lambda n: counts[n], default=0)
    rest = strings.rows - counts.get(usual, 0)
    if not 0 < rest <= RARE * strings.rows:
        return
    rows, _ = values.by_split()
    odd = [len(text) != usual for text in column.texts(values.encoded.take(rows))]
    message = (
        f"{number_of(rest, 'string')} of {clean(strings.target)} not of {usual} characters, as {counts[usual]:,} are: "
        f"{{}}; correct them, or set targets.{clean(strings.target)}.length = {usual} to leave "
        "them out"
    )
    yield values.finding("warning", "rare-length", rows[odd], message)


def _in_two_splits(column: Any, values: Values, strings: Strings) -> Iterator[Finding]:
    """Strings that are in two splits: of other pictures, but a reader may know them by heart."""
    rows, sides = values.by_split()
    texts, place = np.unique(values.encoded.take(rows), axis=0, return_inverse=True)
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
