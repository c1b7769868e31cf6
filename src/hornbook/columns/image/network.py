"""The input of an ``image`` column, bytes to standardized floats; and its head, features to a picture."""

from __future__ import annotations

import dataclasses
import math
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Any, ClassVar, Literal, Self

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from hornbook.columns.base import Column
from hornbook.columns.image.column import ImageColumn
from hornbook.columns.image.compare import CONTRAST, LUMINANCE, gaussian
from hornbook.columns.network import BodyOptions, Head, Input
from hornbook.errors import RecipeError


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


class ImageHead(Head):
    """Features to a picture: ``(batch, F)`` by a decoder, ``(batch, C, H, W)`` by a convolution.

    ``forward`` gives a picture's raw values, channels first: their sigmoid is the answer, or, of a residual, they are
    it. Where the code is drawn (``beta``) they are ``(batch, values + 2 code)``: the values in a row, then mean and
    log-variance of the code (Kingma and Welling 2014, section 3).
    """

    wants: ClassVar[Literal["vector", "sequence", "picture"]] = "picture"
    looks: ClassVar[bool] = True

    def __init__(self, column: ImageColumn, features: tuple[int, ...]) -> None:
        super().__init__()
        height, width, channels = column.shape
        self.size, self.loss_of, self.drawn = (channels, height, width), column.loss, column.beta > 0
        self.beta, self.residual = column.beta, column.residual
        of_pixels = len(features) == 3
        # Of a picture in its own size each pixel has its own features: nothing is scaled then.
        self.own_size = column.own_size
        if self.own_size and (not of_pixels or features[1:] != (height, width)):
            raise RecipeError(
                'targets: own_size = true is for networks with features of every pixel: use network.name = "unet"'
            )
        self.has_code = bool(column.code) or not of_pixels
        if self.residual and not of_pixels:
            raise RecipeError(
                'targets: residual = true is for networks with features of every pixel: use network.name = "unet"'
            )
        self.painted: Callable[[Tensor, Tensor], Tensor] | None = None
        """How far paintings are from photos and a style; training sets it, and no file holds it."""
        self.to_code: nn.Module = nn.Identity()
        if column.code:
            numbers = column.code * (2 if self.drawn else 1)
            self.to_code = nn.Sequential(nn.Flatten(), nn.Linear(math.prod(features), numbers))
            features, of_pixels = (column.code,), False
        if of_pixels:
            self.decoder: nn.Module = nn.Conv2d(features[0], channels, 3, padding=1)
        else:
            self.decoder = decoder(features[0], self.size, column.dense, column.decoder)
        if self.residual:  # at first nothing is added
            for parameter in self.decoder.parameters():
                nn.init.zeros_(parameter)

    def look_at(self, name: str, inputs: Mapping[str, Column]) -> str | None:
        """Return the input that is added to; RecipeError where none has the size of the target."""
        if not self.residual:
            return None
        channels, height, width = self.size
        found = [
            n for n, c in inputs.items() if c.feeds == "picture" and c.shape == (height, width, channels)
        ]
        if not found:
            raise RecipeError(
                f"targets.{name}: residual = true adds to an input of {width} x {height} pixels and {channels} "
                "channels, and there is none: leave it out"
            )
        return found[0]

    @property
    def coded(self) -> bool:
        """Whether features are numbers, not those of pixels."""
        return self.has_code

    def answer(self, code: Tensor) -> Tensor:
        """Return pictures, ``(batch, H, W, C)``, 0 to 1."""
        found = self.from_code(code)
        return self.outputs(found.flatten(1) if self.drawn else found)

    def code(self, features: Tensor) -> Tensor:
        """Return the numbers that the picture is made of, (batch, K); of a code that is drawn, its mean."""
        found: Tensor = self.to_code(features)
        return found.chunk(2, 1)[0] if self.drawn else found

    def from_code(self, code: Tensor, seen: Tensor | None = None) -> Tensor:
        """Return raw values of the picture, ``(batch, C, H, W)``."""
        found: Tensor = self.decoder(code)
        if found.dim() == 2:
            found = found.reshape(-1, *self.size)
        elif not (self.residual or self.own_size) and found.shape[2:] != self.size[1:]:
            found = F.interpolate(found, self.size[1:], mode="bilinear")
        return found if seen is None else found.float() + seen

    def forward(self, features: Tensor, seen: Tensor | None = None) -> Tensor:
        """Return raw values."""
        if not self.drawn:
            return self.from_code(self.code(features), seen)
        mean, log_variance = self.to_code(features).float().chunk(2, 1)
        code = mean
        if self.training:
            code = mean + torch.randn_like(mean) * (log_variance / 2).exp()
        return torch.cat([self.from_code(code).flatten(1).float(), mean, log_variance], 1)

    def values(self, raw: Tensor) -> Tensor:
        """Return the raw values of the picture alone, channels first."""
        return raw[:, : math.prod(self.size)].reshape(-1, *self.size) if self.drawn else raw

    def pictures(self, raw: Tensor) -> Tensor:
        """Return pictures, 0 to 1, channels first."""
        found = self.values(raw).float()
        return found.clamp(0, 1) if self.residual else torch.sigmoid(found)

    def loss(
        self, raw: Tensor, truth: Tensor, smoothing: float = 0.0, weights: Tensor | None = None
    ) -> Tensor:
        """Return the mean loss of all values; with a code that is drawn, its divergence (nats) by values beside."""
        wanted, found = truth.permute(0, 3, 1, 2).float() / 255, self.values(raw).float()
        if self.loss_of == "bce":
            loss = F.binary_cross_entropy_with_logits(found, wanted)
        else:
            found = found if self.residual else torch.sigmoid(found)
            if self.loss_of == "style":
                assert self.painted is not None
                loss = self.painted(found, wanted)
            elif self.loss_of == "ssim":
                loss = 1 - ssim(found, wanted).mean()
            else:
                loss = (F.l1_loss if self.loss_of == "mae" else F.mse_loss)(found, wanted)
        if self.drawn:
            mean, log_variance = raw[:, math.prod(self.size) :].float().chunk(2, 1)
            apart = 0.5 * (mean**2 + log_variance.exp() - 1 - log_variance).sum(1).mean()
            loss = loss + self.beta * apart / math.prod(self.size)
        return loss

    def calibrated(self, column: Any) -> Any:
        """Return the column without the file that it was learned from."""
        return dataclasses.replace(column, loss="mse", style="") if column.style else column

    def metric_sum(self, raw: Tensor, truth: Tensor) -> Tensor:
        """Return the sum over rows of the mean squared error."""
        off = self.pictures(raw) - truth.permute(0, 3, 1, 2).float() / 255
        return (off**2).mean((1, 2, 3)).sum()

    def outputs(self, raw: Tensor) -> Tensor:
        """Return pictures, ``(batch, H, W, C)``, 0 to 1."""
        return self.pictures(raw).permute(0, 2, 3, 1)


def decoder(
    features: int, size: tuple[int, int, int], dense: Sequence[int], widths: Sequence[int]
) -> nn.Module:
    """Return what makes a picture of numbers: dense layers, then a small picture that is enlarged stage by stage.

    Without ``widths`` the last layer gives every value of the picture. Pixels are repeated before a convolution, which
    leaves no chequered pattern (Odena et al. 2016).
    """
    channels, height, width = size
    stack: OrderedDict[str, nn.Module] = OrderedDict()
    for number, units in enumerate(dense, 1):
        stack[f"dense{number}"], stack[f"relu{number}"] = nn.Linear(features, units), nn.ReLU()
        features = units
    if not widths:
        stack["picture"] = nn.Linear(features, math.prod(size))
        return nn.Sequential(stack)
    halved = len(widths) - 1
    sizes = [(-(-height // 2**i), -(-width // 2**i)) for i in range(halved, -1, -1)]
    first = (widths[0], *sizes[0])
    stack["small"] = nn.Linear(features, math.prod(first))
    stack["unflatten"], stack["relu"] = nn.Unflatten(1, first), nn.ReLU()
    before = widths[0]
    for number, (filters, to) in enumerate(zip(widths[1:], sizes[1:], strict=True), 1):
        stack[f"enlarge{number}"] = nn.Upsample(to, mode="nearest")
        stack[f"conv{number}"] = nn.Conv2d(before, filters, 3, padding=1, bias=False)
        stack[f"batchnorm{number}"] = nn.BatchNorm2d(filters)
        stack[f"conv{number}_relu"] = nn.ReLU()
        before = filters
    stack["picture"] = nn.Conv2d(before, channels, 3, padding=1)
    return nn.Sequential(stack)


def ssim(ours: Tensor, theirs: Tensor) -> Tensor:
    """Return how alike in structure pictures ``(batch, C, H, W)`` are, -1 to 1, as `compare.ssim_of` has it."""
    weights = torch.from_numpy(gaussian(min(ours.shape[2:]))).to(ours)
    channels, side = ours.shape[1], len(weights)

    def smooth(values: Tensor) -> Tensor:
        across = weights.view(1, 1, 1, side).expand(channels, 1, 1, side)
        values = F.conv2d(values, across, groups=channels)
        return F.conv2d(values, across.transpose(2, 3), groups=channels)

    mean_a, mean_b = smooth(ours), smooth(theirs)
    var_a, var_b = smooth(ours**2) - mean_a**2, smooth(theirs**2) - mean_b**2
    both = smooth(ours * theirs) - mean_a * mean_b
    alike = (2 * mean_a * mean_b + LUMINANCE) * (2 * both + CONTRAST)
    return (alike / ((mean_a**2 + mean_b**2 + LUMINANCE) * (var_a + var_b + CONTRAST))).mean((1, 2, 3))
