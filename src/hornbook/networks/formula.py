"""A linear model as the formula that it is, for standardized columns and for the user's units."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hornbook.columns import CategoryColumn, NumberColumn
from hornbook.columns.base import Array, Column
from hornbook.common.plaintext import clean
from hornbook.networks.model import NUMBERS, Network

MOST_TERMS = 24
"""Longer formulas say nothing to a reader."""


@dataclass(frozen=True)
class Formula:
    """A target as a weighted sum of the inputs.

    Attributes
    ----------
    target
        What is on the left side: a number, or the log odds of a class.
    names
        The inputs, one for each weight.
    standardized, in_units
        The weights, and last the constant, for standardized columns and in the user's units.
    """

    target: str
    names: tuple[str, ...]
    standardized: tuple[float, ...]
    in_units: tuple[float, ...]

    def to_json(self) -> dict[str, Any]:
        """Return both forms as text, and the weights."""
        return {
            "target": self.target,
            "standardized": _text(self.target, self.names, self.standardized, "{:.4f}"),
            "in_units": _text(self.target, self.names, self.in_units, "{:.6g}"),
            "names": list(self.names),
            "weights_standardized": list(self.standardized),
            "weights_in_units": list(self.in_units),
        }


def formulas(
    network: Network, inputs: Mapping[str, Column], targets: Mapping[str, Column]
) -> tuple[Formula, ...]:
    """Return the formula of each number and of each target of two classes; none where the network is not linear.

    Examples
    --------
    A weight of 1 on a standardized column is one deviation of the target for one of the input.
    """
    if any(True for _ in network.body.parameters()) or any(c.type not in KINDS for c in inputs.values()):
        return ()
    if any(c.log or c.limits for c in inputs.values() if isinstance(c, NumberColumn)):
        return ()
    # Many values are embedded, and their places have no names.
    if any(True for _ in network.inputs.parameters()):
        return ()
    names, means, scales = _terms(network, inputs)
    if len(names) > MOST_TERMS:
        return ()
    out = []
    for name, column in targets.items():
        dense: Any = getattr(network.heads[name], "dense", None)
        if dense is None or dense.out_features != 1:
            continue
        weights = dense.weight.detach().double().cpu().numpy()[0]
        constant = float(dense.bias.detach().double().cpu()[0])
        if isinstance(column, NumberColumn) and not column.log:
            middle, scale, left = column.shift, column.scale, clean(name)
        elif isinstance(column, CategoryColumn):
            middle, scale, left = (
                0.0,
                1.0,
                f"log odds of {clean(name)} {clean((column.classes or ('',) * 2)[1])}",
            )
        else:
            continue
        units = scale * weights / scales
        shift = middle + scale * constant - float((units * means).sum())
        out.append(Formula(left, names, (*weights.tolist(), constant), (*units.tolist(), shift)))
    return tuple(out)


KINDS = ("number", "category")


def _terms(network: Network, inputs: Mapping[str, Column]) -> tuple[tuple[str, ...], Array, Array]:
    """Return what each input of the head is called, and the mean and scale it was standardized with."""
    terms: list[tuple[str, float, float]] = []
    for part in network.inputs:
        if part == NUMBERS:
            terms += _numbers({n: inputs[n] for n in network.together})
        elif isinstance(inputs[part], NumberColumn):
            terms += _numbers({part: inputs[part]})
        else:
            terms += _values(part, inputs[part], int(network.inputs[part].shape[0]))
    names, means, scales = zip(*terms, strict=True)
    return names, np.array(means), np.array(scales)


def _numbers(columns: Mapping[str, Column]) -> Iterator[tuple[str, float, float]]:
    numbers = {n: c for n, c in columns.items() if isinstance(c, NumberColumn)}
    for name, column in numbers.items():
        yield clean(name), column.shift, column.scale
    for name, column in numbers.items():
        if column.missing:
            yield f"[{clean(name)} missing]", 0.0, 1.0


def _values(name: str, column: Column, features: int) -> Iterator[tuple[str, float, float]]:
    classes = (getattr(column, "classes", None) or ()) if features <= MOST_TERMS else ()
    for value in (*classes, "other"):
        yield f"[{clean(name)} is {clean(value)}]", 0.0, 1.0


def _text(target: str, names: tuple[str, ...], weights: tuple[float, ...], form: str) -> str:
    """Return ``price = 0.8304 square - 0.0021 bedrooms + 3``; a constant that rounds to nothing is left out."""
    parts = [(f" {name}", weight) for name, weight in zip(names, weights[:-1], strict=True)]
    if float(form.format(weights[-1])) != 0 or not parts:
        parts.append(("", weights[-1]))
    said = f"{target} ="
    for i, (name, weight) in enumerate(parts):
        number = form.format(abs(weight))
        sign = "-" if weight < 0 and float(number) != 0 else "+"
        said += f" {sign} {number}{name}" if i else f" {'-' if sign == '-' else ''}{number}{name}"
    return said
