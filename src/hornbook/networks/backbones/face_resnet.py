"""dlib's net that tells people apart (King 2017), in the form and with the names of face-api.

A residual net of 29 layers (He et al. 2015), trained on three million faces of 7,485 people so that two pictures of one
person are nearer than 0.6. What it sees last is 256 channels of 2 x 2, whose mean times `fc` are the 128 numbers that
dlib compares.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["CLASSIFIER", "blocks"]

CLASSIFIER = "fc"
"""What the layer is called that makes the 128 numbers."""

STAGES = ((32, 3, False), (64, 4, True), (128, 3, True), (256, 3, True), (256, 1, True))
"""Of each stage its channels, how many blocks, and whether its first one halves the picture."""


class First(nn.Module):
    """The first convolution, 7 x 7, and a pooling: a quarter of each side."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 32, 7, 2)

    def forward(self, picture: Tensor) -> Tensor:
        """Return the channels."""
        return F.max_pool2d(torch.relu(self.conv(picture)), 3, 2)


class Residual(nn.Module):
    """Two convolutions, added to what they are given; that is halved, and widened with zeros, where they do so."""

    def __init__(self, inputs: int, outputs: int, down: bool) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, 2, 0) if down else nn.Conv2d(inputs, outputs, 3, 1, 1)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1)
        self.down, self.wider = down, outputs - inputs

    def forward(self, picture: Tensor) -> Tensor:
        """Return the channels."""
        found = self.conv2(torch.relu(self.conv1(picture)))
        if self.down:
            picture = F.avg_pool2d(picture, 2, 2)
            # Without padding a convolution may lose one row and column more than the pooling; these are zeros.
            lost = picture.shape[2] - found.shape[2], picture.shape[3] - found.shape[3]
            if any(lost):
                found = F.pad(found, (0, lost[1], 0, lost[0]))
            if self.wider:
                picture = F.pad(picture, (0, 0, 0, 0, 0, self.wider))
        return torch.relu(found + picture)


def blocks() -> list[nn.Module]:
    """Return the net, block by block, from (batch, 3, 150, 150) to (batch, 256, 2, 2)."""
    made: list[nn.Module] = [First()]
    inputs = 32
    for outputs, count, down in STAGES:
        for i in range(count):
            made.append(Residual(inputs, outputs, down and i == 0))
            inputs = outputs
    return made
