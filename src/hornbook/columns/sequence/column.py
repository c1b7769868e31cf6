"""The ``sequence`` column: an answer of free length, written token by token, from whatever the inputs are.

A text is cut into tokens that give the text again when they are put side by side: characters, or words with the blank
before them. The vocabulary is learned from the training rows. What is encoded ends with a token of its own, so the
network says itself where an answer ends (Sutskever et al. 2014, arXiv:1409.3215).
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from annotated_types import Ge, Le

from hornbook.columns.base import ROUNDING, Array, Column
from hornbook.columns.characters.reading.edit_distance import distances
from hornbook.columns.prediction import Prediction
from hornbook.columns.summary import Inspection, Values
from hornbook.columns.text.tokens import pieces_of
from hornbook.common.plaintext import clean, number_of, shorten
from hornbook.errors import DataError

PADDING, END, UNKNOWN, FIRST = 0, 1, 2, 3
"""Numbers that are no tokens of the vocabulary (after the end, the end, not in the vocabulary), and the first that is.
``END`` also stands before the first token."""

BOX = "□"
"""Stands in a true text for a token that is not in the vocabulary; none is ever written."""

LONGEST = 1000
"""Tokens of the longest answer."""

MOST_BEAM = 64

Length = Annotated[int, Ge(1), Le(LONGEST)]


@dataclass(frozen=True, kw_only=True, repr=False)
class SequenceColumn(Column):
    """An answer of free length.

    Encoded to ``shape`` (longest + 1,), ``int16`` where the vocabulary fits, else ``int32``: the numbers of the tokens,
    1 for the end, 0 behind it. What a recognizer gives are the likeliest answers of a beam search, ``float32`` of shape
    ``(rows, beam, longest + 1, 2)``: the number of each token and its probability given those before it.

    Parameters
    ----------
    tokenizer
        ``characters``, or ``words``: then a word and the blank before it are one token, signs of punctuation others.
    lowercase
        Whether ``The`` and ``the`` are the same.
    vocabulary, min_count
        The most tokens that are known, the commonest; and how often one must occur in the training rows.
    length
        The most tokens of an answer. Learned where it is not given: those of the longest training row.
    beam
        Answers that are followed side by side while one is written; 1 takes the likeliest token at each step (greedy).

    Examples
    --------
    >>> column = SequenceColumn().learn(["1979", "79"])
    >>> column.encode("79").tolist()
    [4, 3, 1, 0, 0]
    >>> SequenceColumn(tokenizer="words").learn(["It is so, is it?"]).known
    (' is', ' it', ' so', ',', '?', 'It')
    """

    type: ClassVar[str] = "sequence"
    metric: ClassVar[str] = "accuracy"
    learned_fields: ClassVar[tuple[str, ...]] = ("known", "longest")
    is_input: ClassVar[bool] = False
    in_cells: ClassVar[bool] = True
    keeps_text: ClassVar[bool] = True

    tokenizer: Literal["characters", "words"] = "characters"
    lowercase: bool = False
    vocabulary: Annotated[int, Ge(1), Le(1_000_000)] = 20_000
    min_count: Annotated[int, Ge(1)] = 1
    length: Length | None = None
    beam: Annotated[int, Ge(1), Le(MOST_BEAM)] = 4
    known: tuple[str, ...] | None = None
    longest: Length | None = None

    def objection(self) -> str:
        """Return what is wrong with a vocabulary that was read from a file."""
        if self.known is None:
            return ""
        if len(set(self.known)) < len(self.known) or "" in self.known:
            return "has a token twice in its vocabulary, or an empty one"
        if not self.known:
            return "has no token in its vocabulary"
        return ""

    @classmethod
    def of_text(
        cls, tokenizer: str, vocabulary: int, min_count: int, length: int | None, source: str | None
    ) -> Self:
        """Return the column for a target that a recipe calls a ``text``, of the options of that."""
        return cls(
            tokenizer="characters" if tokenizer == "characters" else "words",
            vocabulary=vocabulary,
            min_count=min_count,
            length=None if length is None else min(length, LONGEST),
            source=source,
        )

    # What a value looks like when encoded.

    @property
    def shape(self) -> tuple[int, ...]:
        """The most tokens, and the end."""
        return (self._ready("longest") + 1,)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The narrowest type that holds the largest number."""
        return np.dtype(np.int16 if self.outputs <= 32_767 else np.int32)

    @property
    def outputs(self) -> int:
        """How many numbers a token may have: the graph gives a probability for each."""
        return FIRST + len(self._ready("known"))

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """Answers side by side, tokens, and of each its number and its probability."""
        return (None, *self.shape, 2)

    def _ready(self, name: str) -> Any:
        value = getattr(self, name)
        if value is None:
            raise DataError(
                "a sequence column has no vocabulary yet: it must learn it from the training rows first"
            )
        return value

    @cached_property
    def _places(self) -> dict[str, int]:
        return {token: i for i, token in enumerate(self._ready("known"), FIRST)}

    @cached_property
    def _tokens(self) -> tuple[str, ...]:
        return ("", "", BOX, *self._ready("known"))

    def text(self, value: object) -> str:
        """Return a value as it is compared: in one form of Unicode (NFC), of words with one blank between them."""
        if value is None:
            return ""
        said = unicodedata.normalize("NFC", str(value)).strip()
        said = " ".join(said.split()) if self.tokenizer == "words" else said
        return said.lower() if self.lowercase else said

    def tokens(self, text: str) -> list[str]:
        """Return the tokens of a text; side by side they are the text again."""
        return list(text) if self.tokenizer == "characters" else pieces_of(text)

    def encode(self, value: object, name: str = "") -> Array:
        """Return the numbers of one text; DataError where it is empty or too long."""
        one: Array = self.encode_many([value], [name])[0]
        return one

    def encode_many(self, values: Sequence[object], names: Sequence[str] | None = None) -> Array:
        """Return the numbers of all texts, shape ``(rows, longest + 1)``."""
        out = np.zeros((len(values), *self.shape), self.dtype)
        places = self._places
        for i, value in enumerate(values):
            found = self.tokens(self.text(value))
            if wrong := self._wrong(value, found):
                name = names[i] if names else f"row {i + 1}"
                raise DataError(
                    f"the text {shorten(repr(str(value)), 40)}{f' ({name})' if name else ''} {wrong}"
                )
            out[i, : len(found)] = [places.get(token, UNKNOWN) for token in found]
            out[i, len(found)] = END
        return out

    def _wrong(self, value: object, found: Sequence[str]) -> str:
        """Return why a value cannot be encoded; empty where it can."""
        if not isinstance(value, (str, int, float)) or isinstance(value, bool):
            return "is no text"
        if not found:
            return "is empty"
        most = self._ready("longest") if self.longest is not None else self.length or LONGEST
        if len(found) > most:
            return f"has {number_of(len(found), 'token')}, and at most {most:,} are written"
        return ""

    def rejects(self, values: Sequence[object]) -> list[int]:
        """Return the places of empty values and of those that are too long."""
        return [i for i, v in enumerate(values) if self._wrong(v, self.tokens(self.text(v)))]

    def why_rejected(self, value: object, name: str) -> str:
        """Return why a value cannot be used."""
        said = self._wrong(value, self.tokens(self.text(value)))
        return f"the {name} {shorten(repr(str(value)), 40)} {said}"

    def way_out(self, name: str) -> str:
        """Return the key that says how long answers may be."""
        return f"set targets.{name}.length to that of the longest"

    def unanswerable(self, value: object) -> bool:
        """Whether a value is a text, which is longer than any answer."""
        return bool(self.text(value))

    def with_unanswerable(self, encoded: Array, values: Sequence[object]) -> list[str]:
        """Return all of them as texts."""
        return [*self.texts(encoded), *map(self.text, values)]

    def texts(self, encoded: Array) -> list[str]:
        """Return the texts of numbers, ``(rows, steps)``, each up to its end."""
        tokens = self._tokens
        return ["".join(tokens[n] for n in upto_end(row)) for row in encoded.astype(np.int64).tolist()]

    def tokens_written(self, numbers: Array) -> list[str]:
        """Return the tokens of one answer, up to its end."""
        return [self._tokens[n] for n in upto_end(numbers.astype(np.int64).tolist())]

    def labels(self, encoded: Array) -> list[str]:
        """Return `texts`."""
        return self.texts(encoded)

    def learn(self, values: Iterable[object]) -> Self:
        """Return the column with the tokens that occur in ``values``, the commonest first, and the longest length.

        Raises
        ------
        DataError
            Not one value is a text that can be written.
        """
        if self.learned:
            return self
        counts: Counter[str] = Counter()
        longest = 0
        for value in values:
            found = self.tokens(self.text(value))
            if not self._wrong(value, found):
                counts.update(found)
                longest = max(longest, len(found))
        common = sorted((-n, token) for token, n in counts.items() if n >= self.min_count)[: self.vocabulary]
        if not common:
            raise DataError(
                "there is not one text to learn from: correct the texts, or length and min_count of the sequence column"
            )
        known = tuple(token for _, token in common)
        return replace(self, known=known, longest=self.length or longest)

    def inspect(self, values: Values) -> Inspection:
        """Return some examples, where it is a target."""
        return Inspection() if values.inputs is None else super().inspect(values)

    def assumed(self, classes: int = 10) -> tuple[Self, str]:
        """Return the column with ten tokens."""
        return (self, "") if self.learned else (self.learn(["0123456789"]), "ten tokens assumed")

    def about_outputs(self) -> list[str]:
        """Return what the graph gives, and how an answer is written with it."""
        tokens = [f"{i} {clean(repr(t))}" for i, t in enumerate(self._ready("known"), FIRST)]
        return [
            "the probability of each token to be the next one: 0 none, 1 the end, 2 one that is not known, then",
            *tokens,
            "an answer is written token by token: the first run is given the inputs and gives hornbook.memory_made; "
            "each further one is given it as hornbook.memory, the token before (1 before the first) as "
            "hornbook.previous, and the state that the run before gave (zeros before the first); what is not needed "
            "for an output may be of one row of zeros, and with only_execute_path_to_fetches it is not computed",
            f"a beam search follows the {self.beam} likeliest answers until each has its end, at most "
            f"{self.shape[0]} steps; 0 and 2 are never written; the confidence of an answer is the product of the "
            "probabilities of its tokens, the end among them",
        ]

    # Outputs.

    def decode(self, outputs: Array, top: int = 3) -> list[Prediction]:
        """Return the likeliest answer of each row with its probability, its tokens, and the ``top`` likeliest."""
        numbers, chances = outputs[..., 0].astype(np.int64), outputs[..., 1].astype(np.float64)
        sure = chance_of(numbers, chances)
        tokens, out = self._tokens, []
        for row in range(len(outputs)):
            each = [
                ("".join(tokens[n] for n in upto_end(numbers[row, i].tolist())), float(sure[row, i]))
                for i in range(outputs.shape[1])
                if i == 0 or sure[row, i] > 0
            ]
            parts = zip(
                (tokens[n] for n in upto_end(numbers[row, 0].tolist())),
                chances[row, 0].tolist(),
                strict=False,
            )
            out.append(Prediction(each[0][0], each[0][1], tuple(each[: max(top, 0)]), tuple(parts)))
        return out

    def score(self, outputs: Array, truth: Array) -> dict[str, float]:
        """Return the share of whole answers that are right, and that of characters: 1 - edits / characters."""
        return self.score_texts(self.texts(outputs[:, 0, :, 0]), self.texts(truth))

    @staticmethod
    def score_texts(written: Sequence[str], true: Sequence[str]) -> dict[str, float]:
        """Return ``accuracy`` and ``characters`` of texts that were written, both 0 to 1."""
        wrong = [(w, t) for w, t in zip(written, true, strict=True) if w != t]
        edits = int(distances([w for w, _ in wrong], [t for _, t in wrong]).sum())
        characters = sum(map(len, true))
        return {
            "accuracy": 1 - len(wrong) / max(len(true), 1),
            "characters": max(1 - edits / max(characters, 1), 0.0),
        }

    def differences(self, ours: Array, theirs: Array) -> tuple[float, int]:
        """Compare the answers of two writers: the largest difference of a token's probability, and answers that differ.

        Two answers that are equally likely to the last digits may change places; so may those after the first.
        """
        if not ours.size:
            return 0.0, 0
        same = (ours[:, 0, :, 0] == theirs[:, 0, :, 0]).all(axis=1)
        gap = float(np.abs(ours[same, 0, :, 1] - theirs[same, 0, :, 1]).max(initial=0))
        first, second = (chance_of(o[:, 0, :, 0].astype(np.int64), o[:, 0, :, 1]) for o in (ours, theirs))
        apart = np.abs(first - second) > 2 * ROUNDING
        return gap, int((apart & ~same).sum())

    def baseline(self, training: Array, truth: Array) -> tuple[str, float]:
        """Return what always giving the commonest training answer would score."""
        answers, counts = np.unique(training, axis=0, return_counts=True)
        commonest = answers[counts.argmax()]
        name = shorten(clean(self.texts(commonest[None])[0]), 40)
        return f"always {name!r}", float((truth == commonest).all(axis=1).mean())


def upto_end(numbers: Sequence[int]) -> Sequence[int]:
    """Return the numbers before the end, or before the padding.

    >>> upto_end([5, 4, 1, 0])
    [5, 4]
    """
    for i, number in enumerate(numbers):
        if number in (END, PADDING):
            return numbers[:i]
    return numbers


def chance_of(numbers: Array, chances: Array) -> Array:
    """Return the probability of whole answers, from that of each token; what is after the end counts nothing."""
    found: Array = np.where(numbers == PADDING, 1.0, chances).prod(axis=-1)
    return np.where((numbers != PADDING).any(axis=-1), found, 0.0)
