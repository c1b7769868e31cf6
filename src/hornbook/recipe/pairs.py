"""Columns that belong together: a text or a series that is to say what comes next of itself."""

from __future__ import annotations

from collections.abc import Mapping

from hornbook.columns.base import Column

__all__ = ["paired"]


def paired(
    inputs: Mapping[str, Column], targets: Mapping[str, Column]
) -> tuple[dict[str, Column], dict[str, Column]]:
    """Return inputs and targets, a text that is the target of itself cut into the same tokens on both sides.

    The target takes the options of the input, see `Column.paired`.
    """
    inputs, targets = dict(inputs), dict(targets)
    for name, target in targets.items():
        for other, column in inputs.items():
            if type(column) is type(target) and (column.source or other) == (target.source or name):
                inputs[other], targets[name] = column.paired(target)
    return inputs, targets
