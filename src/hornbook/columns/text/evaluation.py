"""How well a language model knows what comes next: perplexity, beside models that only count."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.evaluation import Evaluation, Judged, score_table
from hornbook.columns.text.column import MARK, PADDING, TextColumn
from hornbook.columns.text.kneser_ney import KneserNey
from hornbook.common.blocks import Section, Table, Text
from hornbook.common.plaintext import clean, number_of, shorten

QUOTED = 60
"""Cells of a text that is quoted."""


SHOWN = 24
"""Texts that are listed."""


@dataclass(frozen=True)
class Surprise:
    """A text that was not foreseen; ``perplexity`` is of a token of it, ``name`` the file or row."""

    row: int
    text: str
    perplexity: float
    name: str


@dataclass(frozen=True, kw_only=True)
class TextEvaluation(Evaluation):
    """How well it is known what comes next.

    Perplexity is how many tokens it is as if there were to choose from at each step, e to the mean loss in nats; the
    end of each text is a token too.

    Attributes
    ----------
    tokens
        How many tokens were foretold, ends among them.
    unit
        What a token is: ``word`` or ``character``.
    others
        Perplexity of other models on the same tokens, by name: counts of single tokens, and Kneser-Ney counts of three
        (`hornbook.columns.text.kneser_ney`), both made from the training rows.
    unknown
        The share of tokens that are not in the vocabulary; they count as one token, "unknown", for all models.
    surprises
        The texts that were foreseen least, the worst first.
    """

    type: ClassVar[str] = "text"
    rows_are: ClassVar[str] = "text"

    tokens: int
    unit: str
    others: dict[str, float]
    unknown: float
    surprises: tuple[Surprise, ...]

    def say(self, value: float) -> str:
        """Return a perplexity as people read it."""
        return f"{value:,.1f}"

    @property
    def beaten(self) -> bool:
        """Whether every model that only counts is worse."""
        return all(self.score < other for other in self.others.values())

    def blocks(self) -> list[Section]:
        """Return the scores beside those of models that count, and the texts that were foreseen least."""
        rows = [
            (f"{s.perplexity:,.0f}", clean(s.name).partition(":")[0], s.text) for s in self.surprises[:SHOWN]
        ]
        table = Table("texts", [f"perplexity of a {self.unit}", "", "text"], rows, numbers=[0])
        return [
            Section("perplexity", "How well it knows what comes next", self._scores()),
            Section("surprises", "Foreseen least", [table] if rows else []),
        ]

    def _scores(self) -> list[Text | Table]:
        best = min(self.others, key=self.others.__getitem__, default="")
        verdict = (
            "It is better than models that only count"
            if self.beaten
            else f"It is no better than {clean(best)}: there may be too little text for a network"
        )
        choice = f"At each {self.unit} it is as if it had {self.say(self.score)} to choose from."
        others = [(f"perplexity of {clean(name)}", self.say(v), "") for name, v in self.others.items()]
        said = f"{number_of(self.tokens, self.unit)}, the ends of texts among them"
        if self.unknown:
            said += f"; {100 * self.unknown:.2f} % are not in the vocabulary and count as one, for all models"
        return [
            Text(f"{verdict}. {choice}", "lead"),
            score_table([*self.score_rows(), *others]),
            Text(f"{said}.", "small"),
        ]

    @classmethod
    def judge(cls, column: TextColumn, outputs: Array, truth: Array, on: Judged) -> TextEvaluation:
        """Judge a language model.

        Parameters
        ----------
        outputs
            The log-probability (nats) of each token given all before it, ``(rows, length)``.
        truth
            The numbers of the tokens, ``(rows, length)``.
        """
        asked = truth[:, 1:] != PADDING
        logs = np.where(asked, outputs[:, 1:], 0).astype(np.float64)
        counts = asked.sum(axis=1)
        metrics = column.score(outputs, truth)
        tokens = int(counts.sum())
        if column.chosen_tokenizer != "characters":
            # A blank comes after a word, and the end after the last; Chinese has no blanks.
            blank = column.chosen_tokenizer == "words"
            said = truth[:, 1:][asked].tolist()
            letters = sum(len(column.token(n)) + (1 if blank or n < column.first else 0) for n in said)
            metrics["bits_a_character"] = float(-logs.sum() / math.log(2) / max(letters, 1))
        simplest = column.baseline(on.training, truth)
        others = {simplest[0]: simplest[1]}
        if len(on.training):
            counted = KneserNey(on.training, column.size).log_probabilities(truth)
            others["Kneser-Ney counts of three"] = math.exp(-counted.sum() / max(tokens, 1))
        each = -logs.sum(axis=1) / counts.clip(min=1)
        worst = np.argsort(-each, kind="stable")[: on.most]
        return cls(
            **on.fields(len(truth)),
            metrics=metrics,
            interval=_interval(logs.sum(axis=1), counts),
            baseline=simplest,
            tokens=tokens,
            unit="character" if column.chosen_tokenizer == "characters" else "word",
            others=others,
            unknown=float((truth[:, 1:][asked] == 1).mean()) if tokens else 0.0,
            surprises=tuple(_surprise(column, truth, each, int(i), on) for i in worst),
        )


def _surprise(column: TextColumn, truth: Array, each: Array, i: int, on: Judged) -> Surprise:
    row, name = on.named(i)
    text = shorten(clean(written(column, truth[i])), QUOTED)
    return Surprise(row, text, float(math.exp(min(each[i], 700))), name)


def written(column: TextColumn, numbers: Array) -> str:
    """Return the text of encoded numbers; what is not in the vocabulary is shown as a box.

    >>> column = TextColumn(tokenizer="characters").learn(["abc"])
    >>> written(column, column.encode("cax"))
    'ca□'
    """
    kept = [n for n in numbers.tolist() if n != PADDING and not (column.marks and n == MARK)]
    between = " " if column.chosen_tokenizer == "words" else ""
    return between.join(column.token(n) or "□" for n in kept)


def _interval(nats: Array, counts: Array) -> tuple[float, float]:
    """Return the 95 % interval of the perplexity, from how much the texts differ (a ratio of sums)."""
    total = max(int(counts.sum()), 1)
    mean = -float(nats.sum()) / total
    if len(nats) < 2:
        return math.exp(mean), math.exp(mean)
    off = -nats - mean * counts
    error = math.sqrt(float((off**2).sum()) * len(nats) / (len(nats) - 1)) / total
    return math.exp(mean - 1.96 * error), math.exp(mean + 1.96 * error)
