"""The options of networks that answer with pictures."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Le, Len

from hornbook.recipe.family import Activation, Family, Width

__all__ = ["Unet"]


@dataclass(frozen=True)
class Unet(Family):
    """Down to smaller pictures and up again, what was seen on the way down beside it (Ronneberger et al. 2015).

    Its features are those of every pixel, so it is for targets that are pictures of the input's size, whatever that is.
    A side that cannot be halved exactly is brought back to what it was.

    Parameters
    ----------
    widths
        Filters of each stage; each stage but the first halves the picture.
    blocks
        Residual blocks of two 3 x 3 convolutions in each stage, on the way down and on the way up.
    activation
        After each convolution.
    batchnorm
        Whether each convolution is batch-normalized.
    """

    widths: Annotated[tuple[Width, ...], Len(1, 8)] = (32, 64)
    blocks: Annotated[int, Ge(1), Le(16)] = 1
    activation: Activation = "relu"
    batchnorm: bool = True
