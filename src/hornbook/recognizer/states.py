"""What the graph of a language model takes and gives besides its columns: states, and how likely a text is.

A state is what a recurrent layer carries from one token to the next. It is zeros before the first; given back to the
graph, what the graph gives of it goes on where it was.
"""

from __future__ import annotations

from typing import Any

from hornbook.columns.constraints import fits

__all__ = ["LOGS", "MOST_STATES", "after", "before", "read_states"]

LOGS = "hornbook.log_probabilities"
"""The output with the log-probability (nats) of each token given all before it, (rows, steps)."""

MOST_STATES = 8
MOST_NUMBERS = 1 << 20
"""Most numbers of a state of one row, in a file of somebody else."""


def before(i: int) -> str:
    """Return the name of the input that takes a state."""
    return f"hornbook.state_{i}"


def after(i: int) -> str:
    """Return the name of the output that gives it."""
    return f"hornbook.state_{i}_after"


def read_states(about: dict[str, Any]) -> list[tuple[int, int]] | None:
    """Return the shapes (layers, units) of the states that a description names; None where it is damaged."""
    given = about.get("states", [])
    if not isinstance(given, list) or len(given) > MOST_STATES:
        return None
    out = []
    for shape in given:
        if not isinstance(shape, list) or not fits(tuple(shape), tuple[int, int]):
            return None
        layers, units = shape
        if not (1 <= layers <= 64 and units >= 1 and layers * units <= MOST_NUMBERS):
            return None
        out.append((layers, units))
    return out
