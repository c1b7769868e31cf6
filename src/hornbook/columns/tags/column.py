"""The ``tags`` column: as many of some names as go with an example, or none.

A cell is a text of names with a separator between them (``sql|web``), a list, or several columns of 0 and 1. Each tag
has a threshold of its own, chosen on the validation rows: a tag is given where its probability is as large.
"""

from __future__ import annotations

import dataclasses
import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal, Self

import numpy as np
from annotated_types import Ge, Le, Len

from hornbook.columns.base import ROUNDING, Array, Column
from hornbook.columns.category.column import natural_order
from hornbook.columns.category.spelling import only_spellings, plainly
from hornbook.columns.prediction import Prediction
from hornbook.columns.summary import Inspection, Values
from hornbook.columns.tags.cells import MOST_TAGS, is_on, separator_of, words_of
from hornbook.common.plaintext import clean, listed, percent, set_option
from hornbook.errors import DataError

if TYPE_CHECKING:
    import polars as pl

FEWEST = 5
"""Validation rows with a tag from which on it has a threshold of its own; the others share one."""

HALF = 0.5


@dataclass(frozen=True, kw_only=True, repr=False)
class TagsColumn(Column):
    """Some of a few names, or none of them.

    Encoded to ``shape`` (tags + 1,), ``uint8``: 1 for each tag that is there, and last how many there are that were
    never learned; they count as missed. The network's outputs are a probability for each tag, shape ``(rows, tags)``.

    Parameters
    ----------
    tags
        The names in their order. Learned from the training rows where they are not given.
    separator
        What stands between the names in a cell. Found where it is not given; ``""`` for cells of one name.
    columns
        The table's columns of 0 and 1, each for the tag it is called, in place of a column of names.
    names
        What other spellings of tags stand for, ``{"SQL": "sql"}``.
    empty
        What an empty cell says: that it is ``missing``, so that the row is left out, or that there is ``none``.

    Attributes
    ----------
    thresholds
        For each tag the least probability with which it is given; 0.5 where there were no validation rows.

    Examples
    --------
    >>> column = TagsColumn().learn(["sql|web", "web", "python|sql"])
    >>> column.tags, column.separator
    (('python', 'sql', 'web'), '|')
    >>> column.encode("web|sql").tolist()
    [0, 1, 1, 0]
    >>> column.decode(np.array([[0.1, 0.9, 0.6]]))[0].value
    ['sql', 'web']
    """

    type: ClassVar[str] = "tags"
    metric: ClassVar[str] = "micro_f1"
    in_cells: ClassVar[bool] = True
    is_input: ClassVar[bool] = False
    is_label: ClassVar[bool] = True
    learned_fields: ClassVar[tuple[str, ...]] = ("thresholds",)

    tags: tuple[str, ...] | None = None
    separator: Annotated[str, Len(0, 8)] | None = None
    columns: Annotated[tuple[str, ...], Len(1, MOST_TAGS)] | None = None
    names: Mapping[str, str] | None = None
    empty: Literal["missing", "none"] = "missing"
    thresholds: tuple[Annotated[float, Ge(0), Le(1)], ...] | None = None

    @property
    def learned(self) -> bool:
        """Whether there are tags."""
        return self.tags is not None

    def objection(self) -> str:
        """Return what is wrong with the fields taken together."""
        if self.columns is not None and self.separator:
            return (
                "has columns and a separator: a tag has a column of its own, or stands in a cell with others"
            )
        if self.tags is None:
            return "" if self.thresholds is None else "has thresholds and no tags"
        twice = next((tag for i, tag in enumerate(self.tags) if tag in self.tags[:i]), None)
        if twice is not None:
            return f"has the tag {twice!r} twice"
        if not self.tags or len(self.tags) > MOST_TAGS:
            return f"has {len(self.tags):,} tags, and from 1 to {MOST_TAGS:,} are possible"
        if self.thresholds is not None and len(self.thresholds) != len(self.tags):
            return f"has {len(self.thresholds)} thresholds for {len(self.tags)} tags"
        return ""

    def sources(self, name: str) -> tuple[str, ...]:
        """Return the table's columns that it reads."""
        return self.columns or (self.source or name,)

    def gathered(self, column: Callable[[str], Any]) -> pl.Series | None:
        """Return the lists of the tags whose columns are not 0; empty where all of them are empty."""
        if self.columns is None:
            return None
        import polars as pl

        cells = [column(name) for name in self.columns]
        known = pl.select(pl.any_horizontal(*(pl.lit(c.is_not_null()) for c in cells))).to_series()
        on = [pl.when(pl.lit(is_on(c))).then(pl.lit(c.name)) for c in cells]
        lists = pl.select(pl.concat_list(on).list.drop_nulls().alias("tags")).to_series()
        return lists.zip_with(known, pl.Series([None], dtype=lists.dtype).new_from_index(0, len(lists)))

    # What a value looks like when encoded.

    def _known(self) -> tuple[str, ...]:
        if self.tags is None:
            raise DataError("a tags column has no tags yet: it must learn them from the training rows first")
        return self.tags

    @cached_property
    def _places(self) -> dict[str, int]:
        return {tag: i for i, tag in enumerate(self._known())}

    @cached_property
    def _plainly(self) -> dict[str, int]:
        return only_spellings(self._known())

    def _words(self, value: object) -> list[str] | None:
        """Return the tags of a cell by their names, each once; None where it is empty."""
        words = words_of(value, self.separator)
        names = self.names or {}
        return None if words is None else list(dict.fromkeys(names.get(word, word) for word in words))

    @property
    def shape(self) -> tuple[int, ...]:
        """A number for each tag, and one for all that are unknown."""
        return (len(self._known()) + 1,)

    @property
    def dtype(self) -> np.dtype[Any]:
        """0 or 1, and a count."""
        return np.dtype(np.uint8)

    def learn(self, values: Iterable[object]) -> Self:
        """Return the column with the tags that occur, and what stands between them, unless they were given."""
        values = list(values)
        column = self
        if column.separator is None:
            found = separator_of([v for v in values if isinstance(v, str)]) if self.columns is None else ""
            column = dataclasses.replace(column, separator=found)
        if column.tags is not None:
            return column
        counts = Counter(word for value in values for word in column._words(value) or ())
        if len(counts) > MOST_TAGS:
            raise DataError(
                f"a tags column has {len(counts):,} different tags, more than {MOST_TAGS:,}: say what stands between "
                "them with separator"
            )
        # A tag that no training row has is known by its column.
        named = tuple(dict.fromkeys((self.names or {}).get(name, name) for name in self.columns or ()))
        tags = named or tuple(sorted(counts, key=natural_order))
        return dataclasses.replace(column, tags=tags)

    def encode(self, value: object, name: str = "") -> Array:
        """Return which tags are there, and how many unknown ones."""
        try:
            words = self._words(value)
        except DataError as error:
            raise DataError(f"{name or 'the value'}: {error}") from None
        if words is None and self.empty == "missing":
            raise DataError(
                f"{name or 'the value'}: {clean(repr(value))[:40]} holds no tag; where an empty cell says that there "
                'is none, set empty = "none"'
            )
        out = np.zeros(self.shape, np.uint8)
        for word in words or ():
            place = self._places.get(word, -1)
            place = self._plainly.get(plainly(word), -1) if place < 0 else place
            out[place] = 1 if place >= 0 else min(int(out[place]) + 1, 255)
        return out

    def encode_many(self, values: Sequence[object], names: Sequence[str] | None = None) -> Array:
        """Return the tags of all rows; of texts, each different one is looked at once."""
        known: dict[object, Array] = {}
        out = np.empty((len(values), *self.shape), np.uint8)
        for i, value in enumerate(values):
            found = known.get(value) if isinstance(value, str) else None
            if found is None:
                found = self.encode(value, names[i] if names else f"row {i + 1}")
                if isinstance(value, str):
                    known[value] = found
            out[i] = found
        return out

    def absent(self, series: Any) -> Array:
        """Return which cells are empty, unless these say that there is no tag."""
        return super().absent(series) if self.empty == "missing" else np.zeros(len(series), bool)

    def why_absent(self, name: str) -> str:
        """Return why a row with an empty cell is left out, and the key for it."""
        return (
            f"has no {name} (where that says there are none: {set_option('targets', name, 'none', 'empty')})"
        )

    def labels(self, encoded: Array) -> list[str]:
        """Return the tags of each row."""
        tags = self._known()
        return [", ".join(tags[i] for i in np.flatnonzero(row[:-1])) or "(none)" for row in encoded]

    def inspect(self, values: Values) -> Inspection:
        """Return how many examples each tag has, where it is a target."""
        from hornbook.columns.tags.checks import inspect

        return Inspection() if values.inputs is None else inspect(self._known(), values)

    # What is done with a network's outputs.

    @property
    def outputs(self) -> int:
        """One probability for each tag."""
        return len(self._known())

    @property
    def least(self) -> Array:
        """The threshold of each tag."""
        return np.array(self.thresholds or [HALF] * self.outputs)

    def chosen(self, outputs: Array) -> Array:
        """Return which tags are given, ``bool`` of the shape of the outputs."""
        given: Array = outputs >= self.least
        return given

    def confidence(self, outputs: Array) -> Array:
        """Return for each row the probability that all tags given are right, and all others wrong."""
        p = outputs.astype(np.float64)
        sure: Array = np.where(self.chosen(outputs), p, 1 - p).prod(axis=1)
        return sure

    def decode(self, outputs: Array, top: int = 3) -> list[Prediction]:
        """Return the tags of each row as a list, and the ``top`` likeliest tags."""
        tags, given = self._known(), self.chosen(outputs)
        best = np.argsort(-outputs, axis=1, kind="stable")[:, :top]
        rows = zip(given, self.confidence(outputs).tolist(), best.tolist(), outputs, strict=True)
        return [
            Prediction(
                [tags[i] for i in np.flatnonzero(on)], sure, tuple((tags[i], float(p[i])) for i in first)
            )
            for on, sure, first, p in rows
        ]

    def in_cell(self, value: Any) -> Any:
        """Return tags as a cell has them."""
        between = self.separator if self.separator and self.separator != "\n" else "|"
        return None if value is None else between.join(value)

    def differences(self, ours: Array, theirs: Array) -> tuple[float, int]:
        """Return the largest difference, and in how many rows a tag is given by one alone that is no tie."""
        if not ours.size:
            return 0.0, 0
        sure = np.abs(ours - self.least) > 2 * ROUNDING
        differ = ((self.chosen(ours) != self.chosen(theirs)) & sure).any(axis=1)
        return float(np.abs(ours - theirs).max()), int(differ.sum())

    def score(self, outputs: Array, truth: Array) -> dict[str, float]:
        """Return F1 over all tags together, its mean over the tags, and the share of rows that are wholly right."""
        given, true = self.chosen(outputs), truth[:, :-1] > 0
        hits, rows, named = (given & true).sum(0), true.sum(0), given.sum(0)
        there = rows > 0
        each = 2 * hits[there] / (rows + named)[there]
        right = (given == true).all(axis=1) & (truth[:, -1] == 0)
        return {
            "micro_f1": f1(hits.sum(), rows.sum() + truth[:, -1].sum(dtype=np.int64), named.sum()),
            "macro_f1": float(each.mean()) if there.any() else math.nan,
            "all_right": float(right.mean()),
        }

    def baseline(self, training: Array, truth: Array) -> tuple[str, float]:
        """Return what always giving the commonest tags would score: as many as do best on the training rows."""
        counts = training[:, :-1].sum(0, dtype=np.int64)
        order = np.argsort(-counts, kind="stable")
        best = np.array(
            [f1(n, counts.sum(), (i + 1) * len(training)) for i, n in enumerate(counts[order].cumsum())]
        )
        given = np.zeros(len(counts), bool)
        given[order[: int(best.argmax()) + 1]] = True
        names = listed([self._known()[i] for i in order[: int(best.argmax()) + 1]], limit=3)
        return f"always {names}", self.score(np.where(given, 1.0, -1.0)[None].repeat(len(truth), 0), truth)[
            "micro_f1"
        ]

    def nothing_to_learn(self, truth: Array, name: str) -> str:
        """Return that all rows have the same tags."""
        if len(truth) and (truth != truth[0]).any():
            return ""
        return f"every training example has the {name} {self.labels(truth[:1])[0]}, so there is nothing to tell apart"

    def class_weights(self, truth: Array) -> Array | None:
        """Return for each tag rows without it / rows with it, at most 100."""
        counts = truth[:, :-1].sum(0, dtype=np.int64)
        weights: Array = np.clip((len(truth) - counts) / np.maximum(counts, 1), 0.01, 100)
        return weights

    def meaning(self) -> dict[str, Any]:
        """Return the tags, and not from which probability on they are given."""
        return self.options()

    def weight_rows(self) -> Sequence[Hashable] | None:
        """Return the tags."""
        return self._known()

    def about_outputs(self) -> list[str]:
        """Return the tags with their places and thresholds."""
        names = (
            f"{i} {clean(t)} from {p:.6g} on"
            for i, (t, p) in enumerate(zip(self._known(), self.least, strict=True))
        )
        return ["the probability of each tag; each is given from its threshold on, several or none:", *names]

    def assumed(self, classes: int = 10) -> tuple[Self, str]:
        """Return the column with tags that are only counted."""
        if self.learned:
            return self, ""
        note = f"{classes} tags assumed, as the data is not there to count them"
        return dataclasses.replace(self, tags=self.columns or tuple(map(str, range(classes)))), note

    def say_score(self, score: float) -> str:
        """Return F1 as a percentage."""
        return percent(score, 2)

    def with_thresholds(self, outputs: Array, truth: Array) -> Self:
        """Return the column with the threshold of each tag that does best on rows never trained on.

        The best F1 of a tag that few rows have is luck, so such tags share a threshold (Fan and Lin 2007, section 3.2).
        """
        true = truth[:, :-1] > 0
        shared = best_threshold(outputs.ravel(), true.ravel())
        found = [
            best_threshold(p, y) if y.sum() >= FEWEST else shared
            for p, y in zip(outputs.T, true.T, strict=True)
        ]
        return dataclasses.replace(self, thresholds=tuple(found))


def f1(hits: float, there: float, given: float) -> float:
    """Return F1 of so many hits, of so many that are there and so many that are given; 1 of nothing at all.

    >>> f1(1, 2, 2), f1(0, 0, 0)
    (0.5, 1.0)
    """
    return 2 * float(hits) / float(there + given) if there + given else 1.0


def best_threshold(p: Array, truth: Array) -> float:
    """Return the threshold with the best F1 of probabilities, both of shape ``(rows,)``; 0.5 where that is as good.

    >>> best_threshold(np.array([0.1, 0.2, 0.3, 0.05]), np.array([False, True, True, False]))
    0.15
    """
    if not truth.any():
        return HALF
    order = np.argsort(-p, kind="stable")
    sorted_p, hits = np.append(p[order].astype(np.float64), 0.0), truth[order].cumsum()
    ends = np.flatnonzero(sorted_p[:-1] > sorted_p[1:])  # equal ones are given together
    if not len(ends):
        return HALF
    score = 2 * hits[ends] / (ends + 1 + truth.sum())
    best = ends[score >= score.max() - 1e-9]
    low, high = sorted_p[best + 1], sorted_p[best]
    if ((low < HALF) & (high >= HALF)).any():
        return HALF
    middle = (low + high) / 2
    return float(np.round(middle[np.abs(middle - HALF).argmin()], 6))
