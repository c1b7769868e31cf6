"""The input of a ``text`` column, a learned vector for each token, and its head: what token follows each.

The head is many to many: step t says what stands at step t + 1. What it gives to the loss are features, not logits:
the logits of all steps of all validation rows would be gigabytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, Literal, Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hornbook.columns.network import BodyOptions, Head, Input
from hornbook.columns.text.column import PADDING, UNKNOWN, TextColumn

EMBEDDING = 64
"""Length of a token's vector where the network does not say it."""

COUNTED, COUNTED_LINEAR = 256, 1024
"""Tokens that are counted for trees, and for linear models: the commonest ones."""

AT_ONCE = 16
"""Rows whose logits are held at a time outside training."""


class TextInput(Input):
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
    counted
        Whether it gives what a linear model is given instead, how often each of the commonest tokens is there.
    """

    shape: tuple[int, ...]

    def __init__(
        self,
        column: TextColumn,
        features: int = EMBEDDING,
        numbers: bool = False,
        dropout: float = 0.0,
        counted: bool = False,
    ) -> None:
        super().__init__()
        self.numbers, self.dropout, self.first = numbers, dropout, column.first
        self.known = column.size - column.first
        self.embedding = None if counted else nn.Embedding(column.size, features, padding_idx=PADDING)
        self.shape = (min(self.known, COUNTED_LINEAR),) if counted else (0, features + numbers)

    @classmethod
    def of(cls, columns: Sequence[Any], options: BodyOptions | None = None) -> Self:
        """Return the input as the body wants it; without one it is counted."""
        (column,) = columns
        if options is None:
            return cls(column, counted=True)
        return cls(column, options.embedding, options.numbers, options.token_dropout, options.counted)

    def token_vectors(self) -> nn.Embedding | None:
        """Return the embedding."""
        return self.embedding

    def unit(self, encoded: Tensor) -> Tensor:
        """Return the numbers of the tokens, ``int64`` of shape (batch, length)."""
        return encoded.long()

    def forward(self, unit: Tensor) -> Tensor:
        """Return (batch, length, features), or what is counted."""
        if self.training and self.dropout:
            gone = torch.rand(unit.shape, device=unit.device) < self.dropout
            unit = unit.masked_fill(gone & (unit >= self.first), UNKNOWN)
        if self.embedding is None:
            return self.for_linear(unit)
        vectors: Tensor = self.embedding(unit)
        return torch.cat([unit[..., None].float(), vectors.float()], -1) if self.numbers else vectors

    @property
    def flat(self) -> bool:
        """Whether it can be counted: always."""
        return True

    def for_trees(self, unit: Tensor) -> Tensor:
        """Return how often each of the `COUNTED` commonest tokens is there, as a logarithm, and how many all are."""
        length = (unit != PADDING).float().sum(1, keepdim=True)
        return torch.log1p(torch.cat([self._counts(unit, COUNTED), length], 1))

    def for_linear(self, unit: Tensor) -> Tensor:
        """Return the same for more tokens and without the length, each text of the length 1."""
        return F.normalize(torch.log1p(self._counts(unit, COUNTED_LINEAR)), dim=1)

    def _counts(self, unit: Tensor, most: int) -> Tensor:
        """Return how often each of so many tokens, the commonest, is there."""
        count = min(self.known, most)
        places = torch.where((unit >= self.first) & (unit < self.first + count), unit - self.first + 1, 0)
        found = torch.zeros((unit.shape[0], count + 1), device=unit.device)
        return found.scatter_add(1, places, torch.ones_like(places, dtype=torch.float32))[:, 1:]


def lengths(sequence: Tensor) -> Tensor:
    """Return how many real steps each row has, ``int64`` of shape (rows,): up to its last that is not all zeros.

    >>> lengths(torch.tensor([[[1.0], [0.0], [2.0]], [[1.0], [0.0], [0.0]]])).tolist()
    [3, 1]
    """
    there = (sequence != 0).any(-1)
    places = torch.arange(1, sequence.shape[1] + 1, device=sequence.device)
    found: Tensor = (there * places).amax(1)
    return found


class TextHead(Head):
    """A softmax over the vocabulary after each step; outputs are the probabilities after the last real one."""

    wants: ClassVar[Literal["vector", "sequence", "either"]] = "sequence"
    causal: ClassVar[bool] = True

    def __init__(self, column: TextColumn, features: tuple[int, ...]) -> None:
        super().__init__()
        self.dense = nn.Linear(features[-1], column.size)

    def tie(self, reads: Input) -> None:
        """Use the vectors of the tokens as weights, where they are as long as the features.

        Half the parameters, and a better model (Press and Wolf 2017, arXiv:1608.05859; Inan et al. 2017).
        """
        embedding = reads.token_vectors()
        if embedding is not None and embedding.weight.shape == self.dense.weight.shape:
            nn.init.normal_(embedding.weight, std=embedding.weight.shape[1] ** -0.5)
            with torch.no_grad():
                embedding.weight[PADDING] = 0
            self.dense.weight = embedding.weight

    def forward(self, features: Tensor) -> Tensor:
        """Return the features as they are, (rows, steps, F)."""
        return features

    def logs(self, features: Tensor) -> Tensor:
        """Return log-probabilities of every token after each step; none is ever padding."""
        logits = self.dense(features).float()
        mask = torch.zeros_like(logits[..., :1]) - torch.inf
        return torch.log_softmax(torch.cat([mask, logits[..., 1:]], -1), -1)

    def loss(
        self, raw: Tensor, truth: Tensor, smoothing: float = 0.0, weights: Tensor | None = None
    ) -> Tensor:
        """Return the mean over all tokens that follow one (nats a token)."""
        if not torch.is_grad_enabled() and len(raw) > AT_ONCE:
            return self._mean(raw, truth)
        follows = truth[:, 1 : raw.shape[1]].long()
        asked = follows != PADDING
        logits = self.dense(
            raw[:, :-1][asked]
        ).float()  # only real steps: half the work where texts differ in length
        # Of a batch whose texts have one token each there is nothing to learn, and no mean.
        total = F.cross_entropy(logits[:, 1:], follows[asked] - 1, label_smoothing=smoothing, reduction="sum")
        return total / max(len(logits), 1)

    @torch.no_grad()
    def metric_sum(self, raw: Tensor, truth: Tensor) -> Tensor:
        """Return the perplexity of some of the batch, times its rows: all of it would be the loss once more."""
        some = raw[:AT_ONCE]
        return self._mean(some, truth[: len(some)]).exp() * len(raw)

    def _mean(self, raw: Tensor, truth: Tensor) -> Tensor:
        """Return the mean over all tokens that follow one, also of those foreseen with certainty."""
        count = (truth[:, 1 : raw.shape[1]] != PADDING).sum().clamp_min(1)
        return -self.scored(raw, truth).sum() / count

    def scored(self, raw: Tensor, truth: Tensor) -> Tensor:
        """Return the log-probability of each token given all before it, (rows, steps).

        It is 0 for the first and for padding. This is what the column scores.
        """
        parts = []
        for at in range(0, len(raw), AT_ONCE):
            parts.append(
                self.followed(raw[at : at + AT_ONCE], truth[at : at + AT_ONCE, : raw.shape[1]].long())
            )
        found = torch.cat(parts)
        return F.pad(found, (0, truth.shape[1] - found.shape[1]))

    def followed(self, raw: Tensor, numbers: Tensor) -> Tensor:
        """Return the same for all rows at once, (rows, steps)."""
        follows = numbers[:, 1:]
        found = self.logs(raw[:, :-1]).gather(-1, follows[..., None])[..., 0]
        return F.pad(found.masked_fill(follows == PADDING, 0), (1, 0))

    def outputs(self, raw: Tensor) -> Tensor:
        """Return the probabilities of what follows the last real step, (rows, vocabulary)."""
        place = (lengths(raw) - 1).clamp_min(0)[:, None, None].expand(-1, -1, raw.shape[2])
        return self.logs(raw.gather(1, place)[:, 0]).exp()
