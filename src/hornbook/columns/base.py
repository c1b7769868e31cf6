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
import json
from abc import ABC, abstractmethod
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal, Self

import numpy as np
import numpy.typing as npt

from hornbook.columns.ahead import Ahead
from hornbook.columns.augment import Augment
from hornbook.columns.facts import Facts
from hornbook.columns.in_cells import InCells
from hornbook.columns.keys import keys_of
from hornbook.columns.prediction import Prediction
from hornbook.columns.shown import Shown
from hornbook.common.plaintext import clean, percent

Array = npt.NDArray[Any]

ROUNDING = 1e-3
"""Largest difference of two probabilities that is rounding: a graph is float32, and its order of sums is its own."""


AugmentClass = type[Augment]
Feeds = Literal["numbers", "picture", "sound", "tokens", "steps"]


@dataclass(frozen=True, kw_only=True)
class Column(Shown, InCells, Ahead, ABC):
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
    encoded_by: ClassVar[tuple[str, ...]] = ()
    """Optional packages that open its values: another version, or none, may encode them to other bytes."""
    heavy: ClassVar[bool] = False
    """Whether encoding is slow enough (files are opened) to be kept on disk."""
    metric: ClassVar[str] = ""
    """Name of the metric that decides which epoch is best; empty where the column cannot be a target."""
    metric_larger_is_better: ClassVar[bool] = True
    varying: ClassVar[bool] = False
    """Whether values have lengths of their own: `shape` begins with the longest; `trim` cuts zeros off shorter ones."""
    baseline_name: ClassVar[str] = "always the commonest"
    """What `baseline` is called where it is not said of which training rows."""
    stratify: ClassVar[bool] = False
    """Whether rows are split so that each value of a target keeps its share."""
    renamed: ClassVar[Mapping[str, str]] = {}
    """Old names of fields, each with today's: recipes and recognizers that have them are still read."""
    is_input: ClassVar[bool] = True
    """Whether the column can be an input; it can be a target where it has a `metric`."""
    side_by_side: ClassVar[bool] = False
    """Whether several inputs of the kind are one block of numbers, for the sake of speed."""
    feeds: ClassVar[Feeds] = "numbers"
    """What its input module gives a body: numbers, a picture, one of free width, tokens, steps."""
    medium: ClassVar[str] = ""
    """What a file of such a value is called, ``picture`` or ``sound``; empty where values are no files."""
    in_cells: ClassVar[bool] = False
    """Whether a value stands in one cell of a table."""
    numeric: ClassVar[bool] = False
    """Whether a value is one number on a scale, which has a place on an axis and a mean."""
    is_label: ClassVar[bool] = False
    """Whether a value is what a person says of an example, so that two for the same one are a mistake."""
    is_text: ClassVar[bool] = False
    """Whether a value is a text itself, so that a string is no path."""
    is_string: ClassVar[bool] = False
    """Whether a value is a string of characters that is read from something, character by character."""
    is_window: ClassVar[bool] = False
    """Whether a value is a window of rows in the order of time."""
    augment: ClassVar[AugmentClass | None] = None
    """The options of its augmentation; None where its examples cannot be augmented."""

    source: str | None = field(default=None, metadata={"key": "from"})

    @property
    def learned(self) -> bool:
        """Whether all that can be learned is there already: the column is of a recognizer, or was told."""
        return bool(self.learned_fields) and all(getattr(self, f) is not None for f in self.learned_fields)

    @classmethod
    def among(cls, columns: Mapping[str, Column]) -> dict[str, Self]:
        """Return the columns that are of this class, by their names: for code that is of one kind alone."""
        return {name: column for name, column in columns.items() if isinstance(column, cls)}

    def objection(self) -> str:
        """Return what is wrong with the fields taken together, as the end of a sentence; empty where nothing is."""
        return ""

    def sources(self, name: str) -> tuple[str, ...]:
        """Return the table's columns that it reads, where it is called ``name``."""
        return (self.source or name,)

    def guarded(self) -> Self:
        """Return the column as it is used when it comes from a file of somebody else, with no guard switched off."""
        return self

    def limited(self, pixels: int) -> Self:
        """Return the column with no larger pictures than so many pixels, where its values are some."""
        return self

    def about_value(self) -> dict[str, Any]:
        """Return what a value is, as JSON types: type, medium of a file, text, choices, example, unit of a number."""
        out: dict[str, Any] = {"type": self.type}
        if self.medium:
            out["medium"] = self.medium
        if self.is_text:
            out["text"] = True
        if (names := self.class_names()) is not None:
            out["choices"] = list(names)
        return out

    # What a value looks like when encoded.

    @property
    def given_shape(self) -> tuple[int | None, ...]:
        """Shape of one encoded value as a graph takes it: a side that each value has of its own is None."""
        return (None, *self.shape[1:]) if self.varying else self.shape

    def for_value(self, value: Any, name: str = "") -> Self:
        """Return the column with the size of a value, where each has its own."""
        return self

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of one encoded value: here, of a single number."""
        return ()

    @property
    @abstractmethod
    def dtype(self) -> np.dtype[Any]:
        """The type of an encoded value."""

    @abstractmethod
    def encode(self, value: object, name: str = "") -> Array:
        """Encode one value; ``name`` says where it is from (file, row). DataError is raised where it cannot be."""

    def encode_many(self, values: Sequence[object], names: Sequence[str] | None = None) -> Array:
        """Encode a sequence of values to one array of shape ``(len(values), *shape)``."""
        out = np.empty((len(values), *self.shape), self.dtype)
        for i, value in enumerate(values):
            out[i] = self.encode(value, names[i] if names else f"row {i + 1}")
        return out

    @property
    def rejecting(self) -> bool:
        """Whether `rejects` has anything to do: making a list of a million cells takes longer than to encode them."""
        return type(self).rejects is not Column.rejects

    def rejects(self, values: Sequence[object]) -> list[int]:
        """Return the places of values that cannot be encoded after learning (a class never seen in training)."""
        return []

    def unanswerable(self, value: object) -> bool:
        """Whether a value of ``rejects`` is a truth all the same: then every answer is wrong."""
        return False

    def with_unanswerable(self, encoded: Array, values: Sequence[object]) -> Array | list[str]:
        """Return truths that were encoded, and after them such `unanswerable` values, for an evaluation."""
        return encoded

    def encode_block(self, block: Array) -> Array | None:
        """Encode many arrays at once, where nothing has to be done to each, else return None."""
        return None

    def encode_series(self, series: Any) -> Array | None:
        """Encode a whole Polars column at once, where that can be done without a look at each value, else None.

        None also where a value cannot be encoded: then `encode_many` says which.
        """
        return None

    def unreadable(self, series: Any, name: str) -> Iterator[tuple[int, str]]:
        """Yield the places of a Polars column's cells that cannot be encoded, and why; ``name`` is the column's."""
        if self.rejecting:
            values = series.to_list()
            for i in self.rejects(values):
                yield i, self.why_rejected(values[i], name)

    def written(self, numbers: Any) -> Self:
        """Return the column with how the numbers in its cells are written (`NumberForm`), where it reads any."""
        return self

    def as_input(self, alone: bool = True) -> Self:
        """Return the column as it is where it is an input; ``alone`` where nothing else is known of a row."""
        return self

    @property
    def of_characters(self) -> bool:
        """Whether a text is cut into characters."""
        return False

    def paired(self, target: Column) -> tuple[Column, Column]:
        """Return the column and a target of the same values, which is to say what comes next of them."""
        return self, target

    def check_inputs(
        self, name: str, inputs: Mapping[str, Column], encoded: Mapping[str, Array], where: str
    ) -> None:
        """Raise DataError where the target ``name`` cannot be answered from these encoded inputs.

        ``where`` says where they are from.
        """
        return

    def holds_many(self, value: Array) -> bool:
        """Return whether an array that a person gives holds many values, and is not one of them."""
        return value.ndim == 4 or (value.ndim == 3 and value.shape[2] not in (1, 3, 4))

    def why_rejected(self, value: object, name: str) -> str:
        """Return why a value of ``rejects`` cannot be used, as the end of a sentence; ``name`` is the column's."""
        return f"no training example has the {name} {value!r}"

    def way_out(self, name: str) -> str:
        """Return what helps where every training row has a value of ``rejects``: keys to set; empty for nothing."""
        return ""

    def lengths(self, batch: Array) -> Array:
        """Return how long each row is without its padding, ``int64`` of shape ``(rows,)``; for `varying` columns."""
        return np.full(len(batch), self.shape[0] if self.shape else 1)

    def trim(self, batch: Array) -> Array:
        """Return encoded rows without what is padding in all of them; at least one step is left."""
        if not self.varying or not len(batch):
            return batch
        return batch[:, : max(int(self.lengths(batch).max()), 1)]

    def encode_with_facts(self, value: object, name: str = "") -> tuple[Array, Facts]:
        """Encode one value, and say what is known of it as it was stored."""
        return self.encode(value, name), Facts()

    def about_encoded(self) -> list[str]:
        """Return what the numbers of an encoded value are, lines for who writes a program around a recognizer."""
        return []

    # What is learned from the training rows.

    def learn(self, values: Iterable[object]) -> Self:
        """Return the column with what must be known before encoding (classes, alphabet, vocabulary)."""
        return self

    def learn_facts(self, facts: Array) -> Self:
        """Return the column with what is to be known before encoding and is seen by encoding alone.

        ``facts`` are those of the training rows (`hornbook.examples.facts.FACTS`), encoded without it; where another
        column is returned, they are encoded again. Of a column that has learned nothing yet.
        """
        return self

    def encodes_by(self) -> dict[str, Any]:
        """Return what was learned that changes how values are encoded, as JSON types."""
        return {}

    def assumed(self, classes: int = 10) -> tuple[Self, str]:
        """Return the column as if learned, for sizes alone, and what was assumed; where there is no data."""
        return self, ""

    def remarks(self) -> list[str]:
        """Return what a person should know of what was learned, a sentence each."""
        return []

    def measure(self, chunks: Iterator[Array]) -> Self:
        """Return the column with the statistics of its encoded training rows (mean, standard deviation)."""
        return self

    # What is done with a network's outputs, for a column that can be a target.

    @property
    def outputs(self) -> int:
        """How many numbers the network gives for one value."""
        raise NotImplementedError(f"a column of type {self.type!r} cannot be a target")

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """Shape of what the graph gives for one row; None is a length that is known only when it is run."""
        return (self.outputs,)

    def class_names(self) -> tuple[str, ...] | None:
        """Return the names that an answer is one of, in the order of the outputs; None where there are none."""
        return None

    def about_outputs(self) -> list[str]:
        """Return what the outputs are, lines for who writes a program around a recognizer."""
        return [f"decoded by the column {clean(json.dumps(self.options(), ensure_ascii=False))}"]

    def widest(self) -> Sequence[str]:
        """Return texts at least one of which is as wide as any answer, as far as it is known before."""
        return self.class_names() or ()

    def stands_beside(self) -> tuple[str, ...]:
        """Return what stands beside an answer in a table: its ``confidence``, or the ``low`` and ``high`` of it."""
        return ("confidence",)

    def restrict(self, outputs: Array, characters: str) -> Array:
        """Return the outputs with only some characters possible; UsageError where one is not known."""
        return outputs

    def nothing_to_learn(self, truth: Array, name: str) -> str:
        """Return why nothing can be learned from the encoded truths of the training rows; empty where it can."""
        return ""

    def class_weights(self, truth: Array) -> Array | None:
        """Return a weight for each class that is larger where it is rare; None where there are no classes."""
        return None

    def weight_rows(self) -> Sequence[Hashable] | None:
        """Return what each row of weights of its input or head stands for, to find it again; None for nothing."""
        return None

    def say_value(self, value: Any) -> str:
        """Return a value as people read it, with its unit where it has one."""
        return str(value)

    def say_score(self, score: float) -> str:
        """Return a value of `metric` as people read it."""
        return percent(score, 2)

    def differences(self, ours: Array, theirs: Array) -> tuple[float, int]:
        """Compare two outputs for the same rows that should differ by rounding alone.

        Returns
        -------
        gap
            The largest difference, of probabilities; of other outputs as a share of what they vary by.
        differ
            How many decoded answers differ that are no ties.
        """
        if not ours.size:
            return 0.0, 0
        gap = float(np.abs(ours - theirs).max())
        if ours.shape[-1] == 1:
            return gap, 0
        # Of two classes that are equally likely to the last digits either may come first.
        top = np.sort(ours, axis=-1)
        sure = top[..., -1] - top[..., -2] > 2 * ROUNDING
        return gap, int((ours.argmax(-1) != theirs.argmax(-1))[sure].sum())

    def decode(self, outputs: Array, top: int = 3) -> list[Prediction]:
        """Turn the recognizer's outputs, shape ``(rows, *output_shape)``, into predictions."""
        raise NotImplementedError(f"a column of type {self.type!r} cannot be a target")

    def score(self, outputs: Array, truth: Array) -> dict[str, float]:
        """Return the metrics of outputs against encoded truth; the first is ``metric``."""
        raise NotImplementedError(f"a column of type {self.type!r} cannot be a target")

    def baseline(self, training: Array, truth: Array) -> tuple[str, float]:
        """Return what the simplest guess from the training rows would score on ``truth``, with its name."""
        raise NotImplementedError(f"a column of type {self.type!r} cannot be a target")

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        """Return the column itself: it never changes, and a network of 5,000 columns is copied in 0.1 s, not in 4 s."""
        return self

    # In and out of the recognizer file.

    def options(self) -> dict[str, Any]:
        """Return the options as they stand in a recipe (``from`` for ``source``), without what was learned."""
        out: dict[str, Any] = {"type": self.type}
        for name, key in keys_of(type(self)):
            if name not in self.learned_fields:
                value = getattr(self, name)
                out[key] = list(value) if isinstance(value, tuple) else value
        return out

    def to_json(self) -> dict[str, Any]:
        """Return options and what was learned, as JSON types."""
        learned = {name: getattr(self, name) for name in self.learned_fields}
        return {**self.options(), **{k: list(v) if isinstance(v, tuple) else v for k, v in learned.items()}}

    def meaning(self) -> dict[str, Any]:
        """Return what encoded values stand for: two sets of rows whose arrays are the same may differ in it."""
        return self.to_json()

    def __repr__(self) -> str:
        """Return the column with only what differs from the defaults."""
        parts = []
        for option in dataclasses.fields(self):
            value = getattr(self, option.name)
            if value != option.default:
                text = repr(value)
                parts.append(f"{option.name}={text if len(text) < 80 else text[:77] + '...'}")
        return f"{type(self).__name__}({', '.join(parts)})"
