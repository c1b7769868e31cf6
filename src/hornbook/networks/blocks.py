"""The modules of the families: what hornbook.recipe.networks describes, in torch.

Everything here exports to ONNX with a free batch size, and nothing depends on the batch outside training.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import torch
from torch import Tensor, nn

from hornbook.errors import RecipeError
from hornbook.networks.body import Body
from hornbook.networks.layers import ACTIVATIONS, MOST_PARAMETERS, Shape

if TYPE_CHECKING:
    from hornbook.recipe.networks import Cnn, Mlp, Resnet

__all__ = ["Block", "PictureNet", "Whitening", "build", "cnn", "mlp", "resnet"]

Options = TypeVar("Options")
Make = Callable[[Shape, Options], tuple[nn.Module, Shape]]

WHITENING_FLOOR = 5e-4
"""Added to the variance of each direction of standardized pictures: below it lies noise (airbench)."""


def build(make: Make[Options], shape: Shape, options: Options) -> tuple[nn.Module, Shape]:
    """Build a network, once it is known without memory for weights that there is enough of it.

    Raises
    ------
    RecipeError
        When there would be more than `MOST_PARAMETERS`.
    """
    with torch.device("meta"):
        parameters = sum(p.numel() for p in make(shape, options)[0].parameters())
    if parameters > MOST_PARAMETERS:
        raise RecipeError(
            f"network: it would have {parameters:,} parameters, and at most {MOST_PARAMETERS:,} are allowed; "
            "use smaller widths, fewer of them or smaller pictures"
        )
    return make(shape, options)


def mlp(shape: Shape, options: Mlp) -> tuple[nn.Module, Shape]:
    """Return dense layers after a flattening."""
    stack: OrderedDict[str, nn.Module] = OrderedDict(flatten=nn.Flatten())
    features = math.prod(shape)
    for number, units in enumerate(options.hidden, 1):
        _add_dense(stack, number, features, units, options)
        if options.dropout:
            stack[f"dropout{number}"] = nn.Dropout(options.dropout)
        features = units
    return nn.Sequential(stack), (features,)


def _add_dense(
    stack: OrderedDict[str, nn.Module], number: int, features: int, units: int, options: Mlp | Cnn
) -> None:
    """Add a dense layer with its batch norm and activation."""
    stack[f"dense{number}"] = nn.Linear(features, units, bias=not options.batchnorm)
    if options.batchnorm:
        stack[f"batchnorm{number}"] = nn.BatchNorm1d(units)
    stack[f"{options.activation}{number}"] = ACTIVATIONS[options.activation]()


class PictureNet(Body):
    """Stages in a row; outside training, if wanted, the mean over several views of a picture.

    Parameters
    ----------
    mirror
        Whether its mirror image is a view.
    shifted
        Pixels by which it is moved to the upper left and to the lower right; these two views have half the weight.
    """

    def __init__(self, stages: OrderedDict[str, nn.Module], mirror: bool, shifted: int = 0) -> None:
        super().__init__()
        self.stages = nn.Sequential(stages)
        self.mirror, self.shifted = mirror, shifted

    def forward(self, pictures: Tensor) -> Tensor:
        """Turn pictures (batch, channels, height, width) into features (batch, features)."""
        if self.training or not self.shifted:
            return self._seen(pictures)
        by, (high, wide) = self.shifted, pictures.shape[2:]
        around = nn.functional.pad(pictures, (by, by, by, by), mode="reflect")
        moved = self._seen(around[..., 2 * by :, 2 * by :]) + self._seen(around[..., :high, :wide])
        return self._seen(pictures) / 2 + moved / 4

    def _seen(self, pictures: Tensor) -> Tensor:
        features: Tensor = self.stages(pictures)
        if self.mirror and not self.training:
            features = (features + self.stages(pictures.flip(-1))) / 2
        return features

    @property
    def starts_from_data(self) -> bool:
        """Whether `prepare` has anything to do."""
        return any(isinstance(module, Whitening) and not module.fitted for module in self.modules())

    def prepare(self, pictures: Tensor) -> None:
        """Let what starts from the data do so: once, before training, on some thousand training pictures."""
        for module in self.modules():
            if isinstance(module, Whitening) and not module.fitted:
                module.fit(pictures)


class Whitening(nn.Conv2d):
    """A convolution whose filters are the whitened principal directions of small patches, both ways round.

    The filters are not trained, only the bias is (K. Jordan, 94% on CIFAR-10 in 3.29 seconds on a single GPU,
    arXiv:2404.00498, section 3.2).
    """

    def __init__(self, channels: int, kernel: int, stride: int) -> None:
        super().__init__(channels, 2 * channels * kernel**2, kernel, stride=stride, padding=(kernel - 1) // 2)
        self.weight.requires_grad_(False)
        self.fitted = False

    @torch.no_grad()
    def fit(self, pictures: Tensor) -> None:
        """Take the filters from pictures (batch, channels, height, width), as the network sees them."""
        size = self.kernel_size[0]
        values = self.weight[0].numel()
        total, products, count = torch.zeros(values).double(), torch.zeros(values, values).double(), 0
        for start in range(0, len(pictures), 16):  # all patches at once would be many times the pictures
            some = pictures[start : start + 16].float()
            # The pictures' own patches alone, where they are large enough to have one.
            edge = self.padding[0] if min(some.shape[2:]) < size else 0
            patches = nn.functional.unfold(some, size, padding=int(edge)).movedim(1, -1).flatten(0, 1).cpu()
            total, products = total + patches.sum(0), products + (patches.T @ patches)
            count += len(patches)
        mean = total / count
        variances, directions = torch.linalg.eigh(products / count - torch.outer(mean, mean))
        filters = (directions / (variances.clamp_min(0) + WHITENING_FLOOR).sqrt()).T.flip(0)
        filters = filters.reshape(values, -1, size, size)
        self.weight.copy_(torch.cat([filters, -filters]))


def cnn(shape: Shape, options: Cnn) -> tuple[nn.Module, Shape]:
    """Return stages of convolutions, see `hornbook.recipe.networks.Cnn`."""
    _check(options)
    channels, *size = shape
    stages: OrderedDict[str, nn.Module] = OrderedDict()
    if options.stem or options.whiten:
        stages["stem"], channels, size = _stem(channels, size, options)
    for number, filters in enumerate(options.widths, 1):
        layers, size = _stage(number, channels, size, options)
        stages[f"stage{number}"] = nn.Sequential(_with_shortcut(layers) if options.shortcut else layers)
        channels = filters
    features = channels * math.prod(size) if options.global_pool == "none" else channels
    _end(stages, options.global_pool, options.dropout)
    for number, units in enumerate(options.dense, 1):
        _add_dense(stages, number, features, units, options)
        features = units
    return PictureNet(stages, options.mirror, _shifted(shape, options)), (features,)


def _check(options: Cnn) -> None:
    """Refuse what cannot be built, whatever the pictures are."""
    if options.pools and len(options.pools) != len(options.widths):
        raise RecipeError(
            f"network.pools has {len(options.pools)} items and network.widths {len(options.widths)}: give one for each"
        )
    if options.shortcut and options.convs < 2:
        raise RecipeError(
            "network.shortcut goes around the convolutions of a stage after its first one, and network.convs is 1: "
            "give 2 or more"
        )
    if options.shortcut and options.kernel % 2 == 0:
        raise RecipeError(
            f"network.shortcut is for convolutions that keep the size, and a kernel of {options.kernel} loses a row "
            "and a column: give an odd network.kernel"
        )


def _stage(
    number: int, channels: int, size: list[int], options: Cnn
) -> tuple[OrderedDict[str, nn.Module], list[int]]:
    """Return the layers of a stage, counted from 1, and the size of what they give."""
    filters = options.widths[number - 1]
    layers: OrderedDict[str, nn.Module] = OrderedDict()
    for position in range(1, options.convs + 1):
        strided = position == 1 and options.pool == "stride"
        stride = _shrunk_by(size, number, options) if strided else (1, 1)
        conv = _conv(channels, filters, options.kernel, stride, not options.batchnorm)
        layers[f"conv{position}"], size = conv, _size_after(conv, size)
        by = _shrunk_by(size, number, options)
        if position == 1 and not strided and max(by) > 1:
            layers["pool"] = nn.MaxPool2d(by) if options.pool == "max" else nn.AvgPool2d(by)
            size = [side // part for side, part in zip(size, by, strict=True)]
        if options.batchnorm:
            layers[f"batchnorm{position}"] = nn.BatchNorm2d(filters)
        layers[f"{options.activation}{position}"] = ACTIVATIONS[options.activation]()
        channels = filters
    return layers, size


def _with_shortcut(layers: OrderedDict[str, nn.Module]) -> OrderedDict[str, nn.Module]:
    """Put a shortcut around what comes between the first activation of a stage and its last one."""
    names = list(layers)
    first, last = names.index("conv2"), len(names) - 1
    inner = OrderedDict((name, layers[name]) for name in names[first:last])
    outer = OrderedDict((name, layers[name]) for name in names[:first])
    outer["added"], outer[names[last]] = Added(inner), layers[names[last]]
    return outer


class Added(nn.Sequential):
    """Layers whose result is added to what they are given."""

    def forward(self, pictures: Tensor) -> Tensor:
        """Turn (batch, channels, height, width) into the same shape."""
        inner = pictures
        for layer in self:
            inner = layer(inner)
        return pictures + inner


def _shifted(shape: Shape, options: Cnn | Resnet) -> int:
    """Return by how many pixels a picture is moved outside training; RecipeError where it is too small for that."""
    if options.shifted >= min(shape[1:]):
        raise RecipeError(
            f"network.shifted is {options.shifted} and a side of the pictures has {min(shape[1:])} pixels: give less"
        )
    return options.shifted


def _shrunk_by(size: list[int], stage: int, options: Cnn) -> tuple[int, int]:
    """Return by how much a stage shrinks height and width of a picture of this size."""
    if not options.pools:
        return (2, 2) if min(size) > 1 else (1, 1)
    across, down = options.pools[stage - 1]
    return (down if size[0] >= down else 1, across if size[1] >= across else 1)


def _stem(channels: int, size: list[int], options: Cnn) -> tuple[nn.Module, int, list[int]]:
    """Return the convolution before the stages, how many filters it has, and the size of what it gives."""
    kernel, stride = options.stem_kernel, options.stem_stride
    activation = ACTIVATIONS[options.activation]()
    if options.whiten:  # which gives unit variance as it is
        conv: nn.Conv2d = Whitening(channels, kernel, stride)
        return nn.Sequential(conv, activation), conv.out_channels, _size_after(conv, size)
    conv = _conv(channels, options.stem, kernel, stride, not options.batchnorm)
    norm = [nn.BatchNorm2d(options.stem)] if options.batchnorm else []
    return nn.Sequential(conv, *norm, activation), options.stem, _size_after(conv, size)


def _conv(channels: int, filters: int, kernel: int, stride: int | tuple[int, int], bias: bool) -> nn.Conv2d:
    """Return a convolution that keeps the size (an even kernel loses a row and a column)."""
    return nn.Conv2d(channels, filters, kernel, stride=stride, padding=(kernel - 1) // 2, bias=bias)


def _size_after(conv: nn.Conv2d, size: list[int]) -> list[int]:
    """Return the height and width of what a convolution gives for a picture of this size."""
    kernel = conv.kernel_size[0]
    after = [
        (side + (kernel - 1) // 2 * 2 - kernel) // stride + 1
        for side, stride in zip(size, conv.stride, strict=True)
    ]
    if min(after) < 1:
        raise RecipeError(
            f"network: a kernel of {kernel} does not fit a picture of {size[0]} × {size[1]}; "
            "use an odd kernel, fewer stages or larger pictures"
        )
    return after


def _end(stages: OrderedDict[str, nn.Module], global_pool: str, dropout: float) -> None:
    """Add what turns the last picture into features."""
    if global_pool != "none":
        stages["pool"] = nn.AdaptiveMaxPool2d(1) if global_pool == "max" else nn.AdaptiveAvgPool2d(1)
    stages["flatten"] = nn.Flatten()
    if dropout:
        stages["dropout"] = nn.Dropout(dropout)


class Block(nn.Module):
    """Two 3 × 3 convolutions and a shortcut around them; starts as the shortcut alone."""

    def __init__(self, channels: int, filters: int, stride: int, activation: str) -> None:
        super().__init__()
        self.conv1 = _conv(channels, filters, 3, stride, bias=False)
        self.batchnorm1 = nn.BatchNorm2d(filters)
        self.activation1 = ACTIVATIONS[activation]()
        self.conv2 = _conv(filters, filters, 3, 1, bias=False)
        self.batchnorm2 = nn.BatchNorm2d(filters)
        nn.init.zeros_(self.batchnorm2.weight)  # Goyal et al. 2017, arXiv:1706.02677, 5.1
        self.activation2 = ACTIVATIONS[activation]()
        same = stride == 1 and channels == filters
        self.shortcut: nn.Module = nn.Identity()
        if not same:
            projection = _conv(channels, filters, 1, stride, bias=False)
            self.shortcut = nn.Sequential(projection, nn.BatchNorm2d(filters))

    def forward(self, pictures: Tensor) -> Tensor:
        """Turn (batch, channels, height, width) into (batch, filters, height / stride, width / stride)."""
        inner = self.activation1(self.batchnorm1(self.conv1(pictures)))
        out: Tensor = self.activation2(self.batchnorm2(self.conv2(inner)) + self.shortcut(pictures))
        return out


def resnet(shape: Shape, options: Resnet) -> tuple[nn.Module, Shape]:
    """Return a residual network, see `hornbook.recipe.networks.Resnet`."""
    width = options.widths[0]
    large = options.stem == "large"
    conv = _conv(shape[0], width, 7 if large else 3, 2 if large else 1, bias=False)
    stem = [conv, nn.BatchNorm2d(width), ACTIVATIONS[options.activation]()]
    if large:
        stem.append(nn.MaxPool2d(3, stride=2, padding=1))
    stages: OrderedDict[str, nn.Module] = OrderedDict(stem=nn.Sequential(*stem))
    channels = width
    for number, filters in enumerate(options.widths, 1):
        row: list[nn.Module] = []
        for position in range(options.blocks):
            stride = 2 if number > 1 and position == 0 else 1
            row.append(Block(channels, filters, stride, options.activation))
            channels = filters
        stages[f"stage{number}"] = nn.Sequential(*row)
    _end(stages, "avg", options.dropout)
    return PictureNet(stages, options.mirror, _shifted(shape, options)), (channels,)
