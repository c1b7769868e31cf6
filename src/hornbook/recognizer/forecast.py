"""What comes after the last rows of a table, for recognizers whose inputs are all series: with times and ranges."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import polars as pl

from hornbook.errors import DataError
from hornbook.examples.windows import Latest, latest
from hornbook.recognizer.answer import Answer
from hornbook.recognizer.graph import Graph
from hornbook.recognizer.tables import check_table
from hornbook.sources import read_examples

Predicts = Callable[[Iterable[tuple[str, Any]]], Iterator[Answer | DataError]]


def forecast(reader: Graph, predict: Predicts, table: Any) -> Iterator[Answer | DataError]:
    """Yield for each series of a table (its path, or a data frame) what comes next, or why that cannot be said.

    ``predict`` is the recognizer's `predict_each`.
    """
    if isinstance(table, str):
        check_table(table)
        examples = read_examples(table, like=reader.table_options(table))
    else:
        examples = read_examples(table)
    found = latest(examples, reader.inputs, max((c.outputs for c in reader.targets.values()), default=1))
    answers = predict((one.name, one.window) for one in found)
    for one, answer in zip(found, answers, strict=True):
        yield answer if isinstance(answer, DataError) else _dated(one, answer)


def _dated(one: Latest, answer: Answer) -> Answer:
    """Return an answer whose steps have their times."""
    dated = {}
    for target, said in answer.predictions.items():
        steps = zip(said.steps, one.times, strict=False)
        dated[target] = said._replace(steps=tuple(step._replace(time=time) for step, time in steps))
    return Answer(one.name, dated)


def forecast_table(answers: Sequence[Answer]) -> pl.DataFrame:
    """Return forecasts as a table: a row for each step, with the series where there are several."""
    rows: list[dict[str, Any]] = []
    for answer in answers:
        steps: dict[int, dict[str, Any]] = {}
        for target, said in answer.predictions.items():
            for i, step in enumerate(said.steps):
                row = steps.setdefault(i, {"series": answer.input, "time": step.time})
                row |= {target: step.value, f"{target}_low": step.low, f"{target}_high": step.high}
        rows += steps.values()
    table = pl.from_dicts(rows, infer_schema_length=None)
    return table if len(answers) > 1 else table.drop("series")
