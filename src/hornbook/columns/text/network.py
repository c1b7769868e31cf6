"""From the numbers of tokens to features: an embedding, a vector for each token that is learned."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from hornbook.columns.text.column import PADDING, UNKNOWN, TextColumn

EMBEDDING = 64
"""Length of a token's vector where the network does not say it."""


class TextInput(nn.Module):
    """An embedding; padded steps are zeros.

    Parameters
    ----------
    column
        The learned column.
    features
        Length of a token's vector.
    numbers
        Whether the number of each token stands before its vector, for a network that looks at tokens themselves
        (n-grams). As ``float32`` it is exact up to 16 million.
    dropout
        The share of tokens that are as if unknown while training (Iyyer et al. 2015, word dropout).
    """

    shape: tuple[int, ...]

    def __init__(
        self, column: TextColumn, features: int = EMBEDDING, numbers: bool = False, dropout: float = 0.0
    ) -> None:
        super().__init__()
        self.numbers, self.dropout, self.first = numbers, dropout, column.first
        self.embedding = nn.Embedding(column.size, features, padding_idx=PADDING)
        self.shape = (0, features + numbers)

    def unit(self, encoded: Tensor) -> Tensor:
        """Return the numbers of the tokens, ``int64`` of shape (batch, length)."""
        return encoded.long()

    def forward(self, unit: Tensor) -> Tensor:
        """Return (batch, length, features)."""
        if self.training and self.dropout:
            gone = torch.rand(unit.shape, device=unit.device) < self.dropout
            unit = unit.masked_fill(gone & (unit >= self.first), UNKNOWN)
        vectors: Tensor = self.embedding(unit)
        return torch.cat([unit[..., None].float(), vectors.float()], -1) if self.numbers else vectors


def text_input(column: TextColumn, options: object = None) -> TextInput:
    """Return the input module as a network's options want it."""
    return TextInput(
        column,
        getattr(options, "embedding", EMBEDDING),
        getattr(options, "numbers", False),
        getattr(options, "token_dropout", 0.0),
    )
