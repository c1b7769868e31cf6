"""The input of an ``image`` column: bytes to standardized floats."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any, Self

import torch
from torch import Tensor

from hornbook.columns.image.column import ImageColumn
from hornbook.columns.network import BodyOptions, Input


class ImageInput(Input):
    """Pictures: ``uint8`` (batch, height, width, channels) to standardized floats (batch, channels, height, width).

    The bytes lie in memory as channels_last wants them, so the permutation costs nothing.
    """

    mean: Tensor
    std: Tensor

    def __init__(self, column: ImageColumn) -> None:
        super().__init__()
        height, width, channels = column.shape
        self.shape = (channels, height, width)
        mean = column.mean or (0.0,) * channels
        std = column.std or (1.0,) * channels
        self.register_buffer("mean", torch.tensor(mean).view(1, -1, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(1, -1, 1, 1), persistent=False)

    @classmethod
    def of(cls, columns: Sequence[Any], options: BodyOptions | None = None) -> Self:
        """Return the input, with the arithmetic that the body was trained with where it has any."""
        (column,) = columns
        if options is not None and options.arithmetic is not None:
            mean, std = options.arithmetic
            if column.channels < len(mean):  # of a grey picture, what is usual of the three
                mean, std = (sum(mean) / len(mean),), (sum(std) / len(std),)
            column = dataclasses.replace(column, mean=mean, std=std)
        return cls(column)

    def unit(self, encoded: Tensor) -> Tensor:
        """Return the pictures as floats from 0 to 1, channels first."""
        return encoded.permute(0, 3, 1, 2).float() / 255

    def forward(self, pictures: Tensor) -> Tensor:
        """Return standardized pictures."""
        return (pictures - self.mean) / self.std
