"""How well a recognizer tells what is unlike its examples from them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from hornbook.columns.base import Array
from hornbook.common.plaintext import number_of, percent
from hornbook.recognizer.answer import UNLIKE

FALSE_ALARMS = 0.05
"""Share of the own examples that may be called unlike where it is said how many others are found."""

Z = 1.959964
"""Standard deviations to either side in 95 of 100 cases."""


@dataclass(frozen=True)
class Unlike:
    """How well unknown inputs are told from own ones.

    Attributes
    ----------
    own, unknown
        What they are called.
    own_rows, rows
        How many there are of each; 0 own ones where the recognizer's own knowledge of its examples is all there is.
    auroc, interval
        How often the unknown one of two, one of each, has the greater novelty (area under the ROC curve), and the
        95 % interval of it.
    found
        Of the unknown ones, how many have a greater novelty than all but `FALSE_ALARMS` of the own ones.
    marked, own_marked
        Of the unknown and the own ones, how many `predict` calls unlike the examples; None where there are none.
    """

    own: str
    unknown: str
    own_rows: int
    rows: int
    auroc: float
    interval: tuple[float, float]
    found: float
    marked: float
    own_marked: float | None

    def text(self) -> str:
        """Return it for a terminal."""
        low, high = self.interval
        own = f", and {percent(self.own_marked)} of the own" if self.own_marked is not None else ""
        return "\n".join(
            [
                f"unlike the examples: {number_of(self.rows, 'input')} of {self.unknown} beside {self.own}",
                f"  AUROC  {self.auroc:.4f}   95 % interval {low:.4f} to {high:.4f}   (0.5 is chance, 1 is perfect)",
                f"  at {percent(FALSE_ALARMS, 0)} false alarms {percent(self.found)} are found",
                f'  predict calls {percent(self.marked)} of them "unlike the examples"{own}',
            ]
        )

    def to_json(self) -> dict[str, Any]:
        """Return it as JSON types."""
        return {name: list(v) if isinstance(v, tuple) else v for name, v in vars(self).items()}


def told_apart(own: Array | None, unknown: Array, own_name: str, name: str) -> Unlike:
    """Judge novelties of own and unknown inputs, at least one of each.

    Parameters
    ----------
    own
        None where there are no own ones at hand: a novelty is the share of own examples that are less unlike, so that
        its mean is the area under the curve.

    Examples
    --------
    >>> found = told_apart(np.array([0.1, 0.4, 0.8]), np.array([0.7, 0.99]), "mine", "others")
    >>> round(found.auroc, 3), found.found, found.marked, found.own_marked
    (0.833, 0.5, 0.5, 0.0)
    """
    if own is None:
        area = float(unknown.mean())
        error = float(unknown.std(ddof=1)) / math.sqrt(len(unknown)) if len(unknown) > 1 else 1.0
        limit = 1 - FALSE_ALARMS
    else:
        area, error = _area(own, unknown)
        limit = float(np.quantile(own, 1 - FALSE_ALARMS, method="higher"))
    return Unlike(
        own_name,
        name,
        0 if own is None else len(own),
        len(unknown),
        area,
        _interval(area, error, len(unknown)),
        float((unknown > limit).mean()),
        float((unknown >= UNLIKE).mean()),
        None if own is None else float((own >= UNLIKE).mean()),
    )


def _area(own: Array, unknown: Array) -> tuple[float, float]:
    """Return the area under the curve and its standard error (DeLong, DeLong and Clarke-Pearson 1988)."""
    ordered, others = np.sort(own), np.sort(unknown)
    # Of each unknown one the share of own ones that are less, ties being half; and the other way round.
    above = (np.searchsorted(ordered, unknown) + np.searchsorted(ordered, unknown, "right")) / (2 * len(own))
    below = 1 - (np.searchsorted(others, own) + np.searchsorted(others, own, "right")) / (2 * len(unknown))
    spread = sum(float(v.var(ddof=1)) / len(v) for v in (above, below) if len(v) > 1)
    return float(above.mean()), math.sqrt(spread)


def _interval(area: float, error: float, rows: int) -> tuple[float, float]:
    """Return the 95 % interval, made on the scale of log odds, where it stays between 0 and 1."""
    inside = min(max(area, 0.5 / (rows + 1)), 1 - 0.5 / (rows + 1))
    error = max(error, 0.5 / (rows + 1))
    odds, wide = math.log(inside / (1 - inside)), Z * error / (inside * (1 - inside))
    low, high = (1 / (1 + math.exp(-v)) for v in (odds - min(wide, 30), odds + min(wide, 30)))
    return min(low, area), max(high, area)
