"""The contract of a column: the only place that knows a kind of data.

A column is a frozen dataclass. Its fields are its options, with their constraints declared as ``Annotated``
types (the recipe builds its error messages from them), and what it has learned. It is plain numpy: it imports
no torch, so the same code runs in training and in use. The life of a column:

1. ``learned = column.learn(values)``: from the *training rows only*: classes, alphabet, vocabulary.
2. ``array = learned.encode(value)``: one value to an array of ``shape`` and ``dtype``, the narrowest that
holds it. 3. ``measured = learned.measure(arrays)``: statistics of the encoded training rows, which the graph
uses as arithmetic. 4. ``learned.decode(outputs)``: the network's outputs to predictions; ``score`` and
``baseline`` judge them.

Learning returns a new column, so a column never changes under somebody's feet, and ``to_json`` and
``column_from_json`` take it into the recognizer file and back.
"""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self, get_type_hints

import numpy as np
import numpy.typing as npt

from hornbook.columns.declared import fits
from hornbook.errors import RecognizerError, did_you_mean, one_of

Array = npt.NDArray[Any]


@dataclass(frozen=True)
class Prediction:
    """What a recognizer says of one target of one example.

    Attributes
    ----------
    value
        The decoded answer, or ``None`` when it abstains.
    confidence
        Probability of the value, 0 to 1, calibrated on the validation rows; ``None`` where there is none.
    top
        The likeliest values with their probabilities, best first.
    """

    value: Any
    confidence: float | None
    top: tuple[tuple[Any, float], ...] = ()

    def to_json(self) -> dict[str, Any]:
        """Return the prediction as JSON types, the probabilities rounded to 4 digits."""
        confidence = None if self.confidence is None else round(self.confidence, 4)
        return {
            "value": self.value,
            "confidence": confidence,
            "top": [[value, round(p, 4)] for value, p in self.top],
        }


@dataclass(frozen=True, kw_only=True)
class Column(ABC):
    """One typed column of a table of examples.

    Parameters
    ----------
    source
        The name of the table's column that holds the values, where it differs from the column's own name.
        Written ``from`` in a recipe.
    """

    type: ClassVar[str]
    """The word for the column in a recipe."""
    learned_fields: ClassVar[tuple[str, ...]] = ()
    """Fields that are learned, not set: kept in the recognizer file, not part of the recipe."""
    heavy: ClassVar[bool] = False
    """Whether encoding is slow enough (files are opened) to be kept on disk."""
    metric: ClassVar[str] = ""
    """Name of the metric that decides which epoch is best; empty where the column cannot be a target."""
    metric_larger_is_better: ClassVar[bool] = True

    source: str | None = field(default=None, metadata={"key": "from"})

    @property
    def learned(self) -> bool:
        """Whether all that can be learned is there already: the column is of a recognizer, or was told."""
        return bool(self.learned_fields) and all(getattr(self, f) is not None for f in self.learned_fields)

    def objection(self) -> str:
        """Return what is wrong with the fields taken together, as the end of a sentence; empty where nothing is."""
        return ""

    def guarded(self) -> Self:
        """Return the column as it is used when it comes from a file of somebody else, with no guard switched off."""
        return self

    # What a value looks like when encoded.

    @property
    @abstractmethod
    def shape(self) -> tuple[int, ...]:
        """Shape of one encoded value."""

    @property
    @abstractmethod
    def dtype(self) -> np.dtype[Any]:
        """The type of an encoded value."""

    @abstractmethod
    def encode(self, value: object, name: str = "") -> Array:
        """Encode one value.

        ``name`` says where the value is from (file, row), for messages. Raises DataError where it cannot be
        encoded.
        """

    def encode_many(self, values: Sequence[object], names: Sequence[str] | None = None) -> Array:
        """Encode a sequence of values to one array of shape ``(len(values), *shape)``."""
        out = np.empty((len(values), *self.shape), self.dtype)
        for i, value in enumerate(values):
            out[i] = self.encode(value, names[i] if names else f"row {i + 1}")
        return out

    def rejects(self, values: Sequence[object]) -> list[int]:
        """Return the places of values that cannot be encoded after learning (a class never seen in training)."""
        return []

    def encode_block(self, block: Array) -> Array | None:
        """Encode many arrays at once, where nothing has to be done to each, else return None."""
        return None

    def encode_with_facts(self, value: object, name: str = "") -> tuple[Array, tuple[int, int], str]:
        """Encode one value, and say the width, height and mode it came with (for the checks)."""
        return self.encode(value, name), (0, 0), ""

    # What is learned from the training rows.

    def learn(self, values: Iterable[object]) -> Self:
        """Return the column with what must be known before encoding (classes, alphabet, vocabulary)."""
        return self

    def measure(self, chunks: Iterator[Array]) -> Self:
        """Return the column with the statistics of its encoded training rows (mean, deviation)."""
        return self

    # What is done with a network's outputs, for a column that can be a target.

    @property
    def outputs(self) -> int:
        """How many numbers the network gives for one value."""
        raise NotImplementedError(f"a column of type {self.type!r} cannot be a target")

    def decode(self, outputs: Array, top: int = 3) -> list[Prediction]:
        """Turn the recognizer's outputs, shape ``(rows, outputs)``, into predictions."""
        raise NotImplementedError(f"a column of type {self.type!r} cannot be a target")

    def score(self, outputs: Array, truth: Array) -> dict[str, float]:
        """Return the metrics of outputs against encoded truth; the first is ``metric``."""
        raise NotImplementedError(f"a column of type {self.type!r} cannot be a target")

    def baseline(self, training: Array, truth: Array) -> tuple[str, float]:
        """Return what the simplest guess from the training rows would score on ``truth``, with its name."""
        raise NotImplementedError(f"a column of type {self.type!r} cannot be a target")

    # In and out of the recognizer file.

    def options(self) -> dict[str, Any]:
        """Return the options as they stand in a recipe (``from`` for ``source``), without what was learned."""
        out: dict[str, Any] = {"type": self.type}
        for option in dataclasses.fields(self):
            if option.name not in self.learned_fields:
                value = getattr(self, option.name)
                out[key_of(option)] = list(value) if isinstance(value, tuple) else value
        return out

    def to_json(self) -> dict[str, Any]:
        """Return options and what was learned, as JSON types."""
        learned = {name: getattr(self, name) for name in self.learned_fields}
        return {**self.options(), **{k: list(v) if isinstance(v, tuple) else v for k, v in learned.items()}}

    def __repr__(self) -> str:
        """Return the column with only what differs from the defaults."""
        parts = []
        for option in dataclasses.fields(self):
            value = getattr(self, option.name)
            if value != option.default:
                text = repr(value)
                parts.append(f"{option.name}={text if len(text) < 80 else text[:77] + '...'}")
        return f"{type(self).__name__}({', '.join(parts)})"


def key_of(option: dataclasses.Field[Any]) -> str:
    """Return what an option is called in a recipe: its name, or the word that Python keeps for itself (``from``)."""
    return str(option.metadata.get("key", option.name))


def column_types() -> dict[str, type[Column]]:
    """Return every column type by its word."""
    from hornbook.columns.category import CategoryColumn
    from hornbook.columns.image import ImageColumn

    return {cls.type: cls for cls in (ImageColumn, CategoryColumn)}


def column_from_json(data: dict[str, Any]) -> Column:
    """Make the column that ``to_json`` wrote.

    Raises
    ------
    RecognizerError
        The type or a field is unknown, or a value cannot be: the file is from another version, or damaged.
    """
    types = column_types()
    fields = dict(data)
    word = fields.pop("type", None)
    if not isinstance(word, str) or word not in types:
        raise RecognizerError(
            f"the recognizer has a column of type {word!r}, and this version of hornbook knows {one_of(types)}"
            f"{did_you_mean(str(word), types)}"
        )
    cls = types[word]
    names = {key_of(f): f.name for f in dataclasses.fields(cls)}
    hints = get_type_hints(cls, include_extras=True)
    values: dict[str, Any] = {}
    for key, value in fields.items():
        if key not in names:
            raise RecognizerError(
                f"the recognizer's {word} column has {key!r}, which this version of hornbook does not know; "
                "update hornbook"
            )
        values[names[key]] = tuple(value) if isinstance(value, list) else value
        if not fits(values[names[key]], hints[names[key]]):
            raise RecognizerError(
                f"the recognizer's {word} column has a {key} that cannot be; the file is damaged, export it again"
            )
    column = cls(**values)
    if column.objection():
        raise RecognizerError(
            f"the recognizer's {word} column {column.objection()}; the file is damaged, export it again"
        )
    return column
