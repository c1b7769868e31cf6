"""Leaving only some characters possible in the strings that a recognizer reads."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hornbook.columns.base import Array, Column
from hornbook.errors import UsageError


def restrict(targets: Mapping[str, Column], outputs: Mapping[str, Array], alphabet: str) -> dict[str, Array]:
    """Return the outputs with those of strings restricted, see `Column.restrict`."""
    return {n: c.restrict(outputs[n], alphabet) for n, c in targets.items()}


def check_alphabet(targets: Mapping[str, Column], alphabet: str) -> None:
    """Raise UsageError where no target is a string, or one does not know a character.

    ``alphabet`` is the characters, or the name of an alphabet, which stands for those of it that are known.
    """
    if not any(c.is_string for c in targets.values()):
        raise UsageError(
            "an alphabet is for recognizers of strings, and this one has targets of type "
            f"{', '.join(dict.fromkeys(c.type for c in targets.values()))}: leave it out"
        )
    restrict(targets, {n: np.zeros((0, 1, c.outputs), np.float32) for n, c in targets.items()}, alphabet)
