"""What comes after the last rows of a table, for recognizers whose inputs are all series: with times and ranges."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
import polars as pl

from hornbook.columns.prediction import Step
from hornbook.common.plaintext import number_of
from hornbook.errors import DataError, UsageError, one_of
from hornbook.examples.in_time.windows import Latest, latest
from hornbook.recognizer.answer import Answer
from hornbook.recognizer.graph import Graph
from hornbook.recognizer.tables import check_table
from hornbook.sources import read_examples

Predicts = Callable[[Iterable[tuple[str, Any]]], Iterator[Answer | DataError]]


def forecast(
    reader: Graph, predict: Predicts, table: Any, steps: int | None = None
) -> Iterator[Answer | DataError]:
    """Yield for each series of a table (its path, or a data frame) what comes next, or why that cannot be said.

    Parameters
    ----------
    predict
        The recognizer's `predict_each`.
    steps
        How many are to come; those after the ones that the recognizer gives are foretold from what was foretold.

    Raises
    ------
    UsageError
        More are wanted than it gives, and its windows hold what it does not foretell.
    """
    usual = max((c.outputs for c in reader.targets.values()), default=1)
    wanted = usual if steps is None else steps
    if reader.reads_series and wanted > min((c.outputs for c in reader.targets.values()), default=1):
        _check_ahead(reader, wanted)
    if isinstance(table, str):
        check_table(table)
        examples = read_examples(table, like=reader.table_options(table))
    else:
        examples = read_examples(table)
    found = latest(examples, reader.inputs, wanted)
    answers = predict((one.name, one.window) for one in found)
    for one, answer in zip(found, answers, strict=True):
        if isinstance(answer, DataError):
            yield answer
        else:
            yield _dated(
                one, _cut(answer, wanted) if wanted <= usual else _ahead(reader, predict, one, answer, wanted)
            )


def _check_ahead(reader: Graph, wanted: int) -> None:
    """Raise UsageError where a window holds what is not foretold, so that none can be made of what is."""
    foretold = {source for name, column in reader.targets.items() for source in column.sources(name)}
    for name, column in reader.inputs.items():
        if missing := [source for source in column.sources(name) if source not in foretold]:
            gives = number_of(max(c.outputs for c in reader.targets.values()), "step")
            raise UsageError(
                f"{wanted} steps are wanted, and the recognizer gives {gives}; no more can be foretold, as it reads "
                f"{one_of(missing)} and does not foretell it: train with a larger horizon"
            )


def _cut(answer: Answer, wanted: int) -> Answer:
    """Return an answer with its first steps."""
    cut = {}
    for target, said in answer.predictions.items():
        if len(said.steps) > wanted:
            values = [step.value for step in said.steps[:wanted]]
            first = said.steps[0]
            ends = None if first.low is None or first.high is None else (first.low, first.high)
            value, interval = (values[0], ends) if wanted == 1 else (values, None)
            said = said._replace(steps=said.steps[:wanted], value=value, interval=interval)
        cut[target] = said
    return Answer(answer.input, cut)


def _ahead(reader: Graph, predict: Predicts, one: Latest, answer: Answer, wanted: int) -> Answer:
    """Return an answer with more steps, each foretold from a window that ends with those foretold before."""
    assert not isinstance(one.window, DataError)
    window = dict(one.window)
    few = min(column.outputs for column in reader.targets.values())
    steps: dict[str, list[Step]] = {target: [] for target in answer.predictions}
    while True:
        for target, said in answer.predictions.items():
            past = steps[target]
            column = reader.targets[target]
            past += (
                said.steps[:few]
                if not past
                else [column.step_ahead(step.value, len(past) + i) for i, step in enumerate(said.steps[:few])]
            )
        done = len(next(iter(steps.values())))
        if done >= wanted:
            break
        values = {
            source: [step.value for step in steps[target][done - few :]]
            for target, column in reader.targets.items()
            for source in column.sources(target)
        }
        for name, column in reader.inputs.items():
            added = np.stack([values[source] for source in column.sources(name)], -1)
            window[name] = np.concatenate([window[name], added])[-len(window[name]) :]
        (following,) = predict([(one.name, window)])
        if isinstance(following, DataError):
            raise following
        answer = following
    said_of = {}
    for target, said in answer.predictions.items():
        kept = tuple(steps[target][:wanted])
        said_of[target] = said._replace(steps=kept, value=[step.value for step in kept], interval=None)
    return Answer(one.name, said_of)


def _dated(one: Latest, answer: Answer) -> Answer:
    """Return an answer whose steps have their times."""
    dated = {}
    for target, said in answer.predictions.items():
        steps = zip(said.steps, one.times, strict=False)
        dated[target] = said._replace(steps=tuple(step._replace(time=time) for step, time in steps))
    return Answer(one.name, dated, remarks=(*answer.remarks, *one.remarks))


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
