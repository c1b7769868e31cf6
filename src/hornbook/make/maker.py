"""What the texts of made examples may be: characters, and how many."""

from __future__ import annotations

from hornbook.columns.characters.alphabets import alphabet as characters_of
from hornbook.errors import UsageError
from hornbook.make.repeatable import Draws

Length = int | tuple[int, int]
"""How many characters a text has, or the least and the most."""

LONGEST = 64
"""Characters of a text: a picture of more could not be read by anybody."""


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


def objection(length: Length, alphabet: str) -> str:
    """Return what is wrong with a length and an alphabet, as a sentence without its end; empty where nothing is.

    >>> objection((6, 4), "digits")
    'the length 6-4 runs backwards: give the smaller number first'
    """
    least, most = bounds(length)
    said = f"{least}-{most}" if least != most else f"{least}"
    if least > most:
        return f"the length {said} runs backwards: give the smaller number first"
    if not 1 <= least <= most <= LONGEST:
        return f"the length {said} cannot be: a text has 1 to {LONGEST} characters"
    try:
        characters = characters_of(alphabet)
    except UsageError as error:
        return str(error)
    if any(c.isspace() for c in characters):
        return f"the alphabet {alphabet!r} has a blank, which nobody can see or hear: leave it out"
    return ""


def draw_text(draws: Draws, length: Length, characters: str) -> str:
    """Draw a text: its length, then each character, all equally likely."""
    least, most = bounds(length)
    count = least + draws.randbelow(most - least + 1)
    return "".join(draws.choice(characters) for _ in range(count))
