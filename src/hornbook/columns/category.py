"""The ``category`` column: one of a few names.

The classes are made once, from the training rows, sorted the way people count (2 before 10), stored in the
recognizer and never renumbered. A value is encoded as its place in that list.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np

from hornbook.columns.base import Array, Column, Prediction
from hornbook.errors import DataError, did_you_mean

MOST_CLASSES = 65_536


def natural_order(word: str) -> tuple[tuple[int, int, str], ...]:
    """Return a sort key in which numbers inside words are compared as numbers.

    >>> sorted(["10", "9", "a10", "a9"], key=natural_order)
    ['9', '10', 'a9', 'a10']
    """
    parts = re.split(r"(\d+)", word)
    # `isdecimal` (not `isdigit`) is what int() accepts: superscripts are digits that are no numbers.
    return tuple((0, int(p), p) if p.isdecimal() else (1, 0, p) for p in parts if p)


@dataclass(frozen=True, kw_only=True, repr=False)
class CategoryColumn(Column):
    """One of a few named classes.

    Encoded to one integer, ``shape`` (), ``uint8`` up to 256 classes, else ``uint16``. The network's outputs
    are probabilities, shape ``(rows, classes)``.

    Parameters
    ----------
    classes
        The names in their order. Learned from the training rows where they are not given.

    Examples
    --------
    >>> column = CategoryColumn().learn(["cat", "dog", "cat"])
    >>> column.classes
    ('cat', 'dog')
    >>> int(column.encode("dog"))
    1
    >>> column.decode(np.array([[0.1, 0.9]]))[0].value
    'dog'
    """

    type: ClassVar[str] = "category"
    metric: ClassVar[str] = "accuracy"
    stratify: ClassVar[bool] = True

    classes: tuple[str, ...] | None = None

    @property
    def learned(self) -> bool:
        """Whether there are classes."""
        return self.classes is not None

    def objection(self) -> str:
        """Return what is wrong with classes that were given."""
        if self.classes is None:
            return ""
        if len(set(self.classes)) < len(self.classes):
            twice = next(c for i, c in enumerate(self.classes) if c in self.classes[:i])
            return f"has the class {twice!r} twice"
        if not self.classes or len(self.classes) > MOST_CLASSES:
            return f"has {len(self.classes):,} classes, and from 1 to {MOST_CLASSES:,} are possible"
        return ""

    @property
    def shape(self) -> tuple[int, ...]:
        """A single number."""
        return ()

    @property
    def dtype(self) -> np.dtype[Any]:
        """The narrowest unsigned type."""
        return np.dtype(np.uint8 if self.outputs <= 256 else np.uint16)

    @property
    def outputs(self) -> int:
        """One probability for each class."""
        return len(self._known())

    def _known(self) -> tuple[str, ...]:
        if self.classes is None:
            raise DataError(
                "a category column has no classes yet: it must learn them from the training rows first"
            )
        return self.classes

    def learn(self, values: Iterable[object]) -> Self:
        """Return the column with the classes that occur in ``values``, unless they were given."""
        if self.classes is not None:
            return self
        found = {str(v) for v in values if v is not None}
        if len(found) > MOST_CLASSES:
            raise DataError(
                f"a category column has {len(found):,} different values, more than {MOST_CLASSES:,}: "
                "it looks like an identifier or a number, not a class"
            )
        return type(self)(source=self.source, classes=tuple(sorted(found, key=natural_order)))

    def encode(self, value: object, name: str = "") -> Array:
        """Return the place of ``value`` among the classes."""
        classes = self._known()
        try:
            return np.asarray(classes.index(str(value)), self.dtype)
        except ValueError:
            raise self._unknown(value, name) from None

    def encode_many(self, values: Iterable[object], names: Iterable[str] | None = None) -> Array:
        """Return the places of all values, shape ``(rows,)``."""
        place = {c: i for i, c in enumerate(self._known())}
        values = list(values)
        places = [place.get(str(v), -1) for v in values]
        if -1 in places:
            row = places.index(-1)
            raise self._unknown(values[row], list(names)[row] if names else f"row {row + 1}")
        return np.array(places, self.dtype)

    def rejects(self, values: Sequence[object]) -> list[int]:
        """Return the places of values that are none of the classes."""
        known = set(self._known())
        return [i for i, v in enumerate(values) if str(v) not in known]

    def _unknown(self, value: object, name: str) -> DataError:
        classes = self._known()
        shown = ", ".join(classes[:10]) + (", ..." if len(classes) > 10 else "")
        where = f" ({name})" if name else ""
        return DataError(
            f"{value!r}{where} is not one of the {len(classes)} classes: {shown}{did_you_mean(str(value), classes)}"
        )

    def decode(self, outputs: Array, top: int = 3) -> list[Prediction]:
        """Return the likeliest class of each row with its probability and the ``top`` next to it."""
        classes = self._known()
        k = min(top, len(classes))
        # A stable order of the negated: of equally likely classes the first. Whole arrays become lists at once,
        # because taking single numbers out of an array costs more than the network does for a small picture.
        best = np.argsort(-outputs, axis=1, kind="stable")[:, : max(k, 1)]
        sure = np.take_along_axis(outputs, best, axis=1).tolist()
        names = np.array(classes, object)[best].tolist()
        likeliest = [tuple(zip(n, p, strict=True)) for n, p in zip(names, sure, strict=True)]
        return [Prediction(row[0][0], row[0][1], row[:k]) for row in likeliest]

    def score(self, outputs: Array, truth: Array) -> dict[str, float]:
        """Return accuracy (0 to 1) and the mean log loss (nats) of probabilities."""
        rows = np.arange(len(truth))
        right = float((outputs.argmax(axis=1) == truth).mean())
        p = np.clip(outputs[rows, truth.astype(np.int64)].astype(np.float64), 1e-12, 1.0)
        return {"accuracy": right, "log_loss": float(-np.log(p).mean())}

    def baseline(self, training: Array, truth: Array) -> tuple[str, float]:
        """Return what always naming the commonest training class would score."""
        counts = np.bincount(training.astype(np.int64), minlength=self.outputs)
        commonest = int(counts.argmax())
        return f"always {self._known()[commonest]!r}", float((truth == commonest).mean())
