"""How pictures may be changed while training: the options, which know no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Ge, Le

from hornbook.columns.augment import Augment
from hornbook.columns.base import Array

__all__ = ["ImageAugment"]


@dataclass(frozen=True)
class ImageAugment(Augment):
    """The options for pictures; `hornbook.columns.image.augment` says what each does."""

    type: ClassVar[str] = "image"

    shift: Annotated[float, Ge(0), Le(0.5)] = 0.0
    rotation: Annotated[float, Ge(0), Le(180)] = 0.0
    zoom: Annotated[float, Ge(0), Le(4)] = 0.0
    shear: Annotated[float, Ge(0), Le(60)] = 0.0
    flip: bool = False
    brightness: Annotated[float, Ge(0), Le(1)] = 0.0
    contrast: Annotated[float, Ge(0), Le(1)] = 0.0
    erase: Annotated[float, Ge(0), Le(1)] = 0.0
    wave: Annotated[float, Ge(0), Le(0.5)] = 0.0
    noise: Annotated[float, Ge(0), Le(1)] = 0.0
    blots: Annotated[float, Ge(0), Le(1)] = 0.0
    lines: Annotated[float, Ge(0), Le(1)] = 0.0
    blur: Annotated[float, Ge(0), Le(20)] = 0.0
    jpeg: Annotated[float, Ge(0), Le(1)] = 0.0
    fill: Literal["edge", "reflect", "zero"] = "edge"

    @property
    def active(self) -> bool:
        """Whether anything is done at all; ``fill`` alone does nothing."""
        return any(value for name, value in vars(self).items() if name != "fill")

    @property
    def spoils(self) -> bool:
        """Whether noise, blots, lines, blur or JPEG is on."""
        return any((self.noise, self.blots, self.lines, self.blur, self.jpeg))

    @property
    def moves(self) -> str:
        """The first option that moves pixels, and is on."""
        moving = ("shift", "rotation", "zoom", "shear", "flip", "wave")
        return next((name for name in moving if getattr(self, name)), "")

    def spoiled(self, encoded: Array, *, seed: int, epoch: int, rows: Array) -> Array:
        """Return encoded pictures spoiled, see `hornbook.columns.image.spoil`."""
        from hornbook.columns.image.spoil import spoiled

        return spoiled(encoded, self, seed, epoch, rows)
