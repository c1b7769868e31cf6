"""Strings to be written backwards: the smallest task of writing one sequence from another (Sutskever et al. 2014)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from hornbook.make.maker import Length, StringMaker, StringOptions


@dataclass(frozen=True, kw_only=True)
class Reversals(StringOptions):
    """Which strings are made; ``length``, ``alphabet``, ``seed``, ``stream`` as of `StringOptions`.

    Examples
    --------
    >>> maker = Reversals(length=5, seed=1).maker()
    >>> maker.value(0)[::-1] == maker.text(0)
    True
    """

    kind: ClassVar[str] = "reverse"
    column: ClassVar[str] = "text"
    names: ClassVar[str] = "made"
    answer: ClassVar[str] = "reversed"
    in_cells: ClassVar[bool] = True

    length: Length = (3, 12)
    alphabet: str = "lower"

    def maker(self) -> ReverseMaker:
        """Return what makes them."""
        return ReverseMaker(self)


class ReverseMaker(StringMaker):
    """Makes strings, and the same backwards."""

    def value(self, number: int) -> str:
        """Return what is read."""
        return self.text(number)[::-1]
