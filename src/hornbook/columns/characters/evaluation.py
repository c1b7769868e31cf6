"""How well strings are read: whole ones first and always, then characters, places, lengths and confusions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hornbook.columns.answers import FIRST, LEAD, AnswersEvaluation, counted
from hornbook.columns.base import Array
from hornbook.columns.characters.column import CharactersColumn
from hornbook.columns.characters.reading.edit_distance import align, distances
from hornbook.columns.evaluation import Judged
from hornbook.common.blocks import (
    Bar,
    Block,
    Fold,
    Gallery,
    Inline,
    Item,
    Picture,
    Section,
    Span,
    Table,
    Text,
    tail,
)
from hornbook.common.plaintext import clean, number_of, percent, shorten

HARDEST = 20
"""Of more characters than this, a terminal shows the hardest."""

MOST_CONFUSIONS = 500
"""So many are kept."""

FIRST_CONFUSIONS, SHOWN_CONFUSIONS = 12, 60
"""So many are shown at once, and behind a fold."""

MOST_CHARACTERS = 40
"""Characters that are shown at once; of more, the hardest, and all behind a fold."""

GAP = "·"
"""Stands where the other string has a character and this one has none."""


@dataclass(frozen=True)
class Share:
    """How many of a character, of a place (from 1) or of a length are read right."""

    name: str
    count: int
    right: int

    @property
    def share(self) -> float:
        """The share that is right, 0 to 1."""
        return self.right / self.count


@dataclass(frozen=True, kw_only=True)
class CharactersEvaluation(AnswersEvaluation):
    """How well strings are read.

    The metrics are ``accuracy``, the share of whole strings that are right; ``characters``, 1 - edits /
    characters; and ``edit_distance``, the mean number of edits a string.

    Attributes
    ----------
    per_character
        Each character that occurs in the true strings, in the order of the alphabet.
    per_place
        Each place of the true strings, where these are all of one length.
    per_length
        Each length of the true strings, where there are several: how many whole strings are right.
    confused
        True character, what it was read as, how often; the commonest first. An empty text is no character:
        it was missed, or one was read that is not there. Strings are compared by the fewest edits.
    unanswerable
        Of how many rows the true string has a length or a character that is never answered. They count as wrong.
    """

    type: ClassVar[str] = "characters"
    lists_scores: ClassVar[bool] = False

    per_character: tuple[Share, ...]
    per_place: tuple[Share, ...]
    per_length: tuple[Share, ...]
    confused: tuple[tuple[str, str, int], ...]
    unanswerable: int = 0

    def hardest(self, most: int = HARDEST) -> list[Share]:
        """Return the characters that were read worst, the worst first."""
        return sorted(self.per_character, key=lambda s: (s.share, -s.count))[:most]

    def verdict(self) -> Inline:
        """Return how well it reads as a sentence for the top of a page."""
        score = Span(self.say(self.score))
        return f"It reads the whole {self.target} right for ", score, f" of {self._learned()}."

    def blocks(self) -> list[Section]:
        """Return the worst mistakes, what is confused, places, characters, and what abstaining gains."""
        places = [
            shares_table("place", "characters", self.per_place),
            shares_table("length", "strings", self.per_length),
        ]
        return [
            Section("mistakes", "Its worst mistakes", self._worst()),
            Section("confusion", "What it confuses", self._confusion()),
            Section("places", "Where it goes wrong", places),
            Section("characters", "Character by character", self._characters()),
            self.when_unsure(),
        ]

    def _worst(self) -> list[Block]:
        """Return the wrong answers it was most sure of, true above read, differences marked."""
        if not self.mistakes:
            return [Text(f"Not one mistake in {number_of(self.rows, 'string')}.", "lead")]
        items = []
        rows = []
        for m in self.mistakes:
            true, read = marked(m.truth, m.predicted)
            alt = f"{m.name}: {m.truth}, read as {m.predicted or 'nothing'}"
            notes: list[Inline] = [f"{percent(m.confidence)} sure", tail(m.name, 20)]
            items.append(Item(m.row, alt, facts=[("true", true), ("read", read)], notes=notes))
            rows.append((shorten(clean(m.name), 40), true, read, percent(m.confidence)))
        table = Table("mistakes", ["", "true", "read as", "sure"], rows, numbers=[3], first=FIRST)
        return [Text(LEAD, "lead"), Gallery(items, FIRST, instead=table), *self._unanswerable()]

    def _unanswerable(self) -> list[Text]:
        if not self.unanswerable:
            return []
        have = "has a text" if self.unanswerable == 1 else "have texts"
        rows = number_of(self.unanswerable, "row")
        return [
            Text(
                f"{rows} {have} of a length or with a character that is never read here, which counts as wrong."
            )
        ]

    def _confusion(self) -> list[Block]:
        """Return the commonest confusions of characters."""
        if not self.confused:
            return []
        most = self.confused[0][2]
        rows = [
            (
                Span(t) if t else Span("nothing there", "faint"),
                Span(r) if r else Span("missed", "faint"),
                f"{n:,}",
                Bar(n / most),
            )
            for t, r, n in self.confused[:SHOWN_CONFUSIONS]
        ]
        wrong = sum(n for _, _, n in self.confused)
        lead = (
            f"{number_of(self.wrong, 'string')} of {self.rows:,} read wrongly, {number_of(wrong, 'character')} in "
            "all. Strings are laid side by side so that the fewest differ."
        )
        head = ["true character", "read as", "times", ""]
        return [
            Text(lead, "lead"),
            Table("the commonest confusions", head, rows, numbers=[2], first=FIRST_CONFUSIONS),
        ]

    def _characters(self) -> list[Block]:
        every = shares_table("character", "times", self.per_character)
        if len(self.per_character) <= MOST_CHARACTERS:
            return [every]
        head = Text(f"The {HARDEST} hardest of {len(self.per_character):,} characters.")
        return [head, shares_table("character", "times", self.hardest()), Fold("All characters", [every])]

    @classmethod
    def judge(
        cls, column: CharactersColumn, outputs: Array, truth: Array | list[str], on: Judged
    ) -> CharactersEvaluation:
        """Judge the answers to a ``characters`` target.

        ``truth`` is encoded, or texts where some have a length or a character that the column does not know; these
        are never right.

        Examples
        --------
        >>> from hornbook.columns.evaluation import evaluate
        >>> column = CharactersColumn(alphabet="digits", length=2).learn([])
        >>> truth = column.encode_many(["42", "41"])
        >>> found = evaluate("text", "test", column, np.eye(10)[[[4, 2], [4, 7]]], truth, training_truth=truth[:1])
        >>> found.score, found.confused, found.per_place[1].share
        (0.5, (('1', '7', 1),), 0.5)
        """
        true = truth if isinstance(truth, list) else column.texts(truth)
        predictions = column.decode(outputs, 1)
        read = [str(p.value) for p in predictions]
        confidence = np.array([p.confidence for p in predictions], np.float64)
        right = np.array([r == t for r, t in zip(read, true, strict=True)])
        metrics = column.score_texts(read, true)
        metrics["edit_distance"] = float(distances(read, true).mean())
        characters, places, confused = _compare(true, read, same_length=not column.ctc)
        known = [*column.characters, *sorted(set(characters) - set(column.characters))]
        return cls(
            **counted(right, confidence, lambda i: (true[i], read[i]), on),
            metrics=metrics,
            baseline=_baseline(column, on.training, true),
            per_character=tuple(Share(c, *characters[c]) for c in known if c in characters),
            per_place=places,
            per_length=by_length(true, right),
            confused=confused,
            unanswerable=len(column.rejects(true)),
        )


def _baseline(column: CharactersColumn, training: Array, true: Sequence[str]) -> tuple[str, float]:
    """Return what always naming the commonest training string would score."""
    wrong = set(column.rejects(true))
    known = column.encode_many([t for i, t in enumerate(true) if i not in wrong])
    if not len(training):
        return "nothing", 0.0
    name, share = column.baseline(training, known)
    return name, share * len(known) / len(true) if len(known) else 0.0


def by_length(true: Sequence[str], right: Array) -> tuple[Share, ...]:
    """Return how many strings of each length are right, nothing where all have the same."""
    lengths = np.array([len(t) for t in true])
    found = np.unique(lengths).tolist()
    of = {n: right[lengths == n] for n in found}
    return tuple(Share(str(n), len(of[n]), int(of[n].sum())) for n in found) if len(found) > 1 else ()


def _compare(
    true: Sequence[str], read: Sequence[str], same_length: bool
) -> tuple[dict[str, tuple[int, int]], tuple[Share, ...], tuple[tuple[str, str, int], ...]]:
    """Return by character how many there are and are right, the same by place, and what was confused.

    A reader of one length for all reads every place by itself, so its places are compared as they stand; with
    CTC a character that was missed moves the others, so they are aligned.
    """
    pairs: Counter[tuple[str, str]] = Counter()
    hits = np.zeros(max(map(len, true)), np.int64)
    for t, r in zip(true, read, strict=True):
        if t == r:
            pairs.update(zip(t, t, strict=True))
            hits[: len(t)] += 1
            continue
        aligned = align(t, r)
        pairs.update(aligned)
        by_place = same_length and len(t) == len(r)
        sides = list(zip(t, r, strict=True)) if by_place else [p for p in aligned if p[0]]
        hits[: len(t)] += [a == b for a, b in sides]
    count: Counter[str] = Counter()
    for (t, _), n in pairs.items():
        count[t] += n
    characters = {c: (n, pairs[c, c]) for c, n in count.items() if c}
    one_length = len({len(t) for t in true}) == 1
    places = tuple(Share(str(i + 1), len(true), int(n)) for i, n in enumerate(hits)) if one_length else ()
    wrong = sorted(((t, r, n) for (t, r), n in pairs.items() if t != r), key=lambda c: (-c[2], c[:2]))
    return characters, places, tuple(wrong[:MOST_CONFUSIONS])


def marked(true: str, read: str) -> tuple[Inline, Inline]:
    """Return both strings, one to stand above the other, with what differs marked.

    >>> marked("178", "78")[1]
    (Span(text='·', style='wrong', whole=''), '7', '8')
    """
    above: list[str | Span | Picture] = []
    below: list[str | Span | Picture] = []
    for t, r in align(true, read):
        above.append(t if t == r else Span(t or GAP))
        below.append(r if t == r else Span(r or GAP, "wrong"))
    return tuple(above), tuple(below)


def shares_table(word: str, what: str, shares: Sequence[Share]) -> Table:
    """Return how many are right of each place, length or character."""
    most = max((s.count - s.right for s in shares), default=0) or 1
    rows = [
        (
            s.name,
            f"{s.count:,}",
            percent(s.share, 2),
            f"{s.count - s.right:,}",
            Bar((s.count - s.right) / most),
        )
        for s in shares
    ]
    head = [word, what, "right", "wrong", ""]
    return Table(f"scores of each {word}", head, rows, numbers=[1, 2, 3])
