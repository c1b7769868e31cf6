"""The input of a ``category`` column, and its head: a softmax over the classes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hornbook.columns.base import Array
from hornbook.columns.category.column import CategoryColumn
from hornbook.columns.category.rare.threshold import Decided, decide
from hornbook.columns.network import Input, SoftmaxHead, Term
from hornbook.common.plaintext import clean

MOST_ONE_HOT = 16
"""Up to so many values each has a number of its own."""

MOST_LINEAR = 512
"""Up to so many values a linear model has a number for each."""

FORGOTTEN = 0.02
"""Share of the values that are taken for "other" in training, so that the network learns what to do without one."""


class CategoryInput(Input):
    """Places of values (batch,), the last of which is "other", to features (batch, F).

    Up to `MOST_ONE_HOT` values are one-hot, "other" included; more are an embedding of 1.6 n^0.56 numbers, at most
    64 (the rule of fastai, Howard and Gugger 2020, section 2.2).
    """

    eye: Tensor
    forgotten: ClassVar[float] = FORGOTTEN

    def __init__(self, column: CategoryColumn) -> None:
        super().__init__()
        self.values, self.classes = column.outputs, column.class_names() or ()
        every = self.values + 1
        if self.values <= MOST_ONE_HOT:
            self.register_buffer("eye", torch.eye(every), persistent=False)
            self.embedding = None
            self.shape = (every,)
        else:
            self.shape = (min(64, round(1.6 * every**0.56)),)
            self.embedding = nn.Embedding(every, self.shape[0])
            nn.init.normal_(self.embedding.weight, std=self.shape[0] ** -0.5)

    def unit(self, encoded: Tensor) -> Tensor:
        """Return the places as indices; in training a few of them are "other"."""
        places = encoded.long()
        if not self.training:
            return places
        # Drawn from the generator that the loop seeds for each step, as dropout is.
        lost = torch.rand(places.shape, device=places.device) < self.forgotten
        return places.masked_fill(lost, self.values)

    def terms(self, names: Sequence[str]) -> list[Term] | None:
        """Return a feature for each value, unless there are so many that they are embedded."""
        if self.embedding is not None:
            return None
        return [Term(f"[{clean(names[0])} is {clean(value)}]") for value in (*self.classes, "other")]

    def forward(self, places: Tensor) -> Tensor:
        """Return the features."""
        if self.embedding is None:
            return self.eye[places]
        features: Tensor = self.embedding(places)
        return features

    def for_trees(self, places: Tensor) -> Tensor:
        """Return a number for each value, 0 or 1, or the place where there are more than `MOST_ONE_HOT`."""
        if self.values > MOST_ONE_HOT:
            return places[:, None].float()
        return (places[:, None] == torch.arange(self.values, device=places.device)).float()

    def for_linear(self, places: Tensor) -> Tensor:
        """Return a number for each value and for "other", 0 or 1; of very many values none."""
        count = self.values + 1 if self.values < MOST_LINEAR else 0
        return (places[:, None] == torch.arange(count, device=places.device)).float()


class CategoryHead(SoftmaxHead):
    """Logits of classes, ``(batch, classes)``."""

    def __init__(self, column: CategoryColumn, features: tuple[int, ...]) -> None:
        super().__init__()
        # Of two classes one logit says all, and is what a textbook counts: 2-20-1 has 81 parameters.
        self.two = column.outputs == 2
        self.classes = column.class_names() or ()
        self.dense: nn.Module = nn.Linear(math.prod(features), 1 if self.two else column.outputs)
        self.decided_by = column.decided_by if self.two else None
        if self.decided_by is not None:  # the place of a class and its threshold
            self.register_buffer("threshold", torch.full((2,), math.nan))

    def forward(self, features: Tensor) -> Tensor:
        """Return logits."""
        logits: Tensor = self.dense(features)
        return F.pad(logits, (1, 0)) if self.two else logits

    def calibrate(self, raw: Array, truth: Array) -> None:
        """Set the temperature, and from which probability on the rarer of two classes is answered."""
        super().calibrate(raw, truth)
        if self.decided_by is None or not len(truth):
            return
        probabilities = self.outputs(torch.from_numpy(np.asarray(raw, np.float32))).numpy()
        if (found := decide(self.decided_by, probabilities, truth)) is not None:
            self.get_buffer("threshold").copy_(torch.tensor(found))

    def calibrated(self, column: CategoryColumn) -> CategoryColumn:
        """Return the column with the threshold, for the recognizer's file."""
        if self.decided_by is None or self.get_buffer("threshold").isnan().any():
            return column
        sought, threshold = self.get_buffer("threshold").tolist()
        return column.decided(Decided(int(sought), threshold))

    def prepared(self, truth: Tensor) -> Tensor:
        """Return encoded truths as what the loss indexes with."""
        return truth.long()

    def term(self, name: str) -> Term | None:
        """Return the log odds of the second class, of two."""
        return Term(f"log odds of {clean(name)} {clean(self.classes[1])}") if self.two else None

    def metric_sum(self, logits: Tensor, truth: Tensor) -> Tensor:
        """Return how many of the batch are right."""
        return (logits.argmax(1) == truth.long()).sum()  # torch compares no uint16, the type for 257 classes
