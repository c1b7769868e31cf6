"""A network whose features are those of every pixel: down to smaller pictures, and up again."""

from __future__ import annotations

import itertools
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hornbook.networks.layers import ACTIVATIONS, Shape
from hornbook.recipe.networks_pictures import Unet

__all__ = ["UnetBody", "unet"]


class Residual(nn.Module):
    """Two convolutions, added to what they are given."""

    def __init__(self, width: int, options: Unet) -> None:
        super().__init__()
        self.first, self.second = (_conv(width, width, options) for _ in range(2))
        self.after: Callable[[Tensor], Tensor] = ACTIVATIONS[options.activation]()

    def forward(self, pictures: Tensor) -> Tensor:
        """Return pictures of the same shape."""
        return self.after(pictures + self.second(self.after(self.first(pictures))))


class UnetBody(nn.Module):
    """Pictures ``(batch, C, H, W)`` to features of every pixel, ``(batch, widths[0], H, W)``."""

    def __init__(self, channels: int, options: Unet) -> None:
        super().__init__()
        widths = options.widths

        def stage(before: int, after: int) -> nn.Sequential:
            first = nn.Sequential(_conv(before, after, options), ACTIVATIONS[options.activation]())
            return nn.Sequential(first, *(Residual(after, options) for _ in range(options.blocks)))

        pairs = list(zip((channels, *widths), widths, strict=False))
        self.down = nn.ModuleList(stage(before, after) for before, after in pairs)
        self.up = nn.ModuleList(stage(low + high, high) for high, low in itertools.pairwise(widths))

    def forward(self, pictures: Tensor) -> Tensor:
        """Return the features of every pixel."""
        seen: list[Tensor] = []
        for number, stage in enumerate(self.down):
            pictures = stage(F.max_pool2d(pictures, 2, ceil_mode=True) if number else pictures)
            seen.append(pictures)
        found = seen.pop()
        for stage, beside in zip(reversed(self.up), reversed(seen), strict=True):
            larger = F.interpolate(found, scale_factor=2.0, mode="nearest")
            larger = larger[..., : beside.shape[2], : beside.shape[3]]
            found = stage(torch.cat([larger, beside], 1))
        return found


def unet(shape: Shape, options: Unet) -> tuple[nn.Module, Shape]:
    """Return the network, and the shape of its features."""
    channels, height, width = shape
    return UnetBody(channels, options), (options.widths[0], height, width)


def _conv(before: int, after: int, options: Unet) -> nn.Module:
    conv = nn.Conv2d(before, after, 3, padding=1, bias=not options.batchnorm)
    return nn.Sequential(conv, nn.BatchNorm2d(after)) if options.batchnorm else conv
