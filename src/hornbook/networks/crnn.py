"""The family for strings in pictures and sounds: convolutions that leave one row, then a layer that reads along it.

Shi, Bai and Yao 2015 (arXiv:1507.05717). Where the width of the pictures is free (sounds), the columns that only pad
a batch are held at zero all the way through, so that a row's features do not depend on what it is batched with.
"""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from hornbook.errors import RecipeError
from hornbook.networks.layers import ACTIVATIONS, Shape
from hornbook.networks.recurrent import inside, turned

if TYPE_CHECKING:
    from hornbook.recipe.networks import Crnn

__all__ = ["BothWays", "StringNet", "crnn"]


class BothWays(nn.Module):
    """A recurrent layer that reads from the left and another from the right.

    From (batch, steps, F) to (batch, steps, 2 units). Padding at the end is skipped on the way back, which
    `nn.GRU(bidirectional=True)` does for packed sequences only.
    """

    def __init__(self, kind: str, features: int, units: int) -> None:
        super().__init__()
        cell = {"gru": nn.GRU, "lstm": nn.LSTM}[kind]
        self.forth = cell(features, units, batch_first=True)
        self.back = cell(features, units, batch_first=True)

    def forward(self, steps: Tensor, lengths: Tensor | None = None) -> Tensor:
        """Return what both have read; ``lengths`` (batch,) where there is padding."""
        right, _ = self.forth(steps)
        left, _ = self.back(turned(steps, lengths))
        return torch.cat([right, turned(left, lengths)], 2)


class StringNet(nn.Module):
    """Stages of convolutions, a dense layer over what is left of the height, recurrent layers; see `crnn`."""

    def __init__(self, shape: Shape, options: Crnn, sequence: bool) -> None:
        super().__init__()
        channels, height, width = shape
        self.free = not width
        self.whole = not sequence
        self.convolutions = nn.ModuleList()
        self.halves: list[bool] = []
        shrunk = 1
        for filters, kernel, position in _plan(options):
            across = position < 2 and shrunk < options.width_stride
            pool = (2 if position < 2 and height > 1 else 1, 2 if across else 1)
            self.convolutions.append(
                _conv(channels, filters, kernel, pool, position == 0, options.activation)
            )
            height, width = _halved(height, pool[0], position == 0), _halved(width, pool[1], position == 0)
            shrunk *= pool[1]
            self.halves.append(across)
            channels = filters
        if not self.free and width < 1:
            raise RecipeError(
                f"network: a picture {shape[2]} wide is too small to be shrunk {options.width_stride} times; use a "
                "smaller network.width_stride or a larger size"
            )
        self.shrink = shrunk
        rows, features, reach = channels * height, options.features, options.step_kernel
        self.dense: nn.Module
        if reach == 1:
            self.dense = nn.Linear(rows, features)
        else:
            self.dense = nn.Conv1d(rows, features, reach, padding=reach // 2)
        self.context = nn.Linear(rows, features, bias=False) if options.context else None
        self.activation = ACTIVATIONS[options.activation]()
        self.layers = nn.ModuleList()
        if options.recurrent != "none":
            for _ in range(options.layers):
                self.layers.append(BothWays(options.recurrent, features, options.units))
                features = 2 * options.units
        self.dropout = nn.Dropout(options.dropout)
        self.shape = (width, features) if sequence else ((features if self.free else width * features),)

    def forward(self, pictures: Tensor) -> Tensor:
        """Turn pictures (batch, channels, height, width) into (batch, steps, features), or into (batch, features)."""
        lengths = None
        if self.free:
            used = (pictures != 0).any(1).any(1)
            place = torch.arange(1, pictures.shape[3] + 1, device=pictures.device)
            lengths = (used * place).amax(1).clamp(min=1)
            # So that the last columns are pooled too: a sound shorter than a step is one step.
            pictures = nn.functional.pad(pictures, (0, self.shrink - 1))
        for convolution, halves in zip(self.convolutions, self.halves, strict=True):
            pictures = convolution(pictures)
            if lengths is not None:
                lengths = (lengths + 1) // 2 if halves else lengths
                pictures = pictures * inside(lengths, pictures.shape[3])[:, None, None].float()
        steps: Tensor = self.activation(self._along(pictures, lengths))
        # Recurrence multiplies its rounding by itself at every step, and is little work.
        with torch.autocast(steps.device.type, enabled=False):
            steps = steps.float()
            for layer in self.layers:
                steps = layer(self.dropout(steps), lengths)
        steps = self.dropout(steps)
        if lengths is not None:
            steps = steps * inside(lengths, steps.shape[1])[:, :, None]
        if not self.whole:
            return steps
        return steps.flatten(1) if lengths is None else steps.sum(1) / lengths[:, None]

    def _along(self, pictures: Tensor, lengths: Tensor | None) -> Tensor:
        """Turn the last pictures (batch, channels, height, steps) into what the dense layer makes of each step."""
        rows = pictures.flatten(1, 2)
        if isinstance(self.dense, nn.Conv1d):
            steps: Tensor = self.dense(rows).transpose(1, 2)
        else:
            steps = self.dense(rows.transpose(1, 2))
        if self.context is not None:
            mean = rows.mean(2) if lengths is None else rows.sum(2) / lengths[:, None]
            steps = steps + self.context(mean)[:, None]
        return steps


def _halved(side: int, by: int, strided: bool) -> int:
    """Return a side after a stage: a stride rounds up, a pooling down."""
    return (side + by - 1) // by if strided else side // by


def _plan(options: Crnn) -> list[tuple[int, int, int]]:
    """Return filters, kernel and place in its stage of each convolution: 0 for the stem, then from 1."""
    stem: list[tuple[int, int, int]] = [(options.stem, options.stem_kernel, 0)] if options.stem else []
    places = range(1, options.convs + 1)
    return stem + [(filters, options.kernel, place) for filters in options.widths for place in places]


def _conv(
    channels: int, filters: int, kernel: int, pool: tuple[int, int], strided: bool, activation: str
) -> nn.Sequential:
    """Return a convolution that is pooled before its batch norm and activation, or (the stem) strided."""
    conv = nn.Conv2d(channels, filters, kernel, pool if strided else 1, (kernel - 1) // 2, bias=False)
    layers: OrderedDict[str, nn.Module] = OrderedDict(conv=conv)
    if not strided and pool != (1, 1):
        layers["pool"] = nn.MaxPool2d(pool)
    layers["batchnorm"] = nn.BatchNorm2d(filters)
    layers[activation] = ACTIVATIONS[activation]()
    return nn.Sequential(layers)


def crnn(shape: Shape, options: Crnn, sequence: bool) -> tuple[nn.Module, Shape]:
    """Return convolutions and recurrent layers, see `hornbook.recipe.networks.Crnn`.

    For a sequence its features have the shape (steps, F), with 0 steps where the width is free; else all steps in
    a row, or, where the width is free, their mean.
    """
    network = StringNet(shape, options, sequence)
    return network, network.shape
