"""``hornbook predict`` for recognizers of series: what comes next, with its times and ranges."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hornbook.cli.terminal import complain, note
from hornbook.common.plaintext import number_of, table
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, UsageError

if TYPE_CHECKING:
    from hornbook.columns.prediction import Step
    from hornbook.recognizer import Answer, Recognizer

ANOTHER = "name another file with --out"

OUT = {".csv": ",", ".tsv": "\t", ".jsonl": ""}


def predict_series(
    reader: Recognizer, paths: Sequence[str], as_json: bool, out: str | None, steps: int | None = None
) -> int:
    """Print or write what comes after the last rows of tables, and return the exit status."""
    from hornbook.recognizer.forecast import forecast

    if steps is not None and steps < 1:
        raise UsageError(f"--steps is {steps}, but at least 1 value must be foretold")
    if out is not None and Path(out).suffix.lower() not in OUT:
        raise UsageError(f"--out {shown(out)}: the name must end in .csv, .tsv or .jsonl")
    if out is not None and Path(out).resolve() in {Path(path).resolve() for path in paths}:
        raise UsageError(
            f"--out {shown(out)} is a table that is to be read, and would be written over: give another name"
        )
    given: list[Answer] = []
    failures = 0
    for path in paths:
        try:
            for answer in forecast(reader, reader.predict_each, path, steps):
                if isinstance(answer, DataError):
                    raise answer
                given.append(answer)
                if out is None:
                    print(json.dumps(answer.to_json()) if as_json else "\n".join(lines(answer, reader)))
        except DataError as error:
            failures += 1
            complain(error)
    if out is not None and given:
        _write(out, given)
    return 1 if failures else 0


def lines(answer: Answer, reader: Recognizer) -> Iterator[str]:
    """Yield the name of a series, and a line for each step to come, numbers with their unit."""
    yield shown(answer.input) + (f"  ({'; '.join(answer.remarks)})" if answer.remarks else "")
    for target, said in answer.predictions.items():
        if len(answer.predictions) > 1:
            yield f"  {shown(target)}"
        says = reader.targets[target].say_value
        yield from table(
            [[f"  {shown(s.time or '')}", says(s.value), _range(s, says)] for s in said.steps], "<><"
        )


def _range(step: Step, says: Callable[[float], str]) -> str:
    known = step.low is not None and step.high is not None
    return f"({says(step.low)} to {says(step.high)})" if known else ""  # type: ignore[arg-type]


def _write(out: str, answers: Sequence[Answer]) -> None:
    from hornbook.common.files import alone, writing
    from hornbook.recognizer.forecast import forecast_table

    made = forecast_table(answers)
    between = OUT[Path(out).suffix.lower()]
    text = made.write_csv(separator=between) if between else made.write_ndjson()
    with (
        alone(Path(out), do="name another file with --out"),
        writing(Path(out), do="name another file with --out") as file,
    ):
        file.write(text.encode("utf-8", "surrogatepass"))
    note(f"{number_of(made.height, 'step')} to come: {shown(out)}")
