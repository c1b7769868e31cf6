"""What people see and hear of a column's values, and what a column says of its examples before anything is learned."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from hornbook.columns.facts import Facts
from hornbook.columns.prediction import Prediction
from hornbook.columns.summary import Array, Inspection, Samples, Values, spread

if TYPE_CHECKING:
    from hornbook.common.charts import Chart, Groups

SHOWN = 24
"""Examples of a target that are shown."""

MOST_BARS = 8
"""Of so many values of a column of a table it is drawn how often they are there."""


class Shown:
    """The part of a column that is for people; every method has a default that a kind of value may keep."""

    type: ClassVar[str]
    shows: ClassVar[bool] = False
    """Whether people are shown what a value looks like, see `picture`."""

    augment_example: ClassVar[str] = ""
    """An option of its augmentation, as it may be set; empty where there is none."""

    @property
    def most_judged(self) -> int | None:
        """How many answers are held at once to be judged: of more rows, a sample; None for all."""
        return None

    def picture(self, encoded: Array) -> Array:
        """Return what people are shown of an encoded value, ``uint8`` of shape ``(H, W, C)``; where it `shows`."""
        raise NotImplementedError(f"a column of type {self.type!r} is not shown")

    def original(self, value: object, side: int) -> Array:
        """Return a value as people have it, ``uint8`` of shape ``(H, W, C)``; where its medium is a picture.

        It may be made smaller, as long as its longer side keeps ``side`` pixels. Raises DataError where it cannot be
        read.
        """
        raise NotImplementedError(f"a column of type {self.type!r} is no picture")

    def encode_found(self, picture: Array, found: object) -> Array:
        """Encode something that was found in an upright picture, ``uint8`` (H, W, 3): a face; for a picture alone."""
        raise NotImplementedError(f"a column of type {self.type!r} is no picture")

    @classmethod
    def thumbnail(cls, value: object, name: str) -> Array:
        """Return a small picture of a value that nothing was learned of, ``uint8`` of shape ``(H, W, C)``.

        Raises DataError where it cannot be read.
        """
        raise NotImplementedError(f"a column of type {cls.type!r} is not shown")

    def heard(self, encoded: Array) -> bytes | None:
        """Return what people can listen to of an encoded value, as a WAV file; None where there is nothing to hear."""
        return None

    def apart(self, outputs: Array, truth: Array) -> Array | None:
        """Return how far each answer is from the truth, ``(rows,)``; None where an answer is no picture of it."""
        return None

    def step_names(self, encoded: Array) -> list[str]:
        """Return what each step of an encoded value is called; none where they have no names."""
        return []

    def drawn(self, unit: Array) -> Array:
        """Return `picture` of a value in its plain range, where training examples are augmented."""
        raise NotImplementedError(f"a column of type {self.type!r} is not shown")

    def remarks_on(self, facts: Facts) -> tuple[str, ...]:
        """Return what a person should know of one value beside what is said of it, a few words each."""
        return ()

    def remarks_on_rows(self, encoded: Array) -> dict[int, tuple[str, ...]]:
        """Return the same of encoded rows of which no more is known, by their places."""
        return {}

    def of_stranger(self, prediction: Prediction) -> Prediction:
        """Return what is answered of an input that is unlike the examples; here the same."""
        return prediction

    def labels(self, encoded: Array) -> list[str]:
        """Return encoded values as people write them."""
        return [f"{value:.4g}" if isinstance(value, float) else str(value) for value in encoded.tolist()]

    def inspect(self, values: Values) -> Inspection:
        """Return what there is in the examples, and what may be wrong with them; here, of a target some examples.

        A column is asked where it is an input and where it is a target; ``values.inputs`` tells them apart.
        """
        if not any(column.shows for column, _ in values.inputs or ()):
            return Inspection()
        rows = spread(self.ordered(values, values.splits["train"]), SHOWN)
        labels = self.labels(values.encoded.take(rows))
        return Inspection(Samples(values.name, tuple(zip(rows.tolist(), labels, strict=True))))

    def ordered(self, values: Values, rows: Array) -> Array:
        """Return rows in the order in which some of them are shown to people: here, as they stand in the table."""
        return rows

    def charts(self, cells: Any, groups: Groups | None = None) -> list[Chart]:
        """Return what people are shown of a column of a table, as a Polars series.

        ``groups`` are the classes of the rows, where a class is to be predicted.
        """
        from hornbook.common.charts import Spread

        if cells.dtype.is_numeric():
            numbers = cells.cast(float).fill_null(float("nan")).to_numpy()
            return [Spread(cells.name, numbers, groups)] if np.isfinite(numbers).any() else []
        return bars(cells)


def bars(cells: Any) -> list[Chart]:
    """Return how often the commonest values of a Polars series are there."""
    from hornbook.common.charts import Bars

    if cells.dtype.is_nested():
        return []
    counts = cells.drop_nulls().cast(str).value_counts(sort=True, name="rows")
    more = len(counts) - MOST_BARS
    said = f"and {more:,} more" if more > 0 else ""
    return [Bars(cells.name, counts.head(MOST_BARS).rows(), said)] if len(counts) else []
