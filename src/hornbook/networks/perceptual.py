"""How a picture looks to a net: what is in it, and in what style it is painted (Gatys et al. 2016, CVPR, 2414-2423).

Features of a net that learned to name a thousand things are of shapes in its deep layers and of strokes in its first
ones. The same features at the same places are the same content; the same products of features, wherever they are
(Gram matrices), are the same style.

Gatys took VGG (80 MB for these layers). Here it is MobileNetV2, whose first convolution of each block, widened and
cut off at 0 and 6, does the same at a fiftieth of the arithmetic. Its layers differ much in size, so the distance of
each is taken as a share of the style's own.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor, nn

from hornbook.networks.backbones.blocks import Inverted
from hornbook.networks.pretrained import fill
from hornbook.sources.backbones import backbone_of

__all__ = ["Look", "Perceptual", "Weights", "total_variation"]

BACKBONE = "mobilenet_v2"

STYLE = (0, 1, 2, 4, 7, 11)
"""Blocks whose widened features are of style: pictures of 1/2, 1/2, 1/2, 1/4, 1/8 and 1/16 of a side."""

CONTENT = 7
"""The block whose widened features are of content: 1/8 of a side."""


class Look(NamedTuple):
    """How pictures look: a Gram matrix (batch, C, C) a layer of `STYLE`, and content (batch, C, H / 8, W / 8)."""

    style: tuple[Tensor, ...]
    content: Tensor


class Weights(NamedTuple):
    """What content, style and unevenness (total variation) count."""

    content: float = 1.0
    style: float = 30.0
    uneven: float = 1.0


class Perceptual(nn.Module):
    """The part of a trained net that sees content and style; it never learns.

    Parameters
    ----------
    path
        The file of MobileNetV2's weights.

    Raises
    ------
    DataError
        The file holds other weights.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, path: Path) -> None:
        super().__init__()
        net, known = import_module(f"hornbook.networks.backbones.{BACKBONE}"), backbone_of(BACKBONE)
        self.blocks = nn.Sequential(*net.blocks()[: max(*STYLE, CONTENT) + 1])
        fill(self.blocks, BACKBONE, path)
        self.register_buffer("mean", torch.tensor(known.mean).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(known.std).view(1, 3, 1, 1))
        self.requires_grad_(False).eval()

    def train(self, mode: bool = True) -> Perceptual:
        """Stay as it is: its normalization is that of its training."""
        super().train(False)
        return self

    def forward(self, pictures: Tensor) -> Look:
        """Return how pictures, (batch, 3, H, W) from 0 to 1, look."""
        found = (pictures - self.mean) / self.std
        grams, content = [], found
        for number, block in enumerate(self.blocks):
            if isinstance(block, Inverted):
                wide = block.conv[0](found)
                if number == CONTENT:
                    content = wide
                if number in STYLE:
                    grams.append(_gram(wide))
                if number == len(self.blocks) - 1:
                    break
                further = block.conv[1:](wide)
                found = found + further if block.shortcut else further
            else:
                found = block(found)
                if number in STYLE:
                    grams.append(_gram(found))
        return Look(tuple(grams), content)

    def loss(self, painted: Tensor, photos: Look, style: Look, weights: Weights) -> Tensor:
        """Return how far paintings, (batch, 3, H, W) from 0 to 1, are from the content of photos and from a style."""
        look = self(painted)
        content = ((look.content - photos.content) ** 2).mean() / (photos.content**2).mean()
        apart = [
            ((mine - theirs) ** 2).sum((1, 2)).mean() / (theirs**2).sum((1, 2)).mean()
            for mine, theirs in zip(look.style, style.style, strict=True)
        ]
        strokes = torch.stack(apart).mean()
        uneven = total_variation(painted)
        found: Tensor = weights.content * content + weights.style * strokes + weights.uneven * uneven
        return found


def total_variation(pictures: Tensor) -> Tensor:
    """Return the mean squared difference of neighbouring pixels."""
    across = (pictures[..., 1:] - pictures[..., :-1]) ** 2
    down = (pictures[..., 1:, :] - pictures[..., :-1, :]) ** 2
    found: Tensor = across.mean() + down.mean()
    return found


def _gram(features: Tensor) -> Tensor:
    """Return the mean products of features, (batch, C, C)."""
    flat = features.flatten(2)
    return flat @ flat.transpose(1, 2) / flat.shape[2]
