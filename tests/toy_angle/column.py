"""The column: a cell to a number from 0 to 360, the network's outputs to an angle."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

import numpy as np
from annotated_types import Ge, Le

from hornbook.columns.augment import Augment
from hornbook.columns.base import Array, AugmentClass, Column
from hornbook.columns.missing import MISSING, is_missing
from hornbook.columns.number.written.parse import to_number
from hornbook.columns.prediction import Prediction
from hornbook.errors import DataError


@dataclass(frozen=True)
class AngleAugment(Augment):
    """The options of augmentation: by how many degrees an angle is turned at most."""

    type: ClassVar[str] = "angle"

    jitter: Annotated[float, Ge(0), Le(180)] = 0.0


@dataclass(frozen=True, kw_only=True, repr=False)
class AngleColumn(Column):
    """An angle.

    Encoded to degrees from 0 to 360. The network's outputs are a sine and a cosine, shape ``(rows, 2)``.

    Parameters
    ----------
    turn
        What a whole turn is called: 360 for degrees, 24 for the hour of a day.
    """

    type: ClassVar[str] = "angle"
    metric: ClassVar[str] = "degrees_off"
    metric_larger_is_better: ClassVar[bool] = False
    in_cells: ClassVar[bool] = True
    is_label: ClassVar[bool] = True
    augment: ClassVar[AugmentClass | None] = AngleAugment

    turn: float = 360.0

    @property
    def learned(self) -> bool:
        """There is nothing to learn."""
        return True

    def objection(self) -> str:
        """Return what is wrong with a turn."""
        return "" if self.turn > 0 else f"has a turn of {self.turn:g}, and it must be above 0"

    @property
    def dtype(self) -> np.dtype[Any]:
        """``float32``."""
        return np.dtype(np.float32)

    def encode(self, value: object, name: str = "") -> Array:
        """Return the angle in degrees, 0 to 360."""
        number = to_number(value, name, 1e9)
        if math.isnan(number):
            raise DataError(f"{name}: there is no angle; fill it in")
        return np.asarray(number * 360 / self.turn % 360, np.float32)

    def rejects(self, values: Sequence[object]) -> list[int]:
        """Return the places of cells without an angle."""
        return [i for i, value in enumerate(values) if is_missing(value, MISSING)]

    @property
    def outputs(self) -> int:
        """Sine and cosine."""
        return 2

    def degrees(self, outputs: Array) -> Array:
        """Return the angles that outputs stand for, 0 to 360."""
        found: Array = np.degrees(np.arctan2(outputs[:, 0], outputs[:, 1])) % 360
        return found

    def decode(self, outputs: Array, top: int = 3) -> list[Prediction]:
        """Return the angles as the user writes them."""
        values = self.degrees(outputs) * self.turn / 360
        return [Prediction(round(value, 2), None) for value in values.tolist()]

    def differences(self, ours: Array, theirs: Array) -> tuple[float, int]:
        """Return the largest difference of sines and cosines."""
        return (float(np.abs(ours - theirs).max()) if ours.size else 0.0), 0

    def score(self, outputs: Array, truth: Array) -> dict[str, float]:
        """Return by how many degrees the answers are off, and the share that is within 15."""
        off = apart(self.degrees(outputs), truth)
        return {"degrees_off": float(off.mean()), "within_15": float((off <= 15).mean())}

    def say_score(self, score: float) -> str:
        """Return degrees."""
        return f"{score:.1f}°"

    def baseline(self, training: Array, truth: Array) -> tuple[str, float]:
        """Return how far off the mean direction of the training rows is."""
        turns = np.radians(training.astype(np.float64))
        mean = math.degrees(math.atan2(np.sin(turns).mean(), np.cos(turns).mean())) % 360
        return f"always {mean:.0f}°", float(apart(np.full(len(truth), mean), truth).mean())


def apart(one: Array, other: Array) -> Array:
    """Return by how many degrees angles differ, 0 to 180.

    >>> apart(np.array([359.0, 90.0]), np.array([1.0, 270.0])).tolist()
    [2.0, 180.0]
    """
    off = np.abs(one.astype(np.float64) - other) % 360
    nearer: Array = np.minimum(off, 360 - off)
    return nearer
