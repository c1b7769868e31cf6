"""What columns answer that are foretold from what was foretold: by default that nothing is known of such values."""

from __future__ import annotations

from typing import Any

from hornbook.columns.prediction import Step

__all__ = ["Ahead"]


class Ahead:
    """The part of a column's contract that is about steps after the last one that its head gives."""

    def as_answer(self) -> Any:
        """Return the column as a target whose values are those of no input: a text is then written, not foretold."""
        return self

    def step_ahead(self, value: float, place: int) -> Step:
        """Return a value that was foretold from foretold ones, with its range where it has one.

        ``place`` counts the steps to come, 0 for the next one.
        """
        return Step(value)
