"""The family ``bag``: a bag of hashed n-grams, and beside it convolutions over the tokens, for texts.

The bag is fastText's (Joulin et al. 2016, arXiv:1607.01759): a vector for each n-gram of tokens, n-grams that
fall into the same bucket of a hash share one, and their sum is what is known of the text. It learns in seconds
and is hard to beat for short texts. The convolutions are Kim's (2014, arXiv:1408.5882): the strongest answer of
each filter over the text.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hornbook.networks.body import Body
from hornbook.networks.layers import Shape

if TYPE_CHECKING:
    from hornbook.recipe.networks_sequence import Bag

FACTOR, MODULUS = 1_000_003, 2_147_483_647
"""Of the hash of n-grams: products stay under 2 ** 52, so that every runtime has the same whole numbers."""


class BagNet(Body):
    """From tokens with their vectors, (batch, length, 1 + features), to features (batch, features).

    The number of each token stands first, and 0 is padding (`hornbook.columns.text.network`).
    """

    rarity: Tensor

    def __init__(self, shape: tuple[int, ...], options: Bag) -> None:
        super().__init__()
        self.options = options
        self.ngrams = nn.Embedding(options.buckets, options.features, padding_idx=0)
        self.register_buffer("rarity", torch.ones(options.buckets))
        nn.init.normal_(self.ngrams.weight, std=options.init_std)
        with torch.no_grad():
            self.ngrams.weight[0] = 0  # of what is no n-gram, as it weighs nothing
            self.rarity[0] = 0
        self.convs = nn.ModuleList(
            nn.Conv1d(shape[1] - 1, options.filters, width, padding=width - 1) for width in options.windows
        )
        self.drop_bag, self.drop = nn.Dropout(options.dropout_bag), nn.Dropout(options.dropout)
        self.features = options.features + options.filters * len(options.windows)

    def forward(self, tokens: Tensor) -> Tensor:
        """Return the bag and the strongest answers of the filters."""
        numbers = tokens[..., 0].long()
        parts = [self.drop_bag(self._bag(numbers))]
        if len(self.convs):
            vectors = self.drop(tokens[..., 1:]).transpose(1, 2)
            length = (numbers != 0).sum(1)
            parts += [self.drop(self._strongest(conv, vectors, length)) for conv in self.convs]
        return torch.cat(parts, -1)

    @staticmethod
    def _strongest(conv: nn.Module, vectors: Tensor, length: Tensor) -> Tensor:
        """Return the strongest answer of each filter to a window with a token in it, at least 0."""
        found: Tensor = torch.relu(conv(vectors))
        beyond = found.shape[2] - vectors.shape[2]
        places = torch.arange(found.shape[2], device=found.device)
        return (found * (places < length[:, None] + beyond)[:, None]).amax(-1)

    def _bag(self, numbers: Tensor) -> Tensor:
        """Return the sum of the vectors of all n-grams, each as heavy as it is rare, divided by its length."""
        total, length = torch.zeros((), device=numbers.device), torch.zeros((), device=numbers.device)
        for bucket in self._buckets(numbers):
            weight = self.rarity[bucket]
            total = total + (self.ngrams(bucket) * weight[..., None]).sum(1)
            length = length + weight.square().sum(1)
        return total / length.clamp_min(1).sqrt()[:, None]

    def _buckets(self, numbers: Tensor) -> Iterator[Tensor]:
        """Yield the buckets of the n-grams that begin at each token, shorter ones first; 0 where there is none."""
        hashed = numbers
        for n in range(1, self.options.ngrams + 1):
            after = numbers
            if n > 1:
                after = F.pad(numbers, (0, n - 1))[:, n - 1 :]
                hashed = (hashed * FACTOR + after) % MODULUS
            yield self._bucket(hashed, n) * (after != 0)

    @property
    def starts_from_data(self) -> bool:
        """Whether `prepare` has anything to do: always."""
        return True

    def prepare(self, tokens: Tensor) -> None:
        """Learn from training rows how rare the n-grams are (Sparck Jones 1972)."""
        rows = torch.zeros_like(self.rarity)
        for at in range(0, len(tokens), 256):
            numbers = tokens[at : at + 256, :, 0].long()
            for bucket in self._buckets(numbers):
                place = (
                    bucket + torch.arange(len(bucket), device=bucket.device)[:, None] * self.options.buckets
                )
                rows += torch.bincount(
                    torch.unique(place) % self.options.buckets, minlength=self.options.buckets
                )
        self.rarity.copy_(torch.log((len(tokens) + 1) / (rows + 1)) + 1)
        self.rarity[0] = 0

    def _bucket(self, hashed: Tensor, n: int) -> Tensor:
        """Return a bucket from 1 on."""
        found: Tensor = (hashed * (FACTOR + 2 * n) % MODULUS) % (self.options.buckets - 1) + 1
        return found


def bag(shape: Shape, options: Bag) -> tuple[nn.Module, Shape]:
    """Return a bag of n-grams and the shape of its features."""
    net = BagNet(shape, options)
    return net, (net.features,)
