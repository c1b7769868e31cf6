"""Categories in a page without a server."""

from __future__ import annotations

from typing import Any

import numpy as np

from hornbook.columns.category.column import CategoryColumn
from hornbook.columns.number.page import READING
from hornbook.columns.page import Page, Script


class CategoryPage(Page[CategoryColumn]):
    """Names, however they are spelled."""

    def scripts(self) -> tuple[Script, ...]:
        """Return its script, and that of numbers where classes are some."""
        return (*((READING,) if self.column.decimal is not None else ()), *super().scripts())

    def made_up(self, draw: np.random.Generator) -> Any:
        """Return a class, sometimes in capitals, or one that is none."""
        classes = self.column.class_names() or ("",)
        word = str(draw.choice(classes))
        way = draw.random()
        return word.upper() if way < 0.2 else f"no {word}" if way < 0.4 and self.column.other else word
