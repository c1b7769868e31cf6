"""Writing text, a token at a time: a language model says what may follow, and one of that is drawn.

The state of the recurrent layers is carried from step to step, so that each token costs the same however long the text
is. Only ONNX Runtime and numpy are needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.text.column import MARK, PADDING, UNKNOWN, TextColumn
from hornbook.columns.text.tokens import plain, tokens_of
from hornbook.errors import UsageError
from hornbook.recognizer.signature import after, before

if TYPE_CHECKING:
    from hornbook.recognizer.recognizer import Recognizer

__all__ = ["generate"]


def generate(
    reader: Recognizer,
    prompt: str = "",
    *,
    length: int = 48,
    temperature: float = 0.8,
    seed: int = 0,
    acrostic: str = "",
) -> Iterator[str]:
    """Yield a text in pieces, the prompt first: joined they are what was written.

    Parameters
    ----------
    reader
        A recognizer whose target is the text that follows.
    prompt
        What it begins with.
    length
        The most tokens that are written after the prompt; the text may end before. Of an acrostic, of all its lines.
    temperature
        Over 0: 1 draws as the model says, less keeps to the likeliest (0.01 is always the likeliest), more dares more.
    seed
        The same seed writes the same text.
    acrostic
        Lines begin with these characters or words, one after the other, and the text ends with the last of these lines.

    Raises
    ------
    UsageError
        The recognizer does not say what follows, or the options do not go together.
    """
    column = _column(reader)
    if length < 1:
        raise UsageError(f"the length is {length}, but at least 1 token must be written")
    if not 0.01 <= temperature <= 100:
        raise UsageError(f"the temperature is {temperature:g}, and it may be from 0.01 to 100")
    if seed < 0:
        raise UsageError(f"the seed is {seed}, and it may be 0 or more")
    if prompt and acrostic:
        raise UsageError("a prompt and an acrostic both say how the text begins: give one of them")
    if len(_starts(column, acrostic)) > 1 and column.number("\n") == UNKNOWN:
        raise UsageError(
            "an acrostic is of lines, and the texts that this recognizer has learned have none, as it takes them: "
            "give a prompt"
        )
    writer = _Writer(reader, column, temperature, np.random.default_rng(seed))
    return _lines(writer, acrostic, length) if acrostic else _on(writer, prompt, length)


def _column(reader: Recognizer) -> TextColumn:
    texts = list(TextColumn.among(reader.inputs).values())
    if not reader.states or not texts:
        raise UsageError(
            f"{reader.path} does not say what follows a text: train one whose target is the text itself, "
            "as the recipe poems has it"
        )
    return texts[0]


@dataclass
class _Writer:
    """Where the writing stands: the states, and what may follow."""

    reader: Recognizer
    column: TextColumn
    temperature: float
    random: np.random.Generator
    states: dict[str, Array] = field(default_factory=dict)
    follows: Array = field(default_factory=lambda: np.zeros(0))
    written: str = ""

    def read(self, numbers: list[int]) -> None:
        """Let the network read tokens."""
        ((name, _),) = self.reader.inputs.items()
        ((target, _),) = self.reader.targets.items()
        names = [after(i) for i in range(len(self.reader.states))]
        given = {name: np.array([numbers], self.column.dtype), **self.states}
        found = self.reader.run_graph(given, [target, *names])
        self.states = {before(i): found[n] for i, n in enumerate(names)}
        self.follows = found[target][0].astype(np.float64)

    def draw(self, end: bool) -> int:
        """Draw the next token; ``end`` says whether the text may end here."""
        p = self.follows.copy()
        p[[PADDING, UNKNOWN]] = 0
        if self.column.marks and not end:
            p[MARK] = 0
        if not p.any():
            return MARK
        logs = np.log(np.maximum(p, 1e-300)) / self.temperature
        p = np.where(p > 0, np.exp(logs - logs.max()), 0)
        return int(
            np.searchsorted(np.cumsum(p / p.sum()), self.random.random(), side="right").clip(max=len(p) - 1)
        )

    def piece(self, token: str) -> str:
        """Return a token as it is written on: words with a blank before them, signs of punctuation without."""
        if (
            self.column.chosen_tokenizer == "words"
            and self.written
            and token[:1].isalnum()
            and self.written[-1] not in "\n("
        ):
            token = f" {token}"
        self.written += token
        return token


def _start(writer: _Writer) -> None:
    if writer.column.marks:
        writer.read([MARK])


def _on(writer: _Writer, prompt: str, length: int) -> Iterator[str]:
    """Write on after a prompt."""
    column = writer.column
    numbers = column.numbers(prompt, most=len(prompt)) if prompt.strip() else []
    numbers = [MARK, *numbers] if column.marks else numbers or [UNKNOWN]
    step = max(
        1, column.shape[0]
    )  # what has been read is in the states, so that a prompt may have any length
    for start in range(0, len(numbers), step):
        writer.read(numbers[start : start + step])
    writer.written = prompt
    if prompt:
        yield prompt
    for _ in range(length):
        number = writer.draw(end=bool(writer.written.strip()))
        if number < column.first:
            return
        yield writer.piece(column.token(number))
        writer.read([number])


def _starts(column: TextColumn, acrostic: str) -> list[str]:
    """Return the tokens that the lines begin with."""
    tokens = tokens_of(plain(acrostic, column.lowercase), column.chosen_tokenizer or "words")
    return [token for token in tokens if not token.isspace()]


def _lines(writer: _Writer, acrostic: str, length: int) -> Iterator[str]:
    """Write lines that begin with given tokens."""
    column = writer.column
    starts = _starts(column, acrostic)
    _start(writer)
    left = length
    for i, token in enumerate(starts):
        yield writer.piece(token)
        writer.read([column.number(token)])
        left -= 1
        while left > 0:
            number = writer.draw(end=i == len(starts) - 1)
            if number < column.first:
                return
            said = column.token(number)
            left -= said != "\n"
            if said == "\n" and i == len(starts) - 1:
                return
            yield writer.piece(said)
            writer.read([number])
            if said == "\n":
                break
        else:
            # The length is reached in this line: what is left of the acrostic is still said.
            if i < len(starts) - 1:
                yield writer.piece("\n")
                writer.read([column.number("\n")])
