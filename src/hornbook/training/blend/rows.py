"""The rows that parts of a blend learn from and are judged on, and by what they are judged."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch

from hornbook.columns import NumberColumn
from hornbook.columns.base import Array, Column
from hornbook.columns.network import Head
from hornbook.training.loop import Loop


class Fold(NamedTuple):
    """Rows to learn from, and rows that judge: places among the rows of `JudgedRows`."""

    learn: Array
    judge: Array


class JudgedRows:
    """The rows that are learned from and judged, as trees and linear models are given them."""

    def __init__(self, loop: Loop) -> None:
        prepared = loop.prepared
        train, validation = prepared.splits["train"], prepared.splits["validation"]
        self.rows = np.unique(np.concatenate([train, validation]))
        self.encoded = prepared.take(self.rows, prepared.inputs)
        self.truths = prepared.take(self.rows, prepared.targets)
        place = {"train": np.searchsorted(self.rows, train), "all": np.searchsorted(self.rows, validation)}
        self.judged = place["all"]
        if loop.blind is None:
            self.folds = [Fold(place["train"], place["all"])]
        else:
            part = loop.blind.part.numpy()[self.rows]
            outside = np.flatnonzero(part < 0)
            self.folds = [
                Fold(
                    np.flatnonzero((part != i) & (part >= 0)),
                    np.concatenate([np.flatnonzero(part == i), outside]),
                )
                for i in range(loop.blind.count)
            ]
        # Chosen and calibrated on rows that none has learned from, what answers may learn from these as well.
        self.more = loop.blind is None and len(prepared.splits["test"]) > 0

    def honest(self, raw: list[Array]) -> Array:
        """Return what was said of each judged row, a mean where several folds judge it."""
        total = np.zeros((len(self.rows), raw[0].shape[1]))
        times = np.zeros(len(self.rows))
        for fold, found in zip(self.folds, raw, strict=True):
            total[fold.judge] += found
            times[fold.judge] += 1
        return total[self.judged] / times[self.judged, None]


def scores_of(head: Head, column: Column, raw: Array, truth: Array) -> dict[str, float]:
    """Return the metrics of raw values, by which the head is calibrated first."""
    raw = raw.astype(np.float32)
    head.calibrate(raw, truth)
    with torch.inference_mode():
        outputs = head.scored(torch.from_numpy(raw), torch.from_numpy(truth)).numpy()
    found: dict[str, float] = head.calibrated(column).score(outputs, truth)
    return found


def losses_of(column: Column, raw: Array, truth: Array) -> Array:
    """Return by what a part is chosen, for each row: the absolute error in units, or the log loss."""
    if (number := number_in(column)) is not None:
        errors: Array = np.abs(number.in_units(raw[:, 0]) - truth)
        return errors
    z = raw - raw.max(1, keepdims=True)
    losses: Array = np.log(np.exp(z).sum(1)) - z[np.arange(len(z)), truth.astype(np.int64)]
    return losses


def loss_of(column: Column, raw: Array, truth: Array) -> float:
    """Return the mean of `losses_of`."""
    return float(losses_of(column, raw, truth).mean())


def number_in(column: Column) -> NumberColumn | None:
    """Return a column of numbers as one; None for classes."""
    return NumberColumn.among({"": column}).get("")
