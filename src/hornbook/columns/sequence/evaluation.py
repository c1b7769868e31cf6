"""How well answers of free length are written: whole ones first, then by edits, and where it looked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import ClassVar, Self

import numpy as np

from hornbook.columns.answers import FIRST, LEAD, LONGEST_QUOTE, AnswersEvaluation, counted
from hornbook.columns.base import Array
from hornbook.columns.characters.evaluation import Share, by_length, marked, shares_table
from hornbook.columns.characters.reading.edit_distance import distances
from hornbook.columns.evaluation import Attended, Judged
from hornbook.columns.sequence.column import SequenceColumn
from hornbook.common.blocks import (
    Block,
    Cell,
    Fold,
    Inline,
    Picture,
    Section,
    Shade,
    Span,
    Table,
    Text,
    short,
)
from hornbook.common.plaintext import clean, number_of, percent, shorten

MOST_MARKED = 60
"""Characters of answers that are laid side by side with what differs marked."""

MOST_STEPS = 64
"""Steps of an input across which it is drawn where it looked."""

FAINT = 0.1
"""Share of attention under which no number stands in a cell."""

MOST_LENGTHS = 40
"""Of more lengths than this, none are listed."""


@dataclass(frozen=True, kw_only=True)
class SequenceEvaluation(AnswersEvaluation):
    """How well answers of free length are written.

    The metrics are ``accuracy``, the share of whole answers that are right; ``characters``, 1 - edits / characters;
    ``edit_distance``, the mean number of edits an answer; and of words, where sacrebleu is installed, ``chrf`` (Popović
    2015) and ``bleu`` (Papineni et al. 2002; Post 2018), both 0 to 100.

    Attributes
    ----------
    per_length
        Each length of the true answers, in characters: how many whole ones are right.
    looked
        Where it looked while it wrote some of the answers.
    """

    type: ClassVar[str] = "sequence"
    lists_scores: ClassVar[bool] = False

    per_length: tuple[Share, ...]
    looked: tuple[Attended, ...] = ()

    def with_attention(self, looked: Sequence[Attended]) -> Self:
        """Return the evaluation with where it looked."""
        return replace(self, looked=tuple(looked))

    def verdict(self) -> Inline:
        """Return how well it writes as a sentence for the top of a page."""
        score = Span(self.say(self.score))
        return f"It writes the whole {self.target} right for ", score, f" of {self._learned()}."

    def blocks(self) -> list[Section]:
        """Return the worst mistakes, lengths, where it looked, and what abstaining gains."""
        lengths = self.per_length if len(self.per_length) <= MOST_LENGTHS else ()
        tables: list[Block] = [shares_table("length", "answers", lengths)] if lengths else []
        return [
            Section("mistakes", "Its worst mistakes", self._worst()),
            Section("lengths", "Length by length", tables),
            Section("attention", "Where it looked", list(self._looked())),
            self.when_unsure(),
        ]

    def _worst(self) -> list[Block]:
        """Return the wrong answers it was most sure of, differences marked."""
        if not self.mistakes:
            return [Text(f"Not one mistake in {number_of(self.rows, 'answer')}.", "lead")]
        rows = []
        for m in self.mistakes:
            true, written = _side_by_side(m.truth, m.predicted)
            rows.append((shorten(clean(m.name), LONGEST_QUOTE), true, written, percent(m.confidence)))
        head = ["", "true", "written", "sure"]
        return [Text(LEAD, "lead"), Table("mistakes", head, rows, numbers=[3], first=FIRST)]

    def _looked(self) -> list[Block]:
        """Return for some answers a matrix of their tokens and the steps of the input."""
        shown = [one for one in self.looked if one.written and len(one.weights[0]) <= MOST_STEPS]
        if not shown:
            return []
        shown.sort(key=lambda one: -len(one.weights[0]))
        lead = (
            "Each line is a token that it wrote; the darker a step of the input is, the more it counted for it "
            "(attention)."
        )
        first, *others = [block for one in shown[:1] for block in _matrix(one)], shown[1:]
        out: list[Block] = [Text(lead, "lead"), *first]
        more = [block for one in others[0] for block in _matrix(one)]
        return [*out, Fold("More answers", more)] if more else out

    @classmethod
    def judge(
        cls, column: SequenceColumn, outputs: Array, truth: Array | list[str], on: Judged
    ) -> SequenceEvaluation:
        """Judge the answers to a ``sequence`` target; ``truth`` is encoded, or texts where some are too long."""
        true = truth if isinstance(truth, list) else column.texts(truth)
        predictions = column.decode(outputs, 1)
        written = [str(p.value) for p in predictions]
        confidence = np.array([p.confidence for p in predictions], np.float64)
        right = np.array([w == t for w, t in zip(written, true, strict=True)])
        metrics = column.score_texts(written, true)
        metrics["edit_distance"] = float(distances(written, true).mean())
        if column.tokenizer == "words":
            metrics |= of_words(written, true)
        return cls(
            **counted(right, confidence, lambda i: (true[i], written[i]), on),
            metrics=metrics,
            baseline=_baseline(column, on.training, true),
            per_length=by_length(true, right),
        )


def of_words(written: Sequence[str], true: Sequence[str]) -> dict[str, float]:
    """Return chrF and BLEU of texts, 0 to 100, by sacrebleu; nothing where it is not installed."""
    if find_spec("sacrebleu") is None:
        return {}
    from sacrebleu.metrics.bleu import BLEU
    from sacrebleu.metrics.chrf import CHRF

    of = [list(true)]
    return {
        "chrf": float(CHRF().corpus_score(list(written), of).score),
        "bleu": float(BLEU().corpus_score(list(written), of).score),
    }


def _baseline(column: SequenceColumn, training: Array, true: Sequence[str]) -> tuple[str, float]:
    """Return what always giving the commonest training answer would score."""
    if not len(training):
        return "nothing", 0.0
    name, _ = column.baseline(training, training[:1])
    answers, counts = np.unique(training, axis=0, return_counts=True)
    commonest = column.texts(answers[counts.argmax()][None])[0]
    return name, sum(t == commonest for t in true) / len(true)


def _side_by_side(true: str, written: str) -> tuple[Inline, Inline]:
    """Return both texts; short ones with what differs marked."""
    if max(len(true), len(written)) <= MOST_MARKED:
        return marked(true, written)
    return short(true, 2 * MOST_MARKED), short(written, 2 * MOST_MARKED, "wrong")


def _matrix(one: Attended) -> list[Block]:
    """Return what was read, and the matrix of where it looked."""
    across = [clean(s) if s.strip() else "␣" for s in one.steps] or [""] * len(one.weights[0])
    rows: list[list[Cell]] = [
        [
            clean(token) if token.strip() else "␣",
            *(Shade(f"{100 * w:.0f}" if w >= FAINT else "", w, f"{w:.0%}", right=True) for w in line),
        ]
        for token, line in zip(one.written, one.weights, strict=True)
    ]
    said = "".join(one.written)
    label = f"where it looked while it wrote {clean(said)}"
    head: list[Block] = [Text((short(one.name, 80), " → ", Span(clean(said))))]
    if not one.steps:
        head.append(Text(Picture(one.row, one.name, height=60)))
    return [*head, Table(label, across, rows, matrix=True)]
