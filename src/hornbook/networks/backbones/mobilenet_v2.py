"""MobileNetV2 (Sandler et al. 2018, arXiv:1801.04381), with torchvision's names of weights, so that its file fits."""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn

from hornbook.networks.backbones.blocks import Inverted, convolution, torch_weights

__all__ = ["CHANNELS", "CLASSIFIER", "COMPARES", "blocks", "name", "read"]

CHANNELS = 1280
"""Of the last picture."""

COMPARES = 0
"""Numbers whose distance says whether two pictures are of the same thing; 0: it did not learn that."""

CLASSIFIER = "classifier.1"
"""What the layer is called that tells the thousand classes apart."""

STAGES = (
    (1, 16, 1, 1),
    (6, 24, 2, 2),
    (6, 32, 3, 2),
    (6, 64, 4, 2),
    (6, 96, 3, 1),
    (6, 160, 3, 2),
    (6, 320, 1, 1),
)
"""Of each stage how much a block widens, its channels, how many blocks, and the stride of the first (table 2)."""


def blocks() -> list[nn.Module]:
    """Return the net, block by block, from (batch, 3, H, W) to (batch, 1280, H / 32, W / 32)."""
    made: list[nn.Module] = [convolution(3, 32, 3, 2)]
    inputs = 32
    for widen, outputs, count, stride in STAGES:
        for i in range(count):
            made.append(Inverted(inputs, outputs, stride if i == 0 else 1, widen))
            inputs = outputs
    return [*made, convolution(inputs, 1280, 1)]


def name(theirs: str) -> str:
    """Return what a weight of the file is called here: as there, without the ``features`` before it."""
    return theirs.removeprefix("features.")


def read(path: Path) -> tuple[dict[str, Tensor], tuple[Tensor, Tensor]]:
    """Return the weights of a file by their names here, and the layer that tells the thousand classes apart."""
    return torch_weights(path, name, CLASSIFIER)
