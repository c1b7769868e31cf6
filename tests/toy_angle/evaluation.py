"""What is judged: by how many degrees answers are off, in the mean and by quarter of the circle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from hornbook.columns.base import Array
from hornbook.columns.evaluation import Evaluation, Judged
from hornbook.common.blocks import Section, Table
from tests.toy_angle.column import AngleColumn, apart


@dataclass(frozen=True, kw_only=True)
class AngleEvaluation(Evaluation):
    """How far off angles are.

    Attributes
    ----------
    quarters
        The mean degrees off of the true angles in each quarter of the circle, nan where there is none.
    """

    type: ClassVar[str] = "angle"

    quarters: tuple[float, ...]

    def say(self, value: float) -> str:
        """Return degrees."""
        return f"{value:.1f}°"

    def blocks(self) -> list[Section]:
        """Return the scores, and the degrees off in each quarter."""
        rows = [(f"{90 * i}° to {90 * (i + 1)}°", self.say(off)) for i, off in enumerate(self.quarters)]
        return [
            *super().blocks(),
            Section("quarters", "By quarter", [Table("quarters", ["from", "off"], rows)]),
        ]

    @classmethod
    def judge(cls, column: AngleColumn, outputs: Array, truth: Array, on: Judged) -> AngleEvaluation:
        """Judge angles."""
        off = apart(column.degrees(outputs), truth)
        metrics = column.score(outputs, truth)
        spread = 1.96 * float(off.std()) / len(off) ** 0.5
        quarter = (truth // 90).astype(int) % 4
        return cls(
            **on.fields(len(truth)),
            metrics=metrics,
            interval=(metrics["degrees_off"] - spread, metrics["degrees_off"] + spread),
            baseline=column.baseline(on.training, truth),
            quarters=tuple(
                float(off[quarter == i].mean()) if (quarter == i).any() else np.nan for i in range(4)
            ),
        )
