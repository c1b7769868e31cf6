"""What is known of a value as it was stored, beside its encoding."""

from __future__ import annotations

from typing import NamedTuple


class Facts(NamedTuple):
    """What is known of one value of a heavy column, found on the way to encode it.

    Attributes
    ----------
    width, height
        Of a picture in pixels; of a sound how many milliseconds and samples a second it has.
    mode
        How it was stored, in a word of at most 8 letters: ``RGB``, ``I;16``, ``16/2``.
    low, high
        The lowest and highest value that a picture of more than 8 bits, or of floats, uses; both 0 of any other.
    frames
        Of an animation or a file of several pages, how many there are.
    things
        How many things were found where one is looked for: 0 where there is nothing.
    """

    width: int = 0
    height: int = 0
    mode: str = ""
    low: float = 0.0
    high: float = 0.0
    frames: int = 1
    things: int = 1
