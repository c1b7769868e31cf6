"""The ``labels`` column: a class for each token of a text (N to N), such as its part of speech.

A value is a list, or a text of labels with blanks between them: as many as the text has tokens. Where the tokens are
given with blanks between them as well, the text is cut by ``tokenizer = "blanks"``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Any, ClassVar, Self

import numpy as np
from annotated_types import Ge, Le

from hornbook.columns.base import Array, Column
from hornbook.columns.prediction import Prediction
from hornbook.common.plaintext import clean, number_of, shorten
from hornbook.errors import DataError

LONGEST = 4096
"""The most labels of a value."""


@dataclass(frozen=True, kw_only=True, repr=False)
class LabelsColumn(Column):
    """A class for each step of the input.

    Encoded to 1 + the place of each label in the classes, padded with 0, shape ``(longest,)``; the network's outputs
    are probabilities, ``(rows, steps, classes)``, all 0 where a text has ended.

    Attributes
    ----------
    classes
        The labels, sorted, learned from the training rows.
    longest
        The most labels of a training row.

    Examples
    --------
    >>> column = LabelsColumn().learn(["DET NOUN VERB", ["NOUN", "VERB"]])
    >>> column.encode("NOUN VERB").tolist(), column.classes
    ([2, 3, 0], ('DET', 'NOUN', 'VERB'))
    """

    type: ClassVar[str] = "labels"
    metric: ClassVar[str] = "accuracy"
    learned_fields: ClassVar[tuple[str, ...]] = ("classes", "longest")
    is_input: ClassVar[bool] = False
    in_cells: ClassVar[bool] = True
    keeps_text: ClassVar[bool] = True

    classes: tuple[str, ...] | None = None
    longest: Annotated[int, Ge(1), Le(LONGEST)] | None = None

    def objection(self) -> str:
        """Return what is wrong with classes that were read from a file."""
        if self.classes is None:
            return ""
        if len(set(self.classes)) < len(self.classes) or not all(self.classes):
            return "has a class twice, or one without a name"
        return "" if self.classes else "has no class"

    @property
    def shape(self) -> tuple[int, ...]:
        """The most labels."""
        return (self._ready("longest"),)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The narrowest unsigned type."""
        return np.dtype(np.uint8 if self.outputs < 256 else np.uint16)

    @property
    def outputs(self) -> int:
        """A probability for each class."""
        return len(self._ready("classes"))

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """As many steps as the input has, and classes."""
        return (None, self.outputs)

    def _ready(self, name: str) -> Any:
        value = getattr(self, name)
        if value is None:
            raise DataError(
                "a labels column has no classes yet: it must learn them from the training rows first"
            )
        return value

    def class_names(self) -> None:
        """Return None: an answer is several of its classes."""

    @cached_property
    def _places(self) -> dict[str, int]:
        return {label: i for i, label in enumerate(self._ready("classes"), 1)}

    def _wrong(self, value: object, labels: Sequence[str]) -> str:
        """Return why a value cannot be encoded; empty where it can."""
        if not labels:
            return (
                "has no labels"
                if value is None or isinstance(value, (str, list, tuple))
                else "is no list of labels"
            )
        most = self.longest or LONGEST
        if len(labels) > most:
            return f"has {number_of(len(labels), 'label')}, and no training example has more than {most:,}"
        strange = (
            next((x for x in labels if x not in self._places), None) if self.classes is not None else None
        )
        return "" if strange is None else f"has {shorten(repr(strange), 40)}, which no training example has"

    def encode(self, value: object, name: str = "") -> Array:
        """Return the labels of one value as numbers; DataError where it has none, or one that is not known."""
        one: Array = self.encode_many([value], [name])[0]
        return one

    def encode_many(self, values: Sequence[object], names: Sequence[str] | None = None) -> Array:
        """Return the labels of all values, shape ``(rows, longest)``."""
        out = np.zeros((len(values), *self.shape), self.dtype)
        for i, value in enumerate(values):
            labels = labels_of(value)
            if wrong := self._wrong(value, labels):
                name = names[i] if names else f"row {i + 1}"
                raise DataError(f"{shorten(clean(repr(value)), 40)}{f' ({name})' if name else ''} {wrong}")
            out[i, : len(labels)] = [self._places[label] for label in labels]
        return out

    def rejects(self, values: Sequence[object]) -> list[int]:
        """Return the places of values without labels, or with one that no training row has."""
        return [i for i, v in enumerate(values) if self._wrong(v, labels_of(v))]

    def why_rejected(self, value: object, name: str) -> str:
        """Return why a value cannot be used."""
        return f"the {name} {shorten(clean(repr(value)), 40)} {self._wrong(value, labels_of(value))}"

    def out_of_step(self, own: Array, inputs: Mapping[str, tuple[Column, Array]]) -> Mapping[int, str]:
        """Return the rows that have not as many labels as each input has steps, and what they have."""
        have = (own > 0).sum(axis=1)
        out: dict[int, str] = {}
        for name, (column, encoded) in inputs.items():
            steps = column.lengths(encoded)
            for row in np.flatnonzero((steps != have) & (have > 0)).tolist():
                out[row] = (
                    f"has {number_of(int(have[row]), 'label')} for the {int(steps[row]):,} steps of {clean(name)}"
                )
        return out

    def learn(self, values: Iterable[object]) -> Self:
        """Return the column with the labels that occur, and the longest length; DataError where there is none."""
        if self.learned:
            return self
        every = [labels for value in values if 0 < len(labels := labels_of(value)) <= LONGEST]
        if not every:
            raise DataError("there is not one row of labels to learn from: correct them")
        classes = tuple(sorted({label for labels in every for label in labels}))
        return replace(self, classes=classes, longest=max(map(len, every)))

    def labels(self, encoded: Array) -> list[str]:
        """Return encoded values as texts of labels."""
        names = ("", *self._ready("classes"))
        return [" ".join(names[n] for n in row if n) for row in encoded.tolist()]

    def assumed(self, classes: int = 10) -> tuple[Self, str]:
        """Return the column with so many classes."""
        if self.learned:
            return self, ""
        return self.learn([" ".join(f"c{i}" for i in range(classes))]), f"{classes} classes assumed"

    def about_outputs(self) -> list[str]:
        """Return the classes with their places."""
        names = [f"{i} {clean(c)}" for i, c in enumerate(self._ready("classes"))]
        return [
            "the probability of each class at each step of the input; all are 0 where it has ended",
            *names,
        ]

    def decode(self, outputs: Array, top: int = 3) -> list[Prediction]:
        """Return the likeliest label of each step, with blanks between them; each with its probability as a part.

        The confidence is that all are right, as if they were independent.
        """
        names, out = self._ready("classes"), []
        best, sure = outputs.argmax(-1), outputs.max(-1, initial=0)
        for places, chances in zip(best, sure, strict=True):
            there = chances > 0
            labels = [names[i] for i in places[there].tolist()]
            found = chances[there].astype(np.float64)
            said, chance = " ".join(labels), float(found.prod()) if len(found) else 0.0
            parts = tuple(zip(labels, found.tolist(), strict=True))
            out.append(Prediction(said, chance, ((said, chance),)[: max(top, 0)], parts))
        return out

    def score(self, outputs: Array, truth: Array) -> dict[str, float]:
        """Return the share of labels that are right, and that of rows all of whose labels are: ``sentences``."""
        right, asked = self.right(outputs, truth)
        return {
            "accuracy": float(right.sum() / max(asked.sum(), 1)),
            "sentences": float((right == asked).all(axis=1).mean()) if len(truth) else 0.0,
        }

    @staticmethod
    def right(outputs: Array, truth: Array) -> tuple[Array, Array]:
        """Return which labels are right, and which places have one, ``bool`` of the shape of ``truth``."""
        read = np.zeros(truth.shape, np.int64)
        steps = min(outputs.shape[1], truth.shape[1])
        read[:, :steps] = np.where(outputs.max(-1, initial=0) > 0, outputs.argmax(-1) + 1, 0)[:, :steps]
        asked = truth > 0
        return (read == truth) & asked, asked

    def baseline(self, training: Array, truth: Array) -> tuple[str, float]:
        """Return what always giving the commonest label would score."""
        counts = np.bincount(training.astype(np.int64).ravel(), minlength=self.outputs + 1)[1:]
        commonest = int(counts.argmax())
        asked = truth > 0
        share = float((truth[asked] == commonest + 1).mean()) if asked.any() else 0.0
        return f"always {self._ready('classes')[commonest]!r}", share


def labels_of(value: object) -> list[str]:
    r"""Return the labels of a value, none where it is no list and no text.

    >>> labels_of("A  B\n"), labels_of(["A", "B"]), labels_of(3.5)
    (['A', 'B'], ['A', 'B'], [])
    """
    if isinstance(value, str):
        return value.split()
    if isinstance(value, (list, tuple)) and all(isinstance(part, str) and part.strip() for part in value):
        return [part.strip() for part in value]
    return []
