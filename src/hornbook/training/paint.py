"""Painting by optimization: a picture is changed until it has the content of a photo and the strokes of a style.

Gatys et al. (2016, CVPR, 2414-2423), from coarse to fine: a small painting first, whose large shapes then stand when
it is doubled. What is changed is the logit of each value, by Adam, so that no value leaves its range.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from hornbook.columns.base import Array
from hornbook.networks.perceptual import Look, Perceptual, Weights
from hornbook.recognizer.paint import Paints, Step

__all__ = ["Optimized"]

FIRST = 256
"""Pixels of the longer side of the first painting."""

STEPS = 100
"""Of the first painting; each that is twice as large takes half as many, for its large shapes stand."""

LEAST_STEPS = 20

RATE = 0.06
"""Of Adam, on logits."""

EDGE = 0.02
"""How far from black and white a photo's values are taken to be: the logits of these would not move."""


class Optimized(Paints):
    """Paints photos in one style by optimization.

    Parameters
    ----------
    style, strength, keep_colours
        As for `hornbook.recognizer.paint.Paints`; ``strength`` weighs the style against the content.
    path
        The file of MobileNetV2's weights.

    Raises
    ------
    DataError
        The style cannot be read, or is one colour; the file holds other weights.
    UsageError
        The strength cannot be.
    """

    def __init__(self, style: Any, path: Path, strength: float = 1.0, keep_colours: bool = False) -> None:
        super().__init__(style, strength, keep_colours)
        self.net = Perceptual(path)
        self.weights = Weights()._replace(style=Weights().style * strength**2)

    def steps(self, photo: Any, size: int = 1024) -> Iterator[Step]:
        """Yield how far the painting of a photo is after each step; the last one is it.

        Parameters and errors are those of `Paints.paint`.
        """
        picture, (wide, high) = self.opened(photo, size)
        sides = list(_sides(wide, high))
        counts = [max(LEAST_STEPS, STEPS >> i) for i in range(len(sides))]
        costs = [n * w * h for n, (w, h) in zip(counts, sides, strict=True)]
        done, last = 0, None
        for count, (w, h) in zip(counts, sides, strict=True):
            now = _tensor(picture.resize((w, h)))
            first = now if last is None else F.interpolate(last, (h, w), mode="bicubic")
            style = self.picture.copy()
            style.thumbnail((max(w, h), max(w, h)))
            with torch.no_grad():
                content, wanted = self.net(now), self.net(_tensor(style))
            for loss, values in self._descend(first.clamp(EDGE, 1 - EDGE), content, wanted, count):
                done, last = done + w * h, values
                yield Step(done / sum(costs), loss, self._finished(values, picture))

    def _descend(
        self, values: Tensor, photo: Look, style: Look, count: int
    ) -> Iterator[tuple[float, Tensor]]:
        """Yield the loss and the values after each step of Adam."""
        logits = torch.logit(values).requires_grad_()
        optimizer = torch.optim.Adam([logits], RATE)
        for _ in range(count):
            optimizer.zero_grad()
            loss = self.net.loss(torch.sigmoid(logits), photo, style, self.weights)
            loss.backward()  # type: ignore[no-untyped-call]
            logits.grad = _smoothed(logits.grad)
            optimizer.step()
            yield loss.item(), torch.sigmoid(logits.detach())

    def _finished(self, values: Tensor, picture: Any) -> Array:
        from PIL import Image

        painted: Array = np.rint(values[0].permute(1, 2, 0).numpy() * 255).astype(np.uint8)
        if not self.keep_colours:
            return painted
        photo = picture.resize((painted.shape[1], painted.shape[0]))
        return np.asarray(self.coloured(photo, Image.fromarray(painted)))


def _sides(wide: int, high: int) -> Iterator[tuple[int, int]]:
    """Yield widths and heights from the first painting's to the last one's, each at most twice the one before."""
    longer, count = max(wide, high), 0
    while longer > FIRST << count:
        count += 1
    for i in range(count, -1, -1):
        yield max(32, round(wide / 2**i)), max(32, round(high / 2**i))


def _smoothed(gradient: Tensor | None) -> Tensor:
    """Return a gradient without its chequerboard, which strided convolutions put into it: weights 1, 2, 1 each way."""
    assert gradient is not None
    row = torch.tensor([0.25, 0.5, 0.25])
    kernel = (row[:, None] * row).expand(3, 1, 3, 3)
    return F.conv2d(F.pad(gradient, (1, 1, 1, 1), "replicate"), kernel, groups=3)


def _tensor(picture: Any) -> Tensor:
    return torch.from_numpy(np.array(picture, np.float32)).permute(2, 0, 1)[None] / 255
