"""What is common to the evaluations of all kinds of target."""

from __future__ import annotations

import builtins
import dataclasses
import math
import types
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, get_args, get_origin, get_type_hints

import numpy as np

from hornbook.columns.base import Array, Column
from hornbook.columns.kinds import KINDS, class_in, column_types
from hornbook.columns.metric_names import SHARES, name_of, say_metric
from hornbook.columns.summary import SPLITS
from hornbook.common.blocks import Inline, Ruler, Section, Span, Table, Text
from hornbook.common.blocks_text import lines
from hornbook.common.plaintext import clean, number_of, percent
from hornbook.errors import DataError, RunError, one_of


@dataclass(frozen=True)
class Judged:
    """The rows that are judged.

    Attributes
    ----------
    target, split
        What the column and the rows are called.
    training
        The encoded truth of the training rows, for the baseline.
    names
        What each row is called: one name for each answer, or a function of the row of the table.
    rows
        The rows of the table that the answers are for; 0, 1, 2, ... where it is None.
    most
        How many mistakes are kept.
    given
        Returns for places of answers what was given, encoded, where that is a picture.
    """

    target: str
    split: str
    training: Array
    names: Sequence[str] | Callable[[int], str] | None = None
    rows: Array | None = None
    most: int = 50
    given: Callable[[Array], Array] | None = None

    def fields(self, rows: int) -> dict[str, Any]:
        """Return the fields of an evaluation of so many rows that are known before."""
        return {"target": self.target, "split": self.split, "rows": rows}

    def named(self, place: int) -> tuple[int, str]:
        """Return the row of the table that an answer is for, and what it is called."""
        row = place if self.rows is None else int(self.rows[place])
        if self.names is None:
            return row, f"row {row + 1}"
        return row, self.names(row) if callable(self.names) else str(self.names[place])


@dataclass(frozen=True)
class Attended:
    """Where it looked while it wrote an answer.

    Attributes
    ----------
    row, name
        The row of the table, and what it is called.
    steps
        What the steps of the input are, such as its words; empty where they are places from left to right.
    written
        The tokens of the answer.
    weights
        For each of these how much each step counted, 0 to 1.
    """

    row: int
    name: str
    steps: tuple[str, ...]
    written: tuple[str, ...]
    weights: tuple[tuple[float, ...], ...]


FOLDS = "out-of-fold"
"""The split of an evaluation whose rows were each judged by what has not learned from it."""


@dataclass(frozen=True, kw_only=True)
class Evaluation(ABC):
    """What every evaluation of a target says.

    Attributes
    ----------
    target
        The name of the target column.
    split
        The rows it was measured on: ``test``, ``validation``, ``train``, or the file that they are from.
    rows
        How many these are.
    metrics
        Scores by name; the first is the one that matters.
    interval
        The 95 % interval of the first metric.
    baseline
        What the simplest guess is called, and its score in the first metric on the same rows.
    beside
        What other kinds of model, made from the same training rows, score on the same rows, by their names.
    """

    type: ClassVar[str]
    """The word for the column that is evaluated."""

    target: str
    split: str
    rows: int
    metrics: dict[str, float]
    interval: tuple[float, float]
    baseline: tuple[str, float]
    beside: dict[str, float] = field(default_factory=dict)

    @property
    def metric(self) -> str:
        """The name of the metric that matters."""
        return next(iter(self.metrics))

    @property
    def score(self) -> float:
        """The value of the metric that matters."""
        return self.metrics[self.metric]

    def say(self, value: float) -> str:
        """Return a value of the first metric as people read it; a percentage where it is a share."""
        return percent(value, 2)

    def say_metric(self, metric: str, value: float) -> str:
        """Return the value of any metric as people read it."""
        return self.say(value) if metric in self.bounds else say_metric(metric, value)

    def line(self) -> str:
        """Return the evaluation in one sentence: the score, its interval, the rows, the baseline."""
        low, high = self.interval
        name, simplest = self.baseline
        return (
            f"{self.target}: {self.metric} {self.say(self.score)} on {self.rows:,} {self.split} rows "
            f"(95 % interval {self.say(low)} to {self.say(high)}; {name}: {self.say(simplest)})"
        )

    @property
    def larger_is_better(self) -> bool:
        """Whether a larger value of the first metric is better, as the column says."""
        return column_types()[self.type].metric_larger_is_better

    def compared(self) -> list[str]:
        """Return a line for each other model, and one that says so where the network is not better."""
        sign = 1 if self.larger_is_better else -1
        out = [f"  beside    {self.say(score)}   {name}" for name, score in self.beside.items()]
        better = [name for name, score in self.beside.items() if sign * score >= sign * self.score]
        if better:
            out.append(
                f"  the network is not better than {' or '.join(better)}: take that, or a larger data set"
            )
        return out

    rows_are: ClassVar[str] = "row"
    """What one of the rows is."""

    lists_scores: ClassVar[bool] = True
    """Whether a section of `blocks` lists the scores; else they stand above all sections in a terminal."""

    def title(self) -> str:
        """Return what was judged, on how many rows."""
        return f"{clean(self.target)} on {number_of(self.rows, self.rows_are)} {self._where}"

    @property
    def _where(self) -> str:
        if self.split == FOLDS:
            return "of training, each judged by what has not learned from it"
        return f"of the {self.split} split" if self.split in SPLITS else f"of {self.split}"

    def weakest_class(self) -> str:
        """Return the class that is told apart worst; empty where there are none, or none is mistaken."""
        return ""

    def text(self) -> str:
        """Return the evaluation for a terminal."""
        scores = [] if self.lists_scores else [score_table([*self.score_rows(), self.baseline_row()])]
        top = [*lines(scores), *self.compared()]
        return "\n".join([self.title(), *([""] if top else []), *top, *lines(self.blocks())])

    def blocks(self) -> Sequence[Section]:
        """Return what there is to be seen, in sections; the key of each is a word."""
        return [
            Section("scores", "How well it does", [score_table([*self.score_rows(), self.baseline_row()])])
        ]

    @property
    def bounds(self) -> dict[str, tuple[float, float]]:
        """The 95 % intervals of the metrics that have one."""
        return {self.metric: self.interval}

    def with_attention(self, looked: Sequence[Attended]) -> Evaluation:
        """Return the evaluation with where it looked while it wrote some answers, for a kind that shows it."""
        return self

    @property
    def mistaken(self) -> list[int]:
        """The rows of the worst mistakes, the first ones on a page, where single answers are right or wrong."""
        return []

    def score_rows(self) -> list[tuple[str, str, str]]:
        """Return for each metric its name, its value and its interval."""
        rows = []
        for name, value in self.metrics.items():
            between = " to ".join(self.say_metric(name, end) for end in self.bounds.get(name, ()))
            rows.append((name_of(name), self.say_metric(name, value), between))
        return rows

    def baseline_row(self) -> tuple[str, str, str]:
        """Return what the simplest guess scores."""
        return f"baseline: {clean(self.baseline[0])}", self.say(self.baseline[1]), ""

    def _repr_html_(self) -> str:
        from hornbook.common.notebook import notebook

        return notebook([Text(self.verdict()), *self.blocks()])

    def verdict(self) -> Inline:
        """Return how well it does as a sentence for the top of a page."""
        score = Span(self.say(self.score))
        if self.metric == "accuracy":
            return f"It gets {self.target} right for ", score, f" of {self._learned()}."
        return f"For {self.target} its {name_of(self.metric)} is ", score, f" on {self._learned()}."

    def _learned(self) -> str:
        seen = "it learned from" if self.split == "train" else "it never learned from"
        seen = seen if self.split in SPLITS else self._where
        return f"{number_of(self.rows, 'example')} {seen}"

    def ruler(self) -> Ruler | None:
        """Return the score beside its baseline on a line from 0 to 1, None where it is no share."""
        return Ruler(self.score, self.baseline[1], *self.interval) if self.metric in SHARES else None

    def facts(self) -> list[tuple[str, str]]:
        """Return the other metrics by name."""
        return [(name_of(k), self.say_metric(k, v)) for k, v in self.metrics.items() if k != self.metric]

    def to_json(self) -> dict[str, Any]:
        """Return the evaluation as JSON types; what is not a number is ``None``."""
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {"type": self.type, **{name: plain(value) for name, value in fields.items()}}

    @staticmethod
    def from_json(data: dict[str, Any]) -> Evaluation:
        """Make the evaluation that ``to_json`` wrote.

        Raises
        ------
        RunError
            The data is of another version, or damaged.
        """
        word = data.get("type") if isinstance(data, dict) else None
        if word not in KINDS:
            raise RunError(
                f"an evaluation is of type {word!r}, and this version of hornbook knows {one_of(KINDS)}; "
                "evaluate the run again"
            )
        try:
            found: Evaluation = made(data, class_in(word, "evaluation", Evaluation)[0])
            return found
        except (AttributeError, ImportError, LookupError, TypeError, ValueError) as error:
            raise RunError(f"the evaluation cannot be read ({error!r}); evaluate the run again") from error

    @classmethod
    @abstractmethod
    def judge(cls, column: Any, outputs: Array, truth: Any, on: Judged) -> Evaluation:
        """Judge the outputs for a target of this kind; the parameters are those of `evaluate`, at least one row."""


def score_table(rows: Sequence[tuple[str, str, str]]) -> Table:
    """Return a table of names, scores and intervals."""
    return Table("scores", ["", "score", "95 % interval"], rows, numbers=[1, 2])


def evaluate(
    target: str,
    split: str,
    column: Column,
    outputs: Array,
    truth: Array | list[str],
    *,
    training_truth: Array,
    names: Sequence[str] | Callable[[int], str] | None = None,
    most_mistakes: int = 50,
    rows: Array | None = None,
) -> Evaluation:
    """Judge the outputs for one target of any type.

    Parameters
    ----------
    target, split, training_truth, names, most_mistakes, rows
        What `Judged` holds.
    column
        The learned column.
    outputs
        As the recognizer gives them, a row for each answer.
    truth
        Encoded, or what `hornbook.columns.base.Column.with_unanswerable` made of it.

    Raises
    ------
    DataError
        There is not a single row.
    """
    return evaluate_on(
        column, outputs, truth, Judged(target, split, training_truth, names, rows, most_mistakes)
    )


def evaluate_on(column: Column, outputs: Array, truth: Array | list[str], on: Judged) -> Evaluation:
    """Judge the outputs for a target of any type, see `evaluate`."""
    if not len(truth):
        raise DataError(
            f"{on.target} cannot be evaluated: the {on.split} split has no rows; choose another with --split"
        )
    kind: type[Evaluation] = class_in(column.type, "evaluation", Evaluation)[0]
    return kind.judge(column, outputs, truth, on)


def plain(value: Any) -> Any:
    """Return JSON types; nan and infinity, which JSON does not know, become None."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, np.ndarray):
        return value.tolist()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {key: plain(v) for key, v in value.items()}
    if isinstance(value, (tuple, list)):
        return [plain(v) for v in value]
    return value


def made(value: Any, hint: Any) -> Any:
    """Return what `plain` wrote as the type that it was declared with; anything may be raised where it is damaged."""
    parts = get_args(hint)
    match get_origin(hint) or hint:
        case builtins.float:
            return math.nan if value is None else float(value)
        case builtins.int | builtins.str:
            return hint(value)
        case np.ndarray:
            return np.asarray(value)
        case types.UnionType:  # with None
            return None if value is None else made(value, parts[0])
        case builtins.dict:
            return {str(key): made(v, parts[1]) for key, v in value.items()}
        case builtins.tuple:
            kinds = parts[:1] * len(value) if parts[1:] == (...,) else parts
            return tuple(made(v, kind) for v, kind in zip(value, kinds, strict=True))
    hints = get_type_hints(hint)
    names = [field.name for field in dataclasses.fields(hint)]
    return hint(**{name: made(value[name], hints[name]) for name in names if name in value})
