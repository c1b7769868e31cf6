"""The ``category`` column: one of a few names.

The classes are made once, from the training rows, sorted the way people count (2 before 10), stored in the
recognizer and never renumbered. A value is encoded as its place in that list.
"""

from __future__ import annotations

import dataclasses
import math
import re
import unicodedata
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import repeat
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.category.one_class import ODD, OneClassColumn
from hornbook.columns.category.ordered import in_order, middles, said_of
from hornbook.columns.category.spelling import only_spellings, plainly, with_unit, written_otherwise
from hornbook.columns.number.written.parse import with_point
from hornbook.columns.prediction import Prediction
from hornbook.columns.summary import Inspection, Values
from hornbook.common.plaintext import clean
from hornbook.errors import DataError, did_you_mean

if TYPE_CHECKING:
    import polars as pl

_PREDICTION: Callable[[tuple[Any, ...]], Prediction] = partial(tuple.__new__, Prediction)

_NOTHING = Prediction(None, None)[3:]

MOST_CLASSES = 65_536

FEW = 256
"""Values up to which each is looked at by itself."""


def natural_order(word: str) -> tuple[tuple[int, int, str, str], ...]:
    """Return a sort key in which numbers inside words are compared as numbers.

    >>> sorted(["10", "9", "a10", "a9"], key=natural_order)
    ['9', '10', 'a9', 'a10']
    """
    return tuple(_part(p) for p in re.split(r"(\d+)", word) if p)


def _part(part: str) -> tuple[int, int, str, str]:
    """Return the key of digits, or of what stands between them."""
    if not part.isdecimal():  # superscripts are digits that are no numbers
        return 1, 0, "", part
    # Compared by their length and then as text, since int() refuses more than 4,300 digits.
    digits = (part if part.isascii() else "".join(str(unicodedata.decimal(c)) for c in part)).lstrip("0")
    return 0, len(digits), digits, part


@dataclass(frozen=True, kw_only=True, repr=False)
class CategoryColumn(OneClassColumn):
    """One of a few named classes.

    Encoded to one integer, ``shape`` (), ``uint8`` up to 256 classes, else ``uint16``. The network's outputs
    are probabilities, shape ``(rows, classes)``.

    Parameters
    ----------
    classes
        The names in their order. Learned from the training rows where they are not given.
    names
        What codes stand for, ``{"1": "USA", "2": "Europe"}``; a code without a name is its own name.
    in_order
        Whether the classes are groups of a number in their order (``3-9``, ``10-19``, ``more than 70``): an answer then
        has a mean as well, and it is judged how many are within one group.
    stranger
        What is answered where an input is unlike the examples: ``nobody I know``; by default the likeliest class.

    Attributes
    ----------
    other
        Whether a value that was never learned, or none, counts as "other", the place after the last class: so it is
        where the column is an input, for a network can answer all the same.

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
    in_cells: ClassVar[bool] = True
    is_label: ClassVar[bool] = True
    learned_fields: ClassVar[tuple[str, ...]] = (
        "other",
        "decimal",
        "thousands",
        "unit",
        "sought",
        "threshold",
    )

    classes: tuple[str, ...] | None = None
    names: Mapping[str, str] | None = None
    in_order: bool = False
    stranger: str = ""
    other: bool | None = None

    @property
    def learned(self) -> bool:
        """Whether there are classes."""
        return self.classes is not None

    def objection(self) -> str:
        """Return what is wrong with classes that were given."""
        if self.classes is None:
            return super().objection()
        if len(set(self.classes)) < len(self.classes):
            twice = next(c for i, c in enumerate(self.classes) if c in self.classes[:i])
            return f"has the class {twice!r} twice"
        if not self.classes or len(self.classes) > MOST_CLASSES:
            return f"has {len(self.classes):,} classes, and from 1 to {MOST_CLASSES:,} are possible"
        if self.in_order and self.middles is None:
            return "is in_order, and not every class is a group of numbers such as 3-9 or 70+, in their order"
        if self.threshold is not None and len(self.classes) != 2:
            return f"has a threshold between two classes, and {len(self.classes):,} classes"
        return super().objection()

    @property
    def dtype(self) -> np.dtype[Any]:
        """The narrowest unsigned type."""
        return np.dtype(np.uint8 if self.outputs + bool(self.other) <= 256 else np.uint16)

    def as_input(self, alone: bool = True) -> Self:
        """Return the column with a place for values that were never learned."""
        return dataclasses.replace(self, other=True)

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
        if self.only:
            return dataclasses.replace(self, classes=(self.only, ODD))
        found = {word for word in map(self._word, values) if word is not None}
        if len(found) > MOST_CLASSES:
            raise DataError(
                f"a category column has {len(found):,} different values, more than {MOST_CLASSES:,}: "
                "it looks like an identifier or a number, not a class"
            )
        self.check_two(len(found))
        column = dataclasses.replace(self, classes=tuple(sorted(found, key=natural_order)))
        if self.in_order and column.middles is None:
            raise DataError(f"a category column {column.objection()}: {', '.join(column._known()[:10])}")
        return column

    @cached_property
    def middles(self) -> Array | None:
        """The middle of each group of a column `in_order`; None where it is not, or they are no groups."""
        return middles(self._known()) if self.in_order else None

    def _word(self, value: object) -> str | None:
        """Return the name that a value stands for, None where there is no value."""
        if value is None or (isinstance(value, float) and math.isnan(value)):
            return None
        # A table with empty cells brings its codes as 1.0 and 2.0.
        if isinstance(value, (float, np.floating)) and float(value).is_integer():
            value = int(value)
        word = str(value).strip()
        if self.form is not None:  # the classes are numbers
            word = with_point(word, self.form) if isinstance(value, str) else word
            word = word if self.unit is None else with_unit(word, self.form.unit)
        if self.other and not word:
            return None
        return self._of_two(self._named(word))

    def encode(self, value: object, name: str = "") -> Array:
        """Return the place of ``value`` among the classes."""
        (place,) = self._find_each([value])
        if place < 0:
            raise self._unknown(value, name)
        return np.asarray(place, self.dtype)

    def _otherwise(self, word: str | None, place: Mapping[str | None, int]) -> int:
        """Return the place of a name that is no class as it is written, -1 where it is none."""
        if word is None:
            return -1
        words = map(self._named, written_otherwise(word))
        return next((place[w] for w in words if w in place), self._plain_places.get(plainly(word), -1))

    def respelled(self, cells: pl.Series) -> dict[str, str]:
        """Return the values of a column that are another spelling of a class, each with the class."""
        out, known = {}, self._places
        for value in cells.unique().sort().to_list():
            word = self._word(value)
            if word is None or word in known or any(self._named(w) in known for w in written_otherwise(word)):
                continue
            if (place := self._plain_places.get(plainly(word), -1)) >= 0:
                out[str(value)] = self._known()[place]
        return out

    def _find(self, values: Sequence[object]) -> list[int]:
        """Return the places of values, -1 where they are no classes, or that of any other."""
        if len(values) > FEW and set(map(type, values)) == {str}:
            # Each different text once, of thousands of rows.
            different = list(set(values))
            known = dict(zip(different, self._find_each(different), strict=True))
            return [known[value] for value in values]
        return self._find_each(values)

    def _find_each(self, values: Iterable[object]) -> list[int]:
        place = self._places
        words = [self._word(v) for v in values]
        places = [place.get(word, -1) for word in words]
        if -1 in places:
            nowhere = len(place) if self.other else -1
            for i, word in enumerate(words):
                if places[i] < 0:
                    found = self._otherwise(word, place)
                    places[i] = found if found >= 0 else nowhere
        return places

    def _named(self, word: str) -> str:
        names = self.names
        if not names or word in names:
            return names[word] if names else word
        return next((names[w] for w in written_otherwise(word) if w in names), word)

    def encode_many(self, values: Iterable[object], names: Sequence[str] | None = None) -> Array:
        """Return the places of all values, shape ``(rows,)``."""
        values = list(values)
        places = self._find(values)
        if -1 in places:
            row = places.index(-1)
            raise self._unknown(values[row], names[row] if names else f"row {row + 1}")
        return np.array(places, self.dtype)

    def encode_series(self, series: pl.Series) -> Array | None:
        """Return the places of a whole Polars column, looking at each different value once."""
        import polars as pl

        if series.dtype.is_nested() or series.dtype in (pl.Object, pl.Binary):
            return None
        values = series.unique()
        places = self._find(values.to_list())
        if -1 in places:
            return None
        found = series.replace_strict(values, pl.Series(places, dtype=pl.UInt32), return_dtype=pl.UInt32)
        return found.to_numpy().astype(self.dtype)

    @cached_property
    def _places(self) -> dict[str | None, int]:
        classes = self._known()
        # Blanks at the ends never count; those of a recipe or an older file may have some.
        places: dict[str | None, int] = {c.strip(): i for i, c in enumerate(classes)}
        return places | {c: i for i, c in enumerate(classes)}

    @cached_property
    def _plain_places(self) -> dict[str, int]:
        return only_spellings(self._known())

    def rejects(self, values: Sequence[object]) -> list[int]:
        """Return the places of values that are none of the classes; none of them where there is an "other"."""
        if self.other:
            return []
        return [i for i, place in enumerate(self._find(values)) if place < 0]

    def _unknown(self, value: object, name: str) -> DataError:
        classes = self._known()
        shown = ", ".join(classes[:10]) + (", ..." if len(classes) > 10 else "")
        where = f" ({name})" if name else ""
        return DataError(
            f"{value!r}{where} is not one of the {len(classes)} classes: {shown}{did_you_mean(str(value), classes)}"
        )

    def labels(self, encoded: Array) -> list[str]:
        """Return classes by their places."""
        return [self._known()[place] for place in encoded.tolist()]

    def inspect(self, values: Values) -> Inspection:
        """Return how many examples each class has, where it is a target."""
        from hornbook.columns.category.checks import inspect

        return self.fit_to_say(inspect(self._known(), values))

    def decode(self, outputs: Array, top: int = 3) -> list[Prediction]:
        """Return the likeliest class of each row with its probability and the ``top`` next to it."""
        classes = self._known()
        k = min(top, len(classes))
        best = self.ranked(outputs)[:, : max(k, 1)]
        # The best of all rows, the second best of all rows, ...: lists as long as the batch, because what is done
        # row by row costs a tenth of what the network does for a small picture.
        sure = np.take_along_axis(outputs, best, axis=1).T.tolist()
        names = np.array(classes, object)[best].T.tolist()
        pairs = [zip(n, p, strict=True) for n, p in zip(names[:k], sure[:k], strict=True)]
        rows = zip(*pairs, strict=True) if k else repeat(())
        # As `Prediction` does it, without a call of Python for each.
        found = list(map(_PREDICTION, zip(names[0], sure[0], rows, *map(repeat, _NOTHING), strict=False)))
        if self.middles is None:
            return found
        means = (np.asarray(outputs, np.float64) @ self.middles).tolist()
        return [p._replace(said=said_of(p.value, m), mean=m) for p, m in zip(found, means, strict=True)]

    def of_stranger(self, prediction: Prediction) -> Prediction:
        """Return what is answered of an input that is unlike the examples."""
        return (
            prediction._replace(value=self.stranger, confidence=None, said="")
            if self.stranger
            else prediction
        )

    def decode_cells(self, outputs: Array) -> dict[str, pl.Series]:
        """Return the likeliest class of each row with its probability."""
        import polars as pl

        best = self.chosen(outputs)
        sure = np.take_along_axis(outputs, best[:, None], axis=1)[:, 0].astype(np.float64)
        classes = pl.Series(self._known(), dtype=pl.String)
        cells = {"": classes.gather(best), "confidence": pl.Series(sure).round(4)}
        if self.middles is not None:
            cells["mean"] = pl.Series(np.asarray(outputs, np.float64) @ self.middles).round(2)
        return cells

    def stands_beside(self) -> tuple[str, ...]:
        """Return what stands beside an answer in a table: of classes in their order their mean as well."""
        return ("confidence", "mean") if self.in_order else ("confidence",)

    def meaning(self) -> dict[str, Any]:
        """Return the classes, and not how they were written or are decided between."""
        deciding = ("metric", "in_order", "stranger")
        said = {k: v for k, v in self.options().items() if k not in deciding and (k != "only" or v)}
        return {**said, "other": self.other}

    def class_names(self) -> tuple[str, ...] | None:
        """Return the classes; None where they are not learned."""
        return self.classes

    def about_encoded(self) -> list[str]:
        """Return the classes with their places, and which codes stand for them."""
        every = (f"{i} {clean(c)}" for i, c in enumerate(self._known()))
        codes = ", ".join(f"{clean(code)} for {clean(name)}" for code, name in (self.names or {}).items())
        said = [f"codes stand for them: {codes}"] if codes else []
        return [f"the place of the value among these; {self.outputs} is any other, or none:", *every, *said]

    def about_outputs(self) -> list[str]:
        """Return the classes with their places."""
        names = (f"{i} {clean(c)}" for i, c in enumerate(self._known()))
        return [f"the probability of each class; {self.about_answer(self._known())}:", *names]

    def assumed(self, classes: int = 10) -> tuple[Self, str]:
        """Return the column with classes that are only counted."""
        if self.learned:
            return self, ""
        known = len(set(self.names.values())) if self.names else classes
        note = "" if self.names else f"{classes} classes assumed, as the data is not there to count them"
        return dataclasses.replace(self, classes=tuple(map(str, range(known)))), note

    def class_weights(self, truth: Array) -> Array | None:
        """Return rows / (classes x rows of the class)."""
        counts = np.bincount(truth, minlength=self.outputs)
        weights: Array = len(truth) / (self.outputs * np.maximum(counts, 1))
        return weights

    def weight_rows(self) -> Sequence[Hashable] | None:
        """Return the classes."""
        return self._known()

    def score(self, outputs: Array, truth: Array) -> dict[str, float]:
        """Return accuracy (0 to 1) and the mean log loss (nats) of probabilities."""
        rows = np.arange(len(truth))
        right = float((self.chosen(outputs) == truth).mean())
        p = np.clip(outputs[rows, truth.astype(np.int64)].astype(np.float64), 1e-12, 1.0)
        return {
            "accuracy": right,
            "log_loss": float(-np.log(p).mean()),
            **in_order(self.middles, outputs, truth),
        }

    def baseline(self, training: Array, truth: Array) -> tuple[str, float]:
        """Return what always naming the commonest training class would score."""
        counts = np.bincount(training.astype(np.int64), minlength=self.outputs)
        commonest = int(counts.argmax())
        return f"always {self._known()[commonest]!r}", float((truth == commonest).mean())
