"""Stages of convolutions over pictures of any width: the spectrograms of sounds, each as wide as it is long.

Rows of a batch are padded to the widest with columns of zeros. These are held at zero before every convolution, and
left out where columns are pooled at the end, so that a row's features do not depend on what it is batched with.
"""

from __future__ import annotations

from collections import OrderedDict

import torch
from torch import Tensor, nn

from hornbook.columns.audio.signal.mel import BLOCK
from hornbook.errors import RecipeError
from hornbook.networks import blocks
from hornbook.networks.layers import Shape
from hornbook.recipe.networks import Cnn

__all__ = ["FreeWidthNet", "free_cnn"]


class FreeWidthNet(blocks.PictureNet):
    """The stages of a `hornbook.networks.blocks.PictureNet`, for rows of different widths in one batch."""

    def forward(self, pictures: Tensor) -> Tensor:
        """Turn pictures (batch, channels, height, width) into features (batch, features)."""
        inside = (pictures != 0).any(1).any(1)[:, None, None, :]
        for name, stage in self.stages.named_children():
            if name == "pool":
                pictures = _pooled(pictures, inside, isinstance(stage, nn.AdaptiveMaxPool2d))
            elif not isinstance(stage, nn.Sequential):
                pictures = stage(pictures)
            else:
                for layer in stage:
                    pictures = layer(pictures if not isinstance(layer, nn.Conv2d) else pictures * inside)
                    inside = _shrunk(inside, layer)
        return pictures


def _shrunk(inside: Tensor, layer: nn.Module) -> Tensor:
    """Return which columns are inside after a layer: a pooled one is where all that it was made of are."""
    if isinstance(layer, nn.Conv2d):
        return inside[..., :: layer.stride[1]]
    if isinstance(layer, (nn.MaxPool2d, nn.AvgPool2d)):
        by = layer.kernel_size if isinstance(layer.kernel_size, int) else layer.kernel_size[1]
        return inside[..., by - 1 :: by]
    return inside


def _pooled(pictures: Tensor, inside: Tensor, largest: bool) -> Tensor:
    """Return the mean, or the largest, of each filter over the columns inside."""
    if largest:
        return pictures.masked_fill(~inside, -torch.inf).amax((2, 3))
    return (pictures * inside).mean(2).sum(2) / inside.sum((1, 2, 3))[:, None]


def free_cnn(shape: Shape, options: Cnn) -> tuple[nn.Module, Shape]:
    """Return stages of convolutions for pictures of shape ``(channels, height, 0)``.

    Raises
    ------
    RecipeError
        The options need a width that is known.
    """
    for wrong, what in (
        (options.global_pool == "none", 'network.global_pool = "none"'),
        (options.mirror, "network.mirror"),
        (options.shifted > 0, "network.shifted"),
        (options.kernel % 2 == 0 or (bool(options.stem) and options.stem_kernel % 2 == 0), "an even kernel"),
    ):
        if wrong:
            raise RecipeError(
                f"{what} needs pictures of one width, and sounds have lengths of their own: leave it out"
            )
    # The narrowest that there is says how often a width can be shrunk.
    network, features = blocks.cnn((*shape[:2], BLOCK), options)
    stages = OrderedDict(network.get_submodule("stages").named_children())
    return FreeWidthNet(stages, mirror=False), features
