"""A linear model as the formula that it is, for standardized columns and for the user's units."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hornbook.columns.network import Term
from hornbook.networks.by_column import NUMBERS
from hornbook.networks.model import Network

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


def formulas(network: Network) -> tuple[Formula, ...]:
    """Return the formula of each number and of each target of two classes; none where the network is not linear.

    Examples
    --------
    A weight of 1 on a standardized column is one deviation of the target for one of the input.
    """
    if any(True for _ in network.body.parameters()) or len(network.pieces):
        return ()
    terms: list[Term] = []
    for part, module in network.inputs.items():
        found = module.terms(network.together if part == NUMBERS else [part])
        if found is None:
            return ()
        terms += found
    if len(terms) > MOST_TERMS:
        return ()
    names = tuple(term.name for term in terms)
    means, scales = np.array([term.mean for term in terms]), np.array([term.scale for term in terms])
    out = []
    for name, head in network.heads.items():
        dense, said = head.linear(), head.term(name)
        if dense is None or dense.out_features != 1 or said is None:
            continue
        weights = dense.weight.detach().double().cpu().numpy()[0]
        constant = float(dense.bias.detach().double().cpu()[0])
        left, middle, scale = said
        units = scale * weights / scales
        shift = middle + scale * constant - float((units * means).sum())
        out.append(Formula(left, names, (*weights.tolist(), constant), (*units.tolist(), shift)))
    return tuple(out)


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
