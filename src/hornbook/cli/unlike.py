"""``hornbook evaluate --unlike``: how well what is unlike the examples is told from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from hornbook.cli.terminal import complain, note
from hornbook.common.safe_names import shown
from hornbook.errors import DataError, UsageError

if TYPE_CHECKING:
    from hornbook.columns.base import Array
    from hornbook.recognizer import Recognizer
    from hornbook.recognizer.unlike import Unlike

SHOWN = 5
"""Of the unknown inputs, those that are taken most for examples are named."""


def evaluate_unlike(reader: Recognizer, run: Path, source: str, data: str | None, as_json: bool) -> None:
    """Print how well a recognizer tells the pictures or sounds of a source, all unknown to it, from its own."""
    from hornbook.recognizer.unlike import told_apart

    if not reader.novel:
        raise UsageError(
            f"{shown(reader.path)} does not say what is unlike its examples: train it again, with training.novelty = "
            "true, on pictures or sounds"
        )
    names, novelties = _of_source(reader, source)
    own, called = _of_run(reader, run, data)
    found = told_apart(own, novelties, called, shown(Path(source).name or source))
    order = np.argsort(novelties, kind="stable")[:SHOWN]
    _say(found, [(names[i], float(novelties[i])) for i in order], as_json)


def _of_source(reader: Recognizer, source: str) -> tuple[list[str], Array]:
    """Return what the unknown inputs are called, and their novelties."""
    from hornbook.recognizer.files import given_files

    names, found = [], []
    for given in given_files(reader, [source]):
        for error in given.lost:
            complain(error)
        for answer in reader.predict_each(given.values):
            if isinstance(answer, DataError):
                complain(answer)
            elif answer.novelty is not None:
                names.append(answer.input)
                found.append(answer.novelty)
    if not found:
        raise DataError(f"{shown(source)}: there is nothing in it that can be read; give a folder, or a file")
    return names, np.array(found)


def _of_run(reader: Recognizer, run: Path, data: str | None) -> tuple[Array | None, str]:
    """Return the novelties of the rows of the run that were not learned from, and what they are called."""
    from hornbook.cli.own_rows import of_run
    from hornbook.errors import HornbookError
    from hornbook.recognizer.signature import NOVELTY

    try:
        prepared, split = of_run(reader, run, data, None)
    except HornbookError as error:
        note(f"its own examples are not there, so it is judged by what it knows of them ({error})")
        return None, "what it knows of its own"
    rows = prepared.splits[split]
    outputs = reader.run_batches(len(rows), lambda a, b: prepared.take(rows[a:b], reader.inputs))
    return outputs[NOVELTY][:, 0], f"{len(rows):,} {split} rows"


def _say(found: Unlike, nearest: list[tuple[str, float]], as_json: bool) -> None:
    if as_json:
        print(json.dumps({**found.to_json(), "nearest": [list(pair) for pair in nearest]}))
        return
    said = "; ".join(f"{shown(name)} {novelty:.2f}" for name, novelty in nearest)
    print(f"{found.text()}\n  taken most for examples: {said}")
