"""``hornbook export --precision``: a recognizer's file in fewer bytes, compared with the one that it is made from."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hornbook.cli.own_rows import of_run
from hornbook.cli.terminal import note
from hornbook.common.files import write_file
from hornbook.common.plaintext import number_of, percent
from hornbook.common.safe_names import shown
from hornbook.errors import MissingExtra, RunError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from hornbook.columns.base import Array
    from hornbook.examples.prepare import Prepared
    from hornbook.recognizer import Recognizer

COMPARED = 256
"""Rows whose answers are compared: test and validation rows first."""

TIMED = 30

WORTH_IT = 0.95
"""A file with a larger share of the bytes is no smaller one."""

MOST_APART = 0.01
"""A number that differs by more, as a share of what the training rows vary by, is another answer."""


def write_smaller(
    reader: Recognizer, run: Path, path: Path, precision: str, accept: bool, data: str | None
) -> None:
    """Write a recognizer in fewer bytes, once its answers to real rows are compared.

    Raises
    ------
    RunError
        Answers differ, and that is not accepted. Nothing is written.
    """
    from hornbook.recognizer import FILE, load

    try:
        from hornbook.training.export.smaller import as_float16, as_int8
    except ModuleNotFoundError as error:
        raise MissingExtra("export --precision", "train") from error
    if not ((run.parent if run.name == FILE else run) / "recipe.toml").is_file():
        raise UsageError(
            f"--precision compares the answers to the run's own rows, and {shown(run)} does not say what it was "
            "trained on: name the folder of its run"
        )
    prepared, _ = of_run(reader, run, data, None)
    rows = _rows(prepared)
    encoded = prepared.take(rows, prepared.inputs)
    raw = (
        as_float16(reader)
        if precision == "float16"
        else as_int8(reader, prepared.take(_learned(prepared), prepared.inputs))
    )
    before = reader.path.stat().st_size
    if len(raw) > WORTH_IT * before:
        raise UsageError(
            f"--precision {precision} would make {shown(reader.path)} no smaller ({before:,} bytes, then "
            f"{len(raw):,}): leave it out"
        )
    trial = path.with_name(f".{path.name}.trial.onnx")
    write_file(trial, raw, do="name another file with --out")
    try:
        other = load(trial, threads=1)
        differ, gap = _compared(reader, other, encoded)
        old, new = (_milliseconds(load(one.path, threads=1), encoded) for one in (reader, other))
    finally:
        trial.unlink(missing_ok=True)
    note(
        f"{precision}: {len(raw):,} bytes in place of {before:,} ({percent(len(raw) / before, 0)}); {differ:,} of "
        f"{number_of(len(rows), 'answer')} differ (outputs by up to {gap:.2g}); {new:.2f} ms a row in place of "
        f"{old:.2f}"
    )
    if differ and not accept:
        raise RunError(
            f"{number_of(differ, 'answer differs', 'answers differ')} from those of {shown(reader.path)}, so "
            f"{shown(path)} was not written: give --accept to have it all the same"
        )
    write_file(path, raw, do="name another file with --out")


def _rows(prepared: Prepared) -> Array:
    """Return the rows that are compared: those that were not learned from, as far as there are any."""
    splits = prepared.splits
    rows = np.concatenate([splits[name] for name in ("test", "validation", "train")])
    return rows[:COMPARED]


def _learned(prepared: Prepared) -> Array:
    """Return rows to find ranges on: validation rows, for they say what is usual of new ones, then training rows."""
    from hornbook.columns.summary import spread

    found = np.concatenate([prepared.splits["validation"], prepared.splits["train"]])
    return (
        found[:COMPARED] if len(prepared.splits["validation"]) >= COMPARED // 4 else spread(found, COMPARED)
    )


def _compared(reader: Recognizer, other: Recognizer, encoded: Mapping[str, Array]) -> tuple[int, float]:
    """Return how many rows have another answer to some target, and by how much outputs differ at most."""
    count = len(next(iter(encoded.values())))

    def take(a: int, b: int) -> dict[str, Array]:
        return {name: values[a:b] for name, values in encoded.items()}

    ours, theirs = reader.run_batches(count, take), other.run_batches(count, take)
    differ, most = 0, 0.0
    for name, column in reader.targets.items():
        gap, other_answers = column.differences(ours[name], theirs[name])
        numbers = (
            0 if column.class_names() or gap <= MOST_APART or other_answers or not column.numeric else count
        )
        differ, most = max(differ, other_answers, numbers), max(most, gap)
    return differ, most


def _milliseconds(reader: Recognizer, encoded: Mapping[str, Array]) -> float:
    """Return how long one row takes on one thread, the median of some."""
    spent = []
    for i in range(min(TIMED, len(next(iter(encoded.values())))) + 1):
        one = {name: values[i : i + 1] for name, values in encoded.items()}
        if not len(next(iter(one.values()))):
            break
        start = time.perf_counter()
        reader.run(one)
        spent.append(time.perf_counter() - start)
    return 1000 * float(np.median(spent[1:] or spent))
