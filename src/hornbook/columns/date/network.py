"""The input of a ``date`` column: the parts of a date by whole-number arithmetic, in the graph.

Days become a year and a day of it as in Howard Hinnant's `civil_from_days`. A body is given cycles as sines and
cosines, and a trend that stays what it was at the end of the training rows: it goes on for nobody knows how long.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import ClassVar

import torch
from torch import Tensor

from hornbook.columns.date.column import DateColumn
from hornbook.columns.date.parts import DAY
from hornbook.columns.network import Input, Term

HARMONICS = {"hour": 6, "weekday": 3, "yearday": 2, "month": 3, "day": 2}
"""Waves of a cycle: the hours of a day have sharp peaks, the days of a week are seven."""

CYCLES = {"hour": 24.0, "weekday": 7.0, "yearday": 365.25, "month": 12.0, "day": 31.0}
"""How long each is, in what its part counts."""

ERA = 719_468
"""Days from the first of March of the year 0 to 1970."""


class DateInput(Input):
    """Seconds since 1970 (batch,), nan where missing, to features (batch, F).

    First the trend, the place in the span of the training rows from -1.7 to 1.7, clipped; then sines and cosines of
    each cycle; last, where training rows had no date, 1 where it is missing, and all else 0.
    """

    keeps: ClassVar[bool] = True
    binned: ClassVar[bool] = False

    def __init__(self, column: DateColumn) -> None:
        super().__init__()
        self.parts = column.shown or ("days",)
        self.begin = column.begin or 0.0
        self.span = max((column.end or 0.0) - self.begin, 1.0)
        self.missing = bool(column.missing)
        self.trend = bool({"year", "days"} & {*self.parts})
        self.cycles = [part for part in self.parts if part in CYCLES]
        waves = sum(2 * HARMONICS[part] for part in self.cycles)
        self.shape = (self.trend + waves + self.missing,)

    def terms(self, names: Sequence[str]) -> list[Term] | None:
        """Return nothing: the features are no weighted sum of the dates."""
        return None

    def forward(self, seconds: Tensor) -> Tensor:
        """Return trend, waves and whether it is missing."""
        gone = torch.isnan(seconds)
        known = torch.where(gone, torch.full_like(seconds, self.begin), seconds)
        out = []
        if self.trend:
            place = ((known - self.begin) / self.span).clamp(0.0, 1.0)
            out.append(((2 * place - 1) * math.sqrt(3.0)).unsqueeze(1))
        parts = _parts(known, self.cycles)
        for part in self.cycles:
            angle = parts[part].unsqueeze(1) * (2 * math.pi / CYCLES[part])
            for times in range(1, HARMONICS[part] + 1):
                out += [torch.sin(angle * times), torch.cos(angle * times)]
        features = torch.cat(out, 1) if out else known.unsqueeze(1)[:, :0]
        features = torch.where(gone.unsqueeze(1), torch.zeros_like(features), features).float()
        return torch.cat([features, gone.unsqueeze(1).float()], 1) if self.missing else features

    def for_trees(self, unit: Tensor) -> Tensor:
        """Return each part as its number, nan where the date is missing."""
        gone = torch.isnan(unit)
        known = torch.where(gone, torch.full_like(unit, self.begin), unit)
        parts = _parts(known, self.parts) | {"days": (known - self.begin) / DAY}
        found = torch.stack([parts[part] for part in self.parts], 1)
        return torch.where(gone.unsqueeze(1), torch.full_like(found, math.nan), found).float()


def _parts(seconds: Tensor, wanted: Sequence[str]) -> dict[str, Tensor]:
    """Return parts of moments, ``float64``: weekdays from Monday, all from 0 but years, and hours with minutes."""
    days = torch.floor(seconds / DAY)
    out: dict[str, Tensor] = {"hour": (seconds - days * DAY) / 3600}
    if {*wanted} <= {"hour", "days"}:
        return out
    z = days.long() + ERA
    era = _div(z, 146_097)
    of_era = z - era * 146_097
    year_of_era = _div(of_era - _div(of_era, 1460) + _div(of_era, 36_524) - _div(of_era, 146_096), 365)
    since_march = of_era - (365 * year_of_era + _div(year_of_era, 4) - _div(year_of_era, 100))
    shifted = _div(5 * since_march + 2, 153)  # 0 is March
    day = since_march - _div(153 * shifted + 2, 5)
    later = _div(shifted, 10)  # 1 in January and February, which are of the next year
    year = year_of_era + era * 400 + later
    month = shifted + 2 - 12 * later
    before = year - 1
    new_year = 365 * before + _div(before, 4) - _div(before, 100) + _div(before, 400) + 306
    found = {
        "year": year,
        "month": month,
        "day": day,
        "yearday": z - new_year,
        "weekday": z + 2 - 7 * _div(z + 2, 7),
    }
    return out | {part: value.double() for part, value in found.items()}


def _div(a: Tensor, b: int) -> Tensor:
    """Return how often a whole number is in others, none of which is negative."""
    return torch.div(a, b, rounding_mode="trunc")
