"""Pictures as answers: what is done with a network's outputs where a column of pictures is a target."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from hornbook.columns.base import Array, Column
from hornbook.columns.prediction import Prediction
from hornbook.common.plaintext import say_number

if TYPE_CHECKING:
    from PIL import Image

__all__ = ["PictureAnswers", "bytes_of", "picture_of"]

MOST_JUDGED = 1 << 28
"""Numbers of answers that are held at once to be judged: of larger pictures fewer rows are."""


def bytes_of(outputs: Array) -> Array:
    """Return outputs, 0 to 1, as ``uint8``.

    >>> bytes_of(np.array([0.0, 0.5, 1.2])).tolist()
    [0, 128, 255]
    """
    found: Array = np.rint(np.clip(outputs, 0, 1) * 255).astype(np.uint8)
    return found


def picture_of(pixels: Array) -> Image.Image:
    """Return ``uint8`` of shape ``(H, W, C)`` as a Pillow picture, grey or in colours."""
    from PIL import Image

    return Image.fromarray(pixels[..., 0] if pixels.shape[2] == 1 else pixels)


@dataclasses.dataclass(frozen=True, kw_only=True, repr=False)
class PictureAnswers(Column):
    """The part of a column of pictures that is about answers.

    The graph gives ``float32`` of shape ``(rows, height, width, channels)``, 0 to 1.
    """

    metric: ClassVar[str] = "mse"
    metric_larger_is_better: ClassVar[bool] = False
    baseline_name: ClassVar[str] = "always the mean picture"

    @property
    def outputs(self) -> int:
        """All values of a picture."""
        return int(np.prod(self.shape))

    @property
    def output_shape(self) -> tuple[int | None, ...]:
        """Height, width, channels; a side that is the input's own is None."""
        return self.given_shape

    @property
    def most_judged(self) -> int:
        """As many rows as fit in the memory."""
        return max(64, MOST_JUDGED // self.outputs)

    def about_outputs(self) -> list[str]:
        """Return what a program makes of the outputs."""
        return ["a picture, height x width x channels, 0 is black and 1 is white"]

    def stands_beside(self) -> tuple[str, ...]:
        """Return nothing: of a picture there is no confidence."""
        return ()

    def say_score(self, score: float) -> str:
        """Return a mean squared error."""
        return say_number(score)

    def labels(self, encoded: Array) -> list[str]:
        """Return how large they are: a picture has no letters."""
        return [self._said] * len(encoded)

    @property
    def _said(self) -> str:
        height, width, _ = self.shape
        return f"{width} x {height} pixels"

    def decode(self, outputs: Array, top: int = 3) -> list[Prediction]:
        """Return Pillow pictures."""
        pictures = map(picture_of, bytes_of(outputs))
        return [Prediction(p, None, said=f"{p.width} x {p.height} pixels", pictured=True) for p in pictures]

    def in_cell(self, value: object) -> object:
        """Return nothing: a cell holds no picture."""
        return None

    def score(self, outputs: Array, truth: Array) -> dict[str, float]:
        """Return the mean squared error of values from 0 to 1, PSNR in decibels and SSIM: means over pictures."""
        from hornbook.columns.image.compare import compared, psnr_of

        found = compared(outputs, truth)
        means = {"mse": found["mse"], "psnr": psnr_of(found["mse"]), "ssim": found["ssim"]}
        return {name: float(values.mean()) if len(values) else 0.0 for name, values in means.items()}

    def apart(self, outputs: Array, truth: Array) -> Array:
        """Return the mean squared error of each picture."""
        from hornbook.columns.image.compare import compared

        return compared(outputs, truth, structure=False)["mse"]

    def baseline(self, training: Array, truth: Array) -> tuple[str, float]:
        """Return what the mean of all training pictures would score."""
        from hornbook.columns.image.compare import compared

        mean = training.mean(0, keepdims=True, dtype=np.float32) / 255
        return self.baseline_name, float(compared(mean, truth, structure=False)["mse"].mean())

    def differences(self, ours: Array, theirs: Array) -> tuple[float, int]:
        """Return the largest difference of two values."""
        return (float(np.abs(ours - theirs).max()), 0) if ours.size else (0.0, 0)

    def nothing_to_learn(self, truth: Array, name: str) -> str:
        """Return that all pictures are the same."""
        if len(truth) > 1 and all(np.array_equal(one, truth[0]) for one in truth):
            return f"the {name} of every training example is the same picture, so there is nothing to learn"
        return ""
