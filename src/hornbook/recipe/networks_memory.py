"""The options of a memory of good examples, from which it is told what is unlike them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Le

from hornbook.recipe.family import Family
from hornbook.sources.backbones import BACKBONES

__all__ = ["Memory"]


@dataclass(frozen=True)
class Memory(Family):
    """A memory of good pictures: what is far from all of them is odd (after PatchCore, Roth et al. 2022).

    Nothing is learned. Each place of a picture is compared with the same place of the good pictures that are
    remembered; how far the places are that lie farthest is held against pictures that are good and not remembered. It
    takes pictures, and answers a category with ``only``.

    Parameters
    ----------
    backbone
        A net that others have trained (``mobilenet_v2``, ``efficientnet_lite0``), whose features at a sixteenth of the
        picture's size are compared, place by place: for photographs. By default pixels are compared, the whole picture
        at once, for drawings, letters and scans.
    weights
        The file with its weights, or a folder that it lies in; by default it is fetched once.
    examples
        So many good pictures are remembered; 0 for as many as 4 MB hold, at most 2,000.
    places
        The share of the places of a picture, those farthest from all that is remembered, whose mean distance counts.
    """

    backbone: str = ""
    weights: str = ""
    examples: Annotated[int, Ge(0), Le(100_000)] = 0
    places: Annotated[float, Gt(0), Le(1)] = 0.05

    @property
    def closed_form(self) -> bool:
        """It takes no epochs."""
        return True

    @property
    def arithmetic(self) -> tuple[tuple[float, ...], tuple[float, ...]] | None:
        """Mean and std of each channel that the net was trained with."""
        one = BACKBONES.get(self.backbone)
        return None if one is None else (one.mean, one.std)
