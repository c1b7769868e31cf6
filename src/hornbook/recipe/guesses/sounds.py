"""Guessing a recipe for sounds: a category, from what is heard at any time of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import numpy as np

from hornbook.columns.audio.files.open import sound_facts
from hornbook.errors import DataError
from hornbook.examples.examples import Examples

LOOKED_AT = 64
"""Pictures or sounds that are opened for a guess."""

HIGHEST = 16_000
"""Samples a second that a guessed recipe keeps: speech has little above 8,000 Hz, and more take longer."""

LOWEST = 4000


def some_rows(examples: Examples) -> list[int]:
    """Return a few rows spread over the table."""
    places = np.linspace(0, len(examples) - 1, min(LOOKED_AT, len(examples)))
    rows: list[int] = np.unique(places.astype(int)).tolist()
    return rows


def guess_sounds(examples: Examples, column: str, targets: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sections of a recipe for sounds and their classes, or other targets with their types.

    Raises
    ------
    DataError
        None of them can be read.
    """
    return {
        "inputs": {column: {"type": "audio", "sample_rate": usual_rate(examples, column)}},
        "targets": dict(targets),
        "network": {"name": "crnn", "widths": [32, 64, 96], "recurrent": "none"},
        "training": {
            "epochs": int(min(60, max(5, 20_000 // max(len(examples), 1)))),
            "batch_size": 32,
            "augment": {column: {"shift": 0.1, "gain": 6.0, "time_mask": 0.1, "band_mask": 0.1}},
        },
    }


def usual_rate(examples: Examples, column: str) -> int:
    """Return the samples a second that most sounds have, within bounds, looking at a few spread over the table.

    Raises
    ------
    DataError
        None of them can be read.
    """
    rows = some_rows(examples)
    rates: Counter[int] = Counter()
    first: DataError | None = None
    for row in rows:
        try:
            rates[sound_facts(examples.value(column, row), rate=HIGHEST, name=examples.name(row)).rate] += 1
        except DataError as error:  # the others are named by the checks
            first = first or error
    if not rates:
        raise DataError(
            f"{examples.origin or 'the examples'}: none of the {len(rows)} sounds looked at can be read; the first: "
            f"{first}"
        )
    return min(max(rates.most_common(1)[0][0], LOWEST), HIGHEST)
