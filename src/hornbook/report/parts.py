"""What a network, boosted trees and a linear model each reach, and how much each counts in the answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hornbook.columns.metric_names import name_of
from hornbook.common.blocks import Block, Cell, Section, Table, Text
from hornbook.common.plaintext import clean, listed, number_of


def parts(blend: Mapping[str, Mapping[str, Any]]) -> Section:
    """Return a table of the parts of a blend for each target, as its training has kept them; empty without one."""
    return Section(
        "parts", "What answers", [block for name, one in blend.items() for block in _of(name, one)]
    )


def _of(target: str, found: Mapping[str, Any]) -> Iterator[Block]:
    if "said" not in found:  # a run of an older hornbook
        return
    weights, said, metric = found["weights"], found["said"], name_of(found["metric"])
    on = f"Each is judged on {number_of(found['rows'], 'row')} that it had not learned from."
    yield Text(f"{clean(target)}: the answer is a weighted mean of these parts. {on}", "lead")
    rows: list[list[Cell]] = [
        [part, f"{weight * 100:.0f} %", said[part]] for part, weight in weights.items() if said[part] != "-"
    ]
    rows.append(["together", "", said["together"]])
    yield Table(f"the parts that answer {clean(target)}", ["part", "counts", metric], rows, numbers=(1, 2))
    if left := found.get("left_out"):
        names = listed([f"{clean(name)} ({why})" for name, why in left["names"].items()], limit=5, each=200)
        end = "worth keeping, or the answer itself" if left["worth"] else "no more than chance"
        yield Text(
            f"Left out: {names}. Boosted trees reach {metric} {left['without']} without, {left['with']} with: {end}.",
            "warning" if left["worth"] else "note",
        )
