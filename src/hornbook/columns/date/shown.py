"""What people are shown of a column of dates: how many rows each year, month, day or hour has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hornbook.columns.base import Array

if TYPE_CHECKING:
    from hornbook.common.charts import Chart

MOST = 40
"""Bars of a chart."""


def over_time(title: str, micro: Array) -> list[Chart]:
    """Return how many of some moments, microseconds since 1970, lie in each stretch of time."""
    from hornbook.common.charts import Bars

    if not len(micro):
        return []
    moments = micro.astype("datetime64[us]")
    for unit in ("h", "D", "M", "Y"):
        places = moments.astype(f"datetime64[{unit}]").astype(np.int64)
        if np.ptp(places) < MOST or unit == "Y":
            break
    step = int(np.ptp(places)) // MOST + 1
    places = (places - places.min()) // step * step + places.min()
    counts = np.bincount((places - places.min()) // step)
    names = (places.min() + np.arange(len(counts)) * step).astype(f"datetime64[{unit}]").astype(str)
    return [
        Bars(title, list(zip([n.replace("T", " ") for n in names.tolist()], counts.tolist(), strict=True)))
    ]
