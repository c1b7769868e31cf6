"""Examples with what is known of each below it: the picture of a set whose answers are no classes."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hornbook.checks.findings import Findings
from hornbook.columns.base import Array
from hornbook.render import montage as drawn
from hornbook.render.montage import TEXT, Pixels

LINE = 0.4
"""Inches below a picture for what is known of it."""

SIZES = 3.1
"""Inches for the dots of sizes, where there are several."""


@dataclass(frozen=True)
class Grid:
    """Pictures with a text below each, and where they are drawn, in inches."""

    seen: Sequence[tuple[str, Array | None]]

    @property
    def across(self) -> int:
        """How many are side by side: fewer of wide ones."""
        return 5 if self._ratio >= 1.5 else 8

    @property
    def _ratio(self) -> float:
        return max((p.shape[1] / p.shape[0] for _, p in self.seen if p is not None), default=1.0)

    @property
    def _cell(self) -> float:
        return 10.7 / self.across

    @property
    def _high(self) -> float:
        return min((self._cell - 0.15) / self._ratio, 1.15)

    @property
    def below(self) -> float:
        """Where the last of them ends."""
        return 0.65 + (self._high + LINE) * math.ceil(len(self.seen) / self.across)

    def draw(self, page: Any) -> None:
        """Draw them under the head of a page."""
        named = drawn.drawable([text for text, _ in self.seen], 20)
        for i, ((_, pixels), text) in enumerate(zip(self.seen, named, strict=True)):
            x, y = 0.2 + self._cell * (i % self.across), 0.6 + (self._high + LINE) * (i // self.across)
            drawn._strip(page, [pixels], x, y, self._high, x + self._cell - 0.1)
            page.text(x, y + self._high + 0.05, text, fontsize=9, color=TEXT, va="top", **drawn._font([text]))


def look_values(
    findings: Findings, picture: Pixels, samples: Mapping[str, Sequence[int]], ground: str = "none"
) -> bytes:
    """Return the picture of a set of numbers: examples in the order of their values, and sizes."""
    grid = Grid([(value, picture(row)) for value, rows in samples.items() for row in rows])
    below = SIZES if findings.sizes and findings.sizes[0].different > 1 else 0.0
    tall = grid.below + below
    figure, page = drawn._canvas(11, tall, ground)
    drawn._head(page, findings)
    grid.draw(page)
    if below:
        drawn._size_dots(figure.add_axes((0.07, 0.45 / tall, 0.9, 2.0 / tall)), findings.sizes[0])
    return drawn._png(figure)
