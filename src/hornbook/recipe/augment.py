"""``[training.augment.NAME]``: what is done to the pictures of one input while training, all off unless named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le, Lt


@dataclass(frozen=True, kw_only=True)
class Augment:
    """How much training pictures are changed at random, anew in each epoch.

    Parameters
    ----------
    shift
        Fraction of the side, up to this much each way.
    rotation
        Degrees, up to this much each way.
    zoom
        0.1 is from 0.9 to 1.1 times.
    shear
        Degrees, up to this much each way.
    flip
        ``horizontal`` mirrors half of the pictures.
    brightness, contrast
        0.2 adds up to ±0.2, and scales the distance from the mean by 0.8 to 1.2.
    erase
        The largest side of a blanked rectangle, as a fraction of the picture's.
    """

    shift: Annotated[float, Ge(0), Lt(1)] = 0.0
    rotation: Annotated[float, Ge(0), Le(180)] = 0.0
    zoom: Annotated[float, Ge(0), Lt(1)] = 0.0
    shear: Annotated[float, Ge(0), Lt(90)] = 0.0
    flip: Literal["none", "horizontal"] = "none"
    brightness: Annotated[float, Ge(0), Le(1)] = 0.0
    contrast: Annotated[float, Ge(0), Lt(1)] = 0.0
    erase: Annotated[float, Ge(0), Lt(1)] = 0.0
