"""Numbers in a page without a server."""

from __future__ import annotations

from typing import Any

import numpy as np

from hornbook.columns.number.column import NumberColumn
from hornbook.columns.page import Page, Script

READING = Script("hornbook.columns.number", "page.js")
"""Reads numbers as people write them, for whatever kind."""


class NumberPage(Page[NumberColumn]):
    """Numbers, as people write them."""

    def made_up(self, draw: np.random.Generator) -> Any:
        """Return a number like those of the training rows, written in one of several ways; sometimes none."""
        column = self.column
        number = float(column.in_units(draw.normal(size=1))[0])
        if draw.random() < 0.2 and column.missing:
            return None
        text = f"{number:.4g}" if draw.random() < 0.5 else f"{number:,.2f}"
        if column.form is None or column.decimal == ".":
            return text
        return text.translate(str.maketrans(",.", ".,"))
