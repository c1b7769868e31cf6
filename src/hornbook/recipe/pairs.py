"""Columns that belong together: a text or a series that is to say what comes next of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from hornbook.columns.base import Column

__all__ = ["paired"]


def paired(
    inputs: Mapping[str, Column], targets: Mapping[str, Column]
) -> tuple[dict[str, Column], dict[str, Column]]:
    """Return inputs and targets, a text that is the target of itself cut into the same tokens on both sides.

    The target takes the options of the input, and both get the marks of the beginning and the end.
    """
    inputs, targets = dict(inputs), dict(targets)
    for name, target in targets.items():
        if target.type != "text":
            continue
        source = target.source or name
        for other, column in inputs.items():
            if column.type == "text" and (column.source or other) == source:
                inputs[other] = replace(column, marks=True)  # type: ignore[call-arg]
                targets[name] = replace(column, marks=True, source=target.source)  # type: ignore[call-arg]
    return inputs, targets
