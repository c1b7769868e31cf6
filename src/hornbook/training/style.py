"""Nets that paint in one style: the loss of pictures that are answers, as a trained net sees them.

Johnson et al. (2016, arXiv:1603.08155): what Gatys et al. make small for each painting is made small for a net, over
many photos. Then it paints at once. The style is looked at in twice the size that is learned in, so that a piece of a
photo has as large strokes as a whole one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from hornbook.columns.base import Column
from hornbook.columns.image.column import ImageColumn
from hornbook.columns.image.network import ImageHead
from hornbook.networks.model import Network
from hornbook.networks.perceptual import BACKBONE, Perceptual, Weights
from hornbook.recognizer.paint import Paints
from hornbook.sources.backbones import fetch_weights, find_weights

__all__ = ["learn_style"]

STYLE = 5.0
"""What the style counts against the content: less than in a painting that begins as the photo itself."""

LARGER = 2
"""How many times as large as what is learned the style is looked at."""


def learn_style(network: Network, targets: Mapping[str, Column]) -> None:
    """Give the heads of pictures that are painted in a style how far they are from it.

    Raises
    ------
    DataError
        The style cannot be read, or is one colour; the weights of the net that looks are not to be had.
    """
    for name, column in ImageColumn.among(targets).items():
        head = network.heads[name]
        if column.style and isinstance(head, ImageHead):
            head.painted = _distance(column.style, LARGER * max(column.size))


def _distance(style: str, side: int) -> Callable[[Tensor, Tensor], Tensor]:
    """Return how far paintings are from photos and a style, both (batch, C, H, W), from 0 to 1."""
    picture: Any = Paints(style).picture
    picture.thumbnail((side, side))
    net = Perceptual(find_weights(BACKBONE) or fetch_weights(BACKBONE, ""))
    weights = Weights(style=STYLE)
    with torch.no_grad():
        wanted = net(torch.from_numpy(np.array(picture, np.float32)).permute(2, 0, 1)[None] / 255)

    def far(painted: Tensor, photos: Tensor) -> Tensor:
        painted, photos = (p.expand(-1, 3, -1, -1) for p in (painted, photos))
        with torch.no_grad():
            look = net(photos)
        return net.loss(painted, look, wanted, weights)

    return far
