"""The block that small nets for pictures are built of: inverted residuals (Sandler et al. 2018, arXiv:1801.04381)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["Inverted", "Style", "convolution", "torch_weights"]


@dataclass(frozen=True)
class Style:
    """What sets the nets of one origin apart.

    Parameters
    ----------
    eps
        Of batch normalization.
    same
        Whether a convolution with a stride pads as TensorFlow does: what is over on the lower right.
    """

    eps: float = 1e-5
    same: bool = False


class SameConv2d(nn.Conv2d):
    """A convolution with a stride that pads as TensorFlow does."""

    def forward(self, input: Tensor) -> Tensor:
        """Return the convolved picture."""
        edges: list[int] = []
        for side, kernel, stride in zip(
            input.shape[:1:-1], self.kernel_size[::-1], self.stride[::-1], strict=True
        ):
            over = max((-(-int(side) // stride) - 1) * stride + kernel - int(side), 0)
            edges += [over // 2, over - over // 2]
        return F.conv2d(F.pad(input, edges), self.weight, None, self.stride, 0, groups=self.groups)


def convolution(
    inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1, style: Style = Style()
) -> nn.Sequential:
    """Return a convolution with its batch normalization and activation."""
    kind = SameConv2d if style.same and stride > 1 else nn.Conv2d
    convolved = kind(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False)
    return nn.Sequential(convolved, nn.BatchNorm2d(outputs, style.eps), nn.ReLU6(inplace=True))


class Inverted(nn.Module):
    """A block: widened, convolved channel by channel, narrowed without an activation."""

    def __init__(
        self, inputs: int, outputs: int, stride: int, widen: int, kernel: int = 3, style: Style = Style()
    ) -> None:
        super().__init__()
        hidden = inputs * widen
        self.shortcut = stride == 1 and inputs == outputs
        wide = [convolution(inputs, hidden, 1, style=style)] if widen > 1 else []
        self.conv = nn.Sequential(
            *wide,
            convolution(hidden, hidden, kernel, stride, hidden, style),
            nn.Conv2d(hidden, outputs, 1, bias=False),
            nn.BatchNorm2d(outputs, style.eps),
        )

    def forward(self, given: Tensor) -> Tensor:
        """Return a picture of ``outputs`` channels."""
        found: Tensor = self.conv(given)
        return given + found if self.shortcut else found


def torch_weights(
    path: Path, name: Callable[[str], str], classifier: str
) -> tuple[dict[str, Tensor], tuple[Tensor, Tensor]]:
    """Return the weights of a file of PyTorch, called by ``name`` what they are called here, and the last layer."""
    state: Any = torch.load(path, map_location="cpu", weights_only=True)
    given = {name(k): v for k, v in state.items()} if isinstance(state, dict) else {}
    return given, (given[name(f"{classifier}.weight")], given[name(f"{classifier}.bias")])
