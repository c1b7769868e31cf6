"""A memory of good pictures as a body: how far a picture is from all of them, place by place.

Places of a picture are vectors of length one, and are compared by their cosine. With a net that others have trained
they are its features at a sixteenth of the picture's size, each averaged with its neighbours (Roth et al. 2022, section
3.1), and whitened, so that what differs among good pictures counts less: of hand signs, one of which is good, that has
an AUROC of 0.96 where plain features have 0.91. Without a net there is one place, the whole picture, blurred and
without its ground: one digit of MNIST is told from the nine others with 0.98, where principal components have 0.96.

Of many good pictures some are remembered, spread over all. Those that are least alike (a core set, as Roth et al. have
it) are the odd ones among them, and of these 2,000 tell less apart than 1,000 others.
"""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hornbook.columns.base import Array
from hornbook.errors import RecipeError
from hornbook.networks.body import Body
from hornbook.networks.layers import Shape
from hornbook.networks.novelty import EVEN, shares_of
from hornbook.networks.pretrained import PretrainedBody
from hornbook.recipe.networks_memory import Memory
from hornbook.recipe.networks_pretrained import Pretrained

__all__ = ["MemoryBody", "Odds", "farthest", "memory"]

SMALLER = 16
"""Features are those of so many times fewer rows and columns: of the first block there with the most channels."""

SIDE = 32
"""Pixels are compared of pictures that are brought under twice this size."""

BLUR = 28
"""Pixels are blurred by one part in so many of the picture's side: one pixel of MNIST's."""

KNOTS = 9
"""Distances of which it is known how many good pictures are nearer."""

APART = 0.002
"""So far they are from each other, at least: where all good pictures are nearly the same, rounding counts."""

SPHERE = 0.01
"""So much of a sphere is added to the covariance that features are whitened by: in some directions there is nothing."""

NEAREST = 3
"""So many that are nearest count: of MNIST the mean of three has 0.98 where the nearest alone has 0.975."""

BYTES, MOST = 4 << 20, 2000
"""Of what is remembered, a byte a number, and pictures at most: in a file that is to stay small."""


class Odds(nn.Module):
    """Distances of places (batch, places) to the log odds that a picture is odd, (batch, 1).

    Parameters
    ----------
    held_out
        How far good pictures are that are not remembered.
    counted
        So many places, those that lie farthest, count.
    """

    knots: Tensor
    widths: Tensor
    shares: Tensor

    def __init__(self, held_out: Array, counted: int) -> None:
        super().__init__()
        self.counted = counted
        knots, shares = shares_of(held_out, KNOTS)
        room = APART * np.arange(len(knots))
        knots = np.maximum.accumulate(knots - room) + room
        self.register_buffer("knots", torch.tensor(knots[:-1], dtype=torch.float32))
        self.register_buffer("widths", torch.tensor(np.diff(knots), dtype=torch.float32))
        self.register_buffer("shares", torch.tensor(np.diff(shares)[:, None], dtype=torch.float32))

    def forward(self, distances: Tensor) -> Tensor:
        """Return the log odds, from the share of good pictures that are less far."""
        return self.of_far(farthest(distances, self.counted))

    def of_far(self, far: Tensor) -> Tensor:
        """Return the log odds of pictures that are so far as a whole, (batch, 1)."""
        steps = ((far - self.knots) / self.widths).clamp(0, 1)
        share = (steps @ self.shares).clamp(1e-4, 1 - 1e-6)
        return torch.log(share / (1 - share)) - EVEN


class MemoryBody(Body):
    """Pictures (batch, channels, H, W) to how far each place is from what is remembered, (batch, places)."""

    blur: Tensor
    mean: Tensor
    whitening: Tensor
    bank: Tensor
    scale: Tensor

    def __init__(self, options: Memory, shape: Shape) -> None:
        super().__init__()
        self.options = options
        self.sides = tuple(math.ceil(side / SMALLER) for side in shape[1:]) if options.backbone else (1, 1)
        self.counted = max(1, round(options.places * math.prod(self.sides)))
        self.net: nn.Module | None = None
        if options.backbone:
            self.net = PretrainedBody(Pretrained(backbone=options.backbone))
        sigma = max(shape[1], shape[2]) / BLUR
        self.reach, self.channels = math.ceil(2 * sigma), shape[0]
        bell = torch.exp(-0.5 * (torch.arange(-self.reach, self.reach + 1) / sigma) ** 2)
        blur = (bell[:, None] * bell / bell.sum() ** 2).float()
        self.register_buffer("blur", blur.repeat(self.channels, 1, 1, 1))
        self.shrink = max(1, max(shape[1], shape[2]) // SIDE)
        self.middle = shape[0] * (shape[1] // self.shrink) * (shape[2] // self.shrink) // 2 + 1
        self.register_buffer("mean", torch.zeros(1))
        self.register_buffer("whitening", torch.ones(1, 1))
        for name in ("bank", "scale"):
            self.register_buffer(name, torch.zeros(1))

    def shorten(self) -> None:
        """Leave out the blocks of the net that are not asked: called when its weights are there."""
        if not isinstance(self.net, PretrainedBody):
            return
        picture, kept, most = torch.zeros(1, 3, 224, 224), 0, 0
        with torch.no_grad():
            for i, block in enumerate(self.net.blocks):
                picture = block(picture)
                if picture.shape[2] * SMALLER == 224 and picture.shape[1] > most:
                    kept, most = i + 1, picture.shape[1]
        self.net = nn.Sequential(*list(self.net.blocks)[:kept]).requires_grad_(False)
        self.eval()

    def train(self, mode: bool = True) -> MemoryBody:
        """Stay as it is: nothing is learned."""
        super().train(False)
        return self

    def places(self, given: Tensor) -> Tensor:
        """Return the vectors of the places of pictures, (places, batch, channels), each of length one."""
        return self.directions(self.features_at(given))

    def directions(self, features: Tensor) -> Tensor:
        """Return the features of places whitened, and of length one."""
        if self.net is not None:
            features = (features - self.mean) @ self.whitening
        return F.normalize(features, dim=2)

    def features_at(self, given: Tensor) -> Tensor:
        """Return the features of the places of pictures, (places, batch, channels)."""
        if self.net is None:
            given = F.pad(given, (self.reach,) * 4, mode="replicate")
            found = F.conv2d(given, self.blur, groups=self.channels)
            found = F.avg_pool2d(found, self.shrink).flatten(1)
            ground = found.topk(self.middle, 1).values.amin(
                1, keepdim=True
            )  # the median: of most drawings and scans
            found = (found - ground)[None]
        else:
            given = given.expand(-1, 3, -1, -1) if given.shape[1] == 1 else given
            found = F.avg_pool2d(self.net(given), 3, 1, 1, count_include_pad=False)
            found = found.flatten(2).permute(2, 0, 1)
        return found

    def distances(self, places: Tensor) -> Tensor:
        """Return how far each place is from the nearest that are remembered, (batch, places): half of the square.

        Of vectors of length one that is 1 - cosine. The nearest are found by their cosines, and their distances taken
        from differences: in 1 - cosine, rounding would count where good pictures are nearly the same.
        """
        bank = self.bank.float() * self.scale  # (places, remembered, channels)
        count, remembered, channels = self.bank.shape
        near = (places @ bank.transpose(1, 2)).topk(NEAREST, 2).indices
        rows = (near + torch.arange(count)[:, None, None] * remembered).reshape(-1)
        nearest = bank.reshape(-1, channels)[rows].reshape(count, -1, NEAREST, channels)
        squares = ((places[:, :, None] - nearest) ** 2).sum(3)
        return squares.mean(2).T / 2

    def forward(self, given: Tensor) -> Tensor:
        """Return the distances."""
        return self.distances(self.places(given))

    @torch.no_grad()
    def whiten(self, features: Tensor) -> None:
        """Learn from the features of good pictures by what those of a net are whitened."""
        if self.net is None:
            return
        rows = features.flatten(0, 1).double()
        self.mean = rows.mean(0).float()
        rows = rows - rows.mean(0)
        covariance = rows.T @ rows / len(rows)
        sphere = covariance.diagonal().mean().clamp_min(1e-12) * torch.eye(
            len(covariance), dtype=torch.float64
        )
        self.whitening = torch.linalg.cholesky(torch.linalg.inv(covariance + SPHERE * sphere)).float()

    @torch.no_grad()
    def remember(self, places: Tensor) -> None:
        """Keep the places of good pictures, (places, pictures, channels); a number takes a byte."""
        self.scale = places.abs().max() / 127
        self.bank = (places / self.scale).round().to(torch.int8)


def farthest(distances: Tensor, counted: int) -> Tensor:
    """Return the mean distance of so many places that lie farthest, (batch, 1)."""
    return distances.topk(counted, 1).values.mean(1, keepdim=True)


def memory(options: Memory, shape: Shape) -> tuple[nn.Module, Shape]:
    """Return the body for pictures of a shape, and its features' shape.

    Raises
    ------
    RecipeError
        Pictures of any size are wanted.
    """
    if not shape[1] or not shape[2]:
        raise RecipeError('network.name = "memory" compares pictures of one size: set size of the input')
    body = MemoryBody(options, shape)
    return body, (math.prod(body.sides),)
