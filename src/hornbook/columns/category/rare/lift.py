"""How well the rows of a rare class come first: what is found among the likeliest, and what each threshold gives."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hornbook.columns.base import Array
from hornbook.common.blocks import Block, Section, Span, Table, Text
from hornbook.common.plaintext import percent

SHARES = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Of the rows, the likeliest first."""

STEPS = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Thresholds that are shown."""


@dataclass(frozen=True)
class Sought:
    """How the rows of the rarer of two classes are found.

    Attributes
    ----------
    name
        The class.
    rows, of
        How many rows there are of it, and of both.
    lift
        For some shares of all rows: how many rows that are, and how many of the class are among the likeliest so many.
    steps
        For some thresholds: how many rows are answered so, and how many of these rightly.
    threshold
        The one that is in use; None where the likelier class is answered.
    decided_by
        What it was chosen for.
    """

    name: str
    rows: int
    of: int
    lift: tuple[tuple[int, int], ...]
    steps: tuple[tuple[float, int, int], ...]
    threshold: float | None
    decided_by: str | None


def looked_for(
    name: str, probabilities: Array, true: Array, threshold: float | None, by: str | None
) -> Sought:
    """Return how the rows of a class are found.

    Parameters
    ----------
    probabilities
        Of the class, shape ``(rows,)``.
    true
        Whether a row is of it.

    Examples
    --------
    >>> found = looked_for("fraud", np.linspace(1, 0, 100), np.arange(100) < 4, None, None)
    >>> found.lift[2]        # of the likeliest 5 rows all 4
    (5, 4)
    """
    order = np.argsort(-probabilities, kind="stable")
    hits = np.cumsum(true[order])
    counts = [max(1, round(share * len(true))) for share in SHARES]
    every = sorted({*STEPS, *([] if threshold is None else [threshold])})
    at = [(step, probabilities >= step) for step in every]
    return Sought(
        name,
        int(true.sum()),
        len(true),
        tuple((n, int(hits[n - 1])) for n in dict.fromkeys(counts)),
        tuple((step, int(there.sum()), int(true[there].sum())) for step, there in at),
        threshold,
        by,
    )


def section(found: Sought) -> Section:
    """Return the tables for a page."""
    usual = found.rows / found.of
    lead = Text(("Of ", f"{found.of:,} rows {found.rows:,} are ", Span(found.name), "."), "lead")
    lift = [
        (
            f"{n:,}",
            percent(n / found.of),
            f"{hits:,}",
            percent(hits / found.rows),
            f"{hits / n / usual:.1f} ×",
        )
        for n, hits in found.lift
    ]
    steps = [
        (
            f"{percent(step)}{' (in use)' if step == found.threshold else ''}",
            f"{answered:,}",
            f"{hits:,}",
            percent(hits / answered) if answered else "-",
            percent(hits / found.rows),
        )
        for step, answered, hits in found.steps
    ]
    chosen = (
        f"The threshold in use was chosen on the validation rows for {found.decided_by}."
        if found.decided_by
        else "The likelier class is answered; --metric f1, recall@precision=0.9 or cost=10 chooses another threshold."
    )
    shown: list[Block] = [
        lead,
        Table(
            "the likeliest rows first",
            ["likeliest rows", "of all", "found", "of the class", "lift"],
            lift,
            numbers=[0, 1, 2, 3, 4],
        ),
        Text(
            "Lift: how many times as many of the class are among them as among rows that are drawn.", "small"
        ),
        Table(
            "from which probability on it is answered",
            ["threshold", "answered", "right", "precision", "recall"],
            steps,
            numbers=[0, 1, 2, 3, 4],
        ),
        Text(chosen, "small"),
    ]
    return Section("found", "How the rare class is found", shown)
