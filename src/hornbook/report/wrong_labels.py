"""What is shown of labels that are likely wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from hornbook.checks.wrong_labels import Doubt
from hornbook.common.blocks import Gallery, Inline, Item, Section, Span, Table, Text, short, tail
from hornbook.common.plaintext import clean, number_of, percent

SHOWN = 100
"""Rows on the page."""


def section(
    found: Sequence[Doubt], rows: int, classes: Sequence[str], target: str, name: Callable[[int], str]
) -> Section:
    """Return the rows whose label is likely wrong, of so many, as a part of a page.

    Parameters
    ----------
    found
        The likeliest first.
    classes
        The names of the classes.
    name
        Returns what a row is called.
    """
    if not found:
        return Section(
            "labels", "Labels that are likely wrong", [Text("Of no row another label is likelier.", "lead")]
        )
    lead = (
        f"Of {number_of(rows, 'row')} answered without having been learned from, these {len(found):,} have another "
        f"{clean(target)} likelier than theirs, the likeliest first. Look at them: some are hard, and not wrong."
    )
    items = []
    for doubt in found[:SHOWN]:
        given, other = clean(classes[doubt.given]), clean(classes[doubt.other])
        said: Inline = (short(given, 24, "wrong"), " → ", short(other, 24, "strong"))
        notes: list[Inline] = [(tail(name(doubt.row), 22), Span(f" {percent(doubt.confidence, 0)}", "faint"))]
        items.append(Item(doubt.row, f"labelled {given}, likelier {other}", said, notes=notes))
    table = Table(
        "labels that are likely wrong",
        ["row", target, "likelier", "probability"],
        [
            (short(name(d.row), 60), classes[d.given], classes[d.other], percent(d.confidence, 0))
            for d in found[:SHOWN]
        ],
        numbers=[3],
        first=24,
    )
    more = len(found) - SHOWN
    end = [Text(f"And {more:,} more, in the table labels.csv.", "small")] if more > 0 else []
    return Section(
        "labels", "Labels that are likely wrong", [Text(lead, "lead"), Gallery(items, instead=table), *end]
    )
