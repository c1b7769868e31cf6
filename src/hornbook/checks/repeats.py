"""What the strings of a target are made of: their lengths and characters, with how many there are."""

from __future__ import annotations

from dataclasses import dataclass

from hornbook.common.plaintext import clean, number_of, shorten, table, width
from hornbook.examples.split import SPLITS

ACROSS, MOST_CELLS = 10, 100
"""Characters side by side in a terminal, and how many in all."""


@dataclass(frozen=True)
class Strings:
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
