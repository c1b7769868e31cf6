"""Modules by the names of columns, and the inputs of a table: numbers side by side, each other kind by itself."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar, cast

from torch import Tensor, nn

from hornbook.columns.base import Column
from hornbook.columns.network import BodyOptions, Input
from hornbook.networks.inputs import make_input

NUMBERS = ""
"""What all number inputs together are called: no column has this name."""


M = TypeVar("M", bound=nn.Module)


class ByColumn(nn.Module, Generic[M]):
    """A module for each column, by the column's name: a mapping.

    A column may be called anything (``sepal.length``, ``type``, ``0``), a part of a module may not. Where its
    name will not do as the name of its weights, a like one takes its place there.
    """

    def __init__(self, modules: Mapping[str, M]) -> None:
        super().__init__()
        self._parts: dict[str, str] = {}
        for name, module in modules.items():
            part = re.sub(r"\W", "_", name) or "column"
            if part != name or part in dir(self):
                part += f"_{zlib.crc32(name.encode('utf-8', 'surrogatepass')):08x}"
            self.add_module(part, module)
            self._parts[name] = part

    def __getitem__(self, name: str) -> M:
        return cast("M", self._modules[self._parts[name]])

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def place(self, name: str) -> str:
        """Return what a column's module is called among the weights."""
        return self._parts[name]

    def items(self) -> Iterator[tuple[str, M]]:
        """Yield names of columns with their modules."""
        return ((name, self[name]) for name in self)


def standing_together(inputs: Mapping[str, Column]) -> tuple[str, ...]:
    """Return the inputs that are one block of numbers: those of a kind that can be, where there are several."""
    numbers = tuple(n for n, c in inputs.items() if c.side_by_side)
    return numbers if len(numbers) > 1 else ()


def make_inputs(
    inputs: Mapping[str, Column], options: Mapping[str, BodyOptions] | None = None
) -> dict[str, Input]:
    """Return an input module for each column, one for the numbers side by side first, under `NUMBERS`."""
    together, each = standing_together(inputs), options or {}
    side_by_side = set(together)
    apart = [n for n in inputs if n not in side_by_side]
    made = {n: make_input(n, [inputs[n]], each.get(n)) for n in apart}
    return {NUMBERS: make_input(NUMBERS, [inputs[n] for n in together]), **made} if together else made


def units(
    inputs: ByColumn[Input], together: tuple[str, ...], encoded: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """Return encoded inputs in their plain range, see `hornbook.columns.network.Input.unit`.

    Numbers may be given side by side under `NUMBERS`, in the order of ``together``: gathering them column by column
    takes as long as a step of a small network.
    """
    given = dict(encoded)
    if together and together[0] in given:
        given[NUMBERS] = inputs[NUMBERS].block([given.pop(n) for n in together])
    return {n: inputs[n].unit(v) for n, v in given.items()}
