"""dlib's net that tells people apart (King 2017), in the form and with the names of face-api.

A residual net of 29 layers (He et al. 2015), trained on three million faces of 7,485 people so that two pictures of one
person are nearer than 0.6. What it sees last is 256 channels of 2 x 2, whose mean times a matrix are the 128 numbers
that dlib compares. Beside them stand here the 256 channels of 4 x 4 before: where a person is to be told from others,
gender and age and expression are left out of the last ones.

The file has a byte for each weight, and ``face_resnet.json`` beside this one says for each array its scale and its
smallest value (from the manifest of face-api).
"""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

__all__ = ["CHANNELS", "COMPARES", "blocks", "read"]

CHANNELS = 512
"""Of the last picture: 256 of the picture before it, and its own 256."""

COMPARES = 128
"""Numbers whose distance says whether two pictures are of the same person."""

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


class Both(nn.Module):
    """The last block, beside what it is given: (batch, 512, 4, 4), where it is (batch, 256, 4, 4)."""

    def __init__(self, last: Residual) -> None:
        super().__init__()
        self.last = last

    def forward(self, picture: Tensor) -> Tensor:
        """Return the channels, the block's own last."""
        found = F.interpolate(self.last(picture), scale_factor=2.0, mode="nearest")
        over = picture.shape[2] - found.shape[2], picture.shape[3] - found.shape[3]
        if any(over):  # a side that is odd
            found = F.pad(found, (0, over[1], 0, over[0]), mode="replicate")
        return torch.cat([picture, found], 1)


def blocks() -> list[nn.Module]:
    """Return the net, block by block, from (batch, 3, 150, 150) to (batch, 512, 4, 4)."""
    made: list[nn.Module] = [First()]
    inputs = 32
    for outputs, count, down in STAGES:
        for i in range(count):
            made.append(Residual(inputs, outputs, down and i == 0))
            inputs = outputs
    return [*made[:-1], Both(Residual(256, 256, True))]


def read(path: Path) -> tuple[dict[str, Tensor], tuple[Tensor, Tensor]]:
    """Return the weights of a file by their names here, and the layer that makes the 128 numbers.

    Scaling a channel and adding to it, which follow each convolution there, are part of its weights here.
    """
    arrays = _arrays(path.read_bytes())
    names = list(dict.fromkeys(name.partition("/")[0] for name in arrays if name != "fc"))
    out: dict[str, Tensor] = {}
    for i, name in enumerate(names):
        for part in ("conv1", "conv2") if i else ("conv",):
            theirs = f"{name}/{part}" if i else name
            filters, bias = arrays[f"{theirs}/conv/filters"], arrays[f"{theirs}/conv/bias"]
            factor, more = arrays[f"{theirs}/scale/weights"], arrays[f"{theirs}/scale/biases"]
            ours = f"{i}.{'last.' if i == len(names) - 1 else ''}{part}"
            weight = np.ascontiguousarray((filters * factor).transpose(3, 2, 0, 1))
            out[f"{ours}.weight"], out[f"{ours}.bias"] = (
                torch.from_numpy(w) for w in (weight, bias * factor + more)
            )
    fc = torch.from_numpy(np.ascontiguousarray(arrays["fc"].T))
    # Of the channels beside them it takes none.
    return out, (torch.cat([torch.zeros_like(fc), fc], 1), torch.zeros(len(fc)))


def _arrays(data: bytes) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    """Return the arrays of a file, which stand in it one after the other."""
    out, at = {}, 0
    for name, shape, *scaled in json.loads(Path(__file__).with_suffix(".json").read_text("ascii")):
        count = math.prod(shape)
        if scaled:
            scale, least = (np.float32(v) for v in scaled)
            values = np.frombuffer(data, np.uint8, count, at).astype(np.float32) * scale + least
        else:
            values = np.frombuffer(data, "<f4", count, at).astype(np.float32)
        at += count if scaled else 4 * count
        out[name] = values.reshape(shape)
    return out
