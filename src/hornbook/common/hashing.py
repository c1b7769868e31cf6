"""Numbers that look random and hang on nothing but what they are of: no generator, no state.

The mixing of bits is that of splitmix64 (Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators,
2014, p. 462). It is written once, for whole numbers of Python, arrays of numpy and tensors of PyTorch.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T", bound=Any)

WORD = (1 << 64) - 1
GOLDEN = 0x9E3779B97F4A7C15
"""What a sequence of states goes on by: 2 ** 64 over the golden ratio."""

FIRST, SECOND = 0xBF58476D1CE4E5B9, 0x94D049BB133111EB


def mixed(x: T, right: Callable[[T, int], T], first: Any = FIRST, second: Any = SECOND) -> T:
    """Return 64 well-mixed bits of each state.

    ``right`` shifts right, with zeros coming in; the two factors are as the type of ``x`` takes them.
    """
    x = (x ^ right(x, 30)) * first
    x = (x ^ right(x, 27)) * second
    mixed_bits: T = x ^ right(x, 31)
    return mixed_bits


def mixed_int(x: int) -> int:
    """Return 64 well-mixed bits of a whole number.

    >>> hex(mixed_int(GOLDEN))  # the first number after the state 0
    '0xe220a8397b1dcdaf'
    """
    return mixed(x, lambda x, places: (x & WORD) >> places) & WORD


def seed_of(*numbers: int) -> int:
    """Hash whole numbers to 63 bits, for the seed of a generator; runs go on by it, so it never changes.

    >>> seed_of(0, 1) != seed_of(1, 0)
    True
    """
    z = GOLDEN
    for n in numbers:
        z = (z ^ (n & WORD)) * FIRST & WORD
        z = (z ^ (z >> 27)) * SECOND & WORD
        z ^= z >> 31
    return z >> 1
