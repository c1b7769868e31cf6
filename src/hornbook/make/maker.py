"""What makes examples: the base classes of makers and of their options, and how a string is drawn.

A kind of made examples is one class of each. An example is a pure function of the options and its number. It is a file
with a string (`StringOptions`, `StringMaker`), or a row of texts (`TextOptions`, `TextMaker`).
"""

from __future__ import annotations

import dataclasses
import threading
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from annotated_types import Ge

from hornbook.columns.base import Array
from hornbook.columns.characters.reading.alphabets import alphabet as characters_of
from hornbook.errors import UsageError
from hornbook.make.repeatable import Draws, seed_of

Length = int | tuple[int, int]
"""How many characters a text has, or the least and the most."""

LONGEST = 64
"""Characters of a text: a picture of more could not be read by anybody."""


@dataclass(frozen=True, kw_only=True)
class MakeOptions(ABC):
    """Which examples are made.

    Parameters
    ----------
    seed
        Another seed makes other examples.
    stream
        Examples of the same seed and number in another stream are others: files, training, validation and
        test examples have one each, so that no seed makes a test example that was trained on.
    """

    kind: ClassVar[str]
    """The word for what is made."""
    column: ClassVar[str]
    """The column that it is in a table."""
    names: ClassVar[str]
    """The column that has the names of the examples, by which others take their places as epochs go by."""
    answer: ClassVar[str] = "label"
    """The column that says what it is."""
    in_cells: ClassVar[bool] = False
    """Whether it is a text in the cell of a table, and no file."""

    seed: Annotated[int, Ge(0)] = 0
    stream: str = "file"

    def objection(self) -> str:
        """Return what is wrong with the options, as a sentence; empty where nothing is."""
        return f"the seed {self.seed} cannot be: it is a whole number from 0" if self.seed < 0 else ""

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON types, for a worker and for the cache."""
        return {"kind": self.kind, **dataclasses.asdict(self)}

    @abstractmethod
    def maker(self) -> Maker:
        """Return what makes them.

        Raises
        ------
        UsageError
            The options cannot be.
        DataError
            A file that they name cannot be read, or lacks a character.
        """


@dataclass(frozen=True, kw_only=True)
class StringOptions(MakeOptions):
    """Which examples are made of random strings.

    Parameters
    ----------
    length
        Characters of a string, or the least and the most.
    alphabet
        A name (`hornbook.columns.characters.reading.alphabets`) or the characters.
    """

    length: Length = 4
    alphabet: str = "digits"

    def objection(self) -> str:
        """Return what is wrong with the options, as a sentence; empty where nothing is."""
        if wrong := super().objection():
            return wrong
        least, most = bounds(self.length)
        said = f"{least}-{most}" if least != most else f"{least}"
        if least > most:
            return f"the length {said} runs backwards: give the smaller number first"
        if not 1 <= least <= most <= LONGEST:
            return f"the length {said} cannot be: a text has 1 to {LONGEST} characters"
        try:
            characters = characters_of(self.alphabet)
        except UsageError as error:
            return str(error)
        if any(c.isspace() for c in characters):
            return f"the alphabet {self.alphabet!r} has a blank, which nobody can see or hear: leave it out"
        return ""

    def to_json(self) -> dict[str, Any]:
        """Return all of it as JSON types, for a worker and for the cache."""
        written = {"alphabet": characters_of(self.alphabet), "length": list(bounds(self.length))}
        return {**super().to_json(), **written}


class Maker(ABC):
    """Makes examples; may be shared by threads, of which one draws at a time.

    Raises
    ------
    UsageError
        The options cannot be.
    """

    suffixes: ClassVar[tuple[str, ...]] = ()
    """How the names of its files may end; the first is the usual one."""

    def __init__(self, options: MakeOptions) -> None:
        if wrong := options.objection():
            raise UsageError(wrong)
        self.options = options
        self._lock = threading.Lock()
        self._draws = Draws()

    @abstractmethod
    def text(self, number: int) -> str:
        """Return what an example is: its label, or the answer to it."""

    @abstractmethod
    def value(self, number: int) -> bytes | str | Array:
        """Return an example as its column encodes it."""

    def file(self, number: int, suffix: str = "") -> bytes:
        """Return an example as a file; ``suffix`` is one of `suffixes`, the first where it is empty."""
        raise UsageError(f"{self.options.kind} makes texts, and no files")

    def longest(self) -> bytes | str | Array | None:
        """Return a value that is at least as long as any; None where all are of one size."""
        return None

    def _seed(self, what: str, number: int) -> int:
        options = self.options
        return seed_of(options.kind, what, options.seed, options.stream, number)


class StringMaker(Maker):
    """Makes examples of random strings."""

    def __init__(self, options: StringOptions) -> None:
        super().__init__(options)
        self._characters = characters_of(options.alphabet)
        self._bounds = bounds(options.length)

    def text(self, number: int) -> str:
        """Return the string of an example: its length is drawn, then each character, all equally likely."""
        draws = Draws(self._seed("text", number))
        least, most = self._bounds
        count = least + draws.randbelow(most - least + 1)
        return "".join(draws.choice(self._characters) for _ in range(count))


def length_from(text: str) -> Length:
    """Read a length as it is written on a command line.

    Raises
    ------
    UsageError
        It is neither a number nor two with a dash.

    >>> length_from("4"), length_from("4-6")
    (4, (4, 6))
    """
    least, dash, most = text.partition("-")
    try:
        return (int(least), int(most)) if dash else int(least)
    except ValueError:
        raise UsageError(
            f"the length {text!r} is no number of characters: write 4, or 4-6 for a range"
        ) from None


def bounds(length: Length) -> tuple[int, int]:
    """Return the least and the most characters."""
    return (length, length) if isinstance(length, int) else length
