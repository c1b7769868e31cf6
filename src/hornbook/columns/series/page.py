"""Series in a page without a server."""

from __future__ import annotations

from typing import Any

import numpy as np

from hornbook.columns.number.page import READING
from hornbook.columns.page import Page, Script
from hornbook.columns.series.column import SeriesColumn


class SeriesPage(Page[SeriesColumn]):
    """Windows of numbers, and what follows them."""

    def scripts(self) -> tuple[Script, ...]:
        """Return its script, and that of numbers where they have a unit."""
        return (*((READING,) if self.column.unit is not None else ()), *super().scripts())

    def made_up(self, draw: np.random.Generator) -> Any:
        """Return rows that go up and down about as much as those of the training rows."""
        column = self.column
        rows, columns = column.shape
        spread, middle = np.asarray(column.std or 1.0), np.asarray(column.mean or 0.0)
        steps = np.cumsum(draw.normal(size=(rows, columns)) * spread / np.sqrt(rows), axis=0)
        if column.relative == "none":
            found = np.exp(steps + middle) if column.log else steps + middle
        else:
            found = 100 * np.exp(steps) if column.log else steps
        return [[float(f"{v:.6g}") for v in row] for row in found]
