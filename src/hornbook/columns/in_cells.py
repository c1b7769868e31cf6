"""How a column's values stand in the cells of a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar, Self

from hornbook.columns.summary import Array


class InCells:
    """The part of a column that is about cells; every method has a default that a kind of value may keep."""

    keeps_text: ClassVar[bool] = False
    """Whether the cells of a table are read as they are written, to the last digit, where they could be numbers."""

    leaves_out: ClassVar[bool] = False
    """Whether a row is left out, and named, whose cell cannot be read; else that is an error."""

    def gathered(self, column: Callable[[str], Any]) -> Any:
        """Return its cells, a Polars column, where they are made of several of a table, which ``column`` gives.

        None where it reads one.
        """
        return None

    def why_absent(self, name: str) -> str:
        """Return why a row whose target is `absent` is left out; ``name`` is the column's."""
        return f"has no {name}"

    def absent(self, series: Any) -> Array:
        """Return which cells of a Polars column hold no value, ``bool``: rows whose target it is are left out."""
        found: Array = series.is_null().to_numpy()
        return found

    def judged_alone(self, cells: Any) -> Array | None:
        """Return which cells of a Polars column are of rows that are never learned from; None where all may be."""
        return None

    def respelled(self, cells: Any) -> dict[str, str]:
        """Return values of a Polars column that are read as something spelled otherwise, each with that."""
        return {}

    def out_of_step(self, own: Array, inputs: Mapping[str, tuple[Any, Array]]) -> Mapping[int, str]:
        """Return rows whose encoded value does not go with those of the inputs, and why, as the end of a sentence.

        ``inputs`` are columns with their encoded rows.
        """
        return {}

    def in_cell(self, value: Any) -> Any:
        """Return an answer as a cell of a table holds it."""
        return value

    def decode_cells(self, outputs: Array) -> dict[str, Any] | None:
        """Return the answers to all rows as Polars columns: the values under ``""``, and each of `stands_beside`.

        ``outputs`` are what the graph gives, ``(rows, *output_shape)``. None where rows are decoded one by one.
        """
        return None

    def read_as(self, cells: Any, key: str) -> Self:
        """Return the column as it reads a Polars column of a table, all rows of it, before anything is learned.

        ``key`` is what a recipe calls the column, ``inputs.size``. Raises DataError where it cannot be read so.
        """
        return self

    def counted_as_missing(self, cells: Any) -> dict[str, int]:
        """Return the words of a Polars column that were found to stand for a missing value, and how often they do."""
        return {}
