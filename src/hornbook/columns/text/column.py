"""The ``text`` column: words or characters, each a number, in their order.

The vocabulary is made once, from the training rows, the commonest tokens first, and stored in the recognizer.
A text is encoded as the places of its tokens in it, cut at a longest length and padded with zeros.

As a target a text is what comes next: the network says after each token how likely every other one is to
follow, and is judged by perplexity.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, Self

import numpy as np
from annotated_types import Ge, Le

from hornbook.columns.base import Array, Column, Feeds
from hornbook.columns.prediction import Prediction
from hornbook.columns.text.lengths import long_enough
from hornbook.columns.text.tokens import Tokenizer, about_tokens, find_tokenizer, plain, tokens_of
from hornbook.common.charts import Chart, Groups
from hornbook.common.plaintext import clean, number_of
from hornbook.errors import DataError

PADDING, UNKNOWN, MARK = 0, 1, 2
"""Numbers that are no tokens of the vocabulary: after the end, not in the vocabulary, beginning or end."""

LOOKED_AT = 64
"""Characters that are looked at for each token that is wanted."""

Length = Annotated[int, Ge(1), Le(65_536)]


@dataclass(frozen=True, kw_only=True, repr=False)
class TextColumn(Column):
    """A text, as the numbers of its tokens.

    Encoded to ``shape`` (length,), ``int16`` where the vocabulary fits, else ``int32``: 0 is padding, 1 a
    token that is not in the vocabulary. As a target the network's outputs are the probabilities of the token
    that follows, shape ``(rows, outputs)``, and ``score`` takes the log-probabilities of the tokens that do.

    Parameters
    ----------
    tokenizer
        ``words``, ``characters``, or ``auto``: words, except where a language puts no blanks between them.
        Chinese is then cut by jieba, where it is installed, and else into characters. ``blanks`` cuts at every blank.
    lowercase
        Whether ``The`` and ``the`` are the same.
    vocabulary
        The most tokens that are known; the commonest are.
    min_count
        How often a token must occur in the training rows to be known.
    length
        The most tokens of a text, those after it are cut off. Learned where it is not given: what holds
        99.5 % of the training texts, at most 512.
    marks
        Whether the beginning and the end are marked by a token of their own, so that a network can learn how
        texts begin and where they end.

    Attributes
    ----------
    missing
        Whether training rows had no text: a token of its own then stands for none. None where the text is all that is
        known of a row, which says nothing without it.

    Examples
    --------
    >>> column = TextColumn().learn(["Great food!", "great place", "no food"])
    >>> column.encode("Great great pizza").tolist()
    [3, 3, 1]
    >>> column.token(3), column.size
    ('great', 7)
    """

    type: ClassVar[str] = "text"
    learned_fields: ClassVar[tuple[str, ...]] = (
        "chosen_tokenizer",
        "known",
        "longest",
        "shortened",
        "missing",
    )
    renamed: ClassVar[Mapping[str, str]] = {
        "tokens": "tokenizer",
        "least": "min_count",
        "cut": "chosen_tokenizer",
    }
    metric: ClassVar[str] = "perplexity"
    metric_larger_is_better: ClassVar[bool] = False
    varying: ClassVar[bool] = True
    feeds: ClassVar[Feeds] = "tokens"
    in_cells: ClassVar[bool] = True
    is_text: ClassVar[bool] = True

    tokenizer: Literal["auto", "words", "characters", "blanks"] = "auto"
    lowercase: bool = True
    vocabulary: Annotated[int, Ge(1), Le(1_000_000)] = 20_000
    min_count: Annotated[int, Ge(1)] = 1
    length: Length | None = None
    marks: bool = False
    chosen_tokenizer: Tokenizer | None = None
    known: tuple[str, ...] | None = None
    longest: Length | None = None
    shortened: Annotated[int, Ge(0)] | None = None
    missing: bool | None = None

    @property
    def learned(self) -> bool:
        """Whether there is a vocabulary."""
        return None not in (self.chosen_tokenizer, self.known, self.longest, self.shortened)

    def as_input(self, alone: bool = True) -> Self:
        """Return the column as one in which a text may be missing, where other inputs are known of such a row."""
        return self if alone or self.learned else replace(self, missing=bool(self.missing))

    def objection(self) -> str:
        """Return what is wrong with a vocabulary that was read from a file."""
        if self.marks and self.length is not None and self.length < 3:
            return (
                f"has a length of {self.length}, and the marks of its beginning and end are 2 tokens already"
            )
        if self.marks and self.longest is not None and self.longest < 3:
            return "has marks and a longest length that leaves no room for a text"
        if self.known is None:
            return ""
        if len(set(self.known)) < len(self.known):
            return "has a token twice in its vocabulary"
        if len(self.known) > self.vocabulary:
            return (
                f"has {number_of(len(self.known), 'token')}, more than its vocabulary of {self.vocabulary:,}"
            )
        return ""

    # What a value looks like when encoded.

    @property
    def shape(self) -> tuple[int, ...]:
        """The most tokens."""
        return (self._ready("longest"),)

    @property
    def dtype(self) -> np.dtype[Any]:
        """The narrowest type that holds the largest number and that can be exported (``uint16`` cannot)."""
        return np.dtype(np.int16 if self.size <= 32_767 else np.int32)

    @property
    def size(self) -> int:
        """How many numbers there are: padding, unknown, those of marks and of no text, and the vocabulary."""
        return self.first + len(self._ready("known"))

    @property
    def first(self) -> int:
        """The number of the first token; those below it stand for padding, unknown, marks and no text."""
        return MARK + self.marks + bool(self.missing)

    def _ready(self, name: str) -> Any:
        value = getattr(self, name)
        if value is None:
            raise DataError(
                "a text column has no vocabulary yet: it must learn it from the training rows first"
            )
        return value

    @cached_property
    def _places(self) -> dict[str, int]:
        return {token: i for i, token in enumerate(self._ready("known"), self.first)}

    def token(self, number: int) -> str:
        """Return the token of a number; an empty text for what is none."""
        return str(self._ready("known")[number - self.first]) if number >= self.first else ""

    def step_names(self, encoded: Array) -> list[str]:
        """Return the tokens."""
        return [self.token(n) or "□" for n in encoded.tolist() if n != PADDING]

    def number(self, token: str) -> int:
        """Return the number of a token, 1 where it is not known."""
        return self._places.get(token, UNKNOWN)

    def encode(self, value: object, name: str = "") -> Array:
        """Return the numbers of one text, ``(length,)``; DataError where it is no text or an empty one."""
        out: Array = self.encode_many([value], [name or "the input"])[0]
        return out

    def encode_many(self, values: Sequence[object], names: Sequence[str] | None = None) -> Array:
        """Return the numbers of all texts, shape ``(rows, length)``."""
        out = np.zeros((len(values), *self.shape), self.dtype)
        for i, value in enumerate(values):
            try:
                found = (
                    self.numbers(value) if self.missing is None or not _is_absent(value) else self._nothing
                )
            except ValueError as error:
                raise DataError(f"{names[i] if names else f'row {i + 1}'}: {error}") from None
            if self.marks:
                found = [MARK, *found, MARK]
            out[i, : len(found)] = found
        return out

    def numbers(self, text: object, most: int | None = None) -> list[int]:
        """Return the numbers of a text's tokens, without marks and padding; ValueError says why there are none."""
        wanted = self._ready("longest") - 2 * self.marks if most is None else most
        # Of a text of a million characters no more is looked at than can be part of what is kept.
        whole = joined(text)
        whole = whole if self.chosen_tokenizer == "characters" else whole.lstrip()
        said = plain(whole[: LOOKED_AT * wanted], self.lowercase)
        places = self._places
        found = [
            places.get(token, UNKNOWN) for token in tokens_of(said, self._ready("chosen_tokenizer"), wanted)
        ]
        if not found or said.isspace():
            raise ValueError("the text is empty; leave it out, or write something")
        return found

    @property
    def _nothing(self) -> list[int]:
        """The numbers of no text: a token of its own, or one that is not known where none was missing in training."""
        return [self.first - 1 if self.missing else UNKNOWN]

    def rejects(self, values: Sequence[object]) -> list[int]:
        """Return the places of what is no text, and of empty ones where nothing else is known of a row."""
        wrong = [i for i, v in enumerate(values) if not _has_ink(v)]
        return wrong if self.missing is None else [i for i in wrong if not _is_absent(values[i])]

    def why_rejected(self, value: object, name: str) -> str:
        """Return why a value cannot be used."""
        if value is None or isinstance(value, (str, list, tuple)):
            return f"its {self.source or name} is empty"
        return f"its {self.source or name} is {clean(repr(value))[:40]}, which is no text"

    def lengths(self, batch: Array) -> Array:
        """Return how many tokens each row has."""
        found: Array = (batch != PADDING).sum(axis=1)
        return found

    # What is learned.

    def learn(self, values: Iterable[object]) -> Self:
        """Return the column with the vocabulary, the tokenizer and the length of these texts, unless they are known."""
        if self.learned:
            return self
        cells = values.to_list() if hasattr(values, "to_list") else list(values)
        texts = [plain(joined(v), self.lowercase) for v in cells if _has_ink(v)]
        tokenizer = find_tokenizer(texts, self.tokenizer)
        counts: Counter[str] = Counter()
        lengths = []
        for text in texts:
            found = tokens_of(text, tokenizer)
            counts.update(found)
            lengths.append(len(found) + 2 * self.marks)
        common = sorted((-n, token) for token, n in counts.items() if n >= self.min_count)[: self.vocabulary]
        longest = self.length or long_enough(lengths)
        return replace(
            self,
            chosen_tokenizer=tokenizer,
            known=tuple(token for _, token in common),
            longest=longest,
            shortened=sum(n > longest for n in lengths),
            missing=None if self.missing is None else any(map(_is_absent, cells)),
        )

    def remarks(self) -> list[str]:
        """Return what a person should know of how texts are read, a sentence each."""
        cut = self._ready("chosen_tokenizer")
        how = "Chinese words, by jieba" if cut == "jieba" else cut
        said = [f"texts are cut into {how}; {number_of(len(self._ready('known')), 'token')} are known"]
        if self.shortened:
            said.append(
                f"{number_of(self.shortened, 'training text')} of more than {self._ready('longest'):,} tokens "
                f"{'is' if self.shortened == 1 else 'are'} cut there (length says where)"
            )
        return said

    @property
    def of_characters(self) -> bool:
        """Whether the tokens are characters."""
        return self.chosen_tokenizer == "characters"

    def paired(self, target: Column) -> tuple[Column, Column]:
        """Return both with the marks of the beginning and the end, and cut into the same tokens."""
        return replace(self, marks=True), replace(self, marks=True, source=target.source)

    def assumed(self, classes: int = 10) -> tuple[Self, str]:
        """Return the column with as many tokens as it may have."""
        if self.learned:
            return self, ""
        count = self.vocabulary
        if self.tokenizer == "characters":
            made = "".join(chr(0x4E00 + i) for i in range(min(count, 20_000)))
        else:
            made = " ".join(f"t{i}" for i in range(count))
        return self.learn([made]), f"{count:,} tokens assumed, as the data is not there to count them"

    def about_encoded(self) -> list[str]:
        """Return what the numbers are."""
        none = f"a text that is missing or empty is the number {self._nothing[0]} alone"
        return [
            *about_tokens(self.chosen_tokenizer or "words", self.lowercase, self._ready("longest")),
            f"0 pads the end, 1 is any that is not known; {self.first} is the first of 'known' in inputs, in the "
            "file's metadata 'hornbook', a text of JSON, and the others follow in their order",
            *([f"{MARK} stands before the first token and behind the last"] if self.marks else []),
            *([] if self.missing is None else [none]),
        ]

    def meaning(self) -> dict[str, Any]:
        """Return options and vocabulary; what stands for no text, where there is such a token."""
        return {k: v for k, v in self.to_json().items() if k != "missing" or v}

    def weight_rows(self) -> Sequence[Hashable] | None:
        """Return the tokens, after what stands for none."""
        none = [-1] if self.missing else []
        return [*range(MARK + self.marks), *none, *self._ready("known")]

    # As a target: what comes next, or, of other values than an input's, a text that is written.

    def as_answer(self) -> Any:
        """Return a ``sequence`` column of the same tokens."""
        from hornbook.columns.sequence.column import SequenceColumn

        return SequenceColumn.of_text(
            self.tokenizer, self.vocabulary, self.min_count, self.length, self.source
        )

    @property
    def outputs(self) -> int:
        """One probability for each number."""
        return self.size

    def about_outputs(self) -> list[str]:
        """Return what the probabilities are of."""
        return ["the probability of each number to be that of the next token; the answer is the likeliest"]

    def charts(self, cells: Any, groups: Groups | None = None) -> list[Chart]:
        """Return the lengths of texts, and their commonest tokens."""
        from hornbook.columns.text.checks import charts

        return charts(cells)

    def decode(self, outputs: Array, top: int = 3) -> list[Prediction]:
        """Return the likeliest next token of each row; the end of the text is an empty one."""
        best = np.argsort(-outputs, axis=1, kind="stable")[:, : max(top, 1)]
        sure = np.take_along_axis(outputs, best, axis=1).tolist()
        out = []
        for numbers, p in zip(best.tolist(), sure, strict=True):
            likeliest = tuple(zip(map(self.token, numbers), p, strict=True))
            out.append(Prediction(likeliest[0][0], likeliest[0][1], likeliest[:top]))
        return out

    def score(self, outputs: Array, truth: Array) -> dict[str, float]:
        """Return perplexity and bits a token.

        ``outputs`` are the log-probabilities (nats) of each token given all before it, ``(rows, length)``; that
        of the first is not looked at, as nothing is before it.
        """
        asked = truth[:, 1:] != PADDING
        nats = -float(np.where(asked, outputs[:, 1 : truth.shape[1]], 0).sum(dtype=np.float64))
        each = nats / max(int(asked.sum()), 1)
        return {"perplexity": float(np.exp(each)), "bits_a_token": each / float(np.log(2))}

    def baseline(self, training: Array, truth: Array) -> tuple[str, float]:
        """Return the perplexity of drawing every token as often as in the training rows, whatever is before it."""
        counts = np.bincount(training[:, 1:].astype(np.int64).ravel(), minlength=self.size).astype(float)
        counts[PADDING] = 0
        logs = np.log((counts + 1) / (counts.sum() + self.size - 1))  # every token counts once more
        asked = truth[:, 1:].astype(np.int64)
        each = -logs[asked][asked != PADDING].mean()
        name = "tokens by how common they are" if len(training) else "every token alike"
        return name, float(np.exp(each))

    def say_score(self, score: float) -> str:
        """Return a perplexity as people read it."""
        return f"{score:,.2f}"


def _has_ink(value: object) -> bool:
    try:
        return bool(joined(value).strip())
    except ValueError:
        return False


def _is_absent(value: object) -> bool:
    """Return whether a value is none, or a text with nothing in it."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    try:
        return not joined(value).strip()
    except ValueError:
        return False


def joined(value: object) -> str:
    """Return a value as one text, the lines or verses of a list one below the other; ValueError where it is none."""
    if isinstance(value, str):
        return value
    if isinstance(value, (list, tuple)) and all(part is None or isinstance(part, str) for part in value):
        return "\n".join(part for part in value if part)
    raise ValueError(f"{clean(repr(value))[:40]} is no text")
