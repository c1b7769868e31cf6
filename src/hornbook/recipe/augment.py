"""``[training.augment.NAME]``: what is done to the examples of one input while training, all off unless named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Le


@dataclass(frozen=True)
class Augment:
    """The options for pictures; `hornbook.columns.image.augment.Augment` says what each does."""

    shift: Annotated[float, Ge(0), Le(0.5)] = 0.0
    rotation: Annotated[float, Ge(0), Le(180)] = 0.0
    zoom: Annotated[float, Ge(0), Le(4)] = 0.0
    shear: Annotated[float, Ge(0), Le(60)] = 0.0
    flip: bool = False
    brightness: Annotated[float, Ge(0), Le(1)] = 0.0
    contrast: Annotated[float, Ge(0), Le(1)] = 0.0
    erase: Annotated[float, Ge(0), Le(1)] = 0.0
    wave: Annotated[float, Ge(0), Le(0.5)] = 0.0
    fill: Literal["edge", "reflect", "zero"] = "edge"


@dataclass(frozen=True)
class AudioAugment:
    """The options for sounds; `hornbook.columns.audio.augment.AudioAugment` says what each does."""

    shift: Annotated[float, Ge(0), Le(0.5)] = 0.0
    gain: Annotated[float, Ge(0), Le(60)] = 0.0
    noise: Annotated[float, Ge(0), Le(10)] = 0.0
    time_mask: Annotated[float, Ge(0), Le(0.5)] = 0.0
    band_mask: Annotated[float, Ge(0), Le(0.5)] = 0.0


AUGMENTS: dict[str, type[Augment | AudioAugment]] = {"image": Augment, "audio": AudioAugment}
"""The options for each type of column that can be augmented."""
