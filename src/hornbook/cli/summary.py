"""``hornbook summary``."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from hornbook.cli.arguments import Changes, Pattern, Says, Target, pattern_change
from hornbook.cli.terminal import needs_torch
from hornbook.common.plaintext import clean, table

if TYPE_CHECKING:
    from hornbook.columns.base import Column
    from hornbook.recipe import Recipe

KNOWN = {"digits": 10, "iris": 3, "wine": 3, "mnist": 10, "fashion_mnist": 10, "cifar10": 10}
KNOWN |= dict.fromkeys(("gate_and", "gate_nand", "gate_or", "gate_xor"), 2)
"""Classes of the built-in data sets, so that nothing is fetched for a summary."""

UNNAMED = "column_00000000"
"""What a network calls the part that takes all numbers side by side."""

ASSUMED = 10
"""Classes where the data is not there to count them."""


def summary(
    recipe: Annotated[str, Says("a recipe's name or file, a run, or examples to guess one for", "RECIPE")],
    *,
    changes: Changes = (),
    data: Annotated[str | None, Says("where the examples are, to count their classes", "DIR")] = None,
    target: Target = (),
    pattern: Pattern = None,
) -> None:
    """Print the layers of a recipe's network, with output shapes and parameter counts.

    Shapes are without the batch: channels, height, width; or how many values.

    Examples
    --------
      hornbook summary digits
      hornbook summary digits --set "network.widths=[8,16]"
      hornbook summary my_pictures
    """
    needs_torch("summary")
    import torch

    from hornbook.networks.layers import trace_layers
    from hornbook.networks.model import Graph, Network

    found, targets, said = _resolve(recipe, [*pattern_change(pattern), *changes], data, target)
    network = Network(found.inputs, targets, found.network)
    zeros = [torch.from_numpy(c.encode_many([])).new_zeros((1, *c.shape)) for c in found.inputs.values()]
    rows = trace_layers(Graph(network), *zeros)
    lines = [["layer", "kind", "output", "parameters"]]
    for row in rows:
        name = clean(row.name.removeprefix("network.")).replace(f"inputs.{UNNAMED}", "inputs.numbers")
        lines.append([name, row.kind, " × ".join(map(str, row.shape)), f"{row.parameters:,}"])
    print("\n".join(table(lines, "<<<>")))
    print(f"\ntotal: {sum(row.parameters for row in rows):,} parameters{said}")


def _resolve(
    name: str, changes: Sequence[str], data: str | None, target: Sequence[str]
) -> tuple[Recipe, dict[str, Column], str]:
    """Return the recipe, its targets with their classes, and what to say of these."""
    from hornbook.recipe.resolve import resolve_run
    from hornbook.recognizer import FILE, load

    found, examples, run = resolve_run(name, data=data, changes=changes, target=target)
    if run is not None and (run / FILE).is_file() and not changes:
        reader = load(run)
        return dataclasses.replace(found, inputs=reader.inputs), reader.targets, ""
    examples = _there(found, examples)
    known = KNOWN.get(found.data.source) if isinstance(found.data.source, str) else None
    columns: dict[str, Column] = {}
    notes: list[str] = []
    for key, column in {**found.inputs, **found.targets}.items():
        column = column.as_input() if key in found.inputs else column
        if examples is not None and (column.is_label or column.is_text):
            column = column.learn(_cells(examples, column.source or key))
        else:
            column, note = column.assumed(known or ASSUMED)
            notes += [f"{key}: {note}"] if note and not known else []
        columns[key] = column
    found = dataclasses.replace(found, inputs={n: columns[n] for n in found.inputs})
    return found, {n: columns[n] for n in found.targets}, f" ({'; '.join(notes)})" if notes else ""


def _there(recipe: Recipe, examples: Any) -> Any:
    """Return the examples where they are at hand, None where they would have to be fetched or made."""
    source = recipe.data.source
    if examples is not None or source is None:
        return examples
    if not isinstance(source, str):
        from hornbook.make.source import read_made

        # Of so many made ones the texts have every character.
        return read_made(dataclasses.replace(source, count=min(source.count, 1000), validation=0, test=0))
    if source not in KNOWN and Path(source).exists():
        from hornbook.recipe.resolve import read

        return read(recipe)
    return None


def _cells(examples: Any, source: str) -> Any:
    """Return the cells of a column; where none has its name, the labels, or else the only texts."""
    columns = examples.table.columns
    texts = [n for n, kind in examples.table.schema.items() if str(kind) == "String" and n != "split"]
    return examples.column(next((n for n in (source, "label", *texts[:1]) if n in columns), source))
