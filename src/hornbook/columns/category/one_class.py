"""A target of which one class alone is learned from: good parts, of which there are thousands, and anything else."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.category.rare.threshold import DecidedColumn
from hornbook.columns.category.spelling import plainly
from hornbook.columns.summary import Inspection
from hornbook.common.plaintext import clean, set_option

__all__ = ["ODD", "OneClassColumn", "auroc"]

ODD = "odd"
"""What whatever is not of the one class is called."""


@dataclass(frozen=True, kw_only=True, repr=False)
class OneClassColumn(DecidedColumn):
    """A column of classes that may be learned from examples of one class alone.

    Parameters
    ----------
    only
        The class that is learned from, ``good``. Every other label, known or not, is ``odd``; rows of these are never
        learned from, and are all test rows. For the networks that know what is odd without having seen it: ``memory``.
    """

    only: str = ""

    def _of_two(self, word: str) -> str:
        """Return the one class, or `ODD`, for a label; the label itself where no class is the only one."""
        if not self.only:
            return word
        return self.only if plainly(word) == plainly(self.only) else ODD

    def judged_alone(self, cells: Any) -> Array | None:
        """Return which cells of a Polars column are of rows that are never learned from; None where all may be."""
        if not self.only:
            return None
        same = {
            v for v in cells.unique().to_list() if v is not None and self._of_two(str(v).strip()) == self.only
        }
        found: Array = (~cells.is_in(list(same))).fill_null(False).to_numpy()
        return found

    def nothing_to_learn(self, truth: Array, name: str) -> str:
        """Return that there is one class alone, or not one example of the one that is learned from."""
        first = int(truth.min()) if len(truth) else 0
        if self.only:
            none = first or not len(truth)
            return (
                f"no training example has the {name} {clean(self.only)!r}, which {name}.only names"
                if none
                else ""
            )
        if len(truth) and first < truth.max():
            return ""
        known = (self.class_names() or ("",))[first]
        return (
            f"every training example has the {name} {known!r}, so there is nothing to tell apart; add examples of at "
            "least one other class, or learn from it alone what is unlike it: "
            f"--recipe odd_one_out {set_option('targets', name, json.dumps(known), 'only')}"
        )

    def fit_to_say(self, found: Inspection) -> Inspection:
        """Return what the checks found, without what is as it should be: that what is odd has no training example."""
        if not self.only:
            return found
        meant = {"no-training-example", "missing-from-split", "unbalanced"}
        return replace(found, findings=tuple(one for one in found.findings if one.code not in meant))


def auroc(scores: Array, true: Array) -> float:
    """Return how often the true one of two rows, one of each, has the greater score; ties are half.

    The area under the ROC curve, as a rank sum (Hanley and McNeil 1982).

    >>> auroc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True]))
    0.75
    """
    mine, others = scores[true], np.sort(scores[~true])
    below = np.searchsorted(others, mine) + np.searchsorted(others, mine, "right")
    return float(below.mean() / (2 * len(others)))
