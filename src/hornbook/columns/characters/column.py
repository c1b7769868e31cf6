"""The ``characters`` column: a short string, read out of a picture or a sound.

The alphabet and the lengths are learned from the training rows where they are not given. Strings of one
length have a softmax for each place; strings of several lengths are read with CTC (see `ctc`).
One code point is one character, after normalization to NFC.
"""

from __future__ import annotations

import dataclasses
import unicodedata
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from annotated_types import Ge, Le

from hornbook.columns.base import Array, Column
from hornbook.columns.characters.reading import alphabets
from hornbook.columns.characters.reading.decode import Reading, read_ctc, read_fixed
from hornbook.columns.characters.reading.edit_distance import distances
from hornbook.columns.prediction import Prediction
from hornbook.columns.summary import Inspection, Values
from hornbook.common.plaintext import clean, number_of, shorten
from hornbook.errors import DataError, UsageError, did_you_mean

LONGEST = 100
"""A longer text is not read character by character out of one picture."""

Length = Annotated[int, Ge(1), Le(LONGEST)]


@dataclass(frozen=True, kw_only=True, repr=False)
class CharactersColumn(Column):
    """A string of a few characters.

    Of one length: encoded to the places of its characters in the alphabet, shape ``(length,)``; the network's
    outputs are probabilities, shape ``(rows, length, characters)``. Of several lengths: encoded to 1 + place,
    padded with 0 at the end, shape ``(longest,)``; the outputs are those of CTC, shape ``(rows, steps,
    characters + 1)``, place 0 the blank. ``uint8``, or ``uint16`` for an alphabet that needs it.

    Parameters
    ----------
    length
        How many characters: a number; or ``[shortest, longest]``, which is read with CTC (``[5, 5]`` as well).
        Learned where it is not given: a number where all training rows have the same.
    alphabet
        The characters, or the name of an alphabet (see `alphabets`). Learned where it is not given.
    steps
        Whether strings that turn out to be of one length are read with CTC as well: it learns from fewer examples, for
        what it learns of a character in one place is known in all.
    case
        ``lower`` or ``upper`` folds all characters, ``keep`` none.

    Examples
    --------
    >>> column = CharactersColumn().learn(["0782", "7461"])
    >>> column.length, column.alphabet
    (4, '0124678')
    >>> column.encode("0782")
    array([0, 5, 6, 2], dtype=uint8)
    >>> column.decode(np.eye(7)[None, [0, 5, 6, 2]])[0].value
    '0782'
    """

    type: ClassVar[str] = "characters"
    metric: ClassVar[str] = "accuracy"
    is_input: ClassVar[bool] = False
    is_label: ClassVar[bool] = True
    is_string: ClassVar[bool] = True
    keeps_text: ClassVar[bool] = True

    length: Length | tuple[Length, Length] | None = None
    alphabet: str | None = None
    case: Literal["keep", "lower", "upper"] = "keep"
    steps: bool = False

    @property
    def learned(self) -> bool:
        """Whether alphabet and length are known."""
        return self.alphabet is not None and self.length is not None

    def objection(self) -> str:
        """Return what is wrong with a length or an alphabet that were given."""
        if isinstance(self.length, tuple) and self.length[0] > self.length[1]:
            short, long = self.length
            return f"has the length [{short}, {long}], which ends before it begins: write [{long}, {short}]"
        if self.alphabet is None or self.alphabet in alphabets.ALPHABETS:
            return ""
        wrong = alphabets.wrong_with(unicodedata.normalize("NFC", self.alphabet))
        near = did_you_mean(self.alphabet, alphabets.ALPHABETS)
        return wrong and f"has an alphabet that {wrong}{near}"

    @cached_property
    def characters(self) -> str:
        """The alphabet's characters, folded, in the order of their places."""
        if self.alphabet is None:
            raise DataError(
                "a characters column has no alphabet yet: it must learn it from the training rows first"
            )
        return "".join(dict.fromkeys(self._folded(alphabets.alphabet(self.alphabet))))

    @property
    def ctc(self) -> bool:
        """Whether strings are of several lengths, and the network's outputs those of CTC."""
        return isinstance(self.length, tuple)

    @property
    def span(self) -> tuple[int, int]:
        """The shortest and the longest length."""
        if self.length is None:
            raise DataError(
                "a characters column has no length yet: it must learn it from the training rows first"
            )
        return self.length if isinstance(self.length, tuple) else (self.length, self.length)

    @property
    def shape(self) -> tuple[int, ...]:
        """The longest length."""
        return (self.span[1],)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The narrowest unsigned type."""
        return np.dtype(np.uint8 if self.outputs <= 256 else np.uint16)

    @property
    def outputs(self) -> int:
        """A probability for each character, and one for the blank of CTC."""
        return len(self.characters) + self.ctc

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """Places or steps, and characters; CTC has as many steps as the network makes of its input."""
        return (None if self.ctc else self.span[1], self.outputs)

    # Texts.

    def text(self, value: object) -> str:
        """Return a value as it is read: normalized to NFC, its case folded."""
        return "" if value is None else self._folded(unicodedata.normalize("NFC", str(value)))

    def _folded(self, text: str) -> str:
        if self.case == "keep":
            return text
        # What becomes two characters (ß, SS) stays: a picture shows one.
        folded = [(c, c.lower() if self.case == "lower" else c.upper()) for c in text]
        return unicodedata.normalize("NFC", "".join(new if len(new) == 1 else old for old, new in folded))

    def _wrong(self, text: str) -> str:
        """Return why a text cannot be encoded, as far as length and alphabet are known; empty where it can."""
        if not text:
            return "is empty"
        if self.length is None and len(text) > LONGEST:
            return f"has {len(text):,} characters, and up to {LONGEST} can be read"
        if self.length is not None and not self.span[0] <= len(text) <= self.span[1]:
            short, long = self.span
            wanted = f"{short} to {long}" if short < long else f"{long}"
            return f"has {number_of(len(text), 'character')}, not {wanted}"
        if self.alphabet is not None:
            strange = next((c for c in text if c not in self._places), None)
            known = shorten(clean(self.characters), 60)
            return "" if strange is None else f"has {strange!r}, which is not in the alphabet {known}"
        strange = next((c for c in text if not alphabets.writable(c)), None)
        return "" if strange is None else f"has {strange!r}, which is no character that can be read"

    @cached_property
    def _places(self) -> dict[str, int]:
        return {c: i + self.ctc for i, c in enumerate(self.characters)}

    def why_rejected(self, value: object, name: str) -> str:
        """Return why a value cannot be used: its length, its characters."""
        return f"the {name} {shorten(repr(str(value)), 40)} {self._wrong(self.text(value))}"

    def way_out(self, name: str) -> str:
        """Return the keys that say lengths and characters, and the recipe that learns them."""
        return (
            f"set targets.{name}.length and targets.{name}.alphabet to those of the labels, or use a recipe that "
            "learns them, as captcha_real does"
        )

    def rejects(self, values: Sequence[object]) -> list[int]:
        """Return the places of values of another length, with other characters, and of empty ones."""
        return [i for i, v in enumerate(values) if self._wrong(self.text(v))]

    def unanswerable(self, value: object) -> bool:
        """Whether a value is a text, which is read wrongly if it has another length or other characters."""
        return bool(self.text(value))

    def with_unanswerable(self, encoded: Array, values: Sequence[object]) -> list[str]:
        """Return all of them as texts."""
        return [*self.texts(encoded), *map(self.text, values)]

    def learn(self, values: Iterable[object]) -> Self:
        """Return the column with the characters and lengths that occur in ``values``, unless they were given.

        Raises
        ------
        DataError
            Not one value can be read as what was given.
        """
        if self.alphabet is not None and self.length is not None:
            return dataclasses.replace(self, alphabet=self.characters)
        texts = {str(v) for v in values if v is not None}
        wrong = {text: self._wrong(self.text(text)) for text in texts}
        kept = [self.text(text) for text in texts if not wrong[text]]
        if not kept:
            first = min(texts, default="")
            more = f": the text {shorten(repr(first), 40)} {wrong[first]}" if texts else ""
            raise DataError(
                f"there is not one text to learn from{more}; correct the labels, or length and alphabet of the "
                "characters column"
            )
        lengths = {len(text) for text in kept}
        found = (min(lengths), max(lengths)) if len(lengths) > 1 or self.steps else lengths.pop()
        return dataclasses.replace(
            self,
            length=found if self.length is None else self.length,
            alphabet=alphabets.apart(set("".join(kept))) if self.alphabet is None else self.characters,
        )

    def encode(self, value: object, name: str = "") -> Array:
        """Return the places of the characters."""
        one: Array = self.encode_many([value], [name])[0]
        return one

    def encode_many(self, values: Sequence[object], names: Sequence[str] | None = None) -> Array:
        """Return the places of the characters of all values, shape ``(rows, longest)``, padded with 0."""
        out = np.zeros((len(values), *self.shape), self.dtype)
        for i, value in enumerate(values):
            text = self.text(value)
            wrong = self._wrong(text)
            if wrong:
                name = names[i] if names else f"row {i + 1}"
                where = f" ({name})" if name else ""
                raise DataError(f"the text {shorten(repr(str(value)), 40)}{where} {wrong}")
            out[i, : len(text)] = [self._places[c] for c in text]
        return out

    def texts(self, encoded: Array) -> list[str]:
        """Return the texts that were encoded, from an array of shape ``(rows, longest)``."""
        return self._written(encoded.astype(np.int64) + (not self.ctc))

    def _written(self, places: Array) -> list[Any]:
        """Return texts from 1 + place, padded with 0; nested lists for more axes."""
        characters = np.array(["", *self.characters], "U1")[places]
        # Characters side by side in memory are a text, which ends where the zeros begin.
        out: list[Any] = np.ascontiguousarray(characters).view(f"U{places.shape[-1]}")[..., 0].tolist()
        return out

    # Outputs.

    def restrict(self, outputs: Array, characters: str) -> Array:
        """Return outputs in which only some characters are possible, their probabilities made to sum to 1 again.

        Of an alphabet given by its name, those that the column knows; UsageError where one is not in its alphabet.
        """
        allowed = dict.fromkeys(self._folded(alphabets.alphabet(characters)))
        if characters in alphabets.ALPHABETS:
            allowed = dict.fromkeys(c for c in allowed if c in self._places)
        unknown = [c for c in allowed if c not in self._places]
        if unknown or not allowed:
            said = ", ".join(map(repr, unknown[:10])) if unknown else f"any of the {characters}"
            raise UsageError(
                f"this recognizer cannot read {said}; its alphabet is {shorten(clean(self.characters), 80)}"
            )
        kept = np.zeros(self.outputs, bool)
        kept[[self._places[c] for c in allowed]] = True
        kept[0] |= self.ctc
        left = np.where(kept, outputs, 0.0)
        total = left.sum(axis=-1, keepdims=True)
        unknown = np.eye(1, self.outputs)[0] if self.ctc else kept / kept.sum()
        return np.where(total > 0, left / np.where(total > 0, total, 1.0), unknown)

    def assumed(self, classes: int = 10) -> tuple[Self, str]:
        """Return the column with four digits."""
        return (self, "") if self.learned else (self.learn(["0123"]), "an alphabet assumed")

    def about_outputs(self) -> list[str]:
        """Return the characters with their places, and how a string is chosen."""
        from hornbook.columns.characters.described import described

        return described(self.characters, self.span, self.case, self.ctc)

    def widest(self) -> Sequence[str]:
        """Return the longest strings of one character: some are wide ones."""
        return [c * self.shape[0] for c in self.characters]

    def weight_rows(self) -> Sequence[Hashable] | None:
        """Return the characters, of each place where these have weights of their own."""
        if self.ctc:
            return [None, *self.characters]
        return [(place, c) for place in range(self.shape[0]) for c in self.characters]

    def _read(self, outputs: Array, top: int) -> Reading:
        if self.ctc:
            return read_ctc(outputs, *self.span, top)
        return read_fixed(outputs, top)

    def labels(self, encoded: Array) -> list[str]:
        """Return `texts`."""
        return self.texts(encoded)

    def inspect(self, values: Values) -> Inspection:
        """Return lengths and characters of the strings, where it is a target."""
        from hornbook.columns.characters.checks import inspect

        return Inspection() if values.inputs is None else inspect(self, values)

    def decode(self, outputs: Array, top: int = 3) -> list[Prediction]:
        """Return the likeliest string of each row with its probability, its characters, and the ``top`` next to it.

        The probability of a character is that given those before it; a string's is their product and, with CTC,
        that of nothing after them. Where a string with CTC is surer than 99 %, no others are looked for.
        """
        found = self._read(outputs, top)
        texts = self._written(found.places)
        out = []
        for names, chances, parts in zip(texts, found.chances.tolist(), found.parts.tolist(), strict=True):
            likeliest = tuple((n, c) for n, c in zip(names, chances, strict=True) if c >= 0)[: max(top, 0)]
            characters = tuple(zip(names[0], parts, strict=False))
            out.append(Prediction(names[0], max(chances[0], 0.0), likeliest, characters))
        return out

    def score(self, outputs: Array, truth: Array) -> dict[str, float]:
        """Return the share of whole strings that are right, and that of characters: 1 - edits / characters."""
        read = self._written(self._read(outputs, 1).places[:, 0])
        return self.score_texts(read, self.texts(truth))

    @staticmethod
    def score_texts(read: Sequence[str], true: Sequence[str]) -> dict[str, float]:
        """Return the scores of strings that were read: ``accuracy`` and ``characters``, both 0 to 1."""
        wrong = [(r, t) for r, t in zip(read, true, strict=True) if r != t]
        edits = int(distances([r for r, _ in wrong], [t for _, t in wrong]).sum())
        characters = sum(map(len, true))
        return {
            "accuracy": 1 - len(wrong) / max(len(true), 1),
            "characters": max(1 - edits / max(characters, 1), 0.0),
        }

    def baseline(self, training: Array, truth: Array) -> tuple[str, float]:
        """Return what always naming the commonest training string would score."""
        strings, counts = np.unique(training, axis=0, return_counts=True)
        commonest = strings[counts.argmax()]
        return f"always {self.texts(commonest[None])[0]!r}", float((truth == commonest).all(axis=1).mean())
