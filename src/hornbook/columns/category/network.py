"""The input of a ``category`` column: one number for each value where these are few, else a learned vector."""

from __future__ import annotations

from typing import ClassVar

import torch
from torch import Tensor, nn

from hornbook.columns.category.column import CategoryColumn

MOST_ONE_HOT = 16
"""Up to so many values each has a number of its own."""

FORGOTTEN = 0.02
"""Share of the values that are taken for "other" in training, so that the network learns what to do without one."""


class CategoryInput(nn.Module):
    """Places of values (batch,), the last of which is "other", to features (batch, F).

    Up to `MOST_ONE_HOT` values are one-hot, "other" included; more are an embedding of 1.6 n^0.56 numbers, at most
    64 (the rule of fastai, Howard and Gugger 2020, section 2.2).
    """

    eye: Tensor
    forgotten: ClassVar[float] = FORGOTTEN

    def __init__(self, column: CategoryColumn) -> None:
        super().__init__()
        self.values = column.outputs
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

    def forward(self, places: Tensor) -> Tensor:
        """Return the features."""
        if self.embedding is None:
            return self.eye[places]
        features: Tensor = self.embedding(places)
        return features
